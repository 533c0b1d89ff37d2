// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <margincore/core/units.hpp>
#include <margincore/requirement/stock/debt.hpp>
#include <margincore/requirement/stock/maintenance.hpp>
#include <margincore/requirement/stock/security_rates.hpp>
#include <margincore/requirement/stock/security_terms.hpp>

namespace margincore {

namespace detail {

[[nodiscard]] constexpr SecurityTerms cited_as(SecurityTerms terms, Citation citation) {
    terms.citation = citation;
    return terms;
}

/// The greater of Regulation T and the maintenance, at the price of the security.
[[nodiscard]] constexpr SecurityTerms not_below(const SecurityTerms& regulation_t, const SecurityTerms& maintenance,
                                                Price price) {
    return greater_of(regulation_t, cited_as(maintenance, {"FINRA 4210", "(b)"}), price);
}

} // namespace detail

/// Regulation T requirement of a security by itself, of a short one beyond its market value; of debt, "good faith", its
/// maintenance.
///
/// @source 12 CFR 220.12(a), 100 % for stock without loan value 220.12(e), good faith 220.12(b); short 150 % with the
///         proceeds 220.12(c)(1), good faith beyond 100 % for debt 220.12(d).
[[nodiscard]] constexpr SecurityTerms regulation_t(const SecurityFacts& security, bool is_short,
                                                   const SecurityRates& rates) {
    if (has_debt_rule(security.kind)) {
        return is_short ? detail::cited_as(short_maintenance(security, rates), {"12 CFR 220.12", "(d)"})
                        : detail::cited_as(long_maintenance(security, rates), {"12 CFR 220.12", "(b)"});
    }
    if (is_short) {
        return {"stock.short", rates.regulation_t.short_beyond_value, 0.0, {"12 CFR 220.12", "(c)(1)"}};
    }
    return security.marginable
               ? SecurityTerms{"stock.long", rates.regulation_t.long_stock, 0.0, {"12 CFR 220.12", "(a)"}}
               : SecurityTerms{"stock.long", rates.regulation_t.long_non_marginable, 0.0, {"12 CFR 220.12", "(e)"}};
}

/// Initial requirement of a long security: Regulation T's, not below its maintenance.
///
/// @source `regulation_t`; FINRA 4210(b) for the greater of both.
[[nodiscard]] constexpr SecurityTerms long_initial(const SecurityFacts& security, const SecurityRates& rates) {
    const SecurityTerms terms = regulation_t(security, false, rates);
    return has_debt_rule(security.kind) ? terms
                                        : detail::not_below(terms, long_maintenance(security, rates), security.price);
}

/// The same of a short security, beyond its market value.
[[nodiscard]] constexpr SecurityTerms short_initial(const SecurityFacts& security, const SecurityRates& rates) {
    const SecurityTerms terms = regulation_t(security, true, rates);
    return has_debt_rule(security.kind) ? terms
                                        : detail::not_below(terms, short_maintenance(security, rates), security.price);
}

/// Initial requirement of a security by side.
[[nodiscard]] constexpr SecurityTerms initial(const SecurityFacts& security, bool is_short,
                                              const SecurityRates& rates) {
    return is_short ? short_initial(security, rates) : long_initial(security, rates);
}

/// Initial requirement of one unit held long and short at once: Regulation T asks for nothing, so the maintenance.
///
/// @source 12 CFR 220.4(b)(2), a short sale against the box counts as a long sale; FINRA 4210(b).
[[nodiscard]] constexpr SecurityTerms boxed_initial(const SecurityFacts& security, const SecurityRates& rates) {
    return detail::cited_as(boxed_maintenance(security, rates), {"FINRA 4210", "(b)"});
}

} // namespace margincore
