// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <limits>
#include <string_view>

#include <margincore/core/units.hpp>
#include <margincore/instrument/instrument.hpp>
#include <margincore/instrument/kind.hpp>
#include <margincore/requirement/stock/security_rates.hpp>
#include <margincore/requirement/stock/security_terms.hpp>

namespace margincore {

/// Whether a kind has the maintenance of `debt_maintenance`, which is the same long and short.
[[nodiscard]] constexpr bool has_debt_rule(Kind kind) { return is_debt(kind) || kind == Kind::money_market_fund; }

namespace detail {

[[nodiscard]] constexpr SecurityTerms treasury_maintenance(const SecurityFacts& bond, const DebtRates& rates) {
    SecurityTerms terms{.rate = std::numeric_limits<double>::quiet_NaN(), .citation = {"FINRA 4210", "(e)(2)(A)"}};
    if (!bond.years_to_maturity) {
        return terms; // no rate is known, and none is guessed
    }
    const int years = *bond.years_to_maturity;
    for (const TreasuryStep& step : rates.treasury) {
        if (years >= step.years) {
            terms.rate = step.rate;
        }
    }
    if (bond.zero_coupon.value_or(false) && years >= rates.zero_coupon_years) {
        terms.floor = rates.zero_coupon_floor * bond_principal;
    }
    return terms;
}

} // namespace detail

/// Maintenance of an exempted or non-equity security, long or short; of a short one beyond its market value.
///
/// US Treasuries by whole years to maturity 1 to 6 %, zero coupons of five years and more at least 3 % of principal;
/// municipals 7 %; debt of investment grade 10 %, other debt 20 % and at least 7 % of principal; money market funds
/// 1 %.
/// @param bond  With everything that `missing_term` asks for; without a maturity or a rating that it needs, NaN.
/// @source      FINRA 4210(e)(2); the letters below (A) and the figure of money market funds are from memory.
[[nodiscard]] constexpr SecurityTerms debt_maintenance(const SecurityFacts& bond, bool is_short,
                                                       const DebtRates& rates) {
    SecurityTerms terms;
    if (bond.kind == Kind::treasury) {
        terms = detail::treasury_maintenance(bond, rates);
    } else if (bond.kind == Kind::municipal) {
        terms = {.rate = rates.municipal, .citation = {"FINRA 4210", "(e)(2)(B)"}};
    } else if (bond.kind == Kind::money_market_fund) {
        terms = {.rate = rates.money_market_fund, .citation = {"FINRA 4210", "(e)(2)"}};
    } else if (!bond.rating) {
        terms = {.rate = std::numeric_limits<double>::quiet_NaN(), .citation = {"FINRA 4210", "(e)(2)(C)"}};
    } else if (*bond.rating == Rating::investment_grade) {
        terms = {.rate = rates.investment_grade, .citation = {"FINRA 4210", "(e)(2)(C)(i)"}};
    } else {
        terms = {.rate = rates.other,
                 .floor = rates.other_floor * bond_principal,
                 .citation = {"FINRA 4210", "(e)(2)(C)(ii)"}};
    }
    terms.rule = is_short ? "debt.short" : "debt.long";
    return terms;
}

/// The key of a term that the rule needs and that is not there; empty where nothing is missing.
///
/// Whether a Treasury pays a coupon is asked for only where it would make a difference.
[[nodiscard]] constexpr std::string_view missing_term(const SecurityFacts& bond, const DebtRates& rates) {
    if (bond.kind == Kind::corporate_bond && !bond.rating) {
        return "rating";
    }
    if (bond.kind == Kind::treasury && !bond.years_to_maturity) {
        return "maturity";
    }
    if (bond.kind == Kind::treasury && !bond.zero_coupon) {
        SecurityFacts zero = bond;
        zero.zero_coupon = true;
        const SecurityTerms terms = detail::treasury_maintenance(zero, rates);
        return terms.floor > terms.rate * bond.price ? "zero_coupon" : "";
    }
    return "";
}

} // namespace margincore
