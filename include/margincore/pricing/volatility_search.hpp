// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <limits>

#include <margincore/core/real.hpp>
#include <margincore/pricing/implied_volatility.hpp>

namespace margincore::detail {

/// What a search for a volatility came to.
template <Real T>
struct SearchedVolatility {
    T volatility;
    MaskOf<T> is_found; ///< The price there is within the tolerance of the one that was looked for.
};

/// The volatility at which a price that grows with it has a value: secants, kept within what is known to be too low and
/// too high. For prices that cost much and have no derivative in volatility.
///
/// Where a step did not halve the error, as where the price is flat because exercise now is best, the next one halves
/// what is known instead, or doubles the volatility while nothing is known to be too high.
/// @param price_at   From a volatility > 0 to a price, USD.
/// @param target     USD, between the price without volatility and that of any.
/// @param start      A guess, > 0.
/// @param slope      Of the price to the volatility there, roughly, > 0.
/// @param tolerance  Of the price, USD.
/// @param largest    Where the search ends, > 0.
/// @param is_wanted  The lanes in which there is something to find; the others get whatever comes.
template <Real T, class PriceAt>
[[nodiscard]] SearchedVolatility<T> volatility_of_price(PriceAt&& price_at, const T& target, const T& start,
                                                        const T& slope, const T& tolerance, const T& largest,
                                                        const MaskOf<T>& is_wanted) {
    using std::abs;
    constexpr int most_steps = 60;
    T low(0.0);
    T high = largest;
    T volatility = lesser(start, T(0.5 * largest));
    T secant = slope;
    T last_volatility = volatility;
    T last_error((std::numeric_limits<double>::max)());
    MaskOf<T> is_found = target < target; // nowhere yet
    for (int step = 0; step < most_steps; ++step) {
        const T error = T(price_at(volatility) - target);
        const auto is_off = T(abs(error)) > tolerance;
        is_found = !is_off;
        if (!any(is_off & is_wanted)) {
            break;
        }
        const auto is_slow = T(abs(error)) > T(0.5 * T(abs(last_error)));
        const auto is_high = error > T(0.0);
        high = select(is_high, volatility, high);
        low = select(is_high, low, volatility);
        if (step > 0) {
            const T moved = T(volatility - last_volatility);
            const auto has_moved = T(abs(moved)) > T(0.0);
            const T measured = T(T(error - last_error) / select(has_moved, moved, T(1.0)));
            secant = select(has_moved & (measured > T(0.0)), measured, secant);
        }
        last_volatility = volatility;
        last_error = error;
        const T next = T(volatility - T(error / secant));
        const T middle = select(high < largest, T(0.5 * T(low + high)), lesser(T(2.0 * volatility), largest));
        const auto is_inside = (next > low) & (next < high) & (next < T(4.0 * volatility)) & (!is_slow);
        volatility = select(is_off, select(is_inside, next, middle), volatility);
    }
    return {volatility, is_found};
}

} // namespace margincore::detail
