// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include <margincore/account/house_charges.hpp>

#include "about.hpp"
#include "random_account.hpp"

using namespace margincore;

namespace {

struct Holds {
    double quantity = 0;
    double price = 0;
    double beta = 1;
    double volatility = 0.2;
    double leverage = 1;
    bool marginable = true;
    HouseRates house{};
};

struct Row {
    std::string fact; ///< With its source.
    std::vector<Holds> holdings;
    double cash;
    std::vector<AnyAddOn> add_ons;
    double add_ons_expected;
};

double charge(const Row& row) {
    SampleAccount account;
    account.cash = row.cash;
    Policy policy{.add_ons = row.add_ons};
    for (const Holds& held : row.holdings) {
        const std::string symbol = "S" + std::to_string(account.instrument.size());
        account.hold({.symbol = symbol, .kind = Kind::etf, .leverage = held.leverage, .marginable = held.marginable},
                     {.price = held.price, .beta = held.beta, .volatility = held.volatility}, held.quantity);
        policy.house_rates[symbol] = held.house;
    }
    return account.evaluate(policy).requirement.add_ons;
}

void check(const std::vector<Row>& rows) {
    for (const Row& row : rows) {
        INFO(row.fact);
        CHECK(charge(row) == about(row.add_ons_expected));
    }
}

} // namespace

TEST_CASE("concentration: 10 % of what is above 30 % of gross value", "[account][cited]") {
    // Workshop, exercise 1: an underlying whose |net value| is above 30 % of gross market value adds 10 % of it.
    check({
        {"70 % adds 7,000 / 10; exactly 30 % adds nothing", {{30, 100}, {70, 100}}, 0, {Concentration{}}, 700},
        {"both above 30 %", {{40, 100}, {60, 100}}, 0, {Concentration{}}, 1000},
        {"longs and shorts are counted separately", {{40, 100}, {-60, 100}}, 0, {Concentration{}}, 1000},
        {"a short alone", {{-10, 100}}, 5000, {Concentration{}}, 100},
        {"four equal ones", {{10, 5}, {10, 5}, {10, 5}, {10, 5}}, 0, {Concentration{}}, 0},
        {"bands of the caller's: 20 % of what is above half",
         {{30, 100}, {70, 100}},
         0,
         {Concentration{.bands = Bands({{0.5, 0.2}}, "bands")}},
         1400},
    });
}

TEST_CASE("volatility: 5 % above 40 %, 10 % instead above 60 %", "[account][cited]") {
    // Workshop, exercise 2: above 40 % adds 5 %, above 60 % adds 10 % instead, of the position's |value|.
    check({
        {"40 % exactly adds nothing", {{.quantity = 10, .price = 100, .volatility = 0.40}}, 0, {VolatilityBand{}}, 0},
        {"42 %", {{.quantity = 10, .price = 100, .volatility = 0.42}}, 0, {VolatilityBand{}}, 50},
        {"60 % exactly", {{.quantity = 10, .price = 100, .volatility = 0.60}}, 0, {VolatilityBand{}}, 50},
        {"61 %, short", {{.quantity = -10, .price = 100, .volatility = 0.61}}, 5000, {VolatilityBand{}}, 100},
    });
}

TEST_CASE("beta leverage: 5 % of gross value above 2", "[account][cited]") {
    // Workshop, lecture on beta: exposure / net liquidation value above 2 adds 5 % of gross market value.
    const AnyAddOn add_on = BetaLeverage{};
    check({
        {"200,000 on 100,000 is 2, not above", {{.quantity = 1000, .price = 100, .beta = 2}}, 0, {add_on}, 0},
        {"200,000 on 99,999 is above 2", {{.quantity = 1000, .price = 100, .beta = 2}}, -1, {add_on}, 5000},
        {"a negative exposure counts by its size",
         {{.quantity = -1000, .price = 100, .beta = 2}},
         199999,
         {add_on},
         5000},
        {"net liquidation of 0 counts as above", {{.quantity = 1000, .price = 100, .beta = 0}}, -1e5, {add_on}, 5000},
        {"and a negative one", {{.quantity = 1000, .price = 100, .beta = 0.1}}, -2e5, {add_on}, 5000},
    });
}

TEST_CASE("house rates: rate times market value less maintenance, where positive", "[account][property]") {
    check({
        {"long 40 % of 10,000 less 2,500",
         {{.quantity = 100, .price = 100, .house = {.long_rate = 0.40}}},
         0,
         {},
         1500},
        {"long 25 % adds nothing", {{.quantity = 100, .price = 100, .house = {.long_rate = 0.25}}}, 0, {}, 0},
        {"long 10 % never lowers", {{.quantity = 100, .price = 100, .house = {.long_rate = 0.10}}}, 0, {}, 0},
        {"short 50 % of 5,000 less 1,500",
         {{.quantity = -100, .price = 50, .house = {.short_rate = 0.50}}},
         0,
         {},
         1000},
        {"a long rate leaves a short alone", {{.quantity = -100, .price = 50, .house = {.long_rate = 0.9}}}, 0, {}, 0},
        {"a short may be asked for more than its value",
         {{.quantity = -100, .price = 50, .house = {.short_rate = 2.0}}},
         0,
         {},
         8500},
    });
}

TEST_CASE("house charges: never lift a long position above 100 % of its value", "[account][property]") {
    const AnyAddOn half = Concentration{.bands = Bands({{0.3, 0.5}}, "bands")};
    const AnyAddOn most = VolatilityBand{.bands = Bands({{0.1, 0.9}}, "bands")};
    check({
        {"25 % + 50 % + 90 % is held at 100 %", {{.quantity = 10, .price = 100}}, 0, {half, most}, 750},
        {"house rate of 250 %", {{.quantity = 10, .price = 100, .house = {.long_rate = 2.5}}}, 0, {}, 750},
        {"stock without loan value has no room", {{.quantity = 10, .price = 100, .marginable = false}}, 0, {half}, 0},
        {"3x fund at 75 %: room of 25 %", {{.quantity = 10, .price = 100, .leverage = 3}}, 0, {half}, 250},
        {"shorts have no such limit", {{.quantity = -10, .price = 100}}, 5000, {half, most}, 1400},
        {"beta leverage stands apart: 5 % of gross on top",
         {{.quantity = 10, .price = 100, .beta = 9}},
         0,
         {half, most, BetaLeverage{}},
         750 + 50},
    });
}

TEST_CASE("house charges: say that they were held", "[account][property]") {
    SampleAccount account;
    account.hold("NVDA", 10, 100, 1.0, 0.9);
    const Policy policy{.house_rates = {{"NVDA", {.long_rate = 0.95}}}, .add_ons = {VolatilityBand{}}};
    const Report report = account.report(policy);
    REQUIRE(report.add_ons.size() == 2);
    CHECK(report.add_ons[0].id == "house_rates");
    CHECK(report.add_ons[0].amount == about(700));
    CHECK(report.add_ons[0].why == "95% of 1,000.00 less the maintenance of 250.00");
    CHECK(report.add_ons[1].amount == about(50));
    CHECK(report.add_ons[1].why == "10% of 1,000.00: volatility 90.00%, above 60%, held at 100% of the long value");
}

TEST_CASE("house charges: on random accounts, capped on longs and the same in any order of the policy",
          "[account][property]") {
    Policy policy{.add_ons = {Concentration{.bands = Bands({{0.1, 0.3}, {0.5, 0.6}}, "bands")},
                              VolatilityBand{.bands = Bands({{0.2, 0.2}, {0.8, 0.7}}, "bands")}, BetaLeverage{}}};
    for (int i = 0; i < 12; i += 2) {
        policy.house_rates["S" + std::to_string(i)] = {.long_rate = 0.2 * i, .short_rate = 0.3 * i};
    }
    Policy reversed = policy;
    std::ranges::reverse(reversed.add_ons);
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        const SampleAccount account = random_account(seed);
        INFO("seed " << seed << ", " << account.text());
        const Report report = account.report(policy);
        CHECK(account.report(reversed).requirement.add_ons == about(report.requirement.add_ons));
        for (std::size_t i = 0; i < account.instrument.size(); ++i) {
            const std::string symbol = account.instruments[account.instrument[i]].symbol;
            double maintenance = 0;
            double charges = 0;
            for (const ReportLine& line : report.lines) { // a boxed line names it twice
                maintenance += line.positions == std::vector{symbol} ? line.maintenance : 0.0;
            }
            for (const AddOnLine& line : report.add_ons) {
                charges += line.positions == std::vector{symbol} ? line.amount : 0.0;
            }
            const Kind kind = account.instruments[account.instrument[i]].kind;
            const double point = is_bond(kind) ? 10 : 1;
            const double value = account.quantity[i] * account.market[account.instrument[i]].price * point;
            if (value > 0) {
                CHECK((charges == 0 || maintenance + charges <= value * (1 + 1e-12)));
            }
        }
    }
}
