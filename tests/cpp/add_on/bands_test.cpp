// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <margincore/add_on/bands.hpp>

#include "catch.hpp"

using namespace margincore;

TEST_CASE("bands: the highest one that is exceeded applies, its threshold not included", "[add_on][property]") {
    const Bands bands({{.above = 0.40, .rate = 0.05}, {.above = 0.60, .rate = 0.10}}, "bands");
    CHECK(bands.find(0.0) == nullptr);
    CHECK(bands.find(0.40) == nullptr);
    CHECK(bands.find(std::nextafter(0.40, 1.0)) == nullptr); // the rounding of a sum
    REQUIRE(bands.find(0.40 * (1 + 1e-9)) != nullptr);
    CHECK(bands.find(0.40 * (1 + 1e-9))->rate == 0.05);
    CHECK(bands.find(0.60)->rate == 0.05);
    CHECK(bands.find(0.60 * (1 + 1e-9))->rate == 0.10);
    CHECK(bands.find(std::numeric_limits<double>::infinity())->rate == 0.10);
    CHECK(bands.find(std::numeric_limits<double>::quiet_NaN()) == nullptr);
}

TEST_CASE("bands: their order is no matter", "[add_on][property]") {
    const Bands ascending({{0.2, 0.01}, {0.4, 0.02}, {0.6, 0.03}}, "bands");
    const Bands shuffled({{0.6, 0.03}, {0.2, 0.01}, {0.4, 0.02}}, "bands");
    CHECK(ascending == shuffled);
    CHECK(shuffled.highest_threshold() == 0.6);
}

namespace {

struct Row {
    std::vector<Band> bands;
    std::string message;
};

} // namespace

TEST_CASE("bands: bad ones are refused by name", "[add_on][property]") {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    const std::vector<Row> rows{
        {{}, "policy.bands: must have at least one band, got none"},
        {{{-0.1, 0.1}}, "policy.bands[0].above: must be zero or more, got -0.1"},
        {{{0.1, 0.1}, {0.2, -1}}, "policy.bands[1].rate: must be zero or more, got -1"},
        {{{0.1, infinity}}, "policy.bands[0].rate: must be a finite number, got inf"},
        {{{infinity, 0.1}}, "policy.bands[0].above: must be a finite number, got inf"},
        {{{0.1, 1e5}}, "policy.bands[0].rate: must be at most 10000, got 100000"},
        {{{0.3, 0.1}, {0.3, 0.1}}, "policy.bands: must have one band for each threshold, got 0.3 twice"},
        {{{0.3, 0.2}, {0.5, 0.1}}, "policy.bands: must not have a lower rate in a higher band, got 0.1 above 0.5"},
    };
    const Where policy("policy");
    for (const Row& row : rows) {
        INFO(row.message);
        CHECK_THROWS_AS(Bands(row.bands, policy["bands"]), InvalidInput);
        CHECK_THROWS_WITH(Bands(row.bands, policy["bands"]), row.message);
    }
    CHECK_NOTHROW(Bands({{0, 0}, {0.5, 0}}, "bands"));
}

TEST_CASE("bands: the next threshold is the one that ends the band", "[add_on][property]") {
    const Bands bands({{0.40, 0.05}, {0.60, 0.10}}, "bands");
    CHECK(bands.next_threshold(0.1) == 0.40);
    CHECK(bands.next_threshold(0.40) == 0.40);
    CHECK(bands.next_threshold(0.5) == 0.60);
    CHECK(bands.next_threshold(0.60) == 0.60);
    CHECK(bands.next_threshold(0.7) == std::numeric_limits<double>::infinity());
}

TEST_CASE("bands: where a larger measure is less risk, rates run down from zero", "[add_on][property]") {
    const FallingBands bands({{.above = 3, .rate = 0.5}, {.above = 0, .rate = 1}, {.above = 5, .rate = 0}}, "bands");
    CHECK(bands.find(0.01)->rate == 1);
    CHECK(bands.find(3.0)->rate == 1);
    CHECK(bands.find(3.01)->rate == 0.5);
    CHECK(bands.find(5.01)->rate == 0);
    CHECK_NOTHROW(FallingBands({{0, 0.5}, {1, 0.5}}, "bands"));

    const std::vector<Row> rows{
        {{{0, 0.1}, {3, 1}}, "bands: must not have a higher rate in a higher band, got 1 above 3"},
        {{{3, 1}}, "bands: must have a band above 0 where rates run down, got the lowest above 3"},
    };
    for (const Row& row : rows) {
        INFO(row.message);
        CHECK_THROWS_AS(FallingBands(row.bands, "bands"), InvalidInput);
        CHECK_THROWS_WITH(FallingBands(row.bands, "bands"), row.message);
    }
}
