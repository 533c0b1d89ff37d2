// SPDX-License-Identifier: Apache-2.0
// The worked checks of the workshop on real-time margin risk, evaluated through whole accounts.
#include <vector>

#include <margincore/account/make_report.hpp>

#include "about.hpp"
#include "sample_account.hpp"

using namespace margincore;

namespace {

/// The point of a stress table at a move.
const StressPoint& at_move(const Report& report, double move) {
    for (const StressPoint& point : report.stress.value()) {
        if (point.move == move) {
            return point;
        }
    }
    FAIL("no point at " << move);
    return report.stress->front();
}

} // namespace

TEST_CASE("workshop: AAPL, NVDA and KO under the stress grid", "[account][cited]") {
    SampleAccount account;
    account.cash = 10000;
    account.hold("AAPL", 100, 150, 1.2).hold("NVDA", 50, 400, 1.8).hold("KO", 200, 60, 0.6);
    const Report report = account.report();
    CHECK(report.gross_value == about(47000));
    CHECK(report.net_liquidation == about(57000));
    CHECK(report.requirement.maintenance == about(11750));
    CHECK(report.excess.total == about(45250));
    CHECK(report.beta_weighted.value().exposure == about(61200));

    CHECK(at_move(report, -0.08).pnl == about(-4896));
    CHECK(at_move(report, -0.08).excess == about(40354));
    CHECK(at_move(report, -0.06).pnl == about(-3672));
    CHECK(at_move(report, -0.06).net_liquidation == about(53328));
    CHECK(at_move(report, -0.06).excess == about(41578));
    CHECK_FALSE(at_move(report, -0.08).underwater);
}

TEST_CASE("workshop: 100 TSLA at 200 with beta 2 are 40,000 of the benchmark", "[account][cited]") {
    SampleAccount account;
    account.hold("TSLA", 100, 200, 2.0);
    CHECK(account.report().beta_weighted.value().exposure == about(40000));
}

TEST_CASE("workshop: an exposure of 140,000 on 100,000 is a beta-weighted leverage of 1.4", "[account][cited]") {
    SampleAccount account;
    account.hold("XYZ", 1000, 100, 1.4);
    Policy policy;
    policy.stress_moves = {-0.08, -0.10, -0.15};
    const Report report = account.report(policy);
    CHECK(report.beta_weighted.value().exposure == about(140000));
    CHECK(report.beta_weighted->leverage.value() == about(1.4));
    CHECK(at_move(report, -0.08).pnl == about(-11200));
    CHECK(at_move(report, -0.10).pnl == about(-14000));
    CHECK(at_move(report, -0.15).pnl == about(-21000));
}

TEST_CASE("workshop: share equivalents carry the ratio of prices", "[account][cited]") {
    // Quantities 70, 175, 75, 90 with betas 1.15, 1.8, 0.55, 1.0. Quantity x beta alone adds up to 526.75, which is a
    // number of benchmark shares only where every price is the benchmark's.
    const std::vector<double> quantity{70, 175, 75, 90};
    const std::vector<double> beta{1.15, 1.8, 0.55, 1.0};
    const auto shares = [&](const std::vector<double>& price) {
        SampleAccount account;
        account.quote({.symbol = "SPY", .kind = Kind::broad_index_etf}, {.price = 450});
        for (std::size_t i = 0; i < price.size(); ++i) {
            account.hold("S" + std::to_string(i), quantity[i], price[i], beta[i]);
        }
        return account.report().beta_weighted.value().shares.value();
    };
    CHECK(shares({450, 450, 450, 450}) == about(526.75));
    // 70 x 180 x 1.15 + 175 x 400 x 1.8 + 75 x 60 x 0.55 + 90 x 90 x 1.0 = 14,490 + 126,000 + 2,475 + 8,100 = 151,065.
    CHECK(shares({180, 400, 60, 90}) == about(151065.0 / 450));
}

TEST_CASE("workshop: the demo account", "[account][cited]") {
    // 500 NVDA at 400, beta 1.8, cash 50,000; SPY 450 to 414 with NVDA to 336. Maintenance 25 %, FINRA 4210(c)(1).
    SampleAccount account;
    account.cash = 50000;
    account.quote({.symbol = "SPY", .kind = Kind::broad_index_etf}, {.price = 450}).hold("NVDA", 500, 400, 1.8);
    const Report before = account.report();
    CHECK(before.net_liquidation == about(250000));
    CHECK(before.excess.total == about(200000));
    CHECK(before.beta_weighted.value().exposure == about(360000));
    CHECK(before.beta_weighted->shares.value() == about(800));
    account.market.quotes[1].price = 336;
    CHECK(account.report().excess.total == about(50000 + 168000 - 42000));
}
