// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>

#include <margincore/core/units.hpp>
#include <margincore/requirement/stock/stock_rates.hpp>
#include <margincore/requirement/stock/stock_terms.hpp>

namespace margincore {

namespace detail {

/// The factor that a leveraged or inverse fund multiplies maintenance percentages by; a fund that moves less than
/// its index gets no relief.
[[nodiscard]] constexpr double leverage_factor(const StockFacts& share) {
    return (std::max)(1.0, share.leverage < 0 ? -share.leverage : share.leverage);
}

inline constexpr Citation leveraged_funds{"FINRA Regulatory Notice", " 09-53"};

} // namespace detail

/// Maintenance of a long share: 25 % of its value, times the factor of a leveraged or inverse fund, at most 100 %.
///
/// @source FINRA 4210(c)(1); Regulatory Notice 09-53 (2009-12-01); stock without loan value 4210(c)(5).
[[nodiscard]] constexpr StockTerms long_maintenance(const StockFacts& share, const MaintenanceRates& rates) {
    if (!share.marginable) {
        return {"stock.long", rates.non_marginable, 0.0, {"FINRA 4210", "(c)(5)"}};
    }
    const double factor = detail::leverage_factor(share);
    const Citation citation = factor > 1 ? detail::leveraged_funds : Citation{"FINRA 4210", "(c)(1)"};
    return {"stock.long", (std::min)(rates.most, rates.long_stock * factor), 0.0, citation};
}

/// Maintenance of a short share beyond its market value, by price.
///
/// Below $5.00: 100 %, at least $2.50 a share. From $5.00: 30 % times the factor of a leveraged or inverse fund, at
/// most 100 %, at least $5.00 a share. Stock without loan value: the greater of that and 100 %.
/// @source FINRA 4210(c)(2), (c)(3), (c)(6); Regulatory Notice 09-53.
[[nodiscard]] constexpr StockTerms short_maintenance(const StockFacts& share, const MaintenanceRates& rates) {
    if (share.price < rates.low_price) {
        return {"stock.short", rates.short_low_priced, rates.short_low_priced_floor, {"FINRA 4210", "(c)(2)"}};
    }
    const double factor = detail::leverage_factor(share);
    const StockTerms tier{"stock.short", (std::min)(rates.most, rates.short_stock * factor), rates.short_floor,
                          factor > 1 ? detail::leveraged_funds : Citation{"FINRA 4210", "(c)(3)"}};
    const StockTerms full{"stock.short", rates.non_marginable, rates.short_floor, {"FINRA 4210", "(c)(6)"}};
    return share.marginable ? tier : greater_of(tier, full, share.price);
}

/// Maintenance of one share held long and short at once: 5 % of the long value, the short being marked to market.
///
/// @source FINRA 4210(e)(1), "offsetting long and short positions", same security.
[[nodiscard]] constexpr StockTerms boxed_maintenance(const StockFacts& /*share*/, const MaintenanceRates& rates) {
    return {"stock.against_the_box", rates.against_the_box, 0.0, {"FINRA 4210", "(e)(1)"}};
}

/// The prices at which the slope of the maintenance of a short share may change, ascending.
///
/// Between them, below the first and above the last the requirement is linear in the price.
[[nodiscard]] constexpr std::array<Price, 3> short_maintenance_knots(const StockFacts& share,
                                                                     const MaintenanceRates& rates) {
    StockFacts at_low_price = share;
    at_low_price.price = rates.low_price;
    const StockTerms upper = short_maintenance(at_low_price, rates);
    return {rates.short_low_priced_floor / rates.short_low_priced, rates.low_price,
            (std::max)(rates.low_price, upper.floor / upper.rate)};
}

} // namespace margincore
