// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include <margincore/account/evaluate.hpp>
#include <margincore/account/policy.hpp>

#include "catch.hpp"
#include "option_account.hpp"
#include "pairing_table.hpp"

using namespace margincore;

namespace {

constexpr std::size_t rows_of_a_slice = 100;
constexpr Money half_a_cent = 0.0051; // the table is rounded

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
        const OptionAccount account = read_account(fields);
        std::string expected;
        std::getline(fields, expected);
        if (expected.empty()) {
            continue;
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

TEST_CASE("pairing: under other rules, too, the least net requirement is that of a mixed-integer solver",
          "[account][oracle]") {
    // tests/oracle/pairing_rules.py, by HiGHS: 320 books each of up to 16 series with longs that may exceed shorts in a
    // spread, and with named spreads only, iron condors with any wings and with equal ones.
    std::ifstream file(std::string(MARGINCORE_TEST_DATA) + "/../oracle/pairing_rules.csv");
    REQUIRE(file);
    std::string line;
    std::getline(file, line);
    std::size_t compared = 0;
    while (std::getline(file, line)) {
        std::istringstream fields(line);
        std::string rules, expected;
        std::getline(fields, rules, ',');
        const OptionAccount account = read_account(fields);
        std::getline(fields, expected);
        if (expected.empty()) {
            continue;
        }
        INFO(line);
        const Evaluation evaluation = account.evaluate(policy_of(rules));
        CHECK(evaluation.pairing_gap == 0);
        CHECK(std::abs(evaluation.net_requirement() - std::stod(expected)) < half_a_cent);
        ++compared;
    }
    CHECK(compared > 950);
}
