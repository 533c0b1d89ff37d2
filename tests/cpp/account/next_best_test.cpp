// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <margincore/account/report.hpp>

#include "about.hpp"
#include "catch.hpp"
#include "option_account.hpp"

using namespace margincore;

namespace {

constexpr Right call = Right::call;
constexpr Right put = Right::put;
constexpr int january = 56; // days to expiry
constexpr int february = 91;
constexpr int in_a_year = 400;
constexpr Money half_a_cent = 0.005;

/// The only group whose name begins with a text.
PairedPositions group(const OptionAccount& account, const std::string& name) {
    std::vector<PairedPositions> found = account.report().pairing;
    std::erase_if(found, [&](const PairedPositions& one) { return !one.name.starts_with(name); });
    REQUIRE(found.size() == 1);
    return found.front();
}

void check(const PairedPositions& group, const std::string& name, Money maintenance, std::optional<Price> worst_strike,
           const std::optional<NextBest>& next_best) {
    INFO(group.name);
    CHECK(group.name == name);
    CHECK(group.maintenance == about(maintenance, 1e-12));
    CHECK(group.worst_strike == worst_strike);
    REQUIRE(group.next_best.has_value() == next_best.has_value());
    if (next_best) {
        CHECK(group.next_best->rule == next_best->rule);
        CHECK(group.next_best->amount == about(next_best->amount, 1e-12));
    }
}

} // namespace

// Each by hand from FINRA 4210(f)(2), at a price of 100.

TEST_CASE("pairing of the report: a vertical would be naked", "[account]") {
    OptionAccount account(100); // 1.50 + 10 % of 90, at least: 20 - 10 = 10
    account.hold(-1, put, 90, january, 1.50).hold(1, put, 85, january, 0.80);
    check(group(account, "bull"), "bull put spread 85/90", 500, 85, NextBest{"option.short", 1'150});
    const PairedPositions of = group(account, "bull");
    CHECK(of.rule == "strategy.spread");
    CHECK(of.positions == std::vector<std::string>{"OPTION 2", "OPTION 1"});
    CHECK(of.quantities == std::vector<Quantity>{1, -1});
}

TEST_CASE("pairing of the report: an iron condor would be two spreads", "[account]") {
    OptionAccount account(100);
    account.hold(-2, put, 90, january, 1.50).hold(2, put, 85, january, 0.80);
    account.hold(-2, call, 110, january, 1.60).hold(2, call, 117.5, january, 0.50);
    check(group(account, "iron"), "iron condor 85/90/110/117.5", 1'500, 117.5, NextBest{"strategy.spread", 2'500});
}

TEST_CASE("pairing of the report: a spread that loses nowhere has no worst strike", "[account]") {
    OptionAccount account(100); // 3.00 + 20
    account.hold(-1, call, 100, january, 3.00).hold(1, call, 100, february, 4.00);
    check(group(account, "call"), "call calendar 100", 0, std::nullopt, NextBest{"option.short", 2'300});
}

TEST_CASE("pairing of the report: a butterfly would be a debit and a credit spread", "[account]") {
    OptionAccount account(100);
    account.hold(1, call, 95, january, 7.0).hold(-2, call, 100, january, 4.0).hold(1, call, 105, january, 2.0);
    check(group(account, "long"), "long call butterfly 95/100/105", 0, std::nullopt, NextBest{"strategy.spread", 500});
}

TEST_CASE("pairing of the report: a strangle would be two naked options", "[account]") {
    // 11.00 and 11.50; together 11.50 and 1.00
    OptionAccount account(100);
    account.hold(-10, call, 110, january, 1.00).hold(-10, put, 90, january, 1.50);
    check(group(account, "short"), "short strangle 90/110", 12'500, std::nullopt, NextBest{"option.short", 22'500});
}

TEST_CASE("pairing of the report: a naked option would be a spread where a long covers it", "[account]") {
    // Naked 3.00 + 20; a loss of 50 under the long.
    OptionAccount account(100);
    account.hold(-1, put, 100, january, 3.00).hold(1, put, 50, january, 0.10);
    check(group(account, "naked"), "naked put 100", 2'300, std::nullopt, NextBest{"strategy.spread", 5'000});
    check(group(account, "long"), "long put 50", 0, std::nullopt, std::nullopt);
}

TEST_CASE("pairing of the report: a naked option that nothing covers has no alternative", "[account]") {
    OptionAccount alone(100);
    alone.hold(-1, call, 110, january, 1.00);
    check(group(alone, "naked"), "naked call 110", 1'100, std::nullopt, std::nullopt);
    OptionAccount ratio(100); // the one long covers the other
    ratio.hold(1, call, 100, january, 4.00).hold(-2, call, 110, january, 1.00);
    check(group(ratio, "naked"), "naked call 110", 1'100, std::nullopt, std::nullopt);
    OptionAccount expires_first(100);
    expires_first.hold(-1, call, 100, february, 3.00).hold(1, call, 100, january, 2.00);
    check(group(expires_first, "naked"), "naked call 100", 2'300, std::nullopt, std::nullopt);
}

TEST_CASE("pairing of the report: a covered call would be stock and a naked call", "[account]") {
    // 25 % of the stock; 1.00 + (20 - 10) beside it
    OptionAccount account(100);
    account.hold_stock(250).hold(-2, call, 110, january, 1.00);
    check(group(account, "covered"), "covered call 110", 5'000, std::nullopt, NextBest{"option.short", 7'200});
    CHECK(group(account, "covered").positions == std::vector<std::string>{"XYZ", "OPTION 1"});
    CHECK(group(account, "covered").quantities == std::vector<Quantity>{200, -2});
}

TEST_CASE("pairing of the report: a collar would be a covered call beside a put", "[account]") {
    // 10 % of 95 + 5 out of the money; 25 % of the stock under the call alone
    OptionAccount account(100);
    account.hold_stock(100).hold(1, put, 95, january, 1.00).hold(-1, call, 110, january, 1.00);
    check(group(account, "collar"), "collar 95/110", 1'450, std::nullopt, NextBest{"strategy.covered_call", 2'500});
}

TEST_CASE("pairing of the report: protected stock would be stock", "[account]") {
    OptionAccount account(100);
    account.hold_stock(100).hold(1, put, 95, january, 1.00);
    check(group(account, "protective"), "protective put 95", 1'450, std::nullopt, NextBest{"stock.long", 2'500});
    OptionAccount sold(100);
    sold.hold_stock(-100).hold(1, call, 105, january, 1.00); // 10 % of 105 + 5; 30 % of the stock
    check(group(sold, "protective"), "protective call 105", 1'550, std::nullopt, NextBest{"stock.short", 3'000});
}

TEST_CASE("pairing of the report: a box with a value in equity would lose it", "[account]") {
    // 500 less 970 of value in equity; as a spread nothing, and no value
    OptionAccount account(100, Kind::broad_index);
    account.style = ExerciseStyle::european;
    account.hold(1, call, 95, january, 7.00).hold(-1, call, 105, january, 2.00);
    account.hold(1, put, 105, january, 6.80).hold(-1, put, 95, january, 2.10);
    check(group(account, "long"), "long box 95/105", 500, std::nullopt, NextBest{"strategy.spread", 970});
}

TEST_CASE("pairing of the report: an alternative counts the loan value that it gives back", "[account]") {
    // The long would keep 2.50 of loan value: 1.00 + 10 naked, less that.
    OptionAccount account(100);
    account.hold(1, call, 100, in_a_year, 10.0).hold(-1, call, 110, january, 1.00);
    check(group(account, "call"), "call diagonal 100/110", 0, std::nullopt, NextBest{"option.short", 850});
}

TEST_CASE("pairing of the report: a line says where a spread loses most, and what", "[account]") {
    OptionAccount account(100);
    account.hold(-2, call, 100, january, 3.00).hold(2, call, 110, january, 0.80);
    CHECK(account.lines().front().why ==
          "worst at 110 or above: short 2 calls 100 lose 2,000.00, long 2 calls 110 nothing");
    OptionAccount fly(100);
    fly.hold(-1, call, 95, january, 7.0).hold(2, call, 100, january, 4.0).hold(-1, call, 105, january, 2.0);
    CHECK(fly.lines().front().why ==
          "worst at 100: short 1 call 95 loses 500.00, long 2 calls 100 nothing, short 1 call 105 nothing");
    OptionAccount condor(100);
    condor.hold(1, put, 85, january, 1.0).hold(-1, put, 90, january, 2.0);
    condor.hold(-1, call, 110, january, 2.0).hold(1, call, 115, january, 1.0);
    CHECK(condor.lines().front().why == "worst at 85 or below: long 1 put 85 nothing, short 1 put 90 loses 500.00, "
                                        "short 1 call 110 nothing, long 1 call 115 nothing");
}

TEST_CASE("pairing of the report: it is the account, and no group could be treated better", "[account][property]") {
    std::mt19937_64 random(20261128);
    const auto between = [&](int low, int high) { return std::uniform_int_distribution(low, high)(random); };
    std::map<std::string, int> rules;
    for (int k = 0; k < 300; ++k) {
        OptionAccount account(100, between(0, 3) == 0 ? Kind::broad_index : Kind::equity);
        if (between(0, 1) == 0) {
            account.style = ExerciseStyle::european;
        }
        std::map<std::string, Quantity> held;
        std::map<std::string, std::pair<Right, Price>> terms;
        const int shares = account.is_index() ? 0 : between(-3, 6) * 50;
        if (shares != 0) {
            account.hold_stock(shares);
            held["XYZ"] = shares;
        }
        const int series = between(1, 9);
        for (int i = 0; i < series; ++i) {
            const int contracts = between(1, 6) * (between(0, 1) == 0 ? 1 : -1);
            const Right right = between(0, 1) == 0 ? call : put;
            const double strike = 80 + 2.5 * between(0, 16) + 0.1 * i; // none twice
            account.hold(contracts, right, strike, between(0, 4) == 0 ? in_a_year : 28 * between(1, 3),
                         0.05 * between(1, 200), between(0, 9) == 0 ? 10 : 100);
            const std::string symbol = "OPTION " + std::to_string(i + 1);
            held[symbol] = contracts;
            terms[symbol] = {right, strike};
        }
        const Report report = account.report();
        INFO("book " << k);
        Money maintenance = 0.0;
        std::map<std::string, Quantity> paired;
        for (const PairedPositions& one : report.pairing) {
            INFO(one.name);
            maintenance += one.maintenance;
            for (std::size_t i = 0; i < one.positions.size(); ++i) {
                paired[one.positions[i]] += one.quantities[i];
            }
            if (one.next_best) {
                CHECK(one.next_best->amount >= one.maintenance - 1e-6);
                ++rules[one.next_best->rule];
            }
            if (one.rule == "strategy.spread") { // a search over strikes, apart from the library's
                REQUIRE(one.next_best);
                Money greatest = 0.0;
                std::map<Price, Money> loss;
                for (const std::string& at : one.positions) {
                    const Price price = terms[at].second;
                    for (std::size_t i = 0; i < one.positions.size(); ++i) {
                        const auto [right, strike] = terms[one.positions[i]];
                        const double in = std::max(0.0, right == call ? price - strike : strike - price);
                        loss[price] -= account.multiplier(one.positions[i]) * one.quantities[i] * in;
                    }
                    greatest = std::max(greatest, loss[price]);
                }
                CHECK(std::abs(one.maintenance - greatest) < half_a_cent);
                CHECK(one.worst_strike.has_value() == (greatest > half_a_cent));
                CHECK((!one.worst_strike || std::abs(loss[*one.worst_strike] - greatest) < half_a_cent));
            }
        }
        for (const ReportLine& line : report.lines) {
            if (line.rule.starts_with("stock.")) {
                maintenance += line.maintenance;
                paired["XYZ"] += line.quantities[0];
            }
        }
        CHECK(std::abs(maintenance - report.requirement.maintenance) < half_a_cent);
        for (const auto& [symbol, quantity] : held) {
            CHECK(paired[symbol] == about(quantity, 1e-12));
        }
        Report without = account.report(false);
        CHECK(without.requirement == report.requirement);
        CHECK(std::ranges::none_of(without.pairing, [](const auto& one) { return one.next_best.has_value(); }));
    }
    for (const char* rule : {"option.short", "strategy.spread", "stock.long", "strategy.covered_call"}) {
        CHECK(rules[rule] > 0);
    }
}
