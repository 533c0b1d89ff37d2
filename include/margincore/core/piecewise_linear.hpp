// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <span>

namespace margincore {

/// What rounding may leave of a sum that cancels.
///
/// @param scale    Sum of the absolute values of the terms.
/// @param n_terms  How many there are.
[[nodiscard]] inline double rounding_dust(double scale, std::size_t n_terms) {
    constexpr double steps_a_term = 4.0; // a product and a sum or two
    return std::numeric_limits<double>::epsilon() * (steps_a_term + std::sqrt(static_cast<double>(n_terms))) * scale;
}

/// The root of a piecewise linear function that is nearest to a starting point, on one side of it.
///
/// @param function  Linear between neighbouring knots. Called at the start and at the knots only.
/// @param start     Where the search begins; not itself a root that counts.
/// @param knots     The points where the slope may change, in the order in which they are met, the last one being
///                  the end of the search, which counts. Shape (n_knots).
/// @param beyond    Whether the last piece goes on past the last knot without an end.
/// @param dust      Values no farther from zero than this are zero: what rounding leaves of sums that cancel.
/// @return          The root; nothing where there is none, or where the function is zero on a whole piece that
///                  begins at the start, so that no root is the nearest.
template <class Function>
[[nodiscard]] std::optional<double> nearest_root(Function&& function, double start, std::span<const double> knots,
                                                 bool beyond = false, double dust = 0.0) {
    const auto value_at = [&](double point) {
        const double value = function(point);
        return std::abs(value) <= dust ? 0.0 : value;
    };
    double left = start;
    double at_left = value_at(left);
    const bool starts_at_root = at_left == 0;
    for (std::size_t i = 0; i < knots.size(); ++i) {
        const double right = knots[i];
        const double at_right = value_at(right);
        if (at_right == 0) {
            return starts_at_root && i == 0 ? std::nullopt : std::optional(right);
        }
        const bool last_piece = beyond && i + 1 == knots.size();
        const bool crosses = (at_left < 0) != (at_right < 0) && at_left != 0;
        const bool approaches = last_piece && at_left != 0 && (at_right - at_left) * at_right < 0;
        if (crosses || approaches) {
            return left + (right - left) * (at_left / (at_left - at_right));
        }
        left = right;
        at_left = at_right;
    }
    return std::nullopt;
}

} // namespace margincore
