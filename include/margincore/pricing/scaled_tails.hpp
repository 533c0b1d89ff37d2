// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <concepts>

#include <margincore/core/real.hpp>
#include <margincore/pricing/normal_distribution.hpp>

/// Probabilities times amounts, of which the densities are shared.
namespace margincore {

namespace detail {

/// What keeps a divisor from zero, or of a float the least that it can hold and still divide by.
template <Real T>
[[nodiscard]] constexpr double least_divisor(double least) {
    constexpr double of_floats = 1e-30;
    return std::same_as<T, float> && least < of_floats ? of_floats : least;
}

/// phi(x), but never so small that a product of it with a few numbers is denormal, which would cost more time than all
/// the rest: beyond |x| = 36 that of 36, which is 1e-283.
template <Real T>
[[nodiscard, gnu::always_inline]] inline T bounded_density(const T& x) {
    using std::exp;
    constexpr double one_by_sqrt_2_pi = 0.39894228040143267794;
    constexpr double least_exponent = -650.0;
    return T(one_by_sqrt_2_pi * T(exp(greater(T(T(-0.5 * x) * x), T(least_exponent)))));
}

/// whole x Phi(x), of whole x phi(x).
template <Real T>
[[nodiscard, gnu::always_inline]] inline T scaled_lower_tail(const T& x, const T& whole, const T& density) {
    using std::abs;
    const T tail = T(density * mills_ratio(T(abs(x))));
    return select(x < T(0.0), tail, T(whole - tail));
}

/// Of strike and spot.
template <Real T>
struct StrikeAndSpot {
    T strike;
    T spot;
};

/// whole x Phi(-d) of the strike, with d- for d, and of the spot, with d+; from whole x phi(d).
template <Real T>
[[nodiscard, gnu::always_inline]] inline StrikeAndSpot<T>
scaled_upper_tails(const StrikeAndSpot<T>& d, const StrikeAndSpot<T>& whole, const StrikeAndSpot<T>& density) {
    using std::abs;
    const auto [strike_mills, spot_mills] = mills_ratios_for_prices(T(abs(d.strike)), T(abs(d.spot)));
    const T strike = T(density.strike * strike_mills);
    const T spot = T(density.spot * spot_mills);
    return {.strike = select(d.strike < T(0.0), T(whole.strike - strike), strike),
            .spot = select(d.spot < T(0.0), T(whole.spot - spot), spot)};
}

} // namespace detail

} // namespace margincore
