// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>

#include <margincore/core/units.hpp>

namespace margincore {

/// How far an underlying is taken to move, fractions: `low` < 0 < `high`.
struct PriceRange {
    Fraction low = 0.0;
    Fraction high = 0.0;

    friend bool operator==(const PriceRange&, const PriceRange&) = default;
};

/// Ranges of customers' portfolio margin.
///
/// @source FINRA 4210(g)(2)(F). Those of capital charges, 15c3-1a(b)(1)(iii), are others and share no constant.
inline constexpr PriceRange high_capitalization_range = {-0.08, 0.06}; ///< Broad-based index, high capitalization.
inline constexpr PriceRange broad_based_range = {-0.10, 0.10};         ///< Other broad-based indices.
inline constexpr PriceRange equity_range = {-0.15, 0.15};              ///< Any other equity or narrow-based index.

/// Valuation points of one range; the same index is used across all groups.
inline constexpr std::size_t valuation_points = 10;

/// A number for each valuation point: a move, or a gain.
template <class T>
using Points = std::array<T, valuation_points>;

/// Zero at every point: scalars of automatic differentiation are not zero by themselves.
template <class T>
[[nodiscard]] constexpr Points<T> zero_points() {
    Points<T> points{};
    points.fill(T(0.0));
    return points;
}

/// The moves of the ten points: five equal steps of each side, the deepest fall first, and no zero point.
///
/// @source FINRA 4210(g)(2)(F); OCC's product pages have five up and five down.
[[nodiscard]] constexpr Points<Fraction> moves_of(PriceRange range) {
    constexpr std::size_t steps = valuation_points / 2;
    Points<Fraction> moves{};
    for (std::size_t k = 0; k < steps; ++k) {
        moves[k] = range.low * static_cast<double>(steps - k) / static_cast<double>(steps);
        moves[steps + k] = range.high * static_cast<double>(k + 1) / static_cast<double>(steps);
    }
    return moves;
}

} // namespace margincore
