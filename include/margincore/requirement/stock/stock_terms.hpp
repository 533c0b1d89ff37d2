// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <string_view>

#include <margincore/core/citation.hpp>
#include <margincore/core/units.hpp>

namespace margincore {

/// What a stock rule needs to know of a share.
struct StockFacts {
    Price price = 0.0;      ///< USD per share, >= 0.
    double leverage = 1.0;  ///< Signed factor of a leveraged or inverse fund, not 0.
    bool marginable = true; ///< False for stock that carries no loan value.

    friend bool operator==(const StockFacts&, const StockFacts&) = default;
};

/// What a rule asks for one share: a rate of its price, and not less than an amount.
///
/// The requirement and its explanation are both made of this, so they cannot differ.
struct StockTerms {
    std::string_view rule{}; ///< "stock.long"
    Fraction rate = 0.0;     ///< Of the market value.
    Price floor = 0.0;       ///< USD per share.
    Citation citation{};

    /// The requirement of one share at a price, USD.
    [[nodiscard]] constexpr Price per_share(Price price) const { return (std::max)(rate * price, floor); }

    friend bool operator==(const StockTerms&, const StockTerms&) = default;
};

/// The terms that ask for more at a price; the first where both ask for the same.
[[nodiscard]] constexpr const StockTerms& greater_of(const StockTerms& first, const StockTerms& second, Price price) {
    return second.per_share(price) > first.per_share(price) ? second : first;
}

} // namespace margincore
