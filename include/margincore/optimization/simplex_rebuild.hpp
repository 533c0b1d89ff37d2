// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include <margincore/optimization/simplex_tableau.hpp>

namespace margincore {

/// Where a tableau stands, to be brought back in a new one: many pivots cost accuracy, and rows that do not bind time.
class SimplexRebuild {
public:
    /// Notes the basis and the bounds that a tableau stands at.
    void read(const SimplexTableau& tableau) {
        const std::size_t n = tableau.column_count();
        basics_.clear();
        binding_.clear();
        stands_.resize(n);
        for (std::size_t j = 0; j < n; ++j) {
            stands_[j] = tableau.x(j);
            if (tableau.is_basic(j)) {
                basics_.push_back(j);
            }
            if (tableau.column_variable(j) >= n) {
                binding_.push_back(tableau.column_variable(j) - n);
            }
        }
    }

    /// The rows whose slack is at its bound, to be added to a tableau that was reset.
    [[nodiscard]] std::span<const std::size_t> binding() const { return binding_; }

    /// Makes basic again what was.
    /// @return False where the numbers do not allow it; the tableau is of no use then.
    [[nodiscard]] bool bring_back(SimplexTableau& tableau) const {
        constexpr std::size_t none = (std::numeric_limits<std::size_t>::max)();
        constexpr double least_pivot = 1e-5;
        for (const std::size_t variable : basics_) {
            const std::size_t column = tableau.column_of(variable);
            std::size_t best = none;
            double size = least_pivot;
            for (std::size_t row = 0; row < tableau.row_count(); ++row) {
                const bool is_slack = tableau.row_variable(row) >= tableau.column_count();
                if (is_slack && std::abs(tableau.at(row, column)) > size) {
                    best = row;
                    size = std::abs(tableau.at(row, column));
                }
            }
            if (best == none) {
                return false;
            }
            tableau.pivot(best, column, true);
        }
        return tableau.settle(stands_);
    }

private:
    std::vector<std::size_t> basics_{}; ///< Variables of the program.
    std::vector<std::size_t> binding_{};
    std::vector<double> stands_{}; ///< Shape (n_columns).
};

} // namespace margincore
