// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <margincore/optimization/integer_program.hpp>

namespace margincore {

/// How a cut follows from rows before it: an integer combination of them, rounded by a divisor.
struct CutDerivation {
    struct Part {
        std::uint32_t row = 0;
        std::int64_t multiplier = 0;

        friend bool operator==(const Part&, const Part&) = default;
    };

    std::vector<Part> parts{};
    std::int64_t divisor = 1;
    std::vector<std::uint32_t> from_upper{}; ///< Variables that are counted down from their upper bound, ascending.

    friend bool operator==(const CutDerivation&, const CutDerivation&) = default;
};

/// A row that every point of a program keeps.
struct Cut {
    std::vector<std::int64_t> coefficients{}; ///< Shape (n_variables).
    std::int64_t limit = 0;
};

/// Memory to round in, and the cut that was found there last.
struct RoundingMemory {
    Cut cut{};
    std::vector<WideInteger> combination{};
    std::vector<std::uint8_t> counts_down{};
};

/// The mixed-integer rounding cut of a derivation.
///
/// With the slacks, the combination is an equality of integers: sum g_j x_j = b, every x_j counted from a bound, so
/// >= 0. For b = q D + r and g_j = q_j D + r_j, 0 <= r, r_j < D,
/// sum (q_j (D - r) + max(0, r_j - r)) x_j <= q (D - r). All of it in integers, so the cut is exact.
///
/// @return The memory's cut; null where a number grows beyond what a program holds, or where nothing is rounded.
/// @source Nemhauser and Wolsey, Integer and Combinatorial Optimization, II.1.6: mixed-integer rounding.
[[nodiscard]] inline const Cut* rounding_cut(const IntegerProgram& program, const CutDerivation& derivation,
                                             RoundingMemory& memory) {
    const std::size_t n = program.variable_count();
    const WideInteger divisor = derivation.divisor;
    std::vector<WideInteger>& g = memory.combination;
    g.assign(n, 0);
    WideInteger b = 0;
    for (const CutDerivation::Part& part : derivation.parts) {
        const std::span<const std::int64_t> a = program.coefficients(part.row);
        for (std::size_t j = program.row(part.row).first; j < program.row(part.row).last; ++j) {
            g[j] += static_cast<WideInteger>(a[j]) * part.multiplier;
        }
        b += static_cast<WideInteger>(program.row(part.row).limit) * part.multiplier;
    }
    const auto floor_of = [&](WideInteger number) {
        return number >= 0 ? number / divisor : -((-number + divisor - 1) / divisor);
    };
    std::vector<std::uint8_t>& counts_down = memory.counts_down;
    counts_down.assign(n, 0);
    for (const std::uint32_t j : derivation.from_upper) {
        counts_down[j] = 1;
    }
    for (std::size_t j = 0; j < n; ++j) {
        b -= g[j] * (counts_down[j] != 0 ? program.variable(j).upper : program.variable(j).lower);
    }
    const WideInteger quotient = floor_of(b);
    const WideInteger rest = b - quotient * divisor;
    if (rest == 0) {
        return nullptr;
    }
    const auto rounded = [&](WideInteger number) {
        const WideInteger floor = floor_of(number);
        const WideInteger over = number - floor * divisor - rest;
        return floor * (divisor - rest) + (over > 0 ? over : 0);
    };
    // back to the variables themselves, the slacks by their rows
    WideInteger limit = quotient * (divisor - rest);
    for (std::size_t j = 0; j < n; ++j) {
        if (counts_down[j] != 0) {
            const WideInteger coefficient = rounded(-g[j]);
            limit -= coefficient * program.variable(j).upper;
            g[j] = -coefficient;
        } else {
            g[j] = rounded(g[j]);
            limit += g[j] * program.variable(j).lower;
        }
    }
    for (const CutDerivation::Part& part : derivation.parts) {
        if (program.row(part.row).is_equality) {
            continue;
        }
        const WideInteger coefficient = rounded(part.multiplier);
        const std::span<const std::int64_t> a = program.coefficients(part.row);
        for (std::size_t j = program.row(part.row).first; j < program.row(part.row).last; ++j) {
            g[j] -= coefficient * a[j];
        }
        limit -= coefficient * program.row(part.row).limit;
    }
    WideInteger divides = 0;
    for (const WideInteger coefficient : g) {
        WideInteger a = coefficient < 0 ? -coefficient : coefficient;
        while (a != 0) {
            const WideInteger remainder = divides % a;
            divides = a;
            a = remainder;
        }
    }
    if (divides == 0) {
        return nullptr;
    }
    Cut& cut = memory.cut;
    cut.coefficients.resize(n);
    constexpr WideInteger largest = std::int64_t{1} << 40;
    for (std::size_t j = 0; j < n; ++j) {
        g[j] /= divides;
        if (g[j] > largest || g[j] < -largest) {
            return nullptr;
        }
        cut.coefficients[j] = static_cast<std::int64_t>(g[j]);
    }
    limit = limit >= 0 ? limit / divides : -((-limit + divides - 1) / divides); // integers again: down
    if (limit > largest * largest || limit < -largest * largest) {
        return nullptr;
    }
    cut.limit = static_cast<std::int64_t>(limit);
    return &cut;
}

} // namespace margincore
