// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <margincore/account/account_certificate.hpp>
#include <margincore/account/call_prices.hpp>
#include <margincore/account/evaluate.hpp>
#include <margincore/account/policy.hpp>
#include <margincore/account/stress.hpp>
#include <margincore/core/units.hpp>

namespace margincore {

/// One explained part of the requirement, with symbols for positions.
struct ReportLine {
    std::string rule{};                   ///< "stock.long"
    std::string citation{};               ///< Paragraph of the maintenance amount.
    std::string initial_citation{};       ///< Paragraph of the initial amount.
    std::vector<std::string> positions{}; ///< Symbols.
    std::vector<Quantity> quantities{};   ///< Of each position, negative when short.
    Money initial = 0.0;
    Money maintenance = 0.0;
    std::string why{};         ///< The arithmetic of the maintenance amount.
    std::string initial_why{}; ///< The arithmetic of the initial amount.

    friend bool operator==(const ReportLine&, const ReportLine&) = default;
};

/// One charge of a house add-on.
struct AddOnLine {
    std::string id{}; ///< Name of the add-on; `house_rates` for the house's own rates.
    std::string citation{};
    std::vector<std::string> positions{}; ///< Symbols; empty for a charge on the whole account.
    std::vector<Quantity> quantities{};
    Money amount = 0.0; ///< The charge, USD, >= 0.
    std::string why{};

    friend bool operator==(const AddOnLine&, const AddOnLine&) = default;
};

/// What positions would ask for if the group that they are in were not allowed.
struct NextBest {
    std::string rule{}; ///< Of the part that would ask for most.
    Money amount = 0.0; ///< USD, as the group's maintenance, and not below it where the pairing is optimal.

    friend bool operator==(const NextBest&, const NextBest&) = default;
};

/// Positions that are margined together.
struct PairedPositions {
    std::string name{};                   ///< What traders call them: `iron condor 50/53/67/70`.
    std::string rule{};                   ///< "strategy.spread"
    std::vector<std::string> positions{}; ///< Symbols.
    std::vector<Quantity> quantities{};   ///< Of each position, negative when short.
    Money maintenance = 0.0;
    std::optional<Price> worst_strike{}; ///< Where a spread loses most, USD per unit; nothing where it loses nowhere.
    std::optional<NextBest> next_best{}; ///< Nothing where it was not asked for, or nothing else is allowed.

    friend bool operator==(const PairedPositions&, const PairedPositions&) = default;
};

/// Something that a reader should know and that makes no figure wrong.
struct Warning {
    std::string where{};
    std::string message{};

    friend bool operator==(const Warning&, const Warning&) = default;
};

/// Everything that was computed of one account: the C++ side of the report document.
struct Report {
    std::optional<std::string> account_id{};
    std::string method{};
    std::string rulebook{};
    std::string valuation_date{};
    Money net_liquidation = 0.0;
    Money equity = 0.0;
    Money gross_value = 0.0; ///< Longs and shorts counted separately, at market.
    Requirement requirement{};
    Excess excess{};
    Money net_requirement = 0.0;
    Money lower_bound = 0.0; ///< Proven for `net_requirement`.
    MarginCall call{};
    Money withdrawable = 0.0;
    std::optional<Money> buying_power{};
    std::vector<ReportLine> lines{};
    std::vector<AddOnLine> add_ons{};
    std::optional<std::vector<StressPoint>> stress{};
    std::optional<BetaWeighted> beta_weighted{};
    std::vector<std::pair<std::string, CallPrices>> call_prices{}; ///< By symbol, in the order of the positions.
    Ladder ladder{};                                               ///< Thresholds of the policy, for who enforces.
    std::vector<Warning> warnings{};
    std::vector<PairedPositions> pairing{};          ///< Every option once, with the stock that it covers or protects.
    std::optional<AccountCertificate> certificate{}; ///< Of the pairing of options, where it was asked for.

    friend bool operator==(const Report&, const Report&) = default;
};

} // namespace margincore
