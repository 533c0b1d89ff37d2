// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>

#include <margincore/core/polynomial.hpp>
#include <margincore/core/real.hpp>

namespace margincore {

/// phi(x), the density of the standard normal distribution. Beyond |x| = 37.4 that of 37.4, which is 1e-304.
template <Real T>
[[nodiscard]] T normal_density(const T& x) {
    using std::exp;
    constexpr double one_by_sqrt_2_pi = 0.39894228040143267794;
    return T(one_by_sqrt_2_pi * T(exp(T(-0.5 * T(x * x)))));
}

/// (1 - Phi(x)) / phi(x) for 0 <= x < 1e15, the Mills ratio: what is left of the tail when its exponential is divided
/// out.
///
/// One quotient of polynomials whose coefficients are all positive, so nothing cancels: relative error below 1e-15 for
/// every x, tail included.
/// @source The definition; the coefficients are the best of their degree on [0, 39] (error 5.2e-17) and beyond it keep
///         the asymptotic 1 / x to 3e-12, by tests/oracle/approximations.py.
template <Real T>
[[nodiscard]] T mills_ratio(const T& x) {
    const T above =
        polynomial(x, 360822.101764963025428, 559183.3532033368374319, 428690.3174362551032211, 208795.5216103995264239,
                   70504.35426904215353852, 17047.05740592451861334, 2951.047598037443553031, 353.9099268672486457453,
                   26.88457053705706455299, 0.9999999999970314490821);
    const T below =
        polynomial(x, 287894.3841947043267389, 675870.2484697180823356, 737364.6299107925668168,
                   493560.2808065754749888, 225144.8294362643033197, 73401.62935248511193379, 17398.96745528395668943,
                   2977.932165353375089941, 354.9099269246269234671, 26.88457053644240815357, 1.0);
    return T(above / below);
}

/// Phi(x), the standard normal distribution function; absolute error below 1e-15, and the lower tail to 1e-13 of
/// itself.
template <Real T>
[[nodiscard]] T normal_cdf(const T& x) {
    using std::abs;
    const T tail = T(normal_density(x) * mills_ratio(T(abs(x))));
    return select(x < T(0.0), tail, T(1.0 - tail));
}

} // namespace margincore
