// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tuple>

#include <margincore/account/account_type.hpp>
#include <margincore/account/evaluate.hpp>
#include <margincore/account/liquidation_plan.hpp>
#include <margincore/account/market_rows.hpp>
#include <margincore/account/option_workspace.hpp>
#include <margincore/account/plan_liquidation.hpp>
#include <margincore/account/portfolio_margin.hpp>
#include <margincore/account/portfolio_rows.hpp>
#include <margincore/document/account_reader.hpp>
#include <margincore/document/evaluate_document.hpp>
#include <margincore/document/fields.hpp>
#include <margincore/instrument/book.hpp>

namespace margincore::document {

template <>
inline constexpr auto fields<LiquidationOrder> =
    std::tuple{Field{"symbol", &LiquidationOrder::symbol, "What is traded."},
               Field{"quantity", &LiquidationOrder::quantity, "Whole shares; negative sells, positive buys back."},
               Field{"price", &LiquidationOrder::price, "At market, USD a share."},
               Field{"value", &LiquidationOrder::value, "Traded, USD, >= 0."},
               Field{"beta", &LiquidationOrder::beta, "Of the position; None where it has none."}};

template <>
inline constexpr auto fields<LiquidationPlan> = std::tuple{
    Field{"planner", &LiquidationPlan::planner, "highest_beta or least_value."},
    Field{"orders", &LiquidationPlan::orders, "What to trade, by descending beta; empty without a deficiency."},
    Field{"value", &LiquidationPlan::value, "Of all orders, USD, >= 0."},
    Field{"excess_before", &LiquidationPlan::excess_before, "Total excess as the account stands, USD."},
    Field{"target", &LiquidationPlan::target, "Total excess that the plan is to end with, USD."},
    Field{"excess_after", &LiquidationPlan::excess_after, "Total excess after all orders, re-evaluated, USD."},
    Field{"restored", &LiquidationPlan::restored, "The target is reached."},
    Field{"deficiency", &LiquidationPlan::deficiency, "What remains: max(0, -excess_after), USD."},
    Field{"lower_bound", &LiquidationPlan::lower_bound,
          "Of least_value: proven for the value that must be traded, USD; 0 where nothing is known."},
    Field{"proven", &LiquidationPlan::proven, "The plan is proven to be what its planner asks for."},
    Field{"notes", &LiquidationPlan::notes, "What was left alone, and why."}};

/// The stock to close so that the account of a document has an excess again, under its policy and its type's method.
///
/// @throws InvalidInput, MissingData, Unsupported, NumericalFailure as `evaluate` and `plan_liquidation` of a view.
[[nodiscard]] inline LiquidationPlan plan_liquidation(const AccountDocument& document,
                                                      const LiquidationOptions& options = {}) {
    const MarketRows rows = market_rows(document.instruments, document.market, document.policy);
    if (detail::method_for(document, std::nullopt) == Method::portfolio) {
        const PortfolioRows portfolio_rows = detail::held_portfolio_rows(document, rows);
        PortfolioWorkspace workspace(portfolio_rows, document.policy);
        return margincore::plan_liquidation(
            document.account(), rows, document.policy, false,
            [&](const AccountView& account) {
                return evaluate_portfolio(account, rows, portfolio_rows, document.policy, workspace).evaluation.excess;
            },
            options);
    }
    OptionWorkspace workspace;
    const NullSink sink;
    return margincore::plan_liquidation(
        document.account(), rows, document.policy, true,
        [&](const AccountView& account) {
            return margincore::evaluate(account, rows, document.policy, sink, workspace).excess;
        },
        options);
}

} // namespace margincore::document
