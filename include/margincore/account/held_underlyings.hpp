// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include <margincore/account/house_workspace.hpp>
#include <margincore/account/market_rows.hpp>
#include <margincore/account/option_margin.hpp>
#include <margincore/core/units.hpp>
#include <margincore/instrument/book.hpp>

namespace margincore {

/// The row of what a position is on: of an option its underlying, else the instrument itself.
[[nodiscard]] inline InstrumentIndex underlying_row(InstrumentIndex row, const MarketRows& market) {
    const InstrumentIndex underlying = market[row].option.underlying;
    return underlying < 0 ? row : underlying;
}

/// All that an account holds on one underlying: the underlying itself, options on it, or both.
struct HeldUnderlying {
    InstrumentIndex row = 0;                           ///< Of the underlying in the market, held or not.
    Money net_value = 0.0;                             ///< Of everything at market, long positive.
    std::size_t shares_at = 0;                         ///< Position of the underlying itself, where it is held.
    Quantity units = 0.0;                              ///< Of the underlying itself, net; 0 where it is not held.
    Money value_of_units = 0.0;                        ///< Likewise, long positive.
    std::span<const PositionOfUnderlying> positions{}; ///< Those that are not flat, as the account has them.
};

namespace detail {

/// The positions of an account that are not flat, those on one underlying together, in the order in which the account
/// first has them.
inline void group_by_underlying(const AccountView& account, const MarketRows& market,
                                std::vector<PositionOfUnderlying>& positions) {
    positions.clear();
    for (std::size_t i = 0; i < account.size(); ++i) {
        if (account.quantity[i] != 0) {
            positions.push_back({i, underlying_row(account.instrument[i], market), i});
        }
    }
    std::ranges::sort(positions, {}, [](const auto& held) { return std::tuple(held.underlying, held.position); });
    for (std::size_t k = 1; k < positions.size(); ++k) {
        if (positions[k].underlying == positions[k - 1].underlying) {
            positions[k].first = positions[k - 1].first;
        }
    }
    std::ranges::sort(positions, {}, [](const auto& held) { return std::tuple(held.first, held.position); });
}

} // namespace detail

/// Hands out what an account holds, underlying by underlying, in the order in which the account first has them.
///
/// @param value_of_unit  Market value of one unit of a row of the market: a share, a contract, a bond. USD.
/// @param visit          Is handed each `HeldUnderlying` of which anything is not flat; valid until the next.
template <class ValueOfUnit, class Visit>
void each_held_underlying(const AccountView& account, const MarketRows& market, HouseWorkspace& workspace,
                          ValueOfUnit&& value_of_unit, Visit&& visit) {
    const auto value_of = [&](std::size_t i) { return account.quantity[i] * value_of_unit(account.instrument[i]); };
    if (!holds_options(account, market)) { // each position is an underlying of its own
        for (std::size_t i = 0; i < account.size(); ++i) {
            if (account.quantity[i] != 0) {
                const PositionOfUnderlying alone{i, account.instrument[i], i};
                const Money value = value_of(i);
                visit(HeldUnderlying{.row = alone.underlying,
                                     .net_value = value,
                                     .shares_at = i,
                                     .units = account.quantity[i],
                                     .value_of_units = value,
                                     .positions = {&alone, 1}});
            }
        }
        return;
    }
    detail::group_by_underlying(account, market, workspace.positions);
    const std::span<const PositionOfUnderlying> grouped = workspace.positions;
    for (std::size_t first = 0; first < grouped.size();) {
        HeldUnderlying one{.row = grouped[first].underlying};
        std::size_t end = first;
        for (; end < grouped.size() && grouped[end].underlying == one.row; ++end) {
            const std::size_t i = grouped[end].position;
            const Money value = value_of(i);
            one.net_value += value;
            if (account.instrument[i] == one.row) {
                one.shares_at = i;
                one.units = account.quantity[i];
                one.value_of_units = value;
            }
        }
        one.positions = grouped.subspan(first, end - first);
        visit(std::as_const(one));
        first = end;
    }
}

} // namespace margincore
