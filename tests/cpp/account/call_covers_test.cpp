// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include <margincore/account/evaluate.hpp>
#include <margincore/account/policy.hpp>
#include <margincore/core/error.hpp>
#include <margincore/instrument/instrument.hpp>
#include <margincore/requirement/line.hpp>

#include "about.hpp"
#include "catch.hpp"
#include "option_account.hpp"

using namespace margincore;

namespace {

constexpr Right call = Right::call;
constexpr Right put = Right::put;
constexpr int january = 56; // days to expiry

Instrument fund(Quantity units_per_contract) {
    return {.symbol = "FUND", .kind = Kind::broad_index_etf, .covers = Covers{"XYZ", units_per_contract}};
}

Instrument warrant(double ratio, Money cash) {
    return {.symbol = "WARRANT", .kind = Kind::warrant, .conversion = Conversion{"XYZ", ratio, cash}};
}

Instrument convertible(double ratio) {
    return {.symbol = "BOND", .kind = Kind::convertible, .conversion = Conversion{"XYZ", ratio}};
}

} // namespace

// Each by hand from FINRA 4210(f)(2)(H)(iv): as a covered call, the security at what exercise brings for it.

TEST_CASE("call covers: 1,000 units of a fund stand under one index call", "[account]") {
    // The index at 1,460.61 and 1,000 units at 146.06; the call at 1,550 is out of the money, so the fund keeps its 25
    // %.
    OptionAccount account(1460.61, Kind::broad_index);
    account.style = ExerciseStyle::european;
    account.hold(-1, call, 1550, january, 0.90).hold(1500, fund(1000), 146.06);
    const Evaluation evaluation = account.evaluate();
    CHECK(evaluation.requirement.maintenance == about(0.25 * 1500 * 146.06, 1e-12));
    CHECK(evaluation.requirement.initial == about(0.50 * 1500 * 146.06, 1e-12)); // never reduced, never added to
    CHECK(evaluation.equity == about(1500 * 146.06, 1e-12));
    CHECK(evaluation.pairing_gap == 0.0);
    bool has_cover = false;
    for (const Line& line : account.lines()) {
        has_cover = has_cover || (line.rule == "strategy.covered_call" && line.legs.size() == 2 &&
                                  line.legs[0].quantity == 1000 && line.legs[1].quantity == -1);
    }
    CHECK(has_cover);
}

TEST_CASE("call covers: a fund under an index call in the money counts up to the strike", "[account]") {
    // Exercise brings 1,400 x 100 for 1,000 units: 140.00 a unit of 146.06.
    OptionAccount account(1460.61, Kind::broad_index);
    account.style = ExerciseStyle::european;
    account.hold(-1, call, 1400, january, 75.00).hold(1000, fund(1000), 146.06);
    CHECK(account.maintenance() == about(0.25 * 140'000, 1e-12));
    CHECK(account.evaluate().equity == about(140'000, 1e-12));
}

TEST_CASE("call covers: units that fill no contract cover nothing", "[account]") {
    // 1,999 units cover one of two calls; the other: 0.90 + 10 % of 1,460.61, which is above 15 % less 89.39.
    OptionAccount account(1460.61, Kind::broad_index);
    account.style = ExerciseStyle::european;
    account.hold(-2, call, 1550, january, 0.90).hold(1999, fund(1000), 146.06);
    CHECK(account.maintenance() == about(0.25 * 1999 * 146.06 + 14'696.1, 1e-12));
}

TEST_CASE("call covers: puts on an index are not covered by a fund", "[account]") {
    OptionAccount account(1000, Kind::broad_index);
    account.style = ExerciseStyle::european;
    account.hold(-1, put, 1000, january, 20.00).hold(1000, fund(1000), 100.00);
    CHECK(account.maintenance() == about(0.25 * 100'000 + 100 * (20 + 150), 1e-12));
}

TEST_CASE("call covers: the pairing chooses between a fund and a long call", "[account]") {
    // The long call at 1,410 takes the short one at 1,400 for 1,000; the fund covers the other, out of the money.
    OptionAccount account(1460, Kind::broad_index);
    account.style = ExerciseStyle::european;
    account.hold(-1, call, 1400, january, 75.00)
        .hold(1, call, 1410, january, 67.00)
        .hold(-1, call, 1600, january, 1.00);
    account.hold(1000, fund(1000), 146.00);
    CHECK(account.maintenance() == about(1'000 + 0.25 * 146'000, 1e-12));
}

TEST_CASE("call covers: a warrant counts up to the exercise spread", "[account]") {
    // 100 warrants, each for a share against 30: a call at 40 leaves 10 a warrant of the 21 that it trades at.
    OptionAccount account(50);
    account.hold(-1, call, 40, january, 11.00).hold(100, warrant(1, 30), 21.00);
    const Evaluation evaluation = account.evaluate();
    CHECK(evaluation.requirement.maintenance == about(0.25 * 1'000, 1e-12));
    CHECK(evaluation.equity == about(1'000, 1e-12));
    // Where exercise brings less than converting takes, it does not cover: 25.50 and 20 % of 50 a share, and 25 % of
    // 2,100.
    OptionAccount below(50);
    below.hold(-1, call, 25, january, 25.50).hold(100, warrant(1, 30), 21.00);
    CHECK(below.maintenance() == about(3'550 + 525, 1e-12));
}

TEST_CASE("call covers: bonds convert into what the call delivers, whole or in part", "[account]") {
    // A bond at 110 turns into 25 shares: four cover a call, as many shares at 48 would be worth 1,200 of the 1,100.
    OptionAccount account(42);
    account.hold(-1, call, 48, january, 0.50).hold(4, convertible(25), 110.00);
    const Evaluation alone = OptionAccount(42).hold(4, convertible(25), 110.00).evaluate();
    CHECK(account.maintenance() == about(alone.requirement.maintenance, 1e-12));
    CHECK(account.evaluate().equity == about(4'400, 1e-12));
    // At 40 exercise brings 1,000 a bond, and the rest of its 1,100 does not count.
    OptionAccount in_the_money(42);
    in_the_money.hold(-1, call, 40, january, 3.00).hold(4, convertible(25), 110.00);
    CHECK(in_the_money.evaluate().equity == about(4'000, 1e-12));
    // With 24 shares a bond four do not cover it: 0.50 + 8.40 - 6.00, at least 4.20.
    OptionAccount too_few(42);
    too_few.hold(-1, call, 48, january, 0.50).hold(4, convertible(24), 110.00);
    CHECK(too_few.maintenance() == about(alone.requirement.maintenance + 470, 1e-12));
}

TEST_CASE("call covers: options on a fund beside calls that it may cover are refused by name", "[account]") {
    OptionAccount account(1460, Kind::broad_index);
    account.style = ExerciseStyle::european;
    account.hold(-1, call, 1550, january, 0.90).hold(1000, fund(1000), 146.06);
    Instrument option{.symbol = "OPTION ON FUND", .kind = Kind::option};
    option.option = OptionContract{.underlying = "FUND", .strike = 150, .expiry = parse_date("2027-01-15", "expiry")};
    account.hold(-1, option, 1.00);
    CHECK_THROWS_AS(account.evaluate(), Unsupported);
}

TEST_CASE("call covers: a cover never raises the net requirement", "[account][property]") {
    std::mt19937 random(20'261'126);
    const auto draw = [&](int low, int high) { return std::uniform_int_distribution(low, high)(random); };
    for (int book = 0; book < 300; ++book) {
        OptionAccount without(100);
        const int series = draw(1, 6);
        for (int k = 0; k < series; ++k) {
            without.hold(draw(0, 1) == 0 ? -draw(1, 5) : draw(1, 5), draw(0, 2) == 0 ? put : call, 80 + 5 * draw(0, 8),
                         draw(0, 1) == 0 ? january : 2 * january, draw(1, 3000) / 100.0);
        }
        OptionAccount with = without;
        const Quantity bonds = draw(1, 30);
        const double ratio = draw(500, 3000) / 100.0;
        const Price price = draw(80, 300);
        with.hold(bonds, convertible(ratio), price);
        const Evaluation bond = OptionAccount(100).hold(bonds, convertible(ratio), price).evaluate();
        INFO("book " << book);
        CHECK(with.evaluate().net_requirement() <=
              without.evaluate().net_requirement() + bond.net_requirement() + 1e-6);
    }
}
