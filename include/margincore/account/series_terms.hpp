// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <margincore/account/market_rows.hpp>
#include <margincore/core/date.hpp>
#include <margincore/core/error.hpp>
#include <margincore/core/text.hpp>
#include <margincore/core/units.hpp>
#include <margincore/core/where.hpp>
#include <margincore/instrument/account_place.hpp>
#include <margincore/instrument/instrument_table.hpp>
#include <margincore/instrument/kind.hpp>
#include <margincore/instrument/option_contract.hpp>
#include <margincore/market/market_snapshot.hpp>
#include <margincore/pricing/dividends.hpp>

namespace margincore {

/// Time to a day, ACT/365F years.
[[nodiscard]] constexpr double years_to(Date from, Date to) { return static_cast<double>((to - from).count()) / 365.0; }

/// Whether the model of options prices it: listed and unlisted options, options on futures, and warrants.
[[nodiscard]] constexpr bool has_model(const Instrument& instrument) {
    return is_option(instrument.kind) || (instrument.kind == Kind::warrant && instrument.conversion.has_value());
}

/// What the model needs of one series of a market.
struct SeriesTerms {
    Right right = Right::call;
    ExerciseStyle style = ExerciseStyle::american;
    InstrumentIndex underlying = -1; ///< Row whose move is the underlying's.
    Price fixed = 0.0;               ///< Cash of an adjusted deliverable, USD per unit, which never moves.
    Price moving = 0.0;              ///< The rest of the spot.
    Price strike = 0.0;
    double time = 0.0;
    Rate rate = 0.0;
    Rate dividend_yield = 0.0;
    std::vector<Dividend> dividends{};
    Quantity multiplier = 0.0;                              ///< Units a contract.
    Price price = std::numeric_limits<double>::quiet_NaN(); ///< Per unit.
    Volatility implied_volatility = std::numeric_limits<double>::quiet_NaN();
};

namespace detail {

/// Reads the terms of one instrument of a market for the model.
class SeriesReader {
public:
    SeriesReader(const MarketRows& market, const MarketSnapshot& snapshot, const AccountPlace& place)
        : market_(market), snapshot_(snapshot), place_(place) {}

    /// @throws MissingData, InvalidInput, Unsupported naming what is missing or wrong of the instrument.
    [[nodiscard]] SeriesTerms operator()(InstrumentIndex row) const {
        if (!snapshot_.rate) {
            throw MissingData("market.rate", "must be given where an option is priced, got nothing");
        }
        const Instrument& instrument = market_.instrument(row);
        const Quote& quote = quote_of(row);
        SeriesTerms terms = instrument.option ? option_terms(row, *instrument.option) : warrant_terms(row, instrument);
        if (std::isnan(quote.price)) {
            fail<MissingData>(row, "price", "must be given where an option is priced, got nothing");
        }
        terms.price = quote.price / (instrument.option ? 1.0 : terms.multiplier);
        terms.rate = *snapshot_.rate;
        terms.implied_volatility = quote.implied_volatility.value_or(terms.implied_volatility);
        return terms;
    }

private:
    template <class Failure>
    [[noreturn]] void fail(InstrumentIndex row, std::string_view key, const std::string& rule) const {
        at_instrument(market_, row, place_, key, [&](const Where& where) { throw Failure(where, rule); });
        std::terminate();
    }

    [[nodiscard]] const Quote& quote_of(InstrumentIndex row) const { return snapshot_[market_[row].table_row]; }

    /// The row of what an instrument is on, with a price.
    [[nodiscard]] InstrumentIndex priced(InstrumentIndex row, InstrumentIndex underlying, std::string_view key,
                                         const std::string& symbol) const {
        if (underlying < 0 || std::isnan(quote_of(underlying).price)) {
            fail<MissingData>(row, key, "must be an instrument with a price, got none for " + in_quotes(symbol));
        }
        return underlying;
    }

    [[nodiscard]] SeriesTerms option_terms(InstrumentIndex row, const OptionContract& option) const {
        SeriesTerms terms{.right = option.right, .style = option.style, .strike = option.strike};
        terms.time = years_to(snapshot_.valuation_date, option.expiry);
        terms.multiplier = option.multiplier;
        terms.underlying = priced(row, market_[row].option.underlying, "underlying", option.underlying);
        const bool is_on_future = market_.instrument(terms.underlying).kind == Kind::future;
        if (is_on_future != (market_.instrument(row).kind == Kind::future_option)) {
            fail<InvalidInput>(row, "underlying",
                               "must be a future for kind future_option and no future for others, got " +
                                   in_quotes(option.underlying));
        }
        if (is_on_future) {
            terms.moving = quote_of(terms.underlying).price;
            terms.dividend_yield = *snapshot_.rate; // a future costs nothing to hold
        } else if (option.deliverable.empty()) {
            add(terms, terms.underlying, 1.0);
            terms.dividend_yield = quote_of(terms.underlying).dividend_yield.value_or(0.0);
        } else {
            add_deliverable(terms, row, option);
        }
        return terms;
    }

    /// The spot of an adjusted contract is what it delivers, a unit of its multiplier. Its parts move together.
    void add_deliverable(SeriesTerms& terms, InstrumentIndex row, const OptionContract& option) const {
        double yield = 0.0;
        for (const Deliverable& part : option.deliverable) {
            if (part.symbol.empty()) {
                terms.fixed += part.amount / option.multiplier;
                continue;
            }
            const InstrumentIndex held =
                priced(row, market_.find(part.symbol).value_or(-1), "deliverable", part.symbol);
            const Price before = terms.moving;
            add(terms, held, part.amount / option.multiplier);
            yield += quote_of(held).dividend_yield.value_or(0.0) * (terms.moving - before);
        }
        std::ranges::stable_sort(terms.dividends, {}, &Dividend::time);
        const Price spot = terms.moving + terms.fixed;
        if (!(spot >= 0)) {
            fail<InvalidInput>(row, "deliverable", "must not be worth less than zero, got " + number_text(spot));
        }
        terms.dividend_yield = spot == 0 ? 0.0 : yield / spot; // what is worth nothing pays nothing
    }

    [[nodiscard]] SeriesTerms warrant_terms(InstrumentIndex row, const Instrument& instrument) const {
        const Conversion& conversion = *instrument.conversion;
        if (!conversion.expiry) {
            fail<MissingData>(row, "expiry", "must be given where a warrant is priced, got nothing");
        }
        SeriesTerms terms{.strike = conversion.cash / conversion.ratio};
        if (!(terms.strike > 0)) {
            fail<Unsupported>(row, "conversion", "pricing of warrants that cost nothing to exercise is not built");
        }
        terms.time = years_to(snapshot_.valuation_date, *conversion.expiry);
        terms.multiplier = conversion.ratio;
        terms.underlying = priced(row, market_[row].conversion.into, "conversion", conversion.into);
        add(terms, terms.underlying, 1.0);
        terms.dividend_yield = quote_of(terms.underlying).dividend_yield.value_or(0.0);
        return terms;
    }

    /// Units of an instrument in the spot, with the dividends that they are paid.
    void add(SeriesTerms& terms, InstrumentIndex held, double units) const {
        const Quote& quote = quote_of(held);
        terms.moving += units * quote.price;
        for (const CashDividend& dividend : quote.dividends) {
            if (dividend.ex_date > snapshot_.valuation_date) { // before it, the spot is without it already
                terms.dividends.push_back(
                    {.time = years_to(snapshot_.valuation_date, dividend.ex_date), .amount = units * dividend.amount});
            }
        }
        std::ranges::stable_sort(terms.dividends, {}, &Dividend::time);
    }

    const MarketRows& market_;
    const MarketSnapshot& snapshot_;
    const AccountPlace& place_;
};

} // namespace detail

} // namespace margincore
