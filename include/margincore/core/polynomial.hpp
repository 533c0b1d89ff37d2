// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstddef>

#include <margincore/core/lanes.hpp>
#include <margincore/core/scalar_functions.hpp>

namespace margincore {

/// c0 + x (c1 + x (c2 + ...)), even and odd powers apart, so that a processor has two chains to compute at once.
template <class T, std::same_as<double>... Coefficients>
[[nodiscard]] inline T polynomial(const T& x, Coefficients... coefficients) {
    constexpr std::size_t n = sizeof...(coefficients);
    static_assert(n >= 3);
    const double c[n] = {coefficients...};
    const T square = T(x * x);
    T even = T(c[n - 1 - (n - 1) % 2]);
    T odd = T(c[n - 1 - n % 2]);
    for (std::size_t i = n - 1 - (n - 1) % 2; i >= 2; i -= 2) {
        even = multiply_add(even, square, T(c[i - 2]));
    }
    for (std::size_t i = n - 1 - n % 2; i >= 3; i -= 2) {
        odd = multiply_add(odd, square, T(c[i - 2]));
    }
    return multiply_add(odd, x, even);
}

} // namespace margincore
