// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <vector>

#include <margincore/pricing/certain_path.hpp>

#include "about.hpp"

using namespace margincore;

namespace {

OptionTerms<double> terms(double sign, double rate, double dividend_yield) {
    return {sign, 100, 1, rate, dividend_yield, 0};
}

} // namespace

TEST_CASE("certain path: European prices are those of the forward", "[pricing][property]") {
    const CertainPath put(terms(-1, 0.05, 0.02), {{0.25, 2}, {0.5, 3}}, ExerciseStyle::european);
    const double forward = ((80 * std::exp(0.03 * 0.25) - 2) * std::exp(0.03 * 0.25) - 3) * std::exp(0.03 * 0.5);
    CHECK(put.price(80) == about(std::exp(-0.05) * (100 - forward)));
    CHECK(put.price(120) == 0);
}

TEST_CASE("certain path: American options are exercised when it is best", "[pricing][property]") {
    const std::vector<Dividend> one{{0.5, 4}};
    const CertainPath call(terms(1, 0.05, 0), one, ExerciseStyle::american);
    CHECK(call.price(130) == about(130 - 100 * std::exp(-0.05 * 0.5))); // just before the dividend
    const CertainPath put(terms(-1, 0.05, 0), one, ExerciseStyle::american);
    CHECK(put.price(70) == about(100 * std::exp(-0.05 * 0.5) - 70 + 4 * std::exp(-0.05 * 0.5))); // just after it
    const CertainPath alone(terms(-1, 0.05, 0), {}, ExerciseStyle::american);
    CHECK(alone.price(70) == about(30)); // now
    // Where the yield is dearer than the interest a put waits until the spot has fallen to interest / yield.
    const CertainPath waits(terms(-1, 0.02, 0.04), {}, ExerciseStyle::american);
    const double time = std::log(0.02 * 100 / (0.04 * 50.5)) / (0.02 - 0.04);
    REQUIRE((time > 0 && time < 1));
    CHECK(waits.price(50.5) == about(100 * std::exp(-0.02 * time) - 50.5 * std::exp(-0.04 * time)));
}

TEST_CASE("certain path: a dividend takes no more than the spot", "[pricing][property]") {
    const CertainPath put(terms(-1, 0, 0), {{0.25, 2}, {0.5, 5}}, ExerciseStyle::european);
    CHECK(put.price(4) == about(100));
    CHECK(put.price(8) == about(99));
    CHECK(put.exceeds_spot(4));
    CHECK(put.exceeds_spot(7));
    CHECK_FALSE(put.exceeds_spot(7.5));
}
