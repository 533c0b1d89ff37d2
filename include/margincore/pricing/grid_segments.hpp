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
#include <margincore/pricing/dividends.hpp>
#include <margincore/pricing/option_terms.hpp>

namespace margincore::detail {

/// A time without dividends, and the dividend at its beginning, which a grid that goes back in time comes to last.
template <Real T>
struct GridSegment {
    T length;   ///< ACT/365F years, >= 0.
    T dividend; ///< USD per unit; 0 where the segment begins now.
};

/// The last days, for which a formula is better than a grid: no grid's points are as close together as its values'
/// features there.
template <Real T>
struct LastDays {
    T time;        ///< ACT/365F years, > 0.
    T until_first; ///< The part of them that is before their first dividend; 0 where there is none.
    T until_last;  ///< The same of the last one.
    T dividends;   ///< Present value of their dividends at their beginning, a fraction of the strike.
    T variance;    ///< That of the spot less the dividends, of an option at the money, / volatility^2: years.
};

/// The segments of every lane, the one before the last days first. A lane with fewer than others ends with segments of
/// no time, so that its own are what they would be alone.
template <Real T>
struct GridSegments {
    LastDays<T> last_days;
    std::vector<GridSegment<T>> segments{};
    std::array<std::size_t, lane_count<T>> counts{}; ///< How many of them are the lane's own.
};

/// The segments of one lane.
/// @param last_days  Their time, years.
[[nodiscard]] inline GridSegments<double> segments_of(const OptionTerms<double>& terms,
                                                      std::span<const Dividend> dividends, DividendModel model,
                                                      double last_days) {
    GridSegments<double> result{
        .last_days = {.time = last_days, .until_first = 0, .until_last = 0, .dividends = 0, .variance = 0}};
    LastDays<double>& last = result.last_days;
    result.segments.reserve(dividends.size() + 1);
    double at = 0; // time to expiry of the last thing met
    double due = 0;
    // The spot moves by more than what is left of it without the dividends.
    const auto diffuse = [&](double to) {
        const double gearing = model == DividendModel::spot ? 1 + due : 1;
        last.variance += gearing * gearing * (to - at);
        at = to;
    };
    for (auto dividend = dividends.rbegin(); dividend != dividends.rend(); ++dividend) {
        const double to_expiry = terms.time - dividend->time;
        if (!is_paid_within(*dividend, terms.time)) {
            continue;
        }
        if (to_expiry <= last_days) {
            diffuse(to_expiry);
            const double share = dividend->amount / terms.strike;
            last.until_first = last_days - to_expiry;
            last.until_last = (std::max)(last.until_last, last.until_first); // the first that is met is the last
            last.dividends += share * std::exp(-(terms.rate - terms.dividend_yield) * last.until_first);
            due += share;
            continue;
        }
        if (result.segments.empty()) {
            diffuse(last_days);
        }
        result.segments.push_back({to_expiry - at, dividend->amount});
        at = to_expiry;
    }
    if (result.segments.empty()) {
        diffuse(last_days);
    }
    result.segments.push_back({terms.time - at, 0.0});
    result.counts = {result.segments.size()};
    return result;
}

/// Which lanes have a dividend.
template <Real T>
[[nodiscard]] auto has_dividends(const GridSegments<T>& schedule) {
    T sum = schedule.last_days.dividends;
    for (const GridSegment<T>& segment : schedule.segments) {
        sum = T(sum + segment.dividend);
    }
    return sum > T(0.0);
}

/// The segments of a pack.
template <Real T>
[[nodiscard]] GridSegments<T> align_segments(const std::array<GridSegments<double>, lane_count<T>>& lanes) {
    std::size_t most = 0;
    for (const auto& lane : lanes) {
        most = (std::max)(most, lane.segments.size());
    }
    const auto last_days = [&](double LastDays<double>::* member) {
        return by_lane<T>([&](std::size_t lane) { return lanes[lane].last_days.*member; });
    };
    GridSegments<T> result{.last_days = {last_days(&LastDays<double>::time), last_days(&LastDays<double>::until_first),
                                         last_days(&LastDays<double>::until_last),
                                         last_days(&LastDays<double>::dividends),
                                         last_days(&LastDays<double>::variance)}};
    for (std::size_t lane = 0; lane < lane_count<T>; ++lane) {
        result.counts[lane] = lanes[lane].segments.size();
    }
    const auto member = [&](std::size_t i, double GridSegment<double>::* which) {
        return by_lane<T>(
            [&](std::size_t lane) { return i < result.counts[lane] ? lanes[lane].segments[i].*which : 0.0; });
    };
    result.segments.reserve(most);
    for (std::size_t i = 0; i < most; ++i) {
        result.segments.push_back({member(i, &GridSegment<double>::length), member(i, &GridSegment<double>::dividend)});
    }
    return result;
}

} // namespace margincore::detail
