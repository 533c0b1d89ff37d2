// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

#include <margincore/core/arrays.hpp>
#include <margincore/core/error.hpp>
#include <margincore/core/lanes.hpp>
#include <margincore/core/text.hpp>
#include <margincore/pricing/american.hpp>
#include <margincore/pricing/american_greeks.hpp>
#include <margincore/pricing/american_implied_volatility.hpp>
#include <margincore/pricing/american_scheme.hpp>
#include <margincore/pricing/european_columns.hpp>
#include <margincore/pricing/greeks.hpp>
#include <margincore/pricing/implied_volatility_columns.hpp>
#include <margincore/pricing/option_columns.hpp>

namespace margincore {

namespace detail {

/// Calls a function template with the scheme of a setting that is known only at run time.
template <class Work>
decltype(auto) with_scheme(Accuracy accuracy, Work&& work) {
    return accuracy == Accuracy::fast ? work.template operator()<american_scheme(Accuracy::fast)>()
                                      : work.template operator()<american_scheme(Accuracy::accurate)>();
}

/// Refuses what has two boundaries of exercise.
///
/// @throws Unsupported where the yield is below a negative rate, of a put, or the rate below a negative yield, of a
/// call.
inline void require_one_boundary(const OptionColumns& options, const OptionTerms<NativeLanes>& terms, std::size_t row,
                                 std::size_t rows) {
    const auto has_two = has_two_exercise_boundaries(terms);
    for (std::size_t i = row; any(has_two) && i < (std::min)(row + native_lanes, rows); ++i) {
        if (has_two[i - row]) {
            const bool is_put = options.sign[i] < 0;
            check_row("dividend_yield", options.dividend_yield, i, [&](double value, const Where& where) {
                throw Unsupported(where,
                                  std::string(is_put ? "below a negative rate a put" : "of a call, below it a rate") +
                                      " has two boundaries of exercise, which is not built, got a yield of " +
                                      number_text(value) + " and a rate of " + number_text(options.rate[i]));
            });
        }
    }
}

} // namespace detail

/// Prices of American options with a continuous yield, USD per unit of the underlying; see `Accuracy` for the error.
///
/// @param previous  A result that is not needed any more: its memory is used again.
/// @return          Shape (n_rows).
/// @throws InvalidInput where a number is not one that an option can have, with its row: `strike[3]`.
/// @throws Unsupported  where exercise is best between two boundaries.
[[nodiscard]] inline Array price_american(const OptionColumns& options, Accuracy accuracy = Accuracy::fast,
                                          Array previous = {}) {
    const std::size_t rows = rows_of(options.named());
    Array prices = detail::column_of(rows, std::move(previous));
    detail::with_scheme(accuracy, [&]<AmericanScheme scheme>() {
        detail::in_packs(
            options, rows,
            [&](const OptionTerms<NativeLanes>& terms, const NativeLanes& spot, std::size_t row) {
                detail::require_one_boundary(options, terms, row, rows);
                return AmericanOption<NativeLanes, scheme>(terms).price(spot);
            },
            [&](const NativeLanes& price, std::size_t row) {
                detail::store_rows(price, detail::as_span(prices), row);
            });
    });
    return prices;
}

/// Sensitivities of American options with a continuous yield; see `Greeks` for their units.
///
/// See `AmericanGreeks` for how.
/// @return  Columns of shape (n_rows).
/// @throws  As `price_american`.
[[nodiscard]] inline Greeks<Array> greeks_american(const OptionColumns& options,
                                                   Accuracy accuracy = Accuracy::accurate) {
    return detail::with_scheme(accuracy, [&]<AmericanScheme scheme>() {
        return detail::greeks_columns(options, [&](const OptionTerms<NativeLanes>& terms, const NativeLanes& spot,
                                                   std::size_t row, std::size_t rows) {
            detail::require_one_boundary(options, terms, row, rows);
            return AmericanGreeks<NativeLanes, scheme>(terms).greeks(spot);
        });
    });
}

/// Volatilities at which American options with a continuous yield have their prices; the option at its volatility is
/// worth its price to 1e-7 of the spot.
///
/// @param price    USD per unit of the underlying.
/// @param options  Their volatilities are not looked at.
/// @return         Annualised, fractions; 0 where the price is what the option is worth without volatility. Shape
/// (n_rows).
/// @throws NumericalFailure where a price is below what the option is worth without volatility, or not below what it is
///                          worth at any. Else as `price_american`.
[[nodiscard]] inline Array implied_volatility_american(const NumberColumn& price, const OptionColumns& options,
                                                       Accuracy accuracy = Accuracy::accurate) {
    return detail::with_scheme(accuracy, [&]<AmericanScheme scheme>() {
        return detail::implied_columns(price, options,
                                       [&](const OptionTerms<NativeLanes>& terms, const NativeLanes& spot,
                                           const NativeLanes& prices, std::size_t row, std::size_t rows) {
                                           detail::require_one_boundary(options, terms, row, rows);
                                           return implied_volatility_american<scheme>(terms, spot, prices);
                                       });
    });
}

} // namespace margincore
