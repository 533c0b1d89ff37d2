// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <margincore/margincore.hpp>

#include "random.hpp"
#include "sample_book.hpp"

/// A series of a market, which knows its underlying.
inline margincore::Instrument option_on(const std::string& underlying, margincore::Right right, double strike,
                                        margincore::Date expiry, bool is_on_index = false) {
    margincore::Instrument option{.symbol = fmt::format("{} {}{} {}", underlying,
                                                        right == margincore::Right::call ? 'C' : 'P', strike,
                                                        margincore::to_string(expiry)),
                                  .kind = margincore::Kind::option};
    option.option = margincore::OptionContract{
        .underlying = underlying,
        .right = right,
        .strike = strike,
        .expiry = expiry,
        .style = is_on_index ? margincore::ExerciseStyle::european : margincore::ExerciseStyle::american,
        .settlement = is_on_index ? margincore::Settlement::cash : margincore::Settlement::physical};
    return option;
}

/// A price that an option may have: what exercise brings, and more the longer it lives.
inline double random_premium(Random& random, const margincore::OptionContract& option, double spot,
                             margincore::Date today) {
    const double years = static_cast<double>((option.expiry - today).count()) / 365.0;
    const double time_value = spot * 0.3 * std::sqrt(std::max(years, 0.0)) * random.uniform(0.05, 1.0);
    return std::round((margincore::in_the_money(option.right, option.strike, spot) + time_value) * 100) / 100;
}

/// Four underlyings around 100, one of them a broad index, each with options of three expiries: within a month, about
/// nine months away, where loan value begins, and beyond.
inline SampleBook option_universe(std::uint64_t seed) {
    using margincore::Kind;
    Random random(seed);
    SampleBook book;
    constexpr std::array symbols = {"S0", "S1", "S2", "IX"};
    constexpr std::array industries = {"banks", "banks", "energy", ""};
    for (std::size_t i = 0; i < symbols.size(); ++i) {
        const bool is_index = i == 3;
        const double spot = std::round(random.uniform(60, 140));
        book.quote({.symbol = symbols[i],
                    .kind = is_index ? Kind::broad_index : Kind::equity,
                    .shares_outstanding = is_index ? std::nullopt : std::optional(random.uniform(1e4, 1e6)),
                    .industry = industries[i]},
                   {.price = spot,
                    .beta = random.uniform(0.5, 2.0),
                    .volatility = random.uniform(0.2, 0.9),
                    .average_daily_volume = is_index ? std::nullopt : std::optional(random.uniform(100, 2000))});
        for (const int days : {28, 285, 400}) {
            for (int k = 0; k < 3; ++k) {
                const margincore::Right right = random.chance(0.5) ? margincore::Right::call : margincore::Right::put;
                const double strike = std::round(spot * random.uniform(0.8, 1.2) / 5) * 5 + 0.5 * k;
                const margincore::Instrument option = option_on(
                    symbols[i], right, strike, book.market.valuation_date + std::chrono::days{days}, is_index);
                book.quote(option, {.price = random_premium(random, *option.option, spot, book.market.valuation_date)});
            }
        }
    }
    return book;
}

/// Draws what an account holds: of most underlyings something, stock or options.
inline void add_random_option_account(SampleBook& book, Random& random) {
    book.account(std::round(random.uniform(-2e4, 2e5) * 100) / 100);
    const auto contracts = [&] { return (1.0 + static_cast<double>(random.below(6))) * (random.chance(0.5) ? -1 : 1); };
    const std::size_t n = book.instruments.size();
    for (std::size_t first = random.below(n), i = 0; i < n; ++i) { // not always ascending
        const margincore::Instrument& what =
            book.instruments[static_cast<margincore::InstrumentIndex>((first + i) % n)];
        if (what.kind == margincore::Kind::broad_index || !random.chance(what.option ? 0.25 : 0.6)) {
            continue;
        }
        const double both_ways = random.chance(0.1) ? 1 + static_cast<double>(random.below(3)) : 0.0;
        const double net = both_ways > 0 && random.chance(0.5) ? 0.0 : contracts();
        book.hold(what.symbol, what.option ? net : net * 50, what.option ? both_ways : 100 * both_ways);
    }
}

/// A book of accounts with options.
inline SampleBook random_option_book(std::uint64_t seed, std::size_t accounts) {
    SampleBook book = option_universe(seed);
    Random random(seed + 4'000'000);
    for (std::size_t i = 0; i < accounts; ++i) {
        add_random_option_account(book, random);
    }
    return book;
}

/// The book 20 days later: instruments in another order and at other prices, series new and gone, quantities changed.
inline SampleBook random_next_option_day(const SampleBook& book, std::uint64_t seed) {
    Random random(seed + 5'000'000);
    SampleBook next;
    next.market.valuation_date = book.market.valuation_date + std::chrono::days{20};
    for (std::size_t i = book.instruments.size(); i-- > 0;) {
        const auto row = static_cast<margincore::InstrumentIndex>(i);
        margincore::Instrument what = book.instruments[row];
        margincore::Quote quote = book.market[row];
        if (what.option) {
            if (random.chance(0.1)) {
                continue; // gone
            }
            const double spot = book.market[book.instruments.find(what.option->underlying).value()].price;
            if (random.chance(0.6)) {
                quote.price = random_premium(random, *what.option, spot, next.market.valuation_date);
            }
            if (random.chance(0.1)) {
                what.option->multiplier = 50; // of other terms
            }
        } else {
            quote.price *= random.chance(0.7) ? random.uniform(0.8, 1.25) : 1.0;
            quote.volatility = random.chance(0.5) ? random.uniform(0.2, 0.9) : quote.volatility.value();
        }
        next.quote(what, quote);
    }
    const margincore::Instrument added =
        option_on("S0", margincore::Right::put, 77, next.market.valuation_date + std::chrono::days{60});
    next.quote(added, {.price = 3.25});
    for (std::size_t i = 0; i < book.cash.size(); ++i) {
        const bool is_still = random.chance(0.3);
        next.account(is_still ? book.cash[i] : book.cash[i] + random.uniform(-1e4, 1e4));
        next.ids.back() = book.ids[i];
        const margincore::AccountView account = book.source().book[i];
        for (std::size_t j = 0; j < account.size(); ++j) {
            const std::string& symbol = book.instruments[account.instrument[j]].symbol;
            if (next.instruments.find(symbol) && (is_still || !random.chance(0.2))) {
                const bool traded = !is_still && random.chance(0.3);
                next.hold(symbol, traded ? account.quantity[j] + 100 : account.quantity[j], account.boxed[j]);
            }
        }
        if (!is_still && random.chance(0.3)) {
            next.hold(added.symbol, random.chance(0.5) ? 2 : -2);
        }
    }
    return next;
}

/// A house that charges for everything that it can be asked beside options.
inline margincore::Policy option_charging_policy() {
    margincore::Policy policy;
    policy.house_rates = {{"S0", {.long_rate = 0.4, .short_rate = 0.5}}};
    policy.base_rates = {.long_rate = 0.3};
    policy.add_ons = {margincore::Concentration{}, margincore::VolatilityBand{}, margincore::Industry{},
                      margincore::Liquidity{}, margincore::LowPrice{}};
    return policy;
}

/// Another rulebook of options and another house.
inline margincore::Policy option_tightened_policy() {
    margincore::Policy policy = option_charging_policy();
    policy.rulebook.option.short_option = 0.25;
    policy.rulebook.stock.maintenance.long_stock = 0.35;
    policy.long_option_loan_value = false;
    policy.add_ons = {margincore::VolatilityBand{}, margincore::Ownership{}};
    return policy;
}
