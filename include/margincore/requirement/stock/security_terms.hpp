// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <optional>
#include <string_view>

#include <margincore/core/citation.hpp>
#include <margincore/core/units.hpp>
#include <margincore/instrument/instrument.hpp>
#include <margincore/instrument/kind.hpp>

namespace margincore {

/// What a rule needs to know of a security.
struct SecurityFacts {
    Kind kind = Kind::equity;
    Price price = 0.0;                      ///< USD per unit: a share, or a bond of `bond_principal`; >= 0.
    double leverage = 1.0;                  ///< Signed factor of a leveraged or inverse fund, not 0.
    bool marginable = true;                 ///< False for stock that carries no loan value.
    std::optional<int> years_to_maturity{}; ///< Whole calendar years, of a bond.
    std::optional<bool> zero_coupon{};      ///< Of a bond.
    std::optional<Rating> rating{};         ///< Of a bond.

    friend bool operator==(const SecurityFacts&, const SecurityFacts&) = default;
};

/// What a rule asks for one unit: a rate of its price, and not less than an amount.
///
/// The requirement and its explanation are both made of this, so they cannot differ.
struct SecurityTerms {
    std::string_view rule{}; ///< "stock.long"
    Fraction rate = 0.0;     ///< Of the market value.
    Price floor = 0.0;       ///< USD per unit.
    Citation citation{};

    /// The requirement of one unit at a price, USD.
    [[nodiscard]] constexpr Price per_unit(Price price) const { return (std::max)(rate * price, floor); }

    friend bool operator==(const SecurityTerms&, const SecurityTerms&) = default;
};

/// The terms that ask for more at a price; the first where both ask for the same.
[[nodiscard]] constexpr const SecurityTerms& greater_of(const SecurityTerms& first, const SecurityTerms& second,
                                                        Price price) {
    return second.per_unit(price) > first.per_unit(price) ? second : first;
}

} // namespace margincore
