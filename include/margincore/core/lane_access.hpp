// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <utility>

#include <margincore/core/lanes.hpp>

/// The numbers of a value one by one, where a formula must look each up in a table of its own.
namespace margincore {

/// How many numbers a value holds: one, or as many as it has lanes.
template <class T>
inline constexpr std::size_t lane_count = 1;
template <std::size_t N>
inline constexpr std::size_t lane_count<Lanes<N>> = N;

[[nodiscard]] inline double lane_of(double x, std::size_t) { return x; }
template <std::size_t N>
[[nodiscard]] double lane_of(const Lanes<N>& x, std::size_t lane) {
    return x[lane];
}

/// The value whose lane `i` is `number(i)`.
template <class T, class Number>
[[nodiscard]] T by_lane(Number&& number) {
    if constexpr (lane_count<T> == 1) {
        return T(number(std::size_t{0}));
    } else { // in one expression: numbers stored one by one and loaded together would wait for the memory
        return [&]<std::size_t... lane>(std::index_sequence<lane...>) {
            T result;
            result.values = typename T::Vector{number(lane)...};
            return result;
        }(std::make_index_sequence<lane_count<T>>());
    }
}

} // namespace margincore
