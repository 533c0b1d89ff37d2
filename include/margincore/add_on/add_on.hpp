// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

#include <margincore/core/units.hpp>

namespace margincore {

/// What an add-on may need to know of an underlying beyond its value; what is needed and missing is refused by name.
enum class Needs : std::uint8_t { nothing, beta, volatility };

/// One underlying of an account, as an add-on sees it.
struct Holding {
    Money net_value = 0.0;       ///< Stock and options at market, long positive.
    Volatility volatility = 0.0; ///< Of the underlying; NaN where it is missing and not needed.
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

/// AddOn: a house requirement on top of the rules. It returns a rate; `account/` multiplies, caps and explains.
///
/// `why(rate)` says in words what was measured. A rate is >= 0, 0 for an account without positions, and does not fall
/// when the position grows. Models: `NullAddOn` (copy it to write your own), `Concentration`, `VolatilityBand`,
/// `BetaLeverage`. See docs/concepts/add_on.md.
template <class A>
concept AddOn = std::equality_comparable<A> && (HoldingAddOn<A> || AccountAddOn<A>);

} // namespace margincore
