// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>

#include <margincore/account/checked_charges.hpp>
#include <margincore/account/held_underlyings.hpp>
#include <margincore/account/house_charges.hpp>
#include <margincore/account/house_workspace.hpp>
#include <margincore/account/market_rows.hpp>
#include <margincore/account/policy.hpp>
#include <margincore/account/portfolio_rows.hpp>
#include <margincore/core/units.hpp>
#include <margincore/instrument/account_place.hpp>
#include <margincore/instrument/book.hpp>
#include <margincore/requirement/figures.hpp>
#include <margincore/requirement/line.hpp>
#include <margincore/requirement/portfolio_margin/valuation_points.hpp>
#include <margincore/requirement/stock/security_row.hpp>

namespace margincore::detail {

/// What portfolio margin asks for the positions on one underlying by themselves: the loss at their worst point, or the
/// minimum of their contracts; of what is not eligible, what stock requires, and all of a long option.
[[nodiscard]] inline Money asked_by_itself(const AccountView& account, const MarketRows& market,
                                           const PortfolioRows& rows, const HeldUnderlying& holding) {
    Points<Money> gains{};
    Money minimum = 0.0;
    Money carried = 0.0;
    for (const PositionOfUnderlying& held : holding.positions) {
        const InstrumentIndex index = account.instrument[held.position];
        const PortfolioRow& row = rows[index];
        const Quantity quantity = account.quantity[held.position];
        const Quantity size = std::abs(quantity);
        if (row.class_group != no_group) {
            for (std::size_t k = 0; k < valuation_points; ++k) {
                gains[k] += quantity * rows.gains[static_cast<std::size_t>(index)][k];
            }
            minimum += size * (quantity < 0 ? row.minimum_short : row.minimum_long);
        } else if (row.fund_requirement > 0) {
            carried += size * row.fund_requirement;
        } else if (is_option(market[index].facts.kind)) {
            carried += (std::max)(0.0, quantity) * row.value;
        } else {
            carried += size * market.rows[static_cast<std::size_t>(index)].side(quantity < 0)[SecurityRow::maintenance];
        }
    }
    const Money loss = (std::max)(0.0, -*(std::ranges::min_element)(gains));
    return (std::max)(loss, minimum) + carried;
}

/// What the house's add-ons charge an account under portfolio margin; house rates are of the strategy method.
///
/// Percentage charges and what the rules ask for a long holding by itself are not above its value together.
template <LineSink Sink>
[[nodiscard]] Money portfolio_charges(const AccountView& account, const MarketRows& market, const PortfolioRows& rows,
                                      const Policy& policy, const Figures& figures, Sink& sink,
                                      HouseWorkspace& workspace, const AccountPlace& place) {
    const AddOnContext context = add_on_context(account, market, policy, figures, place);
    return house_charges(
               account, market, context, policy, [&](InstrumentIndex row) { return rows[row].value; },
               [&](const HeldUnderlying& holding) {
                   return AskedByRules{.holding = asked_by_itself(account, market, rows, holding)};
               },
               sink, workspace, [](InstrumentIndex /*row*/, Money /*charge*/) {})
        .total();
}

} // namespace margincore::detail
