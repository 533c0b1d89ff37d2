// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <margincore/account/designated_leg.hpp>
#include <margincore/account/rulebook.hpp>
#include <margincore/add_on/catalogue.hpp>
#include <margincore/core/units.hpp>
#include <margincore/requirement/portfolio_margin/margin_policy.hpp>
#include <margincore/scenario/benchmark_moves.hpp>

namespace margincore {

/// House maintenance rates. An empty side keeps the rule's.
struct HouseRates {
    std::optional<Fraction> long_rate{};  ///< Of the long market value.
    std::optional<Fraction> short_rate{}; ///< Of the short market value.

    friend bool operator==(const HouseRates&, const HouseRates&) = default;
};

/// Thresholds of the enforcement ladder.
/// @source Workshop on real-time margin risk, enforcement ladder.
struct Ladder {
    Fraction warning_excess = 0.05;       ///< Warn while 0 <= excess < this share of gross market value.
    double restrict_after_minutes = 30.0; ///< Restrict when a call has been outstanding for longer.
    Fraction severe_move = 0.06;          ///< Restrict when a benchmark move at least this large leaves a deficit.
    Fraction liquidate_deficiency = 0.50; ///< Liquidate when the deficiency exceeds this share of the requirement.

    friend bool operator==(const Ladder&, const Ladder&) = default;
};

/// What a house applies: a rulebook, and its own rates and add-ons on top.
struct Policy {
    Rulebook rulebook = finra_2026;
    std::map<std::string, HouseRates> house_rates{}; ///< By symbol.
    HouseRates base_rates{}; ///< Of everything that trades in shares and that `house_rates` does not name.
    std::vector<AnyAddOn> add_ons{};
    std::optional<double> missing_beta{}; ///< Stated for symbols without a beta; the report says who used it.
    std::vector<Fraction> stress_moves{workshop_moves.begin(), workshop_moves.end()}; ///< Of the benchmark.
    Ladder ladder{};
    bool long_option_loan_value = true; ///< FINRA 4210(f)(2)(D); false: long options are always paid in full.
    std::size_t node_limit = 5'000;     ///< Of the search for a pairing; beyond it the report says the gap.

    PortfolioMarginPolicy portfolio_margin{};

    PairingMode pairing = PairingMode::optimal;       ///< Who says which options are margined together.
    std::vector<std::vector<DesignatedLeg>> groups{}; ///< Of designated pairing; what none names stands alone.

    /// Whether the house asks for nothing beside the rules.
    [[nodiscard]] bool charges_nothing() const {
        return house_rates.empty() && base_rates == HouseRates{} && add_ons.empty();
    }

    friend bool operator==(const Policy&, const Policy&) = default;
};

} // namespace margincore
