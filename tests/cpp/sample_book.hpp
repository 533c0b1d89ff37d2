// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <margincore/margincore.hpp>

/// A book together with everything that evaluating it needs; built an account at a time.
struct SampleBook {
    margincore::InstrumentTable instruments{};
    margincore::MarketSnapshot market{.valuation_date = margincore::parse_date("2026-11-20", "date")};
    std::vector<margincore::Money> cash{};
    std::vector<std::int64_t> offsets{0};
    std::vector<margincore::InstrumentIndex> instrument{};
    std::vector<margincore::Quantity> quantity{};
    std::vector<margincore::Quantity> boxed{};
    std::vector<std::int64_t> ids{}; ///< Of the accounts.

    /// Adds an instrument.
    SampleBook& quote(margincore::Instrument what, margincore::Quote quoted) {
        instruments.add(std::move(what), "instruments");
        market.quotes.push_back(std::move(quoted));
        return *this;
    }
    /// An equity with a price and, where given, a beta and a volatility.
    SampleBook& quote(const std::string& symbol, margincore::Price price, std::optional<double> beta = {},
                      std::optional<double> volatility = {}) {
        return quote({.symbol = symbol}, {.price = price, .beta = beta, .volatility = volatility});
    }

    /// Starts an account.
    SampleBook& account(margincore::Money balance) {
        ids.push_back(static_cast<std::int64_t>(ids.size()));
        cash.push_back(balance);
        offsets.push_back(offsets.back());
        return *this;
    }
    /// Adds a position to the last account.
    SampleBook& hold(const std::string& symbol, margincore::Quantity net, margincore::Quantity both_ways = 0.0) {
        instrument.push_back(instruments.find(symbol).value());
        quantity.push_back(net);
        boxed.push_back(both_ways);
        ++offsets.back();
        return *this;
    }

    [[nodiscard]] margincore::BookInMemory source() const {
        return {{.cash = cash, .offsets = offsets, .instrument = instrument, .quantity = quantity, .boxed = boxed}};
    }
    [[nodiscard]] margincore::MarketRows rows(const margincore::Policy& policy = {}) const {
        return margincore::market_rows(instruments, market, policy);
    }
    [[nodiscard]] margincore::BookEvaluation evaluate(const margincore::Policy& policy = {},
                                                      const margincore::BookOptions& options = {}) const {
        return margincore::evaluate_book(source(), rows(policy), policy, options);
    }
    [[nodiscard]] margincore::BookTotals totals(const margincore::Policy& policy = {},
                                                const margincore::BookOptions& options = {}) const {
        return margincore::book_totals(source(), rows(policy), evaluate(policy, options), options);
    }
};

/// The sample universe of the workshop: price, beta, volatility.
inline SampleBook workshop_universe() {
    SampleBook book;
    book.quote("AAPL", 175, 1.2, 0.25).quote("MSFT", 380, 1.1, 0.22).quote("GOOGL", 140, 1.15, 0.24);
    book.quote("AMZN", 155, 1.3, 0.28).quote("NVDA", 400, 1.8, 0.40).quote("TSLA", 200, 2.0, 0.50);
    book.quote("META", 350, 1.25, 0.30).quote("JPM", 150, 1.0, 0.20).quote("JNJ", 160, 0.7, 0.15);
    book.quote("PG", 145, 0.6, 0.12).quote("KO", 60, 0.6, 0.14);
    book.quote({.symbol = "SPY", .kind = margincore::Kind::broad_index_etf}, {.price = 450, .volatility = 0.18});
    return book;
}

/// The sample accounts of the workshop: conservative, moderate, aggressive, hedged, concentrated.
inline SampleBook workshop_book() {
    SampleBook book = workshop_universe();
    book.account(100'000).hold("JNJ", 200).hold("PG", 200).hold("KO", 300).hold("JPM", 100);
    book.account(200'000).hold("AAPL", 200).hold("MSFT", 100).hold("JPM", 150).hold("JNJ", 100);
    book.account(150'000).hold("NVDA", 200).hold("TSLA", 300).hold("AMZN", 200);
    book.account(300'000).hold("AAPL", 500).hold("MSFT", -200).hold("GOOGL", 300).hold("AMZN", -100);
    book.account(50'000).hold("NVDA", 500);
    return book;
}
