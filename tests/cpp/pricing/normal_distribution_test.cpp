// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <numbers>

#include <margincore/core/lanes.hpp>
#include <margincore/pricing/normal_distribution.hpp>

#include "catch.hpp"

using namespace margincore;

namespace {

/// By the C library's complementary error function in long double.
long double exact_cdf(double x) {
    return 0.5L * std::erfc(-static_cast<long double>(x) / std::numbers::sqrt2_v<long double>);
}

} // namespace

TEST_CASE("normal distribution: within 1e-15, and its lower tail to many digits of itself", "[pricing][oracle]") {
    for (double x = -37.0; x <= 37.0; x += 0.0137) {
        const long double exact = exact_cdf(x);
        for (const double value : {normal_cdf(x), normal_cdf(NativeLanes(x))[0]}) {
            INFO("x " << x);
            REQUIRE(std::abs(value - exact) < 1e-15L);
            REQUIRE((x > 0 || std::abs(value - exact) < 1e-13L * exact));
        }
    }
}

TEST_CASE("normal distribution: published values", "[pricing][cited]") {
    struct Row {
        double x;
        double cdf;
    };
    // Abramowitz and Stegun, Handbook of Mathematical Functions (1964), table 26.1, P(x) to 15 decimals.
    for (const Row& row : {Row{0.0, 0.5}, Row{0.5, 0.691462461274013}, Row{1.0, 0.841344746068543},
                           Row{2.0, 0.977249868051821}, Row{3.0, 0.998650101968370}}) {
        CHECK(std::abs(normal_cdf(row.x) - row.cdf) < 6e-16);
    }
}

TEST_CASE("normal distribution: beyond every double it is 0 and 1", "[pricing][property]") {
    for (const double far : {38.0, 1e3, 1e15}) {
        CHECK(normal_cdf(-far) < 1e-300);
        CHECK(normal_cdf(-far) >= 0);
        CHECK(normal_cdf(far) == 1.0);
        CHECK(normal_cdf(NativeLanes(-far))[0] < 1e-300);
        CHECK(normal_cdf(NativeLanes(far))[0] == 1.0);
    }
    CHECK(std::isnan(normal_cdf(NativeLanes(std::nan("")))[0]));
}

TEST_CASE("Mills ratio: keeps its digits in the tail, and what prices need of it elsewhere", "[pricing][oracle]") {
    for (double x = 0.0; x <= 37.0; x += 0.0173) {
        const long double density = std::exp(-0.5L * x * x) / std::sqrt(2.0L * std::numbers::pi_v<long double>);
        const long double exact = exact_cdf(-x) / density;
        INFO("x " << x);
        REQUIRE(std::abs(mills_ratio(x) - exact) < 2e-15L * exact);
        const auto [one, other] = mills_ratios_for_prices(x, 37.0 - x);
        REQUIRE(std::abs(one - exact) * density < 2e-15L);
        REQUIRE(std::abs(one - exact) < 1.3e-7L * exact);
        REQUIRE(other == Approx(mills_ratio(37.0 - x)).epsilon(1.3e-7));
    }
    CHECK(mills_ratio(1e6) == Approx(1e-6).epsilon(1e-11)); // its asymptotic
}
