// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string>
#include <string_view>

#include <margincore/core/citation.hpp>
#include <margincore/core/date.hpp>
#include <margincore/core/error.hpp>
#include <margincore/core/text.hpp>
#include <margincore/core/units.hpp>
#include <margincore/core/where.hpp>
#include <margincore/requirement/stock/security_rates.hpp>
#include <margincore/requirement/strategy/option_rates.hpp>
#include <margincore/requirement/strategy/spread_rules.hpp>

namespace margincore {

/// The numbers of the rules from a day on: a value, never a class a version.
struct Rulebook {
    std::string_view id{};
    Date effective_from{}; ///< The first day on which it was in force.
    Citation citation{};   ///< What brought it into force.
    SecurityRates stock{};
    OptionRates option{};
    SpreadRules spread{};
    Money minimum_equity = 2000.0; ///< FINRA 4210(b)(4): a withdrawal that borrows may not go below it.

    friend bool operator==(const Rulebook&, const Rulebook&) = default;
};

/// The rules after the day-trading provisions of 4210(f)(8)(B) gave way to intraday margin.
///
/// @source SR-FINRA-2025-017, Exchange Act Release 34-105226, Regulatory Notice 26-10; effective 2026-06-04.
inline constexpr Rulebook finra_2026{
    .id = "finra-2026",
    .effective_from = std::chrono::sys_days{std::chrono::year{2026} / std::chrono::June / 4},
    .citation = {"FINRA Regulatory Notice", " 26-10"},
};

/// The same by its profile's name: every spread that the exchange rule allows, with any number of legs.
inline constexpr Rulebook exchange = [] {
    Rulebook rulebook = finra_2026;
    rulebook.id = "exchange";
    return rulebook;
}();

/// The rules with spreads of at most four legs that have a name, as before any number of legs was one spread.
///
/// @source SR-CBOE-2012-043, which put spreads of any number of legs in place of the named ones of Cboe Rule 12.3; each
/// is charged its greatest loss all the same.
inline constexpr Rulebook named_strategies = [] {
    Rulebook rulebook = finra_2026;
    rulebook.id = "named-strategies";
    rulebook.spread.any_leg = false;
    return rulebook;
}();

/// The rules as Interactive Brokers applies them.
///
/// @source IBKR Knowledge Base, node 600: an iron condor with unequal wings is two spreads; what-if margins of 2023 and
/// 2024 printed in QuantConnect/Lean, OptionMarginBuyingPowerModelTests at 24863901: 20 % and 10 % of a fund on a broad
/// index. A covered call's rate is on the price of the stock in the maximum formulas of IBKR's US options margin page,
/// known from descriptions and not read.
inline constexpr Rulebook ibkr_like = [] {
    Rulebook rulebook = named_strategies;
    rulebook.id = "ibkr-like";
    rulebook.spread.unequal_iron_wings = false;
    rulebook.option.short_broad_fund = 0.20;
    rulebook.option.covered_call_base = CoveredCallBase::market;
    return rulebook;
}();

/// The rules as tastytrade applies them.
///
/// @source tastyworks help 43000435385: 25 % with 15 % at least of RUT, NDX, SPX, XSP, DJX, OEX, XEO and others settled
/// in cash, and no spread there but within one expiry; 43000435229: an iron condor is charged its wider wing.
inline constexpr Rulebook tastytrade_like = [] {
    Rulebook rulebook = named_strategies;
    rulebook.id = "tastytrade-like";
    rulebook.spread.cash_settled_calendars = false;
    rulebook.option.short_broad_index = 0.25;
    rulebook.option.short_broad_index_floor = 0.15;
    return rulebook;
}();

/// The rulebooks that this version computes; the first is the default.
inline constexpr std::array rulebooks = {finra_2026, exchange, named_strategies, ibkr_like, tastytrade_like};

/// The rulebook of a name.
///
/// @throws InvalidInput where it is no name of a rulebook.
[[nodiscard]] inline const Rulebook& find_rulebook(std::string_view id, const Where& where) {
    for (const Rulebook& rulebook : rulebooks) {
        if (rulebook.id == id) {
            return rulebook;
        }
    }
    throw InvalidInput(where, "must be the name of a rulebook, got " + in_quotes(id));
}

} // namespace margincore
