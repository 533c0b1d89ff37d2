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
#include <margincore/pricing/grid_fall.hpp>
#include <margincore/pricing/grid_frame.hpp>
#include <margincore/pricing/grid_put_form.hpp>
#include <margincore/pricing/grid_schedule.hpp>
#include <margincore/pricing/grid_segments.hpp>
#include <margincore/pricing/grid_step.hpp>
#include <margincore/pricing/grid_values.hpp>

namespace margincore::detail {

/// One grid solved back in time from expiry to now. `early` says whether exercise before expiry is allowed.
template <bool early, Real T>
class GridSolver {
public:
    GridSolver(const PutForm<T>& form, const GridSegments<T>& schedule, GridPoints<T> points)
        : form_(form), points_(std::move(points)), frame_(frame_at_start(form, schedule)),
          variance_by_square_(T(0.5 * form.volatility * form.volatility / T(points_.spacing * points_.spacing))),
          values_(points_.factors.size()), nodes_(points_.factors.size()) {
        begin(schedule.last_days);
    }

    /// Goes a step back in time and passes the dividend that is met then. In a lane where a step has no time or no
    /// dividend, nothing changes, to the bit.
    void pass(const GridStep<T>& step) {
        diffuse(step.time);
        if (any(step.dividend > T(0.0))) {
            pass_dividend(T(step.dividend / form_.strike));
        }
    }

    [[nodiscard]] const GridPoints<T>& points() const { return points_; }
    [[nodiscard]] const GridFrame<T>& frame() const { return frame_; }

    /// Values in the points less what exercise gives there, positive or negative, discounted to now; exactly zero where
    /// exercise is best.
    [[nodiscard]] std::vector<T> above_exercise() const {
        const ExerciseLine<T> exercise = exercise_line();
        const T discount = T(1.0 / frame_.payment);
        std::vector<T> result(values_.size());
        for (std::size_t j = 0; j < values_.size(); ++j) {
            result[j] = T(T(values_[j] - exercise(points_.factors[j])) * discount);
        }
        return result;
    }

private:
    [[nodiscard]] ExerciseLine<T> exercise_line() const {
        return {frame_.level(form_), T(frame_.slope(form_) * frame_.unit)};
    }

    [[nodiscard]] T first_ratio() const { return T(frame_.unit * points_.factors[0]); }

    /// The values at the beginning of the last days, by formula: the best of exercise now, just before the first of
    /// their dividends, just after the last one, and at expiry. Unlike the payoff they have no kink.
    void begin(const LastDays<T>& days) {
        using std::exp;
        const bool falls = form_.model == DividendModel::spot;
        const T fall = falls ? days.dividends : T(0.0);
        const T kept =
            falls ? T(1.0) : greater(T(1.0 - days.dividends), T(0.0)); // of the strike, in the escrowed model
        const T before = exp(T(form_.rate * T(days.time - days.until_first)));
        const T after = exp(T(form_.rate * T(days.time - days.until_last)));
        const ExerciseLine<T> now = exercise_line();
        const EuropeanPut<T> at_expiry(form_, days.time, days.variance, T(1.0));
        const EuropeanPut<T> before_dividend(form_, days.until_first, days.until_first, before);
        const EuropeanPut<T> after_dividend(form_, days.until_last, T(0.0), after);
        for (std::size_t j = 0; j < values_.size(); ++j) {
            const T ratio = T(frame_.unit * points_.factors[j]);
            const Fall<T> fallen = fall_by(form_, fall, ratio);
            T value = at_expiry(fallen.ratio);
            if constexpr (early) {
                value = greater(value, after_dividend(fallen.ratio));
            }
            value = T(fallen.unit * value);
            if constexpr (early) { // puts are better exercised after it
                value = greater(value, form_.put_or_call(T(0.0), before_dividend(T(ratio * kept))));
                value = greater(value, now(points_.factors[j]));
            }
            values_[j] = value;
        }
        deep_ = {T(1.0), T(-at_expiry.growth()), T(1.0)};
        deep_.fall(form_, fall, first_ratio());
        if constexpr (early) {
            DeepLine<T> line{after, T(-after * after_dividend.growth()), after};
            line.fall(form_, fall, first_ratio());
            deep_.consider(line, first_ratio());
            const T slope = T(-before * kept * before_dividend.growth());
            deep_.consider({form_.put_or_call(T(0.0), before), form_.put_or_call(T(0.0), slope), T(0.0)},
                           first_ratio());
            exercise_deep();
        }
    }

    void diffuse(const T& time) {
        const T ratio = T(variance_by_square_ * time);
        const StepWeights<T> weights = step_weights(ratio);
        deep_.slope = T(deep_.slope * frame_.go_back(form_, time));
        exercise_deep();
        eliminate(std::span<T>(values_), weights);
        substitute<early>(std::span<T>(values_), std::span<const T>(points_.factors), weights, exercise_line(),
                          deep_(first_ratio()));
    }

    void pass_dividend(const T& dividend) {
        if (form_.model == DividendModel::spot) {
            set_nodes(std::span<const T>(values_), std::span<GridNode<T>>(nodes_));
            fall(form_, points_, frame_, deep_, dividend, std::span<const GridNode<T>>(nodes_), std::span<T>(values_));
        }
        frame_.pass_dividend(form_, dividend);
        if (form_.model == DividendModel::spot) {
            deep_.fall(form_, dividend, first_ratio());
        }
        exercise_deep();
        if constexpr (early) {
            exercise_before_dividend(dividend > T(0.0));
        }
    }

    void exercise_deep() {
        if constexpr (early) {
            deep_.consider({frame_.level(form_), T(-frame_.slope(form_)), frame_.payment}, first_ratio());
        }
    }

    /// Takes the greater of the values and of exercise. Where that has a kink between two points the sum over the
    /// points exceeds the integral, by kink x u (1 - u) / 2 for a kink at u of an interval; that is taken from the two.
    /// @source Kreiss, Thomee and Widlund, Smoothing of Initial Data and Rates of Convergence for Parabolic Difference
    ///         Equations (1970): what kinks cost a scheme, and that smoothing them restores its order.
    /// @param is_paid  The lanes that pay a dividend; the others stay as they are.
    template <class Mask>
    void exercise_before_dividend(const Mask& is_paid) {
        using std::abs;
        constexpr double nothing = 1e-300;
        const ExerciseLine<T> exercise = exercise_line();
        const auto gain_in = [&](std::size_t j) {
            return select(is_paid, T(exercise(points_.factors[j]) - values_[j]), T(0.0));
        };
        T gain = gain_in(0);
        for (std::size_t j = 0; j + 1 < values_.size(); ++j) {
            const T next = gain_in(j + 1);
            values_[j] = T(values_[j] + greater(gain, T(0.0)));
            const auto turns = T(gain * next) < T(0.0);
            if (any(turns)) {
                const T kink = T(T(abs(gain)) + T(abs(next)));
                const T u = T(T(abs(gain)) / greater(kink, T(nothing)));
                const T excess = select(turns, T(0.5 * kink * u * T(1.0 - u)), T(0.0));
                values_[j] = T(values_[j] - T(1.0 - u) * excess);
                values_[j + 1] = T(values_[j + 1] - u * excess);
            }
            gain = next;
        }
    }

    PutForm<T> form_;
    GridPoints<T> points_;
    GridFrame<T> frame_;
    DeepLine<T> deep_{};
    T variance_by_square_; ///< volatility^2 / 2 / spacing^2.
    std::vector<T> values_;
    std::vector<GridNode<T>> nodes_; ///< Room for the work of one dividend.
};

} // namespace margincore::detail
