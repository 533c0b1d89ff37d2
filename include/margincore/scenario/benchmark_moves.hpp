// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <vector>

#include <margincore/core/piecewise_linear.hpp>
#include <margincore/core/units.hpp>

namespace margincore {

/// The stress grid of the workshop: moves of the benchmark, fractions.
/// @source Workshop on real-time margin risk, "SPY stress scenarios".
inline constexpr std::array<Fraction, 8> workshop_moves = {-0.08, -0.06, -0.04, -0.02, 0.0, 0.02, 0.04, 0.06};

/// The farthest moves that reverse stress looks at: the benchmark worthless, and four times its price.
inline constexpr Fraction farthest_fall = -1.0;
inline constexpr Fraction farthest_rise = 3.0;

/// What an instrument moves by when the benchmark moves: beta times the move, and never below worthless.
[[nodiscard]] constexpr Fraction beta_move(double beta, Fraction benchmark_move) {
    return (std::max)(-1.0, beta * benchmark_move);
}

/// One holding as the benchmark sees it.
struct BetaExposure {
    Money value = 0.0; ///< Net market value, long positive.
    double beta = 0.0; ///< To the benchmark.
};

/// Gain of holdings that move linearly with their instrument, for one move of the benchmark. Gain positive.
[[nodiscard]] constexpr Money linear_gain(std::span<const BetaExposure> holdings, Fraction benchmark_move) {
    Money gain = 0.0;
    for (const BetaExposure& holding : holdings) {
        gain += holding.value * beta_move(holding.beta, benchmark_move);
    }
    return gain;
}

/// The nearest move of the benchmark, down or up, at which an amount plus the gain of the holdings is zero.
struct ReverseStress {
    std::optional<Fraction> down{}; ///< In [-1, 0); nothing where there is none.
    std::optional<Fraction> up{};   ///< In (0, 3]; nothing where there is none.

    friend bool operator==(const ReverseStress&, const ReverseStress&) = default;
};

/// Reverse stress of linear holdings, exact: the gain is a line between the moves at which a holding turns worthless.
///
/// @param holdings  Net values and betas. Shape (n_holdings).
/// @param amount    What is left before any move, USD: an excess, or the net liquidation value.
[[nodiscard]] inline ReverseStress reverse_stress(std::span<const BetaExposure> holdings, Money amount) {
    const auto left = [&](Fraction move) { return amount + linear_gain(holdings, move); };
    std::vector<double> falls{farthest_fall};
    std::vector<double> rises{farthest_rise};
    for (const BetaExposure& holding : holdings) {
        if (holding.beta == 0) {
            continue;
        }
        const Fraction worthless_at = -1.0 / holding.beta;
        if (worthless_at < 0 && worthless_at > farthest_fall) {
            falls.push_back(worthless_at);
        } else if (worthless_at > 0 && worthless_at < farthest_rise) {
            rises.push_back(worthless_at);
        }
    }
    std::ranges::sort(falls, std::ranges::greater{});
    std::ranges::sort(rises);
    return {.down = nearest_root(left, 0.0, falls), .up = nearest_root(left, 0.0, rises)};
}

} // namespace margincore
