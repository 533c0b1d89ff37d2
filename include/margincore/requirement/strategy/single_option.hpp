// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>

#include <margincore/core/date.hpp>
#include <margincore/core/units.hpp>
#include <margincore/instrument/kind.hpp>
#include <margincore/instrument/option_contract.hpp>
#include <margincore/requirement/strategy/option_rates.hpp>

namespace margincore {

/// What the underlying of an option is, as the option rules see it.
struct Underlying {
    Kind kind = Kind::equity;
    Price price = 0.0;     ///< USD per unit.
    double leverage = 1.0; ///< Signed factor of a leveraged or inverse fund, not 0.

    friend bool operator==(const Underlying&, const Underlying&) = default;
};

/// Whether options on the kind have a requirement under FINRA 4210(f)(2)(E)(i).
[[nodiscard]] constexpr bool may_underlie_options(Kind kind) {
    return kind == Kind::equity || may_be_leveraged(kind) || kind == Kind::etn || kind == Kind::broad_index ||
           kind == Kind::narrow_index || kind == Kind::volatility_index;
}

/// What exercise at a price brings, USD per unit, >= 0.
[[nodiscard]] constexpr Price in_the_money(Right right, Price strike, Price price) {
    return (std::max)(0.0, right == Right::call ? price - strike : strike - price);
}

/// How much the price must move for exercise to bring anything, USD per unit, >= 0.
[[nodiscard]] constexpr Price out_of_the_money(Right right, Price strike, Price price) {
    return in_the_money(right, price, strike);
}

/// The requirement of a short option by itself, in its two parts. USD per unit.
struct ShortOptionTerms {
    Price premium = 0.0;            ///< Its market value.
    Price rate_of_underlying = 0.0; ///< The percentage of the underlying less what it is out of the money.
    Price least = 0.0;              ///< The floor of that.

    [[nodiscard]] constexpr Price add_on() const { return (std::max)(rate_of_underlying, least); }
    [[nodiscard]] constexpr Price per_unit() const { return premium + add_on(); }
};

/// The percentage of the underlying that a short option is charged.
[[nodiscard]] constexpr Fraction short_option_rate(Kind kind, const OptionRates& rates) {
    if (kind == Kind::broad_index) {
        return rates.short_broad_index;
    }
    return kind == Kind::broad_index_etf ? rates.short_broad_fund : rates.short_option;
}

/// The percentage that a short option is charged at least.
[[nodiscard]] constexpr Fraction short_option_floor(Kind kind, const OptionRates& rates) {
    return kind == Kind::broad_index ? rates.short_broad_index_floor : rates.short_floor;
}

/// The requirement of a short option that nothing covers: its premium and 20 % of the underlying (15 % of a broad
/// index) less what it is out of the money, at least 10 % of the underlying for a call, of the strike for a put; each
/// percentage times the factor of a leveraged fund.
///
/// @source FINRA 4210(f)(2)(E)(i); Cboe Rule 10.3(c)(5)(A); leveraged funds: Regulatory Notice 09-65.
[[nodiscard]] constexpr ShortOptionTerms short_option(Right right, Price strike, Price premium,
                                                      const Underlying& underlying, const OptionRates& rates) {
    const double factor = (std::max)(1.0, underlying.leverage < 0 ? -underlying.leverage : underlying.leverage);
    const Price floor_of = right == Right::call ? underlying.price : strike;
    return {.premium = premium,
            .rate_of_underlying = factor * short_option_rate(underlying.kind, rates) * underlying.price -
                                  out_of_the_money(right, strike, underlying.price),
            .least = factor * short_option_floor(underlying.kind, rates) * floor_of};
}

/// Whether a long option carries loan value: listed, with more than nine calendar months to its expiry.
///
/// @source FINRA 4210(f)(2)(D).
[[nodiscard]] inline bool has_loan_value(const OptionContract& option, Date valuation_date, const OptionRates& rates) {
    using namespace std::chrono;
    const year_month_day today{valuation_date};
    const year_month_day there = today + months{rates.loan_value_months};
    const sys_days last = there.ok() ? sys_days{there} : sys_days{there.year() / there.month() / std::chrono::last};
    return option.listed && option.expiry > last;
}

} // namespace margincore
