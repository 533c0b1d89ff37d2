// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <string_view>

#include <margincore/account/held_underlyings.hpp>
#include <margincore/account/market_rows.hpp>
#include <margincore/account/policy.hpp>
#include <margincore/add_on/add_on.hpp>
#include <margincore/core/error.hpp>
#include <margincore/core/names.hpp>
#include <margincore/core/where.hpp>
#include <margincore/instrument/account_place.hpp>
#include <margincore/instrument/book.hpp>

namespace margincore {

namespace detail {

[[nodiscard]] inline bool is_missing(const MarketRow& row, Needs needs) {
    const ShareTrading& trading = row.trading;
    switch (needs) {
    case Needs::nothing:
    case Needs::price: // without one nothing is evaluated at all
        return false;
    case Needs::beta:
        return std::isnan(row.beta);
    case Needs::volatility:
        return std::isnan(row.volatility);
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

/// Checks that what an add-on needs is known of everything that the account holds, or holds options on. The numbers of
/// a share are needed of what is held alone.
///
/// @throws MissingData naming the instrument and the key.
inline void require_needs(const AccountView& account, const MarketRows& market, Needs needs,
                          const AccountPlace& place = in_document) {
    if (needs == Needs::nothing) {
        return;
    }
    for (const InstrumentIndex held : account.instrument) {
        const InstrumentIndex index = market.has_options ? underlying_row(held, market) : held;
        if (detail::is_missing(market[index], needs) && (index == held || !is_of_share(needs))) {
            at_instrument(market, index, place, name_of(needs),
                          [&](const Where& where) { throw MissingData(where, detail::rule_of(needs)); });
        }
    }
}

/// The same for every add-on of a policy.
inline void require_needs(const AccountView& account, const MarketRows& market, const Policy& policy,
                          const AccountPlace& place) {
    for (const AnyAddOn& add_on : policy.add_ons) {
        require_needs(account, market, needs_of(add_on), place);
    }
}

/// Whether an add-on of the policy needs betas.
[[nodiscard]] inline bool needs_betas(const Policy& policy) {
    return std::ranges::any_of(policy.add_ons, [](const AnyAddOn& add_on) { return needs_of(add_on) == Needs::beta; });
}

} // namespace margincore
