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

namespace margincore {

/// The linear relaxation of an integer program: a bounded dual simplex on a dense tableau, rows taken up as they are
/// violated.
///
/// Every variable stands at the bound that its cost prefers, so no rows and no basis is dual feasible, and stays so
/// whatever bounds become: there is no first phase, and a change of bounds goes on from where it is. Floating point
/// decides where to go, never what is proven: that is `lagrangian_bound` of the `multipliers`.
class DualSimplex {
public:
    enum class Status : std::uint8_t { optimal, infeasible, above_cutoff, stalled };

    /// Where a solve has come to; kept by a caller that wants to come back.
    struct State {
        std::vector<double> tableau{}; ///< Shape (n_rows taken up, n_variables).
        std::vector<double> basic_value{}, column_value{}, reduced_cost{};
        std::vector<std::uint32_t> row_variable{}, column_variable{};
        std::vector<std::int32_t> place{}; ///< Column of a nonbasic variable, ~row of a basic; slacks after variables.
        std::vector<std::uint8_t> is_taken_up{};
        std::vector<double> lower{}, upper{};
        double value = 0.0; ///< In cost units.
        std::size_t pivots = 0;
    };
    [[nodiscard]] const State& state() const { return state_; }
    void go_back_to(const State& state) { state_ = state; }

    /// Starts anew on a program, with the box of its variables.
    void reset(const IntegerProgram& program) {
        program_ = &program;
        n_ = program.variable_count();
        const std::size_t rows = program.row_count();
        read_rows(program);
        state_.lower.assign(n_ + rows, 0.0);
        state_.upper.assign(n_ + rows, 0.0);
        double largest_cost = 0.0;
        for (std::size_t j = 0; j < n_; ++j) {
            const IntegerProgram::Variable& variable = program.variable(j);
            state_.lower[j] = static_cast<double>(variable.lower);
            state_.upper[j] = static_cast<double>(variable.upper);
            largest_cost = (std::max)(largest_cost, std::abs(static_cast<double>(variable.cost)));
        }
        cost_unit_ = largest_cost > 0 ? largest_cost : 1.0;
        for (std::size_t i = 0; i < rows; ++i) {
            state_.upper[n_ + i] = program.row(i).is_equality ? 0.0 : std::numeric_limits<double>::infinity();
        }
        restart();
    }

    /// Moves the bounds of variables. Shape of each (n_variables).
    void set_box(const Box& box) {
        for (std::size_t j = 0; j < n_; ++j) {
            set_bounds(j, static_cast<double>(box.lower[j]), static_cast<double>(box.upper[j]));
        }
    }
    void set_bounds(std::size_t variable, double lower, double upper) {
        if (state_.lower[variable] == lower && state_.upper[variable] == upper) {
            return;
        }
        state_.lower[variable] = lower;
        state_.upper[variable] = upper;
        const std::int32_t place = state_.place[variable];
        if (place >= 0) {
            const auto column = static_cast<std::size_t>(place);
            move_to(column, preferred_bound(column));
        }
    }

    /// Goes on until the relaxation is solved, or is seen to have no point, or to cost more than the cutoff.
    Status solve(double cutoff, std::size_t pivots_allowed) {
        if (state_.pivots > pivots_between_restarts) {
            restart();
        }
        bool restarted = false;
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
            const bool is_below = state_.basic_value[row] < state_.lower[state_.row_variable[row]];
            const std::size_t column = choose_column(row, is_below);
            if (column == none) {
                infeasible_row_ = row;
                return Status::infeasible;
            }
            if (std::abs(at(row, column)) < least_pivot && state_.pivots > 0 && !restarted) {
                restart(); // the tableau has lost its accuracy
                restarted = true;
                continue;
            }
            pivot(row, column, is_below);
        }
    }

    [[nodiscard]] double value() const { return state_.value * cost_unit_; }
    [[nodiscard]] double x(std::size_t variable) const {
        const std::int32_t place = state_.place[variable];
        return place >= 0 ? state_.column_value[static_cast<std::size_t>(place)]
                          : state_.basic_value[static_cast<std::size_t>(~place)];
    }
    [[nodiscard]] bool is_basic(std::size_t variable) const { return state_.place[variable] < 0; }

    /// The dual values of the rows that have one.
    void read_multipliers(std::vector<Multiplier>& multipliers) const { read_multipliers(multipliers, 0.0); }

    /// After `infeasible`: dual values of which the Lagrangian rises without end as the length does. From the length
    /// that this returns on, it is above the cutoff as far as floating point can tell.
    [[nodiscard]] double ray_length(double cutoff) const {
        return ((std::max)(0.0, cutoff / cost_unit_ - state_.value) * 1.01 + 1e-3) / infeasible_gap_;
    }
    void read_ray(std::vector<Multiplier>& multipliers, double length) const { read_multipliers(multipliers, length); }

    /// What the relaxation costs more, at least, where a fractional variable may not exceed `bound` (`down`) or fall
    /// below it: the first step of the dual simplex.
    [[nodiscard]] double penalty(std::size_t variable, double bound, bool down) const {
        const auto row = static_cast<std::size_t>(~state_.place[variable]);
        double ratio = std::numeric_limits<double>::infinity();
        for (std::size_t j = 0; j < n_; ++j) {
            const double step = down ? at(row, j) : -at(row, j);
            if (std::abs(step) > pivot_tolerance && may_enter(j, step)) {
                ratio = (std::min)(ratio, std::abs(state_.reduced_cost[j] / step));
            }
        }
        return ratio * std::abs(state_.basic_value[row] - bound) * cost_unit_;
    }

    /// Takes note of rows that were added to the program.
    void read_added_rows() {
        const std::size_t before = row_scale_.size();
        read_rows(*program_);
        for (std::size_t i = before; i < row_scale_.size(); ++i) {
            state_.lower.push_back(0.0);
            state_.upper.push_back(program_->row(i).is_equality ? 0.0 : std::numeric_limits<double>::infinity());
            state_.place.push_back(0);
            state_.is_taken_up.push_back(0);
        }
    }

    /// The tableau row of a basic variable, as a combination of rows of the program: `take(row, factor)` for each.
    template <class Take>
    void for_each_part(std::size_t variable, Take&& take) const {
        const auto row = static_cast<std::size_t>(~state_.place[variable]);
        for (std::size_t j = 0; j < n_; ++j) {
            const std::uint32_t slack = state_.column_variable[j];
            if (slack >= n_ && at(row, j) != 0) {
                take(slack - n_, at(row, j) * row_scale_[slack - n_]);
            }
        }
    }

    [[nodiscard]] std::size_t row_count() const { return state_.row_variable.size(); }
    [[nodiscard]] std::size_t pivots() const { return all_pivots_; }

private:
    static constexpr std::size_t none = (std::numeric_limits<std::size_t>::max)();
    static constexpr double feasibility = 1e-7;
    static constexpr double pivot_tolerance = 1e-9;
    static constexpr double least_pivot = 1e-5;
    static constexpr std::size_t pivots_between_restarts = 400;

    [[nodiscard]] double& at(std::size_t row, std::size_t column) { return state_.tableau[row * n_ + column]; }
    [[nodiscard]] double at(std::size_t row, std::size_t column) const { return state_.tableau[row * n_ + column]; }

    /// The rows as numbers of one size, so that one tolerance serves all.
    void read_rows(const IntegerProgram& program) {
        const std::size_t rows = program.row_count();
        coefficients_.resize(rows * n_);
        limit_.resize(rows);
        row_scale_.resize(rows);
        for (std::size_t i = 0; i < rows; ++i) {
            const IntegerProgram::Row& row = program.row(i);
            row_scale_[i] = row.largest > 0 ? 1.0 / static_cast<double>(row.largest) : 1.0;
            limit_[i] = static_cast<double>(row.limit) * row_scale_[i];
            const std::span<const std::int64_t> a = program.coefficients(i);
            for (std::size_t j = row.first; j < row.last; ++j) {
                coefficients_[i * n_ + j] = static_cast<double>(a[j]) * row_scale_[i];
            }
        }
    }

    /// No rows: every variable at the bound that its cost prefers.
    void restart() {
        flips_.clear();
        state_.tableau.clear();
        state_.basic_value.clear();
        state_.row_variable.clear();
        state_.is_taken_up.assign(program_->row_count(), 0);
        state_.place.assign(n_ + program_->row_count(), 0);
        state_.column_variable.resize(n_);
        state_.column_value.resize(n_);
        state_.reduced_cost.resize(n_);
        state_.value = 0.0;
        for (std::size_t j = 0; j < n_; ++j) {
            state_.column_variable[j] = static_cast<std::uint32_t>(j);
            state_.place[j] = static_cast<std::int32_t>(j);
            state_.reduced_cost[j] = static_cast<double>(program_->variable(j).cost) / cost_unit_;
            state_.column_value[j] = state_.reduced_cost[j] < 0 ? state_.upper[j] : state_.lower[j];
            state_.value += state_.reduced_cost[j] * state_.column_value[j];
        }
        state_.pivots = 0;
    }

    [[nodiscard]] double preferred_bound(std::size_t column) const {
        const std::uint32_t variable = state_.column_variable[column];
        const double cost = state_.reduced_cost[column];
        if (cost == 0) { // both serve: where it stands, if it may
            return std::clamp(state_.column_value[column], state_.lower[variable], state_.upper[variable]) ==
                           state_.upper[variable]
                       ? state_.upper[variable]
                       : state_.lower[variable];
        }
        return cost < 0 && state_.upper[variable] < std::numeric_limits<double>::infinity() ? state_.upper[variable]
                                                                                            : state_.lower[variable];
    }

    void move_to(std::size_t column, double to) {
        const double by = to - state_.column_value[column];
        if (by == 0) {
            return;
        }
        state_.column_value[column] = to;
        state_.value += state_.reduced_cost[column] * by;
        for (std::size_t i = 0; i < state_.row_variable.size(); ++i) {
            state_.basic_value[i] -= at(i, column) * by;
        }
    }

    [[nodiscard]] std::size_t most_infeasible() const {
        std::size_t worst = none;
        double by = feasibility;
        for (std::size_t i = 0; i < state_.row_variable.size(); ++i) {
            const std::uint32_t variable = state_.row_variable[i];
            const double gap = (std::max)(state_.lower[variable] - state_.basic_value[i],
                                          state_.basic_value[i] - state_.upper[variable]);
            if (gap > by) {
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
        worst_.assign(program_->family_count(), {});
        for (std::size_t i = 0; i < program_->row_count(); ++i) {
            if (state_.is_taken_up[i] != 0) {
                continue;
            }
            const IntegerProgram::Row& row = program_->row(i);
            double excess = -limit_[i];
            const double* const a = coefficients_.data() + i * n_;
            for (std::size_t j = row.first; j < row.last; ++j) {
                excess += a[j] * point_[j];
            }
            excess = row.is_equality ? std::abs(excess) : excess;
            if (excess > (std::max)(feasibility, worst_[row.family].excess)) {
                worst_[row.family] = {i, excess};
            }
        }
        bool some = false;
        for (const Violation& violation : worst_) {
            if (violation.excess > 0) {
                take_up(violation.row);
                some = true;
            }
        }
        return some;
    }

    /// Adds a row of the program, its slack basic.
    void take_up(std::size_t row) {
        const std::size_t place = state_.row_variable.size();
        state_.tableau.resize(state_.tableau.size() + n_, 0.0);
        double* const result = state_.tableau.data() + place * n_;
        std::fill(result, result + n_, 0.0);
        const double* const a = coefficients_.data() + row * n_;
        double slack = limit_[row];
        for (std::size_t k = program_->row(row).first; k < program_->row(row).last; ++k) {
            if (a[k] == 0) {
                continue;
            }
            slack -= a[k] * x(k);
            if (state_.place[k] >= 0) {
                result[state_.place[k]] += a[k];
            } else {
                const double* const basic = state_.tableau.data() + static_cast<std::size_t>(~state_.place[k]) * n_;
                for (std::size_t j = 0; j < n_; ++j) {
                    result[j] -= a[k] * basic[j];
                }
            }
        }
        state_.row_variable.push_back(static_cast<std::uint32_t>(n_ + row));
        state_.basic_value.push_back(slack);
        state_.place[n_ + row] = ~static_cast<std::int32_t>(place);
        state_.is_taken_up[row] = 1;
    }

    /// Whether moving the variable of a column off its bound moves a basic one the way `step` > 0 says.
    [[nodiscard]] bool may_enter(std::size_t column, double step) const {
        const std::uint32_t variable = state_.column_variable[column];
        if (state_.lower[variable] == state_.upper[variable]) {
            return false;
        }
        return (state_.column_value[column] == state_.lower[variable]) == (step > 0);
    }

    /// The long step: variables whose whole range does not mend the row are turned to their other bound on the way.
    [[nodiscard]] std::size_t choose_column(std::size_t row, bool is_below) {
        const std::uint32_t leaving = state_.row_variable[row];
        double gap = is_below ? state_.lower[leaving] - state_.basic_value[row]
                              : state_.basic_value[row] - state_.upper[leaving];
        candidates_.clear();
        for (std::size_t j = 0; j < n_; ++j) {
            const double step = is_below ? -at(row, j) : at(row, j);
            if (std::abs(step) > pivot_tolerance && may_enter(j, step)) {
                candidates_.push_back({j, std::abs(state_.reduced_cost[j] / step), std::abs(step)});
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
            const std::uint32_t variable = state_.column_variable[next->column];
            const double range = state_.upper[variable] - state_.lower[variable];
            if (gap - next->step * range <= feasibility) {
                return next->column;
            }
            gap -= next->step * range;
            flips_.push_back(next->column);
            *next = candidates_.back();
            candidates_.pop_back();
        }
        flips_.clear();
        infeasible_gap_ = gap;
        return none;
    }

    void pivot(std::size_t row, std::size_t column, bool is_below) {
        for (const std::size_t flipped : flips_) {
            const std::uint32_t variable = state_.column_variable[flipped];
            move_to(flipped, state_.column_value[flipped] == state_.lower[variable] ? state_.upper[variable]
                                                                                    : state_.lower[variable]);
        }
        flips_.clear();
        const std::uint32_t leaving = state_.row_variable[row];
        const std::uint32_t entering = state_.column_variable[column];
        const double to = is_below ? state_.lower[leaving] : state_.upper[leaving];
        const double by = (state_.basic_value[row] - to) / at(row, column);
        const double entered = state_.column_value[column] + by;
        move_to(column, entered);

        double* const pivot_row = state_.tableau.data() + row * n_;
        const double inverse = 1.0 / pivot_row[column];
        pivot_row[column] = 1.0;
        for (std::size_t j = 0; j < n_; ++j) {
            pivot_row[j] *= inverse;
        }
        for (std::size_t i = 0; i < state_.row_variable.size(); ++i) {
            if (i != row) {
                eliminate(state_.tableau.data() + i * n_, pivot_row, column);
            }
        }
        eliminate(state_.reduced_cost.data(), pivot_row, column);

        state_.row_variable[row] = entering;
        state_.basic_value[row] = entered;
        state_.place[entering] = ~static_cast<std::int32_t>(row);
        state_.column_variable[column] = leaving;
        state_.column_value[column] = to;
        state_.place[leaving] = static_cast<std::int32_t>(column);
        ++state_.pivots;
        ++all_pivots_;
    }

    void eliminate(double* row, const double* pivot_row, std::size_t column) const {
        const double factor = row[column];
        if (factor == 0) {
            return;
        }
        row[column] = 0.0;
        for (std::size_t j = 0; j < n_; ++j) {
            row[j] -= factor * pivot_row[j];
        }
    }

    void read_multipliers(std::vector<Multiplier>& multipliers, double ray) const {
        multipliers.clear();
        const double* const infeasible = ray != 0 ? state_.tableau.data() + infeasible_row_ * n_ : nullptr;
        double side = 0.0;
        if (infeasible != nullptr) {
            const std::uint32_t variable = state_.row_variable[infeasible_row_];
            side = state_.basic_value[infeasible_row_] < state_.lower[variable] ? ray : -ray;
            if (variable >= n_) { // its own row is part of the ray
                add_multiplier(multipliers, variable - n_, side);
            }
        }
        for (std::size_t j = 0; j < n_; ++j) {
            if (state_.column_variable[j] >= n_) {
                const double along = infeasible != nullptr ? side * infeasible[j] : 0.0;
                add_multiplier(multipliers, state_.column_variable[j] - n_, state_.reduced_cost[j] + along);
            }
        }
    }

    void add_multiplier(std::vector<Multiplier>& multipliers, std::size_t row, double dual) const {
        const std::int64_t value =
            multiplier_value(dual * cost_unit_ * row_scale_[row], program_->row(row).is_equality);
        if (value != 0) {
            multipliers.push_back({static_cast<std::uint32_t>(row), value});
        }
    }

    struct Candidate {
        std::size_t column = 0;
        double ratio = 0.0;
        double step = 0.0;
    };
    struct Violation {
        std::size_t row = 0;
        double excess = 0.0;
    };
    static constexpr double ratio_tie = 1e-12;

    const IntegerProgram* program_ = nullptr;
    std::size_t n_ = 0;
    double cost_unit_ = 1.0;
    std::size_t all_pivots_ = 0;
    std::size_t infeasible_row_ = 0;
    double infeasible_gap_ = 0.0;
    std::vector<double> coefficients_{}, limit_{}, row_scale_{};
    State state_{};
    std::vector<Candidate> candidates_{};
    std::vector<std::size_t> flips_{};
    std::vector<double> point_{};
    std::vector<Violation> worst_{};
};

} // namespace margincore
