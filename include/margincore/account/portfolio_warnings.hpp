// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <margincore/account/policy.hpp>
#include <margincore/account/portfolio_rows.hpp>
#include <margincore/account/report.hpp>
#include <margincore/core/text.hpp>
#include <margincore/core/units.hpp>

namespace margincore {

/// What a reader should know of a market under portfolio margin, whoever holds what of it.
///
/// @param instruments  Their place in the caller's data.
[[nodiscard]] inline std::vector<Warning> portfolio_market_warnings(const PortfolioRows& rows, const Policy& policy,
                                                                    std::string_view instruments) {
    std::vector<Warning> warnings;
    for (const auto& [id, range] : policy.portfolio_margin.house_ranges) {
        if (std::ranges::find(rows.tree.classes, id, &GroupTree::Group::id) == rows.tree.classes.end()) {
            warnings.push_back({.where = "policy.house_ranges." + id,
                                .message = "names a class group that nothing here is of; not applied"});
        }
    }
    for (const auto& [symbol, warning] : rows.warnings) {
        warnings.push_back({.where = std::string(instruments) + "." + symbol, .message = warning});
    }
    return warnings;
}

/// The same with what is about one account.
///
/// @param equity  Of the account, USD.
[[nodiscard]] inline std::vector<Warning> portfolio_warnings(const PortfolioRows& rows, const Policy& policy,
                                                             Money equity) {
    std::vector<Warning> warnings = portfolio_market_warnings(rows, policy, "market.instruments");
    const std::optional<Money>& tier = policy.portfolio_margin.equity_tier;
    if (tier && equity < *tier) {
        warnings.push_back(
            {.where = "policy.equity_tier",
             .message = "equity " + money_text(equity) + " is below " + money_text(*tier) +
                        ", the least for portfolio margin: after three business days only orders that lower the "
                        "requirement"});
    }
    return warnings;
}

} // namespace margincore
