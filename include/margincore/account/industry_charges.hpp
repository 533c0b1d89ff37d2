// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include <margincore/account/held_underlyings.hpp>
#include <margincore/account/market_rows.hpp>
#include <margincore/account/policy.hpp>
#include <margincore/account/share_trading.hpp>
#include <margincore/add_on/catalogue.hpp>
#include <margincore/core/text.hpp>
#include <margincore/core/units.hpp>
#include <margincore/instrument/book.hpp>
#include <margincore/requirement/line.hpp>

namespace margincore {

/// Whether the policy has an add-on that looks at industries.
[[nodiscard]] inline bool looks_at_industries(const Policy& policy) {
    return std::ranges::any_of(policy.add_ons, [](const AnyAddOn& any) {
        return std::visit([](const auto& add_on) { return IndustryAddOn<std::remove_cvref_t<decltype(add_on)>>; }, any);
    });
}

namespace detail {

/// What was charged on holdings, USD, and whether the room of one held it below what was asked.
struct SpreadCharge {
    Money amount = 0.0;
    bool is_held = false;
};

/// Charges the holdings on the side of the net in proportion to their |value|, each within its room.
///
/// @param net_value  Of the industry, not 0.
[[nodiscard]] inline SpreadCharge spread_charge(std::span<IndustryMember> members, Money net_value, Money asked) {
    const auto is_on_side = [&](const IndustryMember& member) { return (member.net_value < 0) == (net_value < 0); };
    Money side = 0.0;
    for (const IndustryMember& member : members) {
        side += is_on_side(member) ? std::abs(member.net_value) : 0.0;
    }
    SpreadCharge charge;
    for (IndustryMember& member : members) {
        if (is_on_side(member)) {
            const Money share = asked * (std::abs(member.net_value) / side);
            charge.is_held = charge.is_held || share > member.room;
            charge.amount += (std::min)(share, member.room);
            member.room -= (std::min)(share, member.room);
        }
    }
    return charge;
}

/// What an account holds on an underlying and is not flat, as it has them.
inline void add_legs(const AccountView& account, const MarketRows& market, InstrumentIndex underlying,
                     std::vector<Leg>& legs) {
    for (std::size_t i = 0; i < account.size(); ++i) {
        if (account.quantity[i] != 0 && underlying_row(account.instrument[i], market) == underlying) {
            legs.push_back({i, account.quantity[i]});
        }
    }
}

} // namespace detail

/// The charges of the add-ons that look at industries, one line for each industry, in the order in which the
/// instruments name them.
///
/// @param largest_holding  The largest |net value| of one holding of the account, of any industry, USD.
/// @param members          The holdings that have an industry, with the room that the charges on single holdings left
///                         them; used up.
template <LineSink Sink>
[[nodiscard]] Money industry_charges(const AccountView& account, const MarketRows& market, const AddOnContext& context,
                                     const Policy& policy, Money largest_holding, Sink& sink,
                                     std::span<IndustryMember> members) {
    std::ranges::sort(members, {},
                      [](const IndustryMember& member) { return std::pair(member.industry, member.order); });
    Money total = 0.0;
    for (auto first = members.begin(); first != members.end();) {
        const auto last = std::find_if(
            first, members.end(), [&](const IndustryMember& member) { return member.industry != first->industry; });
        const std::span<IndustryMember> industry(first, last);
        Money net_value = 0.0;
        for (const IndustryMember& member : industry) {
            net_value += member.net_value;
        }
        for (const AnyAddOn& any : policy.add_ons) {
            std::visit(
                [&](const auto& add_on) {
                    if constexpr (IndustryAddOn<std::remove_cvref_t<decltype(add_on)>>) {
                        const AddOnRate rate =
                            add_on.industry_rate({.net_value = net_value, .largest_holding = largest_holding}, context);
                        const Money asked = rate.rate * std::abs(net_value);
                        if (!(asked > 0)) {
                            return;
                        }
                        const detail::SpreadCharge charge = detail::spread_charge(industry, net_value, asked);
                        if (!(charge.amount > 0)) {
                            return;
                        }
                        total += charge.amount;
                        sink.emit([&] {
                            Line line{.rule = add_on.id, .citation = house_authority, .add_on = charge.amount};
                            for (const IndustryMember& member : industry) {
                                detail::add_legs(account, market, member.row, line.legs);
                            }
                            line.why =
                                fmt::format("{:.6g}% of {}, net of industry {}: {}{}", rate.rate * 100,
                                            money_text(std::abs(net_value)),
                                            in_quotes(market.instrument(industry.front().row).industry),
                                            add_on.why(rate), charge.is_held ? ", held at 100% of long values" : "");
                            return line;
                        });
                    }
                },
                any);
        }
        first = last;
    }
    return total;
}

} // namespace margincore
