// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>

namespace margincore {

namespace detail {

inline constexpr double pi = 3.14159265358979323846;

/// Cosine of |x| <= pi, for constants; absolute error below 1e-14.
[[nodiscard]] constexpr double constant_cos(double x) {
    double term = 1;
    double sum = 1;
    for (int i = 2; term * term > 0; i += 2) { // until the square underflows
        term *= -x * x / (i * (i - 1));
        sum += term;
    }
    return sum;
}

} // namespace detail

/// Points and weights that integrate every polynomial of degree below 2 N exactly over [0, 1].
template <std::size_t N>
struct GaussLegendre {
    std::array<double, N> points;
    std::array<double, N> weights;
};

/// @source Abramowitz and Stegun, Handbook of Mathematical Functions (1964), 25.4.29 and 25.4.30, moved from [-1, 1];
///         22.16.6 starts Newton's steps.
template <std::size_t N>
[[nodiscard]] constexpr GaussLegendre<N> gauss_legendre() {
    constexpr int steps = 6; // each doubles the digits, of which the start has two
    constexpr auto n = static_cast<double>(N);
    GaussLegendre<N> result{};
    for (std::size_t i = 0; i < N; ++i) {
        double x = detail::constant_cos(detail::pi * (static_cast<double>(i) + 0.75) / (n + 0.5));
        double slope = 1;
        for (int step = 0; step < steps; ++step) {
            double before = 1;
            double value = x;
            for (std::size_t k = 2; k <= N; ++k) {
                const auto degree = static_cast<double>(k);
                const double next = ((2 * degree - 1) * x * value - (degree - 1) * before) / degree;
                before = value;
                value = next;
            }
            slope = n * (x * value - before) / (x * x - 1);
            x -= value / slope;
        }
        result.points[N - 1 - i] = (1 + x) / 2;
        result.weights[N - 1 - i] = 1 / ((1 - x * x) * slope * slope);
    }
    return result;
}

} // namespace margincore
