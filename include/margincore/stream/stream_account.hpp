// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <margincore/account/enforcement.hpp>
#include <margincore/core/error.hpp>
#include <margincore/core/units.hpp>
#include <margincore/instrument/instrument_table.hpp>
#include <margincore/stream/event.hpp>
#include <margincore/stream/event_ids.hpp>
#include <margincore/stream/stream_market.hpp>

namespace margincore::stream {

struct StreamPosition {
    InstrumentIndex row = 0;
    Nanos quantity = 0; ///< Signed, not zero.
};

/// An account as its fills and cash movements so far have it, and what was last said of it.
struct StreamAccount {
    std::string id{};
    Micros cash = 0;
    bool has_balance = false;                ///< A cash event came; before that nobody knows what it has.
    std::vector<StreamPosition> positions{}; ///< By symbol, so that sums do not depend on who came first.
    std::vector<InstrumentIndex> watched{};  ///< Rows whose quotes touch it.
    EventIds fills{};
    EventIds movements{};
    std::vector<std::string> uncounted{}; ///< Events that nobody can count, in words: not all is known.
    EventTime time = never;               ///< Of the newest of its own events.
    EnforcementState ladder{};
    EventTime said_at = never;   ///< Event time of the last result that was published.
    EventTime result_at = never; ///< Pace of the stream when it was.
    EventTime stress_at = never; ///< The same of the stress table.
    bool result_due = false;     ///< Prices moved it since.
    bool stress_due = false;
    bool was_complete = false; ///< When it was last evaluated.

    [[nodiscard]] Money cash_usd() const { return static_cast<Money>(cash) / micros_per_usd; }
};

[[nodiscard]] inline Quantity units(Nanos quantity) { return static_cast<Quantity>(quantity) / nanos_per_unit; }

namespace detail {

/// @throws NumericalFailure where a sum is beyond what is held exactly.
inline void require_exact(double sum, std::string_view what) {
    constexpr double largest = 9.2e18; // below 2^63
    if (!(std::abs(sum) < largest)) {
        throw NumericalFailure("value", "must leave " + std::string(what) + " that 64 bits hold exactly, got more");
    }
}

} // namespace detail

/// Counts a fill: the position, and the cash that it cost.
///
/// @param multiplier  Units of an option's underlying a contract, 1 of anything else.
/// @throws NumericalFailure where the account cannot hold it exactly; nothing has changed then.
inline void apply_fill(StreamAccount& account, const Fill& fill, InstrumentIndex row, double multiplier,
                       const StreamMarket& market) {
    const double cost = std::round(units(fill.quantity) * fill.price * multiplier * micros_per_usd);
    detail::require_exact(cost, "cash");
    detail::require_exact(static_cast<double>(account.cash) - cost, "cash");
    const auto position = std::ranges::find(account.positions, row, &StreamPosition::row);
    if (position == account.positions.end()) {
        const auto place = std::ranges::lower_bound(
            account.positions, fill.symbol, {},
            [&](const StreamPosition& held) -> const std::string& { return market[held.row].symbol; });
        account.positions.insert(place, {row, fill.quantity});
    } else {
        detail::require_exact(static_cast<double>(position->quantity) + static_cast<double>(fill.quantity),
                              "a position");
        position->quantity += fill.quantity;
        if (position->quantity == 0) {
            account.positions.erase(position);
        }
    }
    account.cash -= static_cast<Micros>(cost);
    account.time = (std::max)(account.time, fill.time);
}

/// Counts a cash movement.
///
/// @throws NumericalFailure where the account cannot hold it exactly; nothing has changed then.
inline void apply_movement(StreamAccount& account, const CashMovement& movement) {
    detail::require_exact(static_cast<double>(account.cash) + static_cast<double>(movement.amount), "cash");
    account.cash += movement.amount;
    account.has_balance = true;
    account.time = (std::max)(account.time, movement.time);
}

} // namespace margincore::stream
