// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <margincore/account/enforcement.hpp>
#include <margincore/core/error.hpp>
#include <margincore/core/names.hpp>
#include <margincore/core/text.hpp>
#include <margincore/document/value.hpp>
#include <margincore/stream/account_in_words.hpp>
#include <margincore/stream/dead_letter.hpp>
#include <margincore/stream/engine_settings.hpp>
#include <margincore/stream/engine_state.hpp>
#include <margincore/stream/event.hpp>
#include <margincore/stream/event_reader.hpp>
#include <margincore/stream/message.hpp>
#include <margincore/stream/result_publisher.hpp>
#include <margincore/stream/saved_state.hpp>
#include <margincore/stream/stream_account.hpp>
#include <margincore/stream/stream_market.hpp>

namespace margincore::stream {

/// Turns the events of fills, cash and the market into margin results, account by account.
///
/// A pure function of the order of messages: no clock is read, the same messages with the same calls between them give
/// the same outputs. docs/streams.md has the rules; in short:
/// - A fill or a cash event is evaluated and published at once. What prices moved within `moment` is one moment, and is
///   evaluated when it is over: when a later event comes, or `settle` is called.
/// - What makes the enforcement ladder take a step is published at once; what only prices moved, once an interval.
/// - (account, version) names a result; a version never goes down.
/// Not safe for several threads.
class MarginEngine {
public:
    explicit MarginEngine(EngineSettings settings) : state_(std::make_unique<EngineState>(std::move(settings))) {}

    /// Takes an event. What cannot be read, or cannot be, becomes a dead letter; nothing is thrown for it.
    void apply(const ReadMessage& read) {
        const Message& message = read.message;
        if (std::holds_alternative<Tick>(read.event)) {
            on_tick(message.timestamp);
            return;
        }
        ++state_->counts.messages;
        state_->last_record = (std::max)(state_->last_record, message.timestamp);
        if (const Unreadable* unreadable = std::get_if<Unreadable>(&read.event)) {
            refuse(message, unreadable->where, unreadable->reason);
            return;
        }
        const EventTime max_ahead = settings().max_ahead;
        if (message.timestamp >= 0 && read.time > message.timestamp + max_ahead) {
            refuse(message, "value.timestamp",
                   "must not be more than " + std::to_string(max_ahead) + " ms after its record " +
                       std::to_string(message.timestamp) + ", got " + std::to_string(read.time));
            return;
        }
        const EventTime pace = state_->pace_with(read.time, message.timestamp);
        if (state_->moment && (pace - *state_->moment >= settings().moment ||
                               message.timestamp - state_->moment_record >= settings().settle)) {
            close_moment(2 * counts().messages - 1);
        }
        state_->pace = pace;
        try {
            std::visit([&](const auto& event) { on(event, message); }, read.event);
        } catch (const Error& error) {
            refuse(message, error.where(), error.what());
        }
    }
    void apply(const Message& message) { apply(read_message(message)); }

    /// Takes an event whose results were written before, by an engine that is gone: all is as after `apply`, but
    /// nothing is to be written.
    void absorb(const ReadMessage& read) {
        publisher_->is_silent = true;
        apply(read);
        publisher_->is_silent = false;
    }

    /// Raises the versions of what is published from now on, as if it had seen more messages: for other settings, under
    /// which results of one place in the log are others.
    void raise_versions(std::int64_t by) { state_->counts.messages += by; }

    /// Closes the open moment: for when nothing came for a while (`settings.settle`).
    void settle() {
        if (state_->moment) {
            close_moment(2 * counts().messages + 1);
        }
    }

    /// Closes the open moment and publishes all that was held back: for when nothing came for an interval.
    void flush() {
        settle();
        publisher_->publish_all(2 * counts().messages + 1);
    }

    /// Publishes what every account comes to, whether or not it was published before: after a restart, whose reader
    /// drops what it has by the version.
    void republish() {
        settle();
        for (StreamAccount& account : state_->accounts) {
            publisher_->evaluate(account, 2 * counts().messages + 1, true);
        }
    }

    /// What is to be written, in order, since it was last taken.
    [[nodiscard]] std::vector<Output> take() { return std::exchange(publisher_->outputs, {}); }

    [[nodiscard]] bool has_open_moment() const { return state_->moment.has_value(); }
    [[nodiscard]] const EngineSettings& settings() const { return state_->settings; }
    [[nodiscard]] const EngineCounts& counts() const { return state_->counts; }
    [[nodiscard]] const std::vector<StreamAccount>& accounts() const { return state_->accounts; }

    /// An account document of an account at the newest prices.
    ///
    /// @throws InvalidInput where there is no such account.
    [[nodiscard]] document::Value document(const std::string& account_id) const {
        return document_of(state_->accounts[state_->number_of(account_id)], state_->market, settings());
    }

    /// What `margin.calc.v1` would say of an account now.
    ///
    /// @throws InvalidInput where there is no such account.
    [[nodiscard]] std::string result(const std::string& account_id) {
        const StreamAccount& account = state_->accounts[state_->number_of(account_id)];
        return publisher_->text_of(account, 2 * counts().messages + 1);
    }

    /// All that a later engine needs to go on, as bytes.
    [[nodiscard]] std::string save() const { return save_state(*state_); }

    /// Goes on from what an engine saved, under these settings.
    ///
    /// @throws InvalidInput where the bytes are no state of this version.
    void load(std::string_view bytes) {
        auto loaded = std::make_unique<EngineState>(state_->settings);
        load_state(bytes, *loaded);
        state_ = std::move(loaded);
        publisher_.emplace(*state_);
    }

private:
    void refuse(const Message& message, std::string_view where, std::string_view reason) {
        ++state_->counts.dead_letters;
        if (!publisher_->is_silent) {
            publisher_->outputs.push_back(dead_letter(message, where, reason));
        }
    }

    void on(const Unreadable& /*event*/, const Message& /*message*/) {}
    void on(const Tick& /*event*/, const Message& /*message*/) {}

    void on(const PriceEvent& event, const Message& message) {
        const InstrumentIndex row = state_->market.row_of(event.symbol);
        on_quote(row, state_->market.set_price(row, event.price, event.time), event.time, message);
    }
    void on(const BetaEvent& event, const Message& message) {
        if (event.symbol == settings().benchmark && event.beta != 1.0) {
            throw InvalidInput("value.beta", "must be 1 for the benchmark itself, got " + number_text(event.beta));
        }
        const InstrumentIndex row = state_->market.row_of(event.symbol);
        on_quote(row, state_->market.set_beta(row, event.beta, event.time), event.time, message);
    }
    void on(const VolatilityEvent& event, const Message& message) {
        const InstrumentIndex row = state_->market.row_of(event.symbol);
        on_quote(row, state_->market.set_volatility(row, event.volatility, event.time), event.time, message);
    }

    void on_quote(InstrumentIndex row, bool is_taken, EventTime time, const Message& message) {
        if (!is_taken) {
            ++state_->counts.late;
            return;
        }
        state_->market.see(time);
        state_->touch_holders(row);
        if (!state_->moment) {
            state_->moment = state_->pace;
            state_->moment_record = message.timestamp;
        }
    }

    void on(const Fill& fill, const Message& message) {
        StreamAccount& account = state_->account(fill.account_id);
        Fingerprint said;
        said << fill.symbol << fill.quantity << fill.price;
        if (!is_first(account.fills, fill.id, said.value(), "value.fill_id", message)) {
            return;
        }
        try {
            const InstrumentIndex row = state_->market.row_of(fill.symbol);
            const std::optional<OptionContract>& option = state_->market[row].option;
            apply_fill(account, fill, row, option ? option->multiplier : 1.0, state_->market);
            state_->watch(account, row);
            if (std::ranges::find(account.positions, row, &StreamPosition::row) == account.positions.end()) {
                state_->watch_what_is_held(account);
            }
            ++state_->counts.fills;
        } catch (const Error& error) {
            not_counted(account, fill.time, "fill " + fill.id + " of " + fill.symbol, error, message);
        }
        on_own_event(account);
    }

    void on(const CashMovement& movement, const Message& message) {
        StreamAccount& account = state_->account(movement.account_id);
        Fingerprint said;
        said << name_of(movement.type) << movement.amount;
        if (!is_first(account.movements, movement.id, said.value(), "value.cash_id", message)) {
            return;
        }
        try {
            apply_movement(account, movement);
            ++state_->counts.movements;
        } catch (const Error& error) {
            not_counted(account, movement.time, "cash event " + movement.id, error, message);
        }
        on_own_event(account);
    }

    /// An event happened that cannot be counted: the account must not look as if it had not.
    void not_counted(StreamAccount& account, EventTime time, const std::string& what, const Error& error,
                     const Message& message) {
        account.time = (std::max)(account.time, time);
        account.uncounted.push_back(what + " is not counted: " + error.what());
        refuse(message, error.where(), error.what());
    }

    /// Whether an event of an account is to be counted: it is once.
    [[nodiscard]] bool is_first(EventIds& ids, const std::string& id, std::uint64_t said, std::string_view where,
                                const Message& message) {
        const Seen seen = ids.note(id, said);
        if (seen == Seen::again) {
            ++state_->counts.repeated;
        } else if (seen == Seen::contradicted) {
            refuse(message, where, "must be of one event, got " + in_quotes(id) + " again with other content");
        }
        return seen == Seen::first;
    }

    void on_own_event(StreamAccount& account) { publisher_->evaluate(account, 2 * counts().messages, true); }

    /// Ticks come at their own pace, and say how long nothing else did.
    void on_tick(std::int64_t record) {
        const std::int64_t silence = record - state_->last_record;
        if (silence >= settings().publish_interval) {
            flush();
        } else if (silence >= settings().settle) {
            settle();
        }
    }

    void close_moment(std::int64_t version) {
        state_->moment.reset();
        state_->touch_overdue(settings().policy.ladder);
        publisher_->begin(state_->closed_at == never ? 0 : state_->pace - state_->closed_at);
        state_->closed_at = state_->pace;
        for (const std::size_t number : state_->take_touched()) {
            publisher_->evaluate(state_->accounts[number], version, false);
        }
        publisher_->publish_due(version);
    }

    std::unique_ptr<EngineState> state_; // the market refers to the settings in it
    std::optional<ResultPublisher> publisher_{std::in_place, *state_};
};

} // namespace margincore::stream
