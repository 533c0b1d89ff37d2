// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstddef>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include <margincore/account/market_rows.hpp>
#include <margincore/account/option_checks.hpp>
#include <margincore/core/error.hpp>
#include <margincore/core/limits.hpp>
#include <margincore/core/text.hpp>
#include <margincore/core/where.hpp>
#include <margincore/instrument/account_place.hpp>
#include <margincore/instrument/book.hpp>
#include <margincore/instrument/instrument_table.hpp>
#include <margincore/instrument/kind.hpp>
#include <margincore/requirement/figures.hpp>
#include <margincore/requirement/stock/conversion_offset.hpp>
#include <margincore/requirement/stock/debt.hpp>
#include <margincore/requirement/stock/security_margin.hpp>

namespace margincore::detail {

/// Finds out whether anything is wrong with an account whose figures look as if it were, and what.
///
/// @param are_exact  Its figures are numbers that a double holds to the cent.
inline void require_figures(const AccountView& account, const MarketRows& market, bool are_exact,
                            const AccountPlace& place) {
    require_amounts(account, place);
    if (are_exact) {
        return;
    }
    for (std::size_t i = 0; i < account.size(); ++i) {
        const InstrumentIndex index = account.instrument[i];
        const MarketRow& row = market[index];
        const Instrument& instrument = market.instrument(index);
        const Where position = place.positions[place.row(i)];
        if (const auto refused = market.refused.find(row.table_row); refused != market.refused.end()) {
            if (refused->second) {
                std::rethrow_exception(refused->second);
            }
            throw MissingData(position["symbol"],
                              "must have a row in the instruments, got none for " + in_quotes(instrument.symbol));
        }
        if (is_option(instrument.kind)) {
            require_option(account, i, market, place);
            continue;
        }
        if (!is_security(instrument.kind)) {
            throw Unsupported(position["symbol"], "margin of kind '" + std::string(kind_text(instrument.kind)) +
                                                      "' is not built yet, got " + in_quotes(instrument.symbol));
        }
        if (!instrument.marginable && has_debt_rule(instrument.kind)) {
            at_instrument(market, index, place, "marginable", [&](const Where& where) {
                throw Unsupported(where, "margin of kind '" + std::string(kind_text(instrument.kind)) +
                                             "' without loan value is not built, got false");
            });
        }
        if (std::isnan(row.facts.price)) {
            throw MissingData(position["symbol"], "must have a price, got none for " + in_quotes(instrument.symbol));
        }
        if (const std::string_view missing = missing_term(row.facts, market.rates.debt); !missing.empty()) {
            at_instrument(market, index, place, missing, [](const Where& where) {
                throw MissingData(where, "must be given, the rate depends on it, got nothing");
            });
        }
    }
    throw NumericalFailure(place.account, "must have figures up to 9e13 USD, in which every cent is exact, got more");
}

/// The offsets of an account; none, and no work, where the market has nothing that converts.
[[nodiscard]] inline std::vector<ConversionOffset> offsets_of(const AccountView& account, const MarketRows& market) {
    if (!market.has_conversions) {
        return {};
    }
    return conversion_offsets(
        account, [&](InstrumentIndex row) -> const SecurityFacts& { return market[row].facts; },
        [&](InstrumentIndex row) -> const ConversionRow& { return market[row].conversion; }, market.rates);
}

/// The pairs that an offset may be taken of at some price.
[[nodiscard]] inline std::vector<ConversionPair> pairs_of(const AccountView& account, const MarketRows& market) {
    return conversion_pairs(
        account, [&](InstrumentIndex row) -> const SecurityFacts& { return market[row].facts; },
        [&](InstrumentIndex row) -> const ConversionRow& { return market[row].conversion; });
}

/// What the positions add up to, checked.
[[nodiscard]] inline Figures checked_figures(const AccountView& account, const MarketRows& market,
                                             const AccountPlace& place) {
    const SecurityFigures of = security_figures(account, market.rows, market.boxed);
    const bool are_exact = of.figures.gross_value + of.figures.initial <= largest_exact_money;
    if (!(are_exact && of.quantities_can_be && std::abs(account.cash) <= largest_cash)) [[unlikely]] {
        require_figures(account, market, are_exact, place);
    }
    return of.figures;
}

} // namespace margincore::detail
