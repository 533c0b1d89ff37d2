// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include <margincore/account/industry_charges.hpp>
#include <margincore/account/market_rows.hpp>
#include <margincore/account/policy.hpp>
#include <margincore/add_on/catalogue.hpp>
#include <margincore/core/text.hpp>
#include <margincore/core/units.hpp>
#include <margincore/instrument/book.hpp>
#include <margincore/requirement/line.hpp>
#include <margincore/requirement/stock/conversion_offset.hpp>

namespace margincore {

/// The charge of the add-ons that look at the account as a whole.
template <LineSink Sink>
[[nodiscard]] Money account_charges(const AddOnContext& context, const Policy& policy, Sink& sink) {
    Money total = 0.0;
    for (const AnyAddOn& any : policy.add_ons) {
        std::visit(
            [&](const auto& add_on) {
                if constexpr (AccountAddOn<std::remove_cvref_t<decltype(add_on)>>) {
                    const AddOnRate rate = add_on.account_rate(context);
                    const Money charge = rate.rate * context.gross_value;
                    if (charge > 0) {
                        total += charge;
                        sink.emit([&] {
                            return Line{.rule = add_on.id,
                                        .citation = house_authority,
                                        .add_on = charge,
                                        .why = fmt::format("{:.6g}% of gross value {}: {}", rate.rate * 100,
                                                           money_text(context.gross_value), add_on.why(rate))};
                        });
                    }
                }
            },
            any);
    }
    return total;
}

namespace detail {

/// The house charges of one underlying: each takes from the room that is left below 100 % of a long value.
template <LineSink Sink>
class HoldingCharges {
public:
    HoldingCharges(Leg leg, Money net_value, Money maintenance, Sink& sink)
        : leg_(leg),
          room_(net_value > 0 ? (std::max)(0.0, net_value - maintenance) : std::numeric_limits<double>::infinity()),
          sink_(sink) {}

    template <class Why>
    void add(std::string_view id, Money asked, Why&& why) {
        const Money charge = (std::min)(asked, room_);
        if (!(charge > 0)) {
            return;
        }
        room_ -= charge;
        total_ += charge;
        sink_.emit([&] {
            return Line{.rule = id,
                        .citation = house_authority,
                        .legs = {leg_},
                        .add_on = charge,
                        .why = why() + (charge < asked ? ", held at 100% of the long value" : "")};
        });
    }

    [[nodiscard]] Money total() const { return total_; }
    [[nodiscard]] Money room() const { return room_; }

private:
    Leg leg_;
    Money room_;
    Money total_ = 0.0;
    Sink& sink_;
};

/// The maintenance of the net side of a position, its part of an offset included, and what the offset takes out of
/// equity.
[[nodiscard]] inline Money maintenance_of(const AccountView& account, std::size_t position, const MarketRows& market,
                                          std::span<const ConversionOffset> offsets) {
    const SecurityRow& row = market.rows[static_cast<std::size_t>(account.instrument[position])];
    const Quantity alone = quantity_alone(account, position, offsets);
    Money maintenance = std::abs(alone) * row.side(alone < 0)[SecurityRow::maintenance];
    for (const ConversionOffset& offset : offsets) {
        if (offset.long_position == position) {
            maintenance +=
                offset.long_units * (offset.maintenance.per_unit(offset.counted) + row.price() - offset.counted);
        }
    }
    return maintenance;
}

} // namespace detail

/// The house charges of single underlyings: the house's rates, then the add-ons in the order of the policy; after
/// them, in the room that they leave, those of industries.
///
/// House rates look at the net side of a position: what is boxed carries no market risk and keeps its 5 %.
template <LineSink Sink>
[[nodiscard]] Money holding_charges(const AccountView& account, const MarketRows& market, const AddOnContext& context,
                                    const Policy& policy, std::span<const ConversionOffset> offsets, Sink& sink) {
    const bool reads_shares =
        std::ranges::any_of(policy.add_ons, [](const AnyAddOn& any) { return is_of_share(needs_of(any)); });
    const bool keeps_room = looks_at_industries(policy);
    std::vector<Money> room(keeps_room ? account.size() : 0);
    Money total = 0.0;
    for (std::size_t i = 0; i < account.size(); ++i) {
        const MarketRow& row = market[account.instrument[i]];
        const Quantity quantity = account.quantity[i];
        if (quantity == 0) {
            continue;
        }
        const bool is_short = quantity < 0;
        Holding holding{.net_value = quantity * row.facts.price, .volatility = row.volatility, .units = quantity};
        if (reads_shares && row.trading.in_shares) {
            holding.price = row.facts.price;
            holding.average_daily_volume = row.trading.average_daily_volume;
            holding.shares_outstanding = row.trading.shares_outstanding;
        }
        const Money value = std::abs(holding.net_value);
        const Money maintenance = detail::maintenance_of(account, i, market, offsets);
        detail::HoldingCharges<Sink> charges({i, quantity}, holding.net_value, maintenance, sink);

        const auto house_rate = is_short ? row.house.short_rate : row.house.long_rate;
        if (house_rate) {
            charges.add("house_rates", *house_rate * value - maintenance, [&] {
                return fmt::format("{:.6g}% of {} less the maintenance of {}", *house_rate * 100, money_text(value),
                                   money_text(maintenance));
            });
        }
        for (const AnyAddOn& any : policy.add_ons) {
            std::visit(
                [&](const auto& add_on) {
                    if constexpr (HoldingAddOn<std::remove_cvref_t<decltype(add_on)>>) {
                        const AddOnRate rate = add_on.holding_rate(holding, context);
                        charges.add(add_on.id, rate.rate * value, [&] {
                            return fmt::format("{:.6g}% of {}: {}", rate.rate * 100, money_text(value),
                                               add_on.why(rate));
                        });
                    }
                },
                any);
        }
        total += charges.total();
        if (keeps_room) {
            room[i] = charges.room();
        }
    }
    return keeps_room ? total + industry_charges(account, market, context, policy, room, sink) : total;
}

} // namespace margincore
