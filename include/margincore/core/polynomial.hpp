// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <concepts>
#include <cstddef>

#include <margincore/core/lanes.hpp>
#include <margincore/core/scalar_functions.hpp>

namespace margincore {

/// c0 + x (c1 + x (c2 + ...)), even and odd powers apart, so that a processor has two chains to compute at once.
template <class T, std::same_as<double>... Coefficients>
    requires(sizeof...(Coefficients) >= 3)
[[nodiscard, gnu::always_inline]] inline T polynomial(const T& x, Coefficients... coefficients) {
    constexpr std::size_t n = sizeof...(coefficients);
    constexpr std::size_t last_even = (n - 1) / 2 * 2;
    constexpr std::size_t last_odd = n / 2 * 2 - 1;
    const std::array<T, n> c = {T(coefficients)...};
    const T square = T(x * x);
    T even = c[last_even];
    for (std::size_t i = last_even; i >= 2; i -= 2) {
        even = multiply_add(even, square, c[i - 2]);
    }
    T odd = c[last_odd];
    for (std::size_t i = last_odd; i >= 3; i -= 2) {
        odd = multiply_add(odd, square, c[i - 2]);
    }
    return multiply_add(odd, x, even);
}

} // namespace margincore
