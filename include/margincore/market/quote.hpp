// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <limits>
#include <optional>
#include <vector>

#include <margincore/core/date.hpp>
#include <margincore/core/units.hpp>

namespace margincore {

/// A cash dividend to come.
struct CashDividend {
    Date ex_date{};
    Money amount = 0.0; ///< USD per share.

    friend bool operator==(const CashDividend&, const CashDividend&) = default;
};

/// What the market says of one instrument. An empty optional is missing, never zero.
struct Quote {
    Price price =
        std::numeric_limits<double>::quiet_NaN(); ///< Per share, unit or index point; percent of principal for a bond.
    std::optional<double> beta{};                 ///< To the benchmark, a fund's leverage already in it.
    std::optional<Volatility> volatility{};
    std::optional<Volatility> implied_volatility{}; ///< Of an option, instead of one implied from its price.
    std::optional<Rate> dividend_yield{};
    std::vector<CashDividend> dividends{};
    std::optional<Quantity> average_daily_volume{};
    std::optional<Money> market_cap{};

    friend bool operator==(const Quote&, const Quote&) = default;
};

} // namespace margincore
