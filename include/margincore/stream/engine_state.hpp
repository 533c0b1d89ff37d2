// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <margincore/account/enforcement.hpp>
#include <margincore/account/policy.hpp>
#include <margincore/core/error.hpp>
#include <margincore/core/text.hpp>
#include <margincore/instrument/instrument_table.hpp>
#include <margincore/stream/engine_settings.hpp>
#include <margincore/stream/stream_account.hpp>
#include <margincore/stream/stream_market.hpp>

namespace margincore::stream {

/// What an engine has counted since the log began.
struct EngineCounts {
    std::int64_t messages = 0; ///< Ticks apart.
    std::int64_t fills = 0;    ///< Each once.
    std::int64_t movements = 0;
    std::int64_t repeated = 0; ///< Fills and movements that came again.
    std::int64_t late = 0;     ///< Quotes older than what was there.
    std::int64_t dead_letters = 0;
    std::int64_t evaluations = 0;
    std::int64_t results = 0;
    std::int64_t stress_points = 0;
};

inline constexpr auto no_limit = (std::numeric_limits<std::size_t>::max)();

/// Accounts that something is due for, by event time.
class DueQueue {
public:
    void put(EventTime time, std::size_t account) { entries_.emplace(time, account); }

    /// Hands over the accounts due until a time, those first that have been due for longest.
    ///
    /// @param is_due  Takes an account and the time of its entry: whether the entry still holds.
    /// @param most    Accounts that are handed over; the others stay.
    template <class IsDue>
    [[nodiscard]] std::vector<std::size_t> take(EventTime until, IsDue&& is_due, std::size_t most = no_limit) {
        std::vector<std::size_t> accounts;
        while (accounts.size() < most && !entries_.empty() && entries_.begin()->first <= until) {
            const auto [time, account] = *entries_.begin();
            entries_.erase(entries_.begin());
            if (is_due(account, time)) {
                accounts.push_back(account);
            }
        }
        return accounts;
    }

private:
    std::set<std::pair<EventTime, std::size_t>> entries_;
};

/// The accounts and the market of an engine, and who waits for what.
class EngineState {
public:
    explicit EngineState(EngineSettings with) : settings(std::move(with)), market(settings) {}
    EngineState(const EngineState&) = delete; // the market refers to the settings
    EngineState& operator=(const EngineState&) = delete;

    EngineSettings settings;
    StreamMarket market;
    std::vector<StreamAccount> accounts{};
    EventTime pace = never;            ///< Newest time that both an event and its record have reached.
    std::optional<EventTime> moment{}; ///< Pace at the first quote of the open moment.
    std::int64_t moment_record = -1;   ///< Timestamp of that quote's record.
    EventTime closed_at = never;       ///< Pace when the last moment was closed.
    std::int64_t last_record = -1;     ///< Newest timestamp of a record that was no tick.
    EngineCounts counts{};

    /// The account of an id, added where it is new.
    [[nodiscard]] StreamAccount& account(const std::string& id) {
        const auto [entry, is_new] = numbers_.try_emplace(id, accounts.size());
        if (is_new) {
            accounts.push_back({.id = id});
            is_touched_.push_back(0);
        }
        return accounts[entry->second];
    }

    /// @throws InvalidInput where there is no such account.
    [[nodiscard]] std::size_t number_of(const std::string& id) const {
        const auto entry = numbers_.find(id);
        if (entry == numbers_.end()) {
            throw InvalidInput("account_id", "must be an account of the stream, got " + in_quotes(id));
        }
        return entry->second;
    }

    /// The pace when an event has come. A clock that is ahead must not hold back what others wait for, so intervals go
    /// by the earlier of an event's own time and its record's.
    [[nodiscard]] EventTime pace_with(EventTime time, std::int64_t record) const {
        return (std::max)(pace, record >= 0 ? (std::min)(time, record) : time);
    }

    /// Has prices that move what is asked for an instrument touch the account that holds it.
    void watch(StreamAccount& account, InstrumentIndex held) {
        holders_.resize((std::max)(holders_.size(), market.size()));
        for (const InstrumentIndex row : market.watched(held)) {
            if (std::ranges::find(account.watched, row) == account.watched.end()) {
                account.watched.push_back(row);
                holders_[static_cast<std::size_t>(row)].push_back(number(account));
            }
        }
    }

    /// Takes back what `watch` did for instruments that an account no longer holds.
    void watch_what_is_held(StreamAccount& account) {
        std::vector<InstrumentIndex> wanted;
        for (const StreamPosition& held : account.positions) {
            const std::vector<InstrumentIndex> rows = market.watched(held.row);
            wanted.insert(wanted.end(), rows.begin(), rows.end());
        }
        std::erase_if(account.watched, [&](InstrumentIndex row) {
            const bool is_left = std::ranges::find(wanted, row) == wanted.end();
            if (is_left) {
                std::erase(holders_[static_cast<std::size_t>(row)], number(account));
            }
            return is_left;
        });
    }

    /// Marks the accounts that a quote of a row touches.
    void touch_holders(InstrumentIndex row) {
        if (static_cast<std::size_t>(row) < holders_.size()) {
            for (const std::size_t holder : holders_[static_cast<std::size_t>(row)]) {
                touch(holder);
            }
        }
    }

    /// Marks the accounts whose calls have been outstanding for too long, or were last spoken of a while ago: whether
    /// or not their prices move.
    void touch_overdue(const Ladder& ladder) {
        for (const std::size_t account : overdue_.take(market.clock() - 1, [&](std::size_t number, EventTime time) {
                 return next_look(accounts[number], ladder) == time;
             })) {
            touch(account);
        }
    }

    /// The accounts that were marked, by number, and forgets the marks.
    [[nodiscard]] std::vector<std::size_t> take_touched() {
        std::ranges::sort(touched_); // whichever quote came first, and whatever was held before
        for (const std::size_t account : touched_) {
            is_touched_[account] = 0;
        }
        return std::exchange(touched_, {});
    }
    [[nodiscard]] const std::vector<std::size_t>& touched() const { return touched_; }
    void touch(std::size_t account) {
        if (std::exchange(is_touched_[account], std::uint8_t{1}) == 0) {
            touched_.push_back(account);
        }
    }

    void set_ladder(StreamAccount& account, EnforcementState state, const Ladder& ladder) {
        account.ladder = state;
        look_again(account, ladder);
    }

    /// Has a call that is outstanding looked at when it is overdue, or was last spoken of a while ago.
    void look_again(const StreamAccount& account, const Ladder& ladder) {
        if (const auto due = next_look(account, ladder)) {
            overdue_.put(*due, number(account));
        }
    }

    void hold_result(StreamAccount& account, EventTime interval) {
        if (!std::exchange(account.result_due, true)) {
            results_.put(account.result_at + interval, number(account));
        }
    }
    void hold_stress(StreamAccount& account, EventTime interval) {
        if (!std::exchange(account.stress_due, true)) {
            stress_.put(account.stress_at + interval, number(account));
        }
    }
    [[nodiscard]] std::vector<std::size_t> take_due_results(EventTime until, std::size_t most) {
        const auto is_due = [&](std::size_t account, EventTime time) {
            return accounts[account].result_due && accounts[account].result_at + settings.publish_interval == time;
        };
        return results_.take(until, is_due, most);
    }
    [[nodiscard]] std::vector<std::size_t> take_due_stress(EventTime until, std::size_t most) {
        const auto is_due = [&](std::size_t account, EventTime time) {
            return accounts[account].stress_due && accounts[account].stress_at + settings.stress_interval == time;
        };
        return stress_.take(until, is_due, most);
    }

    /// How many accounts that prices alone moved may be published after a time of the stream: twice as many as would
    /// come in it if they came evenly. Else all would come at once, again and again, and fills would wait for them.
    [[nodiscard]] std::size_t share_of(EventTime elapsed, EventTime interval) const {
        constexpr double some = 100;
        const double even = static_cast<double>(accounts.size()) * static_cast<double>(elapsed) /
                            static_cast<double>((std::max)(interval, EventTime{1}));
        return static_cast<std::size_t>((std::min)(some + 2 * even, 1e9));
    }

    /// Puts what follows from an account into its queues, after it was loaded.
    void restore(StreamAccount& account) {
        for (const StreamPosition& held : account.positions) {
            watch(account, held.row);
        }
        if (std::exchange(account.result_due, false)) {
            hold_result(account, settings.publish_interval);
        }
        if (std::exchange(account.stress_due, false)) {
            hold_stress(account, settings.stress_interval);
        }
        look_again(account, settings.policy.ladder);
    }

private:
    [[nodiscard]] std::size_t number(const StreamAccount& account) const {
        return static_cast<std::size_t>(&account - accounts.data());
    }

    /// When a call that is outstanding has been so for long enough to restrict, and the next event after it does; or
    /// when its reader must hear of the account again: its ladder is its own, and may have begun the call earlier.
    [[nodiscard]] static std::optional<EventTime> next_look(const StreamAccount& account, const Ladder& ladder) {
        constexpr EventTime reminder = 60'000;
        constexpr double milliseconds_per_minute = 60'000.0;
        if (!account.ladder.call_issued_at || account.ladder.restricted) {
            return std::nullopt;
        }
        const EventTime deadline = *account.ladder.call_issued_at +
                                   static_cast<EventTime>(ladder.restrict_after_minutes * milliseconds_per_minute);
        return account.said_at == never ? deadline : (std::min)(deadline, account.said_at + reminder);
    }

    std::unordered_map<std::string, std::size_t> numbers_{};
    std::vector<std::vector<std::size_t>> holders_{}; // by row of the market
    std::vector<std::uint8_t> is_touched_{};          // by account
    std::vector<std::size_t> touched_{};
    DueQueue overdue_{};
    DueQueue results_{};
    DueQueue stress_{};
};

} // namespace margincore::stream
