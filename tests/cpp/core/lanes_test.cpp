// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

#include <margincore/core/lanes.hpp>
#include <margincore/core/polynomial.hpp>
#include <margincore/core/real.hpp>

#include "catch.hpp"
#include "random.hpp"

using namespace margincore;

namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();

/// Lanes of different numbers, and what one number of each kind gives.
template <std::size_t N, class Function, class Expected>
void compare(Function&& function, Expected&& expected, double low, double high, double relative) {
    Random random(N);
    for (int trial = 0; trial < 20'000; ++trial) {
        Lanes<N> a;
        Lanes<N> b;
        for (std::size_t i = 0; i < N; ++i) {
            a.set(i, random.uniform(low, high));
            b.set(i, random.uniform(low, high));
        }
        const Lanes<N> result = function(a, b);
        for (std::size_t i = 0; i < N; ++i) {
            const double right = expected(a[i], b[i]);
            INFO("a " << a[i] << " b " << b[i]);
            REQUIRE(std::abs(result[i] - right) <= relative * std::abs(right));
        }
    }
}

template <std::size_t N>
void compare_all() {
    using L = Lanes<N>;
    compare<N>([](L a, L b) { return a + b * a - a / b; }, [](double a, double b) { return a + b * a - a / b; }, 1, 9,
               0);
    compare<N>([](L a, L b) { return multiply_add(a, b, -a); }, [](double a, double b) { return a * b - a; }, 2, 9,
               4 * epsilon);
    compare<N>([](L a, L b) { return select(a < b, sqrt(a), -b); },
               [](double a, double b) { return a < b ? std::sqrt(a) : -b; }, 0, 9, 0);
    compare<N>([](L a, L b) { return lesser(a, b) - greater(a, b) + abs(a); },
               [](double a, double b) { return std::fmin(a, b) - std::fmax(a, b) + std::abs(a); }, -9, 9, 0);
    compare<N>([](L a, L b) { return select((a < b) & !(a <= L(0.0)), a, 1.0) + select((a > b) | (b >= a), b, 0.0); },
               [](double a, double b) { return (a < b && a > 0 ? a : 1.0) + b; }, -9, 9, 0);
    compare<N>([](L a, L) { return exp(a); }, [](double a, double) { return std::exp(a); }, -690, 690, 2 * epsilon);
    compare<N>([](L a, L) { return exp(a); }, [](double a, double) { return std::exp(a); }, -1, 1, 2 * epsilon);
    compare<N>(
        [](L a, L b) { return log_ratio(a, b); },
        [](double a, double b) { return static_cast<double>(std::log1p((static_cast<long double>(a) - b) / b)); }, 1e-3,
        1e3, 3 * epsilon);
    compare<N>([](L a, L) { return log(a); }, [](double a, double) { return std::log(a); }, 0.9, 1.1, 3 * epsilon);
}

} // namespace

TEST_CASE("lanes: compute what single numbers do", "[core][oracle]") {
    compare_all<native_lanes>(); // exp and log by the C library
}

TEST_CASE("lanes: load and store keep their order", "[core][property]") {
    const std::array<double, 4> numbers = {1, -2, 3, -4};
    std::array<double, 4> back{};
    const Lanes<4> lanes = Lanes<4>::load(numbers.data());
    lanes.store(back.data());
    CHECK(back == numbers);
    CHECK(lanes[1] == -2);
    CHECK((lanes < Lanes<4>(0.0))[3]);
    CHECK_FALSE((lanes < Lanes<4>(0.0))[2]);
    CHECK(any(lanes == Lanes<4>(3.0)));
    CHECK_FALSE(any(lanes > Lanes<4>(3.0)));
}

TEST_CASE("lanes: exp and log at their ends are the limits and keep what is not a number", "[core][property]") {
    using L = NativeLanes;
    const double infinity = std::numeric_limits<double>::infinity();
    CHECK(exp(L(0.0))[0] == 1.0);
    CHECK(exp(L(-1e9))[0] == exp(L(-700.0))[0]);
    CHECK(exp(L(-infinity))[0] < 1e-300);
    CHECK(exp(L(1e9))[0] > 1e300);
    CHECK(std::isnan(exp(L(std::numeric_limits<double>::quiet_NaN()))[0]));
    CHECK(log(L(1.0))[0] == 0.0);
    CHECK(log(L(0.0))[0] < -700); // as the least normal number
    CHECK(log_ratio(L(7.25), L(7.25))[0] == 0.0);
}

TEST_CASE("lanes: the logarithm of a ratio near 1 keeps its digits", "[core][property]") {
    for (const double step : {1e-3, 1e-6, 1e-9, 1e-12}) {
        const double a = 437.25 * (1 + step);
        const double exact = std::log1p((a - 437.25) / 437.25);
        CHECK(std::abs(log_ratio(NativeLanes(a), NativeLanes(437.25))[0] - exact) <= 3 * epsilon * exact);
    }
}

TEST_CASE("polynomial: has each coefficient at its power, of any degree", "[core][property]") {
    for (const double x : {-1.5, 0.0, 0.25, 2.0}) {
        CHECK(polynomial(x, 3.0, -2.0, 0.5) == Approx(3 + x * (-2 + x * 0.5)));
        CHECK(polynomial(x, 3.0, -2.0, 0.5, 4.0) == Approx(3 + x * (-2 + x * (0.5 + x * 4))));
        CHECK(polynomial(x, 3.0, -2.0, 0.5, 4.0, -1.0) == Approx(3 + x * (-2 + x * (0.5 + x * (4 - x)))));
        CHECK(polynomial(NativeLanes(x), 3.0, -2.0, 0.5, 4.0)[0] == Approx(3 + x * (-2 + x * (0.5 + x * 4))));
    }
}
