// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <margincore/core/date.hpp>
#include <margincore/core/names.hpp>
#include <margincore/core/text.hpp>
#include <margincore/document/value.hpp>
#include <margincore/instrument/instrument_table.hpp>
#include <margincore/market/quote.hpp>
#include <margincore/stream/assessment.hpp>
#include <margincore/stream/engine_settings.hpp>
#include <margincore/stream/stream_account.hpp>
#include <margincore/stream/stream_market.hpp>

namespace margincore::stream {

/// Why figures of an account are not known; empty where all are.
[[nodiscard]] inline std::vector<std::string> reasons_of(const StreamAccount& account, const Assessment& assessment,
                                                         const StreamMarket& market, const Policy& policy) {
    std::vector<std::string> reasons;
    const auto give = [&](std::string reason) {
        if (std::ranges::find(reasons, reason) == reasons.end()) {
            reasons.push_back(std::move(reason));
        }
    };
    if (!account.has_balance) {
        give("no balance: no cash event of the account came");
    }
    for (const std::string& uncounted : account.uncounted) {
        give(uncounted);
    }
    for (const StreamPosition& held : account.positions) {
        const std::string& symbol = market[held.row].symbol;
        if (market.is_expired(held.row)) {
            give(symbol + " has expired and is still held");
        }
        for (const InstrumentIndex row : market.watched(held.row)) {
            const Quote& quote = market.snapshot()[row];
            const std::string& watched = market[row].symbol;
            if (std::isnan(quote.price)) {
                give("no price of " + watched);
            }
            if (!market[row].option && !quote.beta && !policy.missing_beta && watched != market.snapshot().benchmark &&
                (row != held.row || !market[row].future)) {
                give("no beta of " + watched);
            }
        }
    }
    if (!assessment.refused.empty()) {
        give(assessment.refused);
    }
    return reasons;
}

/// What was taken for granted of an account.
[[nodiscard]] inline std::vector<std::string> assumptions_of(const StreamAccount& account, const StreamMarket& market,
                                                             const EngineSettings& settings) {
    std::vector<std::string> assumptions;
    const auto give = [&](std::string assumption) {
        if (std::ranges::find(assumptions, assumption) == assumptions.end()) {
            assumptions.push_back(std::move(assumption));
        }
    };
    for (const StreamPosition& held : account.positions) {
        for (const InstrumentIndex row : market.watched(held.row)) {
            const std::string& symbol = market[row].symbol;
            if (market.has_default_kind(row)) {
                give(symbol + ": kind " + std::string(name_of(settings.default_kind)));
            }
            if (!market[row].option && !market.snapshot()[row].beta && settings.policy.missing_beta &&
                symbol != settings.benchmark) {
                give(symbol + ": beta " + number_text(*settings.policy.missing_beta));
            }
        }
    }
    if (market.clock() > 0 || account.time != never) {
        try {
            if (const auto early = require_in_force(account, market, settings)) {
                give(early->where + ": " + early->message);
            }
        } catch (const InvalidInput&) { // a reason, and not an assumption
        }
    }
    return assumptions;
}

/// An account document, as `margincore::document` reads it, of an account at the newest prices. What is not known is
/// not in it.
[[nodiscard]] inline document::Value document_of(const StreamAccount& account, const StreamMarket& market,
                                                 const EngineSettings& settings) {
    using document::Value;
    Value positions = Value::array();
    std::vector<InstrumentIndex> rows;
    for (const StreamPosition& held : account.positions) {
        positions.push_back({{"symbol", market[held.row].symbol}, {"quantity", units(held.quantity)}});
        for (const InstrumentIndex row : market.watched(held.row)) {
            rows.push_back(row);
        }
    }
    if (const auto benchmark = market.instruments().find(settings.benchmark)) {
        rows.push_back(*benchmark);
    }
    std::ranges::sort(rows, {}, [&](InstrumentIndex row) -> const std::string& { return market[row].symbol; });
    rows.erase(std::unique(rows.begin(), rows.end()), rows.end());

    Value instruments = Value::object();
    for (const InstrumentIndex row : rows) {
        const std::string& symbol = market[row].symbol;
        const Quote& quote = market.snapshot()[row];
        if (std::isnan(quote.price)) {
            continue;
        }
        const auto terms = settings.terms.find(symbol);
        Value entry = terms == settings.terms.end() ? Value::object() : terms->second;
        if (market.has_default_kind(row)) {
            entry["kind"] = std::string(name_of(settings.default_kind));
        }
        entry["price"] = quote.price;
        if (quote.beta && symbol != settings.benchmark) {
            entry["beta"] = *quote.beta;
        }
        if (quote.volatility) {
            entry["volatility"] = *quote.volatility;
        }
        instruments[symbol] = std::move(entry);
    }
    Value market_value = {{"valuation_date", to_string(valuation_day(account, market))},
                          {"benchmark", settings.benchmark}};
    if (settings.rate) {
        market_value["rate"] = *settings.rate;
    }
    market_value["instruments"] = std::move(instruments);
    Value of_account = {{"id", account.id}};
    if (account.has_balance) {
        of_account["cash"] = account.cash_usd();
    }
    of_account["positions"] = std::move(positions);
    Value whole = {{"schema", 1}};
    whole["account"] = std::move(of_account);
    whole["market"] = std::move(market_value);
    whole["policy"] = settings.policy_document;
    return whole;
}

} // namespace margincore::stream
