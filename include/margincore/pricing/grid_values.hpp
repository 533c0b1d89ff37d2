// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

#include <margincore/core/lane_access.hpp>
#include <margincore/core/real.hpp>

namespace margincore::detail {

/// Slopes in the points, per interval: central differences of fourth order, of lower order in the outermost points.
template <Real T>
void slopes_of(std::span<const T> values, std::span<T> slopes) {
    constexpr double adjacent = 8.0 / 12.0;
    constexpr double distant = 1.0 / 12.0;
    const std::size_t last = values.size() - 1;
    slopes[0] = T(values[1] - values[0]);
    slopes[1] = T(0.5 * T(values[2] - values[0]));
    for (std::size_t j = 2; j + 2 <= last; ++j) {
        slopes[j] = T(adjacent * T(values[j + 1] - values[j - 1]) - distant * T(values[j + 2] - values[j - 2]));
    }
    slopes[last - 1] = T(0.5 * T(values[last] - values[last - 2]));
    slopes[last] = T(values[last] - values[last - 1]);
}

/// Where each lane lies between the points of a grid.
template <Real T>
struct GridPlace {
    std::array<std::size_t, lane_count<T>> point; ///< The point below it.
    T fraction;                                   ///< Of the interval, in [0, 1].
};

/// @param at  In intervals from the first point; taken to the nearest point of the grid where it is outside.
template <Real T>
[[nodiscard]] GridPlace<T> place_in(std::size_t intervals, const T& at) {
    GridPlace<T> place;
    const double last = static_cast<double>(intervals);
    place.fraction = by_lane<T>([&](std::size_t lane) {
        const double x = (std::min)(last, (std::max)(0.0, lane_of(at, lane)));
        const std::size_t point = (std::min)(static_cast<std::size_t>(x), intervals - 1);
        place.point[lane] = point;
        return x - static_cast<double>(point);
    });
    return place;
}

/// The cubic between two points that has their values and slopes.
template <Real T>
struct GridCubic {
    T value;    ///< In the lower point.
    T rise;     ///< From the lower to the upper.
    T at_lower; ///< The slope there less the rise.
    T at_upper; ///< The slope there less the rise.

    [[nodiscard]] T operator()(const T& x) const {
        const T left = T(1.0 - x);
        return multiply_add(x, T(rise + left * T(at_lower * left - at_upper * x)), value);
    }
    /// Per interval.
    [[nodiscard]] T slope(const T& x) const {
        const T left = T(1.0 - x);
        return T(rise + at_lower * left * T(left - 2.0 * x) + at_upper * x * T(x - 2.0 * left));
    }
};

template <Real T>
[[nodiscard]] GridCubic<T> cubic_at(std::span<const T> values, std::span<const T> slopes, const GridPlace<T>& place) {
    const auto look_up = [&](std::span<const T> table, std::size_t beside) {
        return by_lane<T>([&](std::size_t lane) { return lane_of(table[place.point[lane] + beside], lane); });
    };
    const T value = look_up(values, 0);
    const T rise = T(look_up(values, 1) - value);
    return {value, rise, T(look_up(slopes, 0) - rise), T(look_up(slopes, 1) - rise)};
}

} // namespace margincore::detail
