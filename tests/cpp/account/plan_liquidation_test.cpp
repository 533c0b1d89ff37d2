// SPDX-License-Identifier: Apache-2.0
// Plans of liquidation. Rule: workshop on real-time margin risk, exercise 5.
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include <margincore/account/plan_liquidation.hpp>

#include "about.hpp"
#include "random.hpp"
#include "sample_account.hpp"

using namespace margincore;

namespace {

LiquidationPlan plan_of(const SampleAccount& account, LiquidationPlanner planner, const Policy& policy = {}) {
    const MarketRows rows = account.rows(policy);
    return plan_liquidation(account.view(), rows, policy, true,
                            [&](const AccountView& view) { return evaluate(view, rows, policy).excess; },
                            {.planner = planner});
}

/// The account after some trades at market.
SampleAccount after(SampleAccount account, const std::vector<LiquidationOrder>& orders) {
    for (const LiquidationOrder& order : orders) {
        for (std::size_t i = 0; i < account.instrument.size(); ++i) {
            if (account.instruments[account.instrument[i]].symbol == order.symbol) {
                account.quantity[i] += order.quantity;
                account.cash -= order.quantity * order.price;
            }
        }
    }
    for (std::size_t i = account.quantity.size(); i-- > 0;) { // a closed position is none
        if (account.quantity[i] == 0) {
            const auto at = static_cast<std::ptrdiff_t>(i);
            account.instrument.erase(account.instrument.begin() + at);
            account.quantity.erase(account.quantity.begin() + at);
            account.boxed.erase(account.boxed.begin() + at);
        }
    }
    return account;
}

/// Least value over every combination of whole shares that leaves the target; negative where none does.
double least_value_by_trying(const SampleAccount& account, const Policy& policy, double target) {
    double least = -1;
    std::vector<LiquidationOrder> orders;
    const auto descend = [&](auto&& self, std::size_t i, double value) -> void {
        if (i == account.quantity.size()) {
            if (after(account, orders).evaluate(policy).excess.total >= target - 1e-7 && (least < 0 || value < least)) {
                least = value;
            }
            return;
        }
        const double price = account.market[account.instrument[i]].price;
        const double sign = account.quantity[i] < 0 ? 1 : -1;
        for (double shares = 0; shares <= std::abs(account.quantity[i]); ++shares) {
            orders.push_back({.symbol = account.instruments[account.instrument[i]].symbol,
                              .quantity = sign * shares,
                              .price = price});
            self(self, i + 1, value + shares * price);
            orders.pop_back();
        }
    };
    descend(descend, 0, 0.0);
    return least;
}

/// Three small positions and a debit that leaves a deficiency, most of the time.
SampleAccount small_account(Random& random) {
    SampleAccount account;
    double value = 0;
    for (const char* symbol : {"AAA", "BBB", "CCC"}) {
        const double price = std::round(random.uniform(2, 60) * 100) / 100;
        const double quantity = (random.chance(0.3) ? -1 : 1) * static_cast<double>(1 + random.below(7));
        value += quantity * price;
        account.hold(symbol, quantity, price, std::round(random.uniform(-0.5, 2.5) * 10) / 10, 0.5);
    }
    account.cash = std::round((-value + random.uniform(0, 60)) * 100) / 100;
    return account;
}

Policy house() {
    Policy policy;
    policy.add_ons = {Concentration{}};
    return policy;
}

} // namespace

TEST_CASE("liquidation: the workshop's deficiency needs four times what was sold for it", "[account][cited]") {
    // Long 500 NVDA at 336 with a debit of 130,000: 38,000 of equity, 42,000 required, 4,000 short. Selling stock
    // worth v raises the excess by 25 % of v: 4,400 / 84 = 52.4 shares.
    SampleAccount account;
    account.cash = -130000;
    account.hold("NVDA", 500, 336, 1.8);
    for (const auto planner : {LiquidationPlanner::highest_beta, LiquidationPlanner::least_value}) {
        const LiquidationPlan plan = plan_of(account, planner);
        REQUIRE(plan.orders.size() == 1);
        CHECK(plan.orders[0] ==
              LiquidationOrder{.symbol = "NVDA", .quantity = -53, .price = 336, .value = 17808, .beta = 1.8});
        CHECK(plan.excess_before == about(-4000));
        CHECK(plan.target == about(400));
        CHECK(plan.excess_after == about(-4000 + 53 * 84));
        CHECK(plan.restored);
        CHECK(plan.proven);
        CHECK(plan.deficiency == 0);
        CHECK(plan.notes.empty());
    }
}

TEST_CASE("liquidation: the highest beta goes in full before the next", "[account][property]") {
    // Long: 25 % of 100 x 10 (beta 2) and of 100 x 100 (beta 1), short 30 % of 10 x 50 (beta 1.5). Requirement
    // 250 + 2,500 + 150 = 2,900; equity 1,900. Deficiency 1,000, target 100: 250 + 150, then 700 / 25 = 28 shares.
    SampleAccount account;
    account.cash = 1900 - 1000 - 10000 + 500;
    account.hold("LOW", 100, 100, 1.0).hold("HIGH", 100, 10, 2.0).hold("SHORT", -10, 50, 1.5);
    const LiquidationPlan plan = plan_of(account, LiquidationPlanner::highest_beta);
    REQUIRE(plan.orders.size() == 3);
    CHECK(plan.orders[0].symbol == "HIGH");
    CHECK(plan.orders[0].quantity == -100);
    CHECK(plan.orders[1].symbol == "SHORT");
    CHECK(plan.orders[1].quantity == 10);
    CHECK(plan.orders[2].symbol == "LOW");
    CHECK(plan.orders[2].quantity == -28);
    CHECK(plan.excess_after == about(100));
    CHECK(plan.proven);
}

TEST_CASE("liquidation: the least value takes the highest rates first", "[account][property]") {
    // The short asks for 30 %, the longs for 25 %: 1,100 needed, 10 x 15 of the short, 950 / 0.25 = 3,800 of longs.
    SampleAccount account;
    account.cash = 1900 - 1000 - 10000 + 500;
    account.hold("LOW", 100, 100, 1.0).hold("HIGH", 100, 10, 2.0).hold("SHORT", -10, 50, 1.5);
    const LiquidationPlan plan = plan_of(account, LiquidationPlanner::least_value);
    CHECK(plan.value == about(500 + 3800));
    CHECK(plan.lower_bound == about(plan.value));
    CHECK(plan.excess_after == about(100));
    CHECK(plan.proven);
}

TEST_CASE("liquidation: the least value is that of trying every combination", "[account][oracle]") {
    Random random(8);
    int tried = 0;
    for (int trial = 0; trial < 120; ++trial) {
        const SampleAccount account = small_account(random);
        INFO("trial " << trial << "\n" << account.text());
        const LiquidationPlan plan = plan_of(account, LiquidationPlanner::least_value);
        if (plan.excess_before >= 0) {
            CHECK(plan.orders.empty());
            continue;
        }
        const double least = least_value_by_trying(account, {}, plan.target);
        CHECK(plan.restored == (least >= 0));
        if (least >= 0) {
            ++tried;
            CHECK(plan.proven);
            CHECK(plan.value == about(least));
            CHECK(plan.lower_bound == about(least));
        }
        CHECK(after(account, plan.orders).evaluate().excess.total == about(plan.excess_after));
    }
    CHECK(tried > 30);
}

TEST_CASE("liquidation: with add-ons a plan restores, and says no more than is proven", "[account][oracle]") {
    Random random(9);
    int tried = 0;
    for (int trial = 0; trial < 80; ++trial) {
        const SampleAccount account = small_account(random);
        INFO("trial " << trial << "\n" << account.text());
        const LiquidationPlan plan = plan_of(account, LiquidationPlanner::least_value, house());
        if (plan.excess_before >= 0) {
            continue;
        }
        const double least = least_value_by_trying(account, house(), plan.target);
        if (plan.restored) {
            ++tried;
            CHECK(plan.excess_after >= plan.target - 1e-7);
            CHECK(plan.value >= least - 1e-7);
            CHECK(plan.lower_bound <= least + 1e-7);
            CHECK((!plan.proven || plan.value <= least + 1e-7));
        }
        CHECK(after(account, plan.orders).evaluate(house()).excess.total == about(plan.excess_after));
        const LiquidationPlan other = plan_of(account, LiquidationPlanner::highest_beta, house());
        CHECK((!other.restored || (plan.restored && plan.value <= other.value + 1e-7)));
    }
    CHECK(tried > 20);
}

TEST_CASE("liquidation: of the last position one share fewer does not do", "[account][property]") {
    Random random(10);
    for (const Policy& policy : {Policy{}, house()}) {
        for (int trial = 0; trial < 200; ++trial) {
            const SampleAccount account = small_account(random);
            INFO("trial " << trial << "\n" << account.text());
            const LiquidationPlan plan = plan_of(account, LiquidationPlanner::highest_beta, policy);
            if (plan.excess_before >= 0 || !plan.restored) {
                continue;
            }
            CHECK(plan.proven);
            std::vector<LiquidationOrder> fewer = plan.orders;
            while (fewer.back().quantity != 0) {
                fewer.back().quantity += fewer.back().quantity < 0 ? 1 : -1;
                CHECK(after(account, fewer).evaluate(policy).excess.total < plan.target);
            }
        }
    }
}

TEST_CASE("liquidation: not enough to sell says what remains", "[account][property]") {
    SampleAccount account; // 1,000 of stock against 1,500 of debt: -500 after everything is sold
    account.cash = -1500;
    account.hold("XYZ", 10, 100, 1.0);
    for (const auto planner : {LiquidationPlanner::highest_beta, LiquidationPlanner::least_value}) {
        const LiquidationPlan plan = plan_of(account, planner);
        REQUIRE(plan.orders.size() == 1);
        CHECK(plan.orders[0].quantity == -10);
        CHECK_FALSE(plan.restored);
        CHECK_FALSE(plan.proven);
        CHECK(plan.excess_after == about(-500));
        CHECK(plan.deficiency == about(500));
        CHECK(plan.notes ==
              std::vector<std::string>{"everything that raises the excess is closed and leaves -500.00 of 75.00 USD"});
    }
}

TEST_CASE("liquidation: large accounts are planned within the search limits", "[account][property]") {
    Random random(11);
    SampleAccount account;
    double value = 0;
    for (int i = 0; i < 40; ++i) {
        const double price = std::round(random.uniform(5, 500) * 100) / 100;
        const auto quantity = static_cast<double>(1 + random.below(5000));
        value += price * quantity;
        account.hold("S" + std::to_string(i), quantity, price, random.uniform(0, 2));
    }
    account.cash = -0.8 * value;
    const LiquidationPlan plan = plan_of(account, LiquidationPlanner::least_value);
    CHECK(plan.restored);
    CHECK(plan.proven); // whole cents: some combination hits the bound
    CHECK(plan.value <= plan_of(account, LiquidationPlanner::highest_beta).value);
}

TEST_CASE("liquidation: an order by beta without a beta is refused by name", "[account]") {
    SampleAccount account;
    account.cash = -900;
    account.hold("XYZ", 10, 100);
    CHECK_THROWS_WITH(plan_of(account, LiquidationPlanner::highest_beta),
                      "market.instruments.XYZ.beta: must be given where positions are closed by beta, or "
                      "policy.missing_beta stated, got nothing");
    CHECK(plan_of(account, LiquidationPlanner::least_value).restored);
}
