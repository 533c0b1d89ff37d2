// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include <margincore/core/lane_access.hpp>
#include <margincore/core/real.hpp>
#include <margincore/pricing/grid_frame.hpp>
#include <margincore/pricing/grid_put_form.hpp>
#include <margincore/pricing/grid_segments.hpp>
#include <margincore/pricing/grid_step.hpp>
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
};

/// One grid solved back in time from expiry to now. `early` says whether exercise before expiry is allowed.
template <bool early, Real T>
class GridSolver {
public:
    GridSolver(const PutForm<T>& form, const GridSegments<T>& schedule, std::size_t intervals)
        : form_(form), points_(points_of(form, schedule, intervals)), frame_(frame_at_start(form, schedule)),
          values_(intervals + 1), slopes_(intervals + 1), before_(intervals + 1) {
        begin(schedule);
    }

    /// Solves a segment, and passes the dividend at its beginning.
    void pass(const GridSegment<T>& segment, std::size_t steps) {
        using std::pow;
        // Steps grow away from expiry or from a dividend, near which the values have kinks.
        constexpr double growth = 1.75;
        double from = 0;
        for (std::size_t k = 1; k <= steps; ++k) {
            const double to = pow(static_cast<double>(k) / static_cast<double>(steps), growth);
            step(T(segment.length * (to - from)));
            from = to;
        }
        const T dividend = T(segment.dividend / form_.strike);
        if (any(dividend > T(0.0))) {
            pass_dividend(dividend);
        }
    }

    [[nodiscard]] const GridPoints<T>& points() const { return points_; }
    [[nodiscard]] const GridFrame<T>& frame() const { return frame_; }

    /// The value in a point less what exercise gives there, positive or negative, discounted to now; exactly zero where
    /// exercise is best.
    [[nodiscard]] T above_exercise(std::size_t point) const {
        return T(T(values_[point] - exercise_line()(points_.factors[point])) / frame_.payment);
    }

private:
    [[nodiscard]] ExerciseLine<T> exercise_line() const {
        return {frame_.level(form_), T(frame_.slope(form_) * frame_.unit)};
    }

    [[nodiscard]] T first_ratio() const { return T(frame_.unit * points_.factors[0]); }

    /// The value shortly before expiry by formula: of a put that is exercised then, in its last days, or not at all.
    /// That has no kink, as the payoff has.
    void begin(const GridSegments<T>& schedule) {
        using std::exp;
        const T dividend = form_.model == DividendModel::spot ? T(schedule.start_dividend / form_.strike) : T(0.0);
        const ExerciseLine<T> exercise = exercise_line();
        for (std::size_t j = 0; j < values_.size(); ++j) {
            const Fall<T> fall = fall_by(form_, dividend, T(frame_.unit * points_.factors[j]));
            T value = european_value(form_, schedule.start, fall.ratio);
            if constexpr (early) {
                value = greater(value, T(frame_.payment * T(1.0 - fall.ratio)));
            }
            value = T(fall.unit * value);
            if constexpr (early) {
                value = greater(value, exercise(points_.factors[j]));
            }
            values_[j] = value;
        }
        const T forward = T(exp(T(T(form_.rate - form_.yield) * schedule.start)));
        deep_ = {T(1.0), T(-forward), T(1.0)};
        fall_deep(dividend);
        exercise_deep();
    }

    void step(const T& time) {
        using std::exp;
        const T ratio = T(0.5 * form_.volatility * form_.volatility * time / T(points_.spacing * points_.spacing));
        const StepWeights<T> weights = step_weights(ratio);
        frame_.go_back(form_, time);
        deep_.slope = T(deep_.slope * T(exp(T(T(form_.rate - form_.yield) * time))));
        exercise_deep();
        eliminate(std::span<T>(values_), weights);
        substitute<early>(std::span<T>(values_), std::span<const T>(points_.factors), weights, exercise_line(),
                          deep_(first_ratio()));
    }

    void pass_dividend(const T& dividend) {
        if (form_.model == DividendModel::spot) {
            interpolate(dividend);
        }
        frame_.pass_dividend(form_, dividend);
        if (form_.model == DividendModel::spot) {
            fall_deep(dividend);
        }
        exercise_deep();
        if constexpr (early) {
            exercise_before_dividend();
        }
    }

    /// The values before a dividend are those after it at a lower spot.
    void interpolate(const T& dividend) {
        constexpr double nothing = 1e-100;
        slopes_of(std::span<const T>(values_), std::span<T>(slopes_));
        const std::size_t intervals = values_.size() - 1;
        const T before_unit = form_.ratio_before(frame_.unit, dividend);
        const T per_interval = T(1.0 / points_.spacing);
        for (std::size_t j = 0; j < values_.size(); ++j) {
            const Fall<T> fall = fall_by(form_, dividend, T(before_unit * points_.factors[j]));
            const T at = T(T(log_ratio(greater(fall.ratio, T(nothing)), frame_.unit) - points_.first) * per_interval);
            const GridPlace<T> place = place_in(intervals, at);
            T value = cubic_at(std::span<const T>(values_), std::span<const T>(slopes_), place)(place.fraction);
            value = select(at < T(0.0), deep_(fall.ratio), value);
            value = select(at > T(static_cast<double>(intervals)), T(0.0), value);
            before_[j] = T(fall.unit * value);
        }
        std::swap(values_, before_);
    }

    void fall_deep(const T& dividend) {
        // A put whose spot falls to zero: the line becomes flat.
        const auto gone = first_ratio() < dividend;
        const T put_level = select(gone, lesser(deep_.level, deep_.most), T(deep_.level - deep_.slope * dividend));
        const T put_slope = select(gone, T(0.0), deep_.slope);
        const T call_slope = T(deep_.slope - dividend * deep_.level);
        deep_.slope = form_.put_or_call(put_slope, call_slope);
        deep_.level = form_.put_or_call(put_level, deep_.level);
    }

    void exercise_deep() {
        if constexpr (early) {
            const T level = frame_.level(form_);
            const T slope = frame_.slope(form_);
            const T ratio = first_ratio();
            const auto better = T(level - slope * ratio) > multiply_add(deep_.slope, ratio, deep_.level);
            deep_.level = select(better, level, deep_.level);
            deep_.slope = select(better, T(-slope), deep_.slope);
            deep_.most = greater(deep_.most, frame_.payment);
        }
    }

    /// Takes the greater of the values and of exercise. Where that has a kink between two points the sum over the
    /// points exceeds the integral, by kink x u (1 - u) / 2 for a kink at u of an interval; that is taken from the two.
    /// @source Kreiss, Thomee and Widlund, Smoothing of Initial Data and Rates of Convergence for Parabolic Difference
    ///         Equations (1970): what kinks cost a scheme, and that smoothing them restores its order.
    void exercise_before_dividend() {
        using std::abs;
        constexpr double nothing = 1e-300;
        const ExerciseLine<T> exercise = exercise_line();
        T gain = T(exercise(points_.factors[0]) - values_[0]);
        T excess = T(0.0);
        for (std::size_t j = 0; j + 1 < values_.size(); ++j) {
            const T next = T(exercise(points_.factors[j + 1]) - values_[j + 1]);
            const T kink = T(T(abs(gain)) + T(abs(next)));
            const T u = T(T(abs(gain)) / greater(kink, T(nothing)));
            const T removed = select(T(gain * next) < T(0.0), T(0.5 * kink * u * T(1.0 - u)), T(0.0));
            values_[j] = T(values_[j] + greater(gain, T(0.0)) - T(1.0 - u) * removed - excess);
            excess = T(u * removed);
            gain = next;
        }
    }

    PutForm<T> form_;
    GridPoints<T> points_;
    GridFrame<T> frame_;
    DeepLine<T> deep_{};
    std::vector<T> values_;
    std::vector<T> slopes_; ///< Room for one dividend's work.
    std::vector<T> before_; ///< The same.
};

} // namespace margincore::detail
