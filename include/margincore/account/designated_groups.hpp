// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <margincore/account/market_rows.hpp>
#include <margincore/account/option_holdings.hpp>
#include <margincore/account/policy.hpp>
#include <margincore/core/error.hpp>
#include <margincore/core/text.hpp>
#include <margincore/core/units.hpp>
#include <margincore/core/where.hpp>
#include <margincore/instrument/book.hpp>
#include <margincore/instrument/kind.hpp>
#include <margincore/optimization/search_result.hpp>
#include <margincore/requirement/strategy/designated_group.hpp>
#include <margincore/requirement/strategy/pairing.hpp>

namespace margincore::detail {

/// The groups that a policy designates, as positions of one account.
class DesignatedGroups {
public:
    /// @param alone  The net quantity of a position that offsets have not taken, by position.
    /// @throws InvalidInput where a group names what the account does not hold, or more of it.
    template <class Alone>
    DesignatedGroups(const AccountView& account, const MarketRows& market, const Policy& policy, Alone&& alone)
        : account_(account), market_(market), policy_(policy) {
        if (policy.groups.empty()) {
            return;
        }
        left_.resize(account.size());
        for (std::size_t i = 0; i < account.size(); ++i) {
            left_[i] = alone(i);
        }
        for (std::size_t g = 0; g < policy.groups.size(); ++g) {
            read(g);
        }
    }

    /// How the options of a holding are margined in the groups; what none names stands alone.
    ///
    /// @param least  The pairing of least net requirement: what is proven for it is so for any other.
    /// @throws InvalidInput where no rule margins a group together.
    [[nodiscard]] Pairing pairing(const OptionHolding& holding, const Pairing& least) const {
        const PairingProblem& problem = holding.problem;
        Pairing result{.nodes = least.nodes};
        std::vector<std::int64_t> left; // lots
        for (const PairingSeries& one : problem.series) {
            left.push_back(one.contracts * one.lots);
        }
        for (std::size_t g = 0; g < groups_.size(); ++g) {
            const auto members = members_of(holding, groups_[g]);
            if (!members || (members->legs.size() == 1 && members->stock_lots == 0)) {
                continue;
            }
            std::optional<PairedGroup> group = designated_group(problem, *members, policy_.rulebook.spread);
            if (!group) {
                refuse(g);
            }
            if (group->form == PairedGroup::Form::spread &&
                cost_of(problem, std::span(&*group, 1)) >= cost_alone(problem, group->legs)) {
                continue; // the lesser of the rule
            }
            for (const PairedGroup::Leg& leg : group->legs) {
                left[leg.series] -= std::abs(leg.lots);
            }
            result.groups.push_back(std::move(*group));
        }
        add_alone(problem, left, result.groups, [] { return std::vector<PairedGroup::Leg>(); });
        result.cost = cost_of(problem, result.groups);
        result.lower_bound = (std::min)(result.cost, least.lower_bound);
        return result;
    }

private:
    struct Part {
        std::size_t position = 0;
        Quantity quantity = 0.0;
    };

    [[nodiscard]] const Instrument& instrument(std::size_t position) const {
        return market_.instrument(account_.instrument[position]);
    }
    [[nodiscard]] bool is_option_at(std::size_t position) const {
        return is_option(market_[account_.instrument[position]].facts.kind);
    }
    [[nodiscard]] InstrumentIndex underlying(std::size_t position) const {
        const InstrumentIndex row = account_.instrument[position];
        return is_option_at(position) ? market_[row].option.underlying : row;
    }

    void read(std::size_t g) {
        const std::vector<DesignatedLeg>& legs = policy_.groups[g];
        const Where where = groups_place_[g];
        std::vector<Part>& parts = groups_.emplace_back();
        for (std::size_t k = 0; k < legs.size(); ++k) {
            const Where place = where[k];
            parts.push_back(read_leg(legs[k], parts, place));
        }
        const bool is_one = std::ranges::all_of(
            parts, [&](const Part& part) { return underlying(part.position) == underlying(parts.front().position); });
        const bool has_option =
            std::ranges::any_of(parts, [&](const Part& part) { return is_option_at(part.position); });
        if (parts.empty() || !is_one || (parts.size() > 1 && !has_option)) {
            refuse(g);
        }
    }

    [[nodiscard]] Part read_leg(const DesignatedLeg& leg, std::span<const Part> others, const Where& place) {
        std::size_t position = 0;
        while (position < account_.size() && (instrument(position).symbol != leg.symbol || left_[position] == 0)) {
            ++position;
        }
        const bool was_held = std::ranges::any_of(
            account_.instrument, [&](InstrumentIndex row) { return market_.instrument(row).symbol == leg.symbol; });
        if (position == account_.size()) {
            throw InvalidInput(place["symbol"], (was_held ? "must be held beyond what other groups take of it, got "
                                                          : "must be held, got ") +
                                                    in_quotes(leg.symbol));
        }
        if (std::ranges::find(others, position, &Part::position) != others.end()) {
            throw InvalidInput(place["symbol"], "must stand once in a group, got " + in_quotes(leg.symbol) + " again");
        }
        const Quantity left = left_[position];
        if (!(leg.quantity * left > 0)) {
            throw InvalidInput(place["quantity"], "must have the sign of the position, " + number_text(left) +
                                                      ", got " + number_text(leg.quantity));
        }
        if (std::abs(leg.quantity) > std::abs(left)) {
            throw InvalidInput(place["quantity"], "must be at most what is held and in no other group, " +
                                                      number_text(left) + ", got " + number_text(leg.quantity));
        }
        if (is_option_at(position) && leg.quantity != std::floor(leg.quantity)) {
            throw InvalidInput(place["quantity"], "must be whole contracts, got " + number_text(leg.quantity));
        }
        left_[position] -= leg.quantity;
        return {position, leg.quantity};
    }

    /// A group in lots of a holding; nothing where it is one of another underlying.
    [[nodiscard]] std::optional<GroupMembers> members_of(const OptionHolding& holding,
                                                         std::span<const Part> parts) const {
        GroupMembers members;
        for (const Part& part : parts) {
            if (!is_option_at(part.position)) {
                members.stock_lots = std::abs(part.quantity) / holding.lot;
                continue;
            }
            const auto found = std::ranges::find(holding.positions, part.position);
            if (found == holding.positions.end()) {
                return std::nullopt;
            }
            const auto series = static_cast<std::uint32_t>(found - holding.positions.begin());
            members.legs.push_back({series, std::llround(part.quantity) * holding.problem.series[series].lots});
        }
        return members.legs.empty() ? std::nullopt : std::optional(std::move(members));
    }

    [[noreturn]] void refuse(std::size_t g) const {
        std::string legs;
        for (const DesignatedLeg& leg : policy_.groups[g]) {
            legs += (legs.empty() ? "" : ", ") + number_text(leg.quantity) + " " + in_quotes(leg.symbol);
        }
        throw InvalidInput(groups_place_[g], "must be what one rule of the rulebook " + in_quotes(policy_.rulebook.id) +
                                                 " margins together, got " + (legs.empty() ? "nothing" : legs));
    }

    const AccountView& account_;
    const MarketRows& market_;
    const Policy& policy_;
    Where groups_place_{"policy.groups"};
    std::vector<Quantity> left_{};            ///< Of each position, what no group has taken yet.
    std::vector<std::vector<Part>> groups_{}; ///< As the policy has them.
};

/// A search that has not every spread of the rulebook proves nothing: it is for a good pairing, and short.
[[nodiscard]] inline SearchOptions search_among_some(const SearchOptions& options) {
    constexpr std::size_t most_nodes = 100;
    return {.node_limit = (std::min)(options.node_limit, most_nodes)};
}

/// A pairing whose search had not every spread that the rulebook allows, with what is proven for it.
///
/// Spreads of any number of legs include all of them at the same rates, so no pairing of the rulebook costs less than
/// the least of those.
[[nodiscard]] inline Pairing with_proven_bound(Pairing pairing, const OptionHolding& holding, Pairer& pairer,
                                               const SearchOptions& options) {
    PairingProblem wider = holding.problem;
    wider.has_any_leg_spreads = true;
    std::erase_if(wider.combinations, &Combination::is_spread);
    const Pairing& least = pairer.pair(wider, options);
    pairing.lower_bound = (std::min)(pairing.cost, least.lower_bound);
    pairing.nodes += least.nodes;
    return pairing;
}

} // namespace margincore::detail
