// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <string>
#include <vector>

#include <margincore/account/make_report.hpp>

#include "about.hpp"
#include "random_account.hpp"

using namespace margincore;

TEST_CASE("stress: by hand, the requirement held and anew", "[account][property]") {
    // Long 100 at 100, beta 2, on a debit of 7,000: excess 3,000 - 2,500 = 500. At -5 % the price is 90:
    // excess 500 - 1,000 held; 9,000 - 7,000 - 2,250 = -250 anew.
    SampleAccount account;
    account.cash = -7000;
    account.hold("XYZ", 100, 100, 2.0);
    Policy policy;
    policy.stress_moves = {-0.05, 0.0};
    const Report report = account.report(policy);
    const std::vector<StressPoint>& points = report.stress.value();
    REQUIRE(points.size() == 2);
    CHECK(points[0].pnl == about(-1000));
    CHECK(points[0].net_liquidation == about(2000));
    CHECK(points[0].excess == about(-500));
    CHECK(points[0].underwater);
    CHECK(points[0].excess_remargined == about(-250));
    CHECK(points[1].pnl == 0);
    CHECK(points[1].excess == report.excess.total);
    CHECK(points[1].excess_remargined == report.excess.total);

    // Excess zero: 500 + 20,000 m = 0; equity zero: 3,000 + 20,000 m = 0.
    const ReverseStresses& reverse = report.beta_weighted.value().reverse;
    CHECK(reverse.excess_zero.down.value() == about(-0.025));
    CHECK(reverse.equity_zero.down.value() == about(-0.15));
    CHECK_FALSE(reverse.excess_zero.up);
    CHECK(report.beta_weighted->leverage.value() == about(20000.0 / 3000));
}

TEST_CASE("stress: agrees with evaluating the account at the moved prices", "[account][oracle]") {
    Policy policy;
    policy.add_ons = {Concentration{}, VolatilityBand{}, BetaLeverage{}};
    policy.stress_moves = {-1.0, -0.5, -0.08, -0.06, 0.0, 0.06, 0.4};
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        const SampleAccount account = random_account(seed);
        INFO("seed " << seed << ", " << account.text());
        const Report report = account.report(policy);
        const double size = report.gross_value + std::abs(account.cash) + 1;
        for (const StressPoint& point : report.stress.value()) {
            CAPTURE(point.move);
            SampleAccount moved = account;
            for (Quote& quote : moved.market.quotes) {
                const double change = *quote.beta * point.move;
                quote.price *= 1 + (change < -1 ? -1 : change);
            }
            const Evaluation there = moved.evaluate(policy);
            CHECK(std::abs(point.net_liquidation - there.net_liquidation) < 1e-10 * size);
            CHECK(std::abs(point.excess_remargined - there.excess.total) < 1e-10 * size);
            CHECK(point.excess == about(report.excess.total + point.pnl));
            CHECK(point.net_liquidation == about(report.net_liquidation + point.pnl));
            CHECK(point.underwater == (point.excess < 0));
        }
    }
}

TEST_CASE("reverse stress: at the move the excess, or the net liquidation value, is zero", "[account][oracle]") {
    int found = 0;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        const SampleAccount account = random_account(seed);
        INFO("seed " << seed << ", " << account.text());
        const Report report = account.report();
        const ReverseStresses& reverse = report.beta_weighted.value().reverse;
        const auto check = [&](const std::optional<double>& move, bool of_equity) {
            if (move) {
                ++found;
                Policy policy;
                policy.stress_moves = {*move};
                const StressPoint point = account.report(policy).stress.value().front();
                CHECK(std::abs(of_equity ? point.net_liquidation : point.excess) <
                      1e-9 * (report.gross_value + std::abs(account.cash)));
            }
        };
        check(reverse.excess_zero.down, false);
        check(reverse.excess_zero.up, false);
        check(reverse.equity_zero.down, true);
        check(reverse.equity_zero.up, true);
    }
    CHECK(found > 100);
}

TEST_CASE("stress: a missing beta is refused by name, or the stated one used and said", "[account][property]") {
    SampleAccount account;
    account.hold("NVDA", 10, 400, 1.8).hold("NEW", 10, 100);
    CHECK_NOTHROW(account.report({}, false));
    CHECK_THROWS_AS(account.report(), MissingData);
    CHECK_THROWS_WITH(account.report(), "market.instruments.NEW.beta: must be given where betas are used, or "
                                        "policy.missing_beta stated, got nothing");
    Policy policy;
    policy.missing_beta = 1.5;
    const Report report = account.report(policy);
    CHECK(report.beta_weighted.value().exposure == about(4000 * 1.8 + 1000 * 1.5));
    CHECK(report.warnings ==
          std::vector<Warning>{
              {.where = "market.instruments.NEW.beta", .message = "no beta given; policy.missing_beta 1.5 used"},
              {.where = "market.instruments.SPY",
               .message = "no price of the benchmark; share equivalents are not computed"}});
    CHECK_FALSE(report.beta_weighted->shares);
    CHECK(account.report(policy, false).warnings.empty()); // nobody used it
}

TEST_CASE("stress: the benchmark's own beta is 1", "[account][property]") {
    SampleAccount account;
    account.hold({.symbol = "SPY", .kind = Kind::broad_index_etf}, {.price = 450}, 10);
    const Report report = account.report();
    CHECK(report.beta_weighted.value().exposure == about(4500));
    CHECK(report.beta_weighted->shares.value() == about(10));
    CHECK(report.warnings.empty());
    account.market.benchmark = "QQQ";
    CHECK_THROWS_AS(account.report(), MissingData);
}

TEST_CASE("stress: without a positive net liquidation value there is no leverage", "[account][property]") {
    SampleAccount account;
    account.cash = -20000;
    account.hold("XYZ", 100, 100, 2.0);
    CHECK_FALSE(account.report().beta_weighted.value().leverage);
}

TEST_CASE("stress: figures that a move lifts beyond whole cents are refused as such", "[account][regression]") {
    // The rows of a moved market are one a position; they were taken for rows of the instrument table, so the error
    // was about another instrument, or read beyond the table.
    SampleAccount account;
    account.quote({.symbol = "T", .kind = Kind::treasury}, {.price = 99}).hold("XYZ", 1e11, 20, 100.0);
    for (int i = 0; i < 3; ++i) {
        account.instrument.push_back(1);
        account.quantity.push_back(1e11);
        account.boxed.push_back(0);
    }
    Policy policy;
    policy.stress_moves = {1.0};
    CHECK_NOTHROW(account.evaluate(policy));
    CHECK_THROWS_AS(account.report(policy), NumericalFailure);
    CHECK_THROWS_WITH(account.report(policy), Catch::Matchers::StartsWith("account: must have figures up to 9e13 USD"));
}
