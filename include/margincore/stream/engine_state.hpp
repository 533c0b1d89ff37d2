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

/// Accounts that something is due for, by event time.
class DueQueue {
public:
    void put(EventTime time, std::size_t account) { entries_.emplace(time, account); }

    /// Hands over the accounts due until a time.
    ///
    /// @param is_due  Takes an account and the time of its entry: whether the entry still holds.
    template <class IsDue>
    [[nodiscard]] std::vector<std::size_t> take(EventTime until, IsDue&& is_due) {
        std::vector<std::size_t> accounts;
        while (!entries_.empty() && entries_.begin()->first <= until) {
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
    std::optional<EventTime> moment{}; ///< Time of the first quote of the open moment.
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

    /// Marks the accounts that a quote of a row touches.
    void touch_holders(InstrumentIndex row) {
        if (static_cast<std::size_t>(row) < holders_.size()) {
            for (const std::size_t holder : holders_[static_cast<std::size_t>(row)]) {
                touch(holder);
            }
        }
    }

    /// Marks the accounts whose calls have been outstanding for too long: whether or not their prices move.
    void touch_overdue(const Ladder& ladder) {
        for (const std::size_t account : overdue_.take(market.clock() - 1, [&](std::size_t number, EventTime time) {
                 return deadline(accounts[number], ladder) == time;
             })) {
            touch(account);
        }
    }

    /// The accounts that were marked, and forgets the marks.
    [[nodiscard]] std::vector<std::size_t> take_touched() {
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
        const std::optional<EventTime> before = deadline(account, ladder);
        account.ladder = state;
        const std::optional<EventTime> after = deadline(account, ladder);
        if (after && after != before) {
            overdue_.put(*after, number(account));
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
    [[nodiscard]] std::vector<std::size_t> take_due_results(EventTime until) {
        return results_.take(until, [&](std::size_t account, EventTime time) {
            return accounts[account].result_due && accounts[account].result_at + settings.publish_interval == time;
        });
    }
    [[nodiscard]] std::vector<std::size_t> take_due_stress(EventTime until) {
        return stress_.take(until, [&](std::size_t account, EventTime time) {
            return accounts[account].stress_due && accounts[account].stress_at + settings.stress_interval == time;
        });
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
        if (const auto due = deadline(account, settings.policy.ladder)) {
            overdue_.put(*due, number(account));
        }
    }

private:
    [[nodiscard]] std::size_t number(const StreamAccount& account) const {
        return static_cast<std::size_t>(&account - accounts.data());
    }

    /// When a call that is outstanding has been so for long enough to restrict; the next event after it does.
    [[nodiscard]] static std::optional<EventTime> deadline(const StreamAccount& account, const Ladder& ladder) {
        constexpr double milliseconds_per_minute = 60'000.0;
        if (!account.ladder.call_issued_at || account.ladder.restricted) {
            return std::nullopt;
        }
        return *account.ladder.call_issued_at +
               static_cast<EventTime>(ladder.restrict_after_minutes * milliseconds_per_minute);
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
