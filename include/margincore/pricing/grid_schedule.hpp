// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

#include <margincore/core/lane_access.hpp>
#include <margincore/core/real.hpp>
#include <margincore/pricing/grid_segments.hpp>

namespace margincore::detail {

/// A step back in time, and the dividend that is passed then.
template <Real T>
struct GridStep {
    T time;     ///< ACT/365F years, >= 0; a step of 0 changes nothing.
    T dividend; ///< USD per unit, 0 where there is none.
};

/// The parts of a segment that its steps take, which grow away from expiry or from a dividend, near which the values
/// have kinks.
[[nodiscard]] inline std::vector<double> parts_of_segment(std::size_t steps) {
    constexpr double growth = 1.75;
    std::vector<double> parts(steps);
    double from = 0;
    for (std::size_t k = 0; k < steps; ++k) {
        const double to = std::pow(static_cast<double>(k + 1) / static_cast<double>(steps), growth);
        parts[k] = to - from;
        from = to;
    }
    return parts;
}

/// The steps of a pack. Each lane takes those that it would take alone: which others stand beside it changes no bit of
/// its prices. A lane with fewer than others ends with steps of no time.
/// @param steps  In all; each segment of a lane takes an equal part, and no fewer than `least`.
template <Real T>
[[nodiscard]] std::vector<GridStep<T>> steps_of(const GridSegments<T>& schedule, std::size_t steps, std::size_t least) {
    const auto& counts = schedule.counts;
    const auto each_of = [&](std::size_t segments) { return (std::max)(least, (steps + segments / 2) / segments); };
    std::vector<GridStep<T>> result;
    if (std::equal(counts.begin() + 1, counts.end(), counts.begin())) {
        const std::vector<double> parts = parts_of_segment(each_of(counts[0]));
        result.reserve(parts.size() * counts[0]);
        for (const GridSegment<T>& segment : schedule.segments) {
            for (const double part : parts) {
                result.push_back({T(segment.length * part), T(0.0)});
            }
            result.back().dividend = segment.dividend;
        }
        return result;
    }
    std::array<std::vector<double>, lane_count<T>> parts;
    std::size_t most = 0;
    for (std::size_t lane = 0; lane < lane_count<T>; ++lane) {
        parts[lane] = parts_of_segment(each_of(counts[lane]));
        most = (std::max)(most, parts[lane].size() * counts[lane]);
    }
    result.reserve(most);
    for (std::size_t i = 0; i < most; ++i) {
        const auto segment_of = [&](std::size_t lane) { return i / parts[lane].size(); };
        result.push_back({
            by_lane<T>([&](std::size_t lane) {
                const std::size_t segment = segment_of(lane);
                return segment < counts[lane]
                           ? lane_of(schedule.segments[segment].length, lane) * parts[lane][i % parts[lane].size()]
                           : 0.0;
            }),
            by_lane<T>([&](std::size_t lane) {
                const std::size_t segment = segment_of(lane);
                return segment < counts[lane] && (i + 1) % parts[lane].size() == 0
                           ? lane_of(schedule.segments[segment].dividend, lane)
                           : 0.0;
            }),
        });
    }
    return result;
}

} // namespace margincore::detail
