// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>

#include <margincore/core/real.hpp>
#include <margincore/pricing/american_scheme.hpp>
#include <margincore/pricing/scaled_tails.hpp>

namespace margincore {

/// A put whose early exercise is worth something, per unit of strike. A call is one with rate and yield exchanged.
template <Real T>
struct ExercisePut {
    T time;       ///< Years, > 0.
    T rate;       ///< >= 0, and more than the yield where 0.
    T yield;      ///< Any.
    T volatility; ///< > 0, and volatility x root(time) at least 1e-7.
};

/// The price of the underlying at or below which a put is exercised, B, at each time to expiry.
///
/// It starts at X = strike x min(1, rate / yield) and falls with the time to expiry. What is solved for is its depth
/// log(X / B) at Chebyshev's points in root(time); between them the square of the depth, which is smooth, is a
/// polynomial.
/// @source Andersen, Lake and Offengenden, "High-Performance American Option Pricing", Journal of Computational Finance
///         20 (2016): fixed point A and the collocation. Unlike theirs, a node uses what the nodes before it in time
///         just got, and no step is Newton's: with yield and rate close to each other, plain steps of all nodes at once
///         circle the solution and Newton's leave it.
template <Real T, AmericanScheme scheme>
class ExerciseBoundary {
    using Nodes = detail::AmericanNodes<scheme>;
    static constexpr std::size_t n = Nodes::n;

public:
    /// Solves, once for every price of the underlying.
    explicit ExerciseBoundary(const ExercisePut<T>& put);

    /// log(X / strike), <= 0.
    [[nodiscard]] const T& log_start() const { return log_start_; }
    /// log(X / B) at the whole time to expiry, >= 0.
    [[nodiscard]] const T& log_depth() const { return depth_[0]; }
    /// log(X / B) at the time where the polynomial has these weights, >= 0.
    [[nodiscard]] T log_depth(const std::array<double, n>& weights) const {
        using std::sqrt;
        T square = T(weights[0] * square_[0]);
        for (std::size_t j = 1; j < n; ++j) {
            square = multiply_add(square_[j], T(weights[j]), square);
        }
        return T(sqrt(T(greater(square, T(0.0)))));
    }

private:
    /// Of the paper: A is the derivative of what B is, the price of a put that is exercised at the boundary.
    enum class FixedPoint : std::uint8_t { a, b };

    void approximate(const ExercisePut<T>& put);
    template <FixedPoint form>
    void iterate(const ExercisePut<T>& put, std::size_t sweeps);
    [[nodiscard]] T within_limits(const T& depth) const {
        return lesser(greater(depth, T(0.0)), greatest_depth_); // in this order NaN becomes 0
    }

    T log_start_;
    T greatest_depth_; // of a put without expiry
    T scale_;          // volatility x root(time)
    T drift_;          // (rate - yield + volatility^2 / 2) x root(time) / volatility
    std::array<T, n> depth_;
    std::array<T, n> square_;
};

template <Real T, AmericanScheme scheme>
ExerciseBoundary<T, scheme>::ExerciseBoundary(const ExercisePut<T>& put) {
    using std::sqrt;
    constexpr double least_ratio = 1e-30;    // keeps the logarithms of what is not worth exercising finite
    constexpr double greatest_drift = 1.125; // where the errors of both are alike: 1e-4 of an accurate price
    const T variance = T(put.volatility * put.volatility);
    scale_ = T(put.volatility * T(sqrt(put.time)));
    drift_ = T(T(put.rate - put.yield + 0.5 * variance) * put.time / scale_);

    // Of the put without expiry B = strike x root / (1 + root) with the root of the quadratic of Merton (1973).
    const auto yields_more = put.rate < put.yield;
    const T start = T(greater(select(yields_more, T(put.rate / put.yield), T(1.0)), T(least_ratio)));
    const T half = T((put.rate - put.yield) / variance - 0.5);
    const T ratio = T(2.0 * put.rate / variance);
    const T radical = T(sqrt(T(half * half + ratio)));
    const auto cancels = half < T(0.0);
    const T sum = T(select(cancels, T(radical - half), T(radical + half)));
    const T root = T(greater(select(cancels, T(ratio / sum), sum), T(least_ratio)));
    log_start_ = log_ratio(start, T(1.0));
    greatest_depth_ = T(greater(log_ratio(T(start * (1.0 + root)), root), T(0.0)));

    approximate(put);
    const std::array<T, n> approximate_depth = depth_;
    const std::array<T, n> approximate_square = square_;
    iterate<FixedPoint::a>(put, scheme.iterations);

    const auto leads_away = T(T(put.rate - put.yield) * put.time / scale_) > T(greatest_drift);
    if (any(leads_away)) {
        const std::array<T, n> usual = std::exchange(depth_, approximate_depth);
        square_ = approximate_square;
        iterate<FixedPoint::b>(put, 2 * scheme.iterations);
        for (std::size_t i = 0; i < n; ++i) {
            depth_[i] = T(select(leads_away, depth_[i], usual[i]));
            square_[i] = T(depth_[i] * depth_[i]);
        }
    }
}

/// The critical price of Barone-Adesi and Whaley by Newton's method, from an expansion for short times.
/// @source Barone-Adesi and Whaley, "Efficient Analytic Approximation of American Option Values", Journal of Finance 42
///         (1987). Evans, Kuske and Keller, "American Options on Assets with Dividends Near Expiry",
///         Mathematical Finance 12 (2002): with v = volatility^2 time the square of the depth is v log(v / (8 pi (r -
///         q)^2 time^2)) where the yield is below the rate, and with the gain of exercise at B in place of r - q also
///         where it is equal; where it is above, 2 x 0.4517^2 v.
template <Real T, AmericanScheme scheme>
void ExerciseBoundary<T, scheme>::approximate(const ExercisePut<T>& put) {
    using std::exp;
    using std::sqrt;
    constexpr double eight_pi = 8 * detail::pi;
    constexpr double of_high_yields = 2 * 0.4517 * 0.4517;
    constexpr double least_square = detail::least_divisor<T>(1e-60);
    constexpr double short_time = 1e-5;
    const auto yields_more = put.rate < put.yield;
    const T greatest_square = T(greatest_depth_ * greatest_depth_);
    const T half = T(T(put.rate - put.yield) / T(put.volatility * put.volatility) - 0.5);
    const auto cancels = half < T(0.0);
    for (std::size_t i = 0; i < n; ++i) {
        const double root_time = Nodes::root_time[i];
        const T time = T(put.time * (root_time * root_time));
        const T deviation = T(scale_ * root_time);
        const T variance = T(deviation * deviation);
        const T plain = T(of_high_yields * variance);
        T square = plain;
        for (int step = 0; step < 2; ++step) {                                 // the gain depends on the depth
            const T gain = T(put.rate - put.yield / T(1.0 + T(sqrt(square)))); // about rate - yield x B / strike
            const T earned = T(gain * time);
            square = T(variance * log_ratio(T(1.0 + variance / T(eight_pi * earned * earned + least_square)), T(1.0)));
        }
        square = T(select(yields_more, plain, square));
        T depth = T(sqrt(T(square * greatest_square / T(square + greatest_square + least_square))));

        const T discounted = T(put.rate * time);
        const T discount = T(exp(T(-discounted)));
        const T yield_discount = T(exp(T(-put.yield * time)));
        const auto is_short = T(discounted * discounted) < T(short_time * short_time);
        const T mean_discount =
            T(select(is_short, T(1.0 - 0.5 * discounted), T(T(1.0 - discount) / select(is_short, T(1.0), discounted))));
        const T quotient = T(2.0 / T(variance * mean_discount));
        const T radical = T(sqrt(T(half * half + quotient)));
        const T sum = T(select(cancels, T(radical - half), T(radical + half)));
        const T root = T(select(cancels, T(quotient / sum), sum));
        const T inverse = T(1.0 / deviation);
        const T drift = T(drift_ * root_time);
        for (std::size_t step = 0; step < scheme.approximation_steps; ++step) {
            const T boundary = T(exp(T(log_start_ - depth)));
            const T upper = T(multiply_add(T(log_start_ - depth), inverse, drift));
            const T lower = T(upper - deviation);
            const T density = T(detail::bounded_density(upper) * yield_discount);
            const auto [paid, given] = detail::scaled_upper_tails<T>(
                {.strike = lower, .spot = upper}, {.strike = discount, .spot = yield_discount},
                {.strike = T(density * boundary), .spot = density});
            const T kept = T(1.0 - given);
            const T gap = T(boundary * kept - root * T(1.0 - boundary - paid + boundary * given));
            const T slope = T(kept * T(1.0 + root) + density * inverse);
            const T next = T(depth + gap / T(slope * boundary)); // which from afar may lead where no way leads back
            depth = within_limits(lesser(greater(next, T(0.25 * depth)), T(2.0 * depth)));
        }
        depth_[i] = depth;
        square_[i] = T(depth * depth);
    }
}

/// Sweeps of B <- strike x N(B) / D(B), with N and D multiplied by exp(-rate x time) and exp(-yield x time). Of A they
/// are integrals of densities, of B of tails.
///
/// With s the time from a node to a point u of its integrals, both densities there share one exponential:
/// exp(-r s) phi(d-) B(u) = exp(-q s) phi(d+) B.
template <Real T, AmericanScheme scheme>
template <typename ExerciseBoundary<T, scheme>::FixedPoint form>
void ExerciseBoundary<T, scheme>::iterate(const ExercisePut<T>& put, std::size_t sweeps) {
    using std::exp;
    constexpr std::size_t l = Nodes::l;
    // Of a denominator that rounding or a negative yield could leave none of.
    constexpr double least = detail::least_divisor<T>(1e-280);
    constexpr bool is_a = form == FixedPoint::a;
    constexpr double least_slope = -1.5; // of the fixed point's right side; lower where volatility is low
    constexpr double greatest_slope = is_a ? 0.4 : 0.7; // higher, but there the secant misleads
    const T inverse_scale = T(1.0 / scale_);
    const T rate_weight = T(2.0 * put.rate * put.time * inverse_scale);
    const T yield_weight = T(2.0 * put.yield * put.time * inverse_scale);
    const T yield_time = T(put.yield * put.time);
    const T rate_time = T(put.rate * put.time);
    std::array<std::array<T, l>, n> discount;
    std::array<T, n> whole_discount;
    std::array<std::array<T, is_a ? 0 : l>, n> rate_discount;
    std::array<T, n> whole_rate_discount;
    std::array<T, n> last_step;
    std::array<T, n> last_gap;
    for (std::size_t i = 0; i < n; ++i) {
        const double root_time = Nodes::root_time[i];
        whole_discount[i] = T(exp(T(-yield_time * (root_time * root_time))));
        if constexpr (!is_a) {
            whole_rate_discount[i] = T(exp(T(-rate_time * (root_time * root_time))));
        }
        for (std::size_t k = 0; k < l; ++k) {
            const double root = root_time * Nodes::boundary.sine[k];
            discount[i][k] = T(exp(T(-yield_time * (root * root))));
            if constexpr (!is_a) {
                rate_discount[i][k] = T(exp(T(-rate_time * (root * root))));
            }
        }
    }
    for (std::size_t sweep = 0; sweep < sweeps; ++sweep) {
        for (std::size_t i = n; i-- > 0;) {
            const double root_time = Nodes::root_time[i];
            const T depth = depth_[i];
            const T inverse = T(inverse_scale * (1.0 / root_time));
            const T drift = T(drift_ * root_time);
            T densities = T(0.0);
            T discounted_densities = T(0.0);
            T tails = T(0.0);
            T strike_tails = T(0.0);
            for (std::size_t k = 0; k < l; ++k) {
                const T rise = T(log_depth(Nodes::boundary_weights[i][k]) - depth);
                const T upper = multiply_add(T(rise * inverse), T(1.0 / Nodes::boundary.sine[k]),
                                             T(drift * Nodes::boundary.sine[k]));
                const T density = T(detail::bounded_density(upper) * discount[i][k]);
                const T tail = detail::scaled_lower_tail(upper, discount[i][k], density);
                const T integral_weight = T(Nodes::boundary.weight[k] * Nodes::boundary.sine[k]);
                if constexpr (is_a) {
                    const T weighted = T(density * Nodes::boundary.weight[k]);
                    densities = T(densities + weighted);
                    discounted_densities = multiply_add(weighted, T(exp(rise)), discounted_densities);
                } else {
                    const T lower = T(upper - scale_ * (root_time * Nodes::boundary.sine[k]));
                    const T paid = detail::scaled_lower_tail(lower, rate_discount[i][k], T(density * T(exp(rise))));
                    strike_tails = multiply_add(paid, integral_weight, strike_tails);
                }
                tails = multiply_add(tail, integral_weight, tails);
            }
            const T moneyness = T(log_start_ - depth);
            const T upper = multiply_add(moneyness, inverse, drift);
            const T density = T(detail::bounded_density(upper) * whole_discount[i]);
            const T tail = detail::scaled_lower_tail(upper, whole_discount[i], density);
            const double integral_scale = 2.0 * root_time * root_time;
            T above;
            T below = T(tail + T(integral_scale * yield_time) * tails);
            if constexpr (is_a) {
                const T at_expiry = T(density * inverse);
                above = T(at_expiry * T(exp(moneyness)) + T(rate_weight * root_time) * discounted_densities);
                below = T(below + at_expiry + T(yield_weight * root_time) * densities);
            } else {
                const T lower = T(upper - scale_ * root_time);
                const T paid = detail::scaled_lower_tail(lower, whole_rate_discount[i], T(density * T(exp(moneyness))));
                above = T(paid + T(integral_scale * rate_time) * strike_tails);
            }
            const T next = within_limits(T(log_start_ + log_ratio(T(greater(below, T(least))), above)));
            const T gap = T(next - depth);
            T step = gap;
            if (sweep > 0) { // the secant's step: shorter where the depth would overshoot, longer only at last
                const double limit = !is_a || sweep + 1 == sweeps ? greatest_slope : 0.0;
                const T moved = last_step[i];
                const T slope = T(1.0 + T(gap - last_gap[i]) * moved / T(moved * moved + least));
                step = T(gap / T(1.0 - lesser(greater(slope, T(least_slope)), T(limit))));
            }
            last_gap[i] = gap;
            last_step[i] = step;
            depth_[i] = within_limits(T(depth + step));
            square_[i] = T(depth_[i] * depth_[i]);
        }
    }
}

} // namespace margincore
