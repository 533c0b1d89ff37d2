// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <margincore/account/attribution.hpp>
#include <margincore/account/evaluate_book.hpp>
#include <margincore/account/market_rows.hpp>
#include <margincore/account/matched_accounts.hpp>
#include <margincore/account/matched_markets.hpp>
#include <margincore/account/policy.hpp>
#include <margincore/core/error.hpp>
#include <margincore/core/names.hpp>
#include <margincore/core/parallel.hpp>
#include <margincore/core/units.hpp>
#include <margincore/core/where.hpp>
#include <margincore/instrument/book.hpp>

namespace margincore {

/// A book that was evaluated, with all that it was evaluated with. Refers to it.
template <BookSource Source>
struct BookRun {
    const Source& source;
    const MarketRows& market; ///< Made with the policy.
    const Policy& policy;
    const BookEvaluation& evaluation; ///< Of all that.
};

template <BookSource Source>
BookRun(const Source&, const MarketRows&, const Policy&, const BookEvaluation&) -> BookRun<Source>;

/// What became of an account between two runs.
enum class AccountStatus : std::uint8_t {
    changed,
    added,         ///< Only in the book after.
    removed,       ///< Only in the book before.
    failed_before, ///< Could be computed only after.
    failed_after,  ///< Could be computed only before.
    failed,        ///< Could be computed neither before nor after.
};

template <>
inline constexpr std::array names<AccountStatus> = {
    Name{AccountStatus::changed, "changed"},           Name{AccountStatus::added, "added"},
    Name{AccountStatus::removed, "removed"},           Name{AccountStatus::failed_before, "failed_before"},
    Name{AccountStatus::failed_after, "failed_after"}, Name{AccountStatus::failed, "failed"},
};

/// Figures of an account after less those before, USD.
struct FigureChanges {
    Money net_liquidation = 0.0;
    Money equity = 0.0;
    Money initial = 0.0;
    Money maintenance = 0.0;
    Money add_ons = 0.0;
    Money total = 0.0;
    Money excess_total = 0.0;

    friend bool operator==(const FigureChanges&, const FigureChanges&) = default;
};

/// An account that is not what it was.
struct AccountChange {
    AccountStatus status = AccountStatus::changed;
    std::optional<std::size_t> before{}; ///< Row in the book before; nothing where it is new.
    std::optional<std::size_t> after{};  ///< Row in the book after; nothing where it is gone.

    /// Nothing where a side failed. Of a new account its figures, of one that is gone their negatives.
    std::optional<FigureChanges> change{};

    friend bool operator==(const AccountChange&, const AccountChange&) = default;
};

/// The difference of two runs.
struct BookDifference {
    std::vector<AccountChange> accounts{};  ///< Matched ones in the order of the match, then gone, then new ones.
    std::vector<Attribution> attribution{}; ///< Of the accounts that changed, in their order; those of one add up.
    std::vector<std::string> symbols{};     ///< What instruments of the attribution are rows of.
};

namespace detail {

[[nodiscard]] inline FigureChanges figures_of(const BookEvaluation& evaluation, std::size_t row) {
    return {.net_liquidation = evaluation[BookFigure::net_liquidation][row],
            .equity = evaluation[BookFigure::equity][row],
            .initial = evaluation[BookFigure::initial][row],
            .maintenance = evaluation[BookFigure::maintenance][row],
            .add_ons = evaluation[BookFigure::add_ons][row],
            .total = evaluation[BookFigure::total][row],
            .excess_total = evaluation[BookFigure::excess_total][row]};
}

[[nodiscard]] inline FigureChanges difference(const FigureChanges& after, const FigureChanges& before) {
    return {.net_liquidation = after.net_liquidation - before.net_liquidation,
            .equity = after.equity - before.equity,
            .initial = after.initial - before.initial,
            .maintenance = after.maintenance - before.maintenance,
            .add_ons = after.add_ons - before.add_ons,
            .total = after.total - before.total,
            .excess_total = after.excess_total - before.excess_total};
}

/// Whether an account holds the same, of instruments that are the same, in the same order.
[[nodiscard]] inline bool holds_the_same(const AccountView& before, const AccountView& after,
                                         const MatchedMarkets& markets) {
    if (before.cash != after.cash || before.size() != after.size()) {
        return false;
    }
    for (std::size_t i = 0; i < before.size(); ++i) {
        if (before.quantity[i] != after.quantity[i] || before.boxed_at(i) != after.boxed_at(i) ||
            markets.row_of(before.instrument[i]) != after.instrument[i] || markets.is_changed(after.instrument[i])) {
            return false;
        }
    }
    return true;
}

/// Compares matched accounts, a piece of them at a time.
template <BookSource Before, BookSource After>
class AccountComparer {
public:
    AccountComparer(const BookRun<Before>& before, const BookRun<After>& after, const AccountMatch& match,
                    const MatchedMarkets& markets)
        : before_(before), after_(after), match_(match), markets_(markets), one_policy_(before.policy == after.policy) {
    }

    [[nodiscard]] BookDifference operator()(std::size_t first, std::size_t last) const {
        BookDifference part{};
        Attributor attribute(markets_);
        typename Before::Memory memory_before{};
        typename After::Memory memory_after{};
        while (first < last) { // rows that follow each other in both books are read at once
            std::size_t count = 1;
            while (first + count < last && match_.before[first + count] == match_.before[first] + count &&
                   match_.after[first + count] == match_.after[first] + count) {
                ++count;
            }
            const std::size_t row_before = match_.before[first];
            const std::size_t row_after = match_.after[first];
            const Book book_before = before_.source.piece(row_before, row_before + count, memory_before);
            const Book book_after = after_.source.piece(row_after, row_after + count, memory_after);
            for (std::size_t i = 0; i < count; ++i) {
                if (book_before.has_portfolio_margin(i) || book_after.has_portfolio_margin(i)) {
                    const Where accounts("accounts");
                    throw Unsupported(accounts[row_after + i],
                                      "what changed in accounts under portfolio margin is not built yet");
                }
                compare({.before = row_before + i, .after = row_after + i}, book_before[i], book_after[i], attribute,
                        part);
            }
            first += count;
        }
        return part;
    }

private:
    void compare(AccountChange found, const AccountView& held_before, const AccountView& held_after,
                 Attributor& attribute, BookDifference& part) const {
        const bool failed_before = before_.evaluation.failed(*found.before);
        const bool failed_after = after_.evaluation.failed(*found.after);
        if (failed_before || failed_after) {
            found.status = !failed_after    ? AccountStatus::failed_before
                           : !failed_before ? AccountStatus::failed_after
                                            : AccountStatus::failed;
            part.accounts.push_back(found);
            return;
        }
        const FigureChanges figures_before = figures_of(before_.evaluation, *found.before);
        const FigureChanges figures_after = figures_of(after_.evaluation, *found.after);
        if ((one_policy_ || figures_before == figures_after) && holds_the_same(held_before, held_after, markets_)) {
            return;
        }
        found.change = difference(figures_after, figures_before);
        const Policy& policy_after = one_policy_ ? before_.policy : after_.policy;
        const auto state = [](const AccountView& held, const MarketRows& market, const Policy& policy,
                              const FigureChanges& figures) {
            return AccountState{.account = held,
                                .market = &market,
                                .policy = &policy,
                                .maintenance = figures.maintenance,
                                .not_counted = figures.net_liquidation - figures.equity};
        };
        const auto rows =
            attribute(state(held_before, before_.market, before_.policy, figures_before),
                      state(held_after, after_.market, policy_after, figures_after), part.accounts.size());
        if (!rows || (rows->empty() && *found.change == FigureChanges{})) {
            return;
        }
        part.accounts.push_back(found);
        part.attribution.insert(part.attribution.end(), rows->begin(), rows->end());
    }

    const BookRun<Before>& before_;
    const BookRun<After>& after_;
    const AccountMatch& match_;
    const MatchedMarkets& markets_;
    bool one_policy_;
};

/// Lists accounts that are in one book only.
///
/// @param status  `added` or `removed`.
inline void list_unmatched(const std::vector<std::size_t>& rows, const BookEvaluation& evaluation, AccountStatus status,
                           std::vector<AccountChange>& accounts) {
    const bool is_new = status == AccountStatus::added;
    for (const std::size_t row : rows) {
        AccountChange& found = accounts.emplace_back(AccountChange{.status = status});
        (is_new ? found.after : found.before) = row;
        if (!evaluation.failed(row)) {
            const FigureChanges figures = figures_of(evaluation, row);
            found.change = is_new ? figures : difference({}, figures);
        }
    }
}

template <BookSource Source>
void require_whole(const BookRun<Source>& run, const Where& where) {
    if (run.evaluation.size() != run.source.size()) {
        throw InvalidInput(where["evaluation"], "must be of the " + std::to_string(run.source.size()) +
                                                    " accounts of the book, got " +
                                                    std::to_string(run.evaluation.size()));
    }
}

} // namespace detail

/// The difference of two runs: accounts that are not what they were, and what changed them.
///
/// Changes are attributed one after the other: cash, positions at the prices before, prices at the quantities after,
/// the other facts of instruments, then the rulebook and the house's policy; beside them, what no single position
/// causes and what the house charges. The parts of an account add up to its change. Instruments are matched by symbol.
/// What an account holds is looked at in detail only where something of it differs.
/// @param match    Which accounts are the same; the others are new or gone.
/// @param threads  0 for as many as the machine has. The result is the same.
/// @throws InvalidInput where an evaluation is of another book, or a matched row is none of the book or stands twice.
/// @throws Unsupported  where a matched account is under portfolio margin.
template <BookSource Before, BookSource After>
[[nodiscard]] BookDifference book_difference(const BookRun<Before>& before, const BookRun<After>& after,
                                             const AccountMatch& match, unsigned threads = 1) {
    constexpr std::size_t accounts_a_piece = 4096;
    detail::require_whole(before, "before");
    detail::require_whole(after, "after");
    if (match.before.size() != match.after.size()) {
        throw InvalidInput("match", "must be pairs of rows, got " + std::to_string(match.before.size()) + " and " +
                                        std::to_string(match.after.size()));
    }
    const std::vector<std::size_t> gone = detail::other_rows(match.before, before.source.size(), "match.before");
    const std::vector<std::size_t> added = detail::other_rows(match.after, after.source.size(), "match.after");

    const MatchedMarkets markets(before.market, before.policy, after.market);
    const detail::AccountComparer compare(before, after, match, markets);
    std::vector<BookDifference> parts((match.before.size() + accounts_a_piece - 1) / accounts_a_piece);
    in_pieces(match.before.size(), accounts_a_piece, threads, {},
              [&](std::size_t first, std::size_t last) { parts[first / accounts_a_piece] = compare(first, last); });
    BookDifference result{.symbols = markets.symbols()};
    std::size_t rows = 0;
    for (const BookDifference& part : parts) {
        rows += part.attribution.size();
    }
    result.attribution.reserve(rows);
    for (BookDifference& shared : parts) {
        const BookDifference part = std::move(shared); // and its memory is free before the next one is taken
        const std::size_t earlier = result.accounts.size();
        result.accounts.insert(result.accounts.end(), part.accounts.begin(), part.accounts.end());
        std::ranges::transform(part.attribution, std::back_inserter(result.attribution), [&](Attribution row) {
            row.account += earlier;
            return row;
        });
    }
    detail::list_unmatched(gone, before.evaluation, AccountStatus::removed, result.accounts);
    detail::list_unmatched(added, after.evaluation, AccountStatus::added, result.accounts);
    return result;
}

} // namespace margincore
