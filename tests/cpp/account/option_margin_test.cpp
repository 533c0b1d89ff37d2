// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <random>
#include <string>
#include <vector>

#include <margincore/account/evaluate.hpp>
#include <margincore/core/error.hpp>
#include <margincore/requirement/line.hpp>

#include "about.hpp"
#include "catch.hpp"
#include "option_account.hpp"

using namespace margincore;

namespace {

constexpr Right call = Right::call;
constexpr Right put = Right::put;
constexpr int january = 56; // days to expiry
constexpr int february = 91;
constexpr int in_a_year = 400;

} // namespace

// Each by hand from FINRA 4210(f)(2), a unit at a price of 100 unless said otherwise.

TEST_CASE("options: a strangle of ten lots is the greater requirement and the other premium, ten times", "[account]") {
    // call 1.00 + (20 - 10) = 11.00; put 1.50 + (20 - 10) = 11.50, the greater; and 1.00
    OptionAccount account(100);
    account.hold(-10, call, 110, january, 1.00).hold(-10, put, 90, january, 1.50);
    CHECK(account.maintenance() == about(12'500, 1e-12));
    CHECK(account.evaluate().requirement.initial == about(12'500, 1e-12));
}

TEST_CASE("options: a straddle compares requirements, not add-ons", "[account]") {
    // call 9.00 + 10 = 19.00; put 0.50 + 12 = 12.50: the call's, and 0.50
    OptionAccount account(100);
    account.hold(-1, call, 112, january, 9.00).hold(-1, put, 92, january, 0.50);
    CHECK(account.maintenance() == about(1'950, 1e-12));
}

TEST_CASE("options: a long box asks for nothing, unless it is European and settled in cash", "[account]") {
    const auto box = [](OptionAccount& account) {
        account.hold(1, call, 95, january, 7.00).hold(-1, call, 105, january, 2.00);
        account.hold(1, put, 105, january, 6.80).hold(-1, put, 95, january, 2.10); // 9.70 in all
    };
    OptionAccount american(100);
    box(american);
    CHECK(american.maintenance() == 0.0);
    OptionAccount european(100, Kind::broad_index);
    european.style = ExerciseStyle::european;
    box(european);
    const Evaluation evaluation = european.evaluate();
    CHECK(evaluation.requirement.maintenance == about(500, 1e-12)); // half of 10
    CHECK(evaluation.equity == about(970, 1e-12));                  // its value counts, as it is below 10
    CHECK(evaluation.net_requirement() == about(500, 1e-12));
}

TEST_CASE("options: spreads of two expiries are not pooled as one condor", "[account]") {
    // The long put is gone before the short call is: each side stands alone, 5 and 5.
    OptionAccount account(100);
    account.hold(-1, put, 90, january, 1.50).hold(1, put, 85, january, 0.80);
    account.hold(-1, call, 110, february, 1.60).hold(1, call, 115, february, 0.90);
    CHECK(account.maintenance() == about(1'000, 1e-12));
}

TEST_CASE("options: an unequal iron condor is charged its wider side", "[account]") {
    OptionAccount account(100);
    account.hold(-1, put, 90, january, 1.50).hold(1, put, 85, january, 0.80);
    account.hold(-1, call, 110, january, 1.60).hold(1, call, 120, january, 0.50);
    CHECK(account.maintenance() == about(1'000, 1e-12));
}

TEST_CASE("options: a long that expires first covers nothing", "[account]") {
    // a short calendar: 3.00 + 20 naked
    OptionAccount account(100);
    account.hold(-1, call, 100, february, 3.00).hold(1, call, 100, january, 2.00);
    CHECK(account.maintenance() == about(2'300, 1e-12));
    OptionAccount long_calendar(100);
    long_calendar.hold(1, call, 100, february, 3.00).hold(-1, call, 100, january, 2.00);
    CHECK(long_calendar.maintenance() == 0.0);
}

TEST_CASE("options: a covered debit spread is paid for and covers itself", "[account]") {
    OptionAccount account(100);
    account.hold_stock(100).hold(1, call, 100, january, 4.00).hold(-1, call, 110, january, 1.00);
    CHECK(account.maintenance() == about(2'500, 1e-12)); // 25 % of the stock alone
    CHECK(account.evaluate().equity == about(10'000, 1e-12));
}

TEST_CASE("options: a ratio spread is one spread and what is left naked", "[account]") {
    // short 2 at 110: one under the long at 100, the other 1.00 + (20 - 10)
    OptionAccount account(100);
    account.hold(1, call, 100, january, 4.00).hold(-2, call, 110, january, 1.00);
    CHECK(account.maintenance() == about(1'100, 1e-12));
}

TEST_CASE("options: a jelly roll leaves its later short naked", "[account]") {
    // calls: a long calendar; the short put of February outlives the long one: 3.20 + 20
    OptionAccount account(100);
    account.hold(1, call, 100, february, 3.50).hold(-1, put, 100, february, 3.20);
    account.hold(-1, call, 100, january, 2.50).hold(1, put, 100, january, 2.30);
    CHECK(account.maintenance() == about(2'320, 1e-12));
}

TEST_CASE("options: a synthetic long earns nothing", "[account]") {
    OptionAccount account(100);
    account.hold(1, call, 100, january, 3.50).hold(-1, put, 100, january, 3.20);
    CHECK(account.maintenance() == about(2'320, 1e-12));
}

TEST_CASE("options: a debit and a credit spread are one spread of four calls", "[account]") {
    // Regulatory Notice 12-44: the gain of 10 below stands against the loss of 10 above.
    OptionAccount account(150);
    account.hold(1, call, 100, january, 51.0).hold(-1, call, 110, january, 42.0);
    account.hold(-1, call, 190, january, 3.0).hold(1, call, 200, january, 2.0);
    CHECK(account.maintenance() == 0.0);
    CHECK(account.lines().size() == 1);
}

TEST_CASE("options: an iron condor asks for one of its equal sides", "[account][cited]") {
    // IBKR knowledge base, node 600, which gives no prices: ten contracts, both sides of 10
    OptionAccount account(175);
    account.hold(10, put, 160, january, 1.00).hold(-10, put, 170, january, 3.00);
    account.hold(-10, call, 180, january, 3.00).hold(10, call, 190, january, 1.00);
    CHECK(account.maintenance() == about(10'000, 1e-12));
}

TEST_CASE("options: a reverse iron condor asks for nothing", "[account]") {
    OptionAccount account(100);
    account.hold(-1, put, 85, january, 0.80).hold(1, put, 90, january, 1.50);
    account.hold(1, call, 110, january, 1.60).hold(-1, call, 115, january, 0.90);
    CHECK(account.maintenance() == 0.0);
}

TEST_CASE("options: a short box asks for its strike difference", "[account]") {
    OptionAccount account(100);
    account.hold(-1, call, 95, january, 7.00).hold(1, call, 105, january, 2.00);
    account.hold(-1, put, 105, january, 6.80).hold(1, put, 95, january, 2.10);
    CHECK(account.maintenance() == about(1'000, 1e-12));
}

TEST_CASE("options: a long condor asks for the difference of its widths", "[account]") {
    OptionAccount account(100);
    account.hold(1, call, 90, january, 11.00).hold(-1, call, 95, january, 7.00);
    account.hold(-1, call, 105, january, 2.00).hold(1, call, 113, january, 0.50); // 5 below, 8 above
    CHECK(account.maintenance() == about(300, 1e-12));
}

TEST_CASE("options: a wide spread is charged as naked where that is less", "[account]") {
    // 3.00 + 20 against a loss of 50
    OptionAccount account(100);
    account.hold(-1, put, 100, january, 3.00).hold(1, put, 50, january, 0.10);
    CHECK(account.maintenance() == about(2'300, 1e-12));
}

TEST_CASE("options: stock under a call in the money counts up to the strike, once", "[account]") {
    // Silicon Investor 14922633: 1,000 shares at 50 under February 40 calls at 15
    OptionAccount account(50);
    account.hold_stock(1'000).hold(-10, call, 40, february, 15.0);
    const Evaluation evaluation = account.evaluate();
    CHECK(evaluation.equity == about(40'000, 1e-12));
    CHECK(evaluation.net_liquidation == about(35'000, 1e-12));
    CHECK(evaluation.requirement.maintenance == about(10'000, 1e-12)); // 25 % of 40
    Policy on_market;
    on_market.rulebook.option.covered_call_base = CoveredCallBase::market;
    CHECK(account.evaluate(on_market).requirement.maintenance == about(12'500, 1e-12));
}

TEST_CASE("options: ninety-five shares cover nothing", "[account]") {
    OptionAccount account(100);
    account.hold_stock(95).hold(-1, call, 110, january, 1.00);
    CHECK(account.maintenance() == about(95 * 25 + 1'100, 1e-12));
}

TEST_CASE("options: a long option beyond nine months has loan value while it stands alone", "[account]") {
    OptionAccount account(100);
    account.hold(2, call, 100, in_a_year, 10.0);
    CHECK(account.evaluate().requirement.maintenance == about(1'500, 1e-12));
    CHECK(account.evaluate().equity == about(2'000, 1e-12));
    Policy paid_in_full;
    paid_in_full.long_option_loan_value = false;
    CHECK(account.evaluate(paid_in_full).requirement.maintenance == 0.0);
    CHECK(account.evaluate(paid_in_full).equity == 0.0);
    // Covering a short it has none: giving up 2.50 is better than 1.00 + 10 naked.
    account.hold(-1, call, 110, january, 1.00);
    CHECK(account.evaluate().requirement.maintenance == about(750, 1e-12));
    CHECK(account.evaluate().equity == about(1'000, 1e-12));
}

TEST_CASE("options: more than a pairing can count exactly is refused, and never a negative requirement", "[account]") {
    OptionAccount dear(9e8);
    dear.hold(-1e6, call, 110, january, 1.00);
    CHECK_THROWS_AS(dear.evaluate(), NumericalFailure);
    OptionAccount many(100);
    many.hold(-1e9, call, 110, january, 1.00).hold(1e9, call, 120, january, 0.50);
    CHECK_THROWS_AS(many.evaluate(), NumericalFailure);
    OptionAccount apart(1); // cheap and many, and one whose strike is far from theirs
    apart.hold(-1e8, call, 1, january, 0.10).hold(1, call, 99'000, january, 0.01);
    CHECK_THROWS_AS(apart.evaluate(), NumericalFailure);
    // 1,000,000 contracts are nothing of the kind: 1.00 + 10 a unit
    OptionAccount large(100);
    large.hold(-1e6, call, 110, january, 1.00);
    CHECK(large.maintenance() == about(1.1e9, 1e-12));
}

TEST_CASE("options: a multiplier that cannot be counted is refused by name", "[account]") {
    OptionAccount account(100);
    account.hold(-1, call, 110, january, 1.00, 0.00001);
    CHECK_THROWS_AS(account.evaluate(), Unsupported);
}

TEST_CASE("options: pairing is not above naked, and a book twice not above two books", "[account][property]") {
    std::mt19937_64 random(20261126);
    const auto between = [&](int low, int high) { return std::uniform_int_distribution(low, high)(random); };
    for (int k = 0; k < 300; ++k) {
        struct Held {
            int contracts;
            Right right;
            double strike;
            int days;
            double price;
        };
        std::vector<Held> held;
        const int series = between(1, 8);
        for (int i = 0; i < series; ++i) { // a strike a series: none is held twice
            held.push_back({between(1, 9) * (between(0, 1) == 0 ? 1 : -1), between(0, 1) == 0 ? call : put,
                            80.0 + 5 * i + (between(0, 1) == 0 ? 0.0 : 2.5), between(1, 3) * 28,
                            0.05 * between(1, 200)});
        }
        const int shares = between(-300, 300);
        const auto account_of = [&](const std::vector<Held>& positions, int times) {
            OptionAccount account(100);
            if (shares != 0) {
                account.hold_stock(shares * times);
            }
            for (const Held& one : positions) {
                account.hold(one.contracts * times, one.right, one.strike, one.days, one.price);
            }
            return account.evaluate();
        };
        const Evaluation once = account_of(held, 1);
        std::vector<Held> shuffled = held;
        std::ranges::shuffle(shuffled, random);
        CHECK(account_of(shuffled, 1).net_requirement() == about(once.net_requirement(), 1e-12));
        CHECK(account_of(held, 2).net_requirement() <= 2 * once.net_requirement() + 0.005);
        double alone = once.net_liquidation; // net requirement when every option stands alone
        alone -= shares * 100.0;
        alone += shares > 0 ? shares * 25.0 : -shares * 30.0;
        for (const Held& one : held) {
            const double out = std::max(0.0, one.right == call ? one.strike - 100 : 100 - one.strike);
            const double naked = one.price + std::max(20 - out, 0.10 * (one.right == call ? 100.0 : one.strike));
            alone += one.contracts < 0 ? -100.0 * one.contracts * naked : 0.0;
        }
        // Stock is in net liquidation and counts in equity: it nets out.
        CHECK(once.net_requirement() <= alone + 0.005);
        CHECK(once.pairing_gap == 0.0);
    }
}

TEST_CASE("options: hedged stock is at Regulation T, though its own maintenance is above", "[account]") {
    // A hedge takes the place of the stock's maintenance: 50 % of 10,000, not 75 %; of a short at 4.00 50 %, not 4.00.
    OptionAccount low(4.0);
    low.hold_stock(-100).hold(1, call, 4, january, 0.30);
    CHECK(low.maintenance() == about(40, 1e-12));
    CHECK(low.evaluate().requirement.initial == about(200, 1e-12));
    OptionAccount triple(Instrument{.symbol = "XYZ", .kind = Kind::etf, .leverage = 3}, 100);
    triple.hold_stock(100).hold(1, put, 100, january, 4.00);
    CHECK(triple.maintenance() == about(1'000, 1e-12));
    CHECK(triple.evaluate().requirement.initial == about(5'000, 1e-12));
}

TEST_CASE("options: lines with stock say what they are the sum of", "[account]") {
    const auto why = [](const OptionAccount& account) { return account.lines().front().why; };
    OptionAccount covered(100); // 30 % of the short, and a put at 110
    covered.hold_stock(-100).hold(-1, put, 110, january, 11.00);
    CHECK(why(covered) == "30 of the stock and 10 that the put is in the money a unit x 100");
    OptionAccount collar(100); // 10 % of 95, and 5 below 100
    collar.hold_stock(100).hold(1, put, 95, january, 1.00).hold(-1, call, 105, january, 1.00);
    CHECK(why(collar) == "9.5 of the strike and 5 out of the money a unit x 100");
    OptionAccount naked(100); // 20 % less 5, above 10 %; 10 % of 60, above 20 % less 40
    naked.hold(-1, call, 105, january, 1.00);
    CHECK(why(naked) == "premium 1.00 and 15 a unit x 100: the rate of the underlying less what is out of the money");
    OptionAccount far(100);
    far.hold(-1, put, 60, january, 0.10);
    CHECK(why(far) == "premium 0.10 and 6 a unit x 100: the least, of the strike");
}
