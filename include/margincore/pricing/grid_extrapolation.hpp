// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include <margincore/core/lane_access.hpp>
#include <margincore/core/real.hpp>
#include <margincore/pricing/grid_accuracy.hpp>
#include <margincore/pricing/grid_frame.hpp>
#include <margincore/pricing/grid_put_form.hpp>
#include <margincore/pricing/grid_schedule.hpp>
#include <margincore/pricing/grid_segments.hpp>
#include <margincore/pricing/grid_solver.hpp>

namespace margincore::detail {

/// What two grids say of now.
template <Real T>
struct GridAnswer {
    T unit;                    ///< Ratio in the point whose factor is 1.
    T first;                   ///< Logarithm of the first factor.
    T spacing;                 ///< Of the logarithms.
    std::vector<T> premiums{}; ///< Values in put form less what exercise gives; exactly 0 where it is best.
};

/// The answer of two grids, one twice as fine as the other in both directions: their errors are of second order, so
/// the third of their difference is what is wrong with the finer.
/// @source Richardson and Gaunt, The Deferred Approach to the Limit (1927).
template <Real T>
[[nodiscard]] std::vector<T> extrapolate(std::span<const T> fine, std::span<const T> coarse) {
    constexpr double outer = -1.0 / 16.0; // the cubic through four points, half-way between the inner two
    constexpr double inner = 9.0 / 16.0;
    const std::size_t last = coarse.size() - 1;
    const auto correction = [&](std::size_t j) { return T(T(fine[2 * j] - coarse[j]) / 3.0); };
    std::vector<T> result(fine.size());
    std::array<T, 4> around{correction(0), correction(0), correction(1), correction(2)};
    for (std::size_t j = 0; j < last; ++j) {
        result[2 * j] = T(fine[2 * j] + around[1]);
        result[2 * j + 1] = T(fine[2 * j + 1] + inner * T(around[1] + around[2]) + outer * T(around[0] + around[3]));
        around = {around[1], around[2], around[3], correction((std::min)(j + 3, last))};
    }
    result[2 * last] = T(fine[2 * last] + around[1]);
    return result;
}

/// One grid's values back to now.
/// @param steps, least  As of `steps_of`.
template <bool early, Real T>
[[nodiscard]] GridSolver<early, T> solved(const PutForm<T>& form, const GridSegments<T>& schedule,
                                          const GridEnds<T>& ends, std::size_t intervals, std::size_t steps,
                                          std::size_t least) {
    GridSolver<early, T> solver(form, schedule, points_between(ends, intervals));
    for (const GridStep<T>& step : steps_of(schedule, steps, least)) {
        solver.pass(step);
    }
    return solver;
}

/// Of the grid's points, how far apart they are in standard deviations of the logarithm of the spot at expiry.
[[nodiscard]] inline double relative_spacing(const GridAccuracy& accuracy) {
    return 2 * grid_reach / static_cast<double>(accuracy.points);
}

/// @param deepest  The lowest ratio now at which a price will be asked for.
template <bool early, Real T>
[[nodiscard]] GridAnswer<T> answer_of(const PutForm<T>& form, const GridSegments<T>& schedule,
                                      const GridAccuracy& accuracy, const T& deepest) {
    constexpr std::size_t least_steps = 4; // of a segment
    const std::size_t half = accuracy.points / 2;
    const GridEnds<T> ends = ends_of<early>(form, schedule, deepest);
    const auto fine = solved<early>(form, schedule, ends, accuracy.points, accuracy.steps, least_steps);
    const auto coarse = solved<early>(form, schedule, ends, half, accuracy.steps / 2, least_steps / 2);
    const std::vector<T> fine_values = fine.above_exercise();
    const std::vector<T> coarse_values = coarse.above_exercise();
    return {fine.frame().unit, fine.points().first, fine.points().spacing,
            extrapolate(std::span<const T>(fine_values), std::span<const T>(coarse_values))};
}

} // namespace margincore::detail
