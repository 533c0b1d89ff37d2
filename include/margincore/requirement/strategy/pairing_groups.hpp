// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <vector>

#include <margincore/instrument/option_contract.hpp>
#include <margincore/optimization/integer_program.hpp>
#include <margincore/requirement/strategy/pairing_problem.hpp>

namespace margincore {

inline constexpr std::uint32_t no_variable = (std::numeric_limits<std::uint32_t>::max)();

/// The part of a pairing's program that spreads with any number of legs are: a group of options for each cut date, in
/// which shorts expire by it and longs do not.
class PairingGroups {
public:
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

    /// Adds the variables of every group.
    void add_variables(const PairingProblem& problem, std::int32_t style_classes, IntegerProgram& program) {
        problem_ = &problem;
        program_ = &program;
        group_count_ = 0;
        for (std::int32_t c = 0; c < style_classes && problem.has_any_leg_spreads; ++c) {
            add_groups(c);
        }
    }

    /// Adds the rows of every group.
    void add_rows() {
        for (const Group& group : all()) {
            for (const Right right : {Right::call, Right::put}) {
                if (std::ranges::any_of(group.uses,
                                        [&](const Use& use) { return series(use.series).right == right; })) {
                    add_balance_rows(group, right);
                }
            }
            add_strike_rows(group);
        }
    }

    [[nodiscard]] std::span<const Group> all() const { return std::span(groups_).first(group_count_); }

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
        cut_dates_.erase(std::unique(cut_dates_.begin(), cut_dates_.end()), cut_dates_.end());
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
            const bool joins[2] = {pairs[0] || (problem_->longs_may_exceed && has[0][0]),
                                   pairs[1] || (problem_->longs_may_exceed && has[1][0])};
            if (groups_.size() == group_count_) {
                groups_.emplace_back();
            }
            Group& group = groups_[group_count_++];
            group.cut_date = cut_date;
            group.uses.clear();
            for (std::size_t i = 0; i < problem_->series.size(); ++i) {
                const PairingSeries& one = series(i);
                if (!may_join(one, style_class, cut_date) || !joins[one.right == Right::put]) {
                    continue;
                }
                const MicroDollars cost = one.is_short ? -one.naked : one.loan_value;
                const std::size_t variable = program_->add({.cost = cost * one.lots, .upper = one.contracts});
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
            const bool has_rest = problem_->longs_may_exceed && total % carry.unit != 0; // a larger long may take it
            carry.variable =
                static_cast<std::uint32_t>(program_->add({.lower = -most - (has_rest ? 1 : 0), .upper = most}));
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
            program_->add({.cost = group.loss_unit, .upper = (most[0] + most[1]) / group.loss_unit}));
    }

    /// Longs and shorts of a right are of equal lots, or longs of more; the small contracts among them make whole
    /// larger ones.
    void add_balance_rows(const Group& group, Right right) {
        const Carry& carry = group.carries[right == Right::put];
        const std::int64_t side = problem_->longs_may_exceed ? -1 : 1; // rows have upper limits
        for (const bool is_small : {false, true}) {
            if (is_small && carry.variable == no_variable) {
                continue;
            }
            program_->add_row(0, !problem_->longs_may_exceed, program_->new_family());
            for (const Use& use : group.uses) {
                const PairingSeries& one = series(use.series);
                const bool belongs = carry.variable == no_variable || (one.lots == carry.small_lots) == is_small;
                if (one.right == right && belongs) {
                    program_->set(use.variable, side * (one.is_short ? -one.lots : one.lots));
                }
            }
            if (carry.variable != no_variable) {
                program_->set(carry.variable, side * (is_small ? -carry.unit : carry.unit));
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
        strikes_.erase(std::unique(strikes_.begin(), strikes_.end()), strikes_.end());
        const std::uint32_t family = program_->new_family();
        for (const MicroDollars strike : strikes_) {
            program_->add_row(0, false, family);
            for (const Use& use : group.uses) {
                const PairingSeries& one = series(use.series);
                const MicroDollars in_the_money = one.right == Right::call
                                                      ? (std::max)(strike - one.strike, MicroDollars{0})
                                                      : (std::max)(one.strike - strike, MicroDollars{0});
                const std::int64_t steps = in_the_money * one.lots / group.loss_unit;
                program_->set(use.variable, one.is_short ? steps : -steps);
            }
            program_->set(group.loss, -1);
        }
    }

    const PairingProblem* problem_ = nullptr;
    IntegerProgram* program_ = nullptr;
    std::vector<std::int64_t> cut_dates_{};
    std::vector<Group> groups_{}; ///< The first `group_count_`; the others keep their memory.
    std::size_t group_count_ = 0;
    std::vector<MicroDollars> strikes_{};
};

} // namespace margincore
