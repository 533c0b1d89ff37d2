// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include <margincore/account/checked_figures.hpp>
#include <margincore/account/market_rows.hpp>
#include <margincore/core/units.hpp>
#include <margincore/instrument/book.hpp>
#include <margincore/requirement/figures.hpp>
#include <margincore/requirement/stock/conversion_offset.hpp>
#include <margincore/requirement/stock/security_margin.hpp>

namespace margincore {

/// What the offsets between the positions of an account change in its figures, against each position by itself.
///
/// @param account  A valid view.
/// @return         Differences, USD: initial and maintenance negative where positions ask for less together.
[[nodiscard]] inline Figures offset_effect(const AccountView& account, const MarketRows& market) {
    const std::vector<ConversionOffset> all = detail::offsets_of(account, market);
    if (all.empty()) {
        return {};
    }
    // Of the positions that take part alone, so that no other one changes the effect, not even by rounding.
    std::vector<InstrumentIndex> instrument;
    std::vector<Quantity> quantity;
    for (std::size_t i = 0; i < account.size(); ++i) {
        if (std::ranges::any_of(all, [&](const ConversionOffset& offset) {
                return offset.long_position == i || offset.short_position == i;
            })) {
            instrument.push_back(account.instrument[i]);
            quantity.push_back(account.quantity[i]);
        }
    }
    const AccountView together{.instrument = instrument, .quantity = quantity};
    const Figures alone = security_figures(together, market.rows, market.boxed).figures;
    Figures effect = alone;
    apply(detail::offsets_of(together, market), together, market.rows, market.boxed, effect);
    effect.net_value -= alone.net_value;
    effect.gross_value -= alone.gross_value;
    effect.initial -= alone.initial;
    effect.maintenance -= alone.maintenance;
    return effect;
}

} // namespace margincore
