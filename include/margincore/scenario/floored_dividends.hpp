// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include <margincore/instrument/option_contract.hpp>
#include <margincore/pricing/certain_path.hpp>
#include <margincore/pricing/dividends.hpp>
#include <margincore/scenario/option_series.hpp>

namespace margincore {

/// Rows of series with a dividend that is at least what is left of the spot by its ex-date if the spot moves as its
/// forward price does: it is floored at what is left, and the escrowed model has nothing that moves.
///
/// @param factor  Of every spot: 1 + a move. The lower it is, the more series it is.
[[nodiscard]] inline std::vector<std::size_t> floored_dividends(const OptionSeries& series, double factor = 1.0) {
    std::vector<std::size_t> rows;
    const std::size_t size = series.size();
    for (std::size_t row = 0; row < size; ++row) {
        const std::span<const Dividend> dividends = series.dividends(row);
        const OptionTerms<double> terms = series.terms(row, 0.0);
        double total = 0;
        for (const Dividend& dividend : dividends) {
            total += is_paid_within(dividend, terms.time) ? dividend.amount : 0.0;
        }
        const double spot = series.options.spot[row] * factor;
        const double most_grown = std::exp(std::abs(terms.rate - terms.dividend_yield) * terms.time);
        if (total > 0 && total * most_grown >= spot && // else no order of the dividends could
            CertainPath(terms, {dividends.begin(), dividends.end()}, ExerciseStyle::european).exceeds_spot(spot)) {
            rows.push_back(row);
        }
    }
    return rows;
}

} // namespace margincore
