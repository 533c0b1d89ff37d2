// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include <margincore/margincore.hpp>

#include "random.hpp"
#include "random_account.hpp"
#include "sample_book.hpp"

/// A house that charges for everything.
inline margincore::Policy charging_policy() {
    margincore::Policy policy;
    policy.house_rates = {{"S0", {.long_rate = 0.4, .short_rate = 0.5}}, {"S3", {.long_rate = 0.9}}};
    policy.base_rates = {.long_rate = 0.3};
    policy.add_ons = {margincore::Concentration{}, margincore::VolatilityBand{}, margincore::BetaLeverage{},
                      margincore::Industry{}, margincore::Liquidity{}};
    policy.missing_beta = 1.5;
    return policy;
}

/// Another rulebook and another house.
inline margincore::Policy tightened_policy() {
    margincore::Policy policy = charging_policy();
    policy.rulebook.stock.maintenance.long_stock = 0.35;
    policy.rulebook.stock.maintenance.converted = 0.15;
    policy.house_rates["S1"] = {.long_rate = 0.8, .short_rate = 0.8};
    policy.add_ons = {margincore::Concentration{}, margincore::LowPrice{}};
    return policy;
}

/// What random accounts hold, and in what converts, debt, and something without a price.
inline SampleBook random_universe(std::uint64_t seed) {
    SampleAccount drawn = random_account(seed, 30);
    while (drawn.instruments.size() < 8) {
        drawn = random_account(++seed + 10'000, 30);
    }
    SampleBook book;
    for (std::size_t i = 0; i < drawn.instruments.size(); ++i) {
        const auto row = static_cast<margincore::InstrumentIndex>(i);
        book.quote(drawn.instruments[row], drawn.market[row]);
    }
    book.quote({.symbol = "CONV",
                .kind = margincore::Kind::convertible,
                .conversion = margincore::Conversion{.into = "S1", .ratio = 20}},
               {.price = 110, .beta = 0.5, .volatility = 0.2});
    book.quote({.symbol = "WARR",
                .kind = margincore::Kind::warrant,
                .conversion = margincore::Conversion{.into = "S2", .ratio = 1, .cash = 3},
                .shares_outstanding = 1e6,
                .industry = "energy"},
               {.price = 12, .beta = 2, .volatility = 0.6, .average_daily_volume = 1e4});
    margincore::Instrument note{.symbol = "NOTE", .kind = margincore::Kind::treasury};
    note.bond = {.maturity = margincore::parse_date("2027-12-01", "maturity"), .coupon = 0.03};
    book.quote(note, {.price = 99, .beta = 0.0, .volatility = 0.05});
    book.quote({.symbol = "DARK", .shares_outstanding = 1e6, .industry = "banks"},
               {.beta = 1, .volatility = 0.3, .average_daily_volume = 1e5}); // without a price
    return book;
}

/// Draws what an account holds; seldom, something without a price.
inline void add_random_account(SampleBook& book, Random& random) {
    double gross = 1000;
    std::vector<std::string> symbols;
    for (const margincore::Instrument& what : book.instruments) {
        const auto row = static_cast<margincore::InstrumentIndex>(symbols.size());
        symbols.push_back(random.chance(std::isnan(book.market[row].price) ? 0.03 : 0.35) ? what.symbol : "");
    }
    book.account(0);
    for (std::size_t n = symbols.size(), first = random.below(n), i = 0; i < n; ++i) { // not always ascending
        const std::string& symbol = symbols[(first + i) % n];
        if (!symbol.empty()) {
            const double net = (1 + static_cast<double>(random.below(2000))) * (random.chance(0.4) ? -1 : 1);
            const double both_ways = random.chance(0.1) ? 1 + static_cast<double>(random.below(500)) : 0.0;
            const auto row = book.instruments.find(symbol).value();
            const double price = book.market[row].price * value_of_a_point(book.instruments[row].kind);
            gross += std::isnan(price) ? 0.0 : (std::abs(net) + 2 * both_ways) * price;
            book.hold(symbol, net, both_ways);
        }
    }
    book.cash.back() = std::round(random.uniform(-0.8, 1.6) * gross * 100) / 100;
}

inline SampleBook random_book(std::uint64_t seed, std::size_t accounts) {
    SampleBook book = random_universe(seed);
    Random random(seed + 2'000'000);
    for (std::size_t i = 0; i < accounts; ++i) {
        add_random_account(book, random);
    }
    return book;
}

/// The book on another day: instruments in another order, some of them new, gone, at other prices or of other terms;
/// accounts in another order, some of them new, gone, with another balance or other positions.
inline SampleBook random_next_day(const SampleBook& book, std::uint64_t seed) {
    Random random(seed + 3'000'000);
    const auto shuffled = [&](std::size_t n) {
        std::vector<std::size_t> order(n);
        std::iota(order.begin(), order.end(), std::size_t{0});
        for (std::size_t i = n; i > 1; --i) {
            std::swap(order[i - 1], order[random.below(i)]);
        }
        return order;
    };
    SampleBook next;
    next.market.valuation_date = margincore::parse_date("2026-12-10", "date"); // NOTE matures within a year now
    next.quote({.symbol = "NEW", .shares_outstanding = 1e5, .industry = "gold"},
               {.price = random_price(random), .beta = 1.1, .volatility = 0.5, .average_daily_volume = 1000});
    for (const std::size_t i : shuffled(book.instruments.size())) {
        const auto row = static_cast<margincore::InstrumentIndex>(i);
        margincore::Instrument what = book.instruments[row];
        margincore::Quote quote = book.market[row];
        const bool has_matured = what.bond.maturity && *what.bond.maturity < next.market.valuation_date;
        if (has_matured || what.symbol == "S5" || (what.symbol == "S6" && random.chance(0.5))) {
            continue; // gone
        }
        if (what.symbol == "DARK" || (random.chance(0.5) && what.symbol != "S4")) {
            quote.price = what.symbol == "DARK" ? 17.0 : quote.price * random.uniform(0.5, 1.5);
        } else if (what.symbol == "S4" && random.chance(0.5)) {
            quote.price = std::numeric_limits<double>::quiet_NaN();
        }
        if (what.kind == margincore::Kind::equity && random.chance(0.3)) {
            what.marginable = !what.marginable;
        }
        if (may_be_leveraged(what.kind) && random.chance(0.3)) {
            what.leverage = 3;
        }
        if (random.chance(0.3)) {
            quote.volatility = random.uniform(0.05, 1.2);
        }
        if (random.chance(0.1)) {
            quote.beta.reset();
        }
        next.quote(what, quote);
    }
    for (const std::size_t i : shuffled(book.cash.size())) {
        if (random.chance(0.1)) {
            continue; // gone
        }
        const bool is_still = random.chance(0.3);
        next.account(is_still || random.chance(0.5) ? book.cash[i] : book.cash[i] + random.uniform(-1e4, 1e4));
        next.ids.back() = book.ids[i];
        const margincore::AccountView account = book.source().book[i];
        for (std::size_t j = 0; j < account.size(); ++j) {
            const std::string& symbol = book.instruments[account.instrument[j]].symbol;
            if (!next.instruments.find(symbol) || (!is_still && random.chance(0.2))) {
                continue; // closed
            }
            const bool traded = !is_still && random.chance(0.3);
            next.hold(symbol, traded ? account.quantity[j] + 10.5 : account.quantity[j],
                      traded ? 1.0 : account.boxed[j]);
        }
        if (!is_still && random.chance(0.3)) {
            next.hold("NEW", random.chance(0.5) ? 100 : -100);
        }
    }
    for (std::size_t i = 0; i < 3; ++i) {
        add_random_account(next, random);
        next.ids.back() = static_cast<std::int64_t>(1'000'000 + i);
    }
    return next;
}
