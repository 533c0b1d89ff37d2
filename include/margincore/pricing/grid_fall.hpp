// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>

#include <margincore/core/lane_access.hpp>
#include <margincore/core/polynomial.hpp>
#include <margincore/core/real.hpp>
#include <margincore/pricing/grid_frame.hpp>
#include <margincore/pricing/grid_put_form.hpp>
#include <margincore/pricing/grid_values.hpp>

namespace margincore::detail {

/// Values at and beyond the first point, where what the option will do is certain: a straight line in the ratio, which
/// is held, is exercised or goes over dividends without volatility, and no more than the value of a spot of zero.
/// Without what is gained by exercise just before or just after a dividend, prices err by 26 cents.
template <Real T>
struct DeepLine {
    T level;
    T slope;
    T most;

    [[nodiscard]] T operator()(const T& ratio) const { return lesser(multiply_add(slope, ratio, level), most); }

    /// The line before a dividend.
    /// @param first  Ratio in the first point, before it.
    void fall(const PutForm<T>& form, const T& dividend, const T& first) {
        const auto gone = first < dividend; // a put whose spot falls to zero: the line becomes flat
        const T put_level = select(gone, lesser(level, most), T(level - slope * dividend));
        const T put_slope = select(gone, T(0.0), slope);
        slope = form.put_or_call(put_slope, T(slope - dividend * level));
        level = form.put_or_call(put_level, level);
    }

    /// Takes another line where that is better in the first point.
    void consider(const DeepLine& other, const T& first) {
        const auto better = multiply_add(other.slope, first, other.level) > multiply_add(slope, first, level);
        level = select(better, other.level, level);
        slope = select(better, other.slope, slope);
        most = greater(most, other.most);
    }
};

/// log(1 - x) for x < 1, to 1e-10; -230 or so from 1 up.
template <Real T>
[[nodiscard]] T log_of_rest(const T& x) {
    constexpr double slight = 0.125;
    constexpr double nothing = 1e-100;
    const T series = T(-x * polynomial(x, 1.0, 1.0 / 2.0, 1.0 / 3.0, 1.0 / 4.0, 1.0 / 5.0, 1.0 / 6.0, 1.0 / 7.0,
                                       1.0 / 8.0, 1.0 / 9.0));
    const auto is_great = x > T(slight);
    if (!any(is_great)) { // almost everywhere: a dividend is small beside the spot
        return series;
    }
    return select(is_great, log_ratio(greater(T(1.0 - x), T(nothing)), T(1.0)), series);
}

/// Values in the points before a dividend: those after it at a spot that is lower by it, in the spot model.
///
/// @param frame   After the dividend.
/// @param nodes   Of the values after it.
/// @param values  Those after it, in place of which those before it come where there is a dividend.
template <Real T>
void fall(const PutForm<T>& form, const GridPoints<T>& points, const GridFrame<T>& frame, const DeepLine<T>& deep,
          const T& dividend, std::span<const GridNode<T>> nodes, std::span<T> values) {
    using std::exp;
    const std::size_t intervals = values.size() - 1;
    const T last = T(static_cast<double>(intervals));
    const auto is_paid = dividend > T(0.0);
    const T unit = form.ratio_before(frame.unit, dividend);
    const T per_interval = T(1.0 / points.spacing);
    const T direction = T(-form.sign * per_interval);
    const T shift = T(log_ratio(unit, frame.unit) * per_interval);
    const T grow = exp(T(form.sign * points.spacing));
    T share = T(dividend * form.put_or_call(T(1.0 / T(unit * points.factors[0])), T(unit * points.factors[0])));
    for (std::size_t j = 0; j <= intervals; ++j) { // `share` is the dividend's, of the spot before it
        const T at = T(multiply_add(direction, log_of_rest(share), shift) + static_cast<double>(j));
        const GridPlace<T> place = place_in(intervals, at);
        T value = cubic_at(nodes, place)(place.fraction);
        const T rest = greater(T(1.0 - share), T(0.0));
        if (any(at < T(0.0))) {
            const T ratio = T(unit * points.factors[j]);
            const T after = form.put_or_call(T(ratio * rest), T(ratio / rest));
            value = select(at < T(0.0), deep(after), value);
        }
        value = select(at > last, T(0.0), value);
        values[j] = select(is_paid, T(value * form.put_or_call(T(1.0), rest)), values[j]);
        share = T(share * grow);
    }
}

} // namespace margincore::detail
