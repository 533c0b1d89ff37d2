// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include <margincore/core/real.hpp>
#include <margincore/pricing/grid_put_form.hpp>
#include <margincore/pricing/grid_segments.hpp>

namespace margincore::detail {

/// The points of a grid: their ratios are `unit` x `factors`, equally spaced in the logarithm.
///
/// The unit moves in time as the ratio drifts, so that only diffusion is left to solve, and goes along with each fall
/// by a dividend; at expiry it is 1, the strike.
template <Real T>
struct GridPoints {
    T first;   ///< Logarithm of the first factor, < 0: deepest in the money.
    T spacing; ///< Of the logarithms, > 0.
    std::vector<T> factors{};
};

/// What moves while a grid goes back in time, the values in its points apart.
template <Real T>
struct GridFrame {
    T unit;    ///< Ratio in the point whose factor is 1.
    T payment; ///< What 1 received now is in put form: e^(rate x time to expiry).
    T reserve; ///< Present value of the dividends still to come, a fraction of the strike; 0 in the spot model.

    /// @return  The growth of a ratio's forward value in that time.
    T go_back(const PutForm<T>& form, const T& time) {
        using std::exp;
        const T growth = exp(T(T(form.rate - form.yield) * time));
        unit = T(unit * T(exp(T(0.5 * form.volatility * form.volatility * time))) / growth);
        payment = T(payment * T(exp(T(form.rate * time))));
        if (form.model == DividendModel::escrowed) {
            reserve = form.put_or_call(T(reserve / growth), T(reserve * growth));
        }
        return growth;
    }

    /// @param dividend  A fraction of the strike.
    void pass_dividend(const PutForm<T>& form, const T& dividend) {
        if (form.model == DividendModel::spot) {
            unit = form.ratio_before(unit, dividend);
        } else {
            reserve = T(reserve + dividend);
        }
    }

    /// Exercise gives level - slope x ratio, in put form.
    [[nodiscard]] T level(const PutForm<T>& form) const {
        return T(payment * form.put_or_call(T(1.0 - reserve), T(1.0)));
    }
    [[nodiscard]] T slope(const PutForm<T>& form) const {
        return T(payment * form.put_or_call(T(1.0), T(1.0 - reserve)));
    }
};

/// The frame at expiry, before dividends.
template <Real T>
[[nodiscard]] GridFrame<T> frame_at_expiry() {
    return {T(1.0), T(1.0), T(0.0)};
}

/// The frame at the beginning of the last days, before their dividends.
template <Real T>
[[nodiscard]] GridFrame<T> frame_at_start(const PutForm<T>& form, const GridSegments<T>& schedule) {
    GridFrame<T> frame = frame_at_expiry<T>();
    (void)frame.go_back(form, schedule.last_days.time);
    frame.pass_dividend(form, schedule.last_days.dividends);
    return frame;
}

/// The frame now.
template <Real T>
[[nodiscard]] GridFrame<T> frame_now(const PutForm<T>& form, const GridSegments<T>& schedule) {
    GridFrame<T> frame = frame_at_start(form, schedule);
    for (const GridSegment<T>& segment : schedule.segments) {
        (void)frame.go_back(form, segment.length);
        frame.pass_dividend(form, T(segment.dividend / form.strike));
    }
    return frame;
}

/// Standard deviations of the logarithm of the spot at expiry that a grid reaches to either side.
inline constexpr double grid_reach = 4.0;

/// Logarithms of the first and the last factor of a grid.
template <Real T>
struct GridEnds {
    T first;
    T last;
};

/// The ends of a grid, around the spot whose forward price is the strike, and around the strike itself, near which
/// early exercise is decided in most cases.
///
/// Where the yield exceeds the interest, exercise is decided far deeper in the money: at expiry where the ratio is rate
/// by yield, and before dividends that a put waits for where nothing tells. There the grid reaches on to the deepest
/// ratio that is asked for, or to where exercise is certain, if that is nearer.
/// @param deepest  The lowest ratio now at which a price will be asked for.
/// @source Kim, The Analytic Valuation of American Options (1990), for where the boundary begins.
template <bool early, Real T>
[[nodiscard]] GridEnds<T> ends_of(const PutForm<T>& form, const GridSegments<T>& schedule, const T& deepest) {
    using std::sqrt;
    constexpr double least_strike = 0.05;  // of the strike, what dividends may leave of it
    constexpr double beside_deepest = 3.0; // standard deviations that are left around it
    // Of the strike: what it is worth to decide later is below a quarter of yield x volatility x time^1.5.
    constexpr double least_worth = 1e-5;
    const GridFrame<T> now = frame_now(form, schedule);
    const T strike = greater(T(1.0 - now.reserve), T(least_strike));
    const T at_strike = T(log_ratio(form.put_or_call(strike, T(1.0 / strike)), now.unit));
    const T deviation = T(form.volatility * T(sqrt(form.time)));
    const T reach = T(grid_reach * deviation);
    GridEnds<T> ends{T(lesser(at_strike, T(0.0)) - reach), T(greater(at_strike, T(0.0)) + reach)};
    if constexpr (early) {
        const T zero(0.0);
        const auto pays_less = (form.rate > zero) & (form.yield > form.rate);
        const T start = log_ratio(select(pays_less, form.rate, T(1.0)), select(pays_less, form.yield, T(1.0)));
        const auto waits = (form.sign < zero) & (form.rate > zero) & (form.yield > zero) & has_dividends(schedule);
        const auto matters = (pays_less | waits) & (T(form.yield * deviation * form.time) > T(least_worth));
        const T asked = T(log_ratio(deepest, now.unit) - beside_deepest * deviation);
        const T certain = T(lesser(at_strike, zero) + start - reach);
        const T needed = select(waits, asked, greater(asked, certain));
        ends.first = select(matters, lesser(ends.first, needed), ends.first);
    }
    return ends;
}

/// So many equal intervals between two ends.
template <Real T>
[[nodiscard]] GridPoints<T> points_between(const GridEnds<T>& ends, std::size_t intervals) {
    using std::exp;
    GridPoints<T> points{.first = ends.first, .spacing = T((ends.last - ends.first) / static_cast<double>(intervals))};
    points.factors.resize(intervals + 1);
    const T step = exp(points.spacing);
    T factor = exp(ends.first);
    for (T& each : points.factors) {
        each = factor;
        factor = T(factor * step);
    }
    return points;
}

} // namespace margincore::detail
