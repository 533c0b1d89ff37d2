// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include <Eigen/Core>

#include <margincore/core/units.hpp>
#include <margincore/instrument/book.hpp>
#include <margincore/instrument/instrument_table.hpp>
#include <margincore/scenario/benchmark_moves.hpp>

namespace margincore {

/// Gain of one unit of every instrument at every point of a scenario, gain positive: computed once a market, whoever
/// holds the instrument, then multiplied by quantities.
///
/// Points are kept in blocks of eight, a cache line for an instrument in a block.
class UnitGains {
public:
    static constexpr Eigen::Index block_size = 8;
    using Block = Eigen::Array<Money, block_size, 1>;

    UnitGains(std::size_t instruments, std::size_t points)
        : instruments_(instruments), points_(points),
          blocks_((points + block_size - 1) / block_size * instruments, Block::Zero()) {}

    /// The gain of one unit at a point, USD.
    [[nodiscard]] Money& operator()(std::size_t instrument, std::size_t point) {
        return blocks_[point / block_size * instruments_ + instrument][static_cast<Eigen::Index>(point % block_size)];
    }

    [[nodiscard]] std::size_t points() const { return points_; }

    /// Hands the gain of an account at every point, a sum over its positions in their order, to `take(point, gain)`.
    template <class Take>
    void net(const AccountView& account, Take&& take) const {
        for (std::size_t first = 0; first < points_; first += block_size) {
            const std::span block(blocks_.data() + first / block_size * instruments_, instruments_);
            Block sum = Block::Zero();
            for (std::size_t i = 0; i < account.size(); ++i) {
                sum += account.quantity[i] * block[static_cast<std::size_t>(account.instrument[i])];
            }
            for (std::size_t k = 0; k < block_size && first + k < points_; ++k) {
                take(first + k, sum[static_cast<Eigen::Index>(k)]);
            }
        }
    }

    /// The gains of an account, USD. Shape (n_points).
    [[nodiscard]] std::vector<Money> net(const AccountView& account) const {
        std::vector<Money> gains(points_);
        net(account, [&](std::size_t point, Money gain) { gains[point] = gain; });
        return gains;
    }

private:
    std::size_t instruments_;
    std::size_t points_;
    std::vector<Block> blocks_; // block by block, instruments within
};

/// Gains of instruments that move linearly with the benchmark: each by its beta times the move, and not below
/// worthless.
///
/// @param prices  USD per unit; a missing one is NaN and makes its gains NaN. Shape (n_instruments).
/// @param betas   Likewise. Shape (n_instruments).
/// @param moves   Of the benchmark, fractions. Shape (n_moves).
/// @source        Workshop on real-time margin risk, beta-weighted stress.
[[nodiscard]] inline UnitGains benchmark_gains(std::span<const Price> prices, std::span<const double> betas,
                                               std::span<const Fraction> moves) {
    UnitGains gains(prices.size(), moves.size());
    for (std::size_t i = 0; i < prices.size(); ++i) {
        for (std::size_t k = 0; k < moves.size(); ++k) {
            gains(i, k) = prices[i] * beta_move(betas[i], moves[k]);
        }
    }
    return gains;
}

} // namespace margincore
