// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
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

/// What the house charges an account on top of the rules, USD, >= 0.
struct HouseCharges {
    Money holdings = 0.0;   ///< On single underlyings.
    Money industries = 0.0; ///< On groups of them, in the room that those leave.
    Money account = 0.0;    ///< On the account as a whole.

    [[nodiscard]] Money total() const { return holdings + industries + account; }
};

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

/// The house charges of single underlyings: the house's rates, then the add-ons in the order of the policy.
///
/// House rates look at the net side of a position: what is boxed carries no market risk and keeps its 5 %.
/// @param take  Is handed the charges of every position that is not flat.
template <LineSink Sink, std::invocable<std::size_t, const HoldingCharges<Sink>&> Take>
[[nodiscard]] Money holding_charges(const AccountView& account, const MarketRows& market, const AddOnContext& context,
                                    const Policy& policy, std::span<const ConversionOffset> offsets, Sink& sink,
                                    Take&& take) {
    const bool reads_shares =
        std::ranges::any_of(policy.add_ons, [](const AnyAddOn& any) { return is_of_share(needs_of(any)); });
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
        const Money maintenance = maintenance_of(account, i, market, offsets);
        HoldingCharges<Sink> charges({i, quantity}, holding.net_value, maintenance, sink);

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
        take(i, charges);
    }
    return total;
}

} // namespace detail

/// The house charges of an account: those of single underlyings, in the room that they leave those of industries, then
/// those of the account as a whole.
///
/// @param take  Is handed every position that is not flat and what it is charged by itself, USD.
template <LineSink Sink, std::invocable<std::size_t, Money> Take>
[[nodiscard]] HouseCharges house_charges(const AccountView& account, const MarketRows& market,
                                         const AddOnContext& context, const Policy& policy,
                                         std::span<const ConversionOffset> offsets, Sink& sink, Take&& take) {
    std::vector<Money> room(looks_at_industries(policy) ? account.size() : 0);
    HouseCharges charges{};
    charges.holdings = detail::holding_charges(account, market, context, policy, offsets, sink,
                                               [&](std::size_t position, const detail::HoldingCharges<Sink>& holding) {
                                                   if (!room.empty()) {
                                                       room[position] = holding.room();
                                                   }
                                                   take(position, holding.total());
                                               });
    if (!room.empty()) {
        charges.industries = industry_charges(account, market, context, policy, room, sink);
    }
    charges.account = account_charges(context, policy, sink);
    return charges;
}

} // namespace margincore
