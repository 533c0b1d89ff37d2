// SPDX-License-Identifier: Apache-2.0
// How fast are the options of accounts paired at least net requirement? A million accounts of two to six series each,
// and a million iron condors.
// Baseline: the requirement of the same condors by a formula that knows what they are, in the same run.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <margincore/account/evaluate_book.hpp>
#include <margincore/account/market_rows.hpp>
#include <margincore/account/policy.hpp>
#include <margincore/instrument/instrument_table.hpp>
#include <margincore/market/market_snapshot.hpp>

#include "timing.hpp"

using namespace margincore;

namespace {

constexpr std::size_t accounts = 1'000'000;
constexpr int underlyings = 200;
constexpr int expiries = 4;
constexpr int strikes = 21;
constexpr int repeats = 3;

double best_of(const std::function<void()>& work) { return best_seconds(work, repeats); }

/// Stocks with a chain of listed options each, at prices by Black and Scholes without interest.
struct Market {
    InstrumentTable table;
    MarketSnapshot snapshot{.valuation_date = date_of(2026, 11, 20, "valuation_date")};

    static constexpr int rows_each = 1 + expiries * strikes * 2;

    Market() {
        std::mt19937_64 random(20261126);
        for (int u = 0; u < underlyings; ++u) {
            const std::string name = fmt::format("S{}", u);
            const double spot = std::round(std::exp(std::uniform_real_distribution(3.0, 6.0)(random)));
            const double volatility = std::uniform_real_distribution(0.15, 0.6)(random);
            table.add({.symbol = name}, "instruments");
            snapshot.quotes.push_back({.price = spot});
            for (int e = 0; e < expiries; ++e) {
                for (int k = 0; k < strikes; ++k) {
                    for (const Right right : {Right::call, Right::put}) {
                        add_option(name, spot, volatility, 28 * (e + 1), k, right);
                    }
                }
            }
        }
    }

    [[nodiscard]] static InstrumentIndex row(int underlying, int expiry, int strike, Right right) {
        return underlying * rows_each + 1 + (expiry * strikes + strike) * 2 + (right == Right::put ? 1 : 0);
    }

private:
    void add_option(const std::string& name, double spot, double volatility, int days, int k, Right right) {
        const double strike = std::round(spot * (80 + 2 * k)) / 100;
        const double deviation = volatility * std::sqrt(days / 365.0);
        const double d1 = std::log(spot / strike) / deviation + deviation / 2;
        const auto normal = [](double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); };
        const double call = spot * normal(d1) - strike * normal(d1 - deviation);
        const double price =
            std::max(0.01, std::round((right == Right::call ? call : call - spot + strike) * 100) / 100);
        Instrument option{.symbol = fmt::format("{} {}", name, table.size()), .kind = Kind::option};
        option.option = OptionContract{.underlying = name,
                                       .right = right,
                                       .strike = strike,
                                       .expiry = snapshot.valuation_date + std::chrono::days{days}};
        table.add(option, "instruments");
        snapshot.quotes.push_back({.price = price});
    }
};

struct Accounts {
    std::vector<Money> cash;
    std::vector<std::int64_t> offsets{0};
    std::vector<InstrumentIndex> instrument;
    std::vector<Quantity> quantity;

    void hold(InstrumentIndex row, Quantity units) {
        instrument.push_back(row);
        quantity.push_back(units);
    }
    void close_account() {
        cash.push_back(1e5);
        offsets.push_back(static_cast<std::int64_t>(instrument.size()));
    }
    [[nodiscard]] BookInMemory book() const {
        return {{.cash = cash, .offsets = offsets, .instrument = instrument, .quantity = quantity}};
    }
};

/// Two to six series on one stock, any of its chain, up to ten contracts long or short; beside it every third account
/// holds up to 500 shares.
Accounts random_accounts() {
    std::mt19937_64 random(20161125);
    const auto below = [&](int end) { return static_cast<int>(random() % static_cast<unsigned>(end)); };
    Accounts result;
    for (std::size_t i = 0; i < accounts; ++i) {
        const int underlying = below(underlyings);
        const std::size_t first = result.instrument.size();
        const std::size_t series = 2 + static_cast<std::size_t>(below(5));
        while (result.instrument.size() < first + series) {
            const InstrumentIndex row =
                Market::row(underlying, below(expiries), below(strikes), below(2) == 0 ? Right::call : Right::put);
            if (std::find(result.instrument.begin() + static_cast<std::ptrdiff_t>(first), result.instrument.end(),
                          row) == result.instrument.end()) {
                result.hold(row, (1 + below(10)) * (below(2) == 0 ? 1 : -1));
            }
        }
        if (i % 3 == 0) {
            result.hold(underlying * Market::rows_each, (1 + below(500)) * (below(4) == 0 ? -1 : 1));
        }
        result.close_account();
    }
    return result;
}

/// Iron condors: the four strikes of each, ascending, as the rows of a long and a short put, a short and a long call.
Accounts iron_condors() {
    std::mt19937_64 random(7);
    const auto below = [&](int end) { return static_cast<int>(random() % static_cast<unsigned>(end)); };
    Accounts result;
    for (std::size_t i = 0; i < accounts; ++i) {
        const int underlying = below(underlyings);
        const int expiry = below(expiries);
        const double contracts = 1 + below(10);
        result.hold(Market::row(underlying, expiry, 2 + below(3), Right::put), contracts);
        result.hold(Market::row(underlying, expiry, 6 + below(3), Right::put), -contracts);
        result.hold(Market::row(underlying, expiry, 12 + below(3), Right::call), -contracts);
        result.hold(Market::row(underlying, expiry, 16 + below(3), Right::call), contracts);
        result.close_account();
    }
    return result;
}

/// What a condor asks for, where it is known to be one: its wider side, or its shorts alone where they ask for less.
double condor_seconds(const Market& market, const Accounts& held, std::vector<Money>& requirement) {
    requirement.resize(accounts);
    return best_of([&] {
        for (std::size_t i = 0; i < accounts; ++i) {
            const std::size_t first = i * 4;
            const auto option = [&](std::size_t leg) -> const OptionContract& {
                return *market.table[held.instrument[first + leg]].option;
            };
            const auto price = [&](std::size_t leg) { return market.snapshot[held.instrument[first + leg]].price; };
            const double spot = market.snapshot[held.instrument[first] / Market::rows_each * Market::rows_each].price;
            const double put_side = option(1).strike - option(0).strike;
            const double call_side = option(3).strike - option(2).strike;
            const double put_add_on =
                std::max(0.2 * spot - std::max(0.0, spot - option(1).strike), 0.1 * option(1).strike);
            const double call_add_on = std::max(0.2 * spot - std::max(0.0, option(2).strike - spot), 0.1 * spot);
            const double put_alone = price(1) + put_add_on;
            const double call_alone = price(2) + call_add_on;
            const double strangle = put_alone > call_alone ? put_alone + price(2) : call_alone + price(1);
            const double as_spreads = std::max(put_side, call_side);
            const double mixed = std::min(put_side + call_alone, put_alone + call_side);
            requirement[i] = 100 * held.quantity[first + 3] * std::min({as_spreads, strangle, mixed});
        }
    });
}

bool is_wrong(const BookEvaluation& result, const std::vector<Money>& expected) {
    for (std::size_t i = 0; i < accounts; ++i) {
        const Money maintenance = result[BookFigure::maintenance][i];
        if (!(std::abs(maintenance - expected[i]) < 0.005)) {
            std::printf("wrong maintenance of account %zu: %.4f, expected %.4f\n", i, maintenance, expected[i]);
            return true;
        }
    }
    return false;
}

} // namespace

int main() {
    const Market market;
    const Policy policy;
    const MarketRows rows = market_rows(market.table, market.snapshot, policy);
    BookEvaluation result;
    const auto evaluate_with = [&](const Accounts& held, unsigned threads) {
        result = evaluate_book(held.book(), rows, policy, {.threads = threads}, std::move(result));
    };

    const Accounts condors = iron_condors();
    std::vector<Money> expected;
    const double formula = condor_seconds(market, condors, expected);
    evaluate_with(condors, 1);
    if (is_wrong(result, expected)) {
        return 1;
    }
    const double of_condors = best_of([&] { evaluate_with(condors, 1); });
    std::printf("%zu iron condors: %.2f microseconds each, %.0f times a formula for condors alone (target 3)\n",
                accounts, of_condors / accounts * 1e6, of_condors / formula);

    const Accounts held = random_accounts();
    evaluate_with(held, 1);
    std::size_t gaps = 0;
    for (std::size_t i = 0; i < accounts; ++i) {
        gaps += static_cast<std::size_t>(result[BookFigure::lower_bound][i] <
                                         result[BookFigure::net_requirement][i] - 0.005);
    }
    if (!result.failures.empty()) {
        std::printf("account %zu: %s\n", result.failures[0].account, result.failures[0].message.c_str());
        return 1;
    }
    const double one = best_of([&] { evaluate_with(held, 1); });
    const double two = best_of([&] { evaluate_with(held, 2); });
    std::printf("%zu accounts of 2 to 6 series: %.0f accounts/s on one core (target 150000), the second makes it %.2f "
                "times as fast; %zu with a gap\n",
                accounts, static_cast<double>(accounts) / one, one / two, gaps);
    return 0;
}
