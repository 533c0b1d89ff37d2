// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <margincore/account/market_rows.hpp>
#include <margincore/account/option_checks.hpp>
#include <margincore/core/error.hpp>
#include <margincore/core/text.hpp>
#include <margincore/core/units.hpp>
#include <margincore/core/where.hpp>
#include <margincore/instrument/account_place.hpp>
#include <margincore/instrument/book.hpp>

namespace margincore {

/// A long position that may cover short calls though it is not what they are on: a fund calls on its index, a
/// convertible or a warrant calls on what it converts into.
///
/// @source FINRA 4210(f)(2)(H)(iv); Cboe Rule 10.3(c)(5)(C)(4): a qualified stock basket or fund, and a security that
///         converts without restriction other than a payment, into at least what the call is on.
struct CallCover {
    std::size_t position = 0;               ///< In the account.
    Quantity held = 0.0;                    ///< Units that offsets have not taken, > 0.
    double received = 1.0;                  ///< Of what the calls are on, for one unit; of a fund the fund itself.
    std::optional<Quantity> per_contract{}; ///< Of what is received; nothing where it is what the call delivers.
    Price payment = 0.0;                    ///< To convert a unit, USD.

    /// What one contract takes of what is received.
    [[nodiscard]] Quantity taken(double multiplier) const { return per_contract.value_or(multiplier); }
    /// Units that cover one contract.
    [[nodiscard]] Quantity units(double multiplier) const { return taken(multiplier) / received; }
    /// What exercise brings for one unit, USD: it counts no more in equity. Where it is below zero a call is not
    /// covered.
    [[nodiscard]] Price exercise_value(Price strike, double multiplier) const {
        return strike * multiplier / units(multiplier) - payment;
    }

    friend bool operator==(const CallCover&, const CallCover&) = default;
};

namespace detail {

/// What may cover the short calls of an account on one underlying beside the underlying itself.
///
/// @param positions  The options on the underlying.
/// @param alone      The net quantity of a position that offsets have not taken.
/// @param covers     What is found; its memory is kept.
/// @throws Unsupported where options on a fund and on its index would have to share the fund.
template <class Alone>
void find_call_covers(const AccountView& account, InstrumentIndex underlying, std::span<const std::size_t> positions,
                      const MarketRows& market, Alone&& alone, const AccountPlace& place,
                      std::vector<CallCover>& covers) {
    covers.clear();
    const auto call = std::ranges::find_if(positions, [&](std::size_t i) {
        return account.quantity[i] < 0 && market.instrument(account.instrument[i]).option->right == Right::call;
    });
    if (call == positions.end()) {
        return;
    }
    for (std::size_t i = 0; i < account.size(); ++i) {
        const InstrumentIndex row = account.instrument[i];
        const MarketRow& facts = market[row];
        const Instrument& held = market.instrument(row);
        if (!(account.quantity[i] > 0) || !is_security(facts.facts.kind) || !(alone(i) > 0)) {
            continue;
        }
        if (held.covers && held.covers->index == market.instrument(underlying).symbol) {
            if (std::ranges::any_of(account.instrument,
                                    [&](InstrumentIndex other) { return market[other].option.underlying == row; })) {
                const Where position = place.positions[place.row(*call)];
                throw Unsupported(position["symbol"],
                                  "short index calls beside " + in_quotes(held.symbol) +
                                      ", which may cover them, and options on it are not built yet");
            }
            covers.push_back({.position = i, .held = alone(i), .per_contract = held.covers->units_per_contract});
        } else if (facts.conversion.into == underlying && held.marginable) {
            covers.push_back({.position = i,
                              .held = alone(i),
                              .received = facts.conversion.ratio,
                              .payment = facts.conversion.cash});
        }
    }
}

} // namespace detail
} // namespace margincore
