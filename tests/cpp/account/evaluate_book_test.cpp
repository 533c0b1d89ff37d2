// SPDX-License-Identifier: Apache-2.0
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <margincore/account/evaluate_book.hpp>

#include "catch.hpp"
#include "random.hpp"
#include "random_account.hpp"
#include "sample_account.hpp"

using namespace margincore;

namespace {

/// Sample accounts over one table, in columns.
struct SampleBook {
    InstrumentTable instruments{};
    MarketSnapshot market = SampleAccount{}.market;
    std::vector<Money> cash{};
    std::vector<std::int64_t> offsets{0};
    std::vector<InstrumentIndex> instrument{};
    std::vector<Quantity> quantity{};
    std::vector<Quantity> boxed{};

    void add(const SampleAccount& account) {
        const std::string prefix = "A" + std::to_string(cash.size()); // each account has instruments of its own
        for (std::size_t i = 0; i < account.instrument.size(); ++i) {
            Instrument what = account.instruments[account.instrument[i]];
            what.symbol.insert(0, prefix);
            if (what.conversion) {
                what.conversion->into.insert(0, prefix);
            }
            instrument.push_back(instruments.add(std::move(what), "instruments"));
            market.quotes.push_back(account.market[account.instrument[i]]);
            quantity.push_back(account.quantity[i]);
            boxed.push_back(account.boxed[i]);
        }
        cash.push_back(account.cash);
        offsets.push_back(static_cast<std::int64_t>(instrument.size()));
    }

    [[nodiscard]] Book book() const {
        return {.cash = cash, .offsets = offsets, .instrument = instrument, .quantity = quantity, .boxed = boxed};
    }
    [[nodiscard]] MarketRows rows(const Policy& policy) const { return market_rows(instruments, market, policy); }
};

SampleBook random_book(std::size_t accounts, std::uint64_t first_seed) {
    SampleBook book;
    for (std::uint64_t seed = first_seed; seed < first_seed + accounts; ++seed) {
        book.add(random_account(seed));
    }
    return book;
}

Policy house_policy() {
    return {.base_rates = {.long_rate = 0.4, .short_rate = 0.5},
            .add_ons = {Concentration{}, VolatilityBand{}, Liquidity{}, Ownership{}, LowPrice{}, BetaLeverage{}},
            .stress_moves = {-0.9, -0.08, 0.0, 0.5}};
}

bool same(double left, double right) {
    return std::bit_cast<std::uint64_t>(left) == std::bit_cast<std::uint64_t>(right);
}

/// Whether every figure of every account is the same to the bit, and so is every failure.
bool same(const BookEvaluation& left, const BookEvaluation& right) {
    bool result = left.failures == right.failures && left.columns.rows() == right.columns.rows() &&
                  left.columns.cols() == right.columns.cols();
    for (Eigen::Index i = 0; result && i < left.columns.size(); ++i) {
        result = same(left.columns.data()[i], right.columns.data()[i]);
    }
    return result;
}

struct Wrong {
    std::string name;
    std::size_t account;
    std::string where;
    std::string message;
    void (*spoil)(SampleBook&);
};

} // namespace

TEST_CASE("book: each account gets what it gets alone, to the bit", "[account][property]") {
    const std::size_t accounts = 2000;
    const SampleBook sample = random_book(accounts, 1);
    for (const Policy& policy : {Policy{}, house_policy()}) {
        const MarketRows rows = sample.rows(policy);
        const BookEvaluation book =
            evaluate_book(BookInMemory{sample.book()}, rows, policy, {.moves = policy.stress_moves});
        REQUIRE(book.size() == accounts);
        REQUIRE(book.has_stress());
        CHECK(book.failures.empty());
        for (std::size_t i = 0; i < accounts; ++i) {
            const SampleAccount account = random_account(1 + i);
            const Report report = account.report(policy);
            const std::vector<double> expected{report.net_liquidation,     report.equity,
                                               report.requirement.initial, report.requirement.maintenance,
                                               report.requirement.add_ons, report.requirement.total,
                                               report.excess.initial,      report.excess.maintenance,
                                               report.excess.total,        report.net_requirement,
                                               report.lower_bound,         report.beta_weighted->exposure};
            bool is_same = true;
            for (std::size_t k = 0; k < expected.size(); ++k) {
                is_same = is_same && same(book[static_cast<BookFigure>(k)][i], expected[k]);
            }
            for (std::size_t k = 0; k < policy.stress_moves.size(); ++k) {
                is_same = is_same && same(book.stress_excess(k)[i], (*report.stress)[k].excess);
            }
            if (!is_same) {
                FAIL_CHECK("account " << i << ": " << account.text());
            }
        }
    }
}

TEST_CASE("book: threads, pieces and reused memory change nothing", "[account][property]") {
    SampleBook sample = random_book(9000, 77); // three pieces
    sample.quantity[3] = 0;
    sample.quantity[20'000] = std::numeric_limits<double>::infinity();
    const Policy policy = house_policy();
    const MarketRows rows = sample.rows(policy);
    const BookOptions options{.moves = policy.stress_moves};
    const BookEvaluation one = evaluate_book(BookInMemory{sample.book()}, rows, policy, options);
    CHECK(one.failures.size() >= 1);
    BookEvaluation previous;
    for (const unsigned threads : {2U, 4U, 0U}) {
        BookOptions more = options;
        more.threads = threads;
        previous = evaluate_book(BookInMemory{sample.book()}, rows, policy, more, std::move(previous));
        CHECK(same(previous, one));
    }
    const BookEvaluation plain = evaluate_book(BookInMemory{sample.book()}, rows, policy);
    CHECK_FALSE(plain.has_stress());
    CHECK(plain.stress_points == 0);

    for (const std::size_t cut : {1U, 4095U, 4096U, 8999U}) {
        const Book whole = sample.book();
        for (const auto& [first, last] : {std::pair<std::size_t, std::size_t>{0, cut}, {cut, 9000}}) {
            std::vector<std::int64_t> offsets;
            for (std::size_t i = first; i <= last; ++i) {
                offsets.push_back(whole.offsets[i] - whole.offsets[first]);
            }
            const auto begin = static_cast<std::size_t>(whole.offsets[first]);
            const auto count = static_cast<std::size_t>(offsets.back());
            const Book part{.cash = whole.cash.subspan(first, last - first),
                            .offsets = offsets,
                            .instrument = whole.instrument.subspan(begin, count),
                            .quantity = whole.quantity.subspan(begin, count),
                            .boxed = whole.boxed.subspan(begin, count)};
            const BookEvaluation result = evaluate_book(BookInMemory{part}, rows, policy, options);
            bool is_same = true;
            for (std::size_t k = 0; k < static_cast<std::size_t>(result.columns.rows()); ++k) {
                for (std::size_t i = first; i < last; ++i) {
                    is_same = is_same && same(result.columns.data()[k * (last - first) + i - first],
                                              one.columns.data()[k * 9000 + i]);
                }
            }
            CAPTURE(cut, first);
            CHECK(is_same);
        }
    }
}

TEST_CASE("book: an account that is wrong fails alone, with its place", "[account][property]") {
    constexpr double infinite = std::numeric_limits<double>::infinity();
    const std::vector<Wrong> wrongs{
        {"zero", 1, "positions[2].quantity", "must not be zero, got 0", [](SampleBook& b) { b.quantity[2] = 0; }},
        {"infinite", 0, "positions[1].quantity", "must be a finite number, got inf",
         [](SampleBook& b) { b.quantity[1] = infinite; }},
        {"boxed", 1, "positions[3].boxed", "must be zero or more, got -1", [](SampleBook& b) { b.boxed[3] = -1; }},
        {"twice", 1, "positions[3].symbol",
         "must stand once in the positions of an account, got row 2 of the instruments again",
         [](SampleBook& b) { b.instrument[3] = 2; }},
        {"beyond", 1, "positions[2].symbol", "must be a row of the 5 instruments, got 5",
         [](SampleBook& b) { b.instrument[2] = 5; }},
        {"below", 1, "positions[2].symbol", "must be a row of the 5 instruments, got -1",
         [](SampleBook& b) { b.instrument[2] = -1; }},
        {"null", 1, "positions[2].symbol", "must be given, got nothing",
         [](SampleBook& b) { b.instrument[2] = null_instrument; }},
        {"cash", 2, "accounts[2].cash", "must be between -1e+13 and 1e+13, got 2e+13",
         [](SampleBook& b) { b.cash[2] = 2e13; }},
        {"price", 1, "positions[3].symbol", "must have a price, got none for 'A1B'",
         [](SampleBook& b) { b.market.quotes[3].price = std::numeric_limits<double>::quiet_NaN(); }},
        {"beta", 1, "instruments[3].beta",
         "must be given where betas are used, or policy.missing_beta stated, got nothing",
         [](SampleBook& b) { b.market.quotes[3].beta.reset(); }},
    };
    for (const Wrong& wrong : wrongs) {
        CAPTURE(wrong.name);
        SampleBook sample;
        sample.add(SampleAccount{.cash = 100}.hold("A", 5, 10, 1.0).hold("B", -5, 20, 1.0));
        sample.add(SampleAccount{.cash = 200}.hold("A", 7, 30, 1.0).hold("B", -5, 40, 1.0));
        sample.add(SampleAccount{.cash = 300}.hold("A", 9, 50, 1.0));
        const BookOptions options{.moves = std::vector<double>{-0.1}};
        const Policy policy;
        const BookEvaluation right = evaluate_book(BookInMemory{sample.book()}, sample.rows(policy), policy, options);
        CHECK(right.failures.empty());
        wrong.spoil(sample);
        const BookEvaluation book = evaluate_book(BookInMemory{sample.book()}, sample.rows(policy), policy, options);
        REQUIRE(book.failures.size() == 1);
        CHECK(book.failures[0].account == wrong.account);
        CHECK(book.failures[0].where == wrong.where);
        CHECK(book.failures[0].message == wrong.where + ": " + wrong.message);
        for (std::size_t i = 0; i < 3; ++i) {
            for (Eigen::Index k = 0; k < book.columns.rows(); ++k) {
                const double now = book.columns.data()[k * 3 + static_cast<Eigen::Index>(i)];
                const double before = right.columns.data()[k * 3 + static_cast<Eigen::Index>(i)];
                CHECK((i == wrong.account ? std::isnan(now) : same(now, before)));
            }
        }
    }
}

TEST_CASE("book: books without accounts and without positions", "[account]") {
    const SampleBook sample;
    const Policy policy;
    CHECK(evaluate_book(BookInMemory{sample.book()}, sample.rows(policy), policy).size() == 0);
    const std::vector<double> cash{5, -5};
    const std::vector<std::int64_t> offsets{0, 0, 0};
    const BookEvaluation result = evaluate_book(BookInMemory{{.cash = cash, .offsets = offsets}}, sample.rows(policy),
                                                policy, {.moves = std::vector<double>{-0.5}});
    CHECK(result.failures.empty());
    CHECK(result[BookFigure::equity][1] == -5.0);
    CHECK(result[BookFigure::beta_weighted_exposure][0] == 0.0);
    CHECK(result.stress_excess(0)[0] == 5.0);
}

TEST_CASE("book: progress may stop it", "[account]") {
    const SampleBook sample = random_book(5000, 3);
    const Policy policy;
    const BookOptions options{.progress = [](std::size_t, std::size_t) { throw InvalidInput("x", "enough"); }};
    CHECK_THROWS_AS(evaluate_book(BookInMemory{sample.book()}, sample.rows(policy), policy, options), InvalidInput);
}
