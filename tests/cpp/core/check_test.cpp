// SPDX-License-Identifier: Apache-2.0
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include <margincore/core/check.hpp>

#include "catch.hpp"

using namespace margincore;

namespace {

const Where place("policy.rate");
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

struct Row {
    std::function<double()> check;
    std::string message; ///< Empty where the check passes; then it returns 0.5.
};

} // namespace

TEST_CASE("checks: return what they are given, or say the rule and the value", "[core][property]") {
    const std::vector<Row> rows{
        {[] { return require_finite(0.5, place); }, ""},
        {[] { return require_finite(infinity, place); }, "policy.rate: must be a finite number, got inf"},
        {[] { return require_finite(not_a_number, place); }, "policy.rate: must be a finite number, got nan"},
        {[] { return require_within(0.5, 0.5, 1, place); }, ""},
        {[] { return require_within(0.5, 0, 0.5, place); }, ""},
        {[] { return require_within(0.49, 0.5, 1, place); }, "policy.rate: must be between 0.5 and 1, got 0.49"},
        {[] { return require_within(25, 0, 1, place); }, "policy.rate: must be between 0 and 1, got 25"},
        {[] { return require_within(not_a_number, 0, 1, place); }, "policy.rate: must be a finite number, got nan"},
        {[] { return require_at_most(0.5, 0.5, place); }, ""},
        {[] { return require_at_most(0.51, 0.5, place); }, "policy.rate: must be at most 0.5, got 0.51"},
        {[] { return require_at_most(-infinity, 1, place); }, "policy.rate: must be a finite number, got -inf"},
        {[] { return require_not_negative(0.5, 1, place); }, ""},
        {[] { return require_not_negative(0, 1, place) + 0.5; }, ""},
        {[] { return require_not_negative(-0.1, 1, place); }, "policy.rate: must be zero or more, got -0.1"},
        {[] { return require_not_negative(2, 1, place); }, "policy.rate: must be at most 1, got 2"},
        {[] { return require_not_negative(-infinity, 1, place); }, "policy.rate: must be a finite number, got -inf"},
        {[] { return require_positive(0.5, 1, place); }, ""},
        {[] { return require_positive(0, 1, place); }, "policy.rate: must be more than zero, got 0"},
        {[] { return require_positive(-3, 1, place); }, "policy.rate: must be more than zero, got -3"},
        {[] { return require_positive(1.5, 1, place); }, "policy.rate: must be at most 1, got 1.5"},
        {[] { return require_positive(not_a_number, 1, place); }, "policy.rate: must be a finite number, got nan"},
    };
    for (const Row& row : rows) {
        INFO("expected message: " << row.message);
        if (row.message.empty()) {
            CHECK(row.check() == 0.5);
        } else {
            CHECK_THROWS_AS(row.check(), InvalidInput);
            CHECK_THROWS_WITH(row.check(), row.message);
        }
    }
}

TEST_CASE("errors: carry the place and write it before the message", "[core][property]") {
    const Where account("account");
    const MissingData error(account["cash"], "must be given, got nothing");
    CHECK(error.where() == "account.cash");
    CHECK(std::string(error.what()) == "account.cash: must be given, got nothing");
    CHECK(std::string(Unsupported("", "is not built yet").what()) == "is not built yet");
    CHECK(NumericalFailure("account", "too much").where() == "account");
}
