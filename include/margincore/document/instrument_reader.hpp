// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <margincore/core/check.hpp>
#include <margincore/core/date.hpp>
#include <margincore/core/error.hpp>
#include <margincore/core/limits.hpp>
#include <margincore/core/where.hpp>
#include <margincore/document/contract_reader.hpp>
#include <margincore/document/object_reader.hpp>
#include <margincore/document/symbol.hpp>
#include <margincore/document/value.hpp>
#include <margincore/instrument/instrument.hpp>
#include <margincore/instrument/osi_symbol.hpp>
#include <margincore/market/quote.hpp>

namespace margincore::document {

/// An instrument with its quote, as one entry of `market.instruments` says.
struct InstrumentEntry {
    Instrument instrument;
    Quote quote;
};

/// Where the price of an instrument comes from.
enum class PriceComes : std::uint8_t { with_terms, later };

// Bounds that keep a percentage from passing for a fraction.
inline constexpr double largest_beta = 100.0;
inline constexpr double largest_leverage = 10.0;
inline constexpr Volatility largest_volatility = 20.0;
inline constexpr Rate largest_yield = 1.0;

namespace detail {

inline constexpr std::array<std::string_view, 32> instrument_keys = {"price",
                                                                     "kind",
                                                                     "leverage",
                                                                     "beta",
                                                                     "volatility",
                                                                     "dividend_yield",
                                                                     "dividends",
                                                                     "implied_volatility",
                                                                     "underlying",
                                                                     "right",
                                                                     "strike",
                                                                     "expiry",
                                                                     "style",
                                                                     "multiplier",
                                                                     "settlement",
                                                                     "settlement_time",
                                                                     "listed",
                                                                     "guaranteed",
                                                                     "deliverable",
                                                                     "marginable",
                                                                     "average_daily_volume",
                                                                     "shares_outstanding",
                                                                     "market_cap",
                                                                     "industry",
                                                                     "maturity",
                                                                     "coupon",
                                                                     "rating",
                                                                     "zero_coupon",
                                                                     "conversion",
                                                                     "class_group",
                                                                     "covers",
                                                                     "currency"};

/// Refuses keys that mean nothing for the kind: passing over them would hide a mistake.
inline void require_fit(const ObjectReader& entry, bool fits, std::string_view of_what,
                        std::initializer_list<std::string_view> keys) {
    for (const std::string_view key : keys) {
        if (!fits && entry.has(key)) {
            throw InvalidInput(entry.where(key), "must be given for " + std::string(of_what) + " only, got " +
                                                     describe(entry.require(key)));
        }
    }
}

inline void require_usd(const ObjectReader& object) {
    const auto currency = object.text("currency");
    if (currency && *currency != "USD") {
        throw Unsupported(object.where("currency"), "must be USD, got " + in_quotes(*currency));
    }
}

/// What an instrument converts into. Exercising a warrant takes money, so how much must be said; a convertible bond
/// that says nothing is converted for itself alone.
[[nodiscard]] inline Conversion read_conversion(const Value& value, Kind kind, const Where& where) {
    constexpr std::array<std::string_view, 3> keys = {"into", "ratio", "cash"};
    const ObjectReader reader(value, where, keys);
    const auto cash = reader.number("cash", 0, largest_price);
    return {.into = reader.required("into", reader.ticker("into")),
            .ratio = reader.required("ratio", reader.positive("ratio", largest_multiplier)),
            .cash = kind == Kind::warrant ? reader.required("cash", cash) : cash.value_or(0.0)};
}

[[nodiscard]] inline BondTerms read_bond_terms(const ObjectReader& entry, Date valuation_date) {
    const BondTerms bond{.maturity = entry.date("maturity"),
                         .coupon = entry.number("coupon", 0, largest_yield),
                         .rating = entry.word<Rating>("rating"),
                         .zero_coupon = entry.flag("zero_coupon")};
    if (bond.maturity && *bond.maturity < valuation_date) {
        throw InvalidInput(entry.where("maturity"), "must not be before the valuation date " +
                                                        to_string(valuation_date) + ", got " +
                                                        to_string(*bond.maturity));
    }
    if (bond.coupon && bond.zero_coupon && *bond.zero_coupon != (*bond.coupon == 0)) {
        throw InvalidInput(entry.where("zero_coupon"), "must agree with the coupon " + number_text(*bond.coupon) +
                                                           ", got " + describe(entry.require("zero_coupon")));
    }
    return bond;
}

[[nodiscard]] inline Covers read_covers(const Value& value, const Where& where) {
    constexpr std::array<std::string_view, 2> keys = {"index", "units_per_contract"};
    const ObjectReader reader(value, where, keys);
    return {.index = reader.required("index", reader.ticker("index")),
            .units_per_contract =
                reader.required("units_per_contract", reader.positive("units_per_contract", largest_quantity))};
}

[[nodiscard]] inline std::vector<CashDividend> read_dividends(const Value& value, const Where& where) {
    constexpr std::array<std::string_view, 2> keys = {"ex_date", "amount"};
    std::vector<CashDividend> dividends;
    for (const Value& dividend : read_list(value, where)) {
        const Where place = where[dividends.size()];
        const ObjectReader reader(dividend, place, keys);
        dividends.push_back({.ex_date = reader.required("ex_date", reader.date("ex_date")),
                             .amount = reader.required("amount", reader.number("amount", 0, largest_price))});
    }
    return dividends;
}

[[nodiscard]] inline Quote read_quote(const ObjectReader& entry, Kind kind, PriceComes price_comes) {
    Quote quote;
    const bool may_be_worthless = is_option(kind);
    if (price_comes == PriceComes::with_terms) {
        quote.price = entry.required("price", may_be_worthless ? entry.number("price", 0, largest_price)
                                                               : entry.positive("price", largest_price));
    } else if (entry.has("price")) {
        throw InvalidInput(entry.where("price"), "must come in the stream, got " + describe(entry.require("price")));
    }
    quote.beta = entry.number("beta", -largest_beta, largest_beta);
    quote.volatility = entry.number("volatility", 0, largest_volatility);
    quote.implied_volatility = entry.positive("implied_volatility", largest_volatility);
    quote.dividend_yield = entry.number("dividend_yield", -largest_yield, largest_yield);
    quote.dividends = entry.optional("dividends", read_dividends).value_or(quote.dividends);
    quote.average_daily_volume = entry.number("average_daily_volume", 0, largest_quantity);
    quote.market_cap = entry.positive("market_cap", largest_exact_money);
    if (quote.dividend_yield && !quote.dividends.empty()) {
        throw InvalidInput(entry.where("dividends"), "must not be given beside dividend_yield, got both");
    }
    return quote;
}

[[nodiscard]] inline Kind read_kind(const ObjectReader& entry, bool has_option_symbol) {
    const auto kind = entry.word<Kind>("kind");
    if (has_option_symbol) {
        if (kind) {
            throw InvalidInput(entry.where("kind"),
                               "must be left out for an option symbol, got " + describe(entry.require("kind")));
        }
        return Kind::option;
    }
    return entry.required("kind", kind);
}

/// Reads the terms of a future, and the last day of a warrant.
inline void read_expiring(const ObjectReader& entry, Instrument& instrument, Date valuation_date) {
    const auto underlying = entry.ticker("underlying");
    const auto expiry = entry.date("expiry");
    const auto multiplier = entry.positive("multiplier", largest_multiplier);
    static_cast<void>(entry.word<Settlement>("settlement")); // no rule asks how they settle
    static_cast<void>(entry.word<SettlementTime>("settlement_time"));
    if (expiry && *expiry < valuation_date) {
        throw InvalidInput(entry.where("expiry"), "must not be before the valuation date " + to_string(valuation_date) +
                                                      ", got " + to_string(*expiry));
    }
    if (instrument.kind == Kind::future) {
        instrument.future = {.underlying = underlying.value_or(""), .expiry = expiry, .multiplier = multiplier};
    } else if (instrument.conversion) {
        instrument.conversion->expiry = expiry;
    }
}

} // namespace detail

/// Reads one entry of `market.instruments`.
///
/// @param symbol  The key of the entry.
/// @param where   The entry in the document.
/// @param price_comes  `later` leaves it missing (NaN) and refuses one beside the terms.
/// @throws InvalidInput, MissingData, Unsupported naming the key.
[[nodiscard]] inline InstrumentEntry read_instrument(const std::string& symbol, const Value& value, Date valuation_date,
                                                     const Where& where,
                                                     PriceComes price_comes = PriceComes::with_terms) {
    const ObjectReader entry(value, where, detail::instrument_keys);
    detail::require_usd(entry);

    Instrument instrument;
    instrument.symbol = canonical_symbol(symbol, where);
    const std::optional<OsiSymbol> option_symbol =
        is_option_symbol(symbol) ? std::optional(OsiSymbol::parse(symbol, where)) : std::nullopt;
    const Kind kind = detail::read_kind(entry, option_symbol.has_value());
    instrument.kind = kind;

    const bool has_contract = is_option(kind) || kind == Kind::future || kind == Kind::warrant;
    detail::require_fit(entry, may_be_leveraged(kind), "kinds etf and broad_index_etf", {"leverage", "covers"});
    detail::require_fit(entry, is_option(kind), "options",
                        {"right", "strike", "style", "implied_volatility", "listed", "guaranteed", "deliverable"});
    detail::require_fit(entry, has_contract, "options, futures and warrants",
                        {"underlying", "expiry", "multiplier", "settlement", "settlement_time"});
    detail::require_fit(entry, is_bond(kind), "bonds", {"maturity", "coupon", "rating", "zero_coupon"});
    detail::require_fit(entry, may_be_converted(kind), "convertibles and warrants", {"conversion"});

    instrument.conversion = entry.optional("conversion", [&](const Value& value_of_key, const Where& place) {
        return detail::read_conversion(value_of_key, kind, place);
    });
    if (instrument.conversion && instrument.conversion->into == instrument.symbol) {
        const Where conversion = entry.where("conversion");
        throw InvalidInput(conversion["into"], "must be another instrument, got " + in_quotes(instrument.symbol));
    }
    if (is_option(kind)) {
        instrument.option = read_contract(entry, option_symbol);
        if (instrument.option->expiry < valuation_date) {
            throw InvalidInput(where, "must not have expired before the valuation date " + to_string(valuation_date) +
                                          ", got expiry " + to_string(instrument.option->expiry));
        }
    } else if (has_contract) {
        detail::read_expiring(entry, instrument, valuation_date);
    }
    instrument.leverage = entry.number("leverage", -largest_leverage, largest_leverage).value_or(instrument.leverage);
    if (instrument.leverage == 0) {
        throw InvalidInput(entry.where("leverage"), "must not be zero, got 0");
    }
    instrument.marginable = entry.flag("marginable").value_or(instrument.marginable);
    instrument.bond = detail::read_bond_terms(entry, valuation_date);
    instrument.covers = entry.optional("covers", detail::read_covers);
    instrument.shares_outstanding = entry.positive("shares_outstanding", largest_quantity);
    instrument.industry = entry.text("industry").value_or(instrument.industry);
    instrument.class_group = entry.filled_text("class_group").value_or(instrument.class_group);
    return {.instrument = std::move(instrument), .quote = detail::read_quote(entry, kind, price_comes)};
}

} // namespace margincore::document
