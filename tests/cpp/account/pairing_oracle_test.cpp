// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include <margincore/account/evaluate.hpp>

#include "catch.hpp"
#include "option_account.hpp"

using namespace margincore;

namespace {

constexpr std::size_t rows_of_a_slice = 100;
constexpr Money half_a_cent = 0.0051; // the table is rounded

/// `c:105:30:100:-2:1.25`: right, strike, days to expiry, multiplier, contracts, price.
void hold_series(OptionAccount& account, std::string text) {
    std::ranges::replace(text, ':', ' ');
    std::istringstream fields(text);
    std::string right;
    double strike = 0;
    int days = 0;
    double multiplier = 0;
    Quantity contracts = 0;
    Price price = 0;
    fields >> right >> strike >> days >> multiplier >> contracts >> price;
    REQUIRE_FALSE(fields.fail());
    account.hold(contracts, right == "c" ? Right::call : Right::put, strike, days, price, multiplier);
}

} // namespace

TEST_CASE("pairing: the least net requirement is that of a mixed-integer solver", "[account][oracle]") {
    // tests/oracle/pairing.py, by HiGHS; rows that it did not solve in time have no value.
    std::ifstream file(std::string(MARGINCORE_TEST_DATA) + "/../oracle/pairing.csv");
    REQUIRE(file);
    const bool all = std::getenv("MARGINCORE_ALL_ROWS") != nullptr;
    std::string line;
    std::getline(file, line);
    std::size_t compared = 0;
    std::size_t proven = 0;
    for (std::size_t row = 0; std::getline(file, line) && (all || row < rows_of_a_slice); ++row) {
        std::istringstream fields(line);
        std::string price, shares, series, expected;
        std::getline(fields, price, ',');
        std::getline(fields, shares, ',');
        std::getline(fields, series, ',');
        std::getline(fields, expected);
        if (expected.empty()) {
            continue;
        }
        OptionAccount account(std::stod(price));
        if (const Quantity held = std::stod(shares); held != 0) {
            account.hold_stock(held);
        }
        std::istringstream list(series);
        for (std::string one; list >> one;) {
            hold_series(account, one);
        }
        INFO("row " << row << ": " << line);
        const Evaluation evaluation = account.evaluate();
        const Money least = std::stod(expected);
        CHECK(evaluation.pairing_gap >= 0);
        CHECK(evaluation.net_requirement() > least - half_a_cent);
        CHECK(evaluation.net_requirement() - evaluation.pairing_gap < least + half_a_cent);
        if (evaluation.pairing_gap == 0) {
            CHECK(std::abs(evaluation.net_requirement() - least) < half_a_cent);
        }
        proven += evaluation.pairing_gap == 0 ? 1 : 0;
        ++compared;
    }
    REQUIRE(compared > 0);
    CHECK(static_cast<double>(proven) >= 0.98 * static_cast<double>(compared)); // the others are of 20 series and more
}
