// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>

#include <margincore/account/market_rows.hpp>
#include <margincore/add_on/add_on.hpp>
#include <margincore/core/error.hpp>
#include <margincore/core/names.hpp>
#include <margincore/core/where.hpp>
#include <margincore/instrument/book.hpp>

namespace margincore {

namespace detail {

[[nodiscard]] inline bool is_missing(const MarketRows& market, std::size_t row, Needs needs) {
    const ShareTrading& trading = market.trading[row];
    switch (needs) {
    case Needs::nothing:
    case Needs::price: // without one nothing is evaluated at all
        return false;
    case Needs::beta:
        return std::isnan(market.beta[row]);
    case Needs::volatility:
        return std::isnan(market.volatility[row]);
    case Needs::average_daily_volume:
        return trading.in_shares && std::isnan(trading.average_daily_volume);
    case Needs::shares_outstanding:
        return trading.in_shares && std::isnan(trading.shares_outstanding);
    case Needs::industry:
        return trading.in_shares && trading.industry == no_industry;
    }
    return false;
}

/// The rule that data that are needed and missing break.
[[nodiscard]] inline std::string_view rule_of(Needs needs) {
    switch (needs) {
    case Needs::beta:
        return "must be given where betas are used, or policy.missing_beta stated, got nothing";
    case Needs::volatility:
        return "must be given where the volatility add-on is used, got nothing";
    case Needs::average_daily_volume:
        return "must be given where the liquidity add-on is used, got nothing";
    case Needs::shares_outstanding:
        return "must be given where the ownership add-on is used, got nothing";
    case Needs::industry:
        return "must be given where the industry add-on is used, got nothing";
    case Needs::nothing:
    case Needs::price:
        break;
    }
    return "";
}

} // namespace detail

/// Checks that everything that the policy's add-ons need is known of what the account holds.
///
/// @throws MissingData naming the symbol and the key.
inline void require_needs(const AccountView& account, const MarketRows& market, Needs needs,
                          const Where& where_market) {
    if (needs == Needs::nothing) {
        return;
    }
    for (const InstrumentIndex index : account.instrument) {
        if (detail::is_missing(market, static_cast<std::size_t>(index), needs)) {
            const Where instruments = where_market["instruments"];
            const Where instrument = instruments[market.instrument(index).symbol];
            throw MissingData(instrument[name_of(needs)], std::string(detail::rule_of(needs)));
        }
    }
}

} // namespace margincore
