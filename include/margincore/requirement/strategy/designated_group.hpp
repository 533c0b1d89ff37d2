// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include <margincore/instrument/option_contract.hpp>
#include <margincore/requirement/strategy/named_spread.hpp>
#include <margincore/requirement/strategy/pairing.hpp>
#include <margincore/requirement/strategy/pairing_problem.hpp>
#include <margincore/requirement/strategy/spread_rules.hpp>

namespace margincore {

/// What a caller puts into one group: options of different series, and stock.
struct GroupMembers {
    std::vector<PairedGroup::Leg> legs{}; ///< At least one.
    double stock_lots = 0.0;              ///< >= 0; of the side that is held.

    friend bool operator==(const GroupMembers&, const GroupMembers&) = default;
};

namespace detail {

/// Whether options are one spread of any number of legs: of one style, with a short, no short expiring after a long,
/// and of each right as many units long as short, or more where the rules have it.
[[nodiscard]] inline bool is_any_leg_spread(std::span<const PairingSeries> series,
                                            std::span<const PairedGroup::Leg> legs, SpreadBalance balance) {
    std::int64_t net[2] = {0, 0}; // of calls and of puts
    bool has_short = false;
    for (const PairedGroup::Leg& leg : legs) {
        const PairingSeries& one = series[leg.series];
        net[one.right == Right::put] += leg.lots;
        has_short = has_short || leg.lots < 0;
        if (one.style_class != series[legs.front().series].style_class ||
            std::ranges::any_of(legs, [&](const PairedGroup::Leg& other) {
                return leg.lots < 0 && other.lots > 0 && series[other.series].expiry < one.expiry;
            })) {
            return false;
        }
    }
    return has_short && (balance == SpreadBalance::equal ? net[0] == 0 && net[1] == 0 : net[0] >= 0 && net[1] >= 0);
}

[[nodiscard]] inline std::optional<PairedGroup>
as_spread(const PairingProblem& problem, std::span<const PairedGroup::Leg> legs, const SpreadRules& rules) {
    if (rules.any_leg ? !is_any_leg_spread(problem.series, legs, rules.balance)
                      : !is_named_spread(problem.series, legs, rules)) {
        return std::nullopt;
    }
    PairedGroup group{.form = PairedGroup::Form::spread, .legs = {legs.begin(), legs.end()}};
    std::tie(group.requirement, group.worst_strike) = maximum_loss(problem.series, legs);
    return group;
}

[[nodiscard]] inline std::optional<PairedGroup> as_straddle(const PairingProblem& problem,
                                                            std::span<const PairedGroup::Leg> legs) {
    if (legs.size() != 2 || legs[0].lots >= 0 || legs[0].lots != legs[1].lots) {
        return std::nullopt;
    }
    PairedGroup group{.form = PairedGroup::Form::straddle, .legs = {legs.begin(), legs.end()}};
    const PairingSeries* full = &problem.series[legs[0].series];
    const PairingSeries* other = &problem.series[legs[1].series];
    if (full->right == other->right || full->style_class != other->style_class) {
        return std::nullopt;
    }
    if (full->naked < other->naked || (full->naked == other->naked && full->premium > other->premium)) {
        std::swap(full, other); // a tie pays the larger sum
        std::swap(group.legs[0], group.legs[1]);
    }
    group.requirement = -legs[0].lots * (full->naked + other->premium);
    return group;
}

/// A combination of the problem, some times.
[[nodiscard]] inline std::optional<PairedGroup> as_combination(const PairingProblem& problem, std::size_t index,
                                                               const GroupMembers& members) {
    const Combination& combination = problem.combinations[index];
    std::int64_t times = 0;
    for (const PairedGroup::Leg& leg : members.legs) {
        const PairingSeries& one = problem.series[leg.series];
        const auto found =
            std::ranges::find(combination.used(), static_cast<std::int32_t>(leg.series), &Combination::Leg::series);
        if (found == combination.used().end()) {
            return std::nullopt;
        }
        const std::int64_t lots = leg.lots < 0 ? -leg.lots : leg.lots;
        const std::int64_t a_time = found->contracts * one.lots;
        if (lots % a_time != 0 || (times != 0 && lots / a_time != times)) {
            return std::nullopt;
        }
        times = lots / a_time;
    }
    if (combination.is_spread || combination.leg_count != members.legs.size() ||
        static_cast<double>(times * combination.stock_lots) != members.stock_lots) {
        return std::nullopt;
    }
    return PairedGroup{.form = PairedGroup::Form::combination,
                       .legs = members.legs,
                       .combination = index,
                       .times = times,
                       .requirement = times * combination.cost};
}

} // namespace detail

/// What options cost by themselves, one by one: the requirements of the shorts.
[[nodiscard]] inline MicroDollars cost_alone(const PairingProblem& problem, std::span<const PairedGroup::Leg> legs) {
    MicroDollars cost = 0;
    for (const PairedGroup::Leg& leg : legs) {
        cost -= leg.lots < 0 ? leg.lots * problem.series[leg.series].naked : 0;
    }
    return cost;
}

/// What a caller puts together as the one rule margins it that has it: a spread, a straddle, a combination; where
/// several do, as a box that is a spread too, the one that costs least.
///
/// @return Nothing where no rule has it.
[[nodiscard]] inline std::optional<PairedGroup>
designated_group(const PairingProblem& problem, const GroupMembers& members, const SpreadRules& rules) {
    std::optional<PairedGroup> best;
    const auto consider = [&](std::optional<PairedGroup> group) {
        if (group && (!best || cost_of(problem, std::span(&*group, 1)) < cost_of(problem, std::span(&*best, 1)))) {
            best = std::move(group);
        }
    };
    if (members.stock_lots == 0) {
        consider(detail::as_spread(problem, members.legs, rules));
        consider(detail::as_straddle(problem, members.legs));
    }
    for (std::size_t c = 0; c < problem.combinations.size(); ++c) {
        consider(detail::as_combination(problem, c, members));
    }
    return best;
}

} // namespace margincore
