// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>

#include <margincore/core/arrays.hpp>
#include <margincore/core/check.hpp>
#include <margincore/core/error.hpp>
#include <margincore/core/lanes.hpp>
#include <margincore/core/limits.hpp>
#include <margincore/core/text.hpp>
#include <margincore/core/where.hpp>
#include <margincore/pricing/european_columns.hpp>
#include <margincore/pricing/implied_volatility.hpp>
#include <margincore/pricing/option_columns.hpp>

namespace margincore {

namespace detail {

/// Checks what implying a volatility asks for beyond what a price does.
///
/// @throws InvalidInput where nothing can be implied: no time is left, or the spot is worthless.
inline void require_implicable(const NumberColumn& price, const OptionColumns& options, std::size_t row) {
    check_row("price", price, row, [](double value, const Where& where) {
        static_cast<void>(require_not_negative(value, largest_price, where));
    });
    check_row("time", options.time, row, [](double value, const Where& where) {
        static_cast<void>(require_positive(value, longest_time, where));
    });
    check_row("spot", options.spot, row, [](double value, const Where& where) {
        static_cast<void>(require_positive(value, largest_price, where));
    });
}

/// Throws why a price has no volatility.
[[noreturn]] inline void refuse_price(const NumberColumn& price, std::size_t row, bool too_low, double bound) {
    check_row("price", price, row, [&](double value, const Where& where) {
        throw NumericalFailure(
            where, (too_low ? "must be at least " + number_text(bound) + ", what the option is worth without volatility"
                            : "must be below " + number_text(bound) + ", which no volatility reaches") +
                       std::string(", got ") + number_text(value));
    });
    throw NumericalFailure("price", "has no volatility"); // check_row has thrown
}

/// Throws that a price is beyond what its model's prices tell apart.
[[noreturn]] inline void refuse_limit(double price, const Where& where) {
    throw NumericalFailure(where, "must have a volatility, found none so high as it takes, got " + number_text(price));
}

/// Volatilities of columns of prices.
///
/// @param imply  From terms, spots, prices, their first row and the number of all rows to `ImpliedVolatility`.
template <class Imply>
[[nodiscard]] Array implied_columns(const NumberColumn& price, const OptionColumns& options, Imply&& imply) {
    auto columns = options.named();
    columns.back() = {"price", &price};
    const std::size_t rows = rows_of(columns);
    Array volatilities = column_of(rows);
    OptionColumns checked = options;
    checked.volatility = 0.0;
    in_packs(
        checked, rows,
        [&](const OptionTerms<NativeLanes>& terms, const NativeLanes& spot, std::size_t row) {
            const NativeLanes prices = price.load<native_lanes>(row);
            const NativeLanes zero(0.0);
            const std::size_t last = (std::min)(row + native_lanes, rows);
            const auto is_known = (prices >= zero) & (prices <= NativeLanes(largest_price));
            if (any(!(is_known & (terms.time > zero) & (spot > zero)))) {
                for (std::size_t i = row; i < last; ++i) {
                    require_implicable(price, checked, i);
                }
            }
            const ImpliedVolatility<NativeLanes> found = imply(terms, spot, prices, row, rows);
            for (std::size_t i = row; any(found.too_low | found.too_high | found.not_found) && i < last; ++i) {
                const std::size_t lane = i - row;
                if (found.too_low[lane] || found.too_high[lane]) {
                    refuse_price(price, i, found.too_low[lane],
                                 found.too_low[lane] ? found.least[lane] : found.greatest[lane]);
                }
                if (found.not_found[lane]) {
                    check_row("price", price, i, [](double value, const Where& where) { refuse_limit(value, where); });
                }
            }
            return found.volatility;
        },
        [&](const NativeLanes& found, std::size_t row) { store_rows(found, as_span(volatilities), row); });
    return volatilities;
}

} // namespace detail

/// Volatilities at which European options with a continuous yield have their prices; relative error below 1e-11 where
/// the digits of the price determine it.
///
/// @param price    USD per unit of the underlying.
/// @param options  Their volatilities are not looked at.
/// @return         Annualised, fractions; 0 where the price is what the option is worth without volatility. Shape
/// (n_rows).
/// @throws InvalidInput     where a number is not one that an option can have, with its row: `strike[3]`.
/// @throws NumericalFailure where a price is below what the option is worth without volatility, or not below what it is
///                          worth at any.
[[nodiscard]] inline Array implied_volatility(const NumberColumn& price, const OptionColumns& options) {
    return detail::implied_columns(
        price, options,
        [](const OptionTerms<NativeLanes>& terms, const NativeLanes& spot, const NativeLanes& prices,
           std::size_t /*row*/, std::size_t /*rows*/) { return implied_volatility_european(terms, spot, prices); });
}

} // namespace margincore
