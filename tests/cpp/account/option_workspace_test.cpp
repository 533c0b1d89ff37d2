// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <numeric>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <margincore/account/evaluate.hpp>
#include <margincore/account/market_rows.hpp>
#include <margincore/account/option_workspace.hpp>
#include <margincore/account/portfolio_margin.hpp>
#include <margincore/account/portfolio_rows.hpp>

#include "catch.hpp"
#include "option_account.hpp"

using namespace margincore;

namespace {

thread_local std::size_t allocations = 0;

} // namespace

// Those of arrays come to these; the address sanitizer has others of its own for each. Not inlined: a compiler that
// sees through one of a pair warns of a mismatch.
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
    ++allocations;
    return std::malloc(size == 0 ? 1 : size);
}
[[gnu::noinline]] void* operator new(std::size_t size) {
    if (void* const memory = operator new(size, std::nothrow)) {
        return memory;
    }
    throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t /*size*/) noexcept { std::free(memory); }

namespace {

/// Options with strikes around 100, up to nine contracts, and every other time stock.
OptionAccount random_account(std::mt19937_64& random, int series) {
    const auto between = [&](int low, int high) { return std::uniform_int_distribution(low, high)(random); };
    OptionAccount account(100);
    if (between(0, 1) == 0) {
        account.hold_stock(between(1, 900) * (between(0, 1) == 0 ? 1 : -1));
    }
    for (int i = 0; i < series; ++i) {
        account.hold(between(1, 9) * (between(0, 1) == 0 ? 1 : -1), between(0, 1) == 0 ? Right::call : Right::put,
                     80.0 + 2.5 * between(0, 15) + 0.01 * i, between(1, 4) * 28, 0.05 * between(1, 200),
                     between(0, 9) == 0 ? 10 : 100);
    }
    return account;
}

} // namespace

TEST_CASE("option workspace: nothing is allocated once it has grown to an account", "[account]") {
    std::mt19937_64 random(20261126);
    std::vector<OptionAccount> accounts;
    for (int k = 0; k < 200; ++k) {
        accounts.push_back(random_account(random, 1 + k % 12));
    }
    OptionWorkspace workspace;
    std::vector<Evaluation> first;
    for (const OptionAccount& account : accounts) {
        account.with_rows([&](const AccountView& view, const MarketRows& rows, const Policy& policy) {
            const NullSink sink;
            first.push_back(evaluate(view, rows, policy, sink, workspace));
            const std::size_t before = allocations;
            const Evaluation again = evaluate(view, rows, policy, sink, workspace);
            CHECK(allocations == before);
            CHECK(again == first.back());
        });
    }
    Policy charging{.base_rates = {.long_rate = 0.4, .short_rate = 0.5}};
    charging.add_ons = {Concentration{}, LowPrice{}};
    for (const OptionAccount& account : accounts) { // nor by the house
        account.with_rows(
            [&](const AccountView& view, const MarketRows& rows, const Policy& policy) {
                const NullSink sink;
                const Evaluation once = evaluate(view, rows, policy, sink, workspace);
                const std::size_t before = allocations;
                CHECK(evaluate(view, rows, policy, sink, workspace) == once);
                CHECK(allocations == before);
            },
            charging);
    }
    REQUIRE(allocations > 0); // they are counted
    // What came before does not show: the same in another order, and with memory of its own.
    for (std::size_t k = accounts.size(); k-- > 0;) {
        accounts[k].with_rows([&](const AccountView& view, const MarketRows& rows, const Policy& policy) {
            const NullSink sink;
            const std::size_t before = allocations;
            CHECK(evaluate(view, rows, policy, sink, workspace) == first[k]);
            CHECK(allocations == before);
            CHECK(evaluate(view, rows, policy) == first[k]);
        });
    }
}

TEST_CASE("portfolio workspace: nothing is allocated once it has grown to an account", "[account][portfolio_margin]") {
    // Classes alone and of groups of both levels, options on them, and notes, which carry their strategy requirement.
    InstrumentTable table;
    MarketSnapshot market{.valuation_date = date_of(2026, 11, 20, "valuation_date"), .rate = 0.04};
    const std::vector<std::pair<const char*, Kind>> underlyings = {{"SPY", Kind::broad_index_etf},
                                                                   {"DIA", Kind::broad_index_etf},
                                                                   {"QQQ", Kind::broad_index_etf},
                                                                   {"OIH", Kind::etf},
                                                                   {"ABC", Kind::equity},
                                                                   {"XYZ", Kind::equity},
                                                                   {"NOTE", Kind::etn},
                                                                   {"PAPER", Kind::etn}};
    for (const auto& [symbol, kind] : underlyings) {
        table.add({.symbol = symbol, .kind = kind}, "instruments");
        market.quotes.push_back({.price = 100});
        for (int i = 0; i < 4; ++i) {
            Instrument option{.symbol = std::string(symbol) + " " + std::to_string(i), .kind = Kind::option};
            option.option = OptionContract{.underlying = symbol,
                                           .right = i % 2 == 0 ? Right::call : Right::put,
                                           .strike = 90.0 + 5 * i,
                                           .expiry = market.valuation_date + std::chrono::days{28 * (1 + i)}};
            table.add(option, "instruments");
            market.quotes.push_back({.price = 12});
        }
    }
    const Policy policy;
    const MarketRows rows = market_rows(table, market, policy);
    const PortfolioRows portfolio = portfolio_rows(rows, market, policy, [](InstrumentIndex) { return true; });
    std::mt19937_64 random(20261127);
    std::vector<std::vector<InstrumentIndex>> instruments;
    std::vector<std::vector<Quantity>> quantities;
    for (std::size_t k = 0; k < 200; ++k) {
        std::vector<InstrumentIndex> all(rows.size());
        std::iota(all.begin(), all.end(), 0);
        std::ranges::shuffle(all, random);
        all.resize(1 + k % 12);
        quantities.emplace_back();
        for (std::size_t i = 0; i < all.size(); ++i) {
            quantities.back().push_back(static_cast<double>(1 + random() % 9) * (random() % 2 == 0 ? 1 : -1));
        }
        instruments.push_back(std::move(all));
    }
    const auto view = [&](std::size_t k) {
        return AccountView{.cash = 1e5, .instrument = instruments[k], .quantity = quantities[k]};
    };
    PortfolioWorkspace workspace(portfolio, policy);
    std::vector<Evaluation> first;
    bool carries = false;
    for (std::size_t k = 0; k < instruments.size(); ++k) {
        const PortfolioEvaluation once = evaluate_portfolio(view(k), rows, portfolio, policy, workspace);
        first.push_back(once.evaluation);
        carries = carries || (once.carried > 0 && once.groups > 0);
        const std::size_t before = allocations;
        CHECK(evaluate_portfolio(view(k), rows, portfolio, policy, workspace).evaluation == first.back());
        CHECK(allocations == before);
    }
    CHECK(carries);
    REQUIRE(allocations > 0);                            // they are counted
    for (std::size_t k = instruments.size(); k-- > 0;) { // what came before does not show
        const std::size_t before = allocations;
        CHECK(evaluate_portfolio(view(k), rows, portfolio, policy, workspace).evaluation == first[k]);
        CHECK(allocations == before);
        PortfolioWorkspace own(portfolio, policy);
        CHECK(evaluate_portfolio(view(k), rows, portfolio, policy, own).evaluation == first[k]);
    }
}
