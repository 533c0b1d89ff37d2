// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <vector>

#include <margincore/core/units.hpp>
#include <margincore/instrument/kind.hpp>
#include <margincore/requirement/stock/debt.hpp>
#include <margincore/requirement/stock/security_rates.hpp>
#include <margincore/requirement/stock/security_terms.hpp>

namespace margincore {

namespace detail {

/// The factor that a leveraged or inverse fund multiplies maintenance percentages by; a fund that moves less than
/// its index gets no relief.
[[nodiscard]] constexpr double leverage_factor(const SecurityFacts& share) {
    return (std::max)(1.0, share.leverage < 0 ? -share.leverage : share.leverage);
}

inline constexpr Citation leveraged_funds{"FINRA Regulatory Notice", " 09-53"};

} // namespace detail

/// Maintenance of a long security: 25 % of its value, times the factor of a leveraged or inverse fund, at most 100 %;
/// debt as `debt_maintenance` has it.
///
/// @source FINRA 4210(c)(1), convertibles, notes, warrants and mutual funds as equities; Regulatory Notice 09-53
///         (2009-12-01); stock without loan value 4210(c)(5).
[[nodiscard]] constexpr SecurityTerms long_maintenance(const SecurityFacts& security, const SecurityRates& rates) {
    if (has_debt_rule(security.kind)) {
        return debt_maintenance(security, false, rates.debt);
    }
    if (!security.marginable) {
        return {"stock.long", rates.maintenance.non_marginable, 0.0, {"FINRA 4210", "(c)(5)"}};
    }
    const double factor = detail::leverage_factor(security);
    const Citation citation = factor > 1 ? detail::leveraged_funds : Citation{"FINRA 4210", "(c)(1)"};
    return {"stock.long", (std::min)(rates.maintenance.most, rates.maintenance.long_stock * factor), 0.0, citation};
}

namespace detail {

/// By price, as if the stock carried loan value.
[[nodiscard]] constexpr SecurityTerms short_stock_maintenance(const SecurityFacts& share,
                                                              const MaintenanceRates& rates) {
    if (share.kind == Kind::convertible) {
        return {
            "stock.short", rates.short_stock, rates.short_convertible_floor * bond_principal, {"FINRA 4210", "(c)(4)"}};
    }
    if (share.price < rates.low_price) {
        return {"stock.short", rates.short_low_priced, rates.short_low_priced_floor, {"FINRA 4210", "(c)(2)"}};
    }
    const double factor = leverage_factor(share);
    return {"stock.short", (std::min)(rates.most, rates.short_stock * factor), rates.short_floor,
            factor > 1 ? leveraged_funds : Citation{"FINRA 4210", "(c)(3)"}};
}

} // namespace detail

/// Maintenance of a short security beyond its market value.
///
/// Stock below $5.00: 100 %, at least $2.50 a share. From $5.00: 30 % times the factor of a leveraged or inverse fund,
/// at most 100 %, at least $5.00 a share. A convertible bond: 30 %, at least 5 % of principal. Without loan value: the
/// greater of that and 100 %. Debt as `debt_maintenance` has it.
/// @source FINRA 4210(c)(2), (c)(3), (c)(4), (c)(6); Regulatory Notice 09-53.
[[nodiscard]] constexpr SecurityTerms short_maintenance(const SecurityFacts& security, const SecurityRates& rates) {
    if (has_debt_rule(security.kind)) {
        return debt_maintenance(security, true, rates.debt);
    }
    const SecurityTerms tier = detail::short_stock_maintenance(security, rates.maintenance);
    if (security.marginable) {
        return tier;
    }
    const SecurityTerms full{"stock.short", rates.maintenance.non_marginable, tier.floor, {"FINRA 4210", "(c)(6)"}};
    return greater_of(tier, full, security.price);
}

/// Maintenance of a security by side.
[[nodiscard]] constexpr SecurityTerms maintenance(const SecurityFacts& security, bool is_short,
                                                  const SecurityRates& rates) {
    return is_short ? short_maintenance(security, rates) : long_maintenance(security, rates);
}

/// Maintenance of one unit held long and short at once: 5 % of the long value, the short being marked to market.
///
/// @source FINRA 4210(e)(1), "offsetting long and short positions", same security.
[[nodiscard]] constexpr SecurityTerms boxed_maintenance(const SecurityFacts& /*security*/, const SecurityRates& rates) {
    return {"stock.against_the_box", rates.maintenance.against_the_box, 0.0, {"FINRA 4210", "(e)(1)"}};
}

/// The prices at which the slope of the maintenance of a security may change.
///
/// Between them, below the first and above the last the requirement is linear in the price.
[[nodiscard]] inline std::vector<Price> maintenance_knots(const SecurityFacts& security, bool is_short,
                                                          const SecurityRates& rates) {
    std::vector<Price> knots;
    const auto add_knots_of = [&](Price price) {
        SecurityFacts there = security;
        there.price = price;
        const SecurityTerms terms = maintenance(there, is_short, rates);
        if (terms.floor > 0) {
            knots.push_back(terms.floor / terms.rate);
            knots.push_back(terms.floor / rates.maintenance.non_marginable);
        }
    };
    add_knots_of(0.0);
    if (is_short && !is_bond(security.kind)) {
        knots.push_back(rates.maintenance.low_price);
        add_knots_of(rates.maintenance.low_price);
    }
    return knots;
}

} // namespace margincore
