// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include <margincore/optimization/simplex_rebuild.hpp>
#include <margincore/optimization/simplex_tableau.hpp>

#include "about.hpp"
#include "catch.hpp"

using namespace margincore;

TEST_CASE("simplex rebuild: a tableau made anew stands where the old one stood", "[optimization][property]") {
    std::mt19937_64 random(20261126);
    const auto between = [&](int low, int high) { return std::uniform_int_distribution(low, high)(random); };
    std::size_t compared = 0;
    for (int k = 0; k < 500; ++k) {
        const auto n = static_cast<std::size_t>(between(2, 8));
        const auto m = static_cast<std::size_t>(between(1, 6));
        const std::vector<double> lower(n, 0.0);
        std::vector<double> upper(n), costs(n), limits(m);
        for (std::size_t j = 0; j < n; ++j) {
            upper[j] = between(1, 9);
            costs[j] = between(-9, 9);
        }
        std::vector<std::vector<double>> rows(m, std::vector<double>(n));
        for (std::size_t i = 0; i < m; ++i) {
            limits[i] = between(0, 9);
            for (double& coefficient : rows[i]) {
                coefficient = between(-3, 3);
            }
        }
        const std::vector<double> slacks(m, SimplexTableau::no_bound);
        SimplexTableau tableau;
        const auto reset = [&] { tableau.reset(lower, upper, costs, slacks); };
        const auto add = [&](std::size_t i) {
            tableau.add_row(static_cast<std::uint32_t>(n + i), rows[i], 0, limits[i]);
        };
        reset();
        for (std::size_t i = 0; i < m; ++i) {
            add(i);
        }
        for (int pivots = between(1, 5); pivots > 0; --pivots) { // any, as long as the costs want each where it stands
            const auto row = static_cast<std::size_t>(between(0, static_cast<int>(m) - 1));
            const auto column = static_cast<std::size_t>(between(0, static_cast<int>(n) - 1));
            if (tableau.row_variable(row) >= n && tableau.column_variable(column) < n &&
                std::abs(tableau.at(row, column)) > 0.1) {
                tableau.pivot(row, column, true);
            }
        }
        std::vector<double> none(n, 0.0);
        if (!tableau.settle(none)) {
            continue;
        }
        std::vector<double> before(n);
        for (std::size_t j = 0; j < n; ++j) {
            before[j] = tableau.x(j);
        }
        const double value = tableau.value();
        SimplexRebuild rebuild;
        rebuild.read(tableau);
        reset();
        for (const std::size_t i : rebuild.binding()) {
            add(i);
        }
        REQUIRE(rebuild.bring_back(tableau));
        CHECK(tableau.value() == about(value, 1e-9)); // some hundred operations
        for (std::size_t j = 0; j < n; ++j) {
            CHECK(tableau.x(j) == about(before[j], 1e-9));
        }
        CHECK(tableau.row_count() == rebuild.binding().size()); // rows that do not bind are left out
        ++compared;
    }
    CHECK(compared > 100);
}
