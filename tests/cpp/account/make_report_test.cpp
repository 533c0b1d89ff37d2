// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <margincore/account/make_report.hpp>
#include <margincore/account/rulebook.hpp>

#include "about.hpp"
#include "random_account.hpp"

using namespace margincore;

TEST_CASE("report: by hand, a long on a debit and a short", "[account][property]") {
    // Long 500 at 400: 50,000 and 100,000. Short 200 at 30: 1,800 and 3,000. Net liquidation 80,000 + 200,000 - 6,000.
    SampleAccount account;
    account.cash = -120000;
    account.hold("NVDA", 500, 400).hold("KO", -200, 30);
    const Report report = account.report({}, false);
    CHECK(report.method == "strategy");
    CHECK(report.rulebook == "finra-2026");
    CHECK(report.valuation_date == "2026-11-20");
    CHECK(report.net_liquidation == about(74000));
    CHECK(report.equity == about(74000));
    CHECK(report.gross_value == about(206000));
    CHECK(report.requirement.initial == about(103000));
    CHECK(report.requirement.maintenance == about(51800));
    CHECK(report.excess.initial == about(-29000));
    CHECK(report.excess.maintenance == about(22200));
    CHECK(report.net_requirement == about(51800));
    CHECK(report.call.maintenance == 0);
    CHECK(report.withdrawable == 0);
    CHECK(report.buying_power.value() == 0);
    CHECK_FALSE(report.stress);
    CHECK_FALSE(report.beta_weighted);
    CHECK(report.warnings.empty());
    REQUIRE(report.lines.size() == 2);
    CHECK(report.lines[0].rule == "stock.long");
    CHECK(report.lines[0].positions == std::vector<std::string>{"NVDA"});
    CHECK(report.lines[1].rule == "stock.short");
    CHECK(report.lines[1].quantities == std::vector<double>{-200});
    CHECK(report.call_prices[0].first == "NVDA");
    CHECK(report.call_prices[1].first == "KO");
}

TEST_CASE("report: an empty account has figures without a negative zero", "[account][property]") {
    const Report report = SampleAccount{}.report();
    for (const double figure : {report.net_liquidation, report.equity, report.net_requirement, report.call.maintenance,
                                report.call.house, report.withdrawable, report.buying_power.value()}) {
        CHECK(figure == 0);
        CHECK_FALSE(std::signbit(figure));
    }
    CHECK(report.lines.empty());
    CHECK(report.stress.value().size() == 8);
}

TEST_CASE("report: boxed shares are a line that names the symbol on both sides", "[account][cited]") {
    SampleAccount account; // FINRA 4210(e)(1): 5 % of the long market value
    account.hold({.symbol = "BOTH"}, {.price = 40}, 0, 100);
    const Report report = account.report({}, false);
    REQUIRE(report.lines.size() == 1);
    CHECK(report.lines[0].rule == "stock.against_the_box");
    CHECK(report.lines[0].positions == std::vector<std::string>{"BOTH", "BOTH"});
    CHECK(report.lines[0].quantities == std::vector<double>{100, -100});
    CHECK(report.requirement.maintenance == about(200));
    CHECK(report.requirement.initial == about(200));
    CHECK(report.gross_value == about(8000));
    CHECK(report.net_liquidation == 0);
}

TEST_CASE("report: calls are what is missing", "[account][property]") {
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        const SampleAccount account = random_account(seed, 12, Conversions::none);
        INFO("seed " << seed << ", " << account.text());
        const Report report = account.report();
        CHECK(report.call.maintenance == (report.excess.maintenance < 0 ? -report.excess.maintenance : 0.0));
        CHECK(report.call.house == (report.excess.total < 0 ? -report.excess.total : 0.0));
        const auto left_out = std::ranges::count_if(
            report.warnings, [](const Warning& warning) { return warning.where.ends_with(".zero_coupon"); });
        CHECK(report.call_prices.size() + static_cast<std::size_t>(left_out) == account.instrument.size());
    }
}

TEST_CASE("market rows: aligned with the table, with the policy's rates", "[account][property]") {
    SampleAccount account;
    account.hold("A", 1, 10, 1.1, 0.3).quote({.symbol = "T", .kind = Kind::treasury}, {.price = 99}).hold("B", 1, 20);
    Policy policy;
    policy.house_rates = {{"B", {.long_rate = 0.5}}};
    const MarketRows rows = account.rows(policy);
    REQUIRE(rows.size() == 3);
    CHECK(rows.rows[0].price() == 10);
    CHECK(rows.beta_value[0] == about(11));
    CHECK(std::isnan(rows.rows[1].price())); // without a maturity
    CHECK(std::isnan(rows.beta_value[2]));
    CHECK(rows[0].house == HouseRates{});
    CHECK(rows[2].house.long_rate == 0.5);
    CHECK_FALSE(rows[2].beta_assumed);
    policy.missing_beta = 1.0;
    const MarketRows assumed = account.rows(policy);
    CHECK_FALSE(assumed[0].beta_assumed);
    CHECK(assumed[1].beta_assumed);
    CHECK(assumed[2].beta_assumed);
}

TEST_CASE("rulebook: in force from 4 June 2026", "[account][cited]") {
    // FINRA Regulatory Notice 26-10; Exchange Act Release 34-105226.
    const Rulebook& rulebook = find_rulebook("finra-2026", "policy.rulebook");
    CHECK(to_string(rulebook.effective_from) == "2026-06-04");
    CHECK(rulebook.minimum_equity == 2000); // FINRA 4210(b)(4)
    CHECK(Policy{}.rulebook == rulebook);
    CHECK_THROWS_AS(find_rulebook("finra-2025", "policy.rulebook"), InvalidInput);
    CHECK_THROWS_WITH(find_rulebook("finra-2025", "policy.rulebook"),
                      "policy.rulebook: must be the name of a rulebook, got 'finra-2025'");
    for (const Rulebook& profile : rulebooks) { // every profile builds on it
        CHECK(find_rulebook(profile.id, "policy.rulebook") == profile);
        CHECK(profile.effective_from == rulebook.effective_from);
        CHECK(profile.stock == rulebook.stock);
    }
}
