// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include <margincore/core/piecewise_linear.hpp>

#include "about.hpp"
#include "random.hpp"

using margincore::nearest_root;

namespace {

/// The line through points (x, y), continued beyond both ends.
struct Polyline {
    std::vector<double> x;
    std::vector<double> y;

    double operator()(double at) const {
        std::size_t piece = 1;
        while (piece + 1 < x.size() && at > x[piece]) {
            ++piece;
        }
        return y[piece - 1] + (y[piece] - y[piece - 1]) * (at - x[piece - 1]) / (x[piece] - x[piece - 1]);
    }
};

struct Row {
    const char* fact;
    std::vector<double> y; ///< At 0 (the start), 1, 2 and 3.
    std::optional<double> root;
    bool beyond = false;
};

} // namespace

TEST_CASE("nearest root: by hand, over knots at 1, 2 and 3", "[core][property]") {
    const std::vector<Row> rows{
        {"on the first piece", {1, -1, -1, -1}, 0.5},
        {"on a later piece, past a kink", {3, 1, -1, -1}, 1.5},
        {"the nearer of two", {1, -1, 1, -1}, 0.5},
        {"rising through zero", {-2, -1, 1, 4}, 1.5},
        {"at a knot", {2, 0, -1, -1}, 1.0},
        {"touches at a knot without crossing", {2, 0, 2, 2}, 1.0},
        {"at the end, which counts", {3, 2, 1, 0}, 3.0},
        {"beyond the end, which does not", {4, 3, 2, 1}, std::nullopt},
        {"beyond the end, where the last piece goes on", {4, 3, 2, 1}, 4.0, true},
        {"never, moving away beyond the end", {1, 2, 3, 4}, std::nullopt, true},
        {"never, flat", {1, 1, 1, 1}, std::nullopt, true},
        {"the start does not count", {0, 1, 2, 3}, std::nullopt},
        {"nor on the way down", {0, -1, -2, -3}, std::nullopt},
        {"nor with an end that goes on", {0, -1, -2, -3}, std::nullopt, true},
        {"the start does not count, a return does", {0, 1, 0, -1}, 2.0},
        {"the start does not count, a crossing does", {0, 1, -1, -1}, 1.5},
        {"zero on the piece at the start: none is nearest", {0, 0, 1, 1}, std::nullopt},
        {"zero on a piece farther on: where it begins", {1, 0, 0, 1}, 1.0},
    };
    const std::vector<double> knots{1, 2, 3};
    for (const Row& row : rows) {
        INFO(row.fact);
        const Polyline line{{0, 1, 2, 3}, row.y};
        const auto root = nearest_root(line, 0.0, knots, row.beyond);
        REQUIRE(root.has_value() == row.root.has_value());
        if (root) {
            CHECK(*root == about(*row.root));
        }
    }
    CHECK_FALSE(nearest_root([](double x) { return x - 1; }, 0.0, {}));
}

TEST_CASE("nearest root: searches downwards as upwards", "[core][property]") {
    const std::vector<double> knots{-1, -2};
    CHECK(*nearest_root([](double x) { return x + 1.25; }, 0.0, knots) == about(-1.25));
}

TEST_CASE("nearest root: no sign change before it on random polylines", "[core][property]") {
    for (std::uint64_t seed = 0; seed < 500; ++seed) {
        CAPTURE(seed);
        Random random(seed);
        Polyline line{{0}, {random.uniform(-1, 1)}};
        for (std::size_t i = 0, n = 1 + random.below(6); i < n; ++i) {
            line.x.push_back(line.x.back() + random.uniform(0.1, 1));
            line.y.push_back(random.uniform(-1, 1));
        }
        const std::vector<double> knots(line.x.begin() + 1, line.x.end());
        const auto root = nearest_root(line, 0.0, knots);
        const double end = root.value_or(knots.back());
        if (root) {
            CHECK(std::abs(line(*root)) < 1e-12);
        }
        for (int i = 0; i < 200; ++i) {
            const double x = end * i / 200;
            CHECK((line(x) < 0) == (line.y.front() < 0));
        }
    }
}
