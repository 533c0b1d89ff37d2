// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include <margincore/optimization/integer_program.hpp>
#include <margincore/optimization/lagrangian_bound.hpp>
#include <margincore/optimization/relaxation_rows.hpp>
#include <margincore/optimization/simplex_rebuild.hpp>
#include <margincore/optimization/simplex_tableau.hpp>

namespace margincore {

/// The linear relaxation of an integer program: a bounded dual simplex on a dense tableau, rows taken up as they are
/// violated.
///
/// Every variable stands at the bound that its cost prefers, so no rows and no basis is dual feasible, and stays so
/// whatever bounds become: there is no first phase, and a change of bounds goes on from where it is. Floating point
/// decides where to go, never what is proven: that is `lagrangian_bound` of the multipliers.
class DualSimplex {
public:
    enum class Status : std::uint8_t { optimal, infeasible, above_cutoff, stalled };

    /// Where a solve has come to; kept by a caller that wants to come back.
    struct State {
        SimplexTableau tableau{};
        std::vector<std::uint8_t> is_taken_up{};
    };
    [[nodiscard]] const State& state() const { return state_; }
    void go_back_to(const State& state) { state_ = state; }

    /// Starts anew on a program, with the box of its variables.
    void reset(const IntegerProgram& program) {
        program_ = &program;
        n_ = program.variable_count();
        rows_.read(program);
        lower_.resize(n_);
        upper_.resize(n_);
        costs_.resize(n_);
        cost_unit_ = 0.0;
        for (std::size_t j = 0; j < n_; ++j) {
            const IntegerProgram::Variable& variable = program.variable(j);
            lower_[j] = static_cast<double>(variable.lower);
            upper_[j] = static_cast<double>(variable.upper);
            cost_unit_ = (std::max)(cost_unit_, std::abs(static_cast<double>(variable.cost)));
        }
        cost_unit_ = cost_unit_ > 0 ? cost_unit_ : 1.0;
        for (std::size_t j = 0; j < n_; ++j) {
            costs_[j] = static_cast<double>(program.variable(j).cost) / cost_unit_;
        }
        restart();
    }

    /// Moves the bounds of variables, between nodes. Shape of each (n_variables).
    void set_box(const Box& box) {
        if (state_.tableau.pivots() > pivots_between_rebuilds) {
            rebuild();
        }
        for (std::size_t j = 0; j < n_; ++j) {
            set_bounds(j, static_cast<double>(box.lower[j]), static_cast<double>(box.upper[j]));
        }
    }
    void set_bounds(std::size_t variable, double lower, double upper) {
        lower_[variable] = lower;
        upper_[variable] = upper;
        state_.tableau.set_bounds(variable, lower, upper);
    }

    /// Takes note of rows that were added to the program.
    void read_added_rows() {
        const std::size_t before = rows_.size();
        rows_.read(*program_);
        for (std::size_t i = before; i < rows_.size(); ++i) {
            state_.tableau.add_slack(slack_limit(i));
            state_.is_taken_up.push_back(0);
        }
    }

    /// Goes on until the relaxation is solved, or is seen to have no point, or to cost more than the cutoff.
    Status solve(double cutoff, std::size_t pivots_allowed) {
        bool rebuilt = false;
        for (std::size_t pivots = 0;; ++pivots) {
            const std::size_t row = most_infeasible();
            if (row == none) {
                if (take_up_violated()) {
                    continue;
                }
                return Status::optimal;
            }
            if (value() > cutoff) {
                return Status::above_cutoff;
            }
            if (pivots >= pivots_allowed) {
                return Status::stalled;
            }
            SimplexTableau& tableau = state_.tableau;
            const bool is_below = tableau.basic_value(row) < tableau.lower(tableau.row_variable(row));
            const std::size_t column = choose_column(row, is_below);
            if (column == none) {
                infeasible_row_ = row;
                return Status::infeasible;
            }
            if (std::abs(tableau.at(row, column)) < least_pivot && tableau.pivots() > 0 && !rebuilt) {
                rebuild(); // the tableau has lost its accuracy
                rebuilt = true;
                continue;
            }
            for (const std::size_t flipped : flips_) {
                tableau.flip(flipped);
            }
            tableau.pivot(row, column, is_below);
        }
    }

    [[nodiscard]] double value() const { return state_.tableau.value() * cost_unit_; }
    [[nodiscard]] double x(std::size_t variable) const { return state_.tableau.x(variable); }
    [[nodiscard]] bool is_basic(std::size_t variable) const { return state_.tableau.is_basic(variable); }

    /// The dual values of the rows that have one.
    void read_multipliers(std::vector<Multiplier>& multipliers) const { read_multipliers(multipliers, 0.0); }

    /// After `infeasible`: dual values along a ray on which the Lagrangian rises without end. From the length that
    /// `ray_length` returns on, it is above the cutoff as far as floating point can tell.
    [[nodiscard]] double ray_length(double cutoff) const {
        return ((std::max)(0.0, cutoff / cost_unit_ - state_.tableau.value()) * 1.01 + 1e-3) / infeasible_gap_;
    }
    void read_ray(std::vector<Multiplier>& multipliers, double length) const { read_multipliers(multipliers, length); }

    /// What the relaxation costs more, at least, where a fractional variable may not exceed `bound` (`down`) or fall
    /// below it: the first step of the dual simplex.
    [[nodiscard]] double penalty(std::size_t variable, double bound, bool down) const {
        return state_.tableau.first_step(variable, bound, down) * cost_unit_;
    }

    /// The tableau row of a basic variable, as a combination of rows of the program: `take(row, factor)` for each.
    template <class Take>
    void for_each_part(std::size_t variable, Take&& take) const {
        const std::size_t row = state_.tableau.row_of(variable);
        for (std::size_t j = 0; j < n_; ++j) {
            const std::uint32_t slack = state_.tableau.column_variable(j);
            if (slack >= n_ && state_.tableau.at(row, j) != 0) {
                take(slack - n_, state_.tableau.at(row, j) * rows_.scale(slack - n_));
            }
        }
    }

private:
    static constexpr std::size_t none = (std::numeric_limits<std::size_t>::max)();
    static constexpr double feasibility = 1e-7;
    static constexpr double least_pivot = 1e-5;
    static constexpr double ratio_tie = 1e-12;
    static constexpr std::size_t pivots_between_rebuilds = 400;

    [[nodiscard]] double slack_limit(std::size_t row) const {
        return program_->row(row).is_equality ? 0.0 : SimplexTableau::no_bound;
    }

    void restart() {
        flips_.clear();
        slacks_.clear();
        for (std::size_t i = 0; i < program_->row_count(); ++i) {
            slacks_.push_back(slack_limit(i));
        }
        state_.tableau.reset(lower_, upper_, costs_, slacks_);
        state_.is_taken_up.assign(program_->row_count(), 0);
    }

    /// Computes the tableau of where it stands anew.
    void rebuild() {
        rebuild_.read(state_.tableau);
        restart();
        for (const std::size_t row : rebuild_.binding()) {
            take_up(row);
        }
        if (!rebuild_.bring_back(state_.tableau)) {
            restart();
        }
    }

    void take_up(std::size_t row) {
        state_.tableau.add_row(static_cast<std::uint32_t>(n_ + row), rows_.coefficients(row), program_->row(row).first,
                               rows_.limit(row));
        state_.is_taken_up[row] = 1;
    }

    [[nodiscard]] std::size_t most_infeasible() const {
        std::size_t worst = none;
        double by = feasibility;
        for (std::size_t i = 0; i < state_.tableau.row_count(); ++i) {
            if (const double gap = state_.tableau.infeasibility(i); gap > by) {
                by = gap;
                worst = i;
            }
        }
        return worst;
    }

    /// Takes up the most violated row of each family.
    [[nodiscard]] bool take_up_violated() {
        point_.resize(n_);
        for (std::size_t j = 0; j < n_; ++j) {
            point_[j] = x(j);
        }
        bool some = false;
        for (const std::size_t row : rows_.most_violated(point_, state_.is_taken_up, feasibility)) {
            take_up(row);
            some = true;
        }
        return some;
    }

    /// The long step: variables whose whole range does not mend the row are turned to their other bound on the way.
    [[nodiscard]] std::size_t choose_column(std::size_t row, bool is_below) {
        const SimplexTableau& tableau = state_.tableau;
        double gap = tableau.infeasibility(row);
        flips_.clear();
        candidates_.clear();
        for (std::size_t j = 0; j < n_; ++j) {
            const double step = is_below ? -tableau.at(row, j) : tableau.at(row, j);
            if (std::abs(step) > SimplexTableau::pivot_tolerance && tableau.may_enter(j, step)) {
                candidates_.push_back({j, std::abs(tableau.reduced_cost(j) / step), std::abs(step)});
            }
        }
        while (!candidates_.empty()) {
            auto next = candidates_.begin();
            for (auto candidate = next + 1; candidate != candidates_.end(); ++candidate) {
                const bool is_tie = std::abs(candidate->ratio - next->ratio) <= ratio_tie;
                if (is_tie ? candidate->step > next->step : candidate->ratio < next->ratio) {
                    next = candidate;
                }
            }
            const double mended = next->step * tableau.range(next->column);
            if (gap - mended <= feasibility) {
                return next->column;
            }
            gap -= mended;
            flips_.push_back(next->column);
            *next = candidates_.back();
            candidates_.pop_back();
        }
        infeasible_gap_ = gap;
        return none;
    }

    void read_multipliers(std::vector<Multiplier>& multipliers, double ray) const {
        const SimplexTableau& tableau = state_.tableau;
        multipliers.clear();
        double side = 0.0;
        if (ray != 0) {
            const std::uint32_t variable = tableau.row_variable(infeasible_row_);
            side = tableau.basic_value(infeasible_row_) < tableau.lower(variable) ? ray : -ray;
            if (variable >= n_) { // its own row is part of the ray
                add_multiplier(multipliers, variable - n_, side);
            }
        }
        for (std::size_t j = 0; j < n_; ++j) {
            if (tableau.column_variable(j) >= n_) {
                const double along = ray != 0 ? side * tableau.at(infeasible_row_, j) : 0.0;
                add_multiplier(multipliers, tableau.column_variable(j) - n_, tableau.reduced_cost(j) + along);
            }
        }
    }

    void add_multiplier(std::vector<Multiplier>& multipliers, std::size_t row, double dual) const {
        const std::int64_t value =
            multiplier_value(dual * cost_unit_ * rows_.scale(row), program_->row(row).is_equality);
        if (value != 0) {
            multipliers.push_back({static_cast<std::uint32_t>(row), value});
        }
    }

    struct Candidate {
        std::size_t column = 0;
        double ratio = 0.0;
        double step = 0.0;
    };

    const IntegerProgram* program_ = nullptr;
    std::size_t n_ = 0;
    double cost_unit_ = 1.0;
    std::size_t infeasible_row_ = 0;
    double infeasible_gap_ = 0.0;
    RelaxationRows rows_{};
    std::vector<double> lower_{}, upper_{}, costs_{}, slacks_{};
    State state_{};
    std::vector<Candidate> candidates_{};
    std::vector<std::size_t> flips_{};
    std::vector<double> point_{};
    SimplexRebuild rebuild_{};
};

} // namespace margincore
