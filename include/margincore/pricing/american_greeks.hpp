// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <margincore/core/real.hpp>
#include <margincore/pricing/american.hpp>
#include <margincore/pricing/american_scheme.hpp>
#include <margincore/pricing/greeks.hpp>
#include <margincore/pricing/option_terms.hpp>

namespace margincore {

/// The sensitivities of an American option: those to the spot by `AmericanOption`, those to volatility and rate from
/// options beside it, each solved once for any number of spots.
///
/// Their steps are 1 % of the volatility and 0.0001 of the rate. The error of a price changes slowly with its terms
/// and so cancels in the difference; but where rate and yield are near each other it does not, and near a rate of zero
/// prices bend, which asks for a small step: so the options with other rates are of a finer scheme. At a spot of $100,
/// in the usual ranges, the accurate setting leaves vega within $0.01 and rho within $0.02 per 1.00, 99 of 100 within
/// $0.005. Where a step would lead to a negative volatility or to two boundaries of exercise, the difference is of one
/// side.
template <Real T, AmericanScheme scheme>
class AmericanGreeks {
public:
    /// @param terms  As of `AmericanOption`.
    explicit AmericanGreeks(const OptionTerms<T>& terms)
        : option_(terms), volatile_(with_volatility(terms, volatility_step(terms))),
          calm_(with_volatility(terms, T(-volatility_step(terms)))), dear_(with_rate(terms, rate_step)),
          cheap_(with_rate(terms, -rate_step)) {}

    /// @param spot  USD per unit of the underlying, >= 0.
    [[nodiscard]] Greeks<T> greeks(const T& spot) const {
        const SpotGreeks<T> of_spot = option_.spot_greeks(spot);
        return {.delta = of_spot.delta,
                .gamma = of_spot.gamma,
                .vega = T(T(volatile_.option.price(spot) - calm_.option.price(spot)) / T(volatile_.at - calm_.at)),
                .theta = of_spot.theta,
                .rho = T(T(dear_.option.price(spot) - cheap_.option.price(spot)) / T(dear_.at - cheap_.at))};
    }

    /// USD per unit of the underlying, as `AmericanOption`.
    [[nodiscard]] T price(const T& spot) const { return option_.price(spot); }

private:
    static constexpr double rate_step = 1e-4;
    static constexpr AmericanScheme finer = {.collocation_nodes = scheme.collocation_nodes + 2,
                                             .iterations = scheme.iterations + 1,
                                             .boundary_points = scheme.boundary_points + 2,
                                             .pricing_points = scheme.pricing_points + 5,
                                             .approximation_steps = scheme.approximation_steps};

    /// An option beside, and the volatility or rate that it has.
    template <AmericanScheme of>
    struct Neighbour {
        T at;
        AmericanOption<T, of> option;
    };

    [[nodiscard]] static T volatility_step(const OptionTerms<T>& terms) {
        constexpr double relative = 0.01;
        constexpr double least = 1e-6;
        return greater(T(relative * terms.volatility), T(least));
    }
    [[nodiscard]] static Neighbour<scheme> with_volatility(OptionTerms<T> terms, const T& step) {
        terms.volatility = greater(T(terms.volatility + step), T(0.0));
        return {.at = terms.volatility, .option = AmericanOption<T, scheme>(terms)};
    }
    [[nodiscard]] static Neighbour<finer> with_rate(OptionTerms<T> terms, double step) {
        const T before = terms.rate;
        terms.rate = T(before + step);
        terms.rate = select(has_two_exercise_boundaries(terms), before, terms.rate);
        return {.at = terms.rate, .option = AmericanOption<T, finer>(terms)};
    }

    AmericanOption<T, scheme> option_;
    Neighbour<scheme> volatile_;
    Neighbour<scheme> calm_;
    Neighbour<finer> dear_;
    Neighbour<finer> cheap_;
};

} // namespace margincore
