// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <margincore/account/house_charges.hpp>

#include "about.hpp"
#include "random_account.hpp"
#include "reference_margin.hpp"

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
    std::optional<double> volume{};
    std::optional<double> outstanding{};
    std::string industry{};
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
        account.hold({.symbol = symbol,
                      .kind = Kind::etf,
                      .leverage = held.leverage,
                      .marginable = held.marginable,
                      .shares_outstanding = held.outstanding,
                      .industry = held.industry},
                     {.price = held.price,
                      .beta = held.beta,
                      .volatility = held.volatility,
                      .average_daily_volume = held.volume},
                     held.quantity);
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

TEST_CASE("liquidity: by days of average volume", "[account][cited]") {
    // Fidelity, rules-based requirements: days to liquidate up to 1, 2, 3, 5 and beyond 0, 10, 20, 30, 50 %.
    check({
        {"200 shares, 200 a day, is 1 day", {{.quantity = 200, .price = 50, .volume = 200}}, 0, {Liquidity{}}, 0},
        {"2 days: 10 % of 10,000", {{.quantity = 200, .price = 50, .volume = 100}}, 0, {Liquidity{}}, 1000},
        {"4 days, short: 30 %", {{.quantity = -200, .price = 50, .volume = 50}}, 2e4, {Liquidity{}}, 3000},
        {"no volume: 50 %", {{.quantity = 200, .price = 50, .volume = 0}}, 0, {Liquidity{}}, 5000},
    });
}

TEST_CASE("ownership: by the part of the shares outstanding", "[account][cited]") {
    // Fidelity, rules-based requirements: up to 1, 3, 5 % and beyond 0, 10, 25, 100 %.
    check({
        {"1,000 of 100,000", {{.quantity = 1000, .price = 50, .outstanding = 100'000}}, 0, {Ownership{}}, 0},
        {"2 %: 10 % of 50,000", {{.quantity = 1000, .price = 50, .outstanding = 50'000}}, 0, {Ownership{}}, 5000},
        {"10 %: 100 %, in the room of 75 %",
         {{.quantity = 1000, .price = 50, .outstanding = 10'000}},
         0,
         {Ownership{}},
         37'500},
        {"10 %, short: 100 %", {{.quantity = -1000, .price = 50, .outstanding = 10'000}}, 1e5, {Ownership{}}, 50'000},
    });
}

TEST_CASE("low price: 100 % of a long at $3 and below", "[account][cited]") {
    // Fidelity, frequently asked questions on margin: shares are collateral where they trade over $3, so at $3 the
    // requirement of a long is 100 % of its value, 75 % on top of 25 %.
    check({
        {"3.00: 300 less 75", {{100, 3.00}}, 0, {LowPrice{}}, 225},
        {"3.01", {{100, 3.01}}, 0, {LowPrice{}}, 0},
        {"0.01: 1 less 0.25", {{100, 0.01}}, 0, {LowPrice{}}, 0.75},
        {"a short has no limit", {{-100, 2.00}}, 1000, {LowPrice{}}, 200},
        {"with bands of its own, shorts are left alone",
         {{-100, 2.00}},
         1000,
         {LowPrice{.short_bands = FallingBands({{0, 0}}, "bands")}},
         0},
    });
}

TEST_CASE("industry: 5 % of what nets above 30 % of gross value, 10 % above 70 %", "[account][cited]") {
    // Fidelity, rules-based requirements: up to 30, 70 % and beyond 0, 5, 10 %, only if no position is above 40 %.
    const Holds bank{.quantity = 30, .price = 100, .industry = "banks"};
    const Holds small_bank{.quantity = 20, .price = 100, .industry = "banks"};
    const Holds energy{.quantity = 40, .price = 100, .industry = "energy"};
    check({
        {"60 % banks, 40 % energy: 300 + 200", {bank, bank, energy}, 0, {Industry{}}, 500},
        {"a holding above 40 % turns it off",
         {bank, bank, {.quantity = 41, .price = 100, .industry = "energy"}},
         0,
         {Industry{}},
         0},
        {"80 % banks: 10 % of 8,000",
         {bank, bank, small_bank, {.quantity = 20, .price = 100, .industry = "energy"}},
         0,
         {Industry{}},
         800},
        {"70 % banks are not above 70 %, nor 30 % energy above 30 %",
         {bank, small_bank, small_bank, {.quantity = 30, .price = 100, .industry = "energy"}},
         0,
         {Industry{}},
         350},
        {"long 500 and short 4,000 of 10,000 net to 35 %: 5 % of 3,500, on the short",
         {{.quantity = 5, .price = 100, .marginable = false, .industry = "banks"},
          {.quantity = -40, .price = 100, .industry = "banks"},
          {.quantity = 30, .price = 100, .industry = "software"},
          {.quantity = 25, .price = 100, .industry = "energy"}},
         1e4,
         {Industry{}},
         175},
        {"long 3,000 and short 3,000 of one industry net to nothing",
         {bank, {.quantity = -30, .price = 100, .industry = "banks"}, energy},
         1e4,
         {Industry{.largest_position = 0.25}},
         0},
        {"of 300, half falls to stock without room",
         {bank, {.quantity = 30, .price = 100, .marginable = false, .industry = "banks"}, energy},
         0,
         {Industry{.bands = Bands({{0.5, 0.05}}, "bands")}},
         150},
        {"what other add-ons leave is the room: 50 % of each bank, then 10 % where 50 % is asked",
         {{.quantity = 30, .price = 100, .volatility = 0.9, .house = {.long_rate = 0.4}, .industry = "banks"},
          {.quantity = 30, .price = 100, .volatility = 0.9, .house = {.long_rate = 0.4}, .industry = "banks"},
          energy},
         0,
         {Industry{.bands = Bands({{0.5, 0.5}}, "bands")}, VolatilityBand{.bands = Bands({{0.5, 0.5}}, "bands")}},
         900 + 3000 + 600},
    });
}

TEST_CASE("industry: one line with every position of it, in the order of the market", "[account][property]") {
    SampleAccount account;
    account.hold({.symbol = "A", .industry = "banks"}, {.price = 100}, 30);
    account.hold({.symbol = "B", .industry = "energy"}, {.price = 100}, 35);
    account.hold({.symbol = "C", .marginable = false, .industry = "banks"}, {.price = 100}, 30);
    account.hold({.symbol = "D", .industry = "banks"}, {.price = 100}, -5);
    const Report report = account.report({.add_ons = {Industry{}}}, false);
    REQUIRE(report.add_ons.size() == 2);
    CHECK(report.add_ons[0].positions == std::vector<std::string>{"A", "C", "D"});
    CHECK(report.add_ons[0].quantities == std::vector<double>{30, 30, -5});
    CHECK(report.add_ons[0].amount == about(137.5)); // half of 5 % of 5,500: C has no room
    CHECK(report.add_ons[0].why == "5% of 5,500.00, net of industry 'banks': 55.00% of gross value, above 30%, no "
                                   "holding above 40%, held at 100% of long values");
    CHECK(report.add_ons[1].positions == std::vector<std::string>{"B"});
    CHECK(report.add_ons[1].amount == about(175)); // 5 % of 3,500
    CHECK(report.add_ons[1].why ==
          "5% of 3,500.00, net of industry 'energy': 35.00% of gross value, above 30%, no holding above 40%");
}

TEST_CASE("base rates: of every stock that house rates do not name", "[account][property]") {
    SampleAccount account;
    account.hold("BASE", 100, 100).hold("NAMED", 100, 100).hold("SHORT", -100, 50).hold("HALF", -100, 50);
    const Policy policy{.house_rates = {{"NAMED", {.long_rate = 0.45}}, {"HALF", {.long_rate = 0.45}}},
                        .base_rates = {.long_rate = 0.30, .short_rate = 0.40}};
    const Report report = account.report(policy, false);
    REQUIRE(report.add_ons.size() == 3);
    for (const AddOnLine& line : report.add_ons) {
        CHECK(line.id == "house_rates");
    }
    CHECK(report.add_ons[0].amount == about(500));  // 30 % of 10,000 less 25 %
    CHECK(report.add_ons[1].amount == about(2000)); // 45 % less 25 %
    CHECK(report.add_ons[2].amount == about(500));  // 40 % of 5,000 less 30 %
    CHECK(report.add_ons[2].positions == std::vector<std::string>{"SHORT"});
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
                              VolatilityBand{.bands = Bands({{0.2, 0.2}, {0.8, 0.7}}, "bands")}, BetaLeverage{},
                              Industry{}, Liquidity{}, Ownership{}, LowPrice{}}};
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

TEST_CASE("house charges: on random long accounts, never above 100 % of everything", "[account][property]") {
    const Policy policy{
        .base_rates = {.long_rate = 0.3},
        .add_ons = {Industry{.bands = Bands({{0.2, 0.9}}, "bands"), .largest_position = 1.0}, Liquidity{}, LowPrice{}}};
    std::size_t held = 0;
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        SampleAccount account = random_account(seed);
        for (std::size_t i = 0; i < account.quantity.size(); ++i) {
            account.quantity[i] = std::abs(account.quantity[i]) + account.boxed[i]; // zero is no position
            account.boxed[i] = 0;
        }
        INFO("seed " << seed << ", " << account.text());
        const Report report = account.report(policy, false);
        double most = 0; // 3 or 7 % of the principal of a bond may be more than its value: FINRA 4210(e)(2)
        for (std::size_t i = 0; i < account.quantity.size(); ++i) {
            const SecurityFacts facts = reference::facts_of(account, i);
            most += account.quantity[i] * std::max(facts.price, reference::long_maintenance(facts));
        }
        CHECK(report.requirement.total <= most * (1 + 1e-12));
        for (const AddOnLine& line : report.add_ons) {
            held +=
                static_cast<std::size_t>(line.id == "industry" && line.why.ends_with("held at 100% of long values"));
        }
    }
    CHECK(held > 0);
}

TEST_CASE("house charges: a share that is just at an edge is not above it, in any order of positions",
          "[account][property]") {
    // 472 x 472.08 is 75 % of gross value to the cent, whose sum in doubles is a last digit less in one order.
    const Policy policy{.add_ons = {Concentration{.bands = Bands({{0.50, 0.20}, {0.75, 0.30}}, "bands")}}};
    const std::vector<std::pair<double, double>> others{{3, 19968.51}, {1, 14368.39}};
    for (const bool turned : {false, true}) {
        SampleAccount account;
        account.cash = 1e6;
        account.hold("T", 472, 472.08);
        for (const std::size_t i : {std::size_t{turned ? 1U : 0U}, std::size_t{turned ? 0U : 1U}}) {
            account.hold({.symbol = "O" + std::to_string(i), .kind = Kind::money_market_fund},
                         {.price = others[i].second}, others[i].first);
        }
        CHECK(account.evaluate(policy).requirement.add_ons == about(0.20 * 472 * 472.08));
    }
}
