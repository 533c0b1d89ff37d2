// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include <margincore/core/error.hpp>
#include <margincore/core/where.hpp>

namespace margincore {

/// Which accounts of two books are the same: pair `i` is row `before[i]` of one and row `after[i]` of the other.
struct AccountMatch {
    std::span<const std::size_t> before{}; ///< Each row once. Shape (n_matched).
    std::span<const std::size_t> after{};  ///< Each row once. Shape (n_matched).
};

/// Rows that were matched, kept.
struct MatchedAccounts {
    std::vector<std::size_t> before{};
    std::vector<std::size_t> after{};

    [[nodiscard]] AccountMatch match() const { return {.before = before, .after = after}; }
};

namespace detail {

/// The rows of a book that are not among matched ones, ascending.
///
/// @throws InvalidInput where a row is not in the book, or stands twice.
[[nodiscard]] inline std::vector<std::size_t> other_rows(std::span<const std::size_t> matched, std::size_t accounts,
                                                         const Where& where) {
    std::vector<bool> seen(accounts, false);
    for (std::size_t i = 0; i < matched.size(); ++i) {
        const std::size_t row = matched[i];
        if (row >= accounts || seen[row]) {
            throw InvalidInput(where[i], "must be a row of the " + std::to_string(accounts) +
                                             " accounts and stand once, got " + std::to_string(row));
        }
        seen[row] = true;
    }
    std::vector<std::size_t> others;
    for (std::size_t row = 0; row < accounts; ++row) {
        if (!seen[row]) {
            others.push_back(row);
        }
    }
    return others;
}

} // namespace detail

/// The accounts whose ids are in both books, in the order of the book after.
///
/// @param before  Ids of the accounts of one book. Shape (n_accounts).
/// @param after   Ids of the accounts of the other.
/// @throws InvalidInput where an id stands twice in a book.
[[nodiscard]] inline MatchedAccounts match_accounts(std::span<const std::int64_t> before,
                                                    std::span<const std::int64_t> after) {
    const auto rows_of = [](std::span<const std::int64_t> ids, const Where& where) {
        std::unordered_map<std::int64_t, std::size_t> rows(ids.size());
        for (std::size_t row = 0; row < ids.size(); ++row) {
            if (!rows.try_emplace(ids[row], row).second) {
                throw InvalidInput(where[row], "must stand once, got " + std::to_string(ids[row]) + " again");
            }
        }
        return rows;
    };
    const auto rows_before = rows_of(before, "before");
    static_cast<void>(rows_of(after, "after"));
    MatchedAccounts matched;
    for (std::size_t row = 0; row < after.size(); ++row) {
        if (const auto found = rows_before.find(after[row]); found != rows_before.end()) {
            matched.before.push_back(found->second);
            matched.after.push_back(row);
        }
    }
    return matched;
}

} // namespace margincore
