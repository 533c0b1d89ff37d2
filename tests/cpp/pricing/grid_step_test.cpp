// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include <margincore/core/lane_access.hpp>
#include <margincore/pricing/grid_step.hpp>

#include "about.hpp"
#include "random.hpp"

using namespace margincore;

namespace {

using Numbers = std::vector<double>;

/// What the rows of a step's equations are: implicit and explicit weight.
struct Weights {
    double implicit;
    double explicit_weight;

    explicit Weights(double ratio) : implicit(std::max(0.0, ratio / 2 - 1.0 / 12)), explicit_weight(ratio - implicit) {}
};

Numbers second_differences(const Numbers& x) { // of the inner points
    Numbers result(x.size(), 0.0);
    for (std::size_t j = 1; j + 1 < x.size(); ++j) {
        result[j] = x[j - 1] - 2 * x[j] + x[j + 1];
    }
    return result;
}

template <bool early, class T>
std::vector<T> stepped(std::vector<T> values, const std::vector<T>& factors, double ratio, double level) {
    const auto weights = detail::step_weights(T(ratio));
    detail::eliminate(std::span<T>(values), weights);
    detail::substitute<early>(std::span<T>(values), std::span<const T>(factors), weights,
                              detail::ExerciseLine<T>{T(level), T(1.0)}, T(T(level) - factors[0]));
    return values;
}

} // namespace

TEST_CASE("grid step: values satisfy the equations, or exercise is best", "[pricing][property]") {
    Random random(1977);
    for (const std::size_t points : {9U, 10U, 11U, 12U, 40U}) {
        for (const double ratio : {0.0, 0.1, 1.0, 30.0}) {
            Numbers factors(points);
            Numbers values(points);
            Numbers noisy(points);
            for (std::size_t j = 0; j < points; ++j) {
                factors[j] = std::exp(-1 + 2 * static_cast<double>(j) / static_cast<double>(points - 1));
                values[j] = std::max(0.0, 1 - factors[j]); // exercise is best below one point, as the sweeps want it
                noisy[j] = values[j] + random.uniform(0, 0.01);
            }
            const Weights weights(ratio);
            const Numbers old_second = second_differences(values);
            const Numbers noisy_second = second_differences(noisy);
            const Numbers held = stepped<false>(noisy, factors, ratio, 1.02);
            const Numbers early = stepped<true>(values, factors, ratio, 1.02);
            const Numbers held_second = second_differences(held);
            const Numbers early_second = second_differences(early);
            CAPTURE(points, ratio);
            for (std::size_t j = 1; j + 1 < points; ++j) {
                const double right = values[j] + weights.explicit_weight * old_second[j];
                CHECK(held[j] - weights.implicit * held_second[j] ==
                      about(noisy[j] + weights.explicit_weight * noisy_second[j]));
                const double above = early[j] - (1.02 - factors[j]);
                const double slack = early[j] - weights.implicit * early_second[j] - right;
                CHECK(above >= 0);
                CHECK(slack >= -1e-12);
                CHECK(std::min(above, slack) <= 1e-12);
            }
        }
    }
}

TEST_CASE("grid step: of lanes as of one number", "[pricing][property]") {
    using T = NativeLanes;
    constexpr std::size_t points = 31;
    std::vector<T> factors(points);
    std::vector<T> values(points);
    for (std::size_t j = 0; j < points; ++j) {
        factors[j] = by_lane<T>([&](std::size_t lane) {
            return std::exp(-1 + static_cast<double>(j) * (0.05 + 0.01 * static_cast<double>(lane)));
        });
        values[j] = by_lane<T>([&](std::size_t lane) { return std::max(0.0, 1 - factors[j][lane]); });
    }
    const std::vector<T> together = stepped<true>(values, factors, 2.0, 1.01);
    for (std::size_t lane = 0; lane < native_lanes; ++lane) {
        Numbers alone_factors(points);
        Numbers alone(points);
        for (std::size_t j = 0; j < points; ++j) {
            alone_factors[j] = factors[j][lane];
            alone[j] = values[j][lane];
        }
        alone = stepped<true>(alone, alone_factors, 2.0, 1.01);
        for (std::size_t j = 0; j < points; ++j) {
            CHECK(together[j][lane] == about(alone[j], 1e-13));
        }
    }
}
