// SPDX-License-Identifier: Apache-2.0
// What brokers add to portfolio margin, against the examples that they publish.
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string_view>
#include <vector>

#include <margincore/requirement/portfolio_margin/house_overlays.hpp>

#include "about.hpp"
#include "random.hpp"

using namespace margincore;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

} // namespace

// Charles Schwab, "Option Traders: How Portfolio Margin Works", 2024-03-06: EPR against PNR on each side.

TEST_CASE("range used: a point of no return outside the expected range leaves the rule's",
          "[portfolio_margin][cited]") {
    const PriceRange up =
        range_used({.tims = equity_range, .expected = {-0.50, 0.50}, .no_return = {.down = std::nullopt, .up = 0.60}});
    CHECK(up.high == 0.15); // upside PNR 60 %, EPR 50 %
    const PriceRange down =
        range_used({.tims = equity_range, .expected = {-0.30, 0.30}, .no_return = {.down = -0.50, .up = std::nullopt}});
    CHECK(down.low == -0.15); // downside PNR -50 %, EPR -30 %
}

TEST_CASE("range used: a point of no return inside the expected range puts the expected one in its place",
          "[portfolio_margin][cited]") {
    const PriceRange range =
        range_used({.tims = equity_range, .expected = {-0.40, 0.40}, .no_return = {.down = std::nullopt, .up = 0.30}});
    CHECK(range == PriceRange{-0.15, 0.40}); // upside PNR 30 %, EPR 40 %; each side by itself
}

TEST_CASE("range used: each side by itself, inside and not at the end", "[portfolio_margin][property]") {
    struct Row {
        std::string_view fact;
        PointsOfNoReturn no_return;
        PriceRange expected;
    };
    const std::vector<Row> rows{
        {"no move takes the account to zero", {}, {-0.15, 0.15}},
        {"at the ends is not inside", {-0.30, 0.40}, {-0.15, 0.15}},
        {"a last digit inside", {std::nextafter(-0.30, 0), std::nextafter(0.40, 0)}, {-0.30, 0.40}},
        {"the fall alone", {-0.29, 0.41}, {-0.30, 0.15}},
        {"the rise alone", {-0.31, 0.39}, {-0.15, 0.40}},
        {"nothing is left to lose", {-0.0, 0.0}, {-0.30, 0.40}},
        {"nothing is lost but with the stock", {-1.0, std::nullopt}, {-0.15, 0.15}},
    };
    for (const Row& row : rows) {
        CAPTURE(row.fact);
        CHECK(range_used({.tims = equity_range, .expected = {-0.30, 0.40}, .no_return = row.no_return}) ==
              row.expected);
    }
}

TEST_CASE("range used: never narrower than the rule's, and no other than one of the two",
          "[portfolio_margin][property]") {
    Random random(4210);
    for (int i = 0; i < 2000; ++i) {
        const PriceRange expected{random.uniform(-1, 0), random.uniform(0, 2)};
        PointsOfNoReturn no_return;
        if (random.chance(0.8)) {
            no_return.down = random.uniform(-1, 0);
        }
        if (random.chance(0.8)) {
            no_return.up = random.uniform(0, 2);
        }
        CAPTURE(i, expected.low, expected.high);
        const PriceRange used = range_used({.tims = broad_based_range, .expected = expected, .no_return = no_return});
        CHECK(used.low <= broad_based_range.low);
        CHECK(used.high >= broad_based_range.high);
        CHECK((used.low == broad_based_range.low || used.low == expected.low));
        CHECK((used.high == broad_based_range.high || used.high == expected.high));
        const bool reaches = no_return.down && -*no_return.down < -expected.low;
        CHECK((used.low == expected.low) == (reaches && expected.low < broad_based_range.low));
        // The same seen in a mirror: what holds of falls holds of rises.
        if (expected.high <= 1 && no_return.up.value_or(0) <= 1) {
            const auto negative = [](std::optional<double> x) { return x ? std::optional{-*x} : x; };
            const PriceRange mirrored = range_used({.tims = broad_based_range,
                                                    .expected = {-expected.high, -expected.low},
                                                    .no_return = {negative(no_return.up), negative(no_return.down)}});
            CHECK(mirrored == PriceRange{-used.high, -used.low});
        }
    }
}

TEST_CASE("range used: ranges and points on the wrong side are refused", "[portfolio_margin][property]") {
    const auto refused = [](const ConcentrationRanges& ranges, const char* message) {
        CHECK_THROWS_AS(range_used(ranges), InvalidInput);
        CHECK_THROWS_WITH(range_used(ranges), message);
    };
    const PriceRange wide{-0.30, 0.40};
    refused({.tims = {0.15, -0.15}, .expected = wide}, "tims.low: must be between -1 and 0, got 0.15");
    refused({.tims = equity_range, .expected = {-30, 40}}, "expected.low: must be between -1 and 0, got -30");
    refused({.tims = equity_range, .expected = {-0.3, -0.4}}, "expected.high: must be zero or more, got -0.4");
    refused({.tims = equity_range, .expected = wide, .no_return = {.down = 0.5, .up = {}}},
            "no_return.down: must be between -1 and 0, got 0.5");
    refused({.tims = equity_range, .expected = wide, .no_return = {.down = {}, .up = -0.5}},
            "no_return.up: must be zero or more, got -0.5");
    refused({.tims = equity_range, .expected = wide, .no_return = {.down = {}, .up = infinity}},
            "no_return.up: must be a finite number, got inf");
    refused({.tims = equity_range, .expected = {not_a_number, 0.4}}, "expected.low: must be a finite number, got nan");
}

// Interactive Brokers, knowledge base article 3415.

TEST_CASE("small cap: the price falls by 500 million of market capitalization", "[portfolio_margin][cited]") {
    CHECK(small_cap_decline(2e9) == about(0.25)); // the page's example
    CHECK(small_cap_decline(500e6) == 1.0);       // at 500 million and below to zero
    CHECK(small_cap_decline(499e6) == 1.0);
    CHECK(small_cap_decline(1.0) == 1.0);
    CHECK(small_cap_decline(500'000'001.0) < 1.0);
    // 30 % of 1.5 billion is printed; by its own rule it is a third.
    CHECK(small_cap_decline(1.5e9) == about(1.0 / 3));
    CHECK(small_cap_decline(1e9, {.decline = 100e6}) == about(0.10)); // 100 of 1,000 million
}

TEST_CASE("small cap: no market capitalization is no number", "[portfolio_margin][property]") {
    CHECK_THROWS_WITH(small_cap_decline(0), "market_cap: must be more than zero, got 0");
    CHECK_THROWS_WITH(small_cap_decline(-1), "market_cap: must be more than zero, got -1");
    CHECK_THROWS_WITH(small_cap_decline(not_a_number), "market_cap: must be a finite number, got nan");
    CHECK_THROWS_WITH(small_cap_decline(1e9, {.decline = 0}), "decline: must be more than zero, got 0");
}

// tastytrade, articles 43000682439 and 43000595351.

TEST_CASE("concentration threshold: 150 % of the value or 50,000 beyond it, the lesser", "[portfolio_margin][cited]") {
    CHECK(concentration_threshold(40'000) == about(60'000));   // the page's example: not 90,000
    CHECK(concentration_threshold(100'000) == about(150'000)); // where both are one: 0.5 v = 50,000
    CHECK(concentration_threshold(400'000) == about(450'000)); // and not 600,000
    CHECK(concentration_threshold(0) == 0);
    CHECK(concentration_threshold(40'000, {.multiple = 3.0, .beyond_value = 10'000}) == about(50'000));
    CHECK_THROWS_WITH(concentration_threshold(-1), "account_value: must be zero or more, got -1");
    CHECK_THROWS_WITH(concentration_threshold(1, {.multiple = 0.5}), "multiple: must be between 1 and 10000, got 0.5");
    CHECK_THROWS_WITH(concentration_threshold(1, {.beyond_value = -5}), "beyond_value: must be zero or more, got -5");
}

TEST_CASE("naked option: at least 0.5 % of the deliverable", "[portfolio_margin][cited]") {
    CHECK(naked_option_minimum({.spot = 500, .multiplier = 100}) == about(250)); // the page: 500 x 100 x 0.5 %
    CHECK(naked_option_minimum({.spot = 500, .multiplier = 10}) == about(25));   // a mini is a tenth
    CHECK(naked_option_minimum({.spot = 500, .multiplier = 100}, {.of_deliverable = 0.01}) == about(500));
    CHECK_THROWS_WITH(naked_option_minimum({.spot = 500}), "multiplier: must be more than zero, got 0");
    CHECK_THROWS_WITH(naked_option_minimum({.spot = 0, .multiplier = 100}), "spot: must be more than zero, got 0");
    CHECK_THROWS_WITH(naked_option_minimum({.spot = 500, .multiplier = 100}, {.of_deliverable = -0.1}),
                      "of_deliverable: must be zero or more, got -0.1");
}

// r/PMTraders, August 2023, secondhand: loss less net liquidation value at most 5 million.

TEST_CASE("stressed loss: net liquidation value and five million", "[portfolio_margin][cited]") {
    CHECK(stressed_loss_allowed(1e6) == about(6e6));
    CHECK(stressed_loss_allowed(5e5) == about(5.5e6));
    CHECK(stressed_loss_allowed(-1e6) == about(4e6));
    CHECK(stressed_loss_allowed(-6e6) == about(-1e6)); // beyond the limit without any loss
    CHECK(stressed_loss_allowed(1e6, {.beyond_net_liquidation = 0}) == about(1e6));
    CHECK_THROWS_WITH(stressed_loss_allowed(infinity), "net_liquidation: must be a finite number, got inf");
    CHECK_THROWS_WITH(stressed_loss_allowed(0, {.beyond_net_liquidation = -1}),
                      "beyond_net_liquidation: must be zero or more, got -1");
}
