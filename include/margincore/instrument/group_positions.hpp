// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <string>
#include <vector>

#include <margincore/core/error.hpp>
#include <margincore/core/parallel.hpp>
#include <margincore/core/where.hpp>

namespace margincore {

/// Which positions belong to which account.
struct PositionGroups {
    std::vector<std::int64_t> offsets{}; ///< As of `Book`. Shape (n_accounts + 1).
    std::vector<std::int64_t> order{};   ///< Rows of the positions, account by account; empty where they are in order.
};

namespace detail {

inline constexpr std::size_t positions_a_piece = 1 << 16;

template <std::signed_integral Row>
void require_account(Row account, std::size_t row, std::size_t n_accounts, const Where& positions) {
    if (account < 0 || static_cast<std::size_t>(account) >= n_accounts) {
        const Where position = positions[row];
        throw InvalidInput(position["account_id"], "must be a row of the " + std::to_string(n_accounts) +
                                                       " accounts, got " + std::to_string(account));
    }
}

/// Whether accounts never fall, and every one is there.
template <std::signed_integral Row>
[[nodiscard]] bool are_in_order(std::span<const Row> account, std::size_t n_accounts, unsigned threads) {
    std::atomic<bool> in_order = true;
    in_pieces(account.size(), positions_a_piece, threads, {}, [&](std::size_t first, std::size_t last) {
        int falls = 0; // an integer and no branch, so that a compiler compares several rows at once
        for (std::size_t i = (std::max)(first, std::size_t{1}); i < last; ++i) {
            falls |= static_cast<int>(account[i] < account[i - 1]);
        }
        if (falls != 0) {
            in_order = false;
        }
    });
    return in_order &&
           (account.empty() || (account.front() >= 0 && static_cast<std::size_t>(account.back()) < n_accounts));
}

/// Where the positions of each account end, for positions in order.
template <std::signed_integral Row>
void write_ends(std::span<const Row> account, std::vector<std::int64_t>& offsets, unsigned threads) {
    in_pieces(account.size(), positions_a_piece, threads, {}, [&](std::size_t first, std::size_t last) {
        // An account is written by the piece in which it begins, alone; the last of its positions writes last.
        std::size_t i = first;
        while (i > 0 && i < last && account[i] == account[i - 1]) {
            ++i;
        }
        for (; i < last; ++i) {
            offsets[static_cast<std::size_t>(account[i]) + 1] = static_cast<std::int64_t>(i + 1);
        }
        const Row of_last = account[last - 1];
        const bool begins_here = first == 0 || account[first - 1] != of_last;
        for (i = last; begins_here && i < account.size() && account[i] == of_last; ++i) {
            offsets[static_cast<std::size_t>(of_last) + 1] = static_cast<std::int64_t>(i + 1);
        }
    });
    for (std::size_t i = 1; i < offsets.size(); ++i) { // accounts without positions
        offsets[i] = (std::max)(offsets[i], offsets[i - 1]);
    }
}

} // namespace detail

/// Groups positions by account. Positions of one account keep their order; those that are in order already are not
/// moved.
///
/// @param account    Row of the account of each position. Shape (n_positions).
/// @param positions  The positions in the caller's data, for errors.
/// @throws InvalidInput where a row is no account: whose position it is cannot be known, so no account can be trusted.
template <std::signed_integral Row>
[[nodiscard]] PositionGroups group_positions(std::span<const Row> account, std::size_t n_accounts, unsigned threads = 1,
                                             const Where& positions = "positions") {
    PositionGroups groups{.offsets = std::vector<std::int64_t>(n_accounts + 1, 0)};
    if (detail::are_in_order(account, n_accounts, threads)) {
        detail::write_ends(account, groups.offsets, threads);
        return groups;
    }
    for (std::size_t i = 0; i < account.size(); ++i) {
        detail::require_account(account[i], i, n_accounts, positions);
        ++groups.offsets[static_cast<std::size_t>(account[i]) + 1];
    }
    std::partial_sum(groups.offsets.begin(), groups.offsets.end(), groups.offsets.begin());
    std::vector<std::int64_t> next(groups.offsets.begin(), groups.offsets.end() - 1);
    groups.order.resize(account.size());
    for (std::size_t i = 0; i < account.size(); ++i) {
        groups.order[static_cast<std::size_t>(next[static_cast<std::size_t>(account[i])]++)] =
            static_cast<std::int64_t>(i);
    }
    return groups;
}

} // namespace margincore
