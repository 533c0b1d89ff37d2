// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include <margincore/core/check.hpp>
#include <margincore/core/error.hpp>
#include <margincore/core/limits.hpp>
#include <margincore/core/units.hpp>
#include <margincore/core/where.hpp>
#include <margincore/instrument/instrument_table.hpp>

namespace margincore {

/// One account: a view of its positions in columns that somebody else holds.
///
/// A position held long and short at once is its net quantity and, in `boxed`, the quantity that stands on both
/// sides, so that "against the box" stays visible: long = max(net, 0) + boxed, short = max(-net, 0) + boxed.
struct AccountView {
    Money cash = 0.0;                              ///< Credit (+) or debit (-) balance.
    std::span<const InstrumentIndex> instrument{}; ///< Rows of the instrument table. Shape (n_positions).
    std::span<const Quantity> quantity{};          ///< Net, negative when short. Shape (n_positions).
    std::span<const Quantity> boxed{};             ///< >= 0; empty when nothing is boxed. Shape (n_positions) or (0).

    [[nodiscard]] std::size_t size() const { return instrument.size(); }
    [[nodiscard]] Quantity boxed_at(std::size_t position) const { return boxed.empty() ? 0.0 : boxed[position]; }
};

/// Many accounts over the same columns: account `i` has the positions `offsets[i]` to `offsets[i + 1]`.
struct Book {
    std::span<const Money> cash{};                 ///< Shape (n_accounts).
    std::span<const std::int64_t> offsets{};       ///< Shape (n_accounts + 1), ascending from 0 to n_positions.
    std::span<const InstrumentIndex> instrument{}; ///< Shape (n_positions).
    std::span<const Quantity> quantity{};          ///< Shape (n_positions).
    std::span<const Quantity> boxed{};             ///< Shape (n_positions), or (0) when nothing is boxed.

    [[nodiscard]] std::size_t size() const { return cash.size(); }

    [[nodiscard]] AccountView operator[](std::size_t account) const {
        const auto first = static_cast<std::size_t>(offsets[account]);
        const auto count = static_cast<std::size_t>(offsets[account + 1]) - first;
        return {.cash = cash[account],
                .instrument = instrument.subspan(first, count),
                .quantity = quantity.subspan(first, count),
                .boxed = boxed.empty() ? boxed : boxed.subspan(first, count)};
    }
};

/// Checks one account against the table that its rows refer to.
///
/// @throws InvalidInput where shapes differ, a row is not in the table, or a number is not one that an account can
/// have.
inline void require_valid(const AccountView& account, std::size_t n_instruments, const Where& where) {
    const Where positions = where["positions"];
    if (account.quantity.size() != account.size() ||
        (!account.boxed.empty() && account.boxed.size() != account.size())) {
        throw InvalidInput(positions, "must have columns of one length, got " + std::to_string(account.size()) +
                                          " instruments and " + std::to_string(account.quantity.size()) +
                                          " quantities");
    }
    static_cast<void>(require_within(account.cash, -largest_cash, largest_cash, where["cash"]));
    for (std::size_t i = 0; i < account.size(); ++i) {
        const Where position = positions[i];
        const InstrumentIndex row = account.instrument[i];
        if (row < 0 || static_cast<std::size_t>(row) >= n_instruments) {
            throw InvalidInput(position, "must refer to a row of the instrument table, got " + std::to_string(row));
        }
        static_cast<void>(
            require_within(account.quantity[i], -largest_quantity, largest_quantity, position["quantity"]));
        static_cast<void>(require_not_negative(account.boxed_at(i), largest_quantity, position["boxed"]));
        if (account.quantity[i] == 0 && account.boxed_at(i) == 0) {
            throw InvalidInput(position["quantity"], "must not be zero, got 0");
        }
    }
}

} // namespace margincore
