// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include <margincore/core/units.hpp>
#include <margincore/instrument/book.hpp>

namespace margincore {

/// Gains of holdings that move with the benchmark, for several moves of it.
///
/// A holding moves by its beta times the move, so an account gains its beta exposure times the move, whoever holds
/// what; only where a holding would fall below worthless, or bends as an option does, is the difference made good, one
/// by one.
/// @source Workshop on real-time margin risk: sum of quantity x price x beta, times the move.
class LinearStress {
public:
    /// @param prices  USD per unit. Shape (n_instruments).
    /// @param betas   To the benchmark; NaN where missing. Shape (n_instruments).
    /// @param moves   Of the benchmark, fractions. Shape (n_moves).
    LinearStress(std::span<const Price> prices, std::span<const double> betas, std::vector<Fraction> moves)
        : moves_(std::move(moves)) {
        for (std::size_t i = 0; i < prices.size(); ++i) {
            for (std::size_t k = 0; k < moves_.size(); ++k) {
                const Fraction below_worthless = -1.0 - betas[i] * moves_[k];
                if (below_worthless > 0) {
                    beyond_.resize(prices.size() * moves_.size(), 0.0);
                    beyond_[i * moves_.size() + k] = prices[i] * below_worthless;
                }
            }
        }
    }

    [[nodiscard]] const std::vector<Fraction>& moves() const { return moves_; }

    /// Says what one unit of an instrument gains for one of the moves, where that is no line.
    ///
    /// @param exposure  Its beta-weighted value, as it counts in that of an account.
    void set_gain(std::size_t instrument, std::size_t n_instruments, std::size_t move, Money exposure, Money gain) {
        beyond_.resize(n_instruments * moves_.size(), 0.0);
        beyond_[instrument * moves_.size() + move] = gain - exposure * moves_[move];
    }

    /// The gain of one unit of an instrument for one of the moves.
    ///
    /// @param exposure  Its beta-weighted value.
    [[nodiscard]] Money gain_of_unit(std::size_t instrument, Money exposure, std::size_t move) const {
        const Money gain = exposure * moves_[move];
        return beyond_.empty() ? gain : gain + beyond_[instrument * moves_.size() + move];
    }

    /// The gain of an account for one of the moves, gain positive.
    ///
    /// @param exposure  Its beta-weighted net value; NaN where a beta is missing, and so is the gain.
    [[nodiscard]] Money gain(const AccountView& account, Money exposure, std::size_t move) const {
        const Money gain = exposure * moves_[move];
        return beyond_.empty() ? gain : gain + beyond(account, move);
    }

private:
    /// What holdings gain beside the line.
    [[nodiscard]] Money beyond(const AccountView& account, std::size_t move) const {
        Money sum = 0.0;
        for (std::size_t i = 0; i < account.size(); ++i) {
            sum +=
                account.quantity[i] * beyond_[static_cast<std::size_t>(account.instrument[i]) * moves_.size() + move];
        }
        return sum;
    }

    std::vector<Fraction> moves_;
    std::vector<Price> beyond_; // by instrument and move; empty where all are lines
};

} // namespace margincore
