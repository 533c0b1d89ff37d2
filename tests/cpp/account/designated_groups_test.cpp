// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <margincore/account/evaluate.hpp>
#include <margincore/account/evaluate_book.hpp>
#include <margincore/account/policy.hpp>
#include <margincore/account/rulebook.hpp>
#include <margincore/core/error.hpp>
#include <margincore/requirement/line.hpp>
#include <margincore/requirement/strategy/designated_group.hpp>
#include <margincore/requirement/strategy/pairing.hpp>

#include "about.hpp"
#include "catch.hpp"
#include "option_account.hpp"

using namespace margincore;

namespace {

constexpr Right call = Right::call;
constexpr Right put = Right::put;
constexpr int january = 56; // days to expiry
constexpr int february = 91;
constexpr Money cent = 0.005;

using LegGroups = std::vector<std::vector<DesignatedLeg>>;

/// The options of an `OptionAccount` are "OPTION 1", "OPTION 2" in the order in which they are held.
[[nodiscard]] DesignatedLeg option(int number, Quantity contracts) {
    return {.symbol = "OPTION " + std::to_string(number), .quantity = contracts};
}
[[nodiscard]] DesignatedLeg stock(Quantity shares) { return {.symbol = "XYZ", .quantity = shares}; }

[[nodiscard]] Policy designated(LegGroups groups, const Rulebook& rulebook = finra_2026) {
    return {.rulebook = rulebook, .pairing = PairingMode::designated, .groups = std::move(groups)};
}
[[nodiscard]] Money maintenance(const OptionAccount& account, LegGroups groups) {
    return account.evaluate(designated(std::move(groups))).requirement.maintenance;
}

[[nodiscard]] OptionAccount iron_condor() {
    OptionAccount account(500);
    account.hold(-2, put, 450, january, 3.50).hold(2, put, 445, january, 2.80);
    account.hold(-2, call, 550, january, 3.60).hold(2, call, 560, january, 2.50);
    return account;
}

} // namespace

// Amounts by hand from FINRA 4210(f)(2), as in option_margin_test.cpp.

TEST_CASE("designated: what no group names stands alone", "[account]") {
    const OptionAccount account = iron_condor();
    const Money naked_put = 3.50 + 50; // 10 % of 500 beats 20 % less 50; of the strike 45
    const Money naked_call = 3.60 + 50;
    CHECK(maintenance(account, {}) == about(200 * (naked_put + naked_call), 1e-12));
    CHECK(maintenance(account, {{option(1, -2), option(2, 2)}}) == about(200 * (5 + naked_call), 1e-12));
    CHECK(maintenance(account, {{option(1, -1), option(2, 1)}}) ==
          about(100 * (5 + naked_put) + 200 * naked_call, 1e-12));
}

TEST_CASE("designated: a group is margined as one by the rule that has it", "[account]") {
    const OptionAccount account = iron_condor();
    CHECK(maintenance(account, {{option(1, -2), option(2, 2)}, {option(3, -2), option(4, 2)}}) == about(3'000, 1e-12));
    CHECK(maintenance(account, {{option(1, -2), option(2, 2), option(3, -2), option(4, 2)}}) == about(2'000, 1e-12));
    // a strangle: both at 50 more than their premium; the call's is greater
    CHECK(maintenance(account, {{option(1, -2), option(3, -2)}}) == about(200 * (3.60 + 50 + 3.50), 1e-12));
}

TEST_CASE("designated: stock with what covers and protects it", "[account]") {
    OptionAccount account(100);
    account.hold_stock(300).hold(-1, call, 105, january, 2.00).hold(2, put, 95, january, 1.50);
    const Money stock_alone = 25;
    CHECK(maintenance(account, {{stock(100), option(1, -1)}}) == about(300 * stock_alone, 1e-12));
    // protective put: 10 % of 95 and 5 out of the money; collar the same, under 25 % of 105; the rest by itself, the
    // call naked at 2.00 + 15
    CHECK(maintenance(account, {{stock(200), option(2, 2)}}) ==
          about(200 * 14.5 + 100 * stock_alone + 100 * 17.0, 1e-12));
    CHECK(maintenance(account, {{stock(100), option(1, -1), option(2, 1)}, {option(2, 1), stock(100)}}) ==
          about(200 * 14.5 + 100 * stock_alone, 1e-12));
}

TEST_CASE("designated: a box that is a spread, too, is what costs less", "[account]") {
    OptionAccount account(100, Kind::broad_index);
    account.style = ExerciseStyle::european;
    account.hold(1, call, 95, january, 7.00).hold(-1, call, 105, january, 2.00);
    account.hold(1, put, 105, january, 6.80).hold(-1, put, 95, january, 2.10);
    const Evaluation evaluation =
        account.evaluate(designated({{option(1, 1), option(2, -1), option(3, 1), option(4, -1)}}));
    CHECK(evaluation.requirement.maintenance == about(500, 1e-12)); // half the difference, and its value counts
    CHECK(evaluation.equity == about(970, 1e-12));
    CHECK(evaluation.pairing_gap == 0.0);
}

TEST_CASE("designated: a spread that costs more than its shorts by themselves is charged as those", "[account]") {
    // FINRA 4210(f)(2)(H)(i), the lesser: 3.00 + 20 against 50
    OptionAccount account(100);
    account.hold(-1, put, 100, january, 3.00).hold(1, put, 50, january, 0.05);
    CHECK(maintenance(account, {{option(1, -1), option(2, 1)}}) == about(2'300, 1e-12));
}

TEST_CASE("designated: the lower bound is that of the best pairing", "[account]") {
    const OptionAccount account = iron_condor();
    const Evaluation two = account.evaluate(designated({{option(1, -2), option(2, 2)}, {option(3, -2), option(4, 2)}}));
    const Evaluation best = account.evaluate();
    CHECK(two.net_requirement() - two.pairing_gap == about(best.net_requirement(), 1e-12));
    CHECK(two.pairing_gap == about(1'000, 1e-12));
}

TEST_CASE("designated: a group that no rule of the rulebook has is refused by its place", "[account]") {
    OptionAccount account(100);
    account.hold_stock(200).hold(-2, call, 105, january, 2.00).hold(2, call, 110, january, 1.50);
    account.hold(-1, put, 95, february, 2.00).hold(1, put, 90, january, 0.50);
    const auto refused = [&](LegGroups groups) {
        CHECK_THROWS_AS(account.evaluate(designated(groups)), InvalidInput);
        try {
            (void)account.evaluate(designated(std::move(groups)));
        } catch (const Error& error) {
            return error.where();
        }
        return std::string();
    };
    CHECK(refused({{stock(50)}, {option(3, -1), option(4, 1)}}) == "policy.groups[1]"); // the long expires first
    CHECK(refused({{option(1, -2), option(2, 1)}}) == "policy.groups[0]");              // unequal
    CHECK(refused({{option(2, 1), option(4, 1)}}) == "policy.groups[0]");               // no short
    CHECK(refused({{stock(150), option(1, -1)}}) == "policy.groups[0]");                // 100 shares a contract
    CHECK(refused({{stock(100), option(1, -1), option(3, -1)}}) == "policy.groups[0]");
    CHECK(refused({{}}) == "policy.groups[0]");
    CHECK(refused({{option(9, 1)}}) == "policy.groups[0][0].symbol");
    CHECK(refused({{stock(-100)}}) == "policy.groups[0][0].quantity");
    CHECK(refused({{option(1, -2)}, {stock(100), option(1, -1)}}) == "policy.groups[1][1].symbol");
    CHECK(refused({{option(1, -1)}, {stock(200), option(1, -2)}}) == "policy.groups[1][1].quantity");
    CHECK(refused({{stock(100), option(1, -0.5)}}) == "policy.groups[0][1].quantity");
    CHECK(refused({{option(1, -1), option(1, -1)}}) == "policy.groups[0][1].symbol");
    CHECK_THROWS_WITH(account.evaluate(designated({{option(1, -2), option(2, 1)}})),
                      "policy.groups[0]: must be what one rule of the rulebook 'finra-2026' margins together, got "
                      "-2 'OPTION 1', 1 'OPTION 2'");
    // A condor with unequal wings is no group of a house that has it as two.
    const LegGroups condor = {{option(1, -2), option(2, 2), option(3, -2), option(4, 2)}};
    CHECK_THROWS_AS(iron_condor().evaluate(designated(condor, ibkr_like)), InvalidInput);
    CHECK_NOTHROW(iron_condor().evaluate(designated(condor, tastytrade_like)));
}

TEST_CASE("designated: an account without options is checked, too", "[account]") {
    OptionAccount account(100);
    account.hold_stock(200);
    CHECK(maintenance(account, {{stock(100)}}) == about(5'000, 1e-12));
    CHECK_THROWS_AS(account.evaluate(designated({{stock(300)}})), InvalidInput);
}

TEST_CASE("designated: groups are not those of a book", "[account]") {
    const Policy policy = designated({{stock(100)}});
    const MarketRows market{};
    CHECK_THROWS_AS(evaluate_book(BookInMemory{}, market, policy), Unsupported);
}

TEST_CASE("designated: no partition costs less than the best pairing, and the best pairing's own groups cost as much",
          "[account][property]") {
    std::mt19937 random(20'261'129); // NOLINT: fixed on purpose
    const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
    std::size_t allowed = 0;
    for (int round = 0; round < 400; ++round) {
        OptionAccount account(100);
        std::vector<Quantity> held;
        const std::size_t series = 2 + below(7);
        const Quantity shares =
            below(2) == 0 ? 0 : (below(2) == 0 ? 100.0 : -100.0) * static_cast<double>(1 + below(5));
        for (std::size_t i = 0; i < series; ++i) {
            held.push_back((below(2) == 0 ? -1.0 : 1.0) * static_cast<double>(1 + below(4)));
            account.hold(held.back(), below(2) == 0 ? call : put, 80 + 5 * static_cast<double>(i),
                         below(3) == 0 ? february : january, 0.01 * static_cast<double>(1 + below(2000)));
        }
        if (shares != 0) {
            account.hold_stock(shares);
        }
        const Rulebook& rulebook = round % 2 == 0 ? finra_2026 : named_strategies;
        const Evaluation best = account.evaluate({.rulebook = rulebook});

        LegGroups own; // what the lines of the best pairing have
        for (const Line& line : account.lines({.rulebook = rulebook})) {
            std::vector<DesignatedLeg> group;
            for (const Leg& leg : line.legs) {
                group.push_back(leg.position == series ? stock(leg.quantity)
                                                       : option(static_cast<int>(leg.position) + 1, leg.quantity));
            }
            own.push_back(std::move(group));
        }
        const Evaluation again = account.evaluate(designated(own, rulebook));
        CHECK(again.net_requirement() == about(best.net_requirement(), 1e-9));
        CHECK(again.requirement.initial == about(best.requirement.initial, 1e-9));

        for (int attempt = 0; attempt < 20; ++attempt) { // two groups of random legs; most are no group of any rule
            std::vector<Quantity> left = held;
            LegGroups groups;
            for (int g = 0; g < 2; ++g) {
                const auto contracts = static_cast<double>(1 + below(2));
                std::vector<DesignatedLeg> group;
                for (std::size_t i = 0; i < series; ++i) {
                    if (below(series) < 2 && std::abs(left[i]) >= contracts) {
                        const double signed_contracts = left[i] < 0 ? -contracts : contracts;
                        left[i] -= signed_contracts;
                        group.push_back(option(static_cast<int>(i) + 1, signed_contracts));
                    }
                }
                if (g == 0 && std::abs(shares) >= 100 * contracts && below(2) == 0) {
                    group.push_back(stock(shares < 0 ? -100 * contracts : 100 * contracts));
                }
                if (!group.empty()) {
                    groups.push_back(std::move(group));
                }
            }
            try {
                const Evaluation one = account.evaluate(designated(groups, rulebook));
                CHECK(one.net_requirement() >= best.net_requirement() - cent);
                CHECK(one.net_requirement() - one.pairing_gap == about(best.net_requirement(), 1e-9));
                ++allowed;
            } catch (const InvalidInput&) {
                continue;
            }
        }
    }
    CHECK(allowed > 1'000);
}
