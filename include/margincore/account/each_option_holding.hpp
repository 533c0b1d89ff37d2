// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <vector>

#include <margincore/account/market_rows.hpp>
#include <margincore/account/option_checks.hpp>
#include <margincore/account/option_holdings.hpp>
#include <margincore/account/option_workspace.hpp>
#include <margincore/account/policy.hpp>
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
                require_no_index_cover(account, i, market, place);
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
        require_size(account, positions, market, place);
        const auto found = std::ranges::find(account.instrument, underlying);
        const std::optional<std::size_t> stock =
            found == account.instrument.end()
                ? std::nullopt
                : std::optional(static_cast<std::size_t>(found - account.instrument.begin()));
        visit(underlying, builder.build(underlying, positions, stock, stock_beside(account, stock, market, alone)));
    }
}

} // namespace margincore::detail
