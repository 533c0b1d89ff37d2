// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>

#include <margincore/core/real.hpp>
#include <margincore/pricing/greeks.hpp>
#include <margincore/pricing/normal_distribution.hpp>
#include <margincore/pricing/option_terms.hpp>

namespace margincore {

/// A change of the spot, and the logarithm of its factor, which every series shares.
template <Real T>
struct SpotMove {
    T factor;     ///< New spot by old, > 0.
    T log_factor; ///< Its natural logarithm.
};

/// A European option on something with a continuous yield: what its prices at several spots share.
///
/// Without time or volatility the price is the discounted intrinsic value of the forward: the limit.
/// @source Black and Scholes (1973), Merton (1973): generalized Black-Scholes with cost of carry rate - yield.
template <Real T>
class EuropeanOption {
public:
    EuropeanOption() = default; ///< Of no option, to be assigned to.

    /// @param spot  USD per unit, >= 0; of zero the limit.
    EuropeanOption(const OptionTerms<T>& terms, const T& spot) : terms_(terms), spot_(greater(spot, T(least))) {
        using std::exp;
        using std::sqrt;
        root_time_ = T(sqrt(terms.time));
        const T deviation = greater(T(terms.volatility * root_time_), T(least));
        by_deviation_ = T(1.0 / deviation);
        half_deviation_ = T(0.5 * deviation);
        present_spot_ = T(spot_ * T(exp(T(-T(terms.dividend_yield * terms.time)))));
        present_strike_ = T(terms.strike * T(exp(T(-T(terms.rate * terms.time)))));
        const T carry = T(T(terms.rate - terms.dividend_yield) * terms.time);
        moneyness_ = T(T(log_ratio(spot_, terms.strike) + carry) * by_deviation_);
    }

    /// USD per unit of the underlying, >= 0.
    [[nodiscard, gnu::always_inline]] T price() const {
        const T m = bounded(moneyness_);
        return price_of(parts(present_spot_, m, density(present_spot_, m)));
    }

    /// The price after a move of the spot, all else held.
    [[nodiscard, gnu::always_inline]] T price(const SpotMove<T>& move) const {
        const T present_spot = T(present_spot_ * move.factor);
        const T m = bounded(multiply_add(move.log_factor, by_deviation_, moneyness_));
        return price_of(parts(present_spot, m, density(present_spot, m)));
    }

    /// Without time or volatility those of the limit: delta of the forward's intrinsic value (half where that is zero),
    /// gamma and vega zero.
    [[nodiscard]] Greeks<T> greeks() const {
        const T m = bounded(moneyness_);
        const Parts of = parts(present_spot_, m, density(present_spot_, m));
        const auto is_smooth = half_deviation_ > T(least);
        const T zero(0.0);
        const T slope = select(is_smooth, of.density, zero);
        const T by_root = T(1.0 / select(is_smooth, root_time_, T(1.0)));
        const T decay = T(T(T(0.5 * slope) * terms_.volatility) * by_root);
        const T of_spot = T(terms_.sign * of.spot);
        const T of_strike = T(terms_.sign * of.strike);
        return {.delta = T(of_spot / spot_),
                .gamma = T(T(slope / spot_) * T(by_deviation_ / spot_)),
                .vega = T(slope * root_time_),
                .theta = T(T(T(terms_.dividend_yield * of_spot) - T(terms_.rate * of_strike)) - decay),
                .rho = T(terms_.time * of_strike)};
    }

private:
    static constexpr double least = 1e-30;   // of what is divided by: a zero's limit, to all digits
    static constexpr double furthest = 38.0; // standard deviations; beyond it a double has nothing left of the tail

    /// The two halves of the price, S e^(-qT) Phi(+-d1) and K e^(-rT) Phi(+-d2), and S e^(-qT) phi(d1).
    struct Parts {
        T spot;
        T strike;
        T density;
    };

    [[nodiscard, gnu::always_inline]] static T bounded(const T& moneyness) {
        return lesser(T(furthest), greater(T(-furthest), moneyness));
    }

    /// S e^(-qT) phi(d1), which is K e^(-rT) phi(d2): one exponential serves both tails.
    [[nodiscard, gnu::always_inline]] T density(const T& present_spot, const T& moneyness) const {
        return T(present_spot * normal_density(T(moneyness + half_deviation_)));
    }

    [[nodiscard, gnu::always_inline]] Parts parts(const T& present_spot, const T& moneyness, const T& density) const {
        using std::abs;
        const T d1 = T(moneyness + half_deviation_);
        const T d2 = T(moneyness - half_deviation_);
        const auto [mills_1, mills_2] = mills_ratios_for_prices(T(abs(d1)), T(abs(d2)));
        const T tail_1 = T(density * mills_1);
        const T tail_2 = T(density * mills_2);
        const T zero(0.0);
        return {.spot = select(T(terms_.sign * d1) < zero, tail_1, T(present_spot - tail_1)),
                .strike = select(T(terms_.sign * d2) < zero, tail_2, T(present_strike_ - tail_2)),
                .density = density};
    }

    [[nodiscard, gnu::always_inline]] T price_of(const Parts& of) const {
        return greater(T(terms_.sign * T(of.spot - of.strike)), T(0.0));
    }

    OptionTerms<T> terms_;
    T spot_;
    T root_time_;
    T by_deviation_;   // one by the standard deviation of the logarithm of the spot at expiry
    T half_deviation_; //
    T present_spot_;   // S e^(-qT)
    T present_strike_; // K e^(-rT)
    T moneyness_;      // log(F / K) in standard deviations
};

/// The price of a European option with a continuous yield, USD per unit of the underlying.
///
/// @param spot  USD per unit of the underlying, >= 0.
template <Real T>
[[nodiscard]] T european_price(const OptionTerms<T>& terms, const T& spot) {
    return EuropeanOption<T>(terms, spot).price();
}

} // namespace margincore
