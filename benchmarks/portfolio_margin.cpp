// SPDX-License-Identifier: Apache-2.0
// How fast does a book become requirements under portfolio margin, one core? Positions netted by class, classes
// aggregated, and a million accounts over 100,000 instruments from prices to figures.
// Baseline of netting: a triad (a = b + c x d) over as many bytes as it reads, in the same run.
#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <map>
#include <random>
#include <span>
#include <string>
#include <sys/resource.h>
#include <utility>
#include <vector>

#include <margincore/account/class_netting.hpp>
#include <margincore/account/evaluate_book.hpp>
#include <margincore/account/market_rows.hpp>
#include <margincore/account/policy.hpp>
#include <margincore/account/portfolio_rows.hpp>
#include <margincore/instrument/book.hpp>
#include <margincore/instrument/instrument_table.hpp>
#include <margincore/market/market_snapshot.hpp>
#include <margincore/requirement/portfolio_margin/aggregate.hpp>

#include "instruction_set.hpp"
#include "timing.hpp"

using namespace margincore;

namespace {

constexpr std::size_t positions_each = 20;
constexpr int rows_a_class = 100;
constexpr double bytes_a_position = sizeof(InstrumentIndex) + sizeof(Quantity) + sizeof(Points<Money>);

struct Accounts {
    std::vector<Money> cash;
    std::vector<std::int64_t> offsets{0};
    std::vector<InstrumentIndex> instrument;
    std::vector<Quantity> quantity;
    std::vector<std::uint8_t> is_portfolio;

    void hold(std::span<const InstrumentIndex> rows, std::mt19937_64& random) {
        for (const InstrumentIndex row : rows) {
            instrument.push_back(row);
            quantity.push_back(static_cast<double>(random() % 10 + 1) * (random() % 3 == 0 ? -1 : 1));
        }
        cash.push_back(1e6);
        offsets.push_back(static_cast<std::int64_t>(instrument.size()));
        is_portfolio.push_back(1);
    }
    /// The first of them.
    [[nodiscard]] Book book(std::size_t count) const {
        return {.cash = std::span(cash).first(count),
                .offsets = std::span(offsets).first(count + 1),
                .instrument = instrument,
                .quantity = quantity,
                .is_portfolio = std::span(is_portfolio).first(count)};
    }
    [[nodiscard]] Book book() const { return book(cash.size()); }
};

/// Accounts of any rows, in order.
Accounts random_accounts(std::size_t count, std::size_t rows) {
    std::mt19937_64 random(20261127);
    Accounts result;
    std::array<InstrumentIndex, positions_each> held{};
    for (std::size_t i = 0; i < count; ++i) {
        do {
            for (InstrumentIndex& row : held) {
                row = static_cast<InstrumentIndex>(random() % rows);
            }
            std::ranges::sort(held);
        } while (std::ranges::adjacent_find(held) != held.end());
        result.hold(held, random);
    }
    return result;
}

/// Accounts of 20 rows of one class, one class after another, so that positions follow the rows.
Accounts accounts_in_order(std::size_t count, std::size_t rows) {
    std::mt19937_64 random(20261128);
    Accounts result;
    std::array<InstrumentIndex, positions_each> held{};
    for (std::size_t i = 0; i < count; ++i) {
        for (std::size_t k = 0; k < positions_each; ++k) {
            held[k] = static_cast<InstrumentIndex>((i * positions_each + k) % rows);
        }
        result.hold(held, random);
    }
    return result;
}

/// Rows with gains of no model: what netting costs does not depend on them.
PortfolioRows rows_of_size(std::size_t size) {
    std::mt19937_64 random(20261129);
    PortfolioRows rows;
    rows.rows.resize(size);
    rows.gains.resize(size);
    rows.tree.classes.resize(size / rows_a_class);
    for (std::size_t i = 0; i < size; ++i) {
        rows.rows[i] = {.class_group = static_cast<GroupIndex>(i / rows_a_class),
                        .value = 100,
                        .minimum_long = 30,
                        .minimum_short = 37.5};
        for (Money& gain : rows.gains[i]) {
            gain = std::uniform_real_distribution(-1000.0, 1000.0)(random);
        }
    }
    return rows;
}

/// What an account comes to in each class, by the rule written out.
std::map<GroupIndex, ClassGains<>> netted_by_hand(const AccountView& account, const PortfolioRows& rows) {
    std::map<GroupIndex, ClassGains<>> classes;
    for (std::size_t i = 0; i < account.size(); ++i) {
        const PortfolioRow& row = rows[account.instrument[i]];
        ClassGains<>& held = classes[row.class_group];
        for (std::size_t k = 0; k < valuation_points; ++k) {
            held.gains[k] += account.quantity[i] * rows.gains[static_cast<std::size_t>(account.instrument[i])][k];
        }
        held.minimum +=
            std::abs(account.quantity[i]) * (account.quantity[i] < 0 ? row.minimum_short : row.minimum_long);
    }
    return classes;
}

bool differs(double actual, double expected, const char* what, std::size_t account) {
    if (std::abs(actual - expected) <= 1e-9 * (1e4 + std::abs(expected))) {
        return false;
    }
    std::printf("wrong %s of account %zu: %.6f, expected %.6f\n", what, account, actual, expected);
    return true;
}

bool is_netted_wrong(const Book& book, const PortfolioRows& rows) {
    ClassNetting net(rows);
    for (std::size_t i = 0; i < book.size(); i += 97) {
        const auto expected = netted_by_hand(book[i], rows);
        const std::span<const ClassGains<>> classes = net(book[i], rows.gains);
        bool wrong = classes.size() != expected.size();
        for (const ClassGains<>& held : classes) {
            const auto by_hand = expected.find(held.class_group);
            wrong = wrong || by_hand == expected.end() || differs(held.minimum, by_hand->second.minimum, "minimum", i);
            for (std::size_t k = 0; !wrong && k < valuation_points; ++k) {
                wrong = differs(held.gains[k], by_hand->second.gains[k], "gain", i);
            }
        }
        if (wrong) {
            return true;
        }
    }
    return false;
}

/// The best of several runs of each, one after the other, so that what else the machine does is in both.
std::pair<double, double> best_of_two(const std::function<void()>& first, const std::function<void()>& second) {
    constexpr int repeats = 25;
    std::pair best(seconds_of(first), seconds_of(second));
    for (int i = 1; i < repeats; ++i) {
        best.first = std::min(best.first, seconds_of(first));
        best.second = std::min(best.second, seconds_of(second));
    }
    return best;
}

/// @return Whether the answer was right.
bool measure_netting(const char* what, const Accounts& accounts, const PortfolioRows& rows, const char* target) {
    const Book book = accounts.book();
    if (is_netted_wrong(book, rows)) {
        return false;
    }
    ClassNetting net(rows);
    const double positions = static_cast<double>(accounts.instrument.size());
    const auto elements = static_cast<std::size_t>(positions * bytes_a_position / (4 * sizeof(double)));
    std::vector<double> a(elements), b(elements, 1.0), c(elements, 2.0), d(elements, 3.0);
    double sum = 0;
    const auto [netting, triad] = best_of_two(
        [&] {
            for (std::size_t i = 0; i < book.size(); ++i) {
                sum += net(book[i], rows.gains).back().gains[0];
            }
        },
        [&] {
            for (std::size_t i = 0; i < elements; ++i) {
                a[i] = b[i] + c[i] * d[i];
            }
        });
    std::printf("%-66s %5.1f ns a position %6.1f GB/s %.2f of the triad's %.1f%s\n", what, netting / positions * 1e9,
                positions * bytes_a_position / netting / 1e9, triad / netting,
                positions * bytes_a_position / triad / 1e9, target);
    return std::isfinite(sum);
}

bool measure_netting() {
    constexpr std::size_t small = 2'000, large = 100'000, accounts = 50'000;
    std::printf("netting, %.0f bytes a position: row 4, quantity 8, gains of a unit 80\n", bytes_a_position);
    const PortfolioRows in_cache = rows_of_size(small);
    const PortfolioRows beyond = rows_of_size(large);
    Accounts whole; // each holds every row
    std::vector<InstrumentIndex> all(small);
    for (std::size_t i = 0; i < small; ++i) {
        all[i] = static_cast<InstrumentIndex>(i);
    }
    std::mt19937_64 random(1);
    for (std::size_t i = 0; i < accounts * positions_each / small; ++i) {
        whole.hold(all, random);
    }
    return measure_netting("2,000 rows, accounts of all of them", whole, in_cache, "  (target 0.70)") &&
           measure_netting("2,000 rows, accounts of 20 of one class, in the order of the rows",
                           accounts_in_order(accounts, small), in_cache, "  (target 0.70)") &&
           measure_netting("100,000 rows, accounts of 20 of one class, in the order of the rows",
                           accounts_in_order(accounts, large), beyond, "") &&
           measure_netting("2,000 rows, accounts of any 20", random_accounts(accounts, small), in_cache, "") &&
           measure_netting("100,000 rows, accounts of any 20", random_accounts(accounts, large), beyond, "");
}

/// Twenty classes in five product groups in two portfolio groups.
GroupTree three_levels() {
    GroupTree tree;
    for (int i = 0; i < 20; ++i) {
        tree.classes.push_back({.id = "class", .parent = i / 4});
    }
    for (int i = 0; i < 5; ++i) {
        tree.products.push_back({.id = "product", .parent = i / 3, .offset = 0.9});
    }
    tree.portfolios = {{.id = "portfolio", .offset = 0.5}, {.id = "portfolio", .offset = 0.5}};
    return tree;
}

/// The requirement of classes without minimums, by the rule written out.
Money aggregated_by_hand(const GroupTree& tree, std::span<const ClassGains<>> classes) {
    Money total = 0;
    for (int portfolio = 0; portfolio < 2; ++portfolio) {
        Money worst = 0;
        for (std::size_t k = 0; k < valuation_points; ++k) {
            Money of_portfolio[2] = {0, 0}; // losses and gains
            for (int product = 0; product < 5; ++product) {
                if (tree.products[static_cast<std::size_t>(product)].parent == portfolio) {
                    Money of_product[2] = {0, 0};
                    for (const ClassGains<>& held : classes) {
                        if (tree.product_of(held.class_group) == product) {
                            of_product[held.gains[k] < 0 ? 0 : 1] += held.gains[k];
                        }
                    }
                    const Money point = of_product[0] + 0.9 * of_product[1];
                    of_portfolio[point < 0 ? 0 : 1] += point;
                }
            }
            worst = std::min(worst, of_portfolio[0] + 0.5 * of_portfolio[1]);
        }
        total -= worst;
    }
    return total;
}

bool measure_aggregation() {
    constexpr std::size_t accounts = 10'000;
    std::mt19937_64 random(20261130);
    const GroupTree tree = three_levels();
    for (const std::size_t count : {std::size_t{1}, std::size_t{5}, std::size_t{20}}) {
        std::vector<ClassGains<>> classes(accounts * count);
        for (std::size_t i = 0; i < classes.size(); ++i) {
            classes[i].class_group = static_cast<GroupIndex>(i % count * (20 / count));
            for (Money& gain : classes[i].gains) {
                gain = std::uniform_real_distribution(-1000.0, 1000.0)(random);
            }
        }
        Aggregator<> aggregate(tree, {});
        const auto of_account = [&](std::size_t i) { return std::span(classes).subspan(i * count, count); };
        for (std::size_t i = 0; i < accounts; i += 97) {
            if (differs(aggregate(of_account(i)), aggregated_by_hand(tree, of_account(i)), "requirement", i)) {
                return false;
            }
        }
        Money sum = 0;
        const double seconds = best_seconds(
            [&] {
                for (std::size_t i = 0; i < accounts; ++i) {
                    sum += aggregate(of_account(i));
                }
            },
            25);
        std::printf("aggregating %2zu classes, three levels %35.2f million accounts/s, %4.0f ns a class\n", count,
                    accounts / seconds / 1e6, seconds / static_cast<double>(accounts * count) * 1e9);
        if (!(sum > 0)) {
            return false;
        }
    }
    return true;
}

/// A thousand stocks with 99 listed American options each, near prices of Black and Scholes.
struct Market {
    InstrumentTable table;
    MarketSnapshot snapshot{.valuation_date = date_of(2026, 11, 20, "valuation_date"), .rate = 0.04};

    Market() {
        std::mt19937_64 random(20261201);
        for (int u = 0; u < 1'000; ++u) {
            const std::string name = "S" + std::to_string(u);
            const double spot = std::exp(std::uniform_real_distribution(3.0, 6.0)(random));
            const double volatility = std::uniform_real_distribution(0.15, 0.6)(random);
            table.add({.symbol = name}, "instruments");
            snapshot.quotes.push_back(
                {.price = spot, .dividend_yield = std::uniform_real_distribution(0.0, 0.03)(random)});
            for (int i = 1; i < rows_a_class; ++i) {
                add_option(name, spot, volatility, 28 * (1 + i % 3), 0.8 + 0.4 * i / rows_a_class,
                           i % 2 == 0 ? Right::call : Right::put);
            }
        }
    }

private:
    void add_option(const std::string& name, double spot, double volatility, int days, double moneyness, Right right) {
        const double strike = std::round(spot * moneyness * 100) / 100;
        const double deviation = volatility * std::sqrt(days / 365.0);
        const double d1 = std::log(spot / strike) / deviation + deviation / 2;
        const auto normal = [](double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); };
        const double call = spot * normal(d1) - strike * normal(d1 - deviation);
        Instrument option{.symbol = name + " " + std::to_string(table.size()), .kind = Kind::option};
        option.option = OptionContract{.underlying = name,
                                       .right = right,
                                       .strike = strike,
                                       .expiry = snapshot.valuation_date + std::chrono::days{days}};
        table.add(option, "instruments");
        snapshot.quotes.push_back({.price = 0.05 + (right == Right::call ? call : call - spot + strike)});
    }
};

bool is_book_wrong(const BookEvaluation& result, const Book& book, const PortfolioRows& rows) {
    if (!result.failures.empty()) {
        std::printf("account %zu: %s\n", result.failures[0].account, result.failures[0].message.c_str());
        return true;
    }
    for (std::size_t i = 0; i < book.size(); i += 997) {
        Money equity = book.cash[i], requirement = 0;
        for (const auto& [class_group, held] : netted_by_hand(book[i], rows)) { // stocks: each is a group of its own
            requirement += std::max(held.minimum, -*std::ranges::min_element(held.gains));
        }
        for (std::size_t j = 0; j < book[i].size(); ++j) {
            equity += book[i].quantity[j] * rows[book[i].instrument[j]].value;
        }
        if (differs(result[BookFigure::equity][i], equity, "equity", i) ||
            differs(result[BookFigure::maintenance][i], requirement, "requirement", i)) {
            return true;
        }
    }
    return false;
}

bool measure_book() {
    constexpr std::size_t accounts = 1'000'000;
    constexpr int repeats = 3;
    const Market market;
    const Policy policy;
    const MarketRows rows = market_rows(market.table, market.snapshot, policy);
    PortfolioRows portfolio;
    const double price = seconds_of(
        [&] { portfolio = portfolio_rows(rows, market.snapshot, policy, [](InstrumentIndex) { return true; }); });
    const Accounts held = random_accounts(accounts, rows.size());
    std::printf("pricing %zu instruments at ten points, calibrated, once for all accounts %14.0f ms\n", rows.size(),
                price * 1e3);
    BookEvaluation result;
    for (const std::size_t count : {accounts / 100, accounts / 10, accounts}) {
        const Book book = held.book(count);
        const auto evaluate = [&] {
            result = evaluate_book(BookInMemory{book}, rows, policy, {.portfolio = &portfolio}, std::move(result));
        };
        evaluate();
        if (is_book_wrong(result, book, portfolio)) {
            return false;
        }
        ClassNetting net(portfolio);
        Aggregator<> aggregate(portfolio.tree, {});
        Money sum = 0;
        const double netting = best_seconds(
            [&] {
                for (std::size_t i = 0; i < count; ++i) {
                    sum += net(book[i], portfolio.gains).back().gains[0];
                }
            },
            repeats);
        const double both = best_seconds(
            [&] {
                for (std::size_t i = 0; i < count; ++i) {
                    sum += aggregate(net(book[i], portfolio.gains));
                }
            },
            repeats);
        const double all = best_seconds(evaluate, repeats);
        std::printf("%8zu accounts of any 20: %6.0f ms, of which netting %5.0f, aggregating %5.0f; %8.0f accounts/s\n",
                    count, all * 1e3, netting * 1e3, (both - netting) * 1e3, static_cast<double>(count) / all);
        if (!std::isfinite(sum)) {
            return false;
        }
    }
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const double columns =
        static_cast<double>(accounts) * (positions_each * (sizeof(InstrumentIndex) + sizeof(Quantity)) + sizeof(Money) +
                                         sizeof(std::int64_t) + 1 + 11 * sizeof(Money));
    std::printf("memory: columns in and out %.0f MB, rows and gains %.0f MB, the whole process %.0f MB\n",
                columns / 1e6, static_cast<double>(rows.size() * (sizeof(PortfolioRow) + sizeof(Points<Money>))) / 1e6,
                static_cast<double>(usage.ru_maxrss) / 1e3);
    return true;
}

} // namespace

int main() {
    return run_where_it_can([](const char* name) {
        std::printf("%s, one core, best of several\n", name);
        return measure_netting() && measure_aggregation() && measure_book() ? 0 : 1;
    });
}
