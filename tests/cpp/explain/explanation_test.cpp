// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include <margincore/explain/explanation.hpp>
#include <margincore/explain/text.hpp>

#include "about.hpp"
#include "option_account.hpp"
#include "random_account.hpp"

using namespace margincore;

namespace {

/// The part of a node whose label begins with a text.
const Explanation& part(const Explanation& node, const std::string& label) {
    for (const Explanation& candidate : node.parts) {
        if (candidate.label.starts_with(label)) {
            return candidate;
        }
    }
    FAIL("no part '" << label << "' of '" << node.label << "'");
    return node;
}

double sum_of_parts(const Explanation& node) {
    double sum = 0;
    for (const Explanation& child : node.parts) {
        sum += child.amount.value();
    }
    return sum;
}

/// Labels of the figures that name no paragraph.
std::vector<std::string> amounts_without_citation(const Explanation& node) {
    std::vector<std::string> found;
    if (node.amount && node.citation.empty()) {
        found.push_back(node.label);
    }
    for (const Explanation& child : node.parts) {
        const std::vector<std::string> deeper = amounts_without_citation(child);
        found.insert(found.end(), deeper.begin(), deeper.end());
    }
    return found;
}

} // namespace

TEST_CASE("explanation: its amounts are the report's, and parts add up", "[explain][property]") {
    Policy policy;
    policy.add_ons = {Concentration{}, VolatilityBand{}, BetaLeverage{}};
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        const SampleAccount account = random_account(seed);
        INFO("seed " << seed << ", " << account.text());
        const Report report = account.report(policy);
        const Explanation tree = explain(report);
        CHECK(part(tree, "net liquidation value").amount == report.net_liquidation);
        CHECK(part(tree, "equity").amount == report.equity);
        const Explanation& requirement = part(tree, "requirement");
        const Explanation& initial = part(requirement, "initial");
        const Explanation& total = part(requirement, "total");
        const Explanation& maintenance = part(total, "maintenance");
        const Explanation& add_ons = part(total, "house add-ons");
        CHECK(initial.amount == report.requirement.initial);
        CHECK(total.amount == report.requirement.total);
        CHECK(maintenance.amount == report.requirement.maintenance);
        CHECK(add_ons.amount == report.requirement.add_ons);
        CHECK(sum_of_parts(initial) == about(report.requirement.initial));
        CHECK(sum_of_parts(total) == about(report.requirement.total));
        CHECK(sum_of_parts(maintenance) == about(report.requirement.maintenance));
        CHECK(sum_of_parts(add_ons) == about(report.requirement.add_ons));
        CHECK(maintenance.parts.size() == report.lines.size());
        for (std::size_t i = 0; i < report.lines.size(); ++i) {
            CHECK(maintenance.parts[i].citation == report.lines[i].citation);
            CHECK(initial.parts[i].citation == report.lines[i].initial_citation);
            CHECK_FALSE(maintenance.parts[i].why.empty());
        }
        const Explanation& excess = part(tree, "excess");
        CHECK(part(excess, "Regulation T").amount == report.excess.initial);
        CHECK(part(excess, "maintenance").amount == report.excess.maintenance);
        CHECK(part(excess, "house").amount == report.excess.total);
        CHECK(part(tree, "withdrawable").amount == report.withdrawable);
        CHECK(part(tree, "buying power").amount == report.buying_power);
        CHECK(part(tree, "stress along SPY").parts.size() == 3 + report.stress.value().size());
        if (!report.underlyings.empty()) { // of what holds nothing there are none
            CHECK(part(tree, "underlyings").parts.size() == report.underlyings.size());
        }
        CHECK(part(tree, "net requirement").amount == report.net_requirement);
        CHECK(amounts_without_citation(tree).empty());
    }
}

TEST_CASE("explanation: says nothing of what was not computed", "[explain][property]") {
    const Explanation tree = explain(SampleAccount{}.report({}, false));
    for (const Explanation& node : tree.parts) {
        CHECK_FALSE(node.label.starts_with("stress"));
        CHECK_FALSE(node.label.starts_with("underlyings"));
        CHECK_FALSE(node.label.starts_with("call prices"));
        CHECK_FALSE(node.label.starts_with("warning"));
    }
}

TEST_CASE("explanation: the text of an account checked by hand", "[explain][property]") {
    // Equity -120,000 + 200,000 - 2,000. Short 1,000 at 2.00: 2.50 a share governs. Concentration: 200,000 of 202,000.
    // At -6 % NVDA is 364 and XYZ 1.88: -18,000 + 120; anew 60,120 - 45,500 - 2,500 - 18,200. Call prices: 375 p =
    // 120,000 + 2,000 + 2,500; leverage 298,000 / 78,000; moves 5,500 and 78,000 / 298,000; 1.3 p = (-120,000 + 200,000
    // - 50,000) / 1,000. Alone NVDA takes 78,000 of 200,000, XYZ 39 times its 2,000: beyond +300 %.
    SampleAccount account;
    account.cash = -120000;
    account.hold("NVDA", 500, 400, 1.5).hold("XYZ", -1000, 2, 1.0);
    Policy policy;
    policy.add_ons = {Concentration{}};
    policy.stress_moves = {-0.06};
    Report report = account.report(policy);
    report.account_id = "ACC_1";
    CHECK("\n" + to_text(explain(report)) == R"(
account ACC_1, strategy method, rulebook finra-2026, 2026-11-20  a computation, not a broker's figure
|- net liquidation value 78,000.00  [FINRA 4210(a)(5)]  cash and everything at market
|- equity 78,000.00  [FINRA 4210(a)(5)]  what counts toward the requirement
|- requirement
|  |- initial requirement 102,500.00  [12 CFR 220.12; FINRA 4210(b)]  of the positions as they stand, never below maintenance
|  |  |- stock.long: 500 NVDA 100,000.00  [12 CFR 220.12(a)]  50% of 500 x 400.00
|  |  `- stock.short: -1000 XYZ 2,500.00  [FINRA 4210(b)]  2.50 a share x 1000, more than 100% of 2.00
|  `- total requirement 72,500.00  [FINRA 4210(c), (d)(1)]  maintenance and add-ons
|     |- maintenance requirement 52,500.00  [FINRA 4210(c), (e)]
|     |  |- stock.long: 500 NVDA 50,000.00  [FINRA 4210(c)(1)]  25% of 500 x 400.00
|     |  `- stock.short: -1000 XYZ 2,500.00  [FINRA 4210(c)(2)]  2.50 a share x 1000, more than 100% of 2.00
|     `- house add-ons 20,000.00  [FINRA 4210(d)(1), the policy's own rates]
|        `- concentration: 500 NVDA 20,000.00  [FINRA 4210(d)(1)]  10% of 200,000.00: 99.01% of gross value, above 30%
|- excess  equity less requirement
|  |- Regulation T excess -24,500.00  [12 CFR 220.4(c)]  equity less initial requirement
|  |- maintenance excess 25,500.00  [FINRA 4210(c)]  equity less maintenance
|  `- house excess 5,500.00  [FINRA 4210(d)(1)]  equity less total requirement
|- net requirement 52,500.00  [FINRA 4210(c)]  net liquidation value less maintenance excess
|- maintenance call 0.00  [FINRA 4210(c)]  what is missing of maintenance
|- house call 0.00  [FINRA 4210(d)(1)]  what is missing of the total requirement
|- withdrawable 0.00  [12 CFR 220.4(e)(1); FINRA 4210(b)]  leaves no excess below zero, and $2,000 where it borrows or anything is short
|- buying power 0.00  [12 CFR 220.12(a); FINRA 4210(c)(1)]  in marginable stock at 50% initial and 25% maintenance
|- stress along SPY  each underlying moves by beta x move, options repriced; the requirement held
|  |- beta-weighted exposure 298,000.00  [no rule; the house's risk report]  sum of quantity x price x beta, an option's quantity by its delta; 3.82 times the net liquidation value
|  |- SPY -6.00%: excess -12,380.00  [no rule; the house's risk report]  P&L -17,880.00; -6,080.00 with the requirement anew; under water
|  |- excess is zero  [no rule; the house's risk report]  down -1.8456%, up none
|  `- equity is zero  [no rule; the house's risk report]  down -26.1745%, up none
|- underlyings, each moving alone  all at once: P&L -49,500.00 at -25%, 49,500.00 at +25%
|  |- NVDA: net value 200,000.00  [no rule; the house's risk report]  500.00 shares by delta; P&L -50,000.00 at -25%, 50,000.00 at +25%; equity is zero down -39.0000%, up none
|  `- XYZ: net value -2,000.00  [no rule; the house's risk report]  -1000.00 shares by delta; P&L 500.00 at -25%, -500.00 at +25%; equity is zero down none, up none
|- call prices  [FINRA 4210(c)]  maintenance excess is zero, all else fixed
|  |- NVDA  down 332.0000, up none
|  `- XYZ  down none, up 23.0769
`- warning  market.instruments.SPY: no price of the benchmark; share equivalents are not computed
)");
}

TEST_CASE("explanation: equity below the net liquidation value says why", "[explain][property]") {
    // A warrant at 12 to buy at 30, beside a share short at 40: 10 of 12 count, FINRA 4210(e)(1).
    SampleAccount account;
    account.cash = 10000;
    account
        .hold({.symbol = "W", .kind = Kind::warrant, .conversion = Conversion{.into = "XYZ", .ratio = 1, .cash = 30}},
              {.price = 12}, 100)
        .hold("XYZ", -100, 40);
    const Explanation equity = explain(account.report({}, false)).parts[1];
    CHECK(equity.amount == account.evaluate().equity);
    CHECK(equity.citation == "FINRA 4210(a)(5), (e)(1)");
    CHECK(equity.why ==
          "what counts toward the requirement: 200.00 of what converts into a short does not, net of the payment");
}

TEST_CASE("explanation: a group has its name, its worst strike and what is next best", "[explain][property]") {
    // The put side loses 5; apart the sides would lose 5 and 5, FINRA 4210(f)(2)(H)(i).
    OptionAccount account(100);
    account.hold(-1, Right::put, 90, 56, 1.50).hold(1, Right::put, 85, 56, 0.80);
    account.hold(-1, Right::call, 110, 56, 1.60).hold(1, Right::call, 115, 56, 0.90);
    account.hold(2, Right::call, 130, 56, 0.10);
    const Explanation tree = explain(account.report());
    CHECK(part(tree, "equity").why ==
          "what counts toward the requirement: no option but what has loan value and a box, stock under a call up to "
          "its strike; 120.00 more than the net liquidation value"); // 1.50 + 1.60 less 0.80, 0.90 and 2 of 0.10
    const Explanation& pairing = part(tree, "pairing");
    REQUIRE(pairing.parts.size() == 2);
    const Explanation& condor = part(pairing, "iron condor 85/90/110/115: 1 OPTION 2, -1 OPTION 1, -1 OPTION 3, ");
    CHECK(condor.amount == about(500));
    CHECK(condor.citation == "FINRA 4210(f)(2)(H)(i)");
    CHECK(condor.why == "worst at 85 or below: long 1 put 85 nothing, short 1 put 90 loses 500.00, short 1 call 110 "
                        "nothing, long 1 call 115 nothing; next best strategy.spread, 1,000.00, 500.00 more");
    CHECK(part(pairing, "long call 130").why == "paid in full, and without value in equity");
    CHECK(amounts_without_citation(tree).empty());
    CHECK(explain(SampleAccount{}.report({}, false)).parts.size() + 1 == tree.parts.size());
}
