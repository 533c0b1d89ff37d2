// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <optional>
#include <span>
#include <vector>

#include <margincore/instrument/option_contract.hpp>
#include <margincore/optimization/integer_program.hpp>
#include <margincore/requirement/strategy/pairing_problem.hpp>

namespace margincore {

/// The integer program whose least cost is the least net requirement of a pairing, what all-naked costs apart.
///
/// One group of options for each cut date T takes every spread in which shorts expire by T and longs do not: the
/// greatest loss of two such groups together is not above the sum of theirs. Variables: contracts of each series in
/// each group, the greatest loss of each group, contracts in each combination, and lots of naked options that a
/// straddle charges with their premium alone. A short that none of them takes is naked.
///
/// @source FINRA 4210(f)(2)(A)(xxxii) and (H); the derivation is in docs/rules/pairing.md.
class PairingProgram {
public:
    static constexpr std::uint32_t no_variable = (std::numeric_limits<std::uint32_t>::max)();

    /// Contracts of a series in the group of a cut date.
    struct Use {
        std::uint32_t series = 0;
        std::uint32_t variable = 0;
    };
    /// Small contracts of one right that stand against larger ones, by the larger: a whole number, which the balance of
    /// lots does not say to a relaxation.
    struct Carry {
        std::uint32_t variable = no_variable;
        std::int64_t small_lots = 0; ///< Of the small contracts;
        std::int64_t unit = 0;       ///< lots that one of the variable stands for.
    };
    struct Group {
        std::int64_t cut_date = 0;
        std::vector<Use> uses{};
        std::uint32_t loss = 0;         ///< The variable of its greatest loss,
        MicroDollars loss_unit = 1;     ///< which counts these.
        std::array<Carry, 2> carries{}; ///< Of calls and of puts.
    };

    void build(const PairingProblem& problem) {
        problem_ = &problem;
        program_.clear();
        group_count_ = 0;
        std::int32_t classes = 0;
        for (const PairingSeries& one : problem.series) {
            classes = (std::max)(classes, one.style_class + 1);
        }
        for (std::int32_t c = 0; c < classes && problem.has_any_leg_spreads; ++c) {
            add_groups(c);
        }
        add_combinations();
        straddle_order_.clear();
        straddle_ends_.clear();
        premium_only_.assign(problem.series.size(), 0);
        for (std::int32_t c = 0; c < classes; ++c) {
            add_straddles(c);
        }
        add_alone();
        add_holding_rows();
        add_stock_rows();
        add_group_rows();
        add_straddle_rows();
    }

    [[nodiscard]] IntegerProgram& program() { return program_; }
    [[nodiscard]] std::size_t group_count() const { return group_count_; }
    [[nodiscard]] const Group& group(std::size_t index) const { return groups_[index]; }
    [[nodiscard]] std::uint32_t combination_variable(std::size_t index) const { return combination_variables_[index]; }

    /// The variable of what is left of a series, where it has one.
    [[nodiscard]] std::optional<std::uint32_t> alone_variable(std::size_t index) const {
        return alone_[index] == no_variable ? std::nullopt : std::optional(alone_[index]);
    }
    /// Shorts that may be in straddles, class by class, the greatest requirement of a lot first.
    [[nodiscard]] std::span<const std::uint32_t> straddle_order() const { return straddle_order_; }
    [[nodiscard]] std::span<const std::size_t> straddle_ends() const { return straddle_ends_; }
    /// The variable of the lots of a short that a straddle charges with their premium alone.
    [[nodiscard]] std::uint32_t premium_only_variable(std::size_t index) const { return premium_only_[index]; }

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

    /// The cut dates: expirations of shorts, each later one that has the same longs in place of the earlier.
    void find_cut_dates(std::int32_t style_class) {
        cut_dates_.clear();
        for (const PairingSeries& one : problem_->series) {
            if (one.is_short && one.style_class == style_class) {
                cut_dates_.push_back(one.expiry);
            }
        }
        std::ranges::sort(cut_dates_);
        cut_dates_.erase(std::ranges::unique(cut_dates_).begin(), cut_dates_.end());
        std::size_t kept = 0;
        for (std::size_t k = 0; k < cut_dates_.size(); ++k) {
            const bool is_last = k + 1 == cut_dates_.size();
            if (is_last || std::ranges::any_of(problem_->series, [&](const PairingSeries& one) {
                    return !one.is_short && one.style_class == style_class && one.expiry >= cut_dates_[k] &&
                           one.expiry < cut_dates_[k + 1];
                })) {
                cut_dates_[kept++] = cut_dates_[k];
            }
        }
        cut_dates_.resize(kept);
    }

    [[nodiscard]] bool may_join(const PairingSeries& one, std::int32_t style_class, std::int64_t cut_date) const {
        return one.style_class == style_class && (one.is_short ? one.expiry <= cut_date : one.expiry >= cut_date);
    }

    void add_groups(std::int32_t style_class) {
        find_cut_dates(style_class);
        for (const std::int64_t cut_date : cut_dates_) {
            bool has[2][2] = {{false, false}, {false, false}}; // of each right, longs and shorts
            for (const PairingSeries& one : problem_->series) {
                has[one.right == Right::put][one.is_short] |= may_join(one, style_class, cut_date);
            }
            const bool pairs[2] = {has[0][0] && has[0][1], has[1][0] && has[1][1]};
            if (!pairs[0] && !pairs[1]) {
                continue;
            }
            if (groups_.size() == group_count_) {
                groups_.emplace_back();
            }
            Group& group = groups_[group_count_++];
            group.cut_date = cut_date;
            group.uses.clear();
            for (std::size_t i = 0; i < problem_->series.size(); ++i) {
                const PairingSeries& one = series(i);
                if (!may_join(one, style_class, cut_date) || !pairs[one.right == Right::put]) {
                    continue;
                }
                const MicroDollars cost = one.is_short ? -one.naked : one.loan_value;
                const std::size_t variable = program_.add({.cost = cost * one.lots, .upper = one.contracts});
                group.uses.push_back({static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(variable)});
            }
            add_loss(group);
            add_carry(group, Right::call);
            add_carry(group, Right::put);
        }
    }

    void add_carry(Group& group, Right right) {
        Carry& carry = group.carries[right == Right::put];
        carry = {};
        std::int64_t total = 0; // of the small contracts, in lots
        for (const Use& use : group.uses) {
            const PairingSeries& one = series(use.series);
            if (one.right == right && (carry.small_lots == 0 || one.lots < carry.small_lots)) {
                carry.small_lots = one.lots;
            }
        }
        for (const Use& use : group.uses) {
            const PairingSeries& one = series(use.series);
            if (one.right == right && one.lots == carry.small_lots) {
                total += one.contracts * one.lots;
            } else if (one.right == right) {
                carry.unit = std::gcd(carry.unit, one.lots);
            }
        }
        if (carry.unit > 1 && carry.unit > carry.small_lots) {
            const std::int64_t most = total / carry.unit;
            carry.variable = static_cast<std::uint32_t>(program_.add({.lower = -most, .upper = most}));
        }
    }

    /// The greatest loss of a group is a whole number of the steps that strikes and lots make.
    void add_loss(Group& group) {
        MicroDollars strikes = 0;
        std::int64_t lots = 0;
        const MicroDollars first = series(group.uses.front().series).strike;
        MicroDollars lowest = first;
        MicroDollars highest = first;
        for (const Use& use : group.uses) {
            const PairingSeries& one = series(use.series);
            strikes = std::gcd(strikes, one.strike - first);
            lots = std::gcd(lots, one.lots);
            lowest = (std::min)(lowest, one.strike);
            highest = (std::max)(highest, one.strike);
        }
        group.loss_unit = strikes == 0 ? 1 : strikes * lots;
        MicroDollars most[2] = {0, 0};
        for (const Use& use : group.uses) {
            const PairingSeries& one = series(use.series);
            if (one.is_short) {
                const MicroDollars deepest = one.right == Right::call ? highest - one.strike : one.strike - lowest;
                most[one.right == Right::put] += one.contracts * one.lots * deepest;
            }
        }
        group.loss = static_cast<std::uint32_t>(
            program_.add({.cost = group.loss_unit, .upper = (most[0] + most[1]) / group.loss_unit}));
    }

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

    /// In a straddle the option with the greater requirement pays it, the other its premium. So lots that pay their
    /// premium alone must each have a lot of the other right before them in this order that pays in full.
    void add_straddles(std::int32_t style_class) {
        const std::size_t first = straddle_order_.size();
        bool has[2] = {false, false};
        for (std::size_t i = 0; i < problem_->series.size(); ++i) {
            if (series(i).is_short && series(i).style_class == style_class) {
                straddle_order_.push_back(static_cast<std::uint32_t>(i));
                has[series(i).right == Right::put] = true;
            }
        }
        if (!has[0] || !has[1]) {
            straddle_order_.resize(first);
            return;
        }
        const auto begin = straddle_order_.begin() + static_cast<std::ptrdiff_t>(first);
        std::sort(begin, straddle_order_.end(), [&](std::uint32_t a, std::uint32_t b) {
            const PairingSeries& greater = series(a);
            const PairingSeries& lesser = series(b);
            if (greater.naked != lesser.naked) {
                return greater.naked > lesser.naked;
            }
            return greater.premium != lesser.premium ? greater.premium < lesser.premium // a tie pays the larger sum
                                                     : a < b;
        });
        straddle_ends_.push_back(straddle_order_.size());
        for (auto at = begin; at != straddle_order_.end(); ++at) {
            const std::uint32_t i = *at;
            const PairingSeries& one = series(i);
            premium_only_[i] = static_cast<std::uint32_t>(
                program_.add({.cost = one.premium - one.naked, .upper = one.contracts * one.lots}));
        }
    }

    /// Adds what groups and hedges take of a series to the row that was added last.
    void set_taken(std::size_t index, std::int64_t coefficient) {
        for (std::size_t g = 0; g < group_count_; ++g) {
            for (const Use& use : groups_[g].uses) {
                if (use.series == index) {
                    program_.set(use.variable, coefficient);
                }
            }
        }
        for (std::size_t c = 0; c < problem_->combinations.size(); ++c) {
            for (const Combination::Leg& leg : problem_->combinations[c].used()) {
                if (static_cast<std::size_t>(leg.series) == index) {
                    program_.set(combination_variables_[c], coefficient * leg.contracts);
                }
            }
        }
    }

    [[nodiscard]] std::size_t use_count(std::size_t index) const {
        std::size_t count = 0;
        for (std::size_t g = 0; g < group_count_; ++g) {
            count += static_cast<std::size_t>(
                std::ranges::count(groups_[g].uses, static_cast<std::uint32_t>(index), &Use::series));
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

    void add_stock_rows() {
        for (std::size_t stock = 0; stock < problem_->stock_lots.size(); ++stock) {
            const auto takes = [&](const Combination& combination) {
                return combination.stock_lots > 0 && combination.stock == stock;
            };
            if (std::ranges::count_if(problem_->combinations, takes) < 2) { // one alone has its bound
                continue;
            }
            program_.add_row(problem_->stock_lots[stock], false, program_.new_family());
            for (std::size_t c = 0; c < problem_->combinations.size(); ++c) {
                if (takes(problem_->combinations[c])) {
                    program_.set(combination_variables_[c], problem_->combinations[c].stock_lots);
                }
            }
        }
    }

    void add_group_rows() {
        for (std::size_t g = 0; g < group_count_; ++g) {
            const Group& group = groups_[g];
            for (const Right right : {Right::call, Right::put}) {
                if (std::ranges::none_of(group.uses,
                                         [&](const Use& use) { return series(use.series).right == right; })) {
                    continue;
                }
                add_balance_rows(group, right);
            }
            add_strike_rows(group);
        }
    }

    /// Longs and shorts of a right are of equal lots; the small contracts among them make whole larger ones.
    void add_balance_rows(const Group& group, Right right) {
        const Carry& carry = group.carries[right == Right::put];
        for (const bool is_small : {false, true}) {
            if (is_small && carry.variable == no_variable) {
                continue;
            }
            program_.add_row(0, true, program_.new_family());
            for (const Use& use : group.uses) {
                const PairingSeries& one = series(use.series);
                const bool belongs = carry.variable == no_variable || (one.lots == carry.small_lots) == is_small;
                if (one.right == right && belongs) {
                    program_.set(use.variable, one.is_short ? -one.lots : one.lots);
                }
            }
            if (carry.variable != no_variable) {
                program_.set(carry.variable, is_small ? -carry.unit : carry.unit);
            }
        }
    }

    /// At every strike the loss of the group is covered.
    void add_strike_rows(const Group& group) {
        strikes_.clear();
        for (const Use& use : group.uses) {
            strikes_.push_back(series(use.series).strike);
        }
        std::ranges::sort(strikes_);
        strikes_.erase(std::ranges::unique(strikes_).begin(), strikes_.end());
        const std::uint32_t family = program_.new_family();
        for (const MicroDollars strike : strikes_) {
            program_.add_row(0, false, family);
            for (const Use& use : group.uses) {
                const PairingSeries& one = series(use.series);
                const MicroDollars in_the_money = one.right == Right::call
                                                      ? (std::max)(strike - one.strike, MicroDollars{0})
                                                      : (std::max)(one.strike - strike, MicroDollars{0});
                const std::int64_t steps = in_the_money * one.lots / group.loss_unit;
                program_.set(use.variable, one.is_short ? steps : -steps);
            }
            program_.set(group.loss, -1);
        }
    }

    void add_straddle_rows() {
        const std::uint32_t premiums = program_.new_family();
        for (const std::uint32_t i : straddle_order_) { // only what is naked
            const PairingSeries& one = series(i);
            program_.add_row(one.contracts * one.lots, false, premiums);
            program_.set(premium_only_[i], 1);
            set_taken(i, one.lots);
        }
        std::size_t first = 0;
        for (const std::size_t end : straddle_ends_) {
            add_straddle_rows(first, end);
            first = end;
        }
    }

    void add_straddle_rows(std::size_t first, std::size_t end) {
        for (const Right right : {Right::call, Right::put}) {
            const std::uint32_t family = program_.new_family();
            std::int64_t lots = 0;
            for (std::size_t last = first; last < end; ++last) {
                const PairingSeries& at_last = series(straddle_order_[last]);
                lots += at_last.right == right ? at_last.contracts * at_last.lots : 0;
                program_.add_row(lots, false, family);
                for (std::size_t k = first; k <= last; ++k) {
                    const std::uint32_t i = straddle_order_[k];
                    program_.set(premium_only_[i], 1);
                    if (series(i).right == right) {
                        set_taken(i, series(i).lots);
                    }
                }
            }
        }
    }

    const PairingProblem* problem_ = nullptr;
    IntegerProgram program_{};
    std::vector<std::int64_t> cut_dates_{};
    std::vector<Group> groups_{}; ///< The first `group_count_`; the others keep their memory.
    std::size_t group_count_ = 0;
    std::vector<std::uint32_t> combination_variables_{};
    std::vector<std::uint32_t> straddle_order_{}; ///< Shorts of a class after another, the greatest requirement first.
    std::vector<std::size_t> straddle_ends_{};    ///< Where each class ends.
    std::vector<std::uint32_t> premium_only_{};   ///< Variable of each short.
    std::vector<MicroDollars> strikes_{};
    std::vector<std::uint32_t> alone_{}; ///< Variable of each series with several uses.
};

} // namespace margincore
