// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <margincore/account/class_netting.hpp>
#include <margincore/account/designated_leg.hpp>
#include <margincore/account/evaluate.hpp>
#include <margincore/account/market_rows.hpp>
#include <margincore/account/option_workspace.hpp>
#include <margincore/account/policy.hpp>
#include <margincore/account/portfolio_charges.hpp>
#include <margincore/account/portfolio_rows.hpp>
#include <margincore/account/stock_baskets.hpp>
#include <margincore/core/error.hpp>
#include <margincore/core/limits.hpp>
#include <margincore/core/text.hpp>
#include <margincore/core/units.hpp>
#include <margincore/core/where.hpp>
#include <margincore/instrument/account_place.hpp>
#include <margincore/instrument/book.hpp>
#include <margincore/requirement/line.hpp>
#include <margincore/requirement/portfolio_margin/aggregate.hpp>

namespace margincore {

/// The figures of one account under portfolio margin.
struct PortfolioEvaluation {
    Evaluation evaluation{};
    Money groups = 0.0;            ///< Sum of the requirements of the top groups.
    Money conversion_losses = 0.0; ///< Of convertibles that count as what they become.
    Money funds = 0.0;             ///< Of mutual funds, which are carried at a rate.
    Money carried = 0.0;           ///< Strategy requirement of what else is not eligible.
    Money house_ranges = 0.0;      ///< What the house's ranges ask for beyond the rule's.
};

/// Memory to margin one account after another with; each thread has its own. Refers to rows and policy, which must
/// outlive it.
class PortfolioWorkspace {
public:
    PortfolioWorkspace(const PortfolioRows& rows, const Policy& policy)
        : netting(rows), aggregate(rows.tree, aggregate_policy(policy.portfolio_margin)),
          carried_policy{.rulebook = policy.rulebook,
                         .long_option_loan_value = policy.long_option_loan_value,
                         .node_limit = policy.node_limit,
                         .pairing = policy.pairing} {}

    ClassNetting netting;
    Aggregator<> aggregate;
    Policy carried_policy; ///< The rules alone: the house charges the account as a whole.
    OptionWorkspace options{};
    std::vector<InstrumentIndex> carried_instrument{};
    std::vector<Quantity> carried_quantity{}, carried_boxed{};
    std::vector<std::int64_t> carried_row{};
};

namespace detail {

/// Finds out why an account cannot be margined, where its figures are not numbers.
inline void require_portfolio_figures(const AccountView& account, const MarketRows& market, const PortfolioRows& rows,
                                      const AccountPlace& place) {
    require_amounts(account, place);
    for (std::size_t i = 0; i < account.size(); ++i) {
        const InstrumentIndex index = account.instrument[i];
        const Where position = place.positions[place.row(i)];
        if (const auto refused = market.refused.find(market[index].table_row); refused != market.refused.end()) {
            if (refused->second) {
                std::rethrow_exception(refused->second);
            }
            throw MissingData(position["symbol"], "must have a row in the instruments, got none for " +
                                                      in_quotes(market.instrument(index).symbol));
        }
        if (const auto refused = rows.refused.find(index); refused != rows.refused.end()) {
            std::rethrow_exception(refused->second);
        }
        if (rows[index].is_contract && account.quantity[i] != std::floor(account.quantity[i])) {
            throw InvalidInput(position["quantity"],
                               "must be whole contracts, got " + number_text(account.quantity[i]));
        }
        if (std::isnan(market[index].facts.price)) {
            throw MissingData(position["symbol"],
                              "must have a price, got none for " + in_quotes(market.instrument(index).symbol));
        }
    }
    throw NumericalFailure(place.account, "must have figures up to 9e13 USD, in which every cent is exact, got more");
}

/// Equity that unlisted derivatives need.
/// @source FINRA 4210(g)(4)(C)
inline constexpr Money unlisted_derivatives_equity = 5'000'000.0;

inline void require_equity(const AccountView& account, const PortfolioRows& rows, Money equity,
                           const AccountPlace& place) {
    if (equity >= unlisted_derivatives_equity) {
        return;
    }
    for (std::size_t i = 0; i < account.size(); ++i) {
        if (rows[account.instrument[i]].is_unlisted) {
            const Where position = place.positions[place.row(i)];
            throw InvalidInput(position["symbol"],
                               "must be listed where equity is below 5,000,000 USD, FINRA 4210(g)(4)(C), got equity " +
                                   money_text(equity));
        }
    }
}

/// What is not eligible, as an account of its own without cash.
[[nodiscard]] inline AccountView carried(const AccountView& account, const PortfolioRows& rows,
                                         const AccountPlace& place, PortfolioWorkspace& workspace) {
    workspace.carried_instrument.clear();
    workspace.carried_quantity.clear();
    workspace.carried_boxed.clear();
    workspace.carried_row.clear();
    for (std::size_t i = 0; i < account.size(); ++i) {
        if (rows[account.instrument[i]].is_carried()) {
            workspace.carried_instrument.push_back(account.instrument[i]);
            workspace.carried_quantity.push_back(account.quantity[i]);
            workspace.carried_boxed.push_back(account.boxed_at(i));
            workspace.carried_row.push_back(static_cast<std::int64_t>(place.row(i)));
        }
    }
    return {.cash = 0.0,
            .instrument = workspace.carried_instrument,
            .quantity = workspace.carried_quantity,
            .boxed = workspace.carried_boxed};
}

/// The requirement of what is eligible; the workspace's aggregator holds the groups afterwards.
[[nodiscard]] inline Money groups_requirement(const AccountView& account, const MarketRows& market,
                                              const Policy& policy, std::span<const Points<Money>> gains,
                                              std::span<const PriceRange> ranges, const PortfolioRows& rows,
                                              PortfolioWorkspace& workspace) {
    if (rows.basket_classes.empty()) {
        return workspace.aggregate(workspace.netting(account, gains));
    }
    const BasketSplit split(account, market, policy.portfolio_margin);
    const std::span<const ClassGains<>> rest = workspace.netting(split.rest(), gains);
    std::vector<ClassGains<>> classes(rest.begin(), rest.end());
    split.add_to(classes, rows.basket_classes,
                 [&](GroupIndex group) { return ranges[static_cast<std::size_t>(group)]; });
    return workspace.aggregate(classes);
}

} // namespace detail

/// The figures of one account under portfolio margin.
///
/// Equity is the net liquidation value. What is eligible is netted by class group and offset by level; what is not
/// carries its strategy requirement, without offsets. Add-ons come on top.
/// @param account    A view whose rows are in the table (`require_rows`).
/// @param sink       Takes the lines of add-ons.
/// @param workspace  Memory; its aggregator holds the groups of this account afterwards.
/// @throws InvalidInput, MissingData, Unsupported, NumericalFailure where a position cannot be margined.
/// @source FINRA 4210(g)(7), (8), (11)
template <LineSink Sink>
[[nodiscard]] PortfolioEvaluation evaluate_portfolio(const AccountView& account, const MarketRows& market,
                                                     const PortfolioRows& rows, const Policy& policy, Sink& sink,
                                                     PortfolioWorkspace& workspace,
                                                     const AccountPlace& place = in_document) {
    PortfolioEvaluation result{};
    Figures figures{};
    bool can_be = std::abs(account.cash) <= largest_cash;
    bool has_carried = false;
    bool has_unlisted = false;
    for (std::size_t i = 0; i < account.size(); ++i) {
        const PortfolioRow& row = rows[account.instrument[i]];
        const Quantity quantity = account.quantity[i];
        figures.net_value += quantity * row.value;
        figures.gross_value += (std::abs(quantity) + 2 * account.boxed_at(i)) * row.value;
        result.conversion_losses += (std::max)(0.0, quantity) * row.conversion_loss;
        result.funds += std::abs(quantity) * row.fund_requirement;
        can_be = can_be && std::abs(quantity) <= largest_quantity && (quantity != 0 || account.boxed_at(i) > 0) &&
                 !(row.is_contract && quantity != std::floor(quantity));
        has_carried = has_carried || row.is_carried();
        has_unlisted = has_unlisted || row.is_unlisted;
    }
    const Money house = rows.house_gains.empty() ? 0.0
                                                 : detail::groups_requirement(account, market, policy, rows.house_gains,
                                                                              rows.house_ranges, rows, workspace);
    result.groups = detail::groups_requirement(account, market, policy, rows.gains, rows.ranges, rows, workspace);
    // Comparisons with what is not a number are false, so this asks for numbers too.
    can_be = can_be && figures.gross_value + result.groups + house <= largest_exact_money;
    if (!can_be || !rows.refused.empty()) [[unlikely]] {
        const bool holds_refused =
            std::ranges::any_of(account.instrument, [&](InstrumentIndex row) { return rows.refused.contains(row); });
        if (!can_be || holds_refused) {
            detail::require_portfolio_figures(account, market, rows, place);
        }
    }
    const Money net_liquidation = account.cash + figures.net_value;
    if (has_unlisted) {
        detail::require_equity(account, rows, net_liquidation, place);
    }
    if (has_carried) {
        const AccountView carried = detail::carried(account, rows, place, workspace);
        AccountPlace carried_place = place;
        carried_place.first_row = 0;
        carried_place.rows = workspace.carried_row;
        const auto is_carried = [&](const DesignatedLeg& leg) {
            const std::optional<InstrumentIndex> row = market.find(leg.symbol);
            return row && rows[*row].class_group == no_group;
        };
        workspace.carried_policy.groups.clear(); // those of the positions that are carried alone
        std::ranges::copy_if(policy.groups, std::back_inserter(workspace.carried_policy.groups),
                             [&](const auto& group) { return std::ranges::all_of(group, is_carried); });
        const NullSink no_lines;
        result.carried = evaluate(carried, market, workspace.carried_policy, no_lines, workspace.options, carried_place)
                             .net_requirement();
    }
    figures.initial = figures.maintenance = result.groups + result.conversion_losses + result.funds + result.carried;
    result.house_ranges = rows.house_gains.empty() ? 0.0 : (std::max)(0.0, house - result.groups);
    const Money charges = policy.add_ons.empty() ? 0.0
                                                 : detail::portfolio_charges(account, market, rows, policy, figures,
                                                                             sink, workspace.options.house, place);
    result.evaluation = detail::evaluation(account.cash, figures, charges + result.house_ranges);
    return result;
}

/// The figures of one account under portfolio margin, without lines of add-ons.
[[nodiscard]] inline PortfolioEvaluation evaluate_portfolio(const AccountView& account, const MarketRows& market,
                                                            const PortfolioRows& rows, const Policy& policy,
                                                            PortfolioWorkspace& workspace,
                                                            const AccountPlace& place = in_document) {
    const NullSink sink;
    return evaluate_portfolio(account, market, rows, policy, sink, workspace, place);
}

} // namespace margincore
