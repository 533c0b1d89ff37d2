// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <cstddef>
#include <vector>

#include <margincore/account/book_totals.hpp>

#include "about.hpp"
#include "random_book.hpp"
#include "random_option_book.hpp"

using namespace margincore;

namespace {

const std::vector<Fraction> grid{workshop_moves.begin(), workshop_moves.end()};

const UnderlyingTotals& of(const SampleBook& book, const BookTotals& totals, const char* symbol) {
    return totals.by_underlying[static_cast<std::size_t>(book.instruments.find(symbol).value())];
}

/// The policies that tests on random books run under.
std::vector<Policy> policies() { return {{}, charging_policy(), tightened_policy()}; }

} // namespace

TEST_CASE("book totals: the sample accounts of the workshop, by hand", "[account][cited]") {
    const SampleBook book = workshop_book();
    const BookTotals totals = book.totals({}, {.moves = grid});
    const FirmTotals& firm = totals.firm;
    CHECK(firm.accounts == 5);
    CHECK(firm.failed == 0);
    CHECK(firm.cash == about(800'000));
    // Conservative 94,000; moderate 111,500; aggressive 171,000; hedged 38,000 net, 221,000 gross; concentrated
    // 200,000.
    CHECK(firm.net_value == about(94'000 + 111'500 + 171'000 + 38'000 + 200'000));
    CHECK(firm.gross_value == about(94'000 + 111'500 + 171'000 + 221'000 + 200'000));
    CHECK(firm.net_liquidation == about(800'000 + 614'500));
    CHECK(firm.equity == firm.net_liquidation);
    // FINRA 4210(c)(1), (c)(3): 25 % of 706,000 long, 30 % of 91,500 short.
    CHECK(firm.requirement.maintenance == about(0.25 * 706'000 + 0.30 * 91'500));
    CHECK(firm.requirement.add_ons == 0);
    CHECK(firm.call == MarginCall{});
    CHECK(firm.maintenance_calls == 0);

    const UnderlyingTotals& nvidia = of(book, totals, "NVDA");
    CHECK(nvidia.accounts == 2);
    CHECK(nvidia.net_quantity == 700);
    CHECK(nvidia.net_value == about(280'000));
    CHECK(nvidia.maintenance == about(70'000));
    CHECK(nvidia.initial == about(140'000));
    CHECK(nvidia.beta_weighted_exposure.value() == about(504'000));
    const UnderlyingTotals& microsoft = of(book, totals, "MSFT"); // one long, one short: netted in value only
    CHECK(microsoft.accounts == 2);
    CHECK(microsoft.long_units == 100);
    CHECK(microsoft.short_units == 200);
    CHECK(microsoft.net_quantity == -100);
    CHECK(microsoft.net_value == about(-38'000));
    CHECK(microsoft.gross_value == about(114'000));
    CHECK(microsoft.maintenance == about(0.25 * 38'000 + 0.30 * 76'000));
    CHECK(of(book, totals, "META") == UnderlyingTotals{});

    // By account: conservative 22,400 + 17,400 + 10,800 + 15,000 = 65,600; moderate 42,000 +
    // 41,800 + 22,500 + 11,200 = 117,500; aggressive 144,000 + 120,000 + 40,300 = 304,300; hedged 105,000 - 83,600 +
    // 48,300 - 20,150 = 49,550; concentrated 360,000.
    const double exposure = 65'600 + 117'500 + 304'300 + 49'550 + 360'000;
    CHECK(firm.beta_weighted_exposure.value() == about(exposure));
    CHECK(firm.exposure_alert == false);
    REQUIRE(totals.stress.size() == grid.size());
    CHECK(totals.stress[0].move == -0.08);
    CHECK(totals.stress[0].pnl == about(-0.08 * exposure));
    CHECK(totals.stress[0].below_zero == 0);
    CHECK(totals.stress[0].underwater == 0);
}

TEST_CASE("book totals: the firm is alerted above ten million beta-weighted, either way", "[account][cited]") {
    // Workshop, exercise 7.
    for (const double side : {1.0, -1.0}) {
        SampleBook book;
        book.quote("X", 100, 2.0).account(30e6).hold("X", side * 50'000);
        CHECK(book.totals().firm.exposure_alert == false); // 10 million, not above
        book.account(0).hold("X", side);
        CHECK(book.totals().firm.exposure_alert == true);
        CHECK(book_totals(book.source(), book.rows(), book.evaluate(), {}, 20e6).firm.exposure_alert == false);
    }
}

TEST_CASE("book totals: the excess of one account covers no deficit of another", "[account][cited]") {
    // Debits of 80,000 and of 110,000 on 100,000 of stock: equity 20,000 and -10,000, maintenance 25,000 each.
    SampleBook book;
    book.quote("X", 100, 1.0);
    book.account(1e6).hold("X", 1000).account(-80'000).hold("X", 1000).account(-110'000).hold("X", 1000);
    const BookTotals totals = book.totals({}, {.moves = {{0.0, -0.3}}});
    CHECK(totals.firm.excess.maintenance == about(1'075'000 - 5'000 - 35'000));
    CHECK(totals.firm.call.maintenance == about(5'000 + 35'000));
    CHECK(totals.firm.maintenance_calls == 2);
    CHECK(totals.firm.call.house == about(40'000));
    CHECK(totals.firm.house_calls == 2);
    // Down 30 %: net liquidation 1,070,000, -10,000 and -40,000; house deficits 0, 35,000 and 65,000.
    CHECK(totals.stress[0].below_zero == about(10'000));
    CHECK(totals.stress[1].pnl == about(-90'000));
    CHECK(totals.stress[1].below_zero == about(50'000));
    CHECK(totals.stress[1].accounts_below_zero == 2);
    CHECK(totals.stress[1].house_deficit == about(100'000));
    CHECK(totals.stress[1].underwater == 2);
}

TEST_CASE("book totals: customers long and short of the same net to no exposure and to full requirements",
          "[account][cited]") {
    SampleBook book;
    book.quote("X", 100, 1.5).account(1e5).hold("X", 1000).account(3e5).hold("X", -1000);
    const BookTotals totals = book.totals({}, {.moves = {{-0.08, 0.06}}});
    CHECK(totals.firm.beta_weighted_exposure.value() == 0);
    CHECK(totals.firm.net_value == 0);
    CHECK(totals.firm.gross_value == about(200'000));
    CHECK(totals.firm.requirement.maintenance == about(25'000 + 30'000));
    CHECK(totals.stress[0].pnl == about(0));
}

TEST_CASE("book totals: accounts that failed are counted and are in no total", "[account][property]") {
    SampleBook book = workshop_book();
    const FirmTotals before = book.totals().firm;
    book.quote({.symbol = "DARK"}, Quote{}).account(1e6).hold("AAPL", 100).hold("DARK", 1);
    const BookTotals totals = book.totals();
    CHECK(totals.firm.failed == 1);
    CHECK(totals.firm.accounts == 5);
    CHECK(totals.firm.net_liquidation == before.net_liquidation);
    CHECK(totals.firm.gross_value == before.gross_value);
    CHECK(of(book, totals, "AAPL").accounts == 2);
    CHECK(of(book, totals, "DARK") == UnderlyingTotals{});
}

TEST_CASE("book totals: an empty book has totals of nothing", "[account][property]") {
    SampleBook book = workshop_universe();
    const BookTotals totals = book.totals({}, {.moves = grid});
    CHECK(totals.firm == FirmTotals{});
    CHECK(totals.by_underlying.size() == book.instruments.size());
    CHECK(totals.stress.size() == grid.size());
    CHECK(totals.stress[0] == FirmStressPoint{.move = -0.08});
    const SampleBook nothing;
    CHECK(nothing.totals().by_underlying.empty());
}

TEST_CASE("book totals: a missing beta leaves no exposure, and nothing else out", "[account][property]") {
    SampleBook book;
    book.quote("X", 100).quote("Y", 10, 1.0).quote("Z", 1).account(0).hold("X", 1).hold("Y", 1);
    const BookTotals totals = book.totals();
    CHECK_FALSE(totals.firm.beta_weighted_exposure.has_value());
    CHECK(totals.firm.exposure_alert != true);
    CHECK_FALSE(of(book, totals, "X").beta_weighted_exposure.has_value());
    CHECK(of(book, totals, "Y").beta_weighted_exposure.value() == about(10));
    CHECK(of(book, totals, "Z").beta_weighted_exposure.value() == 0); // nobody holds it
    CHECK(totals.firm.net_value == about(110));
}

TEST_CASE("book totals: parts tie on random books", "[account][property]") {
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
        const SampleBook book = random_book(seed, 40);
        for (const Policy& policy : policies()) {
            INFO("seed " << seed);
            const BookOptions options{.moves = grid};
            const BookEvaluation evaluation = book.evaluate(policy, options);
            const BookTotals totals = book.totals(policy, options);
            const FirmTotals& firm = totals.firm;
            CHECK(firm.failed == evaluation.failures.size());
            CHECK(firm.accounts + firm.failed == book.cash.size());
            Figures sum;
            double exposure = 0;
            for (const UnderlyingTotals& one : totals.by_underlying) {
                sum.net_value += one.net_value;
                sum.initial += one.initial;
                sum.maintenance += one.maintenance;
                exposure += one.beta_weighted_exposure.value();
                CHECK(one.net_quantity == about(one.long_units - one.short_units));
                CHECK(one.gross_value >= std::abs(one.net_value) * (1 - 1e-12));
            }
            const double size = 1 + firm.gross_value + std::abs(firm.cash);
            const auto tie = [&](double a, double b) { CHECK(std::abs(a - b) <= 1e-11 * size); };
            tie(sum.net_value, firm.net_liquidation - firm.cash);
            tie(sum.maintenance + totals.offsets.maintenance, firm.requirement.maintenance);
            tie(sum.initial + totals.offsets.initial, firm.requirement.initial);
            tie(firm.net_liquidation + totals.offsets.equity, firm.equity);
            tie(exposure, firm.beta_weighted_exposure.value());
            tie(firm.excess.total, firm.equity - firm.requirement.total);
            double by_account = 0;
            double deficits = 0;
            for (std::size_t i = 0; i < evaluation.size(); ++i) {
                if (!evaluation.failed(i)) {
                    by_account += evaluation[BookFigure::beta_weighted_exposure][i];
                    deficits += std::max(0.0, -evaluation.stress_excess(0)[i]);
                }
            }
            tie(exposure, by_account);
            tie(totals.stress[0].house_deficit, deficits);
            for (const FirmStressPoint& point : totals.stress) { // betas are below 3: nothing turns worthless
                tie(point.pnl, point.move * exposure);
                CHECK(point.below_zero >= 0);
                CHECK(point.accounts_below_zero <= point.underwater);
            }
        }
    }
}

TEST_CASE("book totals: offsets between positions have a line of their own", "[account][cited]") {
    // FINRA 4210(e)(1): 10 bonds at 110, of 20 shares each, against 200 shares at 50: 10 % of 11,000 and nothing for
    // the short; alone 20 % of 11,000 or 7 % of principal where more, and 30 % of 10,000.
    SampleBook book;
    book.quote("X", 50, 1.0);
    book.quote({.symbol = "CONV", .kind = Kind::convertible, .conversion = Conversion{.into = "X", .ratio = 20}},
               {.price = 110, .beta = 0.5});
    book.account(20'000).hold("CONV", 10).hold("X", -200);
    const BookTotals totals = book.totals();
    CHECK(totals.firm.requirement.maintenance == about(1'100));
    CHECK(of(book, totals, "X").maintenance == about(3'000));
    CHECK(totals.offsets.maintenance == about(1'100 - 3'000 - of(book, totals, "CONV").maintenance));
    CHECK(totals.offsets.maintenance < 0);
}

TEST_CASE("book totals: an option stands with what it asks for by itself, and pairing with the offsets",
          "[account][cited]") {
    // FINRA 4210(f)(2)(H)(iv): 100 X at 100 under a call of 110 at 5.00 asks for the stock's 25 % alone. By itself the
    // call asks for its 500 and 20 % of 10,000 less the 1,000 that it is out of the money, (E)(i). Its 500 are a debt
    // that equity disregards. In the other account the same call is long: paid in full, (D), without value in equity.
    SampleBook book;
    const Instrument call = option_on("X", Right::call, 110, parse_date("2027-01-15", "date"));
    book.quote("X", 100, 1.0).quote(call, {.price = 5});
    book.account(0).hold("X", 100).hold(call.symbol, -1).account(1'000).hold(call.symbol, 2);
    const BookTotals totals = book.totals();
    CHECK(totals.firm.accounts == 2);
    CHECK(totals.firm.net_value == about(10'000 - 500 + 1'000));
    CHECK(totals.firm.gross_value == about(10'000 + 500 + 1'000));
    CHECK(totals.firm.requirement.maintenance == about(2'500));
    CHECK(totals.firm.equity == about(10'000 + 1'000));
    CHECK(of(book, totals, "X").maintenance == about(2'500));
    const UnderlyingTotals& series = of(book, totals, call.symbol.c_str());
    CHECK(series.accounts == 2);
    CHECK(series.net_quantity == 1);
    CHECK(series.long_units == 2);
    CHECK(series.short_units == 1);
    CHECK(series.net_value == about(500));
    CHECK(series.gross_value == about(1'500));
    CHECK(series.maintenance == about(500 + 1'000));
    CHECK(series.initial == about(1'500));
    CHECK_FALSE(series.beta_weighted_exposure.has_value());
    CHECK(totals.offsets.maintenance == about(-1'500));
    CHECK(totals.offsets.equity == about(500 - 1'000));
}

TEST_CASE("book totals: parts tie on random books with options", "[account][property]") {
    for (std::uint64_t seed = 0; seed < 30; ++seed) {
        const SampleBook book = random_option_book(seed, 20);
        for (const Policy& policy : {Policy{}, option_charging_policy(), option_tightened_policy()}) {
            INFO("seed " << seed);
            const BookTotals totals = book.totals(policy);
            const FirmTotals& firm = totals.firm;
            CHECK(firm.accounts == book.cash.size());
            Figures sum;
            for (const UnderlyingTotals& one : totals.by_underlying) {
                sum.net_value += one.net_value;
                sum.gross_value += one.gross_value;
                sum.initial += one.initial;
                sum.maintenance += one.maintenance;
            }
            Figures by_account;
            const MarketRows market = book.rows(policy);
            for (std::size_t i = 0; i < book.cash.size(); ++i) {
                const Evaluation one = evaluate(book.source().book[i], market, policy);
                by_account.gross_value += one.figures.gross_value;
                by_account.maintenance += one.requirement.maintenance;
            }
            const double size = 1 + firm.gross_value + std::abs(firm.cash);
            const auto tie = [&](double a, double b) { CHECK(std::abs(a - b) <= 1e-11 * size); };
            tie(sum.net_value, firm.net_liquidation - firm.cash);
            tie(sum.gross_value, by_account.gross_value);
            tie(by_account.maintenance, firm.requirement.maintenance);
            tie(sum.maintenance + totals.offsets.maintenance, firm.requirement.maintenance);
            tie(sum.initial + totals.offsets.initial, firm.requirement.initial);
            tie(firm.net_liquidation + totals.offsets.equity, firm.equity);
            tie(firm.excess.total, firm.equity - firm.requirement.total);
        }
    }
}

TEST_CASE("book totals: an option asks for by itself what an account that holds nothing else does",
          "[account][property]") {
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
        const SampleBook book = option_universe(seed);
        const MarketRows market = book.rows();
        for (std::size_t row = 0; row < book.instruments.size(); ++row) {
            const auto index = static_cast<InstrumentIndex>(row);
            for (const Quantity quantity : {3.0, -3.0}) {
                if (!book.instruments[index].option) {
                    continue;
                }
                const Evaluation one = evaluate({.instrument = {&index, 1}, .quantity = {&quantity, 1}}, market, {});
                const Figures alone = unit_alone(market, index).figures({.net = quantity});
                INFO(book.instruments[index].symbol << " of " << quantity);
                CHECK(alone.maintenance == about(one.requirement.maintenance, 1e-8)); // of millionths a unit
                CHECK(alone.initial == about(one.requirement.initial, 1e-8));
                CHECK(alone.net_value == one.figures.net_value);
                CHECK(alone.not_counted == about(one.figures.not_counted));
            }
        }
    }
}

TEST_CASE("book totals: any number of threads gives the same to the bit", "[account][property]") {
    SampleBook book = random_book(7, 9000);
    const auto of_threads = [&](unsigned threads) {
        return book.totals(charging_policy(), {.moves = grid, .threads = threads});
    };
    const BookTotals one = of_threads(1);
    const BookTotals four = of_threads(4);
    CHECK(one.firm == four.firm);
    CHECK(one.offsets == four.offsets);
    CHECK(one.by_underlying == four.by_underlying);
    CHECK(one.stress == four.stress);
    CHECK(one.firm.accounts > 8000);
}

TEST_CASE("book totals: what was not evaluated together is refused", "[account][cited]") {
    const SampleBook book = workshop_book();
    const BookEvaluation evaluation = book.evaluate();
    CHECK_THROWS_AS(book_totals(book.source(), book.rows(), evaluation, {.moves = grid}), InvalidInput);
    CHECK_THROWS_AS(book_totals(BookInMemory{}, book.rows(), evaluation), InvalidInput);
    CHECK_THROWS_AS(book_totals(book.source(), SampleBook{}.rows(), evaluation), InvalidInput);
    CHECK_THROWS_AS(book_totals(book.source(), book.rows(), evaluation, {}, -1.0), InvalidInput);
}
