// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <utility>

#include <margincore/core/arrays.hpp>
#include <margincore/core/huge_pages.hpp>
#include <margincore/core/lanes.hpp>
#include <margincore/pricing/european.hpp>
#include <margincore/pricing/greeks.hpp>
#include <margincore/pricing/option_columns.hpp>
#include <margincore/pricing/option_terms.hpp>

namespace margincore {

namespace detail {

[[nodiscard]] inline std::span<double> as_span(Array& column) {
    return {column.data(), static_cast<std::size_t>(column.size())};
}

/// A column that is about to be written.
///
/// @param previous  One that is not needed any more: its memory is used again where it is as long.
[[nodiscard]] inline Array column_of(std::size_t rows, Array previous = {}) {
    const auto size = static_cast<Eigen::Index>(rows);
    if (previous.size() == size) {
        return previous;
    }
    Array column(size);
    prefer_huge_pages(column.data(), rows * sizeof(double));
    return column;
}

/// Columns of sensitivities.
///
/// @param greeks  From terms, spots, their first row and the number of all rows to `Greeks`.
template <class Work>
[[nodiscard]] Greeks<Array> greeks_columns(const OptionColumns& options, Work&& greeks) {
    const std::size_t rows = rows_of(options.named());
    Greeks<Array> columns{column_of(rows), column_of(rows), column_of(rows), column_of(rows), column_of(rows)};
    in_packs(
        options, rows,
        [&](const OptionTerms<NativeLanes>& terms, const NativeLanes& spot, std::size_t row) {
            return greeks(terms, spot, row, rows);
        },
        [&](const Greeks<NativeLanes>& found, std::size_t row) {
            store_rows(found.delta, as_span(columns.delta), row);
            store_rows(found.gamma, as_span(columns.gamma), row);
            store_rows(found.vega, as_span(columns.vega), row);
            store_rows(found.theta, as_span(columns.theta), row);
            store_rows(found.rho, as_span(columns.rho), row);
        });
    return columns;
}

} // namespace detail

/// Prices of European options with a continuous yield, USD per unit of the underlying; within 1e-14 of the greater of
/// spot and strike.
///
/// @param previous  A result that is not needed any more: its memory is used again.
/// @return          Shape (n_rows).
/// @throws InvalidInput where a number is not one that an option can have, with its row: `strike[3]`.
[[nodiscard]] inline Array price_european(const OptionColumns& options, Array previous = {}) {
    const std::size_t rows = rows_of(options.named());
    Array prices = detail::column_of(rows, std::move(previous));
    detail::in_packs(
        options, rows,
        [](const OptionTerms<NativeLanes>& terms, const NativeLanes& spot, std::size_t) {
            return EuropeanOption<NativeLanes>(terms, spot);
        },
        [&](const EuropeanOption<NativeLanes>& option, std::size_t row) {
            detail::store_rows(option.price(), detail::as_span(prices), row);
        });
    return prices;
}

/// Sensitivities of European options with a continuous yield; see `Greeks` for their units.
///
/// @return  Columns of shape (n_rows).
/// @throws InvalidInput where a number is not one that an option can have, with its row: `strike[3]`.
[[nodiscard]] inline Greeks<Array> greeks_european(const OptionColumns& options) {
    return detail::greeks_columns(
        options, [](const OptionTerms<NativeLanes>& terms, const NativeLanes& spot, std::size_t /*row*/,
                    std::size_t /*rows*/) { return EuropeanOption<NativeLanes>(terms, spot).greeks(); });
}

} // namespace margincore
