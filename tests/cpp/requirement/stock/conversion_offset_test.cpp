// SPDX-License-Identifier: Apache-2.0
// FINRA 4210(e)(1): a long security convertible into the short one asks for 10 % of the long market value, net of the
// payment where converting takes one; 12 CFR 220.12(c)(2): nothing beyond the proceeds for the short.
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <margincore/account/evaluate.hpp>
#include <margincore/account/make_report.hpp>
#include <margincore/requirement/stock/conversion_offset.hpp>

#include "about.hpp"
#include "random_account.hpp"
#include "reference_margin.hpp"

using namespace margincore;

namespace {

Instrument convertible_bond(const std::string& symbol, double ratio, double cash = 0) {
    return {.symbol = symbol,
            .kind = Kind::convertible,
            .conversion = Conversion{.into = "XYZ", .ratio = ratio, .cash = cash}};
}

Instrument warrant(double cash, double ratio = 1) {
    return {
        .symbol = "W", .kind = Kind::warrant, .conversion = Conversion{.into = "XYZ", .ratio = ratio, .cash = cash}};
}

/// A long convertible beside a position in XYZ.
SampleAccount beside(const Instrument& what, double quote, double units, double stock_units, double stock_price) {
    SampleAccount account;
    account.cash = 50000;
    account.hold(what, {.price = quote, .beta = 1.0}, units).hold("XYZ", stock_units, stock_price, 1.0);
    return account;
}

struct Row {
    std::string fact; ///< With the arithmetic of the rule.
    Instrument what;
    double quote;
    double units;
    double stock_units;
    double stock_price;
    double maintenance;
    double initial;
    double not_counted;
};

} // namespace

TEST_CASE("conversion offset: by hand", "[stock][cited]") {
    // Alone: long 25 %, 4210(c)(1); short 30 %, (c)(3), or 5.00 a share. Initial: 50 % of the long, 12 CFR 220.12(a).
    const Instrument bond = convertible_bond("C", 25); // at 104, 1,040 a bond of 1,000 principal
    const std::vector<Row> rows{
        {"10 bonds against 250 shares: 10 % of 10,400", bond, 104, 10, -250, 40, 1040, 5200, 0},
        {"5 bonds more stand alone: + 25 % of 5,200", bond, 104, 15, -250, 40, 1040 + 1300, 7800, 0},
        {"50 shares more stand alone: + 30 %, 50 % of 2,000", bond, 104, 10, -300, 40, 1040 + 600, 5200 + 1000, 0},
        {"4 bonds against 100 of 101 shares", bond, 104, 4, -101, 40, 416 + 12, 2080 + 20, 0},
        {"a fraction: 100 shares take 4 of 4.5 bonds", bond, 104, 4.5, -100, 40, 416 + 130, 2340, 0},
        {"a long stock is not offset", bond, 104, 10, 250, 40, 2600 + 2500, 5200 + 5000, 0},
        {"a short bond is not offset by stock", bond, 104, -10, 250, 40, 3120 + 2500, 5200 + 5000, 0},
        {"a bond with a payment of 100 is valued 25 x 40 - 100 = 900: 10 %, 1,400 do not count",
         convertible_bond("C", 25, 100), 104, 10, -250, 40, 900, 5200, 1400},
        {"warrant in the money, 40 - 30 = 10 of 12: 10 % of 1,000, 200 do not count", warrant(30), 12, 100, -100, 40,
         100, 600, 200},
        {"warrant below its exercise value counts with its own 9", warrant(30), 9, 100, -100, 40, 90, 450, 0},
        {"warrant at the money: nothing to ask 10 % of, 200 do not count", warrant(30), 2, 100, -100, 30, 0, 100, 200},
        {"warrant out of the money, likewise", warrant(30), 1, 100, -100, 25, 0, 50, 100},
        {"warrant for two shares: 2 x 40 - 60 = 20 of 25", warrant(60, 2), 25, 50, -100, 40, 100, 625, 250},
        {"5 warrants of 105 stand alone: 25 % of 60", warrant(30), 12, 105, -100, 40, 100 + 15, 630, 200},
        {"would cost more: 20 lost against 25 % of 20 and 5.00 a share", warrant(100), 20, 100, -100, 10, 500 + 500,
         1000 + 500, 0},
        {"would cost as much: 8 lost against 2 and 30 % of 20", warrant(100), 8, 100, -100, 20, 200 + 600, 400 + 1000,
         0},
        {"would save a little: 7.99 lost", warrant(100), 7.99, 100, -100, 20, 0, 399.50, 799},
    };
    for (const Row& row : rows) {
        INFO(row.fact);
        const SampleAccount account = beside(row.what, row.quote, row.units, row.stock_units, row.stock_price);
        const Evaluation evaluation = account.evaluate();
        CHECK(evaluation.requirement.maintenance == about(row.maintenance));
        CHECK(evaluation.requirement.initial == about(row.initial));
        CHECK(evaluation.figures.not_counted == about(row.not_counted));
        const double value = row.units * row.quote * (row.what.kind == Kind::convertible ? 10 : 1);
        const double liquidation = 50000 + value + row.stock_units * row.stock_price;
        CHECK(evaluation.net_liquidation == about(liquidation));
        CHECK(evaluation.equity == about(liquidation - row.not_counted));
        CHECK(evaluation.excess.maintenance == about(liquidation - row.not_counted - row.maintenance));
        CHECK(evaluation.excess.initial == about(liquidation - row.not_counted - row.initial));
        CHECK(evaluation.net_requirement() == about(row.maintenance + row.not_counted));
        Report report = account.report({}, false);
        double maintenance = 0;
        double initial = 0;
        for (const ReportLine& line : report.lines) {
            maintenance += line.maintenance;
            initial += line.initial;
        }
        CHECK(std::abs(maintenance - row.maintenance) < 0.005);
        CHECK(std::abs(initial - row.initial) < 0.005);
    }
}

TEST_CASE("conversion offset: the line names both sides, their paragraphs and the arithmetic", "[stock][property]") {
    const Report report = beside(warrant(30), 12, 105, -100, 40).report({}, false);
    REQUIRE(report.lines.size() == 2);
    CHECK(report.lines[0].rule == "stock.converted");
    CHECK(report.lines[0].citation == "FINRA 4210(e)(1)");
    CHECK(report.lines[0].initial_citation == "12 CFR 220.12(c)(2)");
    CHECK(report.lines[0].positions == std::vector<std::string>{"W", "XYZ"});
    CHECK(report.lines[0].quantities == std::vector<double>{100, -100});
    CHECK(report.lines[0].why ==
          "10% of 100 x 10.00 valued net of the payment to convert, against 100 short that it converts into");
    CHECK(report.lines[0].initial_why == "50% of 100 x 12.00, nothing for the short");
    CHECK(report.lines[1].rule == "stock.long");
    CHECK(report.lines[1].quantities == std::vector<double>{5});
}

TEST_CASE("conversion offset: only for a long with loan value, and only for what is net", "[stock][property]") {
    Instrument without = convertible_bond("C", 25);
    without.marginable = false;
    // 100 % of 10,400, 4210(c)(5), and 30 % of 10,000.
    CHECK(beside(without, 104, 10, -250, 40).evaluate().requirement.maintenance == about(10400 + 3000));

    SampleAccount boxed = beside(convertible_bond("C", 25), 104, 10, -100, 40);
    boxed.boxed[1] = 150; // 5 % of 6,000 on the box; 4 bonds against the other 100 shares, 6 alone
    CHECK(boxed.evaluate().requirement.maintenance == about(300 + 416 + 1560));
}

TEST_CASE("conversion offset: into something that is not held, or not in the market, stands alone",
          "[stock][property]") {
    SampleAccount account;
    account.hold(convertible_bond("C", 25), {.price = 104}, 10);
    CHECK(account.evaluate().requirement.maintenance == about(2600));
    account.quote({.symbol = "XYZ"}, {.price = 40});
    CHECK(account.evaluate().requirement.maintenance == about(2600));
}

TEST_CASE("conversion offset: what saves most a short share is taken first", "[stock][cited]") {
    // Beside a share short at 40, 12 alone: a warrant at 10.50 for 30 saves 12 + 2.625 - 1 - 0.50 = 13.125; a bond at
    // 104 into 25 shares saves 12 + (260 - 104) / 25 = 18.24. 250 shares take the 6 bonds, then 100 of 300 warrants.
    SampleAccount account;
    account.hold(warrant(30), {.price = 10.50}, 300)
        .hold("XYZ", -250, 40)
        .hold(convertible_bond("C", 25), {.price = 104}, 6);
    const Evaluation evaluation = account.evaluate();
    CHECK(evaluation.requirement.maintenance == about(6 * 104 + 100 * 1.00 + 200 * 2.625));
    CHECK(evaluation.figures.not_counted == about(100 * 0.50));
}

TEST_CASE("conversion offset: a ratio that does not divide leaves no sliver", "[stock][regression]") {
    // Alone a sliver of 4e-16 units would be a line of its own: 11.1 / 3.7 is below 3, and 43 x 3.7 / 3.7 below 43.
    struct Even {
        double ratio;
        double units;
        double stock_units;
    };
    for (const Even& row : {Even{3.7, 3, 11.1}, Even{3.7, 43, 159.1}, Even{33.3333, 3, 99.9999}, Even{0.1, 3, 0.3},
                            Even{14.7059, 7, 7 * 14.7059}, Even{25, 10, 250}}) {
        CAPTURE(row.ratio, row.units);
        const Report report =
            beside(convertible_bond("C", row.ratio), 104, row.units, -row.stock_units, 400).report({}, false);
        REQUIRE(report.lines.size() == 1);
        CHECK(report.lines[0].quantities == std::vector<double>{row.units, -row.stock_units});
    }
}

TEST_CASE("conversion offset: call prices of both sides are left out, at any price", "[stock][regression]") {
    // They were computed where the offset was not worth it at the price of the day, as if it never became so.
    for (const double quote : {1.0, 8.0, 20.0}) {
        SampleAccount account = beside(warrant(100), quote, 100, -100, 20);
        account.hold("OTHER", 100, 10);
        const Report report = account.report({}, false);
        REQUIRE(report.call_prices.size() == 1);
        CHECK(report.call_prices[0].first == "OTHER");
    }
}

TEST_CASE("conversion offset: house charges leave room for what does not count", "[account][regression]") {
    // 100 warrants at 12: 200 do not count, 100 are maintenance, so 900 are left below 100 % of the value. It was
    // 1,100.
    const SampleAccount account = beside(warrant(30), 12, 100, -100, 40);
    const Policy policy{.house_rates = {{"W", {.long_rate = 1.0}}}};
    const Evaluation evaluation = account.evaluate(policy);
    CHECK(evaluation.requirement.add_ons == about(900));
    CHECK(evaluation.net_liquidation - evaluation.excess.total == about(1200));
}

TEST_CASE("conversion offset: never dearer than standing alone, and the least there is", "[stock][oracle]") {
    int taken = 0;
    for (std::uint64_t seed = 0; seed < 1500; ++seed) {
        const SampleAccount account = random_account(seed);
        INFO("seed " << seed << ", " << account.text());
        const Evaluation evaluation = account.evaluate();
        const reference::Account expected = reference::account(account);
        const auto size = static_cast<double>(expected.long_value + expected.short_value + 1);
        const auto apart = static_cast<double>(reference::apart(account).net_requirement());
        taken += expected.offsets > 0 ? 1 : 0;
        CHECK(std::abs(evaluation.net_requirement() - static_cast<double>(expected.net_requirement())) < 1e-10 * size);
        CHECK(evaluation.net_requirement() <= apart + 1e-10 * size);
        CHECK(evaluation.figures.not_counted >= 0);
        CHECK(evaluation.requirement.maintenance >= 0);
    }
    CHECK(taken > 300);
}

TEST_CASE("conversion offset: no allocation on a fine grid is cheaper", "[stock][oracle]") {
    constexpr int steps = 25;
    int compared = 0;
    for (std::uint64_t seed = 0; seed < 150; ++seed) {
        Random random(seed + 7);
        SampleAccount account;
        account.hold("XYZ", -1 - static_cast<double>(random.below(500)), random_price(random));
        hold_what_converts(account, random, 0);
        INFO("seed " << seed << ", " << account.text());
        const std::vector<reference::Candidate> longs = reference::candidates_for(account, 0);
        const auto apart = static_cast<double>(reference::apart(account).net_requirement());
        const double owed = -account.quantity[0];
        double least = apart;
        double coarse = 0; // what a step of the grid may miss
        for (const reference::Candidate& held : longs) {
            coarse += std::abs(held.loss + held.maintenance) * held.units / steps;
        }
        std::vector<int> step(longs.size(), 0);
        const auto next = [&] {
            for (int& digit : step) {
                if (++digit <= steps) {
                    return true;
                }
                digit = 0;
            }
            return false;
        };
        do {
            double left = owed;
            double cost = apart;
            for (std::size_t i = 0; i < longs.size(); ++i) {
                const double units = longs[i].units * step[i] / steps;
                left -= units * longs[i].ratio;
                cost += units * (longs[i].loss + longs[i].maintenance);
            }
            least = left >= 0 && cost < least ? cost : least;
        } while (next());
        const double net = account.evaluate().net_requirement();
        compared += least < apart ? 1 : 0;
        CHECK(net <= least + 1e-9 * (apart + 1));
        CHECK(net >= least - 3 * coarse - 1e-9 * (apart + 1));
    }
    CHECK(compared > 60);
}

TEST_CASE("conversion offset: order and scale change nothing", "[stock][property]") {
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        SampleAccount account = random_account(seed);
        INFO("seed " << seed << ", " << account.text());
        const Evaluation evaluation = account.evaluate();
        std::ranges::reverse(account.instrument);
        std::ranges::reverse(account.quantity);
        std::ranges::reverse(account.boxed);
        for (double& units : account.quantity) {
            units *= 8;
        }
        for (double& units : account.boxed) {
            units *= 8;
        }
        const Evaluation other = account.evaluate();
        CHECK(other.net_requirement() - other.figures.not_counted ==
              about(8 * evaluation.requirement.maintenance, 1e-9));
        CHECK(other.figures.not_counted == about(8 * evaluation.figures.not_counted, 1e-9));
        CHECK(other.requirement.initial == about(8 * evaluation.requirement.initial, 1e-9));
    }
}
