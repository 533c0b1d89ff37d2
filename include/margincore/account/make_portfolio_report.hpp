// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <margincore/account/deficiency.hpp>
#include <margincore/account/make_report.hpp>
#include <margincore/account/market_rows.hpp>
#include <margincore/account/policy.hpp>
#include <margincore/account/portfolio_margin.hpp>
#include <margincore/account/portfolio_report_parts.hpp>
#include <margincore/account/portfolio_rows.hpp>
#include <margincore/account/portfolio_warnings.hpp>
#include <margincore/account/report.hpp>
#include <margincore/account/report_stress.hpp>
#include <margincore/account/stock_baskets.hpp>
#include <margincore/core/text.hpp>
#include <margincore/core/units.hpp>
#include <margincore/instrument/book.hpp>
#include <margincore/market/market_snapshot.hpp>
#include <margincore/requirement/line.hpp>
#include <margincore/requirement/portfolio_margin/aggregate.hpp>

namespace margincore {

namespace detail {

/// Writes the lines of an account under portfolio margin: one of each top group, then what stands beside them.
class PortfolioLines {
public:
    PortfolioLines(const AccountView& account, const MarketRows& market, const PortfolioRows& rows,
                   const PortfolioMarginPolicy& policy, std::span<const GroupGains<>> groups)
        : account_(account), market_(market), rows_(rows), groups_(groups) {
        const BasketSplit split(account, market, policy);
        const AccountView rest = split.rest();
        for (std::size_t i = 0; i < account.size(); ++i) {
            if (rest.quantity[i] != 0 || account.quantity[i] == 0) { // what is boxed is flat, and there
                held_.push_back({rows[account.instrument[i]].class_group, {i, rest.quantity[i]}});
            }
        }
        for (const BasketSplit::Part& part : split.parts()) {
            held_.push_back({rows.basket_classes[part.basket], {part.position, part.quantity}});
        }
    }

    [[nodiscard]] std::vector<Line> operator()(const PortfolioEvaluation& evaluation, PortfolioWorkspace& workspace,
                                               const AccountPlace& place) {
        std::size_t first = 0;
        for (std::size_t i = 0; i < groups_.size(); ++i) {
            if (groups_[i].is_top) {
                Line line = top_line(first, i);
                if (!line.legs.empty()) { // all of a class may be in a basket of another
                    lines_.push_back(std::move(line));
                }
                first = i + 1;
            }
        }
        for (std::size_t i = 0; i < account_.size(); ++i) {
            add_conversion_loss(i);
            add_fund(i);
        }
        add_carried(evaluation.carried, workspace, place);
        if (evaluation.house_ranges > 0) {
            lines_.push_back({.rule = "house_ranges",
                              .citation = {"FINRA 4210", "(d)"},
                              .add_on = evaluation.house_ranges,
                              .why = money_text(evaluation.groups + evaluation.house_ranges) +
                                     " over the house's ranges less " + money_text(evaluation.groups)});
        }
        return std::move(lines_);
    }

private:
    struct HeldInClass {
        GroupIndex class_group;
        Leg leg;
    };

    /// The line of the top group at `top`, whose classes begin at `first`.
    [[nodiscard]] Line top_line(std::size_t first, std::size_t top) const {
        const GroupGains<>& group = groups_[top];
        Line line{.rule = "portfolio.group",
                  .citation = {"FINRA 4210", "(g)(7)"},
                  .initial_citation = {"FINRA 4210", "(g)(7)"},
                  .initial = group.requirement,
                  .maintenance = group.requirement};
        const auto groups = groups_.subspan(first, top + 1 - first);
        for (const HeldInClass& held : held_) {
            if (std::ranges::any_of(groups, [&](const GroupGains<>& of) {
                    return of.level == GroupLevel::class_group && of.group == held.class_group;
                })) {
                line.legs.push_back(held.leg);
            }
        }
        line.why = line.initial_why = why(first, top);
        return line;
    }

    [[nodiscard]] std::string why(std::size_t first, std::size_t top) const {
        const GroupGains<>& group = groups_[top];
        const std::string& id = rows_.tree(group.level, group.group).id;
        const std::size_t worst = group.worst_point();
        std::string text;
        if (group.loss > 0) {
            text = fmt::format("{} loses {} at point {}", id, money_text(group.loss), worst);
            if (group.level == GroupLevel::class_group) {
                text += fmt::format(" ({:+.4g}%)",
                                    moves_of(rows_.ranges[static_cast<std::size_t>(group.group)])[worst] * 100);
            } else {
                text += ":";
                for (std::size_t i = first; i < top && groups_[i].level == GroupLevel::class_group; ++i) {
                    text += fmt::format("{} {} {}", i == first ? "" : ",",
                                        rows_.tree(GroupLevel::class_group, groups_[i].group).id,
                                        money_text(groups_[i].points[worst]));
                }
            }
        } else {
            text = id + " loses at no point";
        }
        text += fmt::format("; minimum of contracts {}", money_text(group.minimum));
        if (group.binding() == Binding::minimum && group.loss > 0 && group.level != GroupLevel::class_group) {
            text += ", which some classes are raised to";
        } else if (group.binding() == Binding::minimum) {
            text += ", which is more";
        }
        return text;
    }

    void add_conversion_loss(std::size_t i) {
        const Money loss = (std::max)(0.0, account_.quantity[i]) * rows_[account_.instrument[i]].conversion_loss;
        if (loss > 0) {
            add_position(i, "portfolio.conversion_loss", "(g)(8)(E)", loss,
                         "its price and the cash to pay less what converting brings");
        }
    }

    void add_fund(std::size_t i) {
        const PortfolioRow& row = rows_[account_.instrument[i]];
        if (row.fund_requirement != 0) {
            const Money value = std::abs(account_.quantity[i]) * row.value;
            add_position(i, "portfolio.fund", "(g)(7)(D)", std::abs(account_.quantity[i]) * row.fund_requirement,
                         fmt::format("{:.6g}% of {}", mutual_fund_rate * 100, money_text(value)));
        }
    }

    void add_position(std::size_t i, std::string_view rule, std::string_view paragraph, Money amount, std::string why) {
        lines_.push_back({.rule = rule,
                          .citation = {"FINRA 4210", paragraph},
                          .initial_citation = {"FINRA 4210", paragraph},
                          .legs = {{i, account_.quantity[i]}},
                          .initial = amount,
                          .maintenance = amount,
                          .why = why,
                          .initial_why = why});
    }

    /// What is not eligible: its strategy requirement, in the form in which options count at their market value.
    void add_carried(Money requirement, PortfolioWorkspace& workspace, const AccountPlace& place) {
        const AccountView carried = detail::carried(account_, rows_, place, workspace);
        if (carried.size() == 0) {
            return;
        }
        LineCollector sink;
        const Evaluation evaluation = evaluate(carried, market_, workspace.carried_policy, sink, workspace.options);
        Line line{.rule = "portfolio.not_eligible",
                  .citation = {"FINRA 4210", "(g)(7)(D)"},
                  .initial_citation = {"FINRA 4210", "(g)(7)(D)"},
                  .initial = requirement,
                  .maintenance = requirement};
        for (std::size_t i = 0; i < account_.size(); ++i) {
            if (rows_[account_.instrument[i]].is_carried()) {
                line.legs.push_back({i, account_.quantity[i]});
            }
        }
        line.why = "strategy requirement";
        for (const Line& part : sink.lines) {
            line.why += fmt::format("{} {} {}: {}", &part == &sink.lines.front() ? ":" : ";", part.rule,
                                    money_text(part.maintenance), part.why);
        }
        if (evaluation.figures.not_counted != 0) {
            line.why +=
                "; and market value that equity does not count there " + money_text(evaluation.figures.not_counted);
        }
        line.initial_why = line.why;
        lines_.push_back(std::move(line));
    }

    const AccountView& account_;
    const MarketRows& market_;
    const PortfolioRows& rows_;
    std::span<const GroupGains<>> groups_;
    std::vector<HeldInClass> held_{};
    std::vector<Line> lines_{};
};

} // namespace detail

/// The report of one account under portfolio margin: figures, one line a top group, and the groups in full.
///
/// @param account  A valid view (`require_valid`).
/// @param rows     Made from `snapshot` with the same policy, of everything that the account holds.
/// @param moves    Moves of the benchmark for the stress table; nothing leaves stress out. Shape (n_moves).
/// @throws InvalidInput, MissingData, Unsupported, NumericalFailure as `evaluate_portfolio` and `stress` do.
[[nodiscard]] inline Report make_portfolio_report(const AccountView& account, const MarketRows& unpriced,
                                                  const PortfolioRows& rows, const MarketSnapshot& snapshot,
                                                  const Policy& policy,
                                                  std::optional<std::span<const Fraction>> moves = std::nullopt) {
    std::optional<StressedMarket> exposed; // for add-ons that look at exposures
    const MarketRows& market = detail::with_exposures(account, unpriced, snapshot, policy, std::nullopt, exposed);
    LineCollector charges;
    PortfolioWorkspace workspace(rows, policy);
    const PortfolioEvaluation evaluated = evaluate_portfolio(account, market, rows, policy, charges, workspace);
    Report report = detail::report_of(evaluated.evaluation, snapshot, policy);
    report.method = "portfolio";
    report.withdrawable = (std::max)(0.0, report.excess.total);

    const std::span<const GroupGains<>> groups = workspace.aggregate.groups();
    report.groups = detail::group_reports(rows, groups);
    detail::PortfolioLines lines(account, market, rows, policy.portfolio_margin, groups);
    detail::add_lines(report, lines(evaluated, workspace, in_document), account, market);
    detail::add_lines(report, std::move(charges.lines), account, market);
    for (const GroupGains<>& group : groups) {
        if (!group.is_top || group.level != GroupLevel::class_group) {
            continue;
        }
        std::vector<std::size_t> positions;
        for (std::size_t i = 0; i < account.size(); ++i) {
            if (rows[account.instrument[i]].class_group == group.group) {
                positions.push_back(i);
            }
        }
        if (positions.size() == 1 && trades_in_shares(market[account.instrument[positions[0]]].facts.kind)) {
            detail::add_call_price(report, account, positions[0], market, group.requirement);
        }
    }
    for (Warning& warning : portfolio_warnings(rows, policy, report.equity)) {
        report.warnings.push_back(std::move(warning));
    }
    if (moves || needs_betas(policy)) {
        detail::warn_of_assumed_betas(report.warnings, account, market);
    }
    if (moves) {
        StressedMarket stressed(account, market, snapshot, policy, {moves->begin(), moves->end()});
        detail::add_underlyings(report, account, market, snapshot, policy);
        const auto is_held = [&](InstrumentIndex row) {
            return needs_whole_market(policy) || std::ranges::find(account.instrument, row) != account.instrument.end();
        };
        detail::add_stress(report, account, stressed, snapshot, policy, evaluated.evaluation,
                           [&](const MarketSnapshot& moved) {
                               const MarketRows moved_rows = market_rows(*market.instruments, moved, policy);
                               const PortfolioRows moved_portfolio = portfolio_rows(moved_rows, moved, policy, is_held);
                               PortfolioWorkspace memory(moved_portfolio, policy);
                               std::optional<StressedMarket> moved_exposed;
                               return evaluate_portfolio(account,
                                                         detail::with_exposures(account, moved_rows, moved, policy,
                                                                                std::nullopt, moved_exposed),
                                                         moved_portfolio, policy, memory)
                                   .evaluation.excess.total;
                           });
    }
    report.deficiency = detail::deficiency(report, snapshot);
    return report;
}

} // namespace margincore
