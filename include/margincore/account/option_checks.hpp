// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>

#include <margincore/account/market_rows.hpp>
#include <margincore/core/error.hpp>
#include <margincore/core/text.hpp>
#include <margincore/core/units.hpp>
#include <margincore/core/where.hpp>
#include <margincore/instrument/account_place.hpp>
#include <margincore/instrument/book.hpp>
#include <margincore/requirement/strategy/single_option.hpp>

namespace margincore {

namespace detail {

/// Multipliers are read to this fraction of a unit.
inline constexpr double parts_of_a_unit = 1e4;

/// What options on one underlying may come to, strikes, prices and the underlying together, so that every sum of a
/// pairing is a whole number of millionths of a dollar.
inline constexpr Money largest_option_value = 1e12;

/// Checks that options on one underlying can be paired in whole millionths of a dollar: units of all at the highest
/// strike and price of any, since a spread may lose what lies between its strikes.
inline void require_size(const AccountView& account, std::span<const std::size_t> positions, const MarketRows& market,
                         const AccountPlace& place) {
    Quantity units = 0.0;
    Price largest = 0.0;
    for (const std::size_t i : positions) {
        const MarketRow& row = market[account.instrument[i]];
        const SecurityFacts& underlying = market[row.option.underlying].facts;
        const Price strike = market.instrument(account.instrument[i]).option->strike;
        units += std::abs(account.quantity[i]) * row.option.multiplier;
        largest =
            (std::max)(largest, (1 + std::abs(underlying.leverage)) * (strike + row.facts.price + underlying.price));
    }
    const Money size = units * largest;
    if (!(size <= largest_option_value)) {
        throw NumericalFailure(place.account,
                               "must have options on one underlying of up to 1e12 USD with their strikes, "
                               "in which a pairing is exact, got " +
                                   number_text(size));
    }
}

/// Checks that no rule would have to be guessed: a fund that may cover a short call on an index beside one.
inline void require_no_index_cover(const AccountView& account, std::size_t i, const MarketRows& market,
                                   const AccountPlace& place) {
    const OptionContract& option = *market.instrument(account.instrument[i]).option;
    if (option.right != Right::call || !(account.quantity[i] < 0)) {
        return;
    }
    for (std::size_t other = 0; other < account.size(); ++other) {
        const Instrument& fund = market.instrument(account.instrument[other]);
        if (account.quantity[other] > 0 && fund.covers && fund.covers->index == option.underlying) {
            const Where position = place.positions[place.row(i)];
            throw Unsupported(position["symbol"], "a short index call beside " + in_quotes(fund.symbol) +
                                                      ", which may cover it, is not built yet");
        }
    }
}

/// Checks that a position in an option can be margined.
inline void require_option(const AccountView& account, std::size_t i, const MarketRows& market,
                           const AccountPlace& place) {
    const Instrument& instrument = market.instrument(account.instrument[i]);
    const MarketRow& row = market[account.instrument[i]];
    const Where position = place.positions[place.row(i)];
    if (instrument.kind != Kind::option || !instrument.option) {
        throw Unsupported(position["symbol"], "margin of kind '" + std::string(kind_text(instrument.kind)) +
                                                  "' is not built yet, got " + in_quotes(instrument.symbol));
    }
    if (std::isnan(row.facts.price)) {
        throw MissingData(position["symbol"], "must have a price, got none for " + in_quotes(instrument.symbol));
    }
    if (account.quantity[i] != std::floor(account.quantity[i])) {
        throw InvalidInput(position["quantity"], "must be whole contracts, got " + number_text(account.quantity[i]));
    }
    if (row.option.underlying < 0 || std::isnan(market[row.option.underlying].facts.price)) {
        throw MissingData(position["symbol"], "must have an underlying with a price, got none for " +
                                                  in_quotes(instrument.option->underlying));
    }
    const Instrument& underlying = market.instrument(row.option.underlying);
    if (!may_underlie_options(underlying.kind)) {
        throw Unsupported(position["symbol"],
                          "margin of options on kind '" + std::string(kind_text(underlying.kind)) + "' is not built");
    }
    const double parts = instrument.option->multiplier * parts_of_a_unit;
    if (!(parts >= 1) || std::abs(parts - std::round(parts)) > 1e-6 * parts) {
        throw Unsupported(position["symbol"], "a multiplier that is no whole number of ten-thousandths, got " +
                                                  number_text(instrument.option->multiplier));
    }
    if (!instrument.option->deliverable.empty()) {
        throw Unsupported(position["symbol"], "margin of adjusted contracts is not built yet");
    }
    if (!instrument.option->listed && (account.quantity[i] < 0 || instrument.option->guaranteed)) {
        throw Unsupported(position["symbol"], "margin of options over the counter is not built yet");
    }
}

} // namespace detail
} // namespace margincore
