// SPDX-License-Identifier: Apache-2.0
#include <set>
#include <string>
#include <string_view>

#include <margincore/add_on/catalogue.hpp>

#include "catch.hpp"

using namespace margincore;

TEST_CASE("add-on catalogue: names that are known and not built are said to be so", "[add_on][property]") {
    for (const std::string_view id : add_ons_not_built) {
        CAPTURE(id);
        CHECK_THROWS_AS(make_add_on(id, "policy.add_ons[0]"), Unsupported);
        CHECK_THROWS_WITH(make_add_on(id, "policy.add_ons[0]"),
                          "policy.add_ons[0].id: add-on '" + std::string(id) + "' is not built yet");
    }
}

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

TEST_CASE("do-nothing add-on: asks for nothing", "[add_on][property]") {
    CHECK(NullAddOn{}.holding_rate({.net_value = 1e6}, {.gross_value = 1e6}).rate == 0);
    CHECK(NullAddOn{}.why({}).empty());
}
