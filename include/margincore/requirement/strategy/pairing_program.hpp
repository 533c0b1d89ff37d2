// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include <margincore/instrument/option_contract.hpp>
#include <margincore/optimization/integer_program.hpp>
#include <margincore/requirement/strategy/pairing_groups.hpp>
#include <margincore/requirement/strategy/pairing_problem.hpp>
#include <margincore/requirement/strategy/pairing_straddles.hpp>

namespace margincore {

/// The integer program whose least cost is the least net requirement of a pairing, what all-naked costs apart.
///
/// One group of options for each cut date T takes every spread in which shorts expire by T and longs do not: the
/// greatest loss of two such groups together is not above the sum of theirs. Variables: contracts of each series in
/// each group, the greatest loss of each group, contracts in each combination, and lots of naked options that a
/// straddle charges with their premium alone. A short that none of them takes is naked.
///
/// @source FINRA 4210(f)(2)(A)(xxxii) and (H).
class PairingProgram {
public:
    using Group = PairingGroups::Group;
    using Use = PairingGroups::Use;

    void build(const PairingProblem& problem) {
        problem_ = &problem;
        program_.clear();
        std::int32_t classes = 0;
        for (const PairingSeries& one : problem.series) {
            classes = (std::max)(classes, one.style_class + 1);
        }
        groups_.add_variables(problem, classes, program_);
        add_combinations();
        straddles_.add_variables(problem, classes, program_);
        add_alone();
        add_holding_rows();
        add_stock_rows();
        groups_.add_rows();
        straddles_.add_rows([&](std::size_t index, std::int64_t coefficient) { set_taken(index, coefficient); });
    }

    [[nodiscard]] IntegerProgram& program() { return program_; }
    [[nodiscard]] const IntegerProgram& program() const { return program_; }
    [[nodiscard]] std::span<const Group> groups() const { return groups_.all(); }
    [[nodiscard]] const PairingStraddles& straddles() const { return straddles_; }
    [[nodiscard]] std::uint32_t combination_variable(std::size_t index) const { return combination_variables_[index]; }

    /// The variable of what is left of a series, where it has one.
    [[nodiscard]] std::optional<std::uint32_t> alone_variable(std::size_t index) const {
        return alone_[index] == no_variable ? std::nullopt : std::optional(alone_[index]);
    }
    /// Whether there is a row of a stock: what one combination alone takes of it has its bound.
    [[nodiscard]] bool has_stock_row(std::size_t stock) const {
        return std::ranges::count_if(problem_->combinations,
                                     [&](const Combination& combination) { return takes(combination, stock); }) > 1;
    }
    /// What the shorts cost when each stands alone.
    [[nodiscard]] MicroDollars all_naked() const {
        MicroDollars sum = 0;
        for (const PairingSeries& series : problem_->series) {
            sum += series.is_short ? series.contracts * series.lots * series.naked : 0;
        }
        return sum;
    }

private:
    [[nodiscard]] const PairingSeries& series(std::size_t index) const { return problem_->series[index]; }

    void add_combinations() {
        combination_variables_.clear();
        for (const Combination& combination : problem_->combinations) {
            std::int64_t most = combination.stock_lots > 0
                                    ? problem_->stock_lots[combination.stock] / combination.stock_lots
                                    : (std::numeric_limits<std::int64_t>::max)();
            MicroDollars cost = combination.cost;
            for (const Combination::Leg& leg : combination.used()) {
                const PairingSeries& one = series(static_cast<std::size_t>(leg.series));
                most = (std::min)(most, one.contracts / leg.contracts);
                cost += leg.contracts * one.lots * (one.is_short ? -one.naked : one.loan_value);
            }
            combination_variables_.push_back(static_cast<std::uint32_t>(program_.add({.cost = cost, .upper = most})));
        }
    }

    /// Adds what groups and combinations take of a series to the row that was added last.
    void set_taken(std::size_t index, std::int64_t coefficient) {
        for (const Group& group : groups_.all()) {
            for (const Use& use : group.uses) {
                if (use.series == index) {
                    program_.set(use.variable, coefficient);
                }
            }
        }
        for (std::size_t c = 0; c < problem_->combinations.size(); ++c) {
            for (const Combination::Leg& leg : problem_->combinations[c].used()) {
                if (static_cast<std::size_t>(leg.series) == index) {
                    program_.add_to(combination_variables_[c], coefficient * leg.contracts); // it may take several
                }
            }
        }
    }

    [[nodiscard]] std::size_t use_count(std::size_t index) const {
        std::size_t count = 0;
        for (const Group& group : groups_.all()) {
            count += static_cast<std::size_t>(
                std::ranges::count(group.uses, static_cast<std::uint32_t>(index), &Use::series));
        }
        for (const Combination& combination : problem_->combinations) {
            count += static_cast<std::size_t>(
                std::ranges::count(combination.used(), static_cast<std::int32_t>(index), &Combination::Leg::series));
        }
        return count;
    }

    /// What is left of a series as a variable of its own: a search that may branch on it comes to its end far sooner.
    void add_alone() {
        alone_.assign(problem_->series.size(), no_variable);
        for (std::size_t i = 0; i < problem_->series.size(); ++i) {
            if (use_count(i) > 1) {
                alone_[i] = static_cast<std::uint32_t>(program_.add({.upper = series(i).contracts}));
            }
        }
    }

    void add_holding_rows() {
        for (std::size_t i = 0; i < problem_->series.size(); ++i) {
            if (use_count(i) > 1) { // one alone has its bound
                program_.add_row(series(i).contracts, true, program_.new_family());
                set_taken(i, 1);
                program_.set(alone_[i], 1);
            }
        }
    }

    [[nodiscard]] static bool takes(const Combination& combination, std::size_t stock) {
        return combination.stock_lots > 0 && combination.stock == stock;
    }

    void add_stock_rows() {
        for (std::size_t stock = 0; stock < problem_->stock_lots.size(); ++stock) {
            if (!has_stock_row(stock)) {
                continue;
            }
            program_.add_row(problem_->stock_lots[stock], false, program_.new_family());
            for (std::size_t c = 0; c < problem_->combinations.size(); ++c) {
                if (takes(problem_->combinations[c], stock)) {
                    program_.set(combination_variables_[c], problem_->combinations[c].stock_lots);
                }
            }
        }
    }

    const PairingProblem* problem_ = nullptr;
    IntegerProgram program_{};
    PairingGroups groups_{};
    PairingStraddles straddles_{};
    std::vector<std::uint32_t> combination_variables_{};
    std::vector<std::uint32_t> alone_{}; ///< Variable of each series with several uses.
};

} // namespace margincore
