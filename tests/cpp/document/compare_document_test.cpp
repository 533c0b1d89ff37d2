// SPDX-License-Identifier: Apache-2.0
// Both methods side by side, group by group, and gains along moves of spot and volatility.
#include <cmath>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <margincore/document/document.hpp>

#include "catch.hpp"

using namespace margincore;
using Catch::Approx;

namespace {

document::AccountDocument account(const std::string& positions, const std::string& instruments,
                                  const std::string& policy = "", double cash = 1e6) {
    return document::read_account_document(document::parse_json(
        fmt::format(R"({{"schema": 1, "account": {{"id": "A", "cash": {}, "positions": [{}]}}, "market":
            {{"valuation_date": "2026-11-20", "rate": 0.04, "instruments": {{{}}}}}, "policy": {{{}}}}})",
                    cash, positions, instruments, policy),
        "document"));
}

Money net_requirement(const document::AccountDocument& of, Method method) {
    return document::evaluate(of, {.method = method}).net_requirement;
}

/// The comparison of an account, whose parts are those of the two reports and add up.
Comparison compared(const document::AccountDocument& of) {
    const Comparison comparison = document::compare(of);
    CHECK(comparison.strategy.value().net_requirement == net_requirement(of, Method::strategy));
    CHECK(comparison.portfolio.value().net_requirement == net_requirement(of, Method::portfolio));
    CHECK(comparison.strategy->net_liquidation == Approx(comparison.portfolio->net_liquidation));
    Money portfolio = 0.0;
    Money difference = comparison.between_groups.value();
    for (const ComparedGroup& group : comparison.groups) {
        portfolio += group.portfolio;
        difference += group.difference.value();
        CHECK(group.difference.value() == Approx(group.strategy.value() - group.portfolio));
        CHECK_FALSE(group.refused);
    }
    CHECK(portfolio == Approx(comparison.portfolio->requirement.maintenance).margin(1e-9));
    CHECK(difference == Approx(comparison.difference.value()).margin(1e-9));
    return comparison;
}

const std::string xyz = R"("XYZ": {"kind": "equity", "price": 50})";

/// Black and Scholes of an index option without dividends, by hand.
double black_scholes_put(double spot, double strike, double time, double rate, double volatility) {
    const auto normal = [](double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); };
    const double deviation = volatility * std::sqrt(time);
    const double d1 = (std::log(spot / strike) + rate * time) / deviation + 0.5 * deviation;
    return strike * std::exp(-rate * time) * normal(deviation - d1) - spot * normal(-d1);
}

} // namespace

TEST_CASE("comparing: stock asks for 25 % by strategy and for 15 % under portfolio margin",
          "[portfolio_margin][cited]") {
    // FINRA 4210(c)(1); Schwab, Understanding portfolio margin (2024): 100 shares at $50 ask for $750.
    const Comparison comparison = compared(account(R"({"symbol": "XYZ", "quantity": 100})", xyz));
    CHECK(comparison.account_id == "A");
    CHECK(comparison.strategy->net_requirement == Approx(1250));
    CHECK(comparison.portfolio->net_requirement == Approx(750));
    CHECK(comparison.lower == LowerMethod::portfolio);
    CHECK(comparison.difference.value() == Approx(500));
    REQUIRE(comparison.groups.size() == 1);
    CHECK(comparison.groups[0].id == "XYZ");
    CHECK(comparison.groups[0].positions == std::vector<std::string>{"XYZ"});
    CHECK(comparison.groups[0].quantities == std::vector<double>{100});
    CHECK(comparison.between_groups.value() == Approx(0).margin(1e-9));
}

TEST_CASE("comparing: strategy is lower where the minimum of contracts is above what a spread can lose",
          "[portfolio_margin][property]") {
    // By hand: a call spread a quarter wide loses 25 at most and brought 5, 4210(f)(2)(H); the minimum of its contracts
    // is 37.50 for the short and the $5 that the long is worth, 4210(g)(7).
    const Comparison comparison = compared(
        account(R"({"symbol": "XYZ   270115C00090000", "quantity": -1},
                            {"symbol": "XYZ   270115C00090250", "quantity": 1})",
                xyz + R"(, "XYZ   270115C00090000": {"price": 0.10}, "XYZ   270115C00090250": {"price": 0.05})"));
    CHECK(comparison.strategy->net_requirement == Approx(25 - 5));
    CHECK(comparison.portfolio->net_requirement == Approx(42.5));
    CHECK(comparison.lower == LowerMethod::strategy);
    CHECK(comparison.difference.value() == Approx(-22.5));
}

TEST_CASE("comparing: warnings are those of the report under portfolio margin", "[portfolio_margin]") {
    const auto of = account(R"({"symbol": "XYZ", "quantity": 100})", xyz,
                            R"("equity_tier": 100000, "house_ranges": {"ZZ": {"low": -0.2, "high": 0.2}},
                               "missing_beta": 2, "add_ons": [{"id": "beta_leverage"}])",
                            0.0);
    const std::vector<Warning> warnings = document::compare(of).warnings;
    CHECK(warnings == document::evaluate(of, {.method = Method::portfolio}).warnings);
    REQUIRE(warnings.size() == 3);
    CHECK(warnings[0].where == "policy.house_ranges.ZZ");
    CHECK(warnings[1].where == "policy.equity_tier");
    CHECK(warnings[2].where == "market.instruments.XYZ.beta");
}

TEST_CASE("comparing: what asks for the same to the cent is equal", "[portfolio_margin][property]") {
    // By hand: long calls for $5 a contract are paid in full, 4210(f)(2)(D); their minimum is what they are worth.
    const Comparison comparison = compared(account(R"({"symbol": "XYZ   270115C00090000", "quantity": 10})",
                                                   xyz + R"(, "XYZ   270115C00090000": {"price": 0.05})"));
    CHECK(comparison.strategy->net_requirement == Approx(50));
    CHECK(comparison.lower == LowerMethod::equal);
    CHECK(lower_method(0.004) == LowerMethod::equal);
    CHECK(lower_method(0.005) == LowerMethod::portfolio);
    CHECK(lower_method(-0.005) == LowerMethod::strategy);
}

TEST_CASE("comparing: each top group stands by itself, and what is not eligible last", "[portfolio_margin][property]") {
    const std::string market =
        xyz + R"(, "ABC": {"kind": "equity", "price": 20}, "SPY": {"kind": "broad_index_etf", "price": 500},
                   "QQQ": {"kind": "broad_index_etf", "price": 400}, "NOTE": {"kind": "etn", "price": 20},
                   "FUND": {"kind": "mutual_fund", "price": 100})";
    const Comparison comparison =
        compared(account(R"({"symbol": "NOTE", "quantity": 100}, {"symbol": "XYZ", "quantity": 100},
                   {"symbol": "SPY", "quantity": 10}, {"symbol": "ABC", "long": 30, "short": 20},
                   {"symbol": "QQQ", "quantity": -10}, {"symbol": "FUND", "quantity": 10})",
                         market));
    REQUIRE(comparison.groups.size() == 4);
    CHECK(comparison.groups[0].id == "XYZ");
    CHECK(comparison.groups[1].id == "ABC");
    CHECK(comparison.groups[2].id == "US_DIVERSIFIED");
    CHECK(comparison.groups[2].positions == std::vector<std::string>{"SPY", "QQQ"});
    // By hand: 25 % of SPY and 30 % of QQQ, 4210(c)(1), (c)(3), apart.
    CHECK(comparison.groups[2].strategy.value() == Approx(0.25 * 5000 + 0.30 * 4000));
    CHECK_FALSE(comparison.groups[3].id);
    // By hand: 25 % of the note in both, of the fund 25 % by strategy and 15 % carried.
    CHECK(comparison.groups[3].portfolio == Approx(0.25 * 2000 + 0.15 * 1000));
    CHECK(comparison.groups[3].strategy.value() == Approx(0.25 * 2000 + 0.25 * 1000));
    // A boxed position stays boxed: 5 % of what stands on both sides, 4210(e)(1).
    CHECK(comparison.groups[1].strategy.value() == Approx(0.25 * 200 + 0.05 * 400));
}

TEST_CASE("comparing: what offsets across groups by strategy stands between them", "[portfolio_margin][property]") {
    // An index call that the fund on the index covers, 4210(f)(2)(H), with the fund in a class of its own.
    const std::string market =
        R"("SPX": {"kind": "broad_index", "price": 5000}, "SPXW  270115C05100000": {"price": 60},
           "FUND": {"kind": "broad_index_etf", "price": 500, "class_group": "FUND",
                    "covers": {"index": "SPX", "units_per_contract": 1000}})";
    const std::string fund = R"({"symbol": "FUND", "quantity": 1000})";
    const std::string call = R"({"symbol": "SPXW  270115C05100000", "quantity": -1})";
    const Comparison comparison = compared(account(fund + ", " + call, market));
    REQUIRE(comparison.groups.size() == 2);
    const Money apart = net_requirement(account(fund, market, "", 0), Method::strategy) +
                        net_requirement(account(call, market, "", 0), Method::strategy);
    CHECK(comparison.between_groups.value() == Approx(comparison.strategy->net_requirement - apart));
    CHECK(comparison.between_groups.value() < -1000);
}

TEST_CASE("comparing: what the policy designates holds in its group", "[portfolio_margin][property]") {
    // By hand: a call that no group names stands alone, though its stock could cover it: 4210(f)(2)(E)(i) asks for 10 %
    // of $50 and the premium of $1, which equity lacks already; the stock for 25 %.
    const std::string market =
        xyz + R"(, "XYZ   270115C00060000": {"price": 1}, "ABC": {"kind": "equity", "price": 20})";
    const std::string policy = R"("pairing": "designated", "groups": [[{"symbol": "ABC", "quantity": 10}]])";
    const Comparison comparison =
        compared(account(R"({"symbol": "XYZ", "quantity": 100}, {"symbol": "XYZ   270115C00060000", "quantity": -1},
                            {"symbol": "ABC", "quantity": 10})",
                         market, policy));
    CHECK(comparison.groups[0].strategy.value() == Approx(1250 + 500));
    CHECK(comparison.groups[1].strategy.value() == Approx(50));
    CHECK(comparison.between_groups.value() == Approx(0).margin(1e-9));
}

TEST_CASE("comparing: stock in a basket stands in the group of its index", "[portfolio_margin][property]") {
    const std::string policy = R"("baskets": [{"index": "SPX", "capitalization": 0.6,
        "positions": [{"symbol": "XYZ", "quantity": 60}]}])";
    const Comparison comparison =
        compared(account(R"({"symbol": "XYZ", "quantity": 100}, {"symbol": "SPY", "quantity": -5})",
                         xyz + R"(, "SPY": {"kind": "broad_index_etf", "price": 500})", policy));
    REQUIRE(comparison.groups.size() == 2);
    CHECK(comparison.groups[0].quantities == std::vector<double>{40});
    CHECK(comparison.groups[1].positions == std::vector<std::string>{"SPY", "XYZ"});
    CHECK(comparison.groups[1].quantities == std::vector<double>{-5, 60});
}

TEST_CASE("comparing: a method that refuses the account is named with its reason", "[portfolio_margin][property]") {
    const std::string future =
        xyz + R"(, "ESZ26": {"kind": "future", "price": 5000, "underlying": "ES", "multiplier": 50})";
    const Comparison by_portfolio =
        document::compare(account(R"({"symbol": "XYZ", "quantity": 100}, {"symbol": "ESZ26", "quantity": 1})", future));
    CHECK_FALSE(by_portfolio.strategy);
    CHECK(by_portfolio.strategy_refused.value().where == "account.positions[1].symbol");
    CHECK(by_portfolio.strategy_refused->message ==
          "account.positions[1].symbol: margin of kind 'future' is not built yet, got 'ESZ26'");
    CHECK(by_portfolio.portfolio.value().requirement.maintenance == Approx(750 + 0.08 * 5000 * 50));
    CHECK_FALSE(by_portfolio.lower);
    CHECK_FALSE(by_portfolio.difference);
    CHECK_FALSE(by_portfolio.between_groups);
    REQUIRE(by_portfolio.groups.size() == 2);
    CHECK(by_portfolio.groups[0].strategy.value() == Approx(1250));
    CHECK_FALSE(by_portfolio.groups[1].strategy);
    CHECK(by_portfolio.groups[1].refused == by_portfolio.strategy_refused);

    const Comparison by_strategy =
        document::compare(account(R"({"symbol": "XYZ   270115C00050000", "quantity": 1})",
                                  xyz + R"(, "XYZ   270115C00050000": {"price": 3, "listed": false})"));
    CHECK(by_strategy.strategy);
    CHECK_FALSE(by_strategy.portfolio);
    CHECK(by_strategy.portfolio_refused.value().message.find("must be listed where equity is below 5,000,000 USD") !=
          std::string::npos);
    CHECK(by_strategy.groups.empty());
}

TEST_CASE("comparing: an account that neither method margins is an error", "[portfolio_margin][property]") {
    const auto worthless =
        account(R"({"symbol": "XYZ   270115C00050000", "quantity": 1})", R"("XYZ   270115C00050000": {"price": 3})");
    CHECK_THROWS_AS(document::compare(worthless), MissingData);
}

TEST_CASE("comparing: an account without positions asks for nothing", "[portfolio_margin][property]") {
    const Comparison comparison = compared(account("", xyz));
    CHECK(comparison.lower == LowerMethod::equal);
    CHECK(comparison.groups.empty());
}

TEST_CASE("spot and volatility: the regulatory points are those of the report", "[portfolio_margin][property]") {
    const std::string market =
        xyz + R"(, "XYZ   270115P00045000": {"price": 1.2}, "XYZ   270115C00055000": {"price": 1},
        "XYZ2": {"kind": "etf", "price": 30, "leverage": 2, "class_group": "XYZ"})";
    const auto read = account(R"({"symbol": "XYZ", "quantity": 500}, {"symbol": "XYZ   270115P00045000", "quantity": 5},
        {"symbol": "XYZ   270115C00055000", "quantity": -3}, {"symbol": "XYZ2", "quantity": -50})",
                              market);
    const Points<Fraction> moves = moves_of(equity_range);
    const SpotVolatilityGains gains =
        document::spot_volatility_gains(read, "XYZ", moves, std::vector<Fraction>{-0.5, 0.0, 0.5});
    const GroupReport group = document::evaluate(read, {.method = Method::portfolio}).groups.front();
    CHECK(gains.class_group == "XYZ");
    CHECK(gains.positions.size() == 4);
    CHECK(gains.moves == moves);
    for (std::size_t k = 0; k < valuation_points; ++k) {
        CHECK(gains.points[k] == Approx(group.points[k]).epsilon(1e-12));
        CHECK(gains.gains(1, static_cast<Eigen::Index>(k)) == Approx(group.points[k]).epsilon(1e-9));
    }
}

TEST_CASE("spot and volatility: an option gains what its price by the model changes", "[portfolio_margin][oracle]") {
    const auto read = account(R"({"symbol": "SPXW  270115P05000000", "quantity": 2})",
                              R"("SPX": {"kind": "broad_index", "price": 5000},
        "SPXW  270115P05000000": {"price": 100, "implied_volatility": 0.18})");
    const std::vector<Fraction> spot_moves = {-0.20, 0.0, 0.10};
    const std::vector<Fraction> volatility_moves = {-0.25, 0.0, 1.0};
    const SpotVolatilityGains gains = document::spot_volatility_gains(read, "SPX", spot_moves, volatility_moves);
    const double time = 56.0 / 365;
    const double base = black_scholes_put(5000, 5000, time, 0.04, 0.18);
    for (std::size_t v = 0; v < volatility_moves.size(); ++v) {
        for (std::size_t k = 0; k < spot_moves.size(); ++k) {
            const double price =
                black_scholes_put(5000 * (1 + spot_moves[k]), 5000, time, 0.04, 0.18 * (1 + volatility_moves[v]));
            CHECK(gains.gains(static_cast<Eigen::Index>(v), static_cast<Eigen::Index>(k)) ==
                  Approx(2 * 100 * (price - base)).margin(1e-6));
        }
    }
}

TEST_CASE("spot and volatility: what is asked for has to be there", "[portfolio_margin][property]") {
    const auto read = account(R"({"symbol": "XYZ", "quantity": 100})", xyz);
    const std::vector<Fraction> none = {0.0};
    CHECK_THROWS_WITH(document::spot_volatility_gains(read, "ABC", none, none),
                      "group: must be a class group of the account, or a symbol in one, got 'ABC'");
    CHECK_THROWS_WITH(document::spot_volatility_gains(read, "XYZ", std::vector<Fraction>{-1.5}, none),
                      "spot_moves[0]: must be between -1 and 10000, got -1.5");
    CHECK_THROWS_WITH(document::spot_volatility_gains(read, "XYZ", none, std::vector<Fraction>{-1.0}),
                      "volatility_moves[0]: must be above -1, got -1");
    // Stock knows no volatility.
    const SpotVolatilityGains gains = document::spot_volatility_gains(read, "XYZ", std::vector<Fraction>{-0.15, 0.2},
                                                                      std::vector<Fraction>{0.0, 3.0});
    CHECK(gains.gains(0, 0) == Approx(-750));
    CHECK(gains.gains(1, 0) == Approx(-750));
    CHECK(gains.gains(1, 1) == Approx(1000));
}
