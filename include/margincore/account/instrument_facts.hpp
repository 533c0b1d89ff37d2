// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>

#include <margincore/core/check.hpp>
#include <margincore/core/date.hpp>
#include <margincore/core/error.hpp>
#include <margincore/core/limits.hpp>
#include <margincore/core/text.hpp>
#include <margincore/core/units.hpp>
#include <margincore/core/where.hpp>
#include <margincore/instrument/instrument.hpp>
#include <margincore/instrument/kind.hpp>
#include <margincore/market/quote.hpp>
#include <margincore/requirement/stock/security_terms.hpp>

namespace margincore {

/// Checks what the rules read of an instrument and its quote. A price may be missing (NaN): whoever holds the
/// instrument is told.
///
/// @throws InvalidInput where a number is not one that an instrument can have.
inline void require_valid(const Instrument& instrument, const Quote& quote, Date valuation_date, const Where& where) {
    if (!std::isnan(quote.price)) { // zero is worthless, as after a move of a scenario; missing is NaN
        static_cast<void>(require_not_negative(quote.price, largest_price, where["price"]));
    }
    if (quote.beta) {
        static_cast<void>(require_within(*quote.beta, -largest_ratio, largest_ratio, where["beta"]));
    }
    if (quote.volatility) {
        static_cast<void>(require_not_negative(*quote.volatility, largest_ratio, where["volatility"]));
    }
    if (require_within(instrument.leverage, -largest_ratio, largest_ratio, where["leverage"]) == 0) {
        throw InvalidInput(where["leverage"], "must not be zero, got 0");
    }
    if (instrument.bond.maturity && *instrument.bond.maturity < valuation_date) {
        throw InvalidInput(where["maturity"], "must not be before the valuation date " +
                                                  margincore::to_string(valuation_date) + ", got " +
                                                  margincore::to_string(*instrument.bond.maturity));
    }
    if (instrument.covers) {
        const Where covers = where["covers"];
        static_cast<void>(
            require_positive(instrument.covers->units_per_contract, largest_quantity, covers["units_per_contract"]));
    }
    if (instrument.conversion) {
        const Where conversion = where["conversion"];
        if (instrument.conversion->into == instrument.symbol) {
            throw InvalidInput(conversion["into"],
                               "must be another instrument, got " + in_quotes(instrument.conversion->into));
        }
        static_cast<void>(require_positive(instrument.conversion->ratio, largest_quantity, conversion["ratio"]));
        static_cast<void>(require_not_negative(instrument.conversion->cash, largest_price, conversion["cash"]));
    }
}

/// What the rules need to know of an instrument on a day.
[[nodiscard]] inline SecurityFacts security_facts(const Instrument& instrument, const Quote& quote,
                                                  Date valuation_date) {
    const BondTerms& bond = instrument.bond;
    SecurityFacts facts{.kind = instrument.kind,
                        .price = quote.price * value_of_a_point(instrument.kind),
                        .leverage = instrument.leverage,
                        .marginable = instrument.marginable,
                        .zero_coupon = bond.zero_coupon,
                        .rating = bond.rating};
    if (!facts.zero_coupon && bond.coupon) {
        facts.zero_coupon = *bond.coupon == 0;
    }
    if (bond.maturity) {
        facts.years_to_maturity = whole_years(valuation_date, *bond.maturity);
    }
    return facts;
}

} // namespace margincore
