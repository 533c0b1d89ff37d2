// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <concepts>
#include <utility>

#include <margincore/core/polynomial.hpp>
#include <margincore/core/real.hpp>

namespace margincore {

inline constexpr double one_by_sqrt_2_pi = 0.39894228040143267794;

/// phi(x), the density of the standard normal distribution. Beyond |x| = 37.4 that of 37.4, which is 1e-304.
template <Real T>
[[nodiscard, gnu::always_inline]] inline T normal_density(const T& x) {
    using std::exp;
    return T(one_by_sqrt_2_pi * T(exp(T(-0.5 * T(x * x)))));
}

namespace detail {

/// `x`, or of a float no more than where its density has long been zero: powers of more do not fit it.
template <Real T>
[[nodiscard, gnu::always_inline]] inline T within_powers(const T& x) {
    if constexpr (std::same_as<T, float>) {
        constexpr float furthest = 100.0F;
        return lesser(x, furthest);
    } else {
        return x;
    }
}

} // namespace detail

/// (1 - Phi(x)) / phi(x) for 0 <= x < 1e15, the Mills ratio: what is left of the tail when its exponential is divided
/// out.
///
/// A quotient of polynomials whose coefficients are all positive, so nothing cancels: relative error below 1e-15 for
/// every x, tail included.
/// @source The definition; the coefficients are the best of their degree on [0, 39] (error 5.2e-17) and beyond it keep
///         the asymptotic 1 / x to 3e-12, by tests/oracle/approximations.py.
template <Real T>
[[nodiscard, gnu::always_inline]] inline T mills_ratio(const T& distance) {
    const T x = detail::within_powers(distance);
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

/// The Mills ratio at two places, as prices need it: phi(x) times it to 2e-15 absolute, and itself to 1.2e-7.
///
/// A lower degree and one division for both: what it leaves out no price of a double shows, but the tail of an implied
/// volatility would.
/// @source As `mills_ratio`.
template <Real T>
[[nodiscard, gnu::always_inline]] inline std::pair<T, T> mills_ratios_for_prices(const T& first, const T& second) {
    const T x = detail::within_powers(first);
    const T y = detail::within_powers(second);
    const auto above = [](const T& at) {
        return polynomial(at, 4787.6971390839084948, 5043.1931323223172421, 2647.8520886048318291,
                          832.57187857885584262, 163.06706021038578307, 18.783077218974104375, 1.0000013805679784323);
    };
    const auto below = [](const T& at) {
        return polynomial(at, 3820.0296290750950644, 7071.828600276383724, 5845.1683430270404643, 2808.132411695122945,
                          851.42059387418161335, 164.06333843347388331, 18.783197905920492819, 1.0);
    };
    const T below_x = below(x);
    const T below_y = below(y);
    const T by_both = T(1.0 / T(below_x * below_y));
    return {T(T(above(x) * below_y) * by_both), T(T(above(y) * below_x) * by_both)};
}

/// Phi(x), the standard normal distribution function; absolute error below 1e-15, and the lower tail to 1e-13 of
/// itself.
template <Real T>
[[nodiscard, gnu::always_inline]] inline T normal_cdf(const T& x) {
    using std::abs;
    const T tail = T(normal_density(x) * mills_ratio(T(abs(x))));
    return select(x < T(0.0), tail, T(1.0 - tail));
}

} // namespace margincore
