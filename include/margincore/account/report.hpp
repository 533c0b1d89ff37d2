// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <margincore/account/account_certificate.hpp>
#include <margincore/account/call_prices.hpp>
#include <margincore/account/evaluate.hpp>
#include <margincore/account/policy.hpp>
#include <margincore/account/stress.hpp>
#include <margincore/account/underlying_stress.hpp>
#include <margincore/core/units.hpp>
#include <margincore/requirement/portfolio_margin/aggregate.hpp>
#include <margincore/requirement/portfolio_margin/group_tree.hpp>

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

/// One group of portfolio margin.
struct GroupReport {
    std::string id{};
    GroupLevel level = GroupLevel::class_group;
    std::optional<std::string> parent{}; ///< Id of the group above; nothing of a top group.
    std::vector<Money> points{};         ///< Gain at each valuation point: of a class netted, above it after its cut.
    std::int64_t worst_point = 0;        ///< Counted from 0; of equals the first.
    Money minimum = 0.0;                 ///< Of its contracts, >= 0.
    std::optional<Money> requirement{};  ///< Of a top group; nothing below.
    Binding binding = Binding::loss; ///< Minimum where the minimum of a class in it is above what it keeps of a loss.
    Money gain_used = 0.0; ///< Of the gains below it, at the worst point of the top group: what offset losses.
    Money gain_cut = 0.0;  ///< Likewise, what the percentage took.

    friend bool operator==(const GroupReport&, const GroupReport&) = default;
};

/// What an account under portfolio margin must make good, and until when. Dates are ISO, and nothing where the business
/// days were not given.
struct Deficiency {
    Money amount = 0.0;
    std::string opened{};             ///< The day at whose close it arose.
    std::optional<std::string> due{}; ///< The third business day after.
    std::optional<std::string>
        restricted_from{}; ///< The fourth: only orders that lower the requirement, and liquidation.
    std::optional<std::string> net_capital_from{}; ///< The next: the member deducts it from net capital until cured.

    friend bool operator==(const Deficiency&, const Deficiency&) = default;
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
    std::vector<UnderlyingStress> underlyings{};                   ///< With stress: each underlying moving alone.
    std::optional<ShockGains> shock{};                             ///< With stress: all of them shocked at once.
    std::vector<std::pair<std::string, CallPrices>> call_prices{}; ///< By symbol, in the order of the positions.
    Ladder ladder{};                                               ///< Thresholds of the policy, for who enforces.
    std::vector<Warning> warnings{};
    std::vector<PairedPositions> pairing{};          ///< Every option once, with the stock that it covers or protects.
    std::vector<GroupReport> groups{};               ///< Of portfolio margin, of each top group from the classes up.
    std::optional<Deficiency> deficiency{};          ///< Of portfolio margin, where equity is below the requirement.
    std::optional<AccountCertificate> certificate{}; ///< Of the pairing of options, where it was asked for.

    friend bool operator==(const Report&, const Report&) = default;
};

} // namespace margincore
