// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
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

namespace margincore {

/// The numbers of the rules from a day on: a value, never a class a version.
struct Rulebook {
    std::string_view id{};
    Date effective_from{}; ///< The first day on which it was in force.
    Citation citation{};   ///< What brought it into force.
    SecurityRates stock{};
    OptionRates option{};
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

/// The rulebooks that this version computes; the first is the default.
inline constexpr std::array rulebooks = {finra_2026, exchange};

/// Profiles that policies know and that this version does not compute.
inline constexpr std::array<std::string_view, 3> rulebooks_not_built = {"named-strategies", "ibkr-like",
                                                                        "tastytrade-like"};

/// The rulebook of a name.
///
/// @throws Unsupported  where the name is known and not built yet.
/// @throws InvalidInput where it is no name of a rulebook.
[[nodiscard]] inline const Rulebook& find_rulebook(std::string_view id, const Where& where) {
    for (const Rulebook& rulebook : rulebooks) {
        if (rulebook.id == id) {
            return rulebook;
        }
    }
    if (std::ranges::find(rulebooks_not_built, id) != rulebooks_not_built.end()) {
        throw Unsupported(where, "rulebook " + in_quotes(id) + " is not built yet");
    }
    throw InvalidInput(where, "must be the name of a rulebook, got " + in_quotes(id));
}

} // namespace margincore
