// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <margincore/account/comparison.hpp>
#include <margincore/account/designated_leg.hpp>
#include <margincore/account/evaluate.hpp>
#include <margincore/account/market_rows.hpp>
#include <margincore/account/policy.hpp>
#include <margincore/account/portfolio_margin.hpp>
#include <margincore/account/portfolio_rows.hpp>
#include <margincore/account/portfolio_warnings.hpp>
#include <margincore/account/report_stress.hpp>
#include <margincore/account/stock_baskets.hpp>
#include <margincore/core/date.hpp>
#include <margincore/core/error.hpp>
#include <margincore/core/units.hpp>
#include <margincore/instrument/account_place.hpp>
#include <margincore/instrument/book.hpp>
#include <margincore/market/market_snapshot.hpp>
#include <margincore/requirement/portfolio_margin/aggregate.hpp>

namespace margincore {

namespace detail {

[[nodiscard]] inline MethodFigures method_figures(const Evaluation& evaluation) {
    return {.net_liquidation = evaluation.net_liquidation,
            .equity = evaluation.equity,
            .requirement = evaluation.requirement,
            .excess = evaluation.excess,
            .net_requirement = evaluation.net_requirement(),
            .lower_bound = evaluation.net_requirement() - evaluation.pairing_gap};
}

[[nodiscard]] inline MethodRefusal method_refusal(const Error& error) {
    return {.where = error.where(), .message = error.what()};
}

/// Some positions of an account, or parts of them, as an account of their own without cash.
class PartOfAccount {
public:
    void add(const AccountView& account, std::size_t position, Quantity quantity, Quantity boxed) {
        if (quantity == 0 && boxed == 0) {
            return;
        }
        instrument_.push_back(account.instrument[position]);
        quantity_.push_back(quantity);
        boxed_.push_back(boxed);
        row_.push_back(static_cast<std::int64_t>(position));
    }

    [[nodiscard]] AccountView view() const {
        return {.cash = 0.0, .instrument = instrument_, .quantity = quantity_, .boxed = boxed_};
    }
    [[nodiscard]] AccountPlace place() const {
        AccountPlace place = in_document;
        place.rows = row_;
        return place;
    }

private:
    std::vector<InstrumentIndex> instrument_{};
    std::vector<Quantity> quantity_{}, boxed_{};
    std::vector<std::int64_t> row_{};
};

/// Compares the methods group by group.
class GroupComparer {
public:
    /// @param groups  Of the account, as the aggregator holds them.
    GroupComparer(const AccountView& account, const MarketRows& market, const PortfolioRows& rows, const Policy& policy,
                  std::span<const GroupGains<>> groups)
        : account_(account), market_(market), rows_(rows), policy_(policy) {
        std::vector<GroupIndex> classes;
        for (const GroupGains<>& group : groups) {
            if (group.level == GroupLevel::class_group) {
                classes.push_back(group.group);
            }
            if (group.is_top) {
                tops_.push_back({.classes = std::exchange(classes, {})});
                tops_.back().result = {.id = rows.tree(group.level, group.group).id, .portfolio = group.requirement};
            }
        }
    }

    [[nodiscard]] std::vector<ComparedGroup> operator()(const PortfolioEvaluation& evaluated) {
        not_eligible_.result.portfolio = evaluated.carried + evaluated.funds;
        if (rows_.basket_classes.empty()) {
            add_positions(account_);
        } else {
            const BasketSplit split(account_, market_, policy_.portfolio_margin);
            add_positions(split.rest());
            for (const BasketSplit::Part& part : split.parts()) {
                top_of(rows_.basket_classes[part.basket]).part.add(account_, part.position, part.quantity, 0.0);
            }
        }
        std::vector<ComparedGroup> result;
        for (Top& top : tops_) {
            result.push_back(compared(top));
        }
        if (not_eligible_.part.view().size() > 0) {
            result.push_back(compared(not_eligible_));
        }
        return result;
    }

private:
    struct Top {
        std::vector<GroupIndex> classes{};
        PartOfAccount part{};
        ComparedGroup result{};
    };

    void add_positions(const AccountView& account) {
        for (std::size_t i = 0; i < account.size(); ++i) {
            const PortfolioRow& row = rows_[account.instrument[i]];
            Top& top = row.class_group == no_group ? not_eligible_ : top_of(row.class_group);
            top.part.add(account, i, account.quantity[i], account.boxed_at(i));
            top.result.portfolio += (std::max)(0.0, account_.quantity[i]) * row.conversion_loss;
        }
    }

    [[nodiscard]] Top& top_of(GroupIndex class_group) {
        return *std::ranges::find_if(
            tops_, [&](const Top& top) { return std::ranges::find(top.classes, class_group) != top.classes.end(); });
    }

    /// The rules alone, and of the designated groups those that the positions have all of: the house charges an
    /// account as a whole.
    [[nodiscard]] Policy policy_of(const AccountView& part) const {
        Policy policy{.rulebook = policy_.rulebook,
                      .long_option_loan_value = policy_.long_option_loan_value,
                      .node_limit = policy_.node_limit,
                      .pairing = policy_.pairing};
        const auto is_held = [&](const DesignatedLeg& leg) {
            const std::optional<InstrumentIndex> row = market_.find(leg.symbol);
            return row && std::ranges::find(part.instrument, *row) != part.instrument.end();
        };
        std::ranges::copy_if(policy_.groups, std::back_inserter(policy.groups),
                             [&](const auto& group) { return std::ranges::all_of(group, is_held); });
        return policy;
    }

    [[nodiscard]] ComparedGroup compared(Top& top) const {
        const AccountView part = top.part.view();
        ComparedGroup& result = top.result;
        for (std::size_t i = 0; i < part.size(); ++i) {
            result.positions.push_back(market_.instrument(part.instrument[i]).symbol);
            result.quantities.push_back(part.quantity[i]);
        }
        try {
            result.strategy = evaluate(part, market_, policy_of(part), top.part.place()).net_requirement();
            result.difference = *result.strategy - result.portfolio;
        } catch (const Error& error) {
            result.refused = method_refusal(error);
        }
        return std::move(result);
    }

    const AccountView& account_;
    const MarketRows& market_;
    const PortfolioRows& rows_;
    const Policy& policy_;
    std::vector<Top> tops_{};
    Top not_eligible_{};
};

} // namespace detail

/// An account under both methods, which asks for less, and which of its groups make the difference.
///
/// A method that cannot margin the account is named with its reason, and the figures of the other stand alone.
/// @param account   A valid view (`require_valid`).
/// @param unpriced  Rows made from `snapshot` with the same policy.
/// @param rows      Likewise, of everything that the account holds.
/// @throws InvalidInput, MissingData, Unsupported, NumericalFailure where neither method can margin the account: what
///         evaluating it by strategy throws.
/// @source Ours. The net requirements are those of `evaluate` and `evaluate_portfolio`.
[[nodiscard]] inline Comparison compare(const AccountView& account, const MarketRows& unpriced,
                                        const PortfolioRows& rows, const MarketSnapshot& snapshot,
                                        const Policy& policy) {
    std::optional<StressedMarket> exposed; // for add-ons that look at exposures
    const MarketRows& market = detail::with_exposures(account, unpriced, snapshot, policy, std::nullopt, exposed);
    Comparison result{.rulebook = std::string(policy.rulebook.id),
                      .valuation_date = to_string(snapshot.valuation_date)};
    std::exception_ptr refusal;
    try {
        result.strategy = detail::method_figures(evaluate(account, market, policy));
    } catch (const Error& error) {
        refusal = std::current_exception();
        result.strategy_refused = detail::method_refusal(error);
    }
    PortfolioWorkspace workspace(rows, policy);
    std::optional<PortfolioEvaluation> evaluated;
    try {
        evaluated = evaluate_portfolio(account, market, rows, policy, workspace);
        result.portfolio = detail::method_figures(evaluated->evaluation);
    } catch (const Error& error) {
        if (refusal) {
            std::rethrow_exception(refusal);
        }
        result.portfolio_refused = detail::method_refusal(error);
        return result;
    }
    result.groups = detail::GroupComparer(account, market, rows, policy, workspace.aggregate.groups())(*evaluated);
    result.warnings = portfolio_warnings(rows, policy, result.portfolio->equity);
    if (needs_betas(policy)) {
        detail::warn_of_assumed_betas(result.warnings, account, market);
    }
    if (result.strategy) {
        result.difference = result.strategy->net_requirement - result.portfolio->net_requirement;
        result.lower = lower_method(*result.difference);
        Money of_groups = 0.0;
        bool are_known = true;
        for (const ComparedGroup& group : result.groups) {
            are_known = are_known && group.strategy;
            of_groups += group.strategy.value_or(0.0);
        }
        if (are_known) {
            result.between_groups = result.strategy->net_requirement - of_groups;
        }
    }
    return result;
}

} // namespace margincore
