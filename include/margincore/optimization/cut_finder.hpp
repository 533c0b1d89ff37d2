// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <margincore/optimization/dual_simplex.hpp>
#include <margincore/optimization/integer_program.hpp>
#include <margincore/optimization/rounding_cut.hpp>

namespace margincore {

/// Adds rows to a program that its relaxation violates and none of its points does.
class CutFinder {
public:
    /// Cuts off the point of the relaxation where rounding can.
    /// @param derivations  Takes how each row follows from those before, where it is wanted.
    bool add(IntegerProgram& program, DualSimplex& simplex, std::vector<CutDerivation>* derivations) {
        const std::size_t n = program.variable_count();
        std::size_t added = 0;
        for (std::size_t j = 0; j < n && added < most_cuts; ++j) {
            if (!simplex.is_basic(j)) {
                continue;
            }
            const double x = simplex.x(j);
            const double fraction = x - std::floor(x);
            if (fraction < least_fraction || fraction > 1 - least_fraction) {
                continue;
            }
            if (!derive(program, simplex, j)) {
                continue;
            }
            const Cut* const cut = rounding_cut(program, derivation_, memory_);
            if (cut == nullptr) {
                continue;
            }
            double excess = -static_cast<double>(cut->limit);
            double norm = 0.0;
            for (std::size_t k = 0; k < n; ++k) {
                excess += static_cast<double>(cut->coefficients[k]) * simplex.x(k);
                norm = (std::max)(norm, std::abs(static_cast<double>(cut->coefficients[k])));
            }
            if (norm > largest_coefficient || excess < least_excess * norm) {
                continue;
            }
            program.add_row(cut->limit, false, program.new_family());
            for (std::size_t k = 0; k < n; ++k) {
                program.set(k, cut->coefficients[k]);
            }
            if (derivations != nullptr) {
                derivations->push_back(derivation_);
            }
            ++added;
        }
        if (added > 0) {
            simplex.read_added_rows();
        }
        return added > 0;
    }

private:
    static constexpr std::size_t most_cuts = 10;
    static constexpr double least_fraction = 1e-3;
    static constexpr double least_excess = 1e-5; ///< Of the greatest coefficient.
    static constexpr std::int64_t largest_divisor = 1000;
    static constexpr double largest_coefficient = 1e5;
    static constexpr double least_factor = 1e-9;
    static constexpr double whole = 1e-6; ///< So close to an integer is one.

    /// The tableau row of a variable in integers, if a divisor makes it so.
    [[nodiscard]] bool derive(const IntegerProgram& program, const DualSimplex& simplex, std::size_t variable) {
        factors_.clear();
        derivation_.parts.clear();
        derivation_.from_upper.clear();
        simplex.for_each_part(variable, [&](std::size_t row, double factor) {
            if (std::abs(factor) > least_factor) {
                derivation_.parts.push_back({static_cast<std::uint32_t>(row), 0});
                factors_.push_back(factor);
            }
        });
        for (std::int64_t divisor = 2; divisor <= largest_divisor; ++divisor) {
            bool fits = true;
            for (std::size_t k = 0; k < factors_.size() && fits; ++k) {
                const double scaled = factors_[k] * static_cast<double>(divisor);
                derivation_.parts[k].multiplier = std::llround(scaled);
                fits = std::abs(scaled - std::round(scaled)) < whole;
            }
            if (fits) {
                derivation_.divisor = divisor;
                for (std::size_t j = 0; j < program.variable_count(); ++j) {
                    const IntegerProgram::Variable& bounds = program.variable(j);
                    if (2 * simplex.x(j) > static_cast<double>(bounds.lower + bounds.upper)) {
                        derivation_.from_upper.push_back(static_cast<std::uint32_t>(j));
                    }
                }
                return true;
            }
        }
        return false;
    }

    CutDerivation derivation_{};
    RoundingMemory memory_{};
    std::vector<double> factors_{};
};

} // namespace margincore
