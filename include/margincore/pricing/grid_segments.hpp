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
    T dividend; ///< USD per unit; 0 where the segment begins now, or where it only makes up the number.
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

/// The segments of every lane, as many in each: the one before the last days first.
template <Real T>
struct GridSegments {
    LastDays<T> last_days;
    std::vector<GridSegment<T>> segments{};
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
    const auto last_days = [&](double LastDays<double>::* member) {
        return by_lane<T>([&](std::size_t lane) { return lanes[lane].last_days.*member; });
    };
    GridSegments<T> result{.last_days = {last_days(&LastDays<double>::time), last_days(&LastDays<double>::until_first),
                                         last_days(&LastDays<double>::until_last),
                                         last_days(&LastDays<double>::dividends),
                                         last_days(&LastDays<double>::variance)}};
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
