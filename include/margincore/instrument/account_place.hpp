// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <margincore/core/where.hpp>

namespace margincore {

/// Where the parts of an account stand in the caller's data, for errors: as in an account document, unless said
/// otherwise.
struct AccountPlace {
    Where account = "account";
    Where cash = "account.cash";
    Where positions = "account.positions";
    std::size_t first_row = 0;            ///< Of the positions in `positions`.
    std::span<const std::int64_t> rows{}; ///< Of each position, where they are not in order. Shape (n) or (0).
    Where instruments = "market.instruments";
    bool instruments_by_row = false; ///< `instruments[3]` and not `instruments.NVDA`.

    /// The row of a position in `positions`.
    [[nodiscard]] std::size_t row(std::size_t position) const {
        return rows.empty() ? first_row + position : static_cast<std::size_t>(rows[position]);
    }
};

/// The place of the one account of an account document.
inline const AccountPlace in_document{};

} // namespace margincore
