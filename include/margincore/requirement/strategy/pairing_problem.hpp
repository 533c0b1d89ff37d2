// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include <margincore/instrument/option_contract.hpp>

namespace margincore {

/// An amount of money in millionths of a dollar: fixed point, so that ties and bounds are decided, not rounded.
using MicroDollars = std::int64_t;

/// One series that an account is long or short, as the pairing sees it.
///
/// A lot is the greatest number of units that every contract of the problem has a whole number of: 100 shares, or 10
/// where a mini stands beside standard contracts.
struct PairingSeries {
    Right right = Right::call;
    bool is_short = false;
    std::int64_t contracts = 0;  ///< Held, > 0.
    std::int64_t lots = 1;       ///< A contract, > 0.
    std::int64_t expiry = 0;     ///< Any number that orders expirations.
    MicroDollars strike = 0;     ///< A lot.
    MicroDollars naked = 0;      ///< Requirement of a lot by itself, premium included. Of a short.
    MicroDollars premium = 0;    ///< Market value of a lot. Of a short.
    MicroDollars loan_value = 0; ///< What a lot adds to the excess while it stands alone, >= 0. Of a long.

    friend bool operator==(const PairingSeries&, const PairingSeries&) = default;
};

inline constexpr std::int32_t no_series = -1;

/// A way in which one contract's worth of stock may be held with options: covered, protected, converted, collared.
struct StockHedge {
    std::int32_t short_series = no_series; ///< One contract of it is used,
    std::int32_t long_series = no_series;  ///< and one of this.
    std::int64_t lots = 1;                 ///< Of stock.
    MicroDollars cost = 0; ///< What it adds to the net requirement over the stock by itself, the options apart.

    friend bool operator==(const StockHedge&, const StockHedge&) = default;
};

/// The options of one underlying and exercise style, and the stock that may be held with them.
struct PairingProblem {
    std::vector<PairingSeries> series{};
    std::int64_t stock_lots = 0; ///< Whole lots of stock, long or short; the hedges know which.
    std::vector<StockHedge> hedges{};

    friend bool operator==(const PairingProblem&, const PairingProblem&) = default;
};

} // namespace margincore
