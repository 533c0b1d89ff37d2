// SPDX-License-Identifier: Apache-2.0
#include "frame_market.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include <margincore/core/error.hpp>
#include <margincore/core/text.hpp>
#include <margincore/core/where.hpp>
#include <margincore/document/account_reader.hpp>
#include <margincore/document/instrument_reader.hpp>
#include <margincore/document/object_reader.hpp>
#include <margincore/document/policy_reader.hpp>
#include <margincore/document/symbol.hpp>

namespace margincore::python {

namespace {

/// Puts a value at a dotted path: `conversion.into`.
void put(document::Value& object, std::string_view path, document::Value value) {
    const std::size_t dot = path.find('.');
    if (dot == std::string_view::npos) {
        document::append(object, std::string(path), std::move(value));
        return;
    }
    const std::string head(path.substr(0, dot));
    auto& members = object.get_ref<document::Value::object_t&>();
    auto member = std::ranges::find(members, head, [](const auto& entry) -> const std::string& { return entry.first; });
    if (member == members.end()) {
        document::append(object, head, document::Value::object());
        member = members.end() - 1;
    }
    put(member->second, path.substr(dot + 1), std::move(value));
}

document::Value row_value(const Frame& frame, std::size_t row) {
    document::Value object = document::Value::object();
    for (const auto& [name, column] : frame.columns()) {
        if (name == "symbol") {
            continue;
        }
        if (document::Value cell = column->value(row); !cell.is_null()) {
            put(object, name, std::move(cell));
        }
    }
    return object;
}

/// @throws InvalidInput where a column is no key of an instrument, or a key is there and a part of it too.
void require_known_columns(const Frame& instruments) {
    const Where where(instruments.name());
    std::vector<std::string_view> known{"symbol"};
    known.insert(known.end(), document::detail::instrument_keys.begin(), document::detail::instrument_keys.end());
    for (const auto& [name, column] : instruments.columns()) {
        const std::string head = name.substr(0, name.find('.'));
        if (std::ranges::find(known, head) == known.end()) {
            instruments.require_known(known);
        }
        for (std::size_t dot = name.find('.'); dot != std::string::npos; dot = name.find('.', dot + 1)) {
            if (const std::string whole = name.substr(0, dot); instruments.find(whole) != nullptr) {
                throw InvalidInput(where[whole], "must not be given beside " + name + ", got both");
            }
        }
    }
}

/// Reads the rows of the instruments; one that is wrong is refused to whoever holds it.
void read_instruments(FrameMarket& result, const Frame& instruments) {
    result.known = instruments.size();
    const Column& symbols = instruments.require("symbol");
    if (result.known == 0) {
        return;
    }
    const Where where(instruments.name());
    instruments.require_text("symbol");
    for (std::size_t i = 0; i < result.known; ++i) {
        const auto row = static_cast<InstrumentIndex>(i);
        const Where place = where[i];
        const std::string placeholder = "#" + std::to_string(i) + " ";
        document::InstrumentEntry entry{.instrument = {.symbol = placeholder}, .quote = {}};
        try {
            if (symbols.is_null(i)) {
                throw MissingData(place["symbol"], "must be given, got nothing");
            }
            const std::string symbol(symbols.text(i));
            entry.instrument.symbol = document::canonical_symbol(symbol, place["symbol"]);
            if (const auto other = result.instruments.find(entry.instrument.symbol)) {
                entry.instrument.symbol = placeholder;
                const InvalidInput error(place["symbol"],
                                         "must name each symbol once, got " + in_quotes(symbol) + " again");
                result.refused[*other] = std::make_exception_ptr(error);
                result.snapshot.quotes[static_cast<std::size_t>(*other)] = {};
                throw error;
            }
            entry = document::read_instrument(symbol, row_value(instruments, i), result.snapshot.valuation_date, place);
            document::detail::require_benchmark(entry, result.snapshot.benchmark, place);
        } catch (const Error&) {
            result.refused[row] = std::current_exception();
            entry.quote = {};
        }
        result.instruments.add(std::move(entry.instrument), place);
        result.snapshot.quotes.push_back(std::move(entry.quote));
    }
}

} // namespace

InstrumentIndex FrameMarket::row_of(std::string_view symbol) {
    std::string name(symbol);
    try {
        name = document::canonical_symbol(name, "symbol");
    } catch (const Error&) {
        // No instrument can have such a name; whoever holds it is told so.
    }
    if (const auto row = instruments.find(name)) {
        return *row;
    }
    const InstrumentIndex row = instruments.add({.symbol = name}, "instruments");
    snapshot.quotes.emplace_back();
    refused[row] = nullptr;
    return row;
}

FrameMarket read_frame_market(const Frame& instruments, const document::Value& market, const document::Value& policy) {
    constexpr std::array<std::string_view, 5> market_keys = {"valuation_date", "rate", "benchmark", "business_days",
                                                             "currency"};
    FrameMarket result;
    const Where where_market("market");
    const document::ObjectReader market_reader(market, where_market, market_keys);
    result.snapshot = document::detail::read_market_terms(market_reader);
    const Where where_policy("policy");
    bool names_rulebook = false;
    if (!policy.is_null()) {
        result.policy = document::read_policy(policy, where_policy);
        names_rulebook = policy.contains("rulebook");
    }
    if (auto warning =
            document::detail::require_in_force(result.policy.rulebook, names_rulebook, result.snapshot.valuation_date,
                                               where_market["valuation_date"], where_policy["rulebook"])) {
        result.warnings.push_back(*std::move(warning));
    }

    require_known_columns(instruments);
    read_instruments(result, instruments);
    for (const auto& [symbol, rates] : result.policy.house_rates) {
        if (!result.instruments.find(symbol)) {
            const Where house_rates = where_policy["house_rates"];
            result.warnings.push_back({.where = house_rates[symbol].text(),
                                       .message = "names a symbol that the instruments do not have; not applied"});
        }
    }
    return result;
}

} // namespace margincore::python
