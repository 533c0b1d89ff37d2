// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>

#include <margincore/core/real.hpp>

namespace margincore::detail {

/// The matrices of one step in time, whose rows are all alike: with the second difference D,
/// (1 - implicit D) new = (1 + explicit D) old, and what solves it without a division.
///
/// The first factor (1 - decay L)(1 - decay L')/scale of the left side has the same rows too, if the value beyond the
/// last point is `decay` times that point's. There the option is far out of the money and its value falls like that.
/// @source Crandall, An Optimum Implicit Recurrence Formula for the Heat Conduction Equation (1955): with the weights
///         half the step -+ 1/12 the error is of fourth order in space, at the cost of Crank and Nicolson's (1947).
template <Real T>
struct StepWeights {
    T decay;  ///< Of the influence from point to point, in [0, 1).
    T middle; ///< Of the old value in the point, times the scale.
    T side;   ///< Of those beside it, times the scale.
    T still;  ///< 1 where no time passes, and all values stay as they are to the bit; else 0.
};

/// @param ratio  volatility^2 / 2 x the step in time / the spacing^2, >= 0.
template <Real T>
[[nodiscard]] StepWeights<T> step_weights(const T& ratio) {
    using std::sqrt;
    constexpr double optimum = 1.0 / 12.0;
    // A short step is explicit, which is stable there; a negative weight would undo that exercise is best everywhere
    // beyond one point, on which the order of the sweeps rests.
    const T implicit = greater(T(0.5 * ratio - optimum), T(0.0));
    const T explicit_weight = T(ratio - implicit);
    const T scale = T(2.0 / (1.0 + 2.0 * implicit + T(sqrt(T(1.0 + 4.0 * implicit)))));
    return {T(implicit * scale), T(scale * (1.0 - 2.0 * explicit_weight)), T(scale * explicit_weight),
            select(ratio > T(0.0), T(0.0), T(1.0))};
}

/// What exercise gives in the points: level - slope x factor.
template <Real T>
struct ExerciseLine {
    T level;
    T slope;

    [[nodiscard]] T operator()(const T& factor) const { return multiply_add(T(-slope), factor, level); }
};

/// How many points one link of the sweeps' chains covers. Each point depends on its neighbour; that of a whole block is
/// computed from the last one of the block before, so that the processor has other work while it waits.
template <class T>
inline constexpr std::size_t sweep_block = sizeof(T) < 64 ? 4 : 2;

template <Real T>
[[nodiscard]] std::array<T, sweep_block<T>> powers_of(const T& x) {
    std::array<T, sweep_block<T>> powers;
    powers[0] = x;
    for (std::size_t i = 1; i < powers.size(); ++i) {
        powers[i] = T(powers[i - 1] * x);
    }
    return powers;
}

/// First sweep, from out of the money to in the money: the right side, and the elimination of what lies beyond.
template <Real T>
void eliminate(std::span<T> values, const StepWeights<T>& weights) {
    constexpr std::size_t block = sweep_block<T>;
    const auto powers = powers_of(weights.decay);
    std::size_t j = values.size() - 2;
    T beyond = values[j + 1];
    T here = values[j];
    T eliminated = T(0.0);
    const auto right_side = [&](const T& inner) {
        const T result = multiply_add(weights.middle, here, T(weights.side * T(inner + beyond)));
        beyond = here;
        here = inner;
        return result;
    };
    for (; j % block != 0; --j) {
        eliminated = multiply_add(weights.decay, eliminated, right_side(values[j - 1]));
        values[j] = eliminated;
    }
    for (; j > 0; j -= block) {
        std::array<T, block> part;
        part[0] = right_side(values[j - 1]);
        for (std::size_t k = 1; k < block; ++k) {
            part[k] = multiply_add(weights.decay, part[k - 1], right_side(values[j - k - 1]));
        }
        for (std::size_t k = 0; k + 1 < block; ++k) {
            values[j - k] = multiply_add(powers[k], eliminated, part[k]);
        }
        eliminated = multiply_add(powers[block - 1], eliminated, part[block - 1]);
        values[j - block + 1] = eliminated;
    }
}

/// Second sweep, from in the money to out of the money: the values, each no less than exercise gives.
///
/// Of a whole block it uses greater(a, b + c greater(d, e)) = greater(greater(a, b + c d), b + c e), as decay >= 0.
/// @param edge  The value in the first point.
/// @source Brennan and Schwartz, The Valuation of American Put Options, Journal of Finance 32 (1977): the sweep that
///         comes from where exercise is best may take the greater point by point, and the result is exact.
template <bool early, Real T>
void substitute(std::span<T> values, std::span<const T> factors, const StepWeights<T>& weights,
                const ExerciseLine<T>& exercise, const T& edge) {
    constexpr std::size_t block = sweep_block<T>;
    const auto powers = powers_of(weights.decay);
    const std::size_t last = values.size() - 1;
    T value = edge;
    values[0] = value;
    std::size_t j = 1;
    for (; j + block <= last; j += block) {
        std::array<T, block> held;
        std::array<T, block> least;
        held[0] = values[j];
        for (std::size_t k = 1; k < block; ++k) {
            held[k] = multiply_add(weights.decay, held[k - 1], values[j + k]);
        }
        if constexpr (early) {
            least[0] = exercise(factors[j]);
            for (std::size_t k = 1; k < block; ++k) {
                least[k] = greater(exercise(factors[j + k]), multiply_add(weights.decay, least[k - 1], values[j + k]));
            }
        }
        const T inner = value;
        for (std::size_t k = 0; k < block; ++k) {
            value = multiply_add(powers[k], inner, held[k]);
            if constexpr (early) {
                value = greater(least[k], value);
            }
            values[j + k] = value;
        }
    }
    for (; j < last; ++j) {
        value = multiply_add(weights.decay, value, values[j]);
        if constexpr (early) {
            value = greater(exercise(factors[j]), value);
        }
        values[j] = value;
    }
    values[last] = multiply_add(weights.still, values[last], T(weights.decay * value));
}

} // namespace margincore::detail
