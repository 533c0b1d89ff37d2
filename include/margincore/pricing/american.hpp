// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cmath>
#include <cstddef>

#include <margincore/core/real.hpp>
#include <margincore/pricing/american_scheme.hpp>
#include <margincore/pricing/exercise_boundary.hpp>
#include <margincore/pricing/normal_distribution.hpp>
#include <margincore/pricing/option_terms.hpp>
#include <margincore/pricing/scaled_tails.hpp>

namespace margincore {

/// The sensitivities that need no other boundary.
template <Real T>
struct SpotGreeks {
    T delta; ///< As of `Greeks`.
    T gamma; ///< As of `Greeks`.
    T theta; ///< As of `Greeks`; 0 where exercise now is best.
};

/// Whether exercise is best between two prices of the underlying, of which `AmericanOption` knows but one: a put with
/// yield < rate < 0, a call with rate < yield < 0, while there is time.
template <Real T>
[[nodiscard]] auto has_two_exercise_boundaries(const OptionTerms<T>& terms) -> decltype(terms.sign < terms.sign) {
    const auto is_call = terms.sign > T(0.0);
    const T rate = select(is_call, terms.dividend_yield, terms.rate);
    const T yield = select(is_call, terms.rate, terms.dividend_yield);
    return (yield < rate) & (rate < T(0.0)) & (terms.time > T(0.0));
}

/// An American option on an underlying with a continuous yield: the boundary of exercise once, then any number of
/// prices.
///
/// Where early exercise never pays (a put with a rate of 0 or less that is not above the yield, a call with a yield of
/// 0 or less that is not above the rate) it is European. Where volatility x root(time) is below 1e-7 the underlying
/// moves along its forward: the price is that of exercise at the best time of this path. NaN comes of NaN only.
///
/// @tparam scheme  How much work: `american_scheme(Accuracy::fast)` or another.
/// @source Kim, "The Analytic Valuation of American Options", Review of Financial Studies 3 (1990), for a put. A call
/// is the put with spot and strike, and
///         rate and yield, exchanged: McDonald and Schroder, "A Parity Result for American Options", Journal of
///         Computational Finance 1 (1998).
template <Real T, AmericanScheme scheme>
class AmericanOption {
    using Nodes = detail::AmericanNodes<scheme>;
    using Condition = decltype(T(0.0) < T(0.0));
    static constexpr std::size_t p = Nodes::p;

public:
    /// @param terms  As `OptionTerms` says; not such that `has_two_exercise_boundaries`.
    explicit AmericanOption(const OptionTerms<T>& terms);

    /// USD per unit of the underlying; not less than of the European option, nor than exercise now gives.
    ///
    /// @param spot  USD per unit of the underlying, >= 0.
    [[nodiscard]] T price(const T& spot) const;

    /// @param spot  USD per unit of the underlying, >= 0.
    [[nodiscard]] SpotGreeks<T> spot_greeks(const T& spot) const;

private:
    /// Spot and strike as of the put that the option is.
    struct PutState {
        T spot;
        T strike;
        T log_moneyness; ///< log(spot / strike), kept finite.
    };
    /// Exercise at the best time of a path without volatility: what strike and spot are discounted by, 0 for never.
    struct CertainExercise {
        T time;
        T strike_factor;
        T spot_factor;
    };

    [[nodiscard]] PutState put_state(const T& spot) const;
    [[nodiscard]] CertainExercise certain_exercise(const PutState& state) const;
    [[nodiscard]] Condition is_exercised(const PutState& state) const {
        return (state.log_moneyness <= log_boundary_) & !is_european_;
    }

    OptionTerms<T> terms_;
    ExercisePut<T> put_; // the put that the option is; its time and volatility only where they are not certain
    Condition is_call_;
    Condition is_european_; // early exercise never pays
    Condition is_certain_;  // no volatility, or no time
    bool some_are_certain_;
    T scale_;         // volatility x root(time)
    T inverse_scale_; // 1 / scale
    T drift_;         // (rate - yield + volatility^2 / 2) x root(time) / volatility
    T discount_;
    T yield_discount_;
    T log_boundary_; // log(B / strike) at the whole time to expiry
    // Of each point of the integral that is the premium, s from now: d+ = log_moneyness / (volatility root(s)) +
    // offset; weight x rate x discount, weight x yield x yield discount, and the first as of the density of d+.
    std::array<T, p> offset_;
    std::array<T, p> strike_flow_;
    std::array<T, p> spot_flow_;
    std::array<T, p> density_flow_;
};

template <Real T, AmericanScheme scheme>
AmericanOption<T, scheme>::AmericanOption(const OptionTerms<T>& terms) : terms_(terms), is_call_(terms.sign > T(0.0)) {
    using std::exp;
    using std::sqrt;
    constexpr double least_scale = 1e-7;     // leaves out $0.000004 of an underlying of $100
    constexpr double some_volatility = 0.25; // of options that are not computed with it
    const T rate = select(is_call_, terms.dividend_yield, terms.rate);
    const T yield = select(is_call_, terms.rate, terms.dividend_yield);
    is_certain_ = T(terms.volatility * T(sqrt(terms.time))) < T(least_scale);
    some_are_certain_ = any(is_certain_);
    is_european_ = (rate <= T(0.0)) & (rate <= yield);
    put_ = {.time = select(is_certain_, T(1.0), terms.time),
            .rate = rate,
            .yield = yield,
            .volatility = select(is_certain_, T(some_volatility), terms.volatility)};
    scale_ = T(put_.volatility * T(sqrt(put_.time)));
    inverse_scale_ = T(1.0 / scale_);
    drift_ = T(T(rate - yield) * put_.time * inverse_scale_ + 0.5 * scale_);
    discount_ = T(exp(T(-rate * put_.time)));
    yield_discount_ = T(exp(T(-yield * put_.time)));

    ExercisePut<T> solvable = put_;
    solvable.rate = select(is_european_, T(0.0), rate);
    solvable.yield = select(is_european_, T(0.0), yield);
    const ExerciseBoundary<T, scheme> boundary(solvable);
    log_boundary_ = T(boundary.log_start() - boundary.log_depth());
    for (std::size_t k = 0; k < p; ++k) {
        const double root = Nodes::pricing.sine[k];
        const T time = T(put_.time * (root * root));
        const T weight = T(put_.time * (2 * root * Nodes::pricing.weight[k]));
        const T log_boundary = T(boundary.log_start() - boundary.log_depth(Nodes::pricing_weights[k]));
        const T yield_discount = T(exp(T(-yield * time)));
        offset_[k] = T(drift_ * root - T(log_boundary * inverse_scale_) * (1.0 / root));
        strike_flow_[k] = T(weight * rate * T(exp(T(-rate * time))));
        spot_flow_[k] = T(weight * yield * yield_discount);
        density_flow_[k] = T(weight * rate * yield_discount * T(exp(T(-log_boundary))));
    }
}

template <Real T, AmericanScheme scheme>
auto AmericanOption<T, scheme>::put_state(const T& spot) const -> PutState {
    constexpr double furthest = 700.0;
    PutState state{.spot = select(is_call_, terms_.strike, spot),
                   .strike = select(is_call_, spot, terms_.strike),
                   .log_moneyness = T(0.0)};
    const T log_moneyness = log_ratio(state.spot, state.strike);
    state.log_moneyness = lesser(T(furthest), greater(T(-furthest), log_moneyness)); // in this order NaN stays NaN
    return state;
}

/// What strike exp(-r t) - spot exp(-q t) gains a moment later is zero where r strike exp(-r t) = q spot exp(-q t).
/// This is its best time only where q > r > 0; otherwise it is now, or expiry where exercise never pays.
template <Real T, AmericanScheme scheme>
auto AmericanOption<T, scheme>::certain_exercise(const PutState& state) const -> CertainExercise {
    using std::exp;
    const T zero(0.0);
    const T one(1.0);
    const auto may_wait = (put_.rate > zero) & (put_.yield > put_.rate);
    const T start = log_ratio(select(may_wait, put_.rate, one), select(may_wait, put_.yield, one));
    const T wait = T(T(state.log_moneyness - start) / select(may_wait, T(put_.yield - put_.rate), one));
    const T best = select(may_wait, lesser(greater(wait, zero), terms_.time), zero);
    const T time = select(is_european_, terms_.time, best);
    const T discount = T(exp(T(-put_.rate * time)));
    const T yield_discount = T(exp(T(-put_.yield * time)));
    const T gain = T(state.strike * discount - state.spot * yield_discount);
    const T pays = select(gain > zero, one, select(gain < zero, zero, T(0.5))); // at the kink the mean of its slopes
    return {.time = time, .strike_factor = T(pays * discount), .spot_factor = T(pays * yield_discount)};
}

template <Real T, AmericanScheme scheme>
T AmericanOption<T, scheme>::price(const T& spot) const {
    const PutState state = put_state(spot);
    const T scaled = T(state.log_moneyness * inverse_scale_);
    const T upper = T(scaled + drift_);
    const T present_spot = T(state.spot * yield_discount_);
    const T present_strike = T(state.strike * discount_);
    const T density = T(present_spot * detail::bounded_density(upper));
    const auto european = detail::scaled_upper_tails<T>({.strike = T(upper - scale_), .spot = upper},
                                                        {.strike = present_strike, .spot = present_spot},
                                                        {.strike = density, .spot = density});
    T premium = T(0.0);
    for (std::size_t k = 0; k < p; ++k) {
        const double root = Nodes::pricing.sine[k];
        const T d = multiply_add(scaled, T(1.0 / root), offset_[k]);
        const T at = T(state.spot * detail::bounded_density(d));
        const auto flow = detail::scaled_upper_tails<T>(
            {.strike = T(d - scale_ * root), .spot = d},
            {.strike = T(state.strike * strike_flow_[k]), .spot = T(state.spot * spot_flow_[k])},
            {.strike = T(at * density_flow_[k]), .spot = T(at * spot_flow_[k])});
        premium = T(premium + T(flow.strike - flow.spot));
    }
    premium = greater(select(is_european_, T(0.0), premium), T(0.0));

    const T intrinsic = greater(T(state.strike - state.spot), T(0.0));
    // The bounds bind where the spot of a call is zero, and where the volatility is that of nothing traded.
    const T least = lesser(greater(T(european.strike - european.spot), T(0.0)), present_strike);
    const T waiting = greater(intrinsic, lesser(T(least + premium), greater(least, state.strike)));
    const T price = select(is_exercised(state), intrinsic, waiting);
    if (!some_are_certain_) {
        return price;
    }
    const CertainExercise certain = certain_exercise(state);
    return select(is_certain_, T(state.strike * certain.strike_factor - state.spot * certain.spot_factor), price);
}

/// The premium is strike a - spot b. In its first derivative those of a and b leave the integral of
/// exp(-q s) phi(d+) (r strike / B - q) / (volatility root(s)), and in its second, where spot is near B, that has a
/// peak near s = 0 which no fixed points catch. So what a boundary that stays and a path without drift would give
/// there, the probability to reach it, is taken out of the integral and added in closed form.
template <Real T, AmericanScheme scheme>
SpotGreeks<T> AmericanOption<T, scheme>::spot_greeks(const T& spot) const {
    using std::exp;
    constexpr double least = detail::least_divisor<T>(1e-100);
    const T zero(0.0);
    const PutState state = put_state(spot);
    const T moneyness = T(state.spot / greater(state.strike, T(least)));
    const T scaled = T(state.log_moneyness * inverse_scale_);
    const T upper = T(scaled + drift_);
    const T density = T(yield_discount_ * detail::bounded_density(upper));
    const auto european = detail::scaled_upper_tails<T>({.strike = T(upper - scale_), .spot = upper},
                                                        {.strike = discount_, .spot = yield_discount_},
                                                        {.strike = T(density * moneyness), .spot = density});

    const T distance = greater(T(T(state.log_moneyness - log_boundary_) * inverse_scale_), zero);
    const T gain = T(put_.rate * T(exp(T(-log_boundary_))) - put_.yield); // of exercise at B, per year and USD of B
    const T peak_scale = T(2.0 * gain * put_.time * inverse_scale_);
    detail::StrikeAndSpot<T> premium{.strike = zero, .spot = zero};
    T slope = zero;
    T bend = T(peak_scale * inverse_scale_ * normal_cdf(T(-distance)));
    for (std::size_t k = 0; k < p; ++k) {
        const double root = Nodes::pricing.sine[k];
        const T inverse = T(inverse_scale_ * (1.0 / root));
        const T d = multiply_add(scaled, T(1.0 / root), offset_[k]);
        const T at = detail::bounded_density(d);
        const auto flow = detail::scaled_upper_tails<T>(
            {.strike = T(d - scale_ * root), .spot = d}, {.strike = strike_flow_[k], .spot = spot_flow_[k]},
            {.strike = T(at * moneyness * density_flow_[k]), .spot = T(at * spot_flow_[k])});
        premium.strike = T(premium.strike + flow.strike);
        premium.spot = T(premium.spot + flow.spot);
        const T net = T(at * T(density_flow_[k] - spot_flow_[k]) * inverse);
        const T straight = T(distance * (1.0 / root));
        const T peak = T(peak_scale * Nodes::pricing.weight[k] * detail::bounded_density(straight) * straight);
        slope = T(slope + net);
        bend = T(bend + T(at * spot_flow_[k] + T(net * d - peak)) * inverse);
    }
    const auto early = [&](const T& value) { return select(is_european_, zero, value); };
    const T of_strike = T(european.strike + early(T(premium.strike + slope * moneyness)));
    const T of_spot = T(european.spot + early(T(premium.spot + slope)));
    const T curvature = T(density * inverse_scale_ + early(bend)); // gamma of the put x spot of the put

    const T underlying = greater(spot, T(least));
    const auto exercised = is_exercised(state);
    SpotGreeks<T> result{.delta = select(exercised, terms_.sign, select(is_call_, of_strike, T(-of_spot))),
                         .gamma = select(exercised, zero, T(curvature * T(state.spot / underlying) / underlying)),
                         .theta = zero};
    T waits = select(exercised, zero, T(1.0));
    if (some_are_certain_) {
        const CertainExercise certain = certain_exercise(state);
        result.delta =
            select(is_certain_, select(is_call_, certain.strike_factor, T(-certain.spot_factor)), result.delta);
        result.gamma = select(is_certain_, zero, result.gamma);
        waits = select(is_certain_, certain.time, waits);
    }
    // Merton (1973): what every price fulfils until exercise.
    const T carried = T(T(terms_.rate - terms_.dividend_yield) * spot * result.delta);
    const T diffused = T(0.5 * terms_.volatility * terms_.volatility * T(result.gamma * spot) * spot);
    result.theta = select(waits > zero, T(terms_.rate * price(spot) - carried - diffused), zero);
    return result;
}

} // namespace margincore
