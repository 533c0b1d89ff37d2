// SPDX-License-Identifier: Apache-2.0
// How fast do the rows of the market and the positions of a book become requirements, one core?
// Baseline: a triad (a = b + c x d) over the same number of bytes, in the same run.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <random>
#include <vector>

#include <margincore/account/evaluate.hpp>
#include <margincore/account/market_rows.hpp>
#include <margincore/account/policy.hpp>
#include <margincore/instrument/book.hpp>

using namespace margincore;

namespace {

constexpr std::size_t accounts = 200'000;
constexpr std::size_t positions_each = 20;
constexpr std::size_t positions = accounts * positions_each;
constexpr int instruments = 5'000;
constexpr int repeats = 7;

double best_seconds(const std::function<void()>& work) {
    double best = 1e300;
    for (int i = 0; i < repeats; ++i) {
        const auto start = std::chrono::steady_clock::now();
        work();
        best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
    return best;
}

} // namespace

int main() {
    std::mt19937_64 random(20261120);
    InstrumentTable table;
    MarketSnapshot market{.valuation_date = date_of(2026, 11, 20, "valuation_date")};
    for (int i = 0; i < instruments; ++i) {
        table.add({.symbol = "S" + std::to_string(i)}, "instruments");
        market.quotes.push_back({.price = std::uniform_real_distribution(1.0, 500.0)(random), .beta = 1.0});
    }
    std::vector<Money> cash(accounts, -1000.0);
    std::vector<std::int64_t> offsets(accounts + 1);
    std::vector<InstrumentIndex> instrument(positions);
    std::vector<Quantity> quantity(positions);
    for (std::size_t i = 0; i <= accounts; ++i) {
        offsets[i] = static_cast<std::int64_t>(i * positions_each);
    }
    for (std::size_t i = 0; i < positions; ++i) {
        instrument[i] = std::uniform_int_distribution(0, instruments - 1)(random);
        quantity[i] =
            static_cast<double>(std::uniform_int_distribution(1, 1000)(random)) * (random() % 4 == 0 ? -1 : 1);
    }
    const Policy policy;
    const MarketRows rows = market_rows(table, market, policy);
    const Book book{.cash = cash, .offsets = offsets, .instrument = instrument, .quantity = quantity};
    std::vector<Money> excess(accounts);
    const auto evaluate_book = [&] {
        for (std::size_t i = 0; i < accounts; ++i) {
            excess[i] = evaluate(book[i], rows, policy).excess.maintenance;
        }
    };

    // The answer first: 25 % of longs; 30 %, $5.00 or the price with $2.50 of shorts, written out by hand.
    evaluate_book();
    for (std::size_t i = 0; i < accounts; i += 997) {
        double expected = cash[i];
        for (std::size_t j = i * positions_each; j < (i + 1) * positions_each; ++j) {
            const double price = market.quotes[static_cast<std::size_t>(instrument[j])].price;
            const double tier = price < 5.0 ? std::max(2.5, price) : std::max(5.0, 0.3 * price);
            expected += quantity[j] > 0 ? 0.75 * quantity[j] * price : quantity[j] * (price + tier);
        }
        if (std::abs(expected - excess[i]) > 1e-6 * (1 + std::abs(expected))) {
            std::printf("wrong answer for account %zu: %.6f, expected %.6f\n", i, excess[i], expected);
            return 1;
        }
    }

    const double taken = best_seconds(evaluate_book);
    constexpr std::size_t bytes_a_position = sizeof(InstrumentIndex) + sizeof(Quantity);
    constexpr std::size_t elements = positions * bytes_a_position / (4 * sizeof(double));
    std::vector<double> a(elements), b(elements, 1.0), c(elements, 2.0), d(elements, 3.0);
    const double triad = best_seconds([&] {
        for (std::size_t i = 0; i < elements; ++i) {
            a[i] = b[i] + c[i] * d[i];
        }
    });
    std::printf("%zu accounts x %zu positions, %zu bytes a position, best of %d, one core\n", accounts, positions_each,
                bytes_a_position, repeats);
    std::printf("evaluate      %7.1f M positions/s  %5.2f GB/s\n", positions / taken / 1e6,
                positions * bytes_a_position / taken / 1e9);
    std::printf("triad         %7s                %5.2f GB/s (baseline; a[0] = %g)\n", "",
                positions * bytes_a_position / triad / 1e9, a[0]);
    std::printf("ratio         %.2f of the triad\n", triad / taken);
    return 0;
}
