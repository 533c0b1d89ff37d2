// SPDX-License-Identifier: Apache-2.0
#include "service.hpp"

#include <algorithm>
#include <exception>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include <margincore/core/error.hpp>
#include <margincore/core/names.hpp>
#include <margincore/stream/event_ids.hpp>
#include <margincore/stream/message.hpp>

#include "log.hpp"
#include "snapshot.hpp"

namespace margin_service {

namespace stream = margincore::stream;
using std::chrono::milliseconds;

namespace {

constexpr std::size_t largest_round = 2000;    // messages: what a transaction may hold up
constexpr milliseconds commit_interval(1000);  // of offsets that led to no output
constexpr milliseconds report_interval(100);   // to /health and /metrics
constexpr milliseconds longest_rest(500);      // so that /health sees a loop that hangs
constexpr std::int64_t largest_delay = 10'000; // ms from a record to its evaluation

std::int64_t now_ms() {
    return std::chrono::duration_cast<milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

double seconds_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

} // namespace

Service::Service(const Options& options, std::string settings, Engine engine, Status& status, std::stop_token stop)
    : options_(options), settings_(std::move(settings)), engine_(std::move(engine)), status_(status), stop_(stop),
      publisher_(producer_properties(options), stop), // shuts out an older one, before its offsets are read
      input_(consumer_properties(options), stop) {}

void Service::run() {
    const std::stop_callback wake(stop_, [this] { input_.wake(); });
    if (!rebuild()) {
        return; // nothing is new
    }
    while (!stop_.stop_requested()) {
        round();
    }
    status_.say("stopping");
    engine_.flush();
    mark_.is_complete = true;
    publish(engine_.take());
    save_snapshot();
    log("stopped: {} transactions, {} messages written", publisher_.transactions(), publisher_.written());
}

// --- start -----------------------------------------------------------------------------------------------------------

bool Service::rebuild() {
    const auto start = Clock::now();
    const Offsets committed = input_.committed();
    ends_at_start_ = input_.ends();
    const CommitMark before = input_.mark();
    mark_.settings = (stream::Fingerprint() << settings_).value();
    const bool has_other_settings = before.settings != 0 && before.settings != mark_.settings;
    mark_.generation = before.generation + (has_other_settings ? 1 : 0);
    if (has_other_settings) {
        log("the settings have changed: every account is published anew");
    }
    input_.start(load_snapshot(), committed);
    while (!input_.has_reached_until()) {
        if (stop_.stop_requested()) {
            return false;
        }
        if (const auto received = input_.next()) {
            engine_.absorb(received->read);
            ++figures_.rebuilt_messages;
        } else {
            input_.wait(longest_rest);
        }
        if (Clock::now() - last_report_ > report_interval) {
            last_report_ = Clock::now();
            status_.say(fmt::format("rebuilding the state: {} messages read", figures_.rebuilt_messages));
        }
    }
    // What had come to nothing yet when the last instance ended is not known. Either nothing was left to be published,
    // or everything is published once more: readers tell by the version what they have.
    engine_.flush();
    static_cast<void>(engine_.take());
    figures_.rebuild_seconds = seconds_since(start);
    log("state rebuilt from {} messages in {:.3f} s", figures_.rebuilt_messages, figures_.rebuild_seconds);
    mark_.is_complete = true;
    if (!input_.mark().is_complete || has_other_settings) {
        engine_.republish();
        publish(engine_.take());
    }
    input_.go_live();
    return true;
}

Offsets Service::load_snapshot() {
    Offsets from = input_.committed();
    for (auto& [partition, offset] : from) {
        offset = 0;
    }
    engine_.raise_versions(mark_.generation); // which a snapshot holds already
    if (!options_.snapshot) {
        return from;
    }
    const std::optional<Snapshot> snapshot = read_snapshot(*options_.snapshot, identity());
    if (!snapshot) {
        return from;
    }
    if (!serves(*snapshot, input_.committed())) {
        log("snapshot {}: not of this group's log, left out", options_.snapshot->string());
        return from;
    }
    try {
        engine_.load(snapshot->state);
    } catch (const margincore::Error& error) {
        log("snapshot {}: left out: {}", options_.snapshot->string(), error.what());
        return from;
    }
    return snapshot->offsets;
}

std::string Service::identity() const { return fmt::format("{} {}", mark_.generation, settings_); }

// --- rounds ----------------------------------------------------------------------------------------------------------

void Service::round() {
    const std::size_t count = apply_what_came();
    const auto now = Clock::now();
    if (count > 0) {
        last_input_ = now;
        is_settled_ = mark_.is_complete = is_committed_ = false;
    } else {
        rest(now);
    }
    const std::vector<stream::Output> outputs = engine_.take();
    if (!outputs.empty() || (!is_committed_ && now - last_commit_ >= commit_interval)) {
        publish(outputs);
    } else if (count == 0) {
        input_.wait(time_to_rest(now));
    }
    if (now - last_report_ >= report_interval) {
        report();
    }
}

std::size_t Service::apply_what_came() {
    std::size_t count = 0;
    while (count < largest_round) {
        const std::optional<Received> received = input_.next();
        if (!received) {
            break;
        }
        const stream::Message& message = received->read.message;
        engine_.apply(received->read);
        ++count;
        ++figures_.messages[message.topic];
        last_record_ = message.timestamp;
        if (message.topic == margincore::name_of(stream::InputTopic::fills) ||
            message.topic == margincore::name_of(stream::InputTopic::cash)) {
            unanswered_.push_back(message.timestamp);
        }
    }
    return count;
}

/// Closes what is open when nothing came for a while.
void Service::rest(Clock::time_point now) {
    if (!is_settled_ && now - last_input_ >= engine_.settle_after()) {
        engine_.settle();
        is_settled_ = true;
    }
    if (!mark_.is_complete && now - last_input_ >= engine_.flush_after()) {
        engine_.flush();
        is_settled_ = mark_.is_complete = true;
    }
}

milliseconds Service::time_to_rest(Clock::time_point now) const {
    auto until = now + longest_rest;
    if (!is_settled_) {
        until = (std::min)(until, last_input_ + engine_.settle_after());
    }
    if (!mark_.is_complete) {
        until = (std::min)(until, last_input_ + engine_.flush_after());
    }
    if (!is_committed_) {
        until = (std::min)(until, last_commit_ + commit_interval);
    }
    return (std::max)(std::chrono::ceil<milliseconds>(until - now), milliseconds(0));
}

void Service::publish(const std::vector<stream::Output>& outputs) {
    publisher_.publish(outputs, input_.offsets(), mark_, group_.get());
    is_committed_ = true;
    last_commit_ = Clock::now();
    for (const std::int64_t record : std::exchange(unanswered_, {})) {
        figures_.latency.observe(static_cast<double>((std::max)(now_ms() - record, std::int64_t{0})) / 1000.0);
    }
    if (last_commit_ - last_snapshot_ >= options_.snapshot_interval) {
        save_snapshot();
    }
}

/// To be called when everything that was applied is committed.
void Service::save_snapshot() {
    last_snapshot_ = Clock::now();
    if (!options_.snapshot) {
        return;
    }
    try {
        write_snapshot(*options_.snapshot, {identity(), input_.offsets(), engine_.save()});
    } catch (const std::exception& error) {
        log("no snapshot was written: {}", error.what()); // the log has everything
    }
}

// --- what it says of itself ------------------------------------------------------------------------------------------

void Service::report() {
    last_report_ = Clock::now();
    if (!is_caught_up_ && input_.has_reached(ends_at_start_)) {
        is_caught_up_ = true;
        log("live");
    }
    figures_.engine = engine_.counts();
    figures_.written = publisher_.written();
    figures_.transactions = publisher_.transactions();
    figures_.aborted = publisher_.aborted();
    figures_.lag = input_.lag();
    status_.report(figures_, trouble());
}

std::string Service::trouble() {
    if (input_.is_cut_off()) {
        return "no broker can be reached";
    }
    if (!is_caught_up_) {
        return fmt::format("catching up: {} messages behind", figures_.lag);
    }
    const std::int64_t delay = now_ms() - last_record_;
    if (figures_.lag > 0 && delay > largest_delay) {
        return fmt::format("{} messages and {} s behind", figures_.lag, delay / 1000);
    }
    return {};
}

} // namespace margin_service
