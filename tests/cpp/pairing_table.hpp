// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <istream>
#include <sstream>
#include <string>

#include <margincore/account/policy.hpp>
#include <margincore/account/rulebook.hpp>

#include "catch.hpp"
#include "option_account.hpp"

/// Reads the books of tests/oracle/pairing.csv and pairing_rules.csv.
namespace margincore {

/// `c:105:30:100:-2:1.25`: right, strike, days to expiry, multiplier, contracts, price.
inline void hold_series(OptionAccount& account, std::string text) {
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

/// A row of a table from its price on: price, shares, series; the value follows.
[[nodiscard]] inline OptionAccount read_account(std::istream& row) {
    std::string price, shares, series;
    std::getline(row, price, ',');
    std::getline(row, shares, ',');
    std::getline(row, series, ',');
    OptionAccount account(std::stod(price));
    if (const Quantity held = std::stod(shares); held != 0) {
        account.hold_stock(held);
    }
    std::istringstream list(series);
    for (std::string one; list >> one;) {
        hold_series(account, one);
    }
    return account;
}

/// The policy that a row of pairing_rules.csv names.
[[nodiscard]] inline Policy policy_of(const std::string& rules) {
    Policy policy;
    if (rules == "long_surplus") {
        policy.rulebook.spread.balance = SpreadBalance::long_surplus;
    } else {
        policy.rulebook = find_rulebook(rules, "rules");
    }
    return policy;
}

} // namespace margincore
