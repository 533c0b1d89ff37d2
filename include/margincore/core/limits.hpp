// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <margincore/core/units.hpp>

/// The largest inputs that are taken for real. They are far above any market, and low enough that no product or
/// sum of them overflows.
namespace margincore {

inline constexpr Price largest_price = 1e9;
inline constexpr Quantity largest_quantity = 1e12;
inline constexpr Money largest_cash = 1e13;
inline constexpr Fraction largest_ratio = 1e4; ///< Betas, volatilities, rates and factors.

/// Up to here a double holds every whole cent (2^53 cents); an account beyond it is refused, not rounded.
inline constexpr Money largest_exact_money = 9007199254740992.0 / 100.0;

} // namespace margincore
