// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <margincore/account/evaluate.hpp>
#include <margincore/account/market_rows.hpp>
#include <margincore/instrument/book.hpp>
#include <margincore/requirement/figures.hpp>
#include <margincore/requirement/stock/conversion_offset.hpp>

namespace margincore {

/// What the offsets between the positions of an account change in its figures, against each position by itself.
///
/// @param account  A valid view.
/// @return         Differences, USD: initial and maintenance negative where positions ask for less together.
[[nodiscard]] inline Figures offset_effect(const AccountView& account, const MarketRows& market) {
    Figures effect;
    for (const ConversionOffset& offset : detail::offsets_of(account, market)) {
        apply(offset, account, market.rows, effect);
    }
    return effect;
}

} // namespace margincore
