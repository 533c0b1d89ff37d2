// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include <margincore/core/units.hpp>

namespace margincore {

/// Regulation T percentages of market value.
struct RegulationTRates {
    Fraction long_stock = 0.50;          ///< 12 CFR 220.12(a).
    Fraction short_beyond_value = 0.50;  ///< 12 CFR 220.12(c)(1): 150 % less the market value itself.
    Fraction long_non_marginable = 1.00; ///< 12 CFR 220.12(e).

    friend bool operator==(const RegulationTRates&, const RegulationTRates&) = default;
};

/// Maintenance of US Treasuries from a number of whole years to maturity on.
struct TreasuryStep {
    int years = 0;       ///< To maturity, at least.
    Fraction rate = 0.0; ///< Of the market value.

    friend bool operator==(const TreasuryStep&, const TreasuryStep&) = default;
};

/// Maintenance of exempted and non-equity securities, FINRA 4210(e)(2), long or short.
struct DebtRates {
    /// (e)(2)(A), ascending. The range of 1 to 6 % is read; the steps are well known and from memory.
    std::array<TreasuryStep, 6> treasury = {{{.years = 0, .rate = 0.01},
                                             {.years = 1, .rate = 0.02},
                                             {.years = 3, .rate = 0.03},
                                             {.years = 5, .rate = 0.04},
                                             {.years = 10, .rate = 0.05},
                                             {.years = 20, .rate = 0.06}}};
    int zero_coupon_years = 5;         ///< From here to maturity on the next figure applies to zero coupons.
    Fraction zero_coupon_floor = 0.03; ///< Of principal.
    Fraction municipal = 0.07;         ///< Other exempted securities.
    Fraction investment_grade = 0.10;  ///< Debt of investment grade.
    Fraction other = 0.20;             ///< Other listed or marginable non-equity securities.
    Fraction other_floor = 0.07;       ///< The same, of principal.
    Fraction money_market_fund = 0.01;

    friend bool operator==(const DebtRates&, const DebtRates&) = default;
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
    Fraction against_the_box = 0.05;         ///< (e)(1), of the long market value.
    Fraction converted = 0.10;               ///< (e)(1), of the long market value of what converts into the short.
    Fraction short_convertible_floor = 0.05; ///< (c)(4), of the principal of a bond.
    Fraction most = 1.00;                    ///< A factor never lifts a rate above this: Regulatory Notice 09-53.

    friend bool operator==(const MaintenanceRates&, const MaintenanceRates&) = default;
};

/// The numbers of the security rules, one set a rulebook.
struct SecurityRates {
    RegulationTRates regulation_t{};
    MaintenanceRates maintenance{};
    DebtRates debt{};

    friend bool operator==(const SecurityRates&, const SecurityRates&) = default;
};

} // namespace margincore
