// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include <margincore/account/call_covers.hpp>
#include <margincore/account/market_rows.hpp>
#include <margincore/account/option_checks.hpp>
#include <margincore/account/option_holdings.hpp>
#include <margincore/account/option_workspace.hpp>
#include <margincore/account/policy.hpp>
#include <margincore/core/units.hpp>
#include <margincore/instrument/account_place.hpp>
#include <margincore/instrument/book.hpp>
#include <margincore/instrument/kind.hpp>

namespace margincore::detail {

/// Hands out the options of an account, underlying by underlying: `visit(underlying, holding)`.
///
/// @param alone      The net quantity of a position that offsets have not taken, by position.
/// @param workspace  Memory; a holding is there until the next is handed out.
/// @throws InvalidInput, MissingData, Unsupported, NumericalFailure where a position cannot be margined.
template <class Alone, class Visit>
void each_option_holding(const AccountView& account, const MarketRows& market, const Policy& policy, Alone&& alone,
                         OptionWorkspace& workspace, const AccountPlace& place, Visit&& visit) {
    auto& options = workspace.options; // by underlying, then as the account has them
    options.clear();
    for (std::size_t i = 0; i < account.size(); ++i) {
        if (is_option(market[account.instrument[i]].facts.kind)) {
            require_option(account, i, market, place);
            if (account.quantity[i] != 0) {
                options.emplace_back(market[account.instrument[i]].option.underlying, i);
            }
        }
    }
    std::ranges::sort(options);
    HoldingBuilder builder(account, market, policy.rulebook, workspace.holding);
    std::vector<std::size_t>& positions = workspace.positions;
    for (std::size_t first = 0; first < options.size();) {
        const InstrumentIndex underlying = options[first].first;
        positions.clear();
        for (; first < options.size() && options[first].first == underlying; ++first) {
            positions.push_back(options[first].second);
        }
        find_call_covers(account, underlying, positions, market, alone, place, workspace.covers);
        Money beside = 0.0;
        for (const CallCover& cover : workspace.covers) {
            beside += cover.held * market[account.instrument[cover.position]].facts.price;
        }
        require_size(account, positions, beside, market, place);
        const std::size_t stock = stock_position(account, underlying, market);
        visit(underlying,
              builder.build(underlying, positions, stock, stock == no_position ? 0.0 : alone(stock), workspace.covers));
    }
}

} // namespace margincore::detail
