// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include <margincore/account/evaluate.hpp>
#include <margincore/account/market_rows.hpp>
#include <margincore/account/policy.hpp>
#include <margincore/core/piecewise_linear.hpp>
#include <margincore/core/units.hpp>
#include <margincore/instrument/book.hpp>
#include <margincore/instrument/instrument_table.hpp>
#include <margincore/instrument/kind.hpp>

namespace margincore {

/// The excess of any account under one policy and method.
using ExcessOf = std::function<Excess(const AccountView& account)>;

/// How the excess of an account follows from the shares that it holds.
struct ExcessShape {
    /// Maintenance is a sum over positions of so much a share: strategy method, and nothing held that is margined with
    /// something else.
    bool maintenance_is_linear = false;
    bool total_is_linear = false; ///< The total requirement too: no add-ons. The house's own rates are so much a share.
};

/// @param is_strategy  The method is that of strategies, and not portfolio margin.
[[nodiscard]] inline ExcessShape excess_shape(const AccountView& account, const MarketRows& market,
                                              const Policy& policy, bool is_strategy) {
    const bool apart = std::ranges::all_of(account.instrument, [&](InstrumentIndex row) {
        return trades_in_shares(market[row].facts.kind) && market[row].conversion.into < 0;
    });
    const bool linear = is_strategy && apart;
    return {.maintenance_is_linear = linear, .total_is_linear = linear && policy.add_ons.empty()};
}

/// An account of whose positions whole shares are closed at market: longs sold, shorts bought back.
class TradedAccount {
public:
    TradedAccount(const AccountView& account, const MarketRows& market, ExcessOf excess_of)
        : account_(account), excess_of_(std::move(excess_of)) {
        Money gross = std::abs(account.cash);
        for (std::size_t i = 0; i < account.size(); ++i) {
            const MarketRow& row = market[account.instrument[i]];
            const bool trades = trades_in_shares(row.facts.kind);
            price_.push_back(row.facts.price);
            shares_.push_back(trades ? static_cast<std::int64_t>(std::floor(std::abs(account.quantity[i]))) : 0);
            gross += trades ? 2 * std::abs(account.quantity[i]) * row.facts.price : 0.0;
        }
        constexpr double rounding_margin = 16; // charges add up the same figures again
        dust_ = rounding_margin * rounding_dust(gross, account.size());
    }

    [[nodiscard]] std::size_t size() const { return price_.size(); }
    [[nodiscard]] Price price(std::size_t position) const { return price_[position]; }
    /// Whole shares that can be closed; 0 of what does not trade in shares.
    [[nodiscard]] std::int64_t shares(std::size_t position) const { return shares_[position]; }
    [[nodiscard]] bool is_short(std::size_t position) const { return account_.quantity[position] < 0; }
    /// Excesses that differ by no more are the same.
    [[nodiscard]] Money dust() const { return dust_; }

    /// The excess after closing so many shares of each position.
    [[nodiscard]] Excess excess(std::span<const std::int64_t> closed) {
        Money cash = account_.cash;
        instrument_.clear();
        quantity_.clear();
        boxed_.clear();
        for (std::size_t i = 0; i < price_.size(); ++i) {
            const Quantity change = is_short(i) ? static_cast<Quantity>(closed[i]) : -static_cast<Quantity>(closed[i]);
            cash -= closed[i] > 0 ? change * price_[i] : 0.0;
            const Quantity left = account_.quantity[i] + change;
            if (left != 0 || account_.boxed_at(i) != 0) {
                instrument_.push_back(account_.instrument[i]);
                quantity_.push_back(left);
                boxed_.push_back(account_.boxed_at(i));
            }
        }
        return excess_of_({.cash = cash, .instrument = instrument_, .quantity = quantity_, .boxed = boxed_});
    }

    [[nodiscard]] Money value(std::span<const std::int64_t> closed) const {
        Money value = 0.0;
        for (std::size_t i = 0; i < price_.size(); ++i) {
            value += closed[i] > 0 ? static_cast<double>(closed[i]) * price_[i] : 0.0;
        }
        return value;
    }

private:
    AccountView account_;
    ExcessOf excess_of_;
    std::vector<Price> price_{};
    std::vector<std::int64_t> shares_{};
    Money dust_ = 0.0;
    std::vector<InstrumentIndex> instrument_{}; ///< Of what is left.
    std::vector<Quantity> quantity_{};
    std::vector<Quantity> boxed_{};
};

} // namespace margincore
