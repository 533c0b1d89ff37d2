// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace margincore {

/// A dense simplex tableau of bounded variables: every variable stands at a bound, or is basic and follows from a row.
///
/// Rows are added one by one, the variable of each, its slack, after those of the program. A copy is a place to come
/// back to.
class SimplexTableau {
public:
    static constexpr double no_bound = std::numeric_limits<double>::infinity();
    static constexpr double pivot_tolerance = 1e-9; ///< A smaller coefficient is none.

    /// No rows: every variable of the program at the bound that its cost prefers.
    /// @param slacks  Upper bounds of the slacks of all rows that may be added: 0 or `no_bound`.
    void reset(std::span<const double> lower, std::span<const double> upper, std::span<const double> costs,
               std::span<const double> slacks) {
        n_ = costs.size();
        lower_.assign(lower.begin(), lower.end());
        upper_.assign(upper.begin(), upper.end());
        lower_.resize(n_ + slacks.size(), 0.0);
        upper_.insert(upper_.end(), slacks.begin(), slacks.end());
        place_.assign(n_ + slacks.size(), 0);
        coefficients_.clear();
        basic_value_.clear();
        row_variable_.clear();
        column_variable_.resize(n_);
        column_value_.resize(n_);
        reduced_cost_.assign(costs.begin(), costs.end());
        value_ = 0.0;
        for (std::size_t j = 0; j < n_; ++j) {
            column_variable_[j] = static_cast<std::uint32_t>(j);
            place_[j] = static_cast<std::int32_t>(j);
            column_value_[j] = costs[j] < 0 ? upper_[j] : lower_[j];
            value_ += costs[j] * column_value_[j];
        }
        pivots_ = 0;
    }

    /// Makes room for the slack of one more row.
    void add_slack(double upper) {
        lower_.push_back(0.0);
        upper_.push_back(upper);
        place_.push_back(0);
    }

    [[nodiscard]] std::size_t column_count() const { return n_; }
    [[nodiscard]] std::size_t row_count() const { return row_variable_.size(); }
    [[nodiscard]] std::size_t pivots() const { return pivots_; }
    [[nodiscard]] double value() const { return value_; } ///< Cost of where it stands.
    [[nodiscard]] double at(std::size_t row, std::size_t column) const { return coefficients_[row * n_ + column]; }
    [[nodiscard]] std::uint32_t row_variable(std::size_t row) const { return row_variable_[row]; }
    [[nodiscard]] std::uint32_t column_variable(std::size_t column) const { return column_variable_[column]; }
    [[nodiscard]] double basic_value(std::size_t row) const { return basic_value_[row]; }
    [[nodiscard]] double column_value(std::size_t column) const { return column_value_[column]; }
    [[nodiscard]] double reduced_cost(std::size_t column) const { return reduced_cost_[column]; }
    [[nodiscard]] double lower(std::uint32_t variable) const { return lower_[variable]; }
    [[nodiscard]] double upper(std::uint32_t variable) const { return upper_[variable]; }
    [[nodiscard]] double range(std::size_t column) const {
        return upper_[column_variable_[column]] - lower_[column_variable_[column]];
    }
    [[nodiscard]] bool is_basic(std::size_t variable) const { return place_[variable] < 0; }
    [[nodiscard]] std::size_t column_of(std::size_t at_bound) const {
        return static_cast<std::size_t>(place_[at_bound]);
    }
    [[nodiscard]] std::size_t row_of(std::size_t basic) const { return static_cast<std::size_t>(~place_[basic]); }
    [[nodiscard]] double x(std::size_t variable) const {
        return is_basic(variable) ? basic_value_[row_of(variable)]
                                  : column_value_[static_cast<std::size_t>(place_[variable])];
    }

    /// How far the basic variable of a row is beyond its bounds; negative inside.
    [[nodiscard]] double infeasibility(std::size_t row) const {
        const std::uint32_t variable = row_variable_[row];
        return (std::max)(lower_[variable] - basic_value_[row], basic_value_[row] - upper_[variable]);
    }

    /// Whether moving the variable of a column off its bound moves a basic one the way `step` > 0 says.
    [[nodiscard]] bool may_enter(std::size_t column, double step) const {
        const std::uint32_t variable = column_variable_[column];
        return lower_[variable] != upper_[variable] && (column_value_[column] == lower_[variable]) == (step > 0);
    }

    /// What a basic variable's move to a bound costs at least: the first step of the dual simplex.
    [[nodiscard]] double first_step(std::size_t basic, double bound, bool down) const {
        const std::size_t row = row_of(basic);
        double ratio = std::numeric_limits<double>::infinity();
        for (std::size_t j = 0; j < n_; ++j) {
            const double step = down ? at(row, j) : -at(row, j);
            if (std::abs(step) > pivot_tolerance && may_enter(j, step)) {
                ratio = (std::min)(ratio, std::abs(reduced_cost_[j] / step));
            }
        }
        return ratio * std::abs(basic_value_[row] - bound);
    }

    void set_bounds(std::size_t variable, double lower, double upper) {
        if (lower_[variable] == lower && upper_[variable] == upper) {
            return;
        }
        lower_[variable] = lower;
        upper_[variable] = upper;
        if (!is_basic(variable)) {
            const auto column = static_cast<std::size_t>(place_[variable]);
            move_to(column, preferred_bound(column));
        }
    }

    /// Turns the variable of a column to its other bound.
    void flip(std::size_t column) {
        const std::uint32_t variable = column_variable_[column];
        move_to(column, column_value_[column] == lower_[variable] ? upper_[variable] : lower_[variable]);
    }

    /// Puts each variable at a bound where its cost wants it, the given one where both serve, as if nothing had been
    /// pivoted.
    ///
    /// @param stands  Where the variables of the program stand. Shape (n_columns).
    /// @return Whether the costs want each where it can be.
    bool settle(std::span<const double> stands) {
        constexpr double tolerance = 1e-9;
        for (std::size_t column = 0; column < n_; ++column) {
            const std::uint32_t variable = column_variable_[column];
            const double cost = reduced_cost_[column];
            if (cost < -tolerance && upper_[variable] == no_bound) {
                return false;
            }
            if (std::abs(cost) <= tolerance) {
                reduced_cost_[column] = 0.0;
                const bool at_upper = variable < n_ && stands[variable] == upper_[variable];
                move_to(column, at_upper ? upper_[variable] : lower_[variable]);
            } else {
                move_to(column, cost < 0 ? upper_[variable] : lower_[variable]);
            }
        }
        pivots_ = 0;
        return true;
    }

    /// Adds a row whose slack is basic: `coefficients` x + slack = `limit`.
    /// @param slack  Number of the slack's variable.
    void add_row(std::uint32_t slack, std::span<const double> coefficients, std::size_t first, double limit) {
        const std::size_t row = row_variable_.size();
        coefficients_.resize(coefficients_.size() + n_, 0.0);
        double* const result = coefficients_.data() + row * n_;
        std::fill(result, result + n_, 0.0);
        double value = limit;
        for (std::size_t k = 0; k < coefficients.size(); ++k) {
            const double a = coefficients[k];
            if (a == 0) {
                continue;
            }
            value -= a * x(first + k);
            if (!is_basic(first + k)) {
                result[place_[first + k]] += a;
                continue;
            }
            const double* const basic = coefficients_.data() + row_of(first + k) * n_;
            for (std::size_t j = 0; j < n_; ++j) {
                result[j] -= a * basic[j];
            }
        }
        row_variable_.push_back(slack);
        basic_value_.push_back(value);
        place_[slack] = ~static_cast<std::int32_t>(row);
    }

    /// Exchanges the variable of a column and that of a row, which goes to one of its bounds.
    void pivot(std::size_t row, std::size_t column, bool to_lower) {
        const std::uint32_t leaving = row_variable_[row];
        const std::uint32_t entering = column_variable_[column];
        const double bound = to_lower ? lower_[leaving] : upper_[leaving];
        const double entered = column_value_[column] + (basic_value_[row] - bound) / at(row, column);
        move_to(column, entered);
        double* const pivot_row = coefficients_.data() + row * n_;
        const double inverse = 1.0 / pivot_row[column];
        pivot_row[column] = 1.0;
        for (std::size_t j = 0; j < n_; ++j) {
            pivot_row[j] *= inverse;
        }
        for (std::size_t i = 0; i < row_variable_.size(); ++i) {
            if (i != row) {
                eliminate(coefficients_.data() + i * n_, pivot_row, column);
            }
        }
        eliminate(reduced_cost_.data(), pivot_row, column);
        row_variable_[row] = entering;
        basic_value_[row] = entered;
        place_[entering] = ~static_cast<std::int32_t>(row);
        column_variable_[column] = leaving;
        column_value_[column] = bound;
        place_[leaving] = static_cast<std::int32_t>(column);
        ++pivots_;
    }

private:
    [[nodiscard]] double preferred_bound(std::size_t column) const {
        const std::uint32_t variable = column_variable_[column];
        const double cost = reduced_cost_[column];
        if (cost == 0) { // both serve: where it stands, if it may
            return std::clamp(column_value_[column], lower_[variable], upper_[variable]) == upper_[variable]
                       ? upper_[variable]
                       : lower_[variable];
        }
        return cost < 0 && upper_[variable] < no_bound ? upper_[variable] : lower_[variable];
    }

    void move_to(std::size_t column, double to) {
        const double by = to - column_value_[column];
        if (by == 0) {
            return;
        }
        column_value_[column] = to;
        value_ += reduced_cost_[column] * by;
        for (std::size_t i = 0; i < row_variable_.size(); ++i) {
            basic_value_[i] -= at(i, column) * by;
        }
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

    std::size_t n_ = 0;
    std::vector<double> coefficients_{}; ///< Shape (n_rows, n_columns).
    std::vector<double> basic_value_{}, column_value_{}, reduced_cost_{};
    std::vector<std::uint32_t> row_variable_{}, column_variable_{};
    std::vector<std::int32_t> place_{}; ///< Column of a variable at a bound, ~row of a basic one.
    std::vector<double> lower_{}, upper_{};
    double value_ = 0.0;
    std::size_t pivots_ = 0;
};

} // namespace margincore
