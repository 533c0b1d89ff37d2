// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <tuple>

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

/// Hands out what an account holds, underlying by underlying, in the order in which the account first has them.
///
/// @param value_of_unit  Market value of one unit of a row of the market: a share, a contract, a bond. USD.
/// @param visit          Is handed each `HeldUnderlying` of which anything is not flat; valid until the next.
template <class ValueOfUnit, class Visit>
void each_held_underlying(const AccountView& account, const MarketRows& market, HouseWorkspace& workspace,
                          ValueOfUnit&& value_of_unit, Visit&& visit) {
    const auto add = [&](const PositionOfUnderlying& held, HeldUnderlying& to) {
        const InstrumentIndex row = account.instrument[held.position];
        const Money value = account.quantity[held.position] * value_of_unit(row);
        to.net_value += value;
        if (row == held.underlying) {
            to.shares_at = held.position;
            to.units = account.quantity[held.position];
            to.value_of_units = value;
        }
    };
    if (!holds_options(account, market)) { // each position is an underlying of its own
        for (std::size_t i = 0; i < account.size(); ++i) {
            if (account.quantity[i] != 0) {
                const PositionOfUnderlying held{i, account.instrument[i], i};
                HeldUnderlying one{.row = held.underlying, .positions = {&held, 1}};
                add(held, one);
                visit(one);
            }
        }
        return;
    }
    auto& positions = workspace.positions;
    positions.clear();
    for (std::size_t i = 0; i < account.size(); ++i) {
        if (account.quantity[i] != 0) {
            positions.push_back({i, underlying_row(account.instrument[i], market), i});
        }
    }
    const auto same_underlying = [](const PositionOfUnderlying& a, const PositionOfUnderlying& b) {
        return a.underlying == b.underlying;
    };
    const auto next = [&](auto from) {
        return std::find_if(from, positions.end(), [&](const auto& held) { return !same_underlying(*from, held); });
    };
    std::ranges::sort(positions, {}, [](const auto& held) { return std::tuple(held.underlying, held.position); });
    for (auto from = positions.begin(); from != positions.end();) {
        const auto to = next(from);
        const std::size_t first = from->position;
        for (; from != to; ++from) {
            from->first = first;
        }
    }
    std::ranges::sort(positions, {}, [](const auto& held) { return std::tuple(held.first, held.position); });
    for (auto from = positions.begin(); from != positions.end();) {
        const auto to = next(from);
        HeldUnderlying one{.row = from->underlying, .positions = {from, to}};
        for (; from != to; ++from) {
            add(*from, one);
        }
        visit(one);
    }
}

} // namespace margincore
