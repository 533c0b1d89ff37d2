// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include <margincore/core/lane_access.hpp>
#include <margincore/core/real.hpp>
#include <margincore/pricing/dividends.hpp>

namespace margincore::detail {

/// A time without dividends, and the dividend at its beginning, which a grid that goes back in time comes to last.
template <Real T>
struct GridSegment {
    T length;   ///< ACT/365F years, >= 0.
    T dividend; ///< USD per unit; 0 where the segment begins now, or where it only makes up the number.
};

/// The segments of every lane, as many in each: the one before expiry first.
template <Real T>
struct GridSegments {
    T start;          ///< Time to expiry where the grid begins, with values that are a formula.
    T start_dividend; ///< USD per unit, of the dividends in that time, all taken to be paid at its beginning.
    std::vector<GridSegment<T>> segments{};
};

/// The segments of one lane.
/// @param window  Before expiry, years: a formula is better than the grid there.
[[nodiscard]] inline GridSegments<double> segments_of(std::span<const Dividend> dividends, double expiry,
                                                      double window) {
    GridSegments<double> result{.start = window, .start_dividend = 0};
    result.segments.reserve(dividends.size() + 1);
    double at = window; // time to expiry of the last thing met
    for (auto dividend = dividends.rbegin(); dividend != dividends.rend(); ++dividend) {
        if (!is_paid_within(*dividend, expiry)) {
            continue;
        }
        const double before_expiry = expiry - dividend->time;
        if (before_expiry <= window) {
            result.start = before_expiry;
            result.start_dividend += dividend->amount;
        } else {
            result.segments.push_back({before_expiry - at, dividend->amount});
        }
        at = before_expiry;
    }
    result.segments.push_back({expiry - at, 0.0});
    return result;
}

/// Halves the longest segment, with no dividend between the halves, until there are `count`.
inline void split_to(std::size_t count, std::vector<GridSegment<double>>& segments) {
    while (segments.size() < count) {
        const auto longest = std::max_element(segments.begin(), segments.end(),
                                              [](const auto& a, const auto& b) { return a.length < b.length; });
        longest->length *= 0.5;
        segments.insert(longest, GridSegment<double>{longest->length, 0.0});
    }
}

/// The segments of a pack: lanes with fewer dividends get more segments than they need.
template <Real T>
[[nodiscard]] GridSegments<T> align_segments(std::array<GridSegments<double>, lane_count<T>> lanes) {
    std::size_t most = 0;
    for (const auto& lane : lanes) {
        most = (std::max)(most, lane.segments.size());
    }
    for (auto& lane : lanes) {
        split_to(most, lane.segments);
    }
    GridSegments<T> result{
        .start = by_lane<T>([&](std::size_t lane) { return lanes[lane].start; }),
        .start_dividend = by_lane<T>([&](std::size_t lane) { return lanes[lane].start_dividend; }),
    };
    result.segments.reserve(most);
    for (std::size_t i = 0; i < most; ++i) {
        result.segments.push_back({
            by_lane<T>([&](std::size_t lane) { return lanes[lane].segments[i].length; }),
            by_lane<T>([&](std::size_t lane) { return lanes[lane].segments[i].dividend; }),
        });
    }
    return result;
}

} // namespace margincore::detail
