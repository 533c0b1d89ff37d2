// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include <margincore/account/market_rows.hpp>
#include <margincore/account/market_series.hpp>
#include <margincore/account/market_stress.hpp>
#include <margincore/core/units.hpp>
#include <margincore/instrument/book.hpp>
#include <margincore/scenario/benchmark_moves.hpp>
#include <margincore/scenario/reprice.hpp>

namespace margincore {

/// The gain of an account along moves of one kind, of the benchmark or of one underlying, options repriced.
///
/// It need not rise or fall throughout, so that roots are looked for in steps and then closed in on.
/// @source Steps of half a percent to -100 % and +300 %, then to a millionth: ours.
class GainAlongMoves {
public:
    /// @param move_of  Takes the row of what moves, of a position or of the underlying of an option, and a move;
    /// returns
    ///                 its own move.
    /// @param series   Of the market, whose options are those that the account holds; null where it has none.
    template <class MoveOf>
    GainAlongMoves(const AccountView& account, const MarketRows& market, MarketSeries* series,
                   const RepriceOptions& options, MoveOf&& move_of)
        : account_(account), market_(market), series_(series), options_(options),
          move_of_(std::forward<MoveOf>(move_of)), position_of_(market.size(), no_position) {
        for (std::size_t i = 0; i < account.size(); ++i) {
            const auto row = static_cast<std::size_t>(account.instrument[i]);
            position_of_[row] = i;
            gross_value_ += std::abs(account.quantity[i]) * market.rows[row].price();
        }
        constexpr double step = 0.005;
        for (int k = 1; k * step <= -farthest_fall; ++k) {
            down_.push_back(-k * step);
        }
        for (int k = 1; k * step <= farthest_rise; ++k) {
            up_.push_back(k * step);
        }
        down_gains_ = gains(down_);
        up_gains_ = gains(up_);
    }

    /// Gains for several moves, USD.
    [[nodiscard]] std::vector<Money> gains(const std::vector<Fraction>& moves) const {
        std::vector<Money> result(moves.size(), 0.0);
        for (std::size_t i = 0; i < account_.size(); ++i) {
            const InstrumentIndex row = account_.instrument[i];
            if (is_option(market_[row].facts.kind)) {
                continue;
            }
            const Money value = account_.quantity[i] * exposed_value(market_, row);
            for (std::size_t k = 0; k < moves.size(); ++k) {
                result[k] += value * (std::max)(-1.0, move_of_(row, moves[k]));
            }
        }
        if (series_ == nullptr || series_->size() == 0) {
            return result;
        }
        const SeriesGains of_series = series_->reprice(
            [&](std::size_t i) {
                std::vector<Fraction> own;
                for (const Fraction move : moves) {
                    own.push_back(move_of_(series_->terms(i).underlying, move));
                }
                return own;
            },
            options_);
        for (std::size_t i = 0; i < series_->size(); ++i) {
            const std::size_t position = position_of_[static_cast<std::size_t>(series_->row(i))];
            if (position == no_position) {
                continue;
            }
            const Quantity units = account_.quantity[position] * series_->terms(i).multiplier;
            for (std::size_t k = 0; k < moves.size(); ++k) {
                result[k] += units * gain_of_mark(*series_, of_series, i, k);
            }
        }
        return result;
    }

    /// The nearest move each way at which an amount and the gain are zero together, as far as models tell zero.
    ///
    /// @param amount  What is left before any move, USD. Where it is zero, roots are looked for from the first move on
    ///                that leaves something.
    [[nodiscard]] ReverseStress nearest_zero(Money amount) const {
        return {.down = nearest_zero(amount, down_, down_gains_), .up = nearest_zero(amount, up_, up_gains_)};
    }

private:
    static constexpr std::size_t no_position = static_cast<std::size_t>(-1);

    [[nodiscard]] std::optional<Fraction> nearest_zero(Money amount, const std::vector<Fraction>& moves,
                                                       const std::vector<Money>& gains) const {
        Fraction before = 0.0;
        int left = sign(amount, amount);
        for (std::size_t k = 0; k < moves.size(); ++k) {
            const int here = sign(amount + gains[k], amount);
            if (left != 0 && here != left) {
                return close_in(amount, before, left, moves[k]);
            }
            before = moves[k];
            left = here;
        }
        return std::nullopt;
    }

    /// Halves an interval at whose ends the sign differs, to a millionth.
    [[nodiscard]] Fraction close_in(Money amount, Fraction first, int at_first, Fraction last) const {
        constexpr Fraction precision = 1e-6;
        while (std::abs(last - first) > precision) {
            const Fraction middle = (first + last) / 2;
            (sign(amount + gains({middle}).front(), amount) == at_first ? first : last) = middle;
        }
        return last;
    }

    /// The sign of what is left of an amount; 0 for what is below what a model tells of a mark.
    [[nodiscard]] int sign(Money left, Money amount) const {
        constexpr double resolution = 1e-9;
        const Money dust = resolution * (std::abs(amount) + gross_value_);
        return left > dust ? 1 : left < -dust ? -1 : 0;
    }

    const AccountView& account_;
    const MarketRows& market_;
    MarketSeries* series_;
    RepriceOptions options_;
    std::function<Fraction(InstrumentIndex, Fraction)> move_of_;
    std::vector<std::size_t> position_of_;
    Money gross_value_ = 0.0;
    std::vector<Fraction> down_{};
    std::vector<Fraction> up_{};
    std::vector<Money> down_gains_{};
    std::vector<Money> up_gains_{};
};

} // namespace margincore
