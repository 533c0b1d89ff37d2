// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <margincore/core/units.hpp>
#include <margincore/requirement/stock/maintenance.hpp>
#include <margincore/requirement/stock/stock_rates.hpp>
#include <margincore/requirement/stock/stock_terms.hpp>

namespace margincore {

/// Regulation T requirement of a long share, not below its maintenance.
///
/// @source 12 CFR 220.12(a), 100 % for stock without loan value 220.12(e); FINRA 4210(b) for the greater of both.
[[nodiscard]] constexpr StockTerms long_initial(const StockFacts& share, const StockRates& rates) {
    const StockTerms regulation_t =
        share.marginable
            ? StockTerms{"stock.long", rates.regulation_t.long_stock, 0.0, {"12 CFR 220.12", "(a)"}}
            : StockTerms{"stock.long", rates.regulation_t.long_non_marginable, 0.0, {"12 CFR 220.12", "(e)"}};
    StockTerms maintenance = long_maintenance(share, rates.maintenance);
    maintenance.citation = {"FINRA 4210", "(b)"};
    return greater_of(regulation_t, maintenance, share.price);
}

/// Regulation T requirement of a short share beyond its market value, not below its maintenance.
///
/// @source 12 CFR 220.12(c)(1), 150 % with the proceeds; FINRA 4210(b) for the greater of both.
[[nodiscard]] constexpr StockTerms short_initial(const StockFacts& share, const StockRates& rates) {
    const StockTerms regulation_t{
        "stock.short", rates.regulation_t.short_beyond_value, 0.0, {"12 CFR 220.12", "(c)(1)"}};
    StockTerms maintenance = short_maintenance(share, rates.maintenance);
    maintenance.citation = {"FINRA 4210", "(b)"};
    return greater_of(regulation_t, maintenance, share.price);
}

/// Initial requirement of one share held long and short at once: Regulation T asks for nothing, so the maintenance.
///
/// @source 12 CFR 220.4(b)(2), a short sale against the box counts as a long sale; FINRA 4210(b).
[[nodiscard]] constexpr StockTerms boxed_initial(const StockFacts& share, const StockRates& rates) {
    StockTerms maintenance = boxed_maintenance(share, rates.maintenance);
    maintenance.citation = {"FINRA 4210", "(b)"};
    return maintenance;
}

} // namespace margincore
