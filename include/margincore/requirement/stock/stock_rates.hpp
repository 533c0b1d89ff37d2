// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <margincore/core/units.hpp>

namespace margincore {

/// Regulation T percentages of market value.
struct RegulationTRates {
    Fraction long_stock = 0.50;          ///< 12 CFR 220.12(a).
    Fraction short_beyond_value = 0.50;  ///< 12 CFR 220.12(c)(1): 150 % less the market value itself.
    Fraction long_non_marginable = 1.00; ///< 12 CFR 220.12(e).

    friend bool operator==(const RegulationTRates&, const RegulationTRates&) = default;
};

/// Maintenance of stock, FINRA 4210(c) and (e)(1). Shorts: the amount beyond the market value.
struct MaintenanceRates {
    Fraction long_stock = 0.25;          ///< (c)(1).
    Fraction short_stock = 0.30;         ///< (c)(3), at `low_price` or more.
    Price short_floor = 5.00;            ///< (c)(3), USD per share.
    Price low_price = 5.00;              ///< Below it (c)(2) applies, USD per share.
    Fraction short_low_priced = 1.00;    ///< (c)(2).
    Price short_low_priced_floor = 2.50; ///< (c)(2), USD per share.
    Fraction non_marginable = 1.00; ///< (c)(5), long; (c)(6), short. The letters are from memory of the 2012 amendment.
    Fraction against_the_box = 0.05; ///< (e)(1), of the long market value.
    Fraction most = 1.00;            ///< A factor never lifts a rate above this: Regulatory Notice 09-53.

    friend bool operator==(const MaintenanceRates&, const MaintenanceRates&) = default;
};

/// The numbers of the stock rules, one set a rulebook.
struct StockRates {
    RegulationTRates regulation_t{};
    MaintenanceRates maintenance{};

    friend bool operator==(const StockRates&, const StockRates&) = default;
};

} // namespace margincore
