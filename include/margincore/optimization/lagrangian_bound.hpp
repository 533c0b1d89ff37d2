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

/// The dual value of one row, in fixed point of `multiplier_bits` after the point. Not negative, equalities apart.
struct Multiplier {
    std::uint32_t row = 0;
    std::int64_t value = 0;

    friend bool operator==(const Multiplier&, const Multiplier&) = default;
};

inline constexpr int multiplier_bits = 16;

/// The values that variables may take: part of the box of a program. Shape of each (n_variables).
struct Box {
    std::vector<std::int64_t> lower{};
    std::vector<std::int64_t> upper{};

    friend bool operator==(const Box&, const Box&) = default;
};

/// The multiplier next to a dual value; the nearest that there is where a row cannot have it.
[[nodiscard]] inline std::int64_t multiplier_value(double dual, bool is_equality) {
    constexpr double largest = 4e18;
    const double scaled = std::clamp(std::ldexp(dual, multiplier_bits), -largest, largest);
    const auto value = static_cast<std::int64_t>(std::llround(scaled));
    return is_equality ? value : (std::max)(value, std::int64_t{0});
}

/// A number that no point of a box has a lower cost than: the least of the Lagrangian, which holds for any multipliers.
///
/// Computed in integers, so it proves what it says however the multipliers came about.
/// @param step     A number of which every cost is a multiple: the bound is rounded up to one.
/// @param reduced  Memory for the reduced costs.
/// @return The bound, in the unit of the costs; cut off at +-2^62.
[[nodiscard]] inline std::int64_t lagrangian_bound(const IntegerProgram& program,
                                                   std::span<const Multiplier> multipliers, const Box& box,
                                                   std::int64_t step, std::vector<WideInteger>& reduced) {
    const std::size_t n = program.variable_count();
    reduced.resize(n);
    for (std::size_t j = 0; j < n; ++j) {
        reduced[j] = static_cast<WideInteger>(program.variable(j).cost) * (std::int64_t{1} << multiplier_bits);
    }
    WideInteger bound = 0;
    for (const Multiplier& multiplier : multipliers) {
        const IntegerProgram::Row& row = program.row(multiplier.row);
        const std::span<const std::int64_t> a = program.coefficients(multiplier.row);
        for (std::size_t j = row.first; j < row.last; ++j) {
            reduced[j] += static_cast<WideInteger>(a[j]) * multiplier.value;
        }
        bound -= static_cast<WideInteger>(row.limit) * multiplier.value;
    }
    for (std::size_t j = 0; j < n; ++j) {
        bound += reduced[j] * (reduced[j] > 0 ? box.lower[j] : box.upper[j]);
    }
    // up to the next multiple of the step: division rounds toward zero, which is up where the bound is not positive
    const WideInteger unit = static_cast<WideInteger>(step) * (std::int64_t{1} << multiplier_bits);
    const WideInteger steps = bound > 0 ? (bound + unit - 1) / unit : bound / unit;
    constexpr WideInteger limit = std::int64_t{1} << 62;
    return static_cast<std::int64_t>(std::clamp<WideInteger>(steps * step, -limit, limit));
}

} // namespace margincore
