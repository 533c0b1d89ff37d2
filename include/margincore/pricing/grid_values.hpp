// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

#include <margincore/core/lane_access.hpp>
#include <margincore/core/real.hpp>

namespace margincore::detail {

/// What a cubic between two points is made of, side by side for its look-up.
template <Real T>
struct GridNode {
    T value;
    T slope; ///< Per interval.
};

/// Slopes by central differences of fourth order; in the outermost points, where values may grow as the spot does, by
/// one-sided ones of third order.
template <Real T>
void set_nodes(std::span<const T> values, std::span<GridNode<T>> nodes) {
    constexpr double adjacent = 8.0 / 12.0;
    constexpr double distant = 1.0 / 12.0;
    const std::size_t last = values.size() - 1;
    for (std::size_t j = 2; j + 2 <= last; ++j) {
        nodes[j] = {values[j],
                    T(adjacent * T(values[j + 1] - values[j - 1]) - distant * T(values[j + 2] - values[j - 2]))};
    }
    const auto outermost = [](const T& v0, const T& v1, const T& v2, const T& v3) {
        return T(T(-11.0 * v0 + 18.0 * v1 - 9.0 * v2 + 2.0 * v3) / 6.0);
    };
    const auto next = [](const T& v0, const T& v1, const T& v2, const T& v3) {
        return T(T(-2.0 * v0 - 3.0 * v1 + 6.0 * v2 - v3) / 6.0);
    };
    const auto inwards = [&](const auto& slope, std::size_t from, const T& sign) {
        const auto at = [&](std::size_t k) { return values[from == 0 ? k : from - k]; };
        return T(sign * slope(at(0), at(1), at(2), at(3)));
    };
    nodes[0] = {values[0], inwards(outermost, 0, T(1.0))};
    nodes[1] = {values[1], inwards(next, 0, T(1.0))};
    nodes[last - 1] = {values[last - 1], inwards(next, last, T(-1.0))};
    nodes[last] = {values[last], inwards(outermost, last, T(-1.0))};
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
    constexpr double to_whole = 0x1.8p52; // added and taken away, it rounds to a whole number
    const T last = T(static_cast<double>(intervals - 1));
    const T low = select(at > T(0.0), at, T(0.0)); // of NaN too
    const T x = select(low < T(last + 1.0), low, T(last + 1.0));
    const T nearest = T(T(T(x - 0.5) + to_whole) - to_whole);
    const T below = select(nearest < last, nearest, last);
    GridPlace<T> place;
    for (std::size_t lane = 0; lane < lane_count<T>; ++lane) {
        place.point[lane] = static_cast<std::size_t>(static_cast<std::ptrdiff_t>(lane_of(below, lane)));
    }
    place.fraction = T(x - below);
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
[[nodiscard]] GridCubic<T> cubic_at(std::span<const GridNode<T>> nodes, const GridPlace<T>& place) {
    const T value = by_lane<T>([&](std::size_t lane) { return lane_of(nodes[place.point[lane]].value, lane); });
    const T slope = by_lane<T>([&](std::size_t lane) { return lane_of(nodes[place.point[lane]].slope, lane); });
    const T upper = by_lane<T>([&](std::size_t lane) { return lane_of(nodes[place.point[lane] + 1].value, lane); });
    const T upper_slope =
        by_lane<T>([&](std::size_t lane) { return lane_of(nodes[place.point[lane] + 1].slope, lane); });
    const T rise = T(upper - value);
    return {value, rise, T(slope - rise), T(upper_slope - rise)};
}

} // namespace margincore::detail
