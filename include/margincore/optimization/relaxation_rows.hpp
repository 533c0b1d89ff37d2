// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <margincore/optimization/integer_program.hpp>

namespace margincore {

/// The rows of an integer program as a relaxation computes with them: numbers of one size, so that one tolerance serves
/// all, and taken up as they are violated.
class RelaxationRows {
public:
    /// Reads every row of a program, those that were added since the last time included.
    void read(const IntegerProgram& program) {
        program_ = &program;
        const std::size_t n = program.variable_count();
        const std::size_t rows = program.row_count();
        coefficients_.resize(rows * n);
        limit_.resize(rows);
        scale_.resize(rows);
        for (std::size_t i = 0; i < rows; ++i) {
            const IntegerProgram::Row& row = program.row(i);
            scale_[i] = row.largest > 0 ? 1.0 / static_cast<double>(row.largest) : 1.0;
            limit_[i] = static_cast<double>(row.limit) * scale_[i];
            const std::span<const std::int64_t> a = program.coefficients(i);
            for (std::size_t j = row.first; j < row.last; ++j) {
                coefficients_[i * n + j] = static_cast<double>(a[j]) * scale_[i];
            }
        }
    }

    [[nodiscard]] std::size_t size() const { return scale_.size(); }
    [[nodiscard]] double limit(std::size_t row) const { return limit_[row]; }
    [[nodiscard]] double scale(std::size_t row) const { return scale_[row]; } ///< Of a row, to its size here.

    /// From the first variable that the row of the program has, to its last.
    [[nodiscard]] std::span<const double> coefficients(std::size_t row) const {
        const IntegerProgram::Row& of = program_->row(row);
        return std::span(coefficients_).subspan(row * program_->variable_count() + of.first, of.last - of.first);
    }

    /// The most violated row of each family, of those that are not taken up yet.
    /// @param tolerance  A violation below it is none.
    [[nodiscard]] std::span<const std::size_t>
    most_violated(std::span<const double> point, std::span<const std::uint8_t> is_taken_up, double tolerance) {
        worst_.assign(program_->family_count(), {});
        for (std::size_t i = 0; i < size(); ++i) {
            if (is_taken_up[i] != 0) {
                continue;
            }
            const IntegerProgram::Row& row = program_->row(i);
            const std::span<const double> a = coefficients(i);
            double excess = -limit_[i];
            for (std::size_t k = 0; k < a.size(); ++k) {
                excess += a[k] * point[row.first + k];
            }
            excess = row.is_equality ? std::abs(excess) : excess;
            if (excess > (std::max)(tolerance, worst_[row.family].excess)) {
                worst_[row.family] = {i, excess};
            }
        }
        found_.clear();
        for (const Violation& violation : worst_) {
            if (violation.excess > 0) {
                found_.push_back(violation.row);
            }
        }
        return found_;
    }

private:
    struct Violation {
        std::size_t row = 0;
        double excess = 0.0;
    };

    const IntegerProgram* program_ = nullptr;
    std::vector<double> coefficients_{}; ///< Shape (n_rows, n_variables).
    std::vector<double> limit_{}, scale_{};
    std::vector<Violation> worst_{};
    std::vector<std::size_t> found_{};
};

} // namespace margincore
