// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstddef>
#include <utility>

#include <margincore/core/real.hpp>
#include <margincore/pricing/normal_distribution.hpp>
#include <margincore/pricing/option_terms.hpp>

namespace margincore {

/// What tells where a condition holds: a bool of one number, a mask of lanes.
template <Real T>
using MaskOf = decltype(std::declval<T>() < std::declval<T>());

/// A volatility, and where there is none.
template <Real T>
struct ImpliedVolatility {
    T volatility;          ///< 0 where there is none.
    MaskOf<T> too_low;     ///< The price is below what the option is worth without volatility.
    MaskOf<T> too_high;    ///< The price is not below what the option is worth at any volatility.
    T least;               ///< The price without volatility, USD.
    T greatest;            ///< The limit of the price as volatility grows, USD.
    MaskOf<T> not_found{}; ///< Near its limit prices tell volatilities apart no more, and a search found none.
};

namespace detail {

/// A step of Householder's method of third order, of fourth order of convergence, by the derivatives of f.
///
/// @param newton  -f / f'.
/// @param second  f'' / f'.
/// @param third   f''' / f'.
template <Real T>
[[nodiscard]] T householder_step(const T& newton, const T& second, const T& third) {
    const T bend = T(newton * second);
    return T(T(newton * T(1.0 + T(0.5 * bend))) / T(T(1.0 + bend) + T(T(T(third * newton) * newton) * (1.0 / 6.0))));
}

/// The price of an option out of the money by the geometric mean of present spot and strike, and what is missing of
/// its limit, both without cancellation beyond their own.
template <Real T>
struct NormalisedPrice {
    T price;
    T missing;
    T vega; ///< To the standard deviation.

    /// @param x  log(F / K) of a call, <= 0.
    /// @param s  Standard deviation of the logarithm of the spot at expiry, > 0.
    NormalisedPrice(const T& x, const T& s, const T& root_of_moneyness) {
        using std::abs;
        const T mean = T(x / s);
        const T d1 = T(mean + T(0.5 * s));
        const T d2 = T(mean - T(0.5 * s));
        vega = T(root_of_moneyness * normal_density(d1)); // e^(x/2) phi(d1) = e^(-x/2) phi(d2)
        const T zero(0.0);
        const T upper = T(vega * mills_ratio(T(abs(d1))));
        const T lower = T(vega * mills_ratio(T(-d2)));
        const auto is_far = d1 < zero;
        price = select(is_far, T(upper - lower), T(T(root_of_moneyness - upper) - lower));
        missing = select(is_far, T(T(root_of_moneyness - upper) + lower), T(upper + lower));
    }
};

} // namespace detail

/// The volatility at which a European option with a continuous yield has a price, to the digits that the price has of
/// it.
///
/// Looks for the standard deviation s at which the part of the price that is not intrinsic, by sqrt(S e^(-qT) K
/// e^(-rT)), has its value b: by the logarithm of b, or of what is missing to its limit where b is above half of it.
/// The first guess is the tangent where b has its inflection, and below that its asymptote for small s.
/// @param terms  Their volatility is not looked at; their time must be > 0.
/// @param spot   USD per unit of the underlying, > 0.
/// @param price  USD per unit of the underlying.
/// @source Jaeckel, Let's be rational (2015): normalised price, inflection, Householder's method.
template <Real T>
[[nodiscard]] ImpliedVolatility<T> implied_volatility_european(const OptionTerms<T>& terms, const T& spot,
                                                               const T& price) {
    using std::abs;
    using std::exp;
    using std::log;
    using std::sqrt;
    constexpr double least_price = 1e-300; // of the normalised price: less has no logarithm that a double holds
    constexpr double close = 1e-4;         // a step so small leaves an error of its fourth power
    constexpr double least_part = 0.25;    // of Newton's step: one that is shorter still is not believed
    constexpr int most_steps = 60;
    constexpr double rounding = 1e-15; // of a price that is worth nothing but its intrinsic value
    const T zero(0.0);

    const T present_spot = T(spot * T(exp(T(-T(terms.dividend_yield * terms.time)))));
    const T present_strike = T(terms.strike * T(exp(T(-T(terms.rate * terms.time)))));
    ImpliedVolatility<T> result{.volatility = zero,
                                .too_low = price < zero,
                                .too_high = price < zero,
                                .least = greater(T(terms.sign * T(present_spot - present_strike)), zero),
                                .greatest = select(terms.sign > zero, present_spot, present_strike)};
    result.too_low = price < T(result.least - T(rounding * T(present_spot + present_strike)));
    result.too_high = !(price < result.greatest);

    const T x = T(-T(abs(log_ratio(present_spot, present_strike))));
    const T limit = T(exp(T(0.5 * x)));
    const T target = T(T(price - result.least) / T(sqrt(T(present_spot * present_strike))));
    const T missing = T(limit - target);
    const auto solvable = (target > T(least_price)) & (missing > T(least_price)) & !result.too_low & !result.too_high;
    const T b = select(solvable, target, T(0.5 * limit)); // the others solve something that has a solution
    const T c = select(solvable, missing, T(0.5 * limit));
    const auto by_missing = c < b;
    const T log_of_goal = T(log(select(by_missing, c, b)));

    const T width = T(sqrt(T(-2.0 * x))); // the inflection
    const detail::NormalisedPrice<T> there(T(lesser(x, T(-1e-30))), greater(width, T(1e-15)), limit);
    const T above = T(width + T(T(b - there.price) / there.vega));
    const T asymptote =
        T(T(-x) / T(sqrt(T(T(-0.5 * x) + T(2.0 * greater(T(log_ratio(there.price, lesser(b, there.price))), zero))))));
    T s = select(b < there.price, asymptote, above);
    s = greater(s, T(1e-15));
    MaskOf<T> is_open = !(s < zero); // a lane that is done stays as it is, whatever others still need
    for (int step = 0; step < most_steps; ++step) {
        const detail::NormalisedPrice<T> at(x, s, limit);
        const T reached = select(by_missing, at.missing, at.price);
        const T safe = greater(reached, T(least_price));
        const T slope = T(T(at.vega) / safe);
        const T signed_slope = select(by_missing, T(-slope), slope);
        const T f = T(T(log(safe)) - log_of_goal);
        const T newton = T(T(-f) / signed_slope);
        const T by_s = T(1.0 / s);
        const T mean = T(x * by_s);
        const T h2 = T(T(T(mean * mean) * by_s) - T(0.25 * s));
        const T h3 = T(T(T(h2 * h2) - T(T(3.0 * T(mean * mean)) * T(by_s * by_s))) - T(0.25));
        const T second = T(h2 - signed_slope);
        const T third = T(T(h3 - T(T(3.0 * h2) * signed_slope)) + T(T(2.0 * signed_slope) * signed_slope));
        const T full = detail::householder_step(newton, second, third);
        // Where the series misleads, Newton's own step: the two agree near the solution. A long one of Newton's that
        // the series makes short by chance is no end.
        const T ahead = select(T(full * newton) > T(least_part * T(newton * newton)), full, newton);
        const T next = lesser(greater(T(s + ahead), T(0.25 * s)), T(4.0 * s));
        const T moved = greater(T(abs(T(next - s))), T(least_part * T(abs(newton))));
        s = select(is_open, next, s);
        is_open = is_open & (moved > T(close * s));
        if (!any(is_open)) {
            break;
        }
    }
    result.volatility = select(solvable, T(s / T(sqrt(terms.time))), zero);
    return result;
}

} // namespace margincore
