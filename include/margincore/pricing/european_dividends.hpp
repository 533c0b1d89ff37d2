// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <span>

#include <margincore/core/real.hpp>
#include <margincore/pricing/dividends.hpp>
#include <margincore/pricing/european.hpp>
#include <margincore/pricing/greeks.hpp>
#include <margincore/pricing/option_terms.hpp>

namespace margincore {

/// The dividends of the escrowed model as seen from now.
template <Real T>
struct EscrowedDividends {
    T value; ///< Present value of those before expiry, USD per unit.
    T rho;   ///< How much less it is per 1.00 of the rate, >= 0.

    /// @param dividends  Of the underlying of every lane; as `check_dividends` has them, in any order.
    EscrowedDividends(const OptionTerms<T>& terms, std::span<const Dividend> dividends) : value(0.0), rho(0.0) {
        using std::exp;
        const T carry = T(terms.rate - terms.dividend_yield);
        for (const Dividend& dividend : dividends) {
            if (dividend.time > 0) { // those before have left the spot
                const T paid = T(dividend.amount * T(exp(T(-carry * dividend.time))));
                const T counted = select(terms.time < T(dividend.time), T(0.0), paid);
                value = T(value + counted);
                rho = T(rho + dividend.time * counted);
            }
        }
    }
};

/// The price of a European option on a spot that pays cash dividends, in the escrowed model [USD per unit]: the
/// formula of Black, Scholes and Merton at the spot less the dividends' present value, or at nothing where they exceed
/// it. Of any `Real`, also where a grid cannot be differentiated or is too much.
///
/// @param spot       USD per unit, >= 0.
/// @param dividends  As of `EscrowedDividends`.
/// @source Merton, Theory of Rational Option Pricing (1973); Haug, The Complete Guide to Option Pricing Formulas
/// (1997),
///         1.4.1, for the dividends.
template <Real T>
[[nodiscard]] T european_price(const OptionTerms<T>& terms, const T& spot, std::span<const Dividend> dividends) {
    return european_price(terms, greater(T(spot - EscrowedDividends<T>(terms, dividends).value), T(0.0)));
}

/// Sensitivities of the same price. Theta is at the spot that stays as it is, while the dividends draw near.
template <Real T>
[[nodiscard]] Greeks<T> european_greeks(const OptionTerms<T>& terms, const T& spot,
                                        std::span<const Dividend> dividends) {
    const EscrowedDividends<T> escrowed(terms, dividends);
    const T moving = T(spot - escrowed.value);
    Greeks<T> greeks = EuropeanOption<T>(terms, greater(moving, T(0.0))).greeks();
    const T slope = select(moving > T(0.0), greeks.delta, T(0.0)); // what dividends take is floored at the spot
    greeks.delta = slope;
    greeks.theta = T(greeks.theta - T(terms.rate - terms.dividend_yield) * escrowed.value * slope);
    greeks.rho = T(greeks.rho + slope * escrowed.rho);
    return greeks;
}

} // namespace margincore
