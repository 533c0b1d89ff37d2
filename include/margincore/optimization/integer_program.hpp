// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <optional>
#include <span>
#include <vector>

/// Small programs in integers, to be solved exactly: a linear cost, a box, and rows of a dense matrix.
namespace margincore {

/// Long enough for a sum of products of what a program holds.
__extension__ typedef __int128 WideInteger;

/// Least `cost * x` over integers `x` with `lower <= x <= upper` and `coefficients(row) * x <= limit` in every row, or
/// `==` where the row says so.
///
/// Every bound is finite, so that a minimum exists and every dual value gives a bound. Variables first, then rows.
class IntegerProgram {
public:
    struct Variable {
        std::int64_t cost = 0;
        std::int64_t lower = 0;
        std::int64_t upper = 0;
        bool branches = true; ///< False where a program whose other variables are integers has an integer optimum.

        friend bool operator==(const Variable&, const Variable&) = default;
    };

    struct Row {
        std::int64_t limit = 0;
        bool is_equality = false;
        std::uint32_t family = 0; ///< Of rows of one family, a relaxation takes up the most violated first.
        std::uint32_t first = 0;  ///< Coefficients before are 0,
        std::uint32_t last = 0;   ///< and those from here on.
        std::int64_t largest = 0; ///< Absolute value of a coefficient.
    };

    /// Empties the program; its memory is kept.
    void clear() {
        variables_.clear();
        rows_.clear();
        coefficients_.clear();
        families_ = 0;
    }

    std::size_t add(const Variable& variable) {
        assert(rows_.empty() && variable.lower <= variable.upper);
        variables_.push_back(variable);
        return variables_.size() - 1;
    }

    [[nodiscard]] std::uint32_t new_family() { return families_++; }

    std::size_t add_row(std::int64_t limit, bool is_equality, std::uint32_t family) {
        rows_.push_back({.limit = limit, .is_equality = is_equality, .family = family, .first = 0, .last = 0});
        coefficients_.resize(coefficients_.size() + variables_.size(), 0);
        return rows_.size() - 1;
    }

    /// Sets a coefficient of the row that was added last.
    void set(std::size_t variable, std::int64_t coefficient) {
        if (coefficient == 0) {
            return;
        }
        Row& row = rows_.back();
        const auto column = static_cast<std::uint32_t>(variable);
        row.first = row.first == row.last ? column : (std::min)(row.first, column);
        row.last = (std::max)(row.last, column + 1);
        const std::int64_t size = coefficient < 0 ? -coefficient : coefficient;
        row.largest = (std::max)(row.largest, size);
        coefficients_[(rows_.size() - 1) * variables_.size() + variable] = coefficient;
    }

    /// Adds an amount of one sign, time after time, to a coefficient of the row that was added last.
    void add_to(std::size_t variable, std::int64_t amount) {
        set(variable, coefficients_[(rows_.size() - 1) * variables_.size() + variable] + amount);
    }

    [[nodiscard]] std::size_t variable_count() const { return variables_.size(); }
    [[nodiscard]] std::size_t row_count() const { return rows_.size(); }
    [[nodiscard]] std::uint32_t family_count() const { return families_; }
    [[nodiscard]] const Variable& variable(std::size_t index) const { return variables_[index]; }
    [[nodiscard]] const Row& row(std::size_t index) const { return rows_[index]; }
    [[nodiscard]] std::span<const std::int64_t> coefficients(std::size_t row) const {
        return std::span(coefficients_).subspan(row * variables_.size(), variables_.size());
    }

    /// The cost of a point; cut off at +-2^62, which no point that the program allows may come to.
    [[nodiscard]] std::int64_t cost(std::span<const std::int64_t> x) const {
        constexpr WideInteger largest = std::int64_t{1} << 62;
        WideInteger sum = 0;
        for (std::size_t j = 0; j < variables_.size(); ++j) {
            sum += static_cast<WideInteger>(variables_[j].cost) * x[j];
        }
        return static_cast<std::int64_t>(std::clamp(sum, -largest, largest));
    }

    /// Whether `x` keeps its bounds and every row.
    [[nodiscard]] bool allows(std::span<const std::int64_t> x) const {
        for (std::size_t j = 0; j < variables_.size(); ++j) {
            if (x[j] < variables_[j].lower || x[j] > variables_[j].upper) {
                return false;
            }
        }
        return !broken_row(x);
    }

    /// A row that a point does not keep.
    struct BrokenRow {
        std::size_t row = 0;
        bool is_above = true; ///< Its limit; else it is an equality, and the point below.
    };

    /// The first row that `x` does not keep.
    [[nodiscard]] std::optional<BrokenRow> broken_row(std::span<const std::int64_t> x) const {
        for (std::size_t i = 0; i < rows_.size(); ++i) {
            const std::span<const std::int64_t> a = coefficients(i);
            WideInteger sum = 0;
            for (std::size_t j = rows_[i].first; j < rows_[i].last; ++j) {
                sum += static_cast<WideInteger>(a[j]) * x[j];
            }
            if (rows_[i].is_equality ? sum != rows_[i].limit : sum > rows_[i].limit) {
                return BrokenRow{i, sum > rows_[i].limit};
            }
        }
        return std::nullopt;
    }

    /// The greatest number of which every cost is a multiple, so every value too; 1 where nothing costs anything.
    [[nodiscard]] std::int64_t cost_step() const {
        std::int64_t step = 0;
        for (const Variable& variable : variables_) {
            step = std::gcd(step, variable.cost);
        }
        return step == 0 ? 1 : step;
    }

private:
    std::vector<Variable> variables_{};
    std::vector<Row> rows_{};
    std::vector<std::int64_t> coefficients_{}; ///< Shape (n_rows, n_variables), row by row.
    std::uint32_t families_ = 0;
};

} // namespace margincore
