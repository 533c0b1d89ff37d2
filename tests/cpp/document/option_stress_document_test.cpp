// SPDX-License-Identifier: Apache-2.0
// Stress of accounts with options, as documents state them.
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <margincore/document/document.hpp>

#include "catch.hpp"

using namespace margincore;

namespace {

document::AccountDocument account(const std::string& positions, const std::string& instruments, double cash = 1e5,
                                  const std::string& policy = "") {
    return document::read_account_document(document::parse_json(
        fmt::format(R"({{"schema": 1, "account": {{"id": "A", "cash": {}, "positions": [{}]}}, "market":
            {{"valuation_date": "2026-11-20", "rate": 0.04, "instruments": {{
              "SPY": {{"kind": "broad_index_etf", "price": 500}}, {}}}}}, "policy": {{{}}}}})",
                    cash, positions, instruments, policy),
        "document"));
}

Report stressed(const document::AccountDocument& of, Method method, const std::vector<Fraction>& moves) {
    return document::evaluate(of, {.method = method, .moves = moves});
}

const std::string xyz = R"("XYZ": {"kind": "equity", "price": 100, "beta": 1.5})";
const std::string call = R"("XYZ   270115C00100000": {"price": 4.5})";
const std::string put = R"("XYZ   270115P00100000": {"price": 4.0})";
const std::vector<Fraction> workshop(workshop_moves.begin(), workshop_moves.end());

} // namespace

TEST_CASE("a call far in the money is stressed as its stock", "[stress][property]") {
    // A call at or below its value without volatility is held at the floor of 1 %: it gains as the stock does.
    const auto of = account(R"({"symbol": "XYZ   270115C00010000", "quantity": 10})",
                            xyz + R"(, "XYZ   270115C00010000": {"price": 90.05})");
    for (const Method method : {Method::strategy, Method::portfolio}) {
        const Report report = stressed(of, method, workshop);
        for (const StressPoint& point : *report.stress) {
            CHECK(point.pnl == Approx(1000 * 100 * 1.5 * point.move).margin(1e-6));
            CHECK(point.excess == Approx(report.excess.total + point.pnl));
            CHECK(point.net_liquidation == Approx(report.net_liquidation + point.pnl));
        }
        CHECK(report.beta_weighted->exposure == Approx(1000 * 100 * 1.5));
        CHECK(*report.beta_weighted->shares == Approx(1000 * 100 * 1.5 / 500));
    }
}

TEST_CASE("a European call less its put is stressed as a forward", "[stress][oracle]") {
    // Put-call parity: whatever the volatilities, if they are one, the pair gains exactly what the spot does, as long
    // as no mark would fall below zero.
    const auto of = account(R"({"symbol": "IDX", "quantity": 3}, {"symbol": "IDP", "quantity": -3})",
                            xyz + R"(, "NDX": {"kind": "broad_index", "price": 20000, "beta": 1.2},
            "IDX": {"kind": "future_option", "price": 9, "underlying": "FUT", "right": "call", "strike": 100,
                    "expiry": "2027-01-15", "style": "european", "multiplier": 50, "implied_volatility": 0.3},
            "IDP": {"kind": "future_option", "price": 9, "underlying": "FUT", "right": "put", "strike": 100,
                    "expiry": "2027-01-15", "style": "european", "multiplier": 50, "implied_volatility": 0.3},
            "FUT": {"kind": "future", "price": 98, "underlying": "NDX", "multiplier": 50})");
    const Report report = stressed(of, Method::portfolio, {-0.2, -0.01, 0.05});
    const double discount = std::exp(-0.04 * 56 / 365);
    for (const StressPoint& point : *report.stress) {
        CHECK(point.pnl == Approx(3 * 50 * 98 * 1.2 * point.move * discount));
    }
    CHECK(report.beta_weighted->exposure == Approx(3 * 50 * 98 * 1.2 * discount));
}

TEST_CASE("the requirement anew at no move is the requirement, and at others that of the moved document",
          "[stress][property]") {
    const std::string held = R"({"symbol": "XYZ", "quantity": 300}, {"symbol": "XYZ   270115C00100000", "quantity": -5},
                                {"symbol": "XYZ   270115P00100000", "quantity": 2})";
    const auto of = account(held, xyz + ", " + call + ", " + put);
    for (const Method method : {Method::strategy, Method::portfolio}) {
        const Report report = stressed(of, method, {0.0, -0.1});
        CHECK((*report.stress)[0].excess_remargined == Approx(report.excess.total));
        CHECK((*report.stress)[0].pnl == 0.0);
        // The same account written down at the moved prices, with the volatilities that reprice holds.
        MarketRows rows = market_rows(of.instruments, of.market, of.policy);
        const MarketStress stress =
            market_stress(rows, of.market, reprice_options(of.policy), {-0.1}, [](InstrumentIndex) { return true; });
        document::AccountDocument moved = of;
        moved.market = moved_snapshot(of.market, rows, stress, 0);
        CHECK(moved.market.quotes[static_cast<std::size_t>(*of.instruments.find("XYZ"))].price == Approx(85));
        const Report anew = document::evaluate(moved, {.method = method});
        CHECK((*report.stress)[1].excess_remargined == Approx(anew.excess.total));
        CHECK((*report.stress)[1].pnl == Approx(anew.net_liquidation - report.net_liquidation));
    }
}

TEST_CASE("reverse stress finds the nearest move where gains rise and fall", "[stress][property]") {
    // A straddle written: both sides lose. A fine scan of stress tables brackets the same moves.
    const auto of = account(R"({"symbol": "XYZ   270115C00100000", "quantity": -50},
                               {"symbol": "XYZ   270115P00100000", "quantity": -50})",
                            xyz + ", " + call + ", " + put, 150'000);
    const Report report = stressed(of, Method::strategy, {0.0});
    for (const auto& [root, at_rest] : {std::pair(report.beta_weighted->reverse.excess_zero, report.excess.total),
                                        std::pair(report.beta_weighted->reverse.equity_zero, report.net_liquidation)}) {
        const Money amount = at_rest; // clang 14 captures no binding
        for (const std::optional<Fraction>& side : {root.down, root.up}) {
            REQUIRE(side);
            const std::vector<Fraction> around = {*side * (1 - 1e-4), *side * (1 + 1e-4)};
            const Report scan = stressed(of, Method::strategy, around);
            CHECK((amount + (*scan.stress)[0].pnl) * (amount + (*scan.stress)[1].pnl) < 0);
            std::vector<Fraction> nearer;
            for (int k = 1; k < 200; ++k) {
                nearer.push_back(*side * k / 201);
            }
            const Report before = stressed(of, Method::strategy, nearer);
            CHECK(std::ranges::all_of(
                *before.stress, [&](const StressPoint& point) { return (amount + point.pnl < 0) == (amount < 0); }));
        }
    }
    // What is long only cannot lose more than it is worth.
    const auto longs = account(R"({"symbol": "XYZ   270115C00100000", "quantity": 50})", xyz + ", " + call);
    CHECK(stressed(longs, Method::strategy, {0.0}).beta_weighted->reverse.equity_zero == ReverseStress{});
}

TEST_CASE("what keeps an option from being stressed is named", "[stress][property]") {
    const auto failure = [](const std::string& positions, const std::string& instruments,
                            const std::string& policy = "") {
        try {
            static_cast<void>(stressed(account(positions, instruments, 1e5, policy), Method::strategy, {-0.1}));
        } catch (const Error& error) {
            return std::string(error.what());
        }
        return std::string("nothing was thrown");
    };
    const std::string held = R"({"symbol": "XYZ   270115C00100000", "quantity": 1})";
    const std::string without = R"("XYZ": {"kind": "equity", "price": 100})";
    CHECK(failure(held, without + ", " + call).find("beta: must be given where betas are used") != std::string::npos);
    CHECK(failure(held, without + ", " + call, R"("missing_beta": 1)") == "nothing was thrown");
    CHECK(failure(held, xyz + R"(, "XYZ   270115C00100000": {"price": 101})")
              .find("price: must be below 100, which no volatility reaches") != std::string::npos);
}

TEST_CASE("an underlying moving alone: shocks and the point of no return", "[stress][property]") {
    // By hand: 1,000 shares at $100 and $-60,000 of cash leave $40,000, which a fall of 40 % takes.
    const auto of = account(R"({"symbol": "XYZ", "quantity": 1000}, {"symbol": "ABC", "quantity": -100})",
                            xyz + R"(, "ABC": {"kind": "equity", "price": 50, "beta": 1})", -55'000);
    const Report report = stressed(of, Method::strategy, {-0.1});
    REQUIRE(report.underlyings.size() == 2);
    const UnderlyingStress& first = report.underlyings[0];
    CHECK(first.underlying == "XYZ");
    CHECK(first.net_value == 100'000);
    CHECK(first.delta_shares == Approx(1000));
    CHECK(*first.pnl.down == Approx(-25'000));
    CHECK(*first.point_of_no_return.down == Approx(-0.4).margin(2e-6));
    CHECK(!first.point_of_no_return.up);
    CHECK(!report.underlyings[1].point_of_no_return.down);
    CHECK(!report.underlyings[1].point_of_no_return.up); // 40,000 against 5,000 short: beyond three times its price
    CHECK(*report.shock->down == Approx(-25'000 + 1'250));
    CHECK(*report.shock->up == Approx(25'000 - 1'250));
    // A put covers everything below its strike: there is no point of no return.
    const auto hedged =
        account(R"({"symbol": "XYZ", "quantity": 1000}, {"symbol": "XYZ   270115P00100000", "quantity": 10})",
                xyz + ", " + put, -60'000);
    const Report covered = stressed(hedged, Method::portfolio, {-0.1});
    REQUIRE(covered.underlyings.size() == 1);
    CHECK(covered.underlyings[0].point_of_no_return == ReverseStress{});
    CHECK(covered.underlyings[0].delta_shares > 400);
    CHECK(covered.underlyings[0].delta_shares < 700);
}
