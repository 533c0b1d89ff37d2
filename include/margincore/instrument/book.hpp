// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include <margincore/core/check.hpp>
#include <margincore/core/error.hpp>
#include <margincore/core/limits.hpp>
#include <margincore/core/units.hpp>
#include <margincore/core/where.hpp>
#include <margincore/instrument/account_place.hpp>
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

/// Whether anything is short, boxed or not.
[[nodiscard]] inline bool holds_shorts(const AccountView& account) {
    const auto is_short = [](Quantity quantity) { return quantity < 0; };
    const auto is_boxed = [](Quantity quantity) { return quantity > 0; };
    return std::ranges::any_of(account.quantity, is_short) || std::ranges::any_of(account.boxed, is_boxed);
}

/// Many accounts over the same columns: account `i` has the positions `offsets[i]` to `offsets[i + 1]`.
struct Book {
    std::span<const Money> cash{};                 ///< Shape (n_accounts).
    std::span<const std::int64_t> offsets{};       ///< Shape (n_accounts + 1), ascending from 0 to n_positions.
    std::span<const InstrumentIndex> instrument{}; ///< Shape (n_positions).
    std::span<const Quantity> quantity{};          ///< Shape (n_positions).
    std::span<const Quantity> boxed{};             ///< Shape (n_positions), or (0) when nothing is boxed.
    std::span<const std::int64_t> rows{};          ///< Of each position in the caller's data; (0) when in order.

    /// Of each account, 1 where portfolio margin is its method and 0 where strategy is; (0) for strategy alone.
    std::span<const std::uint8_t> is_portfolio{};

    [[nodiscard]] std::size_t size() const { return cash.size(); }
    [[nodiscard]] bool has_portfolio_margin(std::size_t account) const {
        return !is_portfolio.empty() && is_portfolio[account] != 0;
    }

    [[nodiscard]] AccountView operator[](std::size_t account) const {
        const auto first = static_cast<std::size_t>(offsets[account]);
        const auto count = static_cast<std::size_t>(offsets[account + 1]) - first;
        return {.cash = cash[account],
                .instrument = instrument.subspan(first, count),
                .quantity = quantity.subspan(first, count),
                .boxed = boxed.empty() ? boxed : boxed.subspan(first, count)};
    }
};

/// What a symbol that is not there becomes, where a column of symbols has nulls.
inline constexpr InstrumentIndex null_instrument = (std::numeric_limits<InstrumentIndex>::min)();

/// Checks that the rows of an account are in the instrument table, each once.
///
/// @throws InvalidInput where one is not, or columns have different lengths.
/// @throws MissingData  where a row is `null_instrument`.
inline void require_rows(const AccountView& account, std::size_t n_instruments,
                         const AccountPlace& place = in_document) {
    if (account.quantity.size() != account.size() ||
        (!account.boxed.empty() && account.boxed.size() != account.size())) {
        throw InvalidInput(place.positions, "must have columns of one length, got " + std::to_string(account.size()) +
                                                " instruments and " + std::to_string(account.quantity.size()) +
                                                " quantities");
    }
    std::unordered_set<InstrumentIndex> seen;
    for (std::size_t i = 0; i < account.size(); ++i) {
        const Where position = place.positions[place.row(i)];
        const InstrumentIndex row = account.instrument[i];
        if (row == null_instrument) {
            throw MissingData(position["symbol"], "must be given, got nothing");
        }
        if (row < 0 || static_cast<std::size_t>(row) >= n_instruments) {
            throw InvalidInput(position["symbol"], "must be a row of the " + std::to_string(n_instruments) +
                                                       " instruments, got " + std::to_string(row));
        }
        if (!seen.insert(row).second) {
            throw InvalidInput(position["symbol"], "must stand once in the positions of an account, got row " +
                                                       std::to_string(row) + " of the instruments again");
        }
    }
}

/// Checks the balance and the quantities of an account.
///
/// @throws InvalidInput where a number is not one that an account can have.
inline void require_amounts(const AccountView& account, const AccountPlace& place = in_document) {
    static_cast<void>(require_within(account.cash, -largest_cash, largest_cash, place.cash));
    for (std::size_t i = 0; i < account.size(); ++i) {
        const Where position = place.positions[place.row(i)];
        static_cast<void>(
            require_within(account.quantity[i], -largest_quantity, largest_quantity, position["quantity"]));
        static_cast<void>(require_not_negative(account.boxed_at(i), largest_quantity, position["boxed"]));
        if (account.quantity[i] == 0 && account.boxed_at(i) == 0) {
            throw InvalidInput(position["quantity"], "must not be zero, got 0");
        }
    }
}

/// Checks one account against the table that its rows refer to: `require_rows` and `require_amounts`.
inline void require_valid(const AccountView& account, std::size_t n_instruments,
                          const AccountPlace& place = in_document) {
    require_rows(account, n_instruments, place);
    require_amounts(account, place);
}

/// Tells fast whether the rows of an account are in the instrument table, each once.
///
/// Keeps a mark for each instrument; one for each thread.
class RowCheck {
public:
    explicit RowCheck(std::size_t n_instruments) : marks_(n_instruments, 0) {}

    [[nodiscard]] bool operator()(const AccountView& account) {
        return account.size() == 0 || are_ascending(account) || are_distinct(account);
    }

private:
    [[nodiscard]] bool are_ascending(const AccountView& account) const {
        const std::span rows = account.instrument;
        InstrumentIndex descents = 0; // an integer and no branch, so that a compiler compares several rows at once
        for (std::size_t i = 1; i < rows.size(); ++i) {
            descents |= static_cast<InstrumentIndex>(rows[i - 1] >= rows[i]);
        }
        return descents == 0 && rows.front() >= 0 && static_cast<std::size_t>(rows.back()) < marks_.size();
    }

    [[nodiscard]] bool are_distinct(const AccountView& account) {
        if (++mark_ == 0) { // every mark of the last round would look like one of this
            std::ranges::fill(marks_, 0);
            mark_ = 1;
        }
        for (const InstrumentIndex row : account.instrument) {
            if (row < 0 || static_cast<std::size_t>(row) >= marks_.size() ||
                std::exchange(marks_[static_cast<std::size_t>(row)], mark_) == mark_) {
                return false;
            }
        }
        return true;
    }

    std::vector<std::uint32_t> marks_;
    std::uint32_t mark_ = 0;
};

} // namespace margincore
