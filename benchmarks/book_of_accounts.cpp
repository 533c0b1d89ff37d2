// SPDX-License-Identifier: Apache-2.0
// How fast do columns of positions become the requirements of a million accounts, one core?
// Baseline: a triad (a = b + c x d, three reads and a write) over as many bytes as the task reads and writes once, in
// the same run.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <numeric>
#include <random>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <margincore/account/evaluate_book.hpp>
#include <margincore/account/market_rows.hpp>
#include <margincore/account/policy.hpp>
#include <margincore/instrument/group_positions.hpp>

#include "timing.hpp"

using namespace margincore;

namespace {

constexpr std::size_t accounts = 1'000'000;
constexpr std::size_t positions_each = 20;
constexpr std::size_t positions = accounts * positions_each;
constexpr int instruments = 5'000;
constexpr int repeats = 7;

constexpr double bytes_a_position = sizeof(InstrumentIndex) + sizeof(Quantity);
constexpr double bytes_an_account = sizeof(Money) + sizeof(std::int64_t); // cash and offset
constexpr double requirement_figures = 11;
constexpr double stress_figures = 9; // exposure and eight moves

double best_of(const std::function<void()>& work) { return best_seconds(work, repeats); }

/// A market of shares, and accounts that each hold positions in some of them.
struct Data {
    InstrumentTable table;
    MarketSnapshot market{.valuation_date = date_of(2026, 11, 20, "valuation_date")};
    std::vector<Money> cash;
    std::vector<std::int64_t> offsets;
    std::vector<InstrumentIndex> instrument;
    std::vector<Quantity> quantity;

    Data() : cash(accounts), offsets(accounts + 1), instrument(positions), quantity(positions) {
        std::mt19937_64 random(20261120);
        for (int i = 0; i < instruments; ++i) {
            table.add({.symbol = "S" + std::to_string(i)}, "instruments");
            market.quotes.push_back({.price = std::uniform_real_distribution(1.0, 500.0)(random),
                                     .beta = std::uniform_real_distribution(0.0, 2.5)(random)});
        }
        std::vector<InstrumentIndex> all(instruments);
        std::iota(all.begin(), all.end(), 0);
        for (std::size_t i = 0; i < accounts; ++i) {
            cash[i] = std::uniform_real_distribution(-1e6, 1e6)(random);
            offsets[i + 1] = static_cast<std::int64_t>((i + 1) * positions_each);
            for (std::size_t j = 0; j < positions_each; ++j) { // the first of a shuffle: each instrument once
                std::swap(all[j], all[j + random() % (all.size() - j)]);
                instrument[i * positions_each + j] = all[j];
            }
        }
        for (Quantity& units : quantity) {
            units = static_cast<double>(random() % 1000 + 1) * (random() % 4 == 0 ? -1 : 1);
        }
    }

    [[nodiscard]] BookInMemory book() const {
        return {{.cash = cash, .offsets = offsets, .instrument = instrument, .quantity = quantity}};
    }

    void sort_each_account() { // as files sorted by account and symbol are
        for (std::size_t i = 0; i < accounts; ++i) {
            const auto first = instrument.begin() + static_cast<std::ptrdiff_t>(i * positions_each);
            std::sort(first, first + positions_each);
        }
    }
};

bool differs(double actual, double expected, double scale, const char* what, std::size_t account) {
    if (std::abs(actual - expected) <= 1e-9 * (1 + scale)) {
        return false;
    }
    std::printf("wrong %s of account %zu: %.6f, expected %.6f\n", what, account, actual, expected);
    return true;
}

/// The rules written out: 25 % and 50 % of longs; 30 %, $5.00, the price or $2.50 of shorts, and 50 %.
bool is_wrong(const Data& data, const BookEvaluation& result, std::span<const Fraction> moves) {
    for (std::size_t i = 0; i < accounts; i += 997) {
        double net = data.cash[i], gross = 0, maintenance = 0, initial = 0, exposure = 0;
        std::vector<double> gain(moves.size(), 0.0);
        for (std::size_t j = i * positions_each; j < (i + 1) * positions_each; ++j) {
            const Quote& quote = data.market.quotes[static_cast<std::size_t>(data.instrument[j])];
            const double value = data.quantity[j] * quote.price;
            const double tier = quote.price < 5.0 ? std::max(2.5, quote.price) : std::max(5.0, 0.3 * quote.price);
            const double units = std::abs(data.quantity[j]);
            net += value;
            gross += std::abs(value);
            maintenance += value > 0 ? 0.25 * value : units * tier;
            initial += value > 0 ? 0.5 * value : units * std::max(tier, 0.5 * quote.price);
            exposure += value * *quote.beta;
            for (std::size_t k = 0; k < moves.size(); ++k) {
                gain[k] += value * std::max(-1.0, *quote.beta * moves[k]);
            }
        }
        bool wrong = differs(result[BookFigure::equity][i], net, gross, "equity", i) ||
                     differs(result[BookFigure::maintenance][i], maintenance, gross, "maintenance", i) ||
                     differs(result[BookFigure::initial][i], initial, gross, "initial", i) ||
                     differs(result[BookFigure::excess_total][i], net - maintenance, gross, "excess", i);
        for (std::size_t k = 0; k < moves.size(); ++k) {
            wrong = wrong || differs(result.stress_excess(k)[i], net - maintenance + gain[k], gross, "stress", i);
        }
        wrong = wrong || (!moves.empty() &&
                          differs(result[BookFigure::beta_weighted_exposure][i], exposure, gross, "exposure", i));
        if (wrong) {
            return true;
        }
    }
    return !result.failures.empty();
}

/// What the sums alone cost: no checks, no failures, four figures out.
double hand_written_seconds(const Data& data, const MarketRows& market) {
    std::vector<Money> net(accounts), gross(accounts), initial(accounts), maintenance(accounts);
    const double seconds = best_of([&] {
        for (std::size_t i = 0; i < accounts; ++i) {
            SecurityRow::Side sum = SecurityRow::Side::Zero();
            for (auto j = static_cast<std::size_t>(data.offsets[i]); j < static_cast<std::size_t>(data.offsets[i + 1]);
                 ++j) {
                const SecurityRow& row = market.rows[static_cast<std::size_t>(data.instrument[j])];
                sum += data.quantity[j] * row.sides[static_cast<std::size_t>(std::signbit(data.quantity[j]))];
            }
            net[i] = data.cash[i] + sum[SecurityRow::net_value];
            gross[i] = sum[SecurityRow::gross_value];
            initial[i] = sum[SecurityRow::initial];
            maintenance[i] = sum[SecurityRow::maintenance];
        }
    });
    for (std::size_t i = 0; i < accounts; i += 997) { // and so that a compiler computes all four
        if (!(gross[i] >= std::abs(net[i] - data.cash[i]) * (1 - 1e-9) && initial[i] >= maintenance[i])) {
            std::printf("wrong sums of account %zu\n", i);
            std::exit(1);
        }
    }
    return seconds;
}

/// What fetching one number of each position's row costs, without rules, accounts or figures: no layout of rows in
/// which a position costs a cache line is faster.
double gather_seconds(const Data& data, const MarketRows& market) {
    double sum = 0;
    const double seconds = best_of([&] {
        std::array<double, 4> part{}; // apart, so that no addition waits for the one before
        for (std::size_t j = 0; j < positions; j += part.size()) {
            for (std::size_t k = 0; k < part.size(); ++k) {
                part[k] += data.quantity[j + k] * market.rows[static_cast<std::size_t>(data.instrument[j + k])].price();
            }
        }
        sum = part[0] + part[1] + part[2] + part[3];
    });
    double net = 0;
    for (std::size_t j = 0; j < positions; ++j) {
        net += data.quantity[j] * market.rows[static_cast<std::size_t>(data.instrument[j])].price();
    }
    if (!(std::abs(sum - net) <= 1e-6 * std::abs(net))) {
        std::printf("wrong sum of all positions\n");
        std::exit(1);
    }
    return seconds;
}

double triad_seconds(double bytes) {
    const auto elements = static_cast<std::size_t>(bytes / (4 * sizeof(double)));
    std::vector<double> a(elements), b(elements, 1.0), c(elements, 2.0), d(elements, 3.0);
    return best_of([&] {
        for (std::size_t i = 0; i < elements; ++i) {
            a[i] = b[i] + c[i] * d[i];
        }
    });
}

void print(const char* what, double seconds, double bytes, const char* target) {
    std::printf("%-52s %6.1f ms %6.0f M positions/s %6.2f GB/s  %.2f of the triad%s\n", what, seconds * 1e3,
                positions / seconds / 1e6, bytes / seconds / 1e9, triad_seconds(bytes) / seconds, target);
}

} // namespace

int main() {
    Data data;
    const Policy policy;
    const MarketRows rows = market_rows(data.table, data.market, policy);
    const double input = positions * bytes_a_position + accounts * bytes_an_account;
    const double bytes = input + accounts * requirement_figures * sizeof(Money);
    const double bytes_with_stress = bytes + accounts * stress_figures * sizeof(Money);
    BookOptions plain;
    BookOptions stressed{.moves = policy.stress_moves};
    BookEvaluation result;
    const auto evaluate_with = [&](const BookOptions& options) {
        result = evaluate_book(data.book(), rows, policy, options, std::move(result));
    };

    std::printf("%zu accounts x %zu positions over %d instruments, best of %d, one core unless said\n"
                "bytes: %.0f a position, %.0f an account, 8 a figure (%.0f, and %.0f with stress)\n",
                accounts, positions_each, instruments, repeats, bytes_a_position, bytes_an_account, requirement_figures,
                requirement_figures + stress_figures);
    for (const bool sorted : {false, true}) {
        if (sorted) {
            data.sort_each_account();
        }
        evaluate_with(stressed);
        if (is_wrong(data, result, policy.stress_moves)) {
            return 1;
        }
        const std::string order = sorted ? ", sorted by symbol" : ", symbols in random order";
        const double stress = best_of([&] { evaluate_with(stressed); });
        evaluate_with(plain);
        if (is_wrong(data, result, {})) {
            return 1;
        }
        const double requirement = best_of([&] { evaluate_with(plain); });
        print(("requirement and equity" + order).c_str(), requirement, bytes, sorted ? "  (target 0.50)" : "");
        print(("with exposure and stress" + order).c_str(), stress, bytes_with_stress, sorted ? "  (target 0.30)" : "");
    }

    print("a loop by hand: no checks, four figures", hand_written_seconds(data, rows),
          input + accounts * 4.0 * sizeof(Money), "");

    print("a gather alone: one sum over all positions", gather_seconds(data, rows), input, "");

    stressed.threads = 2;
    const double two = best_of([&] { evaluate_with(stressed); });
    stressed.threads = 1;
    const double one = best_of([&] { evaluate_with(stressed); });
    std::printf("%-52s %6.1f ms; the second core makes it %.2f times as fast (target 1.7)\n",
                "with exposure and stress, two threads", two * 1e3, one / two);

    std::vector<std::int32_t> account(positions);
    for (std::size_t i = 0; i < positions; ++i) {
        account[i] = static_cast<std::int32_t>(i / positions_each);
    }
    PositionGroups groups;
    const auto group = [&] { groups = group_positions(std::span<const std::int32_t>(account), accounts); };
    const double in_order = best_of(group);
    if (groups.offsets != data.offsets || !groups.order.empty()) {
        std::printf("wrong groups\n");
        return 1;
    }
    std::shuffle(account.begin(), account.end(), std::mt19937_64(7));
    const double shuffled = best_of(group);
    for (std::size_t i = 1; i < positions; ++i) {
        if (account[static_cast<std::size_t>(groups.order[i])] <
            account[static_cast<std::size_t>(groups.order[i - 1])]) {
            std::printf("wrong order\n");
            return 1;
        }
    }
    std::printf("accounts by number, to group the positions: %.2f ns a position in order, %.1f ns in random order\n",
                in_order / positions * 1e9, shuffled / positions * 1e9);
    return 0;
}
