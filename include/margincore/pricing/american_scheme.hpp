// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <margincore/core/names.hpp>
#include <margincore/pricing/gauss_legendre.hpp>

namespace margincore {

/// How much work an American option is given. A constant, so that a compiler unrolls the loops and knows the nodes.
struct AmericanScheme {
    std::size_t collocation_nodes;   ///< Times to expiry at which the boundary is solved for; n of the paper.
    std::size_t iterations;          ///< Sweeps over them; m of the paper.
    std::size_t boundary_points;     ///< Of each integral of a sweep; l of the paper.
    std::size_t pricing_points;      ///< Of the integral that is the premium; p of the paper.
    std::size_t approximation_steps; ///< Of Newton's method, for the approximate boundary where the sweeps start.

    friend constexpr bool operator==(const AmericanScheme&, const AmericanScheme&) = default;
};

/// The settings that have a name, by the greatest error of a price where the underlying is at $100, the strike within
/// 70 % to 140 % of it, 3 days to 2 years, volatilities of 10 % to 120 %, rates of 0 to 8 % and yields of 0 to 6 %.
enum class Accuracy : std::uint8_t {
    fast,     ///< $0.001
    accurate, ///< $0.0001
};

template <>
inline constexpr std::array names<Accuracy> = {Name{Accuracy::fast, "fast"}, Name{Accuracy::accurate, "accurate"}};

/// @source Chosen by the errors against prices of QuantLib: tests/cpp/pricing/american_test.cpp.
[[nodiscard]] constexpr AmericanScheme american_scheme(Accuracy accuracy) {
    constexpr AmericanScheme fast = {
        .collocation_nodes = 5, .iterations = 3, .boundary_points = 5, .pricing_points = 12, .approximation_steps = 4};
    constexpr AmericanScheme accurate = {
        .collocation_nodes = 8, .iterations = 4, .boundary_points = 8, .pricing_points = 19, .approximation_steps = 4};
    return accuracy == Accuracy::fast ? fast : accurate;
}

namespace detail {

/// Points for integrals over 0 <= s <= t that have roots of s (of a deviation) and of t - s (of the boundary) in them.
///
/// s = t sin^2(theta) and t - s = t cos^2(theta) make both roots smooth in theta, where the paper's s = t v^2 leaves
/// that of t - s: a third to a half of its points give the same error.
template <std::size_t N>
struct RootPoints {
    std::array<double, N> sine;   ///< root(s / t)
    std::array<double, N> cosine; ///< root(1 - s / t)
    std::array<double, N> weight; ///< The sum of weight x f(s) is the integral of f(s) / (2 root(t s)) over s.
};

template <std::size_t N>
[[nodiscard]] constexpr RootPoints<N> root_points() {
    constexpr GaussLegendre<N> gauss = gauss_legendre<N>();
    RootPoints<N> result{};
    for (std::size_t k = 0; k < N; ++k) {
        const double theta = pi / 2 * gauss.points[k];
        result.sine[k] = constant_cos(pi / 2 - theta);
        result.cosine[k] = constant_cos(theta);
        result.weight[k] = pi / 2 * gauss.weights[k] * result.cosine[k];
    }
    return result;
}

/// Chebyshev's points of the second kind on (0, 1], 1 first; 0, the last, is left out.
template <std::size_t N>
[[nodiscard]] constexpr std::array<double, N> chebyshev_points() {
    std::array<double, N> result{};
    for (std::size_t j = 0; j < N; ++j) {
        result[j] = (1 + constant_cos(pi * static_cast<double>(j) / static_cast<double>(N))) / 2;
    }
    return result;
}

/// What each value at `chebyshev_points` weighs in the polynomial through them and through 0 at 0, at x in [0, 1].
///
/// The points at which a scheme wants the polynomial are constants, so these are too, and N products replace a
/// transform to coefficients and Clenshaw's recurrence.
/// @source Berrut and Trefethen, "Barycentric Lagrange Interpolation", SIAM Review 46 (2004), (4.2) and (5.4).
template <std::size_t N>
[[nodiscard]] constexpr std::array<double, N> interpolation_weights(double x) {
    constexpr std::array<double, N> points = chebyshev_points<N>();
    std::array<double, N> result{};
    double sum = 0;
    for (std::size_t j = 0; j <= N; ++j) {
        const double distance = j < N ? x - points[j] : x;
        if (distance == 0) {
            result = {};
            if (j < N) {
                result[j] = 1;
            }
            return result;
        }
        const double weight = (j % 2 == 0 ? 1.0 : -1.0) * (j == 0 || j == N ? 0.5 : 1.0) / distance;
        sum += weight;
        if (j < N) {
            result[j] = weight;
        }
    }
    for (double& weight : result) {
        weight /= sum;
    }
    return result;
}

/// The constants of a scheme.
template <AmericanScheme scheme>
struct AmericanNodes {
    static constexpr std::size_t n = scheme.collocation_nodes;
    static constexpr std::size_t l = scheme.boundary_points;
    static constexpr std::size_t p = scheme.pricing_points;

    template <std::size_t Points>
    using Weights = std::array<std::array<double, n>, Points>;

    static constexpr std::array<double, n> root_time = chebyshev_points<n>(); ///< root(time / longest time)
    static constexpr RootPoints<l> boundary = root_points<l>();
    static constexpr RootPoints<p> pricing = root_points<p>();

    template <std::size_t Points>
    [[nodiscard]] static constexpr Weights<Points> weights(const std::array<double, Points>& cosine, double of) {
        Weights<Points> result{};
        for (std::size_t k = 0; k < Points; ++k) {
            result[k] = interpolation_weights<n>(of * cosine[k]);
        }
        return result;
    }
    [[nodiscard]] static constexpr std::array<Weights<l>, n> all_boundary_weights() {
        std::array<Weights<l>, n> result{};
        for (std::size_t i = 0; i < n; ++i) {
            result[i] = weights(boundary.cosine, root_time[i]);
        }
        return result;
    }

    static constexpr std::array<Weights<l>, n> boundary_weights = all_boundary_weights(); ///< [node][point][value]
    static constexpr Weights<p> pricing_weights = weights(pricing.cosine, 1.0);           ///< [point][value]
};

} // namespace detail

} // namespace margincore
