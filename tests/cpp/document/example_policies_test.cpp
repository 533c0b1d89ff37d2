// SPDX-License-Identifier: Apache-2.0
// examples/policies, read and held against the tables that they are made of, on both sides of every edge.
#include <cmath>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <margincore/document/document.hpp>

#include "about.hpp"
#include "sample_account.hpp"

using namespace margincore;

namespace {

Policy read_file(const std::string& name) {
    std::ifstream file(MARGINCORE_TEST_DATA "/../../examples/policies/" + name, std::ios::binary);
    REQUIRE(file);
    return document::read_policy(document::parse_json(std::string{std::istreambuf_iterator<char>(file), {}}), "policy");
}

/// What an add-on charges on the first position.
double charge(const Report& report, const std::string& id) {
    double sum = 0;
    for (const AddOnLine& line : report.add_ons) {
        sum += line.id == id && line.positions.front() == "X" ? line.amount : 0;
    }
    return sum;
}

struct Traded {
    double volume = 1e9;
    double outstanding = 1e12;
};

SampleAccount& hold(SampleAccount& account, const std::string& symbol, double quantity, double price,
                    const std::string& industry, Traded traded = {}) {
    return account.hold({.symbol = symbol, .shares_outstanding = traded.outstanding, .industry = industry},
                        {.price = price, .average_daily_volume = traded.volume}, quantity);
}

/// X of so much in an account of 1,000,000 gross; the rest in one holding of another industry.
Report with_share(const Policy& policy, double value) {
    SampleAccount account;
    account.cash = 1e7;
    hold(account, "X", value < 0 ? -100 : 100, std::abs(value) / 100, "x");
    const double rest = 1e6 - std::abs(value);
    if (rest > 0) {
        hold(account, "REST", 100, rest / 100, "rest");
    }
    return account.report(policy, false);
}

/// 1,000,000 shares of X at 10, in one account with as much of another stock.
Report with_units(const Policy& policy, Traded traded) {
    SampleAccount account;
    hold(account, "X", 1e6, 10, "x", traded);
    hold(account, "REST", 1e6, 10, "rest");
    return account.report(policy, false);
}

struct Row {
    double measure;
    double expected;
    double expected_short = 0;
};

} // namespace

// Fidelity, margin requirements, rules-based requirements. Upper bounds are included; percent of the position.

TEST_CASE("Fidelity: base 30 % of longs and shorts", "[document][cited]") {
    const Policy policy = read_file("fidelity_rbr.json");
    CHECK(policy.base_rates == HouseRates{.long_rate = 0.30, .short_rate = 0.30});
    // 10 % of 1,000,000 long: 30 % of 100,000 less 25 %; short: the rule's 30 % already.
    CHECK(charge(with_share(policy, 100'000), "house_rates") == about(5000));
    CHECK(charge(with_share(policy, -100'000), "house_rates") == 0);
}

TEST_CASE("Fidelity: concentration by side, up to 10, 20, 40, 50, 75 and 100 % of gross value", "[document][cited]") {
    const Policy policy = read_file("fidelity_rbr.json");
    const std::vector<Row> rows{
        // share of gross in USD of 1,000,000; charge long 0, 5, 10, 15, 20, 30 %; short 0, 10, 15, 20, 30, 35 %
        {50'000, 0, 0},
        {100'000, 0, 0},
        {100'100, 5'005, 10'010},
        {200'000, 10'000, 20'000},
        {200'100, 20'010, 30'015},
        {400'000, 40'000, 60'000},
        {400'100, 60'015, 80'020},
        {500'000, 75'000, 100'000},
        {500'100, 100'020, 150'030},
        {750'000, 150'000, 225'000},
        {750'100, 225'030, 262'535},
        {1'000'000, 300'000, 350'000},
    };
    for (const Row& row : rows) {
        CAPTURE(row.measure);
        CHECK(charge(with_share(policy, row.measure), "concentration") == about(row.expected));
        CHECK(charge(with_share(policy, -row.measure), "concentration") == about(row.expected_short));
    }
}

TEST_CASE("Fidelity: days to liquidate, up to 1, 2, 3, 5 and above", "[document][cited]") {
    Policy policy = read_file("fidelity_rbr.json");
    std::erase_if(policy.add_ons, [](const AnyAddOn& add_on) { return id_of(add_on) == "concentration"; });
    const double value = 1e7;
    const std::vector<Row> rows{
        // shares a day for 1,000,000 shares; charge 0, 10, 20, 30, 50 % of 10,000,000
        {1'000'000, 0},          {999'900, 0.10 * value}, {500'000, 0.10 * value}, {499'900, 0.20 * value},
        {250'000, 0.30 * value}, {200'000, 0.30 * value}, {199'900, 0.50 * value}, {0, 0.50 * value},
    };
    for (const Row& row : rows) {
        CAPTURE(row.measure);
        CHECK(charge(with_units(policy, {.volume = row.measure}), "liquidity") == about(row.expected));
    }
    // 3 days exactly: 300 shares of 100 a day at 10, and a share more.
    for (const Row& row : {Row{300, 0.20 * 3000}, Row{301, 0.30 * 3010}}) {
        SampleAccount account;
        hold(account, "X", row.measure, 10, "x", {.volume = 100});
        CHECK(charge(account.report(policy, false), "liquidity") == about(row.expected));
    }
}

TEST_CASE("Fidelity: ownership, up to 1, 3 and 5 % of the shares outstanding and above", "[document][cited]") {
    Policy policy = read_file("fidelity_rbr.json");
    std::erase_if(policy.add_ons, [](const AnyAddOn& add_on) { return id_of(add_on) == "concentration"; });
    const std::vector<Row> rows{
        // of 10,000,000 shares at 10; charge 0, 10, 25 and 100 %, the last in the room of 70 % that base 30 % leaves
        {100'000, 0},       {100'100, 100'100},   {300'000, 300'000},
        {300'100, 750'250}, {500'000, 1'250'000}, {500'100, 3'500'700},
    };
    for (const Row& row : rows) {
        CAPTURE(row.measure);
        SampleAccount account;
        hold(account, "X", row.measure, 10, "x", {.outstanding = 1e7});
        CHECK(charge(account.report(policy, false), "ownership") == about(row.expected));
    }
}

TEST_CASE("Fidelity: one industry, up to 30 and 70 % of gross value and above, no position above 40 %",
          "[document][cited]") {
    const Policy policy = read_file("fidelity_rbr.json");
    // X and Y of one industry, the rest in ten holdings of as many others; 1,000,000 gross.
    const auto industry_charge = [&](double x, double y) {
        SampleAccount account;
        account.cash = 1e7;
        hold(account, "X", 100, x / 100, "same");
        hold(account, "Y", y < 0 ? -100 : 100, std::abs(y) / 100, "same");
        for (int i = 0; i < 10; ++i) {
            const std::string other = "OTHER" + std::to_string(i);
            hold(account, other, 10, (1e6 - x - std::abs(y)) / 100, other);
        }
        return charge(account.report(policy, false), "industry");
    };
    CHECK(industry_charge(200'000, 100'000) == 0);             // 30.00 %
    CHECK(industry_charge(200'000, 100'100) == about(15'005)); // 30.01 %: 5 %
    CHECK(industry_charge(400'000, 300'000) == about(35'000)); // 70.00 %: 5 %
    CHECK(industry_charge(400'000, 300'100) == about(70'010)); // 70.01 %: 10 %
    CHECK(industry_charge(400'000, -100'000) == 0);            // nets to 30.00 %
    CHECK(industry_charge(400'000, -99'900) == about(15'005)); // nets to 30.01 %
    CHECK(industry_charge(400'100, 300'000) == 0);             // a position of 40.01 %
}
