// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
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
    const Fraction move = beta * benchmark_move;
    return move < -1.0 ? -1.0 : move; // and a missing beta stays missing
}

/// One holding as the benchmark sees it.
struct BetaExposure {
    Money value = 0.0; ///< Net market value, long positive.
    double beta = 0.0; ///< To the benchmark.
};

/// The nearest move of the benchmark, down or up, at which an amount plus the gain of the holdings is zero.
struct ReverseStress {
    std::optional<Fraction> down{}; ///< In [-1, 0); nothing where there is none.
    std::optional<Fraction> up{};   ///< In (0, 3]; nothing where there is none.

    friend bool operator==(const ReverseStress&, const ReverseStress&) = default;
};

namespace detail {

/// What is left of an amount as the benchmark moves one way: a line between the moves at which a holding turns
/// worthless, each found in logarithmic time.
class LinearRest {
public:
    /// @param direction  -1 for falls of the benchmark, 1 for rises.
    LinearRest(std::span<const BetaExposure> holdings, Money amount, Fraction direction, Fraction farthest)
        : amount_(amount) {
        Money never_worthless = 0.0;
        std::vector<BetaExposure> mortal;
        for (const BetaExposure& holding : holdings) {
            if (holding.beta * direction < 0 && -direction / holding.beta < std::abs(farthest)) {
                mortal.push_back(holding);
            } else {
                never_worthless += holding.value * holding.beta;
            }
        }
        std::ranges::sort(mortal, std::ranges::greater{},
                          [](const BetaExposure& holding) { return std::abs(holding.beta); });
        lost_.assign(mortal.size() + 1, 0.0);
        slope_.assign(mortal.size() + 1, never_worthless);
        for (std::size_t i = 0; i < mortal.size(); ++i) {
            worthless_at_.push_back(1.0 / std::abs(mortal[i].beta));
            lost_[i + 1] = lost_[i] + mortal[i].value;
            knots_.push_back(direction * worthless_at_.back());
        }
        for (std::size_t i = mortal.size(); i > 0; --i) { // from the end, so that what is lost is out of it exactly
            slope_[i - 1] = slope_[i] + mortal[i - 1].value * mortal[i - 1].beta;
        }
        knots_.push_back(farthest);
    }

    /// What is left after a move; a holding is worthless at its knot and beyond.
    [[nodiscard]] Money operator()(Fraction move) const {
        const auto worthless = std::ranges::upper_bound(worthless_at_, std::abs(move)) - worthless_at_.begin();
        const auto piece = static_cast<std::size_t>(worthless);
        return amount_ - lost_[piece] + slope_[piece] * move;
    }

    [[nodiscard]] std::span<const Fraction> knots() const { return knots_; }

private:
    Money amount_;
    std::vector<Fraction> worthless_at_; // ascending, without sign
    std::vector<Fraction> knots_;        // in the order in which they are met
    std::vector<Money> lost_;            // value of the holdings that are worthless, by piece
    std::vector<Money> slope_;           // value times beta of the others, by piece
};

} // namespace detail

/// Reverse stress of linear holdings, exact: the gain is a line between the moves at which a holding turns worthless.
///
/// @param holdings  Net values and betas. Shape (n_holdings).
/// @param amount    What is left before any move, USD: an excess, or the net liquidation value.
[[nodiscard]] inline ReverseStress reverse_stress(std::span<const BetaExposure> holdings, Money amount) {
    double scale = std::abs(amount);
    for (const BetaExposure& holding : holdings) {
        scale += std::abs(holding.value) * (1.0 + std::abs(holding.beta));
    }
    const double dust = rounding_dust(scale, holdings.size());
    const detail::LinearRest fall(holdings, amount, -1.0, farthest_fall);
    const detail::LinearRest rise(holdings, amount, 1.0, farthest_rise);
    return {.down = nearest_root(fall, 0.0, fall.knots(), false, dust),
            .up = nearest_root(rise, 0.0, rise.knots(), false, dust)};
}

} // namespace margincore
