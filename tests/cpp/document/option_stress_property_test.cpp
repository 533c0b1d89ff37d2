// SPDX-License-Identifier: Apache-2.0
// Identities of stress of accounts with options, on accounts by hand and on random books.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <margincore/document/document.hpp>

#include "about.hpp"
#include "catch.hpp"
#include "random_option_book.hpp"

using namespace margincore;

namespace {

document::AccountDocument account(const std::string& positions, const std::string& instruments, double cash,
                                  const std::string& policy = "") {
    return document::read_account_document(document::parse_json(
        fmt::format(R"({{"schema": 1, "account": {{"id": "A", "cash": {}, "positions": [{}]}}, "market":
            {{"valuation_date": "2026-11-20", "rate": 0.04, "instruments": {{
              "SPY": {{"kind": "broad_index_etf", "price": 500}}, {}}}}}, "policy": {{{}}}}})",
                    cash, positions, instruments, policy),
        "document"));
}

Report stressed(const document::AccountDocument& of, const std::vector<Fraction>& moves,
                Method method = Method::strategy) {
    return document::evaluate(of, {.method = method, .moves = moves});
}

const std::string xyz = R"("XYZ": {"kind": "equity", "price": 100, "beta": 1.0})";

/// The grid of the scan: half percents.
std::vector<Fraction> grid(double direction, int steps) {
    std::vector<Fraction> moves;
    for (int k = 1; k <= steps; ++k) {
        moves.push_back(direction * k * 0.005);
    }
    return moves;
}

/// A random book with a rate, so that its options can be priced.
SampleBook priced_book(std::uint64_t seed, std::size_t accounts) {
    SampleBook book = random_option_book(seed, accounts);
    book.market.rate = 0.04;
    return book;
}

const auto everything = [](InstrumentIndex /*row*/) { return true; };

} // namespace

TEST_CASE("stress: a put on a worthless share is worth its strike", "[stress][oracle]") {
    // An American put on nothing brings its strike, whatever the model: 10 x 100 x (100 - 4). The shares lose 100,000.
    const auto of =
        account(R"({"symbol": "XYZ", "quantity": 1000}, {"symbol": "XYZ   270115P00100000", "quantity": 10})",
                xyz + R"(, "XYZ   270115P00100000": {"price": 4.0})", 20'000);
    for (const Method method : {Method::strategy, Method::portfolio}) {
        const Report report = stressed(of, {-1.0}, method);
        const StressPoint& point = report.stress->front();
        CHECK(point.pnl == Approx(-100'000 + 96'000).margin(0.01));
        CHECK(point.net_liquidation == Approx(120'000).margin(0.01));
        // Moved there, the put is worth 100,000 and the shares nothing: no more can be asked for than they are worth.
        CHECK(point.excess_remargined <= point.net_liquidation + 0.01);
        CHECK(point.excess_remargined >= 0.0);
    }
}

TEST_CASE("stress: a mark does not fall below worthless", "[stress][property]") {
    // Marked at 89, below the 90 that exercise brings: the model's price is 90 and more, and yet 89 are all to lose.
    const auto of = account(R"({"symbol": "XYZ   270115C00010000", "quantity": 10})",
                            xyz + R"(, "XYZ   270115C00010000": {"price": 89})", 0);
    const Report report = stressed(of, {-0.95, -1.0, -0.5});
    CHECK((*report.stress)[0].pnl == about(-89'000));
    CHECK((*report.stress)[1].pnl == about(-89'000));
    CHECK((*report.stress)[1].net_liquidation == about(0));
    CHECK((*report.stress)[2].pnl == Approx(-50'000));
    const Report fund = stressed(account(R"({"symbol": "XYZ   270115C00010000", "quantity": 10})",
                                         xyz + R"(, "XYZ   270115C00010000": {"price": 89})", 1e4),
                                 {-1.0});
    CHECK(fund.beta_weighted->reverse.equity_zero == ReverseStress{}); // 10,000 are left wherever it falls
}

TEST_CASE("stress: a European call less its put gains what its share gains", "[stress][oracle]") {
    // Put-call parity without dividends: C - P = S - K exp(-r T), so the pair is 300 shares of beta 1.5.
    const double put_mark = 7 - 100 + 110 * std::exp(-0.04 * 182 / 365);
    const auto of = account(
        R"({"symbol": "XYZ   270521C00110000", "quantity": 3}, {"symbol": "XYZ   270521P00110000", "quantity": -3})",
        fmt::format(R"("XYZ": {{"kind": "equity", "price": 100, "beta": 1.5}},
                               "XYZ   270521C00110000": {{"price": 7, "style": "european"}},
                               "XYZ   270521P00110000": {{"price": {}, "style": "european"}})",
                    put_mark),
        20'000);
    const Report report = stressed(of, {-0.3, -0.02, 0.1});
    for (const StressPoint& point : *report.stress) {
        CHECK(point.pnl == Approx(300 * 100 * 1.5 * point.move));
    }
    CHECK(report.beta_weighted->exposure == Approx(45'000));
    CHECK(*report.beta_weighted->shares == Approx(90));
    const Money left = 20'000 + 300 * (7 - put_mark);
    CHECK(*report.beta_weighted->reverse.equity_zero.down == Approx(-left / 45'000).margin(2e-6));
    CHECK(!report.beta_weighted->reverse.equity_zero.up);
    REQUIRE(report.underlyings.size() == 1);
    CHECK(report.underlyings[0].delta_shares == Approx(300));
    CHECK(report.underlyings[0].net_value == Approx(left - 20'000));
    CHECK(*report.underlyings[0].pnl.down == Approx(-7'500));
    CHECK(*report.shock->up == Approx(7'500));
    CHECK(*report.underlyings[0].point_of_no_return.down == Approx(-left / 30'000).margin(2e-6));
}

TEST_CASE("stress: a future stands for its multiplier of its index", "[stress][property]") {
    // By hand: 2 x 50 x 5,000 of beta 1 are 500,000; 100,000 of cash are gone at -20 %. A future is worth nothing
    // itself.
    const auto of = account(R"({"symbol": "ESZ6", "quantity": 2})",
                            R"("SPX": {"kind": "broad_index", "price": 4950, "beta": 1.0},
                               "ESZ6": {"kind": "future", "price": 5000, "underlying": "SPX", "multiplier": 50})",
                            100'000);
    const Report report = stressed(of, {-0.08, 0.04}, Method::portfolio);
    CHECK((*report.stress)[0].pnl == Approx(-40'000));
    CHECK((*report.stress)[1].pnl == Approx(20'000));
    CHECK(report.beta_weighted->exposure == Approx(500'000));
    CHECK(*report.beta_weighted->reverse.equity_zero.down == Approx(-0.2).margin(1e-12)); // exact: no option is held
    REQUIRE(report.underlyings.size() == 1);
    const UnderlyingStress& index = report.underlyings[0];
    CHECK(index.underlying == "SPX");
    CHECK(index.net_value == 0);
    CHECK(index.delta_shares == Approx(100 * 5000.0 / 4950.0));
    CHECK(*index.pnl.down == Approx(-125'000));
    CHECK(*index.point_of_no_return.down == Approx(-0.2).margin(1e-12));
}

TEST_CASE("stress: reverse stress of stock is exact under either method", "[stress][property]") {
    const auto of = account(R"({"symbol": "XYZ", "quantity": 1000}, {"symbol": "ABC", "quantity": -300})",
                            xyz + R"(, "ABC": {"kind": "equity", "price": 50, "beta": 0.7})", -40'000);
    const ReverseStress strategy = stressed(of, {0.0}).beta_weighted->reverse.equity_zero;
    CHECK(strategy == stressed(of, {0.0}, Method::portfolio).beta_weighted->reverse.equity_zero);
    CHECK(*strategy.down == Approx(-45'000 / (100'000 - 0.7 * 15'000)).epsilon(1e-12)); // by hand
}

TEST_CASE("stress: volatilities are held whatever portfolio margin does with them", "[stress][property]") {
    const std::string series =
        xyz + R"(, "XYZ   270115C00100000": {"price": 4.5}, "XYZ   270115C00090000": {"price": 13},
                                          "XYZ   270115C00110000": {"price": 1.0})";
    const std::string held =
        R"({"symbol": "XYZ   270115C00100000", "quantity": -5}, {"symbol": "XYZ", "quantity": 500})";
    for (const Method method : {Method::strategy, Method::portfolio}) {
        const Report strike = stressed(account(held, series, 1e5), {-0.1, 0.0}, method);
        const Report moneyness =
            stressed(account(held, series, 1e5, R"("volatility_mode": "sticky_moneyness")"), {-0.1, 0.0}, method);
        CHECK((*strike.stress)[0].pnl == (*moneyness.stress)[0].pnl);
        CHECK(strike.beta_weighted->exposure == moneyness.beta_weighted->exposure);
        CHECK(strike.underlyings == moneyness.underlyings);
        // The smile of the requirement anew is that of the whole market, as before the move.
        CHECK((*moneyness.stress)[1].excess_remargined == Approx(moneyness.excess.total).margin(0.005));
    }
}

TEST_CASE("stress: what is long with nothing beside it has nothing left where it is worth nothing",
          "[stress][property]") {
    const auto of = account(R"({"symbol": "XYZ   270115C00100000", "quantity": 50})",
                            xyz + R"(, "XYZ   270115C00100000": {"price": 4.5})", 0);
    const ReverseStress root = stressed(of, {0.0}).beta_weighted->reverse.equity_zero;
    CHECK(!root.up);
    if (root.down) {
        const Report there = stressed(of, {*root.down, *root.down / 2});
        CHECK(std::abs((*there.stress)[0].net_liquidation) < 1e-3);
        CHECK((*there.stress)[1].net_liquidation > 1.0);
    }
}

TEST_CASE("stress: identities of random accounts with options", "[stress][property]") {
    std::size_t roots = 0;
    for (std::uint64_t seed = 0; seed < 4; ++seed) {
        SampleBook book = priced_book(seed, 6);
        for (Quote& quote : book.market.quotes) { // all move as the benchmark does
            quote.beta = quote.beta ? std::optional(1.0) : std::nullopt;
        }
        const MarketRows rows = book.rows();
        const BookInMemory source = book.source();
        constexpr double h = 1e-4;
        std::vector<Fraction> moves = {-h, h, -shock, shock};
        const std::vector<Fraction> falls = grid(-1.0, 200);
        const std::vector<Fraction> rises = grid(1.0, 600);
        moves.insert(moves.end(), falls.begin(), falls.end());
        moves.insert(moves.end(), rises.begin(), rises.end());
        for (std::size_t i = 0; i < book.cash.size(); ++i) {
            const AccountView view = source.book[i];
            const Report report =
                make_report(view, rows, book.market, {}, std::optional(std::span<const Fraction>(moves)));
            const std::vector<StressPoint>& points = *report.stress;
            INFO("seed " << seed << ", account " << i);
            // The exposure is the slope of the gains.
            CHECK(report.beta_weighted->exposure ==
                  Approx((points[1].pnl - points[0].pnl) / (2 * h)).margin(2e-3 * report.gross_value));
            // Where every beta is 1, all shocked at once are the benchmark shocked.
            CHECK(*report.shock->down == Approx(points[2].pnl).margin(1e-6 * report.gross_value));
            CHECK(*report.shock->up == Approx(points[3].pnl).margin(1e-6 * report.gross_value));
            double shares = 0.0;
            for (const UnderlyingStress& underlying : report.underlyings) {
                shares += underlying.delta_shares * book.market[*book.instruments.find(underlying.underlying)].price;
            }
            CHECK(shares == Approx(report.beta_weighted->exposure).margin(1e-6 * report.gross_value));
            // The nearest roots are where a scan of the stress table says.
            const auto check_side = [&](const std::optional<Fraction>& root, Money amount, std::size_t first,
                                        std::size_t n) {
                const bool was_below = amount < 0;
                std::size_t k = 0;
                while (k < n && (amount + points[first + k].pnl < 0) == was_below) {
                    ++k;
                }
                CHECK(root.has_value() == (k < n));
                if (root && k < n) {
                    const Fraction before = k == 0 ? 0.0 : points[first + k - 1].move;
                    CHECK(std::abs(*root) >= std::abs(before));
                    CHECK(std::abs(*root) <= std::abs(points[first + k].move));
                    ++roots;
                }
            };
            for (const auto& [root, amount] :
                 {std::pair(report.beta_weighted->reverse.excess_zero, report.excess.total),
                  std::pair(report.beta_weighted->reverse.equity_zero, report.net_liquidation)}) {
                check_side(root.down, amount, 4, falls.size());
                check_side(root.up, amount, 4 + falls.size(), rises.size());
            }
        }
    }
    CHECK(roots > 10);
}

TEST_CASE("stress: an account of a book is stressed as by itself, to the bit, on any number of threads",
          "[stress][property]") {
    const std::vector<Fraction> moves = {-0.2, -0.05, 0.0, 0.1};
    for (std::uint64_t seed = 10; seed < 12; ++seed) {
        const SampleBook book = priced_book(seed, 8);
        const BookInMemory source = book.source();
        MarketRows rows = book.rows();
        const MarketStress stress = market_stress(rows, book.market, reprice_options({}), moves, everything);
        const BookOptions options{.moves = moves, .stress = &stress};
        const BookEvaluation evaluation = evaluate_book(source, rows, {}, options);
        BookOptions threads = options;
        threads.threads = 2;
        CHECK((evaluate_book(source, rows, {}, threads).columns == evaluation.columns).all());
        CHECK(evaluation.failures.empty());
        const BookTotals totals = book_totals(source, rows, evaluation, options);
        std::vector<Money> gains(moves.size(), 0.0);
        for (std::size_t i = 0; i < book.cash.size(); ++i) {
            const Report alone = make_report(source.book[i], book.rows(), book.market, {},
                                             std::optional(std::span<const Fraction>(moves)));
            CHECK(evaluation[BookFigure::beta_weighted_exposure][i] == alone.beta_weighted->exposure);
            for (std::size_t k = 0; k < moves.size(); ++k) {
                CHECK(evaluation.stress_excess(k)[i] == (*alone.stress)[k].excess);
                gains[k] += (*alone.stress)[k].pnl;
            }
        }
        for (std::size_t k = 0; k < moves.size(); ++k) { // the firm gains what its accounts gain, options bent
            CHECK(totals.stress[k].pnl == Approx(gains[k]).margin(1e-6));
        }
    }
}

TEST_CASE("stress: a series that cannot be priced is told to whoever holds it", "[stress][property]") {
    SampleBook book;
    book.market.rate = 0.04;
    const Date expiry = parse_date("2027-01-15", "date");
    book.quote("XYZ", 100, 1.0);
    const Instrument sound = option_on("XYZ", Right::call, 100, expiry);
    const Instrument wrong = option_on("XYZ", Right::call, 105, expiry);
    book.quote(sound, {.price = 4.5}).quote(wrong, {.price = 120}); // above its share
    book.account(1e5).hold(sound.symbol, 1).account(1e5).hold(wrong.symbol, 1).account(1e5).hold("XYZ", 10);
    MarketRows rows = book.rows();
    const std::vector<Fraction> moves = {-0.1};
    const MarketStress stress = market_stress(rows, book.market, reprice_options({}), moves, everything);
    const BookEvaluation evaluation = evaluate_book(book.source(), rows, {}, {.moves = moves, .stress = &stress});
    REQUIRE(evaluation.failures.size() == 1);
    CHECK(evaluation.failures[0].account == 1);
    CHECK(evaluation.failures[0].where.find("price") != std::string::npos);
    CHECK(evaluation.stress_excess(0)[2] == about(100'000 + 1'000 - 250 - 100));
    // Without what options gain, who holds options is told, and who does not is stressed.
    const BookEvaluation without = evaluate_book(book.source(), book.rows(), {}, {.moves = moves});
    REQUIRE(without.failures.size() == 2);
    CHECK(without.failures[0].where == "stress");
    CHECK(without.stress_excess(0)[2] == evaluation.stress_excess(0)[2]);
}
