// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <limits>
#include <vector>

#include <margincore/pricing/dividends.hpp>

#include "about.hpp"

using namespace margincore;

TEST_CASE("dividends: those that bear on an option", "[pricing][property]") {
    CHECK_FALSE(is_paid_within({.time = -0.1, .amount = 1}, 1));
    CHECK_FALSE(is_paid_within({.time = 0, .amount = 1}, 1)); // has left the spot
    CHECK(is_paid_within({.time = 1e-9, .amount = 1}, 1));
    CHECK(is_paid_within({.time = 1, .amount = 1}, 1)); // settles against the spot without it
    CHECK_FALSE(is_paid_within({.time = 1.001, .amount = 1}, 1));
}

TEST_CASE("present value of dividends: by hand", "[pricing][property]") {
    const std::vector<Dividend> dividends{{0, 9}, {0.25, 1}, {0.5, 2}, {1, 4}, {1.1, 8}};
    CHECK(present_value(dividends, 1, 0, 0) == about(7));
    CHECK(present_value(dividends, 1, 0.04, 0) == about(std::exp(-0.01) + 2 * std::exp(-0.02) + 4 * std::exp(-0.04)));
    CHECK(present_value(dividends, 1, 0.04, 0.04) == about(7)); // what is set aside earns the yield
    CHECK(present_value({}, 1, 0.04, 0) == 0);
}

TEST_CASE("dividends: what cannot be is refused by name", "[pricing][property]") {
    using Catch::Matchers::ContainsSubstring;
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    const auto check = [](std::vector<Dividend> dividends) { check_dividends(dividends, "dividends"); };
    CHECK_NOTHROW(check({{0.5, 1}, {0.5, 0}, {0.7, 2}}));
    CHECK_THROWS_WITH(check({{0.5, 1}, {0.4, 1}}), ContainsSubstring("dividends[1].time"));
    CHECK_THROWS_WITH(check({{0.5, -1}}), ContainsSubstring("dividends[0].amount"));
    CHECK_THROWS_WITH(check({{nan, 1}}), ContainsSubstring("dividends[0].time"));
    CHECK_THROWS_WITH(check({{1, nan}}), ContainsSubstring("dividends[0].amount"));
    CHECK(parse_name<DividendModel>("escrowed", "model") == DividendModel::escrowed);
    CHECK(name_of(DividendModel::spot) == "spot");
}
