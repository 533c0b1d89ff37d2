// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <vector>

#include <margincore/account/withdrawal.hpp>

#include "about.hpp"
#include "random_account.hpp"

using namespace margincore;

namespace {

double withdrawable_of(const SampleAccount& account, const Policy& policy = {}) {
    return withdrawable(account.view(), account.rows(policy), account.evaluate(policy), policy);
}

/// Whether the account may stand after a withdrawal, by evaluating it with so much less cash. The definition:
/// no initial and no total deficit and, where it borrows or anything is short, an equity of $2,000.
bool may_stand(SampleAccount account, double withdrawal, const Policy& policy) {
    account.cash -= withdrawal;
    const Evaluation after = account.evaluate(policy);
    bool needs_minimum = account.cash < 0;
    for (std::size_t i = 0; i < account.instrument.size(); ++i) {
        needs_minimum = needs_minimum || account.quantity[i] < 0 || account.boxed[i] > 0;
    }
    return after.excess.initial >= 0 && after.excess.total >= 0 && (!needs_minimum || after.equity >= 2000);
}

struct Row {
    std::string fact;
    double cash;
    double quantity;
    double price;
    double expected;
};

} // namespace

TEST_CASE("withdrawable: by hand", "[account][cited]") {
    // 12 CFR 220.4(e)(1): no deficit may result; FINRA 4210(b): equity of $2,000 where it borrows or is short.
    const std::vector<Row> rows{
        {"cash alone may go to the last dollar", 1500, 0, 0, 1500},
        {"a debit may not be drawn on without positions", -1500, 0, 0, 0},
        {"stock of 10,000 paid in full lends 50 %", 0, 100, 100, 5000},
        {"with a credit too: 12,000 equity, 5,000 required", 2000, 100, 100, 7000},
        {"stock of 3,000: only down to an equity of 2,000", 0, 100, 30, 1000},
        {"stock of 1,500 and cash of 1,000: the cash, which borrows nothing", 1000, 100, 15, 1000},
        {"at the Reg T limit", -5000, 100, 100, 0},
        {"below it", -6000, 100, 100, 0},
        {"short 5,000 with a credit of 10,000: equity 5,000, required 2,500", 10000, -100, 50, 2500},
        {"short 1,000 with a credit of 3,500: equity 2,500 may fall to 2,000", 3500, -100, 10, 500},
    };
    for (const Row& row : rows) {
        INFO(row.fact);
        SampleAccount account;
        account.cash = row.cash;
        if (row.quantity != 0) {
            account.hold("XYZ", row.quantity, row.price);
        }
        CHECK(withdrawable_of(account) == about(row.expected));
    }
}

TEST_CASE("withdrawable: a boxed position is short too", "[account][property]") {
    SampleAccount account;
    account.cash = 2500;
    account.hold({.symbol = "BOTH"}, {.price = 10}, 0, 100);
    CHECK(withdrawable_of(account) == about(500));
}

TEST_CASE("withdrawable: stops short of a band of beta leverage", "[account][property]") {
    // Long 100,000 of beta 1.2, cash 50,000: leverage 120,000 / (150,000 - w) is above 2 from w = 90,000 on, where the
    // total excess of 150,000 - 25,000 - w = 35,000 covers a charge of 5 %, and not one of 50 %.
    SampleAccount account;
    account.cash = 50000;
    account.hold("XYZ", 1000, 100, 1.2);
    Policy policy;
    policy.add_ons = {BetaLeverage{}};
    CHECK(withdrawable_of(account, policy) == about(100000)); // the initial requirement of 50,000
    policy.add_ons = {BetaLeverage{.bands = Bands({{2.0, 0.50}}, "bands")}};
    CHECK(withdrawable_of(account, policy) == about(90000));
    CHECK(may_stand(account, 89999.99, policy));
    CHECK_FALSE(may_stand(account, 90000.01, policy));
}

TEST_CASE("withdrawable: the largest amount after which the account may stand", "[account][oracle]") {
    Policy strict;
    strict.add_ons = {Concentration{}, VolatilityBand{},
                      BetaLeverage{.bands = Bands({{0.5, 0.1}, {1.0, 0.3}, {2.0, 0.6}}, "bands")}};
    strict.house_rates = {{"S1", {.long_rate = 0.8, .short_rate = 0.9}}};
    int positive = 0;
    for (const Policy& policy : {Policy{}, strict}) {
        for (std::uint64_t seed = 0; seed < 600; ++seed) {
            const SampleAccount account = random_account(seed, 6);
            INFO("seed " << seed << ", " << account.text());
            const double most = withdrawable_of(account, policy);
            CHECK(most >= 0);
            CHECK_FALSE(may_stand(account, most + 0.01, policy));
            if (most > 0) {
                ++positive;
                CHECK(may_stand(account, std::max(0.0, most - 0.005), policy)); // half a cent for rounding
                for (int i = 1; i < 20; ++i) {                                  // what is allowed is an interval
                    CHECK(may_stand(account, most * i / 20, policy));
                }
            }
        }
    }
    CHECK(positive > 300);
}

TEST_CASE("buying power: the smaller of initial excess at 50 % and total excess at 25 %", "[account][cited]") {
    // 12 CFR 220.12(a): 50 %. 1,000 shares bought at 40 on 50 %, now 50: excess 5,000 buys 10,000.
    SampleAccount account;
    account.cash = -20000;
    account.hold("XYZ", 1000, 50, 1.0);
    CHECK(buying_power(account.evaluate(), {}) == about(10000));

    Policy policy; // 40 % of 50,000 on top of 12,500 leaves 30,000 - 32,500
    policy.house_rates = {{"XYZ", {.long_rate = 0.65}}};
    CHECK(buying_power(account.evaluate(policy), policy) == 0);
    policy.house_rates = {{"XYZ", {.long_rate = 0.58}}}; // total excess 1,000, at 25 %
    CHECK(buying_power(account.evaluate(policy), policy) == about(4000));
}

TEST_CASE("buying power: what it buys at 50 % uses up the excess", "[account][property]") {
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        SampleAccount account = random_account(seed);
        INFO("seed " << seed << ", " << account.text());
        const double power = buying_power(account.evaluate(), {});
        CHECK(power >= 0);
        if (power > 1) {
            account.cash -= power;
            account.hold("NEW", power / 50, 50);
            const Evaluation after = account.evaluate();
            const double rounding = 1e-11 * after.figures.gross_value;
            CHECK(after.excess.initial >= -rounding);
            CHECK(after.excess.total >= -rounding);
            CHECK(std::min(after.excess.initial, after.excess.total) <= rounding);
        }
    }
}
