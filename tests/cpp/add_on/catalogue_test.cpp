// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <margincore/add_on/catalogue.hpp>

#include "catch.hpp"

using namespace margincore;

TEST_CASE("add-on catalogue: any other name is refused", "[add_on][property]") {
    for (const char* id : {"", "Concentration", "house_rates", "beta"}) {
        CAPTURE(id);
        CHECK_THROWS_AS(make_add_on(id, "here"), InvalidInput);
        CHECK_THROWS_WITH(make_add_on(id, "here"),
                          "here.id: must be the name of an add-on, got '" + std::string(id) + "'");
    }
}

TEST_CASE("add-on catalogue: the workshop's values are the defaults", "[add_on][cited]") {
    // Workshop on real-time margin risk, exercises 1 and 2, and the lecture on beta.
    CHECK(Concentration{}.bands == Bands({{0.30, 0.10}}, "bands"));
    CHECK(VolatilityBand{}.bands == Bands({{0.40, 0.05}, {0.60, 0.10}}, "bands"));
    CHECK(BetaLeverage{}.bands == Bands({{2.0, 0.05}}, "bands"));
}

TEST_CASE("add-on catalogue: Fidelity's values are the defaults where the workshop has none", "[add_on][cited]") {
    // Fidelity, margin requirements, rules-based requirements: days to liquidate up to 1, 2, 3, 5 and beyond 0, 10, 20,
    // 30, 50 %; of the shares outstanding up to 1, 3, 5 % and beyond 0, 10, 25, 100 %; of one industry up to 30, 70 %
    // and beyond 0, 5, 10 %, only if no single position is above 40 %.
    CHECK(Liquidity{}.bands == Bands({{1, 0.10}, {2, 0.20}, {3, 0.30}, {5, 0.50}}, "bands"));
    CHECK(Ownership{}.bands == Bands({{0.01, 0.10}, {0.03, 0.25}, {0.05, 1.00}}, "bands"));
    CHECK(Industry{}.bands == Bands({{0.30, 0.05}, {0.70, 0.10}}, "bands"));
    CHECK(Industry{}.largest_position == 0.40);
    // Fidelity, frequently asked questions on margin: shares are collateral where they trade over $3.
    CHECK(LowPrice{}.bands == FallingBands({{0, 1.00}, {3, 0}}, "bands"));
}

TEST_CASE("do-nothing add-on: asks for nothing", "[add_on][property]") {
    CHECK(NullAddOn{}.holding_rate({.net_value = 1e6}, {.gross_value = 1e6}).rate == 0);
    CHECK(NullAddOn{}.why({}).empty());
}
