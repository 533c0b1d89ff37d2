// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>

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
    T carry;      ///< Rate less dividend yield, of the option itself.
    DividendModel model;

    [[nodiscard]] T put_or_call(const T& put, const T& call) const { return select(sign < T(0.0), put, call); }

    /// How fast the logarithm of the ratio drifts.
    [[nodiscard]] T drift() const { return T(rate - yield - 0.5 * volatility * volatility); }

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

/// The value at expiry in `time` of a put that cannot be exercised earlier, in put form.
/// @source Black and Scholes, The Pricing of Options and Corporate Liabilities (1973); Merton (1973) for the yield.
template <Real T>
[[nodiscard]] T european_value(const PutForm<T>& form, const T& time, const T& ratio) {
    using std::exp;
    using std::sqrt;
    constexpr double nothing = 1e-100;
    constexpr double furthest = 37.0; // deviations, where the distribution is 0 or 1
    const T forward = T(ratio * exp(T((form.rate - form.yield) * time)));
    const T deviation = greater(T(form.volatility * sqrt(time)), T(nothing));
    const T distance = T(log_ratio(greater(forward, T(nothing)), T(1.0)) / deviation);
    const auto within = [&](const T& x) { return greater(T(-furthest), lesser(T(furthest), x)); };
    return T(normal_cdf(within(T(0.5 * deviation - distance))) -
             forward * normal_cdf(within(T(-0.5 * deviation - distance))));
}

} // namespace margincore::detail
