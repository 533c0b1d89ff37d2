// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <limits>

#include <margincore/core/units.hpp>
#include <margincore/requirement/stock/initial.hpp>
#include <margincore/requirement/stock/maintenance.hpp>
#include <margincore/requirement/stock/stock_rates.hpp>
#include <margincore/requirement/stock/stock_terms.hpp>

namespace margincore {

/// What one share adds to an account: computed once a market by the rules, then multiplied by quantities.
///
/// One cache line. NaN marks what is missing or has no stock rule, and makes every sum that it enters NaN, so a loop
/// over positions needs no test for it.
struct alignas(64) ShareRow {
    static constexpr double none = std::numeric_limits<double>::quiet_NaN();

    Price price = none;
    Price beta_price = none;                         ///< Price times beta; NaN where the beta is missing.
    std::array<Price, 2> initial = {none, none};     ///< Of a share long, short.
    std::array<Price, 2> maintenance = {none, none}; ///< Of a share long, short.
    Price boxed = none;                              ///< Initial and maintenance of a share held both ways.
};

/// The row of a share.
///
/// @param beta  NaN where it is missing.
[[nodiscard]] constexpr ShareRow share_row(const StockFacts& share, double beta, const StockRates& rates) {
    const Price price = share.price;
    return {.price = price,
            .beta_price = price * beta,
            .initial = {long_initial(share, rates).per_share(price), short_initial(share, rates).per_share(price)},
            .maintenance = {long_maintenance(share, rates.maintenance).per_share(price),
                            short_maintenance(share, rates.maintenance).per_share(price)},
            .boxed = boxed_maintenance(share, rates.maintenance).per_share(price)};
}

} // namespace margincore
