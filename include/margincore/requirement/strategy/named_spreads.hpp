// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <optional>
#include <span>
#include <vector>

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

/// A search among more is long. Of 16 series at most 8 x 8 pairs, 8 x 28 butterflies and 28 x 28 sets of four may be
/// named spreads, which are 1,072: they have all of theirs; of 40 series on one expiry most books have.
inline constexpr std::size_t most_named_spreads = 2'000;

/// The named spreads of a problem that may be part of its least pairing, as combinations.
///
/// Left out is what costs no less than its options by themselves, or than two spreads of two options that it is made
/// of.
class NamedSpreads {
public:
    NamedSpreads(std::span<const PairingSeries> series, const SpreadRules& rules) : series_(series), rules_(rules) {}

    /// @return Whether all of them were added; not where there are more than `most`.
    [[nodiscard]] bool add_to(std::vector<Combination>& combinations, std::size_t most = most_named_spreads) const {
        std::size_t left = most;
        return add_two_legs(combinations, left) && add_butterflies(combinations, left) &&
               add_four_legs(combinations, left);
    }

private:
    using Leg = PairedGroup::Leg;

    [[nodiscard]] bool may_be_together(std::size_t a, std::size_t b) const {
        return series_[a].style_class == series_[b].style_class && series_[a].expiry == series_[b].expiry;
    }

    /// Legs of the least whole number of contracts.
    /// @param parts  Of each leg, how many units for one of the others; negative when short.
    template <std::size_t size>
    [[nodiscard]] std::array<Leg, size> legs_of(const std::array<std::size_t, size>& indices,
                                                const std::array<std::int64_t, size>& parts) const {
        std::int64_t lots = 1;
        for (const std::size_t i : indices) {
            lots = std::lcm(lots, series_[i].lots);
        }
        std::array<Leg, size> legs{};
        for (std::size_t k = 0; k < size; ++k) {
            legs[k] = {static_cast<std::uint32_t>(indices[k]), parts[k] * lots};
        }
        return legs;
    }

    [[nodiscard]] MicroDollars alone(std::span<const Leg> legs) const {
        MicroDollars cost = 0;
        for (const Leg& leg : legs) {
            cost -= leg.lots < 0 ? leg.lots * series_[leg.series].naked : leg.lots * series_[leg.series].loan_value;
        }
        return cost;
    }

    [[nodiscard]] bool are_held(std::span<const Leg> legs) const {
        return std::ranges::all_of(legs, [&](const Leg& leg) {
            const PairingSeries& one = series_[leg.series];
            return (leg.lots < 0 ? -leg.lots : leg.lots) <= one.contracts * one.lots;
        });
    }

    /// @param made_of  What the same options cost in smaller spreads.
    [[nodiscard]] bool add(std::vector<Combination>& combinations, std::size_t& left, std::span<const Leg> legs,
                           std::optional<MicroDollars> made_of = std::nullopt) const {
        if (!are_held(legs) || !is_named_spread(series_, legs, rules_)) {
            return true;
        }
        const MicroDollars loss = maximum_loss(series_, legs).first;
        if (loss >= alone(legs) || (made_of && loss >= *made_of)) {
            return true;
        }
        if (left == 0) {
            return false;
        }
        --left;
        Combination combination{.cost = loss, .is_spread = true};
        for (const Leg& leg : legs) {
            combination.add(leg.series, (leg.lots < 0 ? -leg.lots : leg.lots) / series_[leg.series].lots);
        }
        combinations.push_back(combination);
        return true;
    }

    [[nodiscard]] bool add_two_legs(std::vector<Combination>& combinations, std::size_t& left) const {
        for (std::size_t written = 0; written < series_.size(); ++written) {
            for (std::size_t bought = 0; bought < series_.size() && series_[written].is_short; ++bought) {
                if (!series_[bought].is_short && series_[bought].right == series_[written].right &&
                    !add(combinations, left, legs_of<2>({written, bought}, {-1, 1}))) {
                    return false;
                }
            }
        }
        return true;
    }

    /// What a spread of two options loses.
    [[nodiscard]] MicroDollars vertical(const Leg& written, const Leg& bought) const {
        return maximum_loss(series_, std::array{written, bought}).first;
    }

    /// Bought ones; one that is written is no better than its two verticals.
    [[nodiscard]] bool add_butterflies(std::vector<Combination>& combinations, std::size_t& left) const {
        for (std::size_t body = 0; body < series_.size(); ++body) {
            for (std::size_t low = 0; low < series_.size() && series_[body].is_short; ++low) {
                for (std::size_t high = 0; high < series_.size() && !series_[low].is_short; ++high) {
                    if (series_[high].is_short || series_[low].strike >= series_[high].strike ||
                        !may_be_together(body, low) || !may_be_together(body, high) ||
                        series_[low].right != series_[body].right || series_[high].right != series_[body].right) {
                        continue;
                    }
                    const std::array legs = legs_of<3>({body, low, high}, {-2, 1, 1});
                    const Leg half{legs[0].series, legs[0].lots / 2};
                    if (!add(combinations, left, legs, vertical(half, legs[1]) + vertical(half, legs[2]))) {
                        return false;
                    }
                }
            }
        }
        return true;
    }

    [[nodiscard]] bool add_four_legs(std::vector<Combination>& combinations, std::size_t& left) const {
        for (std::size_t a = 0; a < series_.size(); ++a) {
            for (std::size_t b = a + 1; b < series_.size() && series_[a].is_short; ++b) {
                if (!series_[b].is_short || !may_be_together(a, b)) {
                    continue;
                }
                for (std::size_t c = 0; c < series_.size(); ++c) {
                    for (std::size_t d = c + 1; d < series_.size() && !series_[c].is_short; ++d) {
                        if (!series_[d].is_short && may_be_together(a, c) && may_be_together(a, d) &&
                            !add_four(combinations, left, legs_of<4>({a, b, c, d}, {-1, -1, 1, 1}))) {
                            return false;
                        }
                    }
                }
            }
        }
        return true;
    }

    [[nodiscard]] bool add_four(std::vector<Combination>& combinations, std::size_t& left,
                                const std::array<Leg, 4>& legs) const {
        const auto right = [&](std::size_t k) { return series_[legs[k].series].right; };
        std::optional<MicroDollars> made_of;
        for (const bool crosses : {false, true}) {
            const std::size_t of_first = crosses ? 3 : 2;
            if (right(0) == right(of_first) && right(1) == right(5 - of_first)) {
                const MicroDollars two = vertical(legs[0], legs[of_first]) + vertical(legs[1], legs[5 - of_first]);
                made_of = made_of ? (std::min)(*made_of, two) : two;
            }
        }
        return !made_of || add(combinations, left, legs, made_of);
    }

    std::span<const PairingSeries> series_;
    const SpreadRules& rules_;
};

} // namespace margincore
