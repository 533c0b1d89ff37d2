// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <margincore/core/check.hpp>
#include <margincore/core/limits.hpp>
#include <margincore/core/units.hpp>
#include <margincore/core/where.hpp>
#include <margincore/instrument/instrument_table.hpp>
#include <margincore/instrument/kind.hpp>
#include <margincore/market/market_snapshot.hpp>

namespace margincore {

/// The number of an industry in a market: counted from 0 in the order in which the instruments name them.
using IndustryIndex = std::int32_t;

inline constexpr IndustryIndex no_industry = -1;

/// What add-ons read of an instrument that trades in shares on an exchange. NaN marks what is missing; of any other
/// instrument everything is, whatever its data say, because nobody looks at it.
struct ShareTrading {
    static constexpr double none = std::numeric_limits<double>::quiet_NaN();

    bool in_shares = false;               ///< It does (`trades_in_shares`).
    IndustryIndex industry = no_industry; ///< Of its name.
    Quantity average_daily_volume = none; ///< Shares a day.
    Quantity shares_outstanding = none;   ///< Shares.
};

/// What add-ons read of every instrument. Shape (n_instruments).
///
/// @param market  One quote for each instrument, in their order.
/// @param where   The instruments in the caller's data.
/// @throws InvalidInput where a number is not one that an instrument can have.
[[nodiscard]] inline std::vector<ShareTrading> share_trading(const InstrumentTable& instruments,
                                                             const MarketSnapshot& market, const Where& where) {
    std::vector<ShareTrading> result{};
    result.reserve(instruments.size());
    std::unordered_map<std::string_view, IndustryIndex> industries{};
    for (const Instrument& instrument : instruments) {
        const auto& volume = market[static_cast<InstrumentIndex>(result.size())].average_daily_volume;
        ShareTrading& row = result.emplace_back();
        if (!trades_in_shares(instrument.kind)) {
            continue;
        }
        const Where place = where[instrument.symbol];
        row.in_shares = true;
        if (volume) {
            row.average_daily_volume = require_not_negative(*volume, largest_quantity, place["average_daily_volume"]);
        }
        if (instrument.shares_outstanding) {
            row.shares_outstanding =
                require_positive(*instrument.shares_outstanding, largest_quantity, place["shares_outstanding"]);
        }
        if (!instrument.industry.empty()) {
            const auto next = static_cast<IndustryIndex>(industries.size());
            row.industry = industries.try_emplace(instrument.industry, next).first->second;
        }
    }
    return result;
}

} // namespace margincore
