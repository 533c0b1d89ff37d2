// SPDX-License-Identifier: Apache-2.0
// Two runs of books, what differs between them, and what the parts of it must be.
#pragma once

#include <cmath>
#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <margincore/account/book_difference.hpp>
#include <margincore/account/evaluate.hpp>

#include "about.hpp"
#include "sample_book.hpp"

namespace two_books {

using namespace margincore;

/// Two runs and their difference, accounts matched by id.
struct TwoBooks {
    MarketRows market_before;
    MarketRows market_after;
    BookEvaluation before;
    BookEvaluation after;
    BookDifference difference;

    TwoBooks(const SampleBook& book_before, const Policy& policy_before, const SampleBook& book_after,
             const Policy& policy_after, unsigned threads = 1)
        : market_before(book_before.rows(policy_before)), market_after(book_after.rows(policy_after)),
          before(book_before.evaluate(policy_before)), after(book_after.evaluate(policy_after)),
          difference(compare(book_before, policy_before, book_after, policy_after, threads)) {}

    [[nodiscard]] BookDifference compare(const SampleBook& book_before, const Policy& policy_before,
                                         const SampleBook& book_after, const Policy& policy_after,
                                         unsigned threads) const {
        const BookInMemory source_before = book_before.source();
        const BookInMemory source_after = book_after.source();
        const MatchedAccounts matched = match_accounts(book_before.ids, book_after.ids);
        return book_difference(BookRun{source_before, market_before, policy_before, before},
                               BookRun{source_after, market_after, policy_after, after}, matched.match(), threads);
    }

    /// The part of an account by a cause and an instrument.
    [[nodiscard]] Attribution part(std::size_t account, Cause cause, const std::string& symbol = "") const {
        for (const Attribution& row : difference.attribution) {
            const bool is_named = row.instrument == no_instrument
                                      ? symbol.empty()
                                      : difference.symbols[static_cast<std::size_t>(row.instrument)] == symbol;
            if (row.account == account && row.cause == cause && is_named) {
                return row;
            }
        }
        return {};
    }
};

/// One account of stock before and after.
inline SampleBook one_account(Money cash, std::vector<std::pair<std::string, Quantity>> held) {
    SampleBook book = workshop_universe();
    book.account(cash);
    for (const auto& [symbol, quantity] : held) {
        book.hold(symbol, quantity);
    }
    return book;
}

inline SampleBook at_price(const SampleBook& book, const std::string& symbol, Price price) {
    SampleBook moved = book;
    moved.market.quotes[static_cast<std::size_t>(book.instruments.find(symbol).value())].price = price;
    return moved;
}

inline void check_part(const Attribution& part, Money net_liquidation, Money total) {
    CHECK(part.net_liquidation == about(net_liquidation));
    CHECK(part.equity == about(net_liquidation));
    CHECK(part.total == about(total));
    CHECK(part.excess_total == about(net_liquidation - total));
}

/// What an account is asked for, by symbol: of each position by itself, and in the lines of the house's charges on it.
struct Asked {
    std::map<std::string, Money> alone{};
    std::map<std::string, Money> charged{}; ///< Under no symbol, what is charged for the account.
};

/// By the lines of the account, and from accounts of one position each under the rules alone.
inline Asked asked_of(const SampleBook& book, std::size_t row, const Policy& policy) {
    const AccountView account = book.source().book[row];
    const MarketRows market = book.rows(policy);
    Policy rules;
    rules.rulebook = policy.rulebook;
    Asked asked{};
    const auto symbol = [&](std::size_t position) { return book.instruments[account.instrument[position]].symbol; };
    for (std::size_t i = 0; i < account.size(); ++i) {
        const AccountView one{.instrument = account.instrument.subspan(i, 1),
                              .quantity = account.quantity.subspan(i, 1),
                              .boxed = account.boxed.subspan(i, 1)};
        asked.alone[symbol(i)] = evaluate(one, market, rules).requirement.maintenance;
    }
    LineCollector sink;
    static_cast<void>(evaluate(account, market, policy, sink));
    for (const Line& line : sink.lines) {
        if (line.add_on > 0) {
            const bool is_of_account = line.rule == Industry::id || line.rule == BetaLeverage::id;
            asked.charged[is_of_account ? "" : symbol(line.legs.front().position)] += line.add_on;
        }
    }
    return asked;
}

/// Checks what is attributed to each holding of an account against what is asked for it before and after.
inline void check_holdings(const TwoBooks& two, std::size_t account, const Asked& before, const Asked& after,
                           bool is_same_rulebook) {
    std::map<std::string, Money> of_house; // and of its policy, with which the rulebook goes
    std::map<std::string, Money> of_all;
    for (const Attribution& row : two.difference.attribution) {
        if (row.account == account) {
            const std::string symbol =
                row.instrument == no_instrument ? "" : two.difference.symbols[static_cast<std::size_t>(row.instrument)];
            of_all[symbol] += row.total;
            of_house[symbol] += row.cause == Cause::house || row.cause == Cause::rule ? row.total : 0.0;
        }
    }
    std::map<std::string, Money> asked{{"", 0.0}};
    std::map<std::string, Money> charged{{"", 0.0}};
    for (const auto& [side, sign] : {std::pair(&before, -1.0), std::pair(&after, 1.0)}) {
        for (const auto& [symbol, amount] : side->alone) {
            asked[symbol] += sign * amount;
            charged[symbol]; // whatever is held
        }
        for (const auto& [symbol, amount] : side->charged) {
            asked[symbol] += sign * amount;
            charged[symbol] += sign * amount;
        }
    }
    const double cent = 0.005;
    for (const auto& [symbol, amount] : asked) {
        INFO("account " << account << ", symbol " << symbol);
        if (!symbol.empty()) { // the account as a whole also has its offsets
            CHECK(std::abs(of_all[symbol] - amount) < cent);
        }
        if (is_same_rulebook || symbol.empty()) {
            CHECK(std::abs(of_house[symbol] - charged[symbol]) < cent);
        }
    }
    for (const auto& [symbol, amount] : of_all) {
        CHECK(asked.contains(symbol)); // nothing is attributed to what is not held
    }
}

} // namespace two_books
