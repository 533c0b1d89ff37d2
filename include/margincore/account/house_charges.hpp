// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include <margincore/account/held_underlyings.hpp>
#include <margincore/account/industry_charges.hpp>
#include <margincore/account/market_rows.hpp>
#include <margincore/account/policy.hpp>
#include <margincore/add_on/catalogue.hpp>
#include <margincore/core/text.hpp>
#include <margincore/core/units.hpp>
#include <margincore/instrument/book.hpp>
#include <margincore/requirement/line.hpp>

namespace margincore {

/// What the house charges an account on top of the rules, USD, >= 0.
struct HouseCharges {
    Money holdings = 0.0;   ///< On single underlyings.
    Money industries = 0.0; ///< On groups of them, in the room that those leave.
    Money account = 0.0;    ///< On the account as a whole.

    [[nodiscard]] Money total() const { return holdings + industries + account; }
};

/// What the rules ask for a holding, with what of it does not count in equity, USD.
struct AskedByRules {
    /// Of everything on the underlying. It and the charges of a long holding are not above its net value.
    Money holding = 0.0;

    /// Of the underlying itself, with what is margined together with it, as far as it falls on it: a house rate asks
    /// for the rest. Nothing where house rates do not apply.
    std::optional<Money> units{};
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

/// What may be charged on a value: up to 100 % of it where it is long, with what the rules ask for.
[[nodiscard]] inline Money room_of(Money value, Money asked_by_rules) {
    return value > 0 ? (std::max)(0.0, value - asked_by_rules) : std::numeric_limits<double>::infinity();
}

/// The house charges of one underlying: each takes from the room that is left below 100 % of a long value.
template <LineSink Sink>
class HoldingCharges {
public:
    /// @param asked  `units` of it where any are held.
    HoldingCharges(const AccountView& account, const HeldUnderlying& holding, const AskedByRules& asked, Sink& sink)
        : account_(account), holding_(holding), room_(room_of(holding.net_value, asked.holding)),
          room_of_units_(room_of(holding.value_of_units, asked.units.value_or(0.0))), sink_(sink) {}

    /// A charge on everything on the underlying.
    template <class Why>
    void add(std::string_view id, Money asked, Why&& why) {
        charge(id, asked, room_, why, [&] {
            std::vector<Leg> legs;
            for (const PositionOfUnderlying& held : holding_.positions) {
                legs.push_back({held.position, account_.quantity[held.position]});
            }
            return legs;
        });
    }

    /// A charge on the underlying itself, which also stays below 100 % of its own value while long. Short, it has no
    /// limit, whatever options beside it are worth.
    template <class Why>
    void add_on_units(std::string_view id, Money asked, Why&& why) {
        const Money room = holding_.value_of_units > 0 ? (std::min)(room_, room_of_units_) : room_of_units_;
        room_of_units_ -=
            charge(id, asked, room, why, [&] { return std::vector<Leg>{{holding_.shares_at, holding_.units}}; });
    }

    [[nodiscard]] Money total() const { return total_; }
    [[nodiscard]] Money room() const { return room_; }

private:
    template <class Why, class Legs>
    Money charge(std::string_view id, Money asked, Money room, Why&& why, Legs&& legs) {
        const Money charge = (std::min)(asked, room);
        if (!(charge > 0)) {
            return 0.0;
        }
        room_ = (std::max)(0.0, room_ - charge);
        total_ += charge;
        sink_.emit([&] {
            return Line{.rule = id,
                        .citation = house_authority,
                        .legs = legs(),
                        .add_on = charge,
                        .why = why() + (charge < asked ? ", held at 100% of the long value" : "")};
        });
        return charge;
    }

    const AccountView& account_;
    const HeldUnderlying& holding_;
    Money room_;
    Money room_of_units_;
    Money total_ = 0.0;
    Sink& sink_;
};

/// What add-ons see of a holding.
[[nodiscard]] inline Holding seen_of(const HeldUnderlying& holding, const MarketRow& row, bool reads_shares) {
    Holding seen{.net_value = holding.net_value, .volatility = row.volatility, .units = holding.units};
    if (reads_shares && row.trading.in_shares) {
        seen.price = row.facts.price;
        seen.average_daily_volume = row.trading.average_daily_volume;
        seen.shares_outstanding = row.trading.shares_outstanding;
    }
    return seen;
}

/// The house charges of one underlying: the house's rates, then the add-ons in the order of the policy.
///
/// House rates look at the net side of a position: what is boxed carries no market risk and keeps its 5 %.
template <LineSink Sink>
void charge_holding(const HeldUnderlying& holding, const MarketRow& row, const AddOnContext& context,
                    const Policy& policy, bool reads_shares, const AskedByRules& asked, HoldingCharges<Sink>& charges) {
    Holding seen = seen_of(holding, row, reads_shares);
    const auto house_rate = holding.units < 0 ? row.house.short_rate : row.house.long_rate;
    if (house_rate && asked.units && holding.units != 0) {
        const Money value = std::abs(holding.value_of_units);
        charges.add_on_units("house_rates", *house_rate * value - *asked.units, [&] {
            return fmt::format("{:.6g}% of {} less the maintenance of {}", *house_rate * 100, money_text(value),
                               money_text(*asked.units));
        });
    }
    for (const AnyAddOn& any : policy.add_ons) {
        std::visit(
            [&](const auto& add_on) {
                using Model = std::remove_cvref_t<decltype(add_on)>;
                if constexpr (HoldingAddOn<Model>) {
                    constexpr bool is_on_units = is_of_share(Model::needs);
                    seen.net_value = is_on_units ? holding.value_of_units : holding.net_value;
                    const AddOnRate rate = add_on.holding_rate(seen, context);
                    if (!(rate.rate > 0)) { // most of the time
                        return;
                    }
                    const Money value = std::abs(seen.net_value);
                    const auto why = [&] {
                        return fmt::format("{:.6g}% of {}: {}", rate.rate * 100, money_text(value), add_on.why(rate));
                    };
                    if constexpr (is_on_units) {
                        charges.add_on_units(add_on.id, rate.rate * value, why);
                    } else {
                        charges.add(add_on.id, rate.rate * value, why);
                    }
                }
            },
            any);
    }
}

} // namespace detail

/// The house charges of an account: those of single underlyings, in the room that they leave those of industries, then
/// those of the account as a whole. Options count with what they are on.
///
/// @param value_of_unit  Market value of one unit of a row of the market, USD.
/// @param asked_of       `AskedByRules` of a `HeldUnderlying`.
/// @param take           Is handed the row of every underlying on which anything is not flat, and what is charged on it
///                       by itself, USD.
/// @param workspace      Memory.
template <class ValueOfUnit, std::invocable<const HeldUnderlying&> AskedOf, LineSink Sink,
          std::invocable<InstrumentIndex, Money> Take>
[[nodiscard]] HouseCharges house_charges(const AccountView& account, const MarketRows& market,
                                         const AddOnContext& context, const Policy& policy, ValueOfUnit&& value_of_unit,
                                         AskedOf&& asked_of, Sink& sink, HouseWorkspace& workspace, Take&& take) {
    const bool reads_shares =
        std::ranges::any_of(policy.add_ons, [](const AnyAddOn& any) { return is_of_share(needs_of(any)); });
    const bool reads_industries = looks_at_industries(policy);
    HouseCharges charges{};
    Money largest = 0.0;
    std::size_t order = 0;
    workspace.industries.clear();
    each_held_underlying(account, market, workspace, value_of_unit, [&](const HeldUnderlying& holding) {
        const MarketRow& row = market[holding.row];
        const AskedByRules asked = asked_of(holding);
        detail::HoldingCharges<Sink> of_holding(account, holding, asked, sink);
        detail::charge_holding(holding, row, context, policy, reads_shares, asked, of_holding);
        charges.holdings += of_holding.total();
        take(holding.row, of_holding.total());
        if (reads_industries) {
            largest = (std::max)(largest, std::abs(holding.net_value));
            if (row.trading.industry != no_industry) {
                workspace.industries.push_back(
                    {row.trading.industry, order, holding.row, holding.net_value, of_holding.room()});
            }
        }
        ++order;
    });
    if (reads_industries) {
        charges.industries = industry_charges(account, market, context, policy, largest, sink, workspace.industries);
    }
    charges.account = account_charges(context, policy, sink);
    return charges;
}

} // namespace margincore
