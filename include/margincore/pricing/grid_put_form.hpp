// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>

#include <margincore/core/lane_access.hpp>
#include <margincore/core/real.hpp>
#include <margincore/pricing/dividends.hpp>
#include <margincore/pricing/normal_distribution.hpp>
#include <margincore/pricing/option_terms.hpp>

namespace margincore::detail {

/// An option as a put on a ratio of prices, so that lanes with puts and lanes with calls are solved alike: exercise is
/// best where the ratio is low.
///
/// | | ratio | value in put form | rate | yield |
/// |---|---|---|---|---|
/// | put | spot / strike | price e^(rate x time to expiry) / strike | the rate | the dividend yield |
/// | call | strike / spot | price e^(yield x time to expiry) / spot | the dividend yield | the rate |
///
/// For a call the spot is the unit of account. In the escrowed model the spot here is that without the dividends.
/// @source McDonald and Schroder, A Parity Result for American Options, Journal of Computational Finance 1 (1998).
template <Real T>
struct PutForm {
    T sign;       ///< +1 for a call, -1 for a put.
    T strike;     ///< USD per unit, > 0.
    T time;       ///< To expiry, ACT/365F years, > 0.
    T rate;       ///< Of the put form.
    T yield;      ///< Of the put form.
    T volatility; ///< > 0.
    DividendModel model;

    [[nodiscard]] T put_or_call(const T& put, const T& call) const { return select(sign < T(0.0), put, call); }

    [[nodiscard]] T ratio_of(const T& spot) const { return put_or_call(T(spot / strike), T(strike / spot)); }

    /// The ratio before a dividend where that after it is `ratio`. Dividends are fractions of the strike here.
    [[nodiscard]] T ratio_before(const T& ratio, const T& dividend) const {
        return put_or_call(T(ratio + dividend), T(ratio / (1.0 + dividend * ratio)));
    }
};

/// What the fall of the spot by a dividend does to a put form.
template <Real T>
struct Fall {
    T ratio; ///< After it.
    T unit;  ///< What the unit of account after it is worth in that before it.
};

/// The spot falls by `dividend`, a fraction of the strike, to no less than zero.
template <Real T>
[[nodiscard]] Fall<T> fall_by(const PutForm<T>& form, const T& dividend, const T& ratio) {
    constexpr double nothing = 1e-100; // keeps the ratio to a spot of zero finite
    const T unit = form.put_or_call(T(1.0), greater(T(1.0 - dividend * ratio), T(0.0)));
    const T after = form.put_or_call(greater(T(ratio - dividend), T(0.0)), T(ratio / greater(unit, T(nothing))));
    return {after, unit};
}

/// The value of a put form that is exercised at one time or never, and is paid no dividend until then.
/// @source Black and Scholes, The Pricing of Options and Corporate Liabilities (1973); Merton (1973) for the yield.
template <Real T>
class EuropeanPut {
public:
    /// @param time      Until exercise, years.
    /// @param variance  Of the logarithm of the ratio by then, / volatility^2: years.
    /// @param payment   What 1 received then is in put form: e^(rate x time from then to expiry).
    EuropeanPut(const PutForm<T>& form, const T& time, const T& variance, const T& payment) : payment_(payment) {
        using std::exp;
        using std::sqrt;
        constexpr double nothing = 1e-100;
        growth_ = T(exp(T(T(form.rate - form.yield) * time)));
        deviation_ = greater(T(form.volatility * T(sqrt(variance))), T(nothing));
        high_ = T(exp(T(furthest * deviation_)));
        low_ = T(1.0 / high_);
    }

    /// What the forward ratio is of the ratio now.
    [[nodiscard]] const T& growth() const { return growth_; }

    [[nodiscard]] T operator()(const T& ratio) const {
        const T forward = T(ratio * growth_);
        const T intrinsic = greater(T(1.0 - forward), T(0.0));
        const auto is_open = (forward > low_) & (forward < high_);
        if (!any(is_open)) { // almost everywhere if the time is short
            return T(payment_ * intrinsic);
        }
        const T within = greater(low_, lesser(high_, forward));
        const T distance = T(log_ratio(within, T(1.0)) / deviation_);
        const T value =
            T(normal_cdf(T(0.5 * deviation_ - distance)) - forward * normal_cdf(T(-0.5 * deviation_ - distance)));
        return T(payment_ * select(is_open, greater(value, intrinsic), intrinsic));
    }

private:
    static constexpr double furthest = 8.3; // deviations: the distribution is 0 or 1 there

    T payment_;
    T growth_;
    T deviation_;
    T high_; ///< Forward ratios from here up are worth nothing.
    T low_;  ///< To here, they are worth what exercise gives.
};

} // namespace margincore::detail
