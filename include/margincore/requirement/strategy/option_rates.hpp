// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include <margincore/core/names.hpp>
#include <margincore/core/units.hpp>

namespace margincore {

/// What the 25 % of a covered stock is taken of, and what counts in equity either way is min(price, strike).
enum class CoveredCallBase : std::uint8_t { capped, market };

/// What a collar's put is out of the money by: as the rule is written, or with the stock counted up to the call's
/// strike.
enum class CollarPut : std::uint8_t { market, capped };

template <>
inline constexpr std::array names<CoveredCallBase> = {Name{CoveredCallBase::capped, "capped"},
                                                      Name{CoveredCallBase::market, "market"}};
template <>
inline constexpr std::array names<CollarPut> = {Name{CollarPut::market, "market"}, Name{CollarPut::capped, "capped"}};

/// The numbers of the option rules, one set a rulebook. FINRA 4210(f)(2).
struct OptionRates {
    Fraction short_option = 0.20;      ///< (E)(i), of the underlying: equity, narrow index, fund on no broad index.
    Fraction short_broad_index = 0.15; ///< (E)(i), broad-based index.
    Fraction short_broad_fund = 0.15;  ///< (E)(i), fund on a broad-based index.
    Fraction short_floor = 0.10;       ///< (E)(i), of the underlying for a call, of the strike for a put.
    Fraction short_broad_index_floor = 0.10; ///< The same of a broad-based index, where a house differs.
    int loan_value_months = 9;    ///< (D): beyond so many calendar months a listed long option has loan value,
    Fraction long_term = 0.75;    ///< (D): and this requirement, of its market value.
    Fraction hedge_strike = 0.10; ///< (H)(v): of the strike of what protects stock.
    Fraction long_box = 0.50;     ///< (H)(v)(e): of the strike difference of a European cash-settled long box.
    CoveredCallBase covered_call_base =
        CoveredCallBase::capped; ///< The rule caps the value "used in computing margin".

    CollarPut collar_put = CollarPut::market; ///< (H)(v)(d) as written.

    friend bool operator==(const OptionRates&, const OptionRates&) = default;
};

} // namespace margincore
