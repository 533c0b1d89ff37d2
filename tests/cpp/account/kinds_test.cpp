// SPDX-License-Identifier: Apache-2.0
// Accounts of bonds, funds, notes and warrants as a caller says them: quotes in percent, dates, both sides at once.
#include <optional>
#include <string>
#include <vector>

#include <margincore/account/make_report.hpp>

#include "about.hpp"
#include "sample_account.hpp"

using namespace margincore;

namespace {

Instrument treasury(const std::string& maturity, std::optional<double> coupon = 0.04) {
    return {
        .symbol = "T", .kind = Kind::treasury, .bond = {.maturity = parse_date(maturity, "date"), .coupon = coupon}};
}

SampleAccount holding(const Instrument& what, double quote, double net, double both_ways = 0) {
    SampleAccount account;
    account.cash = 20000;
    account.hold(what, {.price = quote, .beta = 0.1, .volatility = 0.1}, net, both_ways);
    return account;
}

} // namespace

TEST_CASE("treasury: the steps change on the anniversary of the valuation date", "[account][cited]") {
    // FINRA 4210(e)(2)(A), percent of the market value: below 1 year 1, 3 years 2, 5 years 3, 10 years 4, 20 years 5,
    // then 6. An anniversary of 29 February is 1 March in a common year, when so many years are full.
    struct Row {
        std::string valuation_date;
        std::string maturity;
        double percent;
    };
    const std::vector<Row> rows{
        {"2026-11-20", "2026-11-20", 1}, {"2026-11-20", "2027-11-19", 1}, {"2026-11-20", "2027-11-20", 2},
        {"2026-11-20", "2027-11-21", 2}, {"2026-11-20", "2029-11-19", 2}, {"2026-11-20", "2029-11-20", 3},
        {"2026-11-20", "2029-11-21", 3}, {"2026-11-20", "2031-11-19", 3}, {"2026-11-20", "2031-11-20", 4},
        {"2026-11-20", "2031-11-21", 4}, {"2026-11-20", "2036-11-19", 4}, {"2026-11-20", "2036-11-20", 5},
        {"2026-11-20", "2036-11-21", 5}, {"2026-11-20", "2046-11-19", 5}, {"2026-11-20", "2046-11-20", 6},
        {"2026-11-20", "2046-11-21", 6}, {"2026-11-20", "2056-11-15", 6}, {"2028-02-29", "2029-02-28", 1},
        {"2028-02-29", "2029-03-01", 2}, {"2028-02-29", "2033-02-28", 3}, {"2028-02-29", "2033-03-01", 4},
        {"2028-02-29", "2048-02-28", 5}, {"2028-02-29", "2048-02-29", 6}, {"2027-02-28", "2032-02-28", 4},
        {"2027-02-28", "2032-02-29", 4}, {"2027-03-01", "2032-02-29", 3}, {"2027-03-01", "2032-03-01", 4},
    };
    for (const Row& row : rows) {
        INFO(row.valuation_date << " to " << row.maturity);
        SampleAccount account = holding(treasury(row.maturity), 99.5, 10); // 10 bonds of 995
        account.market.valuation_date = parse_date(row.valuation_date, "date");
        CHECK(account.evaluate().requirement.maintenance == about(99.50 * row.percent));
        CHECK(account.evaluate().requirement.initial == about(99.50 * row.percent)); // 12 CFR 220.12(b)
        account.quantity[0] = -10;
        CHECK(account.evaluate().requirement.maintenance == about(99.50 * row.percent));
        CHECK(account.evaluate().requirement.initial == about(99.50 * row.percent)); // 12 CFR 220.12(d)
    }
}

TEST_CASE("treasury: zero coupons of 4.99 and of 5 years", "[account][cited]") {
    // FINRA 4210(e)(2)(A): 3 % of 500 is 15; from five years on the greater of 4 % of 500 and 3 % of 1,000.
    CHECK(holding(treasury("2031-11-16", 0.0), 50, 10).evaluate().requirement.maintenance == about(150));
    CHECK(holding(treasury("2031-11-20", 0.0), 50, 10).evaluate().requirement.maintenance == about(300));
    CHECK(holding(treasury("2031-11-20", 0.001), 50, 10).evaluate().requirement.maintenance == about(200));
    CHECK(holding(treasury("2031-11-20", 0.0), 50, -10).evaluate().requirement.maintenance == about(300));
    Instrument said = treasury("2031-11-20", std::nullopt);
    said.bond.zero_coupon = true;
    CHECK(holding(said, 50, 10).evaluate().requirement.maintenance == about(300));
}

TEST_CASE("kinds: an account of one position, by hand", "[account][cited]") {
    struct Row {
        std::string source;
        Instrument what;
        double quote;
        double net;
        double both_ways;
        double value; ///< Net, at market.
        double maintenance;
        double initial;
    };
    const std::vector<Row> rows{
        {"FINRA 4210(e)(2)(B): 7 % of 20,200", {.symbol = "M", .kind = Kind::municipal}, 101, 20, 0, 20200, 1414, 1414},
        {"FINRA 4210(e)(2)(C): 10 % of 9,800",
         {.symbol = "B", .kind = Kind::corporate_bond, .bond = {.rating = Rating::investment_grade}},
         98,
         10,
         0,
         9800,
         980,
         980},
        {"FINRA 4210(e)(2)(C): 7 % of 10,000 principal is more than 20 % of 3,000",
         {.symbol = "B", .kind = Kind::corporate_bond, .bond = {.rating = Rating::other}},
         30,
         -10,
         0,
         -3000,
         700,
         700},
        {"FINRA 4210(e)(2): 1 % of 50,000",
         {.symbol = "F", .kind = Kind::money_market_fund},
         1,
         50000,
         0,
         50000,
         500,
         500},
        {"FINRA 4210(c)(1); 12 CFR 220.12(a)",
         {.symbol = "F", .kind = Kind::mutual_fund},
         500,
         10,
         0,
         5000,
         1250,
         2500},
        {"FINRA 4210(c)(3): 30 % of 4,000", {.symbol = "N", .kind = Kind::etn}, 40, -100, 0, -4000, 1200, 2000},
        {"FINRA 4210(c)(2): 2.50 a warrant", {.symbol = "W", .kind = Kind::warrant}, 0.40, -1000, 0, -400, 2500, 2500},
        {"FINRA 4210(c)(4): 5 % of 10,000 principal is more than 30 % of 1,500",
         {.symbol = "C", .kind = Kind::convertible},
         15,
         -10,
         0,
         -1500,
         500,
         750},
        {"FINRA 4210(e)(1): 5 % of 9,900, though one side alone would ask for 1 %", treasury("2027-01-15"), 99, 0, 10,
         0, 495, 495},
        {"the same, and 3 short at 1 % of 2,970", treasury("2027-01-15"), 99, -3, 10, -2970, 495 + 29.70, 495 + 29.70},
    };
    for (const Row& row : rows) {
        INFO(row.source);
        const SampleAccount account = holding(row.what, row.quote, row.net, row.both_ways);
        const Evaluation evaluation = account.evaluate();
        CHECK(evaluation.net_liquidation == about(20000 + row.value));
        CHECK(evaluation.equity == evaluation.net_liquidation);
        CHECK(evaluation.requirement.maintenance == about(row.maintenance));
        CHECK(evaluation.requirement.initial == about(row.initial));
    }
}

TEST_CASE("kinds: lines say bonds and percent", "[account][property]") {
    const Report floor =
        holding({.symbol = "B", .kind = Kind::corporate_bond, .bond = {.rating = Rating::other}}, 30, -10).report();
    REQUIRE(floor.lines.size() == 1);
    CHECK(floor.lines[0].rule == "debt.short");
    CHECK(floor.lines[0].why == "70.00 a bond x 10, more than 20% of 300.00");
    CHECK(floor.lines[0].initial_citation == "12 CFR 220.12(d)");
    const Report rate = holding(treasury("2036-11-19"), 99.125, 10).report();
    CHECK(rate.lines[0].why == "4% of 10 x 991.25");
}

TEST_CASE("kinds: what a rule needs and does not have is refused at its key", "[account][property]") {
    const Instrument rated{.symbol = "B", .kind = Kind::corporate_bond};
    CHECK_THROWS_AS(holding(rated, 98, 1).evaluate(), MissingData);
    CHECK_THROWS_WITH(holding(rated, 98, 1).evaluate(),
                      "market.instruments.B.rating: must be given, the rate depends on it, got nothing");
    const Instrument dated{.symbol = "T", .kind = Kind::treasury};
    CHECK_THROWS_WITH(holding(dated, 98, 1).evaluate(),
                      "market.instruments.T.maturity: must be given, the rate depends on it, got nothing");
    CHECK_THROWS_WITH(holding(treasury("2036-11-20", std::nullopt), 59, 1).evaluate(),
                      "market.instruments.T.zero_coupon: must be given, the rate depends on it, got nothing");
    CHECK_NOTHROW(holding(treasury("2036-11-20", std::nullopt), 60, 1).evaluate());
    CHECK_THROWS_AS(holding(treasury("2026-11-19"), 100, 1).evaluate(), InvalidInput);
    CHECK_THROWS_WITH(
        holding(treasury("2026-11-19"), 100, 1).evaluate(),
        "market.instruments.T.maturity: must not be before the valuation date 2026-11-20, got 2026-11-19");
    for (const Kind kind : {Kind::treasury, Kind::municipal, Kind::corporate_bond, Kind::money_market_fund}) {
        const Instrument without{.symbol = "B", .kind = kind, .marginable = false};
        CHECK_THROWS_AS(holding(without, 98, 1).evaluate(), Unsupported);
        CHECK_THROWS_WITH(holding(without, 98, 1).evaluate(), "market.instruments.B.marginable: margin of kind '" +
                                                                  std::string(kind_text(kind)) +
                                                                  "' without loan value is not built, got false");
    }
    const Instrument itself{
        .symbol = "C", .kind = Kind::convertible, .conversion = Conversion{.into = "C", .ratio = 1}};
    CHECK_THROWS_WITH(holding(itself, 98, 1).evaluate(),
                      "market.instruments.C.conversion.into: must be another instrument, got 'C'");
}

TEST_CASE("kinds: stress moves bonds by their value", "[account][property]") {
    // 100 bonds at 99.5: 99,500, beta 0.1. At -10 %: -1 %, so -995; anew 5 % of 98,505 (ten years), (e)(2)(A).
    Policy policy;
    policy.stress_moves = {-0.10};
    SampleAccount account = holding(treasury("2036-11-20"), 99.5, 100);
    account.quote({.symbol = "SPY", .kind = Kind::broad_index_etf}, {.price = 500});
    const Report report = account.report(policy);
    const StressPoint& point = report.stress.value().front();
    CHECK(point.pnl == about(-995));
    CHECK(point.excess == about(20000 + 99500 - 4975 - 995));
    CHECK(point.excess_remargined == about(20000 + 98505 - 4925.25));
    CHECK(report.beta_weighted.value().exposure == about(9950));
    CHECK(report.beta_weighted->shares.value() == about(19.9));
}

TEST_CASE("kinds: share equivalents of a benchmark that is a bond are bonds", "[account][regression]") {
    // The quote in percent was taken for USD a bond: 10 times as many.
    SampleAccount account = holding({.symbol = "XYZ"}, 50, 100);
    account.market.quotes[0].beta = 2.0;
    account.market.benchmark = "T";
    account.quote(treasury("2036-11-20"), {.price = 100});
    CHECK(account.report().beta_weighted.value().shares.value() == about(10)); // 10,000 / 1,000
}
