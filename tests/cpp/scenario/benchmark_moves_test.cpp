// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include <margincore/scenario/benchmark_moves.hpp>

#include "about.hpp"
#include "random.hpp"

using namespace margincore;

TEST_CASE("beta move: beta times the move, and never below worthless", "[scenario][property]") {
    CHECK(beta_move(1.8, -0.05) == about(-0.09));
    CHECK(beta_move(-1.0, -0.08) == about(0.08));
    CHECK(beta_move(0.0, -0.08) == 0.0);
    CHECK(beta_move(3.0, -0.5) == -1.0);
    CHECK(beta_move(-2.0, 0.9) == -1.0);
    CHECK(beta_move(2.0, 3.0) == 6.0);
}

TEST_CASE("stress grid: the eight moves of the workshop", "[scenario][cited]") {
    // Workshop on real-time margin risk, "SPY stress scenarios": -8, -6, -4, -2, 0, +2, +4, +6 %.
    const std::vector<double> percent{-8, -6, -4, -2, 0, 2, 4, 6};
    REQUIRE(workshop_moves.size() == percent.size());
    for (std::size_t i = 0; i < percent.size(); ++i) {
        CHECK(workshop_moves[i] * 100 == about(percent[i]));
    }
}

namespace {

struct Row {
    const char* fact;
    std::vector<BetaExposure> holdings;
    double amount;
    std::optional<double> down;
    std::optional<double> up;
};

} // namespace

TEST_CASE("reverse stress: by hand", "[scenario][property]") {
    const std::vector<Row> rows{
        {"long 1000 of beta 2 loses 500 at -25 %", {{1000, 2}}, 500, -0.25, {}},
        {"short 1000 of beta 1 loses 500 at +50 %", {{-1000, 1}}, 500, {}, 0.5},
        {"a deficit of 500 is made good at +25 %", {{1000, 2}}, -500, {}, 0.25},
        {"all that a long can lose, at the move that makes it worthless", {{1000, 2}}, 1000, -0.5, {}},
        {"more than a long can lose", {{1000, 2}}, 1001, {}, {}},
        {"short at most until +300 %", {{-1000, 1}}, 3000, {}, 3.0},
        {"and not beyond", {{-1000, 1}}, 3000.01, {}, {}},
        {"inverse fund: long 1000 of beta -2 is worthless at +50 %", {{1000, -2}}, 1000, {}, 0.5},
        // The first is worthless at -25 %, where 1500 - 1250 is left; then 1000 a unit of move.
        {"past a kink", {{1000, 4}, {1000, 1}}, 1500, -0.5, {}},
        {"nothing held", {}, 500, {}, {}},
        {"no beta", {{1000, 0}}, 500, {}, {}},
        {"hedged: nothing is ever lost", {{1000, 1}, {-1000, 1}}, 500, {}, {}},
        {"already at zero: the start does not count", {{1000, 1}}, 0, {}, {}},
    };
    for (const Row& row : rows) {
        INFO(row.fact);
        const ReverseStress reverse = reverse_stress(row.holdings, row.amount);
        REQUIRE(reverse.down.has_value() == row.down.has_value());
        REQUIRE(reverse.up.has_value() == row.up.has_value());
        if (row.down) {
            CHECK(*reverse.down == about(*row.down));
        }
        if (row.up) {
            CHECK(*reverse.up == about(*row.up));
        }
    }
}

TEST_CASE("reverse stress: agrees with a scan on random holdings", "[scenario][oracle]") {
    constexpr int steps = 4000;
    int found = 0;
    for (std::uint64_t seed = 0; seed < 400; ++seed) {
        Random random(seed);
        std::vector<BetaExposure> holdings;
        double gross = 1;
        for (std::size_t n = 1 + random.below(6); n > 0; --n) {
            holdings.push_back({random.uniform(-1000, 1000), random.uniform(-4, 6)});
            gross += std::abs(holdings.back().value);
        }
        const double amount = random.uniform(-0.5, 1) * gross;
        const auto left = [&](double move) {
            double sum = amount;
            for (const BetaExposure& holding : holdings) {
                const double moved = holding.beta * move;
                sum += holding.value * (moved < -1 ? -1 : moved);
            }
            return sum;
        };
        const ReverseStress reverse = reverse_stress(holdings, amount);
        for (const auto& [root, end] : {std::pair{reverse.down, -1.0}, std::pair{reverse.up, 3.0}}) {
            CAPTURE(seed, amount, end);
            const double nearest = root.value_or(end);
            CHECK(std::abs(nearest) <= std::abs(end));
            CHECK((nearest < 0) == (end < 0));
            if (root) {
                ++found;
                CHECK(std::abs(left(*root)) < 1e-9 * gross);
            }
            for (int i = 0; i < steps; ++i) { // the sign does not change before the root
                if ((left(nearest * i / steps) < 0) != (amount < 0)) {
                    FAIL_CHECK("a root before " << nearest << ", at " << nearest * i / steps);
                    break;
                }
            }
        }
    }
    CHECK(found > 200);
}

TEST_CASE("reverse stress: a paid stock of any beta is gone at -1 / beta, not later", "[scenario][property]") {
    // Identity: 100 % of the value is lost when beta x move is -100 %; rounding of 1 / beta must not hide it.
    for (int hundredths = 101; hundredths < 400; ++hundredths) {
        const double beta = hundredths / 100.0;
        INFO("beta " << beta);
        const std::vector<BetaExposure> high{{5000, beta}};
        CHECK(reverse_stress(high, 5000).down.value() == about(-1 / beta));
        CHECK_FALSE(reverse_stress(high, 5000).up);
        const std::vector<BetaExposure> inverse{{5000, -beta}};
        CHECK(reverse_stress(inverse, 5000).up.value() == about(1 / beta));
        CHECK_FALSE(reverse_stress(inverse, 5000).down);
    }
}

TEST_CASE("reverse stress: a paid book of several stocks is gone when the last of them is", "[scenario][property]") {
    Random random(20261120);
    for (int trial = 0; trial < 500; ++trial) {
        std::vector<BetaExposure> holdings;
        double value = 0;
        double least = 4;
        for (int i = 0; i < 2 + trial % 6; ++i) {
            holdings.push_back({.value = random.uniform(1, 1e6), .beta = random.uniform(1.01, 4)});
            value += holdings.back().value;
            least = std::min(least, holdings.back().beta);
        }
        CHECK(reverse_stress(holdings, value).down.value() == about(-1 / least));
    }
}
