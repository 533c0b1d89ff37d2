// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <margincore/account/account_type.hpp>
#include <margincore/account/policy.hpp>
#include <margincore/account/report.hpp>
#include <margincore/core/check.hpp>
#include <margincore/core/date.hpp>
#include <margincore/core/error.hpp>
#include <margincore/core/limits.hpp>
#include <margincore/core/names.hpp>
#include <margincore/core/where.hpp>
#include <margincore/document/instrument_reader.hpp>
#include <margincore/document/object_reader.hpp>
#include <margincore/document/policy_reader.hpp>
#include <margincore/document/symbol.hpp>
#include <margincore/document/value.hpp>
#include <margincore/instrument/book.hpp>
#include <margincore/instrument/instrument_table.hpp>
#include <margincore/market/market_snapshot.hpp>

namespace margincore::document {

/// An account document, read and checked: everything that evaluating needs, in columns.
struct AccountDocument {
    std::optional<std::string> id;
    AccountType type = AccountType::margin;
    Money cash = 0.0;
    std::vector<InstrumentIndex> instrument; ///< Shape (n_positions).
    std::vector<Quantity> quantity;          ///< Net; shape (n_positions).
    std::vector<Quantity> boxed;             ///< Shape (n_positions).
    InstrumentTable instruments;
    MarketSnapshot market;
    Policy policy;
    std::vector<Warning> warnings;

    [[nodiscard]] AccountView account() const {
        return {.cash = cash, .instrument = instrument, .quantity = quantity, .boxed = boxed};
    }
};

namespace detail {

/// Reads days that ascend.
[[nodiscard]] inline std::vector<Date> read_business_days(const Value& value, const Where& where) {
    std::vector<Date> days;
    for (const Value& entry : read_list(value, where)) {
        const Where place = where[days.size()];
        const Date day = parse_date(read_text(entry, place), place);
        if (!days.empty() && day <= days.back()) {
            throw InvalidInput(place,
                               "must be after the day before it " + to_string(days.back()) + ", got " + to_string(day));
        }
        days.push_back(day);
    }
    return days;
}

/// What a market says beside its instruments.
[[nodiscard]] inline MarketSnapshot read_market_terms(const ObjectReader& reader) {
    require_usd(reader);
    MarketSnapshot market;
    market.valuation_date = reader.required("valuation_date", reader.date("valuation_date"));
    market.rate = reader.number("rate", -largest_yield, largest_yield);
    market.benchmark = reader.ticker("benchmark").value_or(market.benchmark);
    market.business_days = reader.optional("business_days", read_business_days).value_or(std::vector<Date>());
    return market;
}

/// Checks that the beta of the benchmark, where it is given, is 1.
inline void require_benchmark(const InstrumentEntry& entry, std::string_view benchmark, const Where& place) {
    if (entry.instrument.symbol == benchmark && entry.quote.beta.value_or(1.0) != 1.0) {
        throw InvalidInput(place["beta"], "must be 1 for the benchmark itself, got " + number_text(*entry.quote.beta));
    }
}

/// Checks that the rulebook was in force, unless the caller names it: then the figures carry a warning.
[[nodiscard]] inline std::optional<Warning> require_in_force(const Rulebook& rulebook, bool is_named, Date date,
                                                             const Where& where_date, const Where& where_rulebook) {
    if (date >= rulebook.effective_from) {
        return std::nullopt;
    }
    const std::string since =
        to_string(rulebook.effective_from) + ", when rulebook " + std::string(rulebook.id) + " came into force";
    if (!is_named) {
        throw InvalidInput(where_date,
                           "must not be before " + since + ", unless policy.rulebook names it, got " + to_string(date));
    }
    return Warning{.where = where_rulebook.text(), .message = "applied to a date before " + since};
}

inline void read_market(AccountDocument& document, const Value& value, const Where& where) {
    constexpr std::array<std::string_view, 6> keys = {"valuation_date", "rate",          "benchmark",
                                                      "instruments",    "business_days", "currency"};
    const ObjectReader reader(value, where, keys);
    document.market = read_market_terms(reader);
    MarketSnapshot& market = document.market;

    const Where where_instruments = reader.where("instruments");
    for (const auto& [symbol, entry] : read_object(reader.require("instruments"), where_instruments)) {
        const Where place = where_instruments[symbol];
        InstrumentEntry read = read_instrument(symbol, entry, market.valuation_date, place);
        require_benchmark(read, market.benchmark, place);
        document.instruments.add(std::move(read.instrument), place);
        market.quotes.push_back(std::move(read.quote));
    }
}

/// Long and short units of a position; both are zero or more, and one is more.
struct LongShort {
    Quantity long_units = 0.0;
    Quantity short_units = 0.0;
};

[[nodiscard]] inline LongShort read_quantity(const ObjectReader& position) {
    const auto quantity = position.number("quantity", -largest_quantity, largest_quantity);
    const auto long_units = position.number("long", 0, largest_quantity);
    const auto short_units = position.number("short", 0, largest_quantity);
    if (quantity && (long_units || short_units)) {
        throw InvalidInput(position.where("quantity"), "must not be given beside long and short, got both");
    }
    if (!quantity && !long_units && !short_units) {
        throw MissingData(position.where("quantity"), "must be given, or long and short, got nothing");
    }
    if (!quantity && (!long_units || !short_units)) {
        throw MissingData(position.where(long_units ? "short" : "long"),
                          "must be given beside the other side, got nothing");
    }
    const LongShort units =
        quantity ? LongShort{.long_units = (std::max)(0.0, *quantity), .short_units = (std::max)(0.0, -*quantity)}
                 : LongShort{.long_units = *long_units, .short_units = *short_units};
    if (units.long_units == 0 && units.short_units == 0) {
        throw InvalidInput(position.where(quantity ? "quantity" : "long"), "must not be zero, got 0");
    }
    return units;
}

inline void read_positions(AccountDocument& document, const Value& value, const Where& where) {
    constexpr std::array<std::string_view, 4> keys = {"symbol", "quantity", "long", "short"};
    const Where where_market("market");
    const Where where_instruments = where_market["instruments"];
    std::vector<bool> held(document.instruments.size());
    for (const Value& entry : read_list(value, where)) {
        const Where place = where[document.instrument.size()];
        const ObjectReader position(entry, place, keys);
        const Where where_symbol = position.where("symbol");
        const std::string symbol = canonical_symbol(read_text(position.require("symbol"), where_symbol), where_symbol);
        const auto index = document.instruments.find(symbol);
        if (!index) {
            throw MissingData(where_instruments[symbol], "must be given for what the account holds, got nothing");
        }
        if (held[static_cast<std::size_t>(*index)]) {
            throw InvalidInput(where_symbol, "must stand once in positions, got " + in_quotes(symbol) + " again");
        }
        held[static_cast<std::size_t>(*index)] = true;

        const LongShort units = read_quantity(position);
        const Kind kind = document.instruments[*index].kind;
        if (is_option(kind) || kind == Kind::future) {
            for (const std::string_view key : {"quantity", "long", "short"}) {
                if (const auto contracts = position.number(key); contracts && std::floor(*contracts) != *contracts) {
                    throw InvalidInput(position.where(key), "must be whole contracts, got " + number_text(*contracts));
                }
            }
        }
        document.instrument.push_back(*index);
        document.quantity.push_back(units.long_units - units.short_units);
        document.boxed.push_back((std::min)(units.long_units, units.short_units));
    }
}

} // namespace detail

/// Reads an account document.
///
/// @throws InvalidInput, MissingData, Unsupported with the path into the document.
[[nodiscard]] inline AccountDocument read_account_document(const Value& value) {
    constexpr std::array<std::string_view, 4> keys = {"schema", "account", "market", "policy"};
    constexpr std::array<std::string_view, 6> account_keys = {"id", "type", "cash", "sma", "positions", "currency"};
    if (!value.is_object()) {
        refuse_type(value, "an object", "document");
    }
    const Where root("");
    const ObjectReader reader(value, root, keys);
    require_schema_version(reader);

    AccountDocument document;
    const Where where_account = reader.where("account");
    const ObjectReader account(reader.require("account"), where_account, account_keys);
    detail::require_usd(account);
    document.id = account.text("id");
    document.type = account.word<AccountType>("type").value_or(document.type);
    document.cash = account.required("cash", account.number("cash", -largest_cash, largest_cash));
    if (account.has("sma")) {
        throw Unsupported(account.where("sma"),
                          "the special memorandum account is not built yet, got " + describe(account.require("sma")));
    }
    const Where where_market = reader.where("market");
    detail::read_market(document, reader.require("market"), where_market);
    detail::read_positions(document, account.require("positions"), account.where("positions"));

    const Where where_policy = reader.where("policy");
    document.policy = reader.optional("policy", read_policy).value_or(document.policy);
    const Value* policy = reader.find("policy");
    if (auto warning = detail::require_in_force(
            document.policy.rulebook, policy != nullptr && policy->contains("rulebook"), document.market.valuation_date,
            where_market["valuation_date"], where_policy["rulebook"])) {
        document.warnings.push_back(*std::move(warning));
    }
    for (const auto& [symbol, rates] : document.policy.house_rates) {
        if (!document.instruments.find(symbol)) {
            const Where house_rates = where_policy["house_rates"];
            document.warnings.push_back(
                {.where = house_rates[symbol].text(),
                 .message = "names a symbol that market.instruments does not have; not applied"});
        }
    }
    return document;
}

} // namespace margincore::document
