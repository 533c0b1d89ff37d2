// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <margincore/account/enforcement.hpp>
#include <margincore/account/policy.hpp>
#include <margincore/core/date.hpp>
#include <margincore/core/error.hpp>
#include <margincore/core/text.hpp>
#include <margincore/core/units.hpp>
#include <margincore/core/where.hpp>
#include <margincore/document/account_reader.hpp>
#include <margincore/document/instrument_reader.hpp>
#include <margincore/document/object_reader.hpp>
#include <margincore/document/policy_reader.hpp>
#include <margincore/document/value.hpp>
#include <margincore/instrument/instrument.hpp>
#include <margincore/instrument/kind.hpp>

namespace margincore::stream {

/// What an engine does with the events that it gets. Times are of the events, in ms.
struct EngineSettings {
    Policy policy{};
    document::Value policy_document = document::Value::object(); ///< As it was given, for account documents.
    std::string benchmark = "SPY";
    std::optional<Rate> rate{};                     ///< Needed where options are held.
    std::map<std::string, document::Value> terms{}; ///< Of instruments, by canonical symbol.
    Kind default_kind = Kind::equity;               ///< Of symbols that have no terms and are no OSI symbols.
    EventTime publish_interval = 1000;              ///< Between results of an account that only prices changed.
    EventTime stress_interval = 5000;               ///< The same of its stress table.
    EventTime moment = 20;                          ///< Prices within it are taken for one.
    EventTime settle = 100;                         ///< Silence after which what is open is closed.
    EventTime max_ahead = 60'000;                   ///< How far an event may be ahead of its record.
};

/// Reads the settings of an engine.
///
/// @throws InvalidInput, MissingData, Unsupported naming the key.
[[nodiscard]] inline EngineSettings read_settings(const document::Value& value, const Where& where = "settings") {
    constexpr std::array<std::string_view, 10> keys = {"policy",
                                                       "benchmark",
                                                       "rate",
                                                       "instruments",
                                                       "default_kind",
                                                       "publish_interval_ms",
                                                       "stress_interval_ms",
                                                       "moment_ms",
                                                       "settle_ms",
                                                       "max_ahead_ms"};
    constexpr double day = 86'400'000.0;
    constexpr Date any_day = std::chrono::sys_days{std::chrono::year{2000} / 1 / 1}; // terms are checked, not expiries
    const document::ObjectReader reader(value, where, keys);
    EngineSettings settings;
    if (const document::Value* policy = reader.find("policy")) {
        settings.policy = document::read_policy(*policy, reader.where("policy"));
        settings.policy_document = *policy;
    }
    for (const auto& [key, is_given] : {std::pair("groups", !settings.policy.groups.empty()),
                                        std::pair("baskets", !settings.policy.portfolio_margin.baskets.empty())}) {
        if (is_given) {
            const Where where_policy = reader.where("policy");
            throw Unsupported(where_policy[key],
                              "those of one account's positions, for a stream of accounts, are not built");
        }
    }
    const Fraction severe = settings.policy.ladder.severe_move;
    if (std::ranges::none_of(settings.policy.stress_moves, [&](Fraction move) { return std::abs(move) >= severe; })) {
        const Where where_policy = reader.where("policy");
        throw MissingData(where_policy["stress_moves"],
                          "must hold a move of at least " + number_text(severe) + ", which enforcement reads");
    }
    settings.benchmark = reader.ticker("benchmark").value_or(settings.benchmark);
    settings.rate = reader.number("rate", -document::largest_yield, document::largest_yield);
    settings.default_kind = reader.word<Kind>("default_kind").value_or(settings.default_kind);
    if (const document::Value* instruments = reader.find("instruments")) {
        const Where place = reader.where("instruments");
        for (const auto& [symbol, entry] : document::read_object(*instruments, place)) {
            const document::InstrumentEntry read =
                document::read_instrument(symbol, entry, any_day, place[symbol], document::PriceComes::later);
            document::detail::require_benchmark(read, settings.benchmark, place[symbol]);
            settings.terms.emplace(read.instrument.symbol, entry);
        }
    }
    const auto milliseconds = [&](std::string_view key, EventTime otherwise) {
        const double read = reader.number(key, 0, day).value_or(static_cast<double>(otherwise));
        if (read != std::floor(read)) {
            throw InvalidInput(reader.where(key), "must be whole milliseconds, got " + number_text(read));
        }
        return static_cast<EventTime>(read);
    };
    settings.publish_interval = milliseconds("publish_interval_ms", settings.publish_interval);
    settings.stress_interval = milliseconds("stress_interval_ms", settings.stress_interval);
    settings.moment = milliseconds("moment_ms", settings.moment);
    settings.settle = milliseconds("settle_ms", settings.settle);
    settings.max_ahead = milliseconds("max_ahead_ms", settings.max_ahead);
    return settings;
}

} // namespace margincore::stream
