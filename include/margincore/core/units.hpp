// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Aliases that say what a number is. All are binary64; rounding happens in what is printed, never inside.
namespace margincore {

using Money = double;        ///< USD.
using Price = double;        ///< USD per share, unit or index point; percent of principal for a bond.
using Quantity = double;     ///< Shares, contracts or bonds; negative when short.
using Fraction = double;     ///< A share of something: 0.25, never 25.
using Volatility = double;   ///< Annualised standard deviation of returns, a fraction.
using Rate = double;         ///< Continuously compounded, ACT/365F.
using YearFraction = double; ///< ACT/365F years.

} // namespace margincore
