// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include <margincore/instrument/option_contract.hpp>
#include <margincore/optimization/branch_and_bound.hpp>
#include <margincore/requirement/strategy/pairing_problem.hpp>
#include <margincore/requirement/strategy/pairing_program.hpp>

namespace margincore {

/// Options that are margined together, and how.
struct PairedGroup {
    enum class Form : std::uint8_t { alone, straddle, spread, combination };

    /// Lots of a series; negative when short.
    struct Leg {
        std::uint32_t series = 0;
        std::int64_t lots = 0;

        friend bool operator==(const Leg&, const Leg&) = default;
    };

    Form form = Form::alone;
    std::vector<Leg> legs{};
    std::size_t combination = 0;    ///< Which of the problem's, and
    std::int64_t times = 0;         ///< how often.
    MicroDollars requirement = 0;   ///< Of the options; of a combination what it adds to the net requirement.
    MicroDollars worst_strike = -1; ///< Of a spread with a loss: the strike at which it is greatest, a lot.

    friend bool operator==(const PairedGroup&, const PairedGroup&) = default;
};

/// How the options of an underlying are paired at least cost.
struct Pairing {
    std::vector<PairedGroup> groups{};
    MicroDollars cost = 0;        ///< Net requirement, over the stock by itself and longs at their loan value.
    MicroDollars lower_bound = 0; ///< No pairing costs less: `cost` where it is proven optimal.
    std::size_t nodes = 0;        ///< Relaxations solved.
};

/// The greatest loss of options at any of their strikes, premiums apart, and where.
///
/// Longs of each right are of as many units as its shorts, or of more, so nothing more is lost beyond the strikes and
/// the strikes alone decide.
/// @param legs  Lots of each series, negative when short.
/// @return      The loss, >= 0, and the strike; -1 where nothing is lost anywhere.
/// @source FINRA 4210(f)(2)(H)(i).
[[nodiscard]] inline std::pair<MicroDollars, MicroDollars> maximum_loss(std::span<const PairingSeries> series,
                                                                        std::span<const PairedGroup::Leg> legs) {
    MicroDollars greatest = 0;
    MicroDollars where = -1;
    for (const PairedGroup::Leg& at : legs) {
        const MicroDollars price = series[at.series].strike;
        MicroDollars loss = 0;
        for (const PairedGroup::Leg& leg : legs) {
            const PairingSeries& one = series[leg.series];
            const MicroDollars worth = one.right == Right::call ? price - one.strike : one.strike - price;
            loss -= leg.lots * (std::max)(worth, MicroDollars{0});
        }
        if (loss > greatest) {
            greatest = loss;
            where = price;
        }
    }
    return {greatest, where};
}

/// What groups add to the net requirement: their requirements, and the loan value of longs that do not stand alone.
[[nodiscard]] inline MicroDollars cost_of(const PairingProblem& problem, std::span<const PairedGroup> groups) {
    MicroDollars cost = 0;
    for (const PairedGroup& group : groups) {
        cost += group.requirement;
        for (const PairedGroup::Leg& leg : group.legs) {
            const bool is_used = group.form != PairedGroup::Form::alone && leg.lots > 0;
            cost += is_used ? leg.lots * problem.series[leg.series].loan_value : 0;
        }
    }
    return cost;
}

/// Adds what is left of each series as a group of its own.
///
/// @param left     Lots of each series.
/// @param no_legs  Gives an empty list of legs, with memory or without.
template <std::invocable NoLegs>
void add_alone(const PairingProblem& problem, std::span<const std::int64_t> left, std::vector<PairedGroup>& groups,
               NoLegs&& no_legs) {
    for (std::size_t i = 0; i < problem.series.size(); ++i) {
        if (left[i] > 0) {
            const PairingSeries& one = problem.series[i];
            PairedGroup group{.legs = no_legs(), .requirement = one.is_short ? left[i] * one.naked : 0};
            group.legs.push_back({static_cast<std::uint32_t>(i), one.is_short ? -left[i] : left[i]});
            groups.push_back(std::move(group));
        }
    }
}

/// Pairs the options of one underlying after another; keeps its memory.
class Pairer {
public:
    /// The pairing of least net requirement.
    [[nodiscard]] const Pairing& pair(const PairingProblem& problem, const SearchOptions& options) {
        begin_groups(problem);
        if (!has_choices(problem) && options.leaf_limit == 0) { // a proof that is asked for has a leaf even so
            add_what_is_left(problem);
            pairing_.nodes = 0;
            pairing_.cost = pairing_.lower_bound = cost_of(problem, pairing_.groups);
            return pairing_;
        }
        program_.build(problem);
        start_.assign(program_.program().variable_count(), 0);
        for (std::size_t i = 0; i < problem.series.size(); ++i) {
            if (const auto variable = program_.alone_variable(i)) {
                start_[*variable] = problem.series[i].contracts;
            }
        }
        const SearchResult& found = search_.solve(program_.program(), start_, options);
        const MicroDollars naked = program_.all_naked();
        pairing_.lower_bound = naked + found.lower_bound;
        pairing_.nodes = found.nodes;
        read_groups(problem, found.x);
        pairing_.cost =
            cost_of(problem, pairing_.groups); // not above what was found, which may leave a loss variable slack
        return pairing_;
    }

    /// The program that was solved last, with the rows that the search added, and what the search found.
    [[nodiscard]] const PairingProgram& program() const { return program_; }
    [[nodiscard]] const SearchResult& search() const { return search_.result(); }

private:
    /// Whether a series may stand in anything but alone.
    [[nodiscard]] static bool has_choices(const PairingProblem& problem) {
        bool has[2][2] = {{false, false}, {false, false}}; // of each right, longs and shorts
        for (const PairingSeries& one : problem.series) {
            has[one.right == Right::put][one.is_short] = true;
        }
        return !problem.combinations.empty() || (has[0][0] && has[0][1]) || (has[1][0] && has[1][1]) ||
               (has[0][1] && has[1][1]);
    }

    /// No groups, and every lot in none; the memory of the groups before is kept.
    void begin_groups(const PairingProblem& problem) {
        for (std::size_t k = 0; k < pairing_.groups.size(); ++k) {
            spare_legs_[k] = std::move(pairing_.groups[k].legs);
        }
        pairing_.groups.clear();
        left_.clear();
        for (const PairingSeries& one : problem.series) {
            left_.push_back(one.contracts * one.lots);
        }
    }

    /// Memory for the legs of the next group.
    [[nodiscard]] std::vector<PairedGroup::Leg> no_legs() {
        const std::size_t next = pairing_.groups.size();
        if (spare_legs_.size() <= next) {
            spare_legs_.resize(next + 1);
        }
        spare_legs_[next].clear();
        return std::move(spare_legs_[next]);
    }

    void read_groups(const PairingProblem& problem, std::span<const std::int64_t> x) {
        for (const PairingProgram::Group& of : program_.groups()) {
            PairedGroup group{.form = PairedGroup::Form::spread, .legs = no_legs()};
            bool has_short = false;
            for (const PairingProgram::Use& use : of.uses) {
                const PairingSeries& one = problem.series[use.series];
                if (const std::int64_t lots = x[use.variable] * one.lots; lots != 0) {
                    group.legs.push_back({use.series, one.is_short ? -lots : lots});
                    has_short = has_short || one.is_short;
                }
            }
            if (has_short) { // surplus longs by themselves are none
                for (const PairedGroup::Leg& leg : group.legs) {
                    left_[leg.series] -= leg.lots < 0 ? -leg.lots : leg.lots;
                }
                std::tie(group.requirement, group.worst_strike) = maximum_loss(problem.series, group.legs);
                pairing_.groups.push_back(std::move(group));
            } else {
                spare_legs_[pairing_.groups.size()] = std::move(group.legs);
            }
        }
        for (std::size_t c = 0; c < problem.combinations.size(); ++c) {
            const std::int64_t times = x[program_.combination_variable(c)];
            if (times == 0) {
                continue;
            }
            const Combination& combination = problem.combinations[c];
            PairedGroup group{.form = PairedGroup::Form::combination,
                              .legs = no_legs(),
                              .combination = c,
                              .times = times,
                              .requirement = times * combination.cost};
            for (const Combination::Leg& leg : combination.used()) {
                const auto index = static_cast<std::uint32_t>(leg.series);
                const std::int64_t lots = times * leg.contracts * problem.series[index].lots;
                group.legs.push_back({index, problem.series[index].is_short ? -lots : lots});
                left_[index] -= lots;
            }
            if (combination.is_spread) {
                group.form = PairedGroup::Form::spread;
                std::tie(group.requirement, group.worst_strike) = maximum_loss(problem.series, group.legs);
            }
            pairing_.groups.push_back(std::move(group));
        }
        std::size_t first = 0;
        for (const std::size_t end : program_.straddles().ends()) {
            read_straddles(problem, program_.straddles().order().subspan(first, end - first), x);
            first = end;
        }
        add_what_is_left(problem);
    }

    void add_what_is_left(const PairingProblem& problem) {
        add_alone(problem, left_, pairing_.groups, [&] { return no_legs(); });
    }

    /// Gives each lot that pays its premium alone a lot of the other right before it that pays in full.
    void read_straddles(const PairingProblem& problem, std::span<const std::uint32_t> order,
                        std::span<const std::int64_t> x) {
        std::array<std::vector<PairedGroup::Leg>, 2>& in_full = in_full_;
        in_full[0].clear();
        in_full[1].clear();
        for (const std::uint32_t i : order) {
            const PairingSeries& one = problem.series[i];
            std::int64_t premium_only = x[program_.straddles().premium_only_variable(i)];
            const std::int64_t full = left_[i] - premium_only;
            auto& others = in_full[one.right == Right::call ? 1 : 0];
            while (premium_only > 0) {
                PairedGroup::Leg& other = others.back();
                const std::int64_t lots = (std::min)(premium_only, other.lots);
                PairedGroup group{.form = PairedGroup::Form::straddle,
                                  .legs = no_legs(),
                                  .requirement = lots * (problem.series[other.series].naked + one.premium)};
                group.legs.push_back({other.series, -lots});
                group.legs.push_back({i, -lots});
                pairing_.groups.push_back(std::move(group));
                left_[other.series] -= lots;
                left_[i] -= lots;
                premium_only -= lots;
                other.lots -= lots;
                if (other.lots == 0) {
                    others.pop_back();
                }
            }
            if (full > 0) {
                in_full[one.right == Right::put ? 1 : 0].push_back({i, full});
            }
        }
    }

    PairingProgram program_{};
    BranchAndBound search_{};
    Pairing pairing_{};
    std::vector<std::int64_t> start_{};
    std::vector<std::int64_t> left_{};                        ///< Lots of each series that are in no group yet.
    std::array<std::vector<PairedGroup::Leg>, 2> in_full_{};  ///< Of each right, shorts that pay their requirement.
    std::vector<std::vector<PairedGroup::Leg>> spare_legs_{}; ///< Memory of each group while it is not there.
};

} // namespace margincore
