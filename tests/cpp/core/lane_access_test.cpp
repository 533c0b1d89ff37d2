// SPDX-License-Identifier: Apache-2.0
#include <cstddef>

#include <margincore/core/lane_access.hpp>
#include <margincore/core/scalar_functions.hpp>

#include "catch.hpp"

using namespace margincore;

TEST_CASE("lane access: one number, or one a lane", "[core][property]") {
    STATIC_REQUIRE(lane_count<double> == 1);
    STATIC_REQUIRE(lane_count<Lanes<4>> == 4);
    const auto square = [](std::size_t lane) { return static_cast<double>((lane + 1) * (lane + 1)); };
    CHECK(by_lane<double>(square) == 1);
    const auto squares = by_lane<Lanes<4>>(square);
    CHECK(lane_of(squares, 0) == 1);
    CHECK(lane_of(squares, 3) == 16);
    CHECK(lane_of(2.5, 0) == 2.5);
    CHECK(any(squares > Lanes<4>(15.0)));
    CHECK_FALSE(any(squares > Lanes<4>(16.0)));
    CHECK(any(true));
}
