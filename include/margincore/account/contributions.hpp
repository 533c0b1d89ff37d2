// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <margincore/account/contribution.hpp>
#include <margincore/account/evaluate.hpp>
#include <margincore/account/market_rows.hpp>
#include <margincore/account/policy.hpp>
#include <margincore/account/portfolio_contributions.hpp>
#include <margincore/account/portfolio_rows.hpp>
#include <margincore/core/error.hpp>
#include <margincore/core/units.hpp>
#include <margincore/instrument/book.hpp>
#include <margincore/requirement/line.hpp>

namespace margincore {

/// What closing each position and each class group would change under portfolio margin, and how much of the requirement
/// it is to first order, by automatic differentiation.
///
/// @throws Unsupported  where the policy has stock baskets: a part of a basket is none.
[[nodiscard]] inline Contributions contributions(const AccountView& account, const MarketRows& market,
                                                 const PortfolioRows& rows, const Policy& policy) {
    if (!policy.portfolio_margin.baskets.empty()) {
        throw Unsupported("policy.baskets", "contributions of accounts with stock baskets are not built");
    }
    return detail::PortfolioContributions(account, market, rows, policy)();
}

/// What closing each position would change under the strategy method.
///
/// @throws Unsupported  where the policy designates groups, which a closed position would leave without a part.
[[nodiscard]] inline Contributions contributions(const AccountView& account, const MarketRows& market,
                                                 const Policy& policy) {
    if (!policy.groups.empty()) {
        throw Unsupported("policy.groups", "contributions of accounts with designated groups are not built");
    }
    std::vector<Money> value;
    for (std::size_t i = 0; i < account.size(); ++i) {
        value.push_back(account.quantity[i] * market.rows[static_cast<std::size_t>(account.instrument[i])].price());
    }
    const NullSink sink;
    OptionWorkspace workspace;
    const auto requirement = [&](const AccountView& of) {
        const Evaluation evaluation = evaluate(of, market, policy, sink, workspace);
        return evaluation.net_requirement() + evaluation.requirement.add_ons;
    };
    Contributions result{.net_requirement = requirement(account)};
    for (std::size_t i = 0; i < account.size(); ++i) {
        const detail::WithoutPositions rest(account, value, [&](std::size_t other) { return other == i; });
        const std::string& symbol = market.instrument(account.instrument[i]).symbol;
        Contribution of{.id = symbol, .positions = {symbol}};
        of.closing = detail::change(result.net_requirement, requirement(rest.view()));
        of.why = of.closing < 0   ? "what is left asks for less"
                 : of.closing > 0 ? "closing this leaves what it covers or hedges without it"
                                  : "closing this lowers nothing: what is left asks for as much";
        result.positions.push_back(std::move(of));
    }
    return result;
}

} // namespace margincore
