// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

#include <margincore/instrument/option_contract.hpp>
#include <margincore/requirement/strategy/pairing.hpp>
#include <margincore/requirement/strategy/pairing_problem.hpp>
#include <margincore/requirement/strategy/spread_rules.hpp>

namespace margincore {

namespace detail {

using SpreadLeg = PairedGroup::Leg;

[[nodiscard]] inline bool are_of_one_expiry(std::span<const PairingSeries> series, std::span<const SpreadLeg> legs) {
    return std::ranges::all_of(
        legs, [&](const SpreadLeg& leg) { return series[leg.series].expiry == series[legs.front().series].expiry; });
}

/// A vertical, a calendar or a diagonal: one short, and one long that does not expire before it.
[[nodiscard]] inline bool is_two_leg_spread(std::span<const PairingSeries> series, std::span<const SpreadLeg> legs) {
    const PairingSeries& first = series[legs[0].series];
    const PairingSeries& second = series[legs[1].series];
    const PairingSeries& of_short = legs[0].lots < 0 ? first : second;
    const PairingSeries& of_long = legs[0].lots < 0 ? second : first;
    return legs[0].lots == -legs[1].lots && first.right == second.right && of_short.expiry <= of_long.expiry &&
           (of_short.expiry == of_long.expiry || (of_short.spans_dates && of_long.spans_dates));
}

/// By strike, the lowest first: wings of one lot against a body of two.
[[nodiscard]] inline bool is_butterfly(std::span<const PairingSeries> series, std::span<const SpreadLeg> legs) {
    const PairingSeries& low = series[legs[0].series];
    const PairingSeries& body = series[legs[1].series];
    const PairingSeries& high = series[legs[2].series];
    return low.right == body.right && body.right == high.right && low.strike < body.strike &&
           body.strike < high.strike && legs[0].lots == legs[2].lots && legs[1].lots == -2 * legs[0].lots;
}

/// By strike, the lowest first: outer strikes against inner ones.
[[nodiscard]] inline bool is_condor(std::span<const PairingSeries> series, std::span<const SpreadLeg> legs) {
    for (std::size_t k = 1; k < 4; ++k) {
        if (series[legs[k].series].right != series[legs[0].series].right ||
            series[legs[k - 1].series].strike >= series[legs[k].series].strike) {
            return false;
        }
    }
    return legs[0].lots == legs[3].lots && legs[1].lots == legs[2].lots && legs[0].lots == -legs[1].lots;
}

/// Two puts, the lower strike first, and two calls: a vertical of each right, of equal lots.
[[nodiscard]] inline bool is_iron_or_box(std::span<const PairingSeries> series, std::span<const SpreadLeg> legs,
                                         bool has_unequal_wings) {
    const auto strike = [&](std::size_t k) { return series[legs[k].series].strike; };
    if (series[legs[0].series].right != Right::put || series[legs[1].series].right != Right::put ||
        series[legs[2].series].right != Right::call || series[legs[3].series].right != Right::call ||
        strike(0) >= strike(1) || strike(2) >= strike(3) || legs[0].lots != -legs[1].lots ||
        legs[2].lots != -legs[3].lots) {
        return false;
    }
    if (strike(0) == strike(2) && strike(1) == strike(3)) { // a box: one right is bought low, the other high
        return legs[0].lots == legs[3].lots;
    }
    return strike(1) <= strike(2) && legs[0].lots == legs[3].lots &&
           (has_unequal_wings || strike(1) - strike(0) == strike(3) - strike(2));
}

} // namespace detail

/// Whether a set of options is one named spread: two options of a right, one for one, the short expiring no later; or
/// of one expiry a butterfly of 1:2:1, a condor, an iron butterfly or condor, or a box, of 1:1:1:1. Bought or written.
///
/// @param legs  Lots of two to four different series, negative when short.
[[nodiscard]] inline bool is_named_spread(std::span<const PairingSeries> series, std::span<const PairedGroup::Leg> legs,
                                          const SpreadRules& rules) {
    std::array<PairedGroup::Leg, Combination::most_legs> sorted{};
    if (legs.size() < 2 || legs.size() > sorted.size() || !std::ranges::all_of(legs, [&](const PairedGroup::Leg& leg) {
            return series[leg.series].style_class == series[legs.front().series].style_class;
        })) {
        return false;
    }
    if (legs.size() == 2) {
        return detail::is_two_leg_spread(series, legs);
    }
    if (!detail::are_of_one_expiry(series, legs)) {
        return false;
    }
    std::ranges::copy(legs, sorted.begin());
    const std::span<PairedGroup::Leg> by_strike = std::span(sorted).first(legs.size());
    std::ranges::sort(by_strike, [&](const PairedGroup::Leg& a, const PairedGroup::Leg& b) {
        return series[a.series].strike < series[b.series].strike;
    });
    if (legs.size() == 3) {
        return detail::is_butterfly(series, by_strike);
    }
    if (detail::is_condor(series, by_strike)) {
        return true;
    }
    std::ranges::stable_sort(by_strike, [&](const PairedGroup::Leg& a, const PairedGroup::Leg& b) {
        return series[a.series].right == Right::put && series[b.series].right == Right::call;
    });
    return detail::is_iron_or_box(series, by_strike, rules.unequal_iron_wings);
}

} // namespace margincore
