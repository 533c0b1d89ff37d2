// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <margincore/core/date.hpp>
#include <margincore/core/units.hpp>
#include <margincore/instrument/instrument_table.hpp>
#include <margincore/market/quote.hpp>

namespace margincore {

/// The market at one moment, aligned with an instrument table.
struct MarketSnapshot {
    Date valuation_date{};             ///< The day for which everything is computed; no clock is ever read.
    std::optional<Rate> rate{};        ///< Needed only where an option is priced.
    std::string benchmark = "SPY";     ///< Symbol that betas refer to.
    std::vector<Date> business_days{}; ///< Sessions of the exchange, ascending, as far as they are known.
    std::vector<Quote> quotes{};       ///< One for each row of the instrument table.

    [[nodiscard]] const Quote& operator[](InstrumentIndex index) const {
        return quotes[static_cast<std::size_t>(index)];
    }
};

} // namespace margincore
