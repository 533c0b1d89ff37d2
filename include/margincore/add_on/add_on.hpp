// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include <margincore/core/citation.hpp>
#include <margincore/core/names.hpp>
#include <margincore/core/units.hpp>

namespace margincore {

/// A firm reviews whether to ask for more than the rule does: the authority of every house figure.
inline constexpr Citation house_authority{"FINRA 4210", "(d)(1)"};

/// What an add-on may need to know of an underlying beyond its value; what is needed and missing is refused by name.
/// The last four are asked of what trades in shares on an exchange (`trades_in_shares`) only.
enum class Needs : std::uint8_t {
    nothing,
    beta,
    volatility,
    price, ///< Per share; whatever is held has one.
    average_daily_volume,
    shares_outstanding,
    industry
};

/// Whether it is one of the numbers of a share, which the account reads only for an add-on that needs one.
[[nodiscard]] constexpr bool is_of_share(Needs needs) {
    return needs == Needs::price || needs == Needs::average_daily_volume || needs == Needs::shares_outstanding;
}

/// The key of an instrument that an add-on needs.
template <>
inline constexpr std::array names<Needs> = {
    Name{Needs::beta, "beta"},
    Name{Needs::volatility, "volatility"},
    Name{Needs::price, "price"},
    Name{Needs::average_daily_volume, "average_daily_volume"},
    Name{Needs::shares_outstanding, "shares_outstanding"},
    Name{Needs::industry, "industry"},
};

/// One underlying of an account, as an add-on sees it: with the options on it, but for an add-on that needs a number of
/// a share, which sees the shares alone.
///
/// NaN where a number is missing and not needed. The last three are also NaN for what does not trade in shares on an
/// exchange: no band applies to NaN, so such a holding is not looked at.
struct Holding {
    static constexpr double none = std::numeric_limits<double>::quiet_NaN();

    Money net_value = 0.0;                ///< Stock and options at market, long positive.
    Volatility volatility = none;         ///< Of the underlying.
    Quantity units = 0.0;                 ///< Of the underlying itself, net, long positive.
    Price price = none;                   ///< USD per share.
    Quantity average_daily_volume = none; ///< Shares a day.
    Quantity shares_outstanding = none;   ///< Shares.
};

/// One industry of an account, as an add-on sees it.
struct IndustryHolding {
    Money net_value = 0.0;       ///< Of its holdings, long positive.
    Money largest_holding = 0.0; ///< The largest |net value| of one holding of the account, of any industry.
};

/// An account, as an add-on sees it.
struct AddOnContext {
    Money gross_value = 0.0;     ///< Longs and shorts counted separately, options at market, >= 0.
    Money net_liquidation = 0.0; ///
    Money exposure = 0.0;        ///< Beta-weighted net value; NaN where a beta is missing and not needed.
};

/// The rate that an add-on asks for, and what it measured to get there.
struct AddOnRate {
    Fraction rate = 0.0;  ///< Of the base, >= 0; 0 asks for nothing.
    double measure = 0.0; ///< What was measured.
    double above = 0.0;   ///< The threshold that the measure is above.

    /// The threshold of the next band, which the measure is not above; infinity in the highest.
    double up_to = std::numeric_limits<double>::infinity();
};

/// HoldingAddOn: `holding_rate(holding, context)` is a rate of the |net value| of one underlying.
template <class A>
concept HoldingAddOn = requires(const A& add_on, const Holding& holding, const AddOnContext& context) {
    { A::id } -> std::convertible_to<std::string_view>;
    { A::needs } -> std::convertible_to<Needs>;
    { add_on.holding_rate(holding, context) } -> std::same_as<AddOnRate>;
    { add_on.why(AddOnRate{}) } -> std::same_as<std::string>;
};

/// AccountAddOn: `account_rate(context)` is a rate of the gross market value of the account.
template <class A>
concept AccountAddOn = requires(const A& add_on, const AddOnContext& context) {
    { A::id } -> std::convertible_to<std::string_view>;
    { A::needs } -> std::convertible_to<Needs>;
    { add_on.account_rate(context) } -> std::same_as<AddOnRate>;
    { add_on.why(AddOnRate{}) } -> std::same_as<std::string>;
};

/// IndustryAddOn: `industry_rate(industry, context)` is a rate of the |net value| of the holdings of one industry.
template <class A>
concept IndustryAddOn = requires(const A& add_on, const IndustryHolding& industry, const AddOnContext& context) {
    { A::id } -> std::convertible_to<std::string_view>;
    { A::needs } -> std::convertible_to<Needs>;
    { add_on.industry_rate(industry, context) } -> std::same_as<AddOnRate>;
    { add_on.why(AddOnRate{}) } -> std::same_as<std::string>;
};

/// AddOn: a house requirement on top of the rules. It returns a rate; `account/` multiplies, caps and explains.
///
/// `why(rate)` says in words what was measured. A rate is >= 0, 0 for an account without positions, and does not fall
/// when everything that is held grows. Models: `NullAddOn` (copy it to write your own), `Concentration`,
/// `VolatilityBand`, `Liquidity`, `Ownership`, `LowPrice`, `BetaLeverage`, `Industry`. See docs/concepts/add_on.md.
template <class A>
concept AddOn = std::equality_comparable<A> && (HoldingAddOn<A> || AccountAddOn<A> || IndustryAddOn<A>);

} // namespace margincore
