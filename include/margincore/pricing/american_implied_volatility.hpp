// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>

#include <margincore/core/real.hpp>
#include <margincore/pricing/american.hpp>
#include <margincore/pricing/american_scheme.hpp>
#include <margincore/pricing/european.hpp>
#include <margincore/pricing/implied_volatility.hpp>
#include <margincore/pricing/option_terms.hpp>
#include <margincore/pricing/volatility_search.hpp>

namespace margincore {

namespace detail {

/// Where the search for the volatility of an American price begins: at that of a European option of the same price,
/// which is higher, or where there is none at one standard deviation of 1.
template <Real T>
struct SearchStart {
    T volatility;
    T slope;

    SearchStart(const OptionTerms<T>& terms, const T& spot, const T& price) {
        using std::sqrt;
        constexpr double least_volatility = 0.01;
        constexpr double least_slope = 1e-3; // of the spot
        const T by_root = T(1.0 / T(sqrt(terms.time)));
        const T european = implied_volatility_european(terms, spot, price).volatility;
        volatility = select(european > T(least_volatility), lesser(european, T(2.0 * by_root)),
                            T(greater(T(least_volatility), T(0.1 * by_root))));
        OptionTerms<T> there = terms;
        there.volatility = volatility;
        slope = greater(EuropeanOption<T>(there, spot).greeks().vega, T(least_slope * spot));
    }
};

} // namespace detail

/// The volatility at which an American option with a continuous yield has a price; the option at it is worth the price
/// to 1e-7 of the spot.
///
/// @param terms  Their volatility is not looked at; their time must be > 0.
/// @param spot   USD per unit of the underlying, > 0.
/// @param price  USD per unit of the underlying.
template <AmericanScheme scheme, Real T>
[[nodiscard]] ImpliedVolatility<T> implied_volatility_american(const OptionTerms<T>& terms, const T& spot,
                                                               const T& price) {
    using std::exp;
    constexpr double tolerance = 1e-7;         // of the spot
    constexpr double largest_volatility = 1e3; // beyond it a price is its limit
    constexpr double rounding = 1e-15;         // of a price that is worth nothing but exercise
    const auto price_at = [&](const T& volatility) {
        OptionTerms<T> there = terms;
        there.volatility = volatility;
        return AmericanOption<T, scheme>(there).price(spot);
    };
    const T zero(0.0);
    // The limit is what exercise at the best time gives for nothing: now, or at expiry where carrying gains.
    const T asset = T(spot * greater(T(1.0), T(exp(T(-T(terms.dividend_yield * terms.time))))));
    const T strike = T(terms.strike * greater(T(1.0), T(exp(T(-T(terms.rate * terms.time))))));
    ImpliedVolatility<T> result{.volatility = zero,
                                .too_low = price < zero,
                                .too_high = price < zero,
                                .least = price_at(zero),
                                .greatest = select(terms.sign > zero, asset, strike)};
    result.too_low = price < T(result.least - T(rounding * T(spot + terms.strike)));
    result.too_high = !(price < result.greatest);
    const T error = T(tolerance * spot);
    const auto is_wanted = (price > T(result.least + T(rounding * T(spot + terms.strike)))) & !result.too_high;
    const detail::SearchStart<T> start(terms, spot, price);
    const auto found = detail::volatility_of_price<T>(price_at, price, start.volatility, start.slope, error,
                                                      T(largest_volatility), is_wanted);
    result.volatility = select(is_wanted, found.volatility, zero);
    result.not_found = is_wanted & !found.is_found;
    return result;
}

} // namespace margincore
