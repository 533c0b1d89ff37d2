// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <margincore/core/error.hpp>
#include <margincore/document/value.hpp>
#include <margincore/market/quote.hpp>
#include <margincore/stream/engine_state.hpp>
#include <margincore/stream/stream_account.hpp>
#include <margincore/stream/stream_market.hpp>

/// The state of an engine as bytes: CBOR, with columns of numbers as byte strings.
namespace margincore::stream {

inline constexpr int saved_version = 2;

namespace detail {

using Saved = document::Value;
static_assert(std::endian::native == std::endian::little, "columns of a saved state are little-endian");

/// Rows of a struct of numbers as bytes.
template <class T>
    requires std::is_trivially_copyable_v<T>
[[nodiscard]] Saved packed(const std::vector<T>& rows) {
    std::vector<std::uint8_t> bytes(rows.size() * sizeof(T));
    if (!rows.empty()) {
        std::memcpy(bytes.data(), rows.data(), bytes.size());
    }
    return Saved::binary(std::move(bytes));
}

template <class T>
    requires std::is_trivially_copyable_v<T>
[[nodiscard]] std::vector<T> unpacked(const Saved& value) {
    const Saved::binary_t& bytes = value.get_binary();
    if (bytes.size() % sizeof(T) != 0) {
        throw InvalidInput("state", "must be what an engine saved, got a column of another length");
    }
    std::vector<T> rows(bytes.size() / sizeof(T));
    if (!rows.empty()) {
        std::memcpy(rows.data(), bytes.data(), bytes.size());
    }
    return rows;
}

struct SavedQuote {
    double price, beta, volatility; // NaN where not known
    EventTime price_time, beta_time, volatility_time;
};
struct SavedPosition {
    std::int64_t symbol, quantity;
};
struct SavedId {
    std::uint64_t high, low, said;
};

[[nodiscard]] inline Saved save_ids(const EventIds& ids) {
    std::vector<SavedId> uuids;
    uuids.reserve(ids.uuids.size());
    for (const auto& [uuid, said] : ids.uuids) {
        uuids.push_back({uuid[0], uuid[1], said});
    }
    std::ranges::sort(uuids, {}, [](const SavedId& id) { return std::pair(id.high, id.low); });
    std::vector<std::pair<std::string, std::uint64_t>> texts(ids.texts.begin(), ids.texts.end());
    std::ranges::sort(texts);
    Saved result = Saved::array({packed(uuids)});
    for (const auto& [text, said] : texts) {
        result.push_back(text);
        result.push_back(said);
    }
    return result;
}

[[nodiscard]] inline EventIds load_ids(const Saved& saved) {
    EventIds ids;
    const std::vector<SavedId> uuids = unpacked<SavedId>(saved.at(0));
    ids.uuids.reserve(uuids.size());
    for (const SavedId& id : uuids) {
        ids.uuids.emplace(Uuid{id.high, id.low}, id.said);
    }
    for (std::size_t i = 1; i + 1 < saved.size(); i += 2) {
        ids.texts.emplace(saved.at(i).get<std::string>(), saved.at(i + 1).get<std::uint64_t>());
    }
    return ids;
}

[[nodiscard]] inline Saved save_account(const StreamAccount& account) {
    std::vector<SavedPosition> positions;
    for (const StreamPosition& held : account.positions) {
        positions.push_back({held.row, held.quantity});
    }
    const EnforcementState& ladder = account.ladder;
    return Saved::array({account.id, account.cash, account.has_balance, packed(positions), save_ids(account.fills),
                         save_ids(account.movements), account.time,
                         Saved::array({ladder.warned, ladder.call_issued_at ? Saved(*ladder.call_issued_at) : Saved(),
                                       ladder.restricted, ladder.liquidating}),
                         account.result_at, account.stress_at, account.result_due, account.stress_due,
                         account.was_complete, Saved(account.uncounted), account.said_at});
}

inline void load_account(const Saved& saved, const std::vector<InstrumentIndex>& rows, EngineState& state) {
    StreamAccount& account = state.account(saved.at(0).get<std::string>());
    account.cash = saved.at(1).get<Micros>();
    account.has_balance = saved.at(2).get<bool>();
    for (const SavedPosition& held : unpacked<SavedPosition>(saved.at(3))) {
        account.positions.push_back({rows.at(static_cast<std::size_t>(held.symbol)), held.quantity});
    }
    account.fills = load_ids(saved.at(4));
    account.movements = load_ids(saved.at(5));
    account.time = saved.at(6).get<EventTime>();
    const Saved& ladder = saved.at(7);
    account.ladder = {.warned = ladder.at(0).get<bool>(),
                      .call_issued_at =
                          ladder.at(1).is_null() ? std::nullopt : std::optional(ladder.at(1).get<EventTime>()),
                      .restricted = ladder.at(2).get<bool>(),
                      .liquidating = ladder.at(3).get<bool>()};
    account.result_at = saved.at(8).get<EventTime>();
    account.stress_at = saved.at(9).get<EventTime>();
    account.result_due = saved.at(10).get<bool>();
    account.stress_due = saved.at(11).get<bool>();
    account.was_complete = saved.at(12).get<bool>();
    account.uncounted = saved.at(13).get<std::vector<std::string>>();
    account.said_at = saved.at(14).get<EventTime>();
    state.restore(account);
}

} // namespace detail

/// All that an engine needs to go on, as bytes.
[[nodiscard]] inline std::string save_state(const EngineState& state) {
    using detail::Saved;
    constexpr double missing = std::numeric_limits<double>::quiet_NaN();
    Saved symbols = Saved::array();
    std::vector<detail::SavedQuote> quotes;
    for (std::size_t i = 0; i < state.market.size(); ++i) {
        const auto row = static_cast<InstrumentIndex>(i);
        const Quote& quote = state.market.snapshot()[row];
        const QuoteTimes& times = state.market.times(row);
        symbols.push_back(state.market[row].symbol);
        quotes.push_back({quote.price, quote.beta.value_or(missing), quote.volatility.value_or(missing), times.price,
                          times.beta, times.volatility});
    }
    Saved accounts = Saved::array();
    for (const StreamAccount& account : state.accounts) {
        accounts.push_back(detail::save_account(account));
    }
    const EngineCounts& counts = state.counts;
    const Saved whole =
        Saved::array({saved_version, state.market.clock(), state.moment ? Saved(*state.moment) : Saved(),
                      state.last_record, Saved(state.touched()),
                      Saved::array({counts.messages, counts.fills, counts.movements, counts.repeated, counts.late,
                                    counts.dead_letters, counts.evaluations, counts.results, counts.stress_points}),
                      std::move(symbols), detail::packed(quotes), std::move(accounts), state.pace, state.moment_record,
                      state.closed_at});
    std::string bytes;
    Saved::to_cbor(whole, bytes);
    return bytes;
}

/// Puts what was saved into a state that is new.
///
/// @throws InvalidInput where the bytes are no state of this version, or name what the settings do not know.
inline void load_state(std::string_view bytes, EngineState& state) {
    using detail::Saved;
    try {
        const Saved whole = Saved::from_cbor(bytes.begin(), bytes.end());
        if (whole.at(0) != saved_version) {
            throw InvalidInput("state",
                               "must be of version " + std::to_string(saved_version) + ", got " + whole.at(0).dump());
        }
        const std::vector<detail::SavedQuote> quotes = detail::unpacked<detail::SavedQuote>(whole.at(7));
        std::vector<InstrumentIndex> rows;
        for (const Saved& symbol : whole.at(6)) {
            rows.push_back(state.market.row_of(symbol.get<std::string>()));
            const detail::SavedQuote& saved = quotes.at(rows.size() - 1);
            const auto known = [](double number) { return std::isnan(number) ? std::nullopt : std::optional(number); };
            Quote quote;
            quote.price = saved.price;
            quote.beta = known(saved.beta);
            quote.volatility = known(saved.volatility);
            state.market.restore(rows.back(), quote, {saved.price_time, saved.beta_time, saved.volatility_time});
        }
        state.market.see(whole.at(1).get<EventTime>());
        state.moment = whole.at(2).is_null() ? std::nullopt : std::optional(whole.at(2).get<EventTime>());
        state.last_record = whole.at(3).get<std::int64_t>();
        state.pace = whole.at(9).get<EventTime>();
        state.moment_record = whole.at(10).get<std::int64_t>();
        state.closed_at = whole.at(11).get<EventTime>();
        const std::vector<std::int64_t> counts = whole.at(5).get<std::vector<std::int64_t>>();
        state.counts = {.messages = counts.at(0),
                        .fills = counts.at(1),
                        .movements = counts.at(2),
                        .repeated = counts.at(3),
                        .late = counts.at(4),
                        .dead_letters = counts.at(5),
                        .evaluations = counts.at(6),
                        .results = counts.at(7),
                        .stress_points = counts.at(8)};
        for (const Saved& account : whole.at(8)) {
            detail::load_account(account, rows, state);
        }
        for (const Saved& touched : whole.at(4)) {
            if (const auto number = touched.get<std::size_t>(); number < state.accounts.size()) {
                state.touch(number);
            }
        }
    } catch (const Saved::exception&) {
        throw InvalidInput("state", "must be what an engine saved, got other bytes");
    } catch (const std::out_of_range&) {
        throw InvalidInput("state", "must be what an engine saved, got a row that is not there");
    }
}

} // namespace margincore::stream
