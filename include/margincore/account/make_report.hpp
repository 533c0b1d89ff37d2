// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <margincore/account/call_prices.hpp>
#include <margincore/account/evaluate.hpp>
#include <margincore/account/market_rows.hpp>
#include <margincore/account/next_best.hpp>
#include <margincore/account/policy.hpp>
#include <margincore/account/report.hpp>
#include <margincore/account/report_stress.hpp>
#include <margincore/account/stress.hpp>
#include <margincore/account/withdrawal.hpp>
#include <margincore/core/citation.hpp>
#include <margincore/core/date.hpp>
#include <margincore/core/error.hpp>
#include <margincore/core/piecewise_linear.hpp>
#include <margincore/instrument/book.hpp>
#include <margincore/instrument/instrument_table.hpp>
#include <margincore/market/market_snapshot.hpp>
#include <margincore/requirement/line.hpp>
#include <margincore/requirement/stock/conversion_offset.hpp>

namespace margincore {

namespace detail {

/// What every method reports of the figures of an account.
[[nodiscard]] inline Report report_of(const Evaluation& evaluation, const MarketSnapshot& snapshot,
                                      const Policy& policy) {
    Report report;
    report.rulebook = std::string(policy.rulebook.id);
    report.valuation_date = to_string(snapshot.valuation_date);
    report.net_liquidation = evaluation.net_liquidation;
    report.equity = evaluation.equity;
    report.gross_value = evaluation.figures.gross_value;
    report.requirement = evaluation.requirement;
    report.excess = evaluation.excess;
    report.net_requirement = report.lower_bound = evaluation.net_requirement();
    report.call = margin_call(evaluation.excess);
    report.ladder = policy.ladder;
    return report;
}

inline void add_lines(Report& report, std::vector<Line> lines, const AccountView& account, const MarketRows& market) {
    for (Line& line : lines) {
        std::vector<std::string> positions;
        std::vector<Quantity> quantities;
        for (const Leg& leg : line.legs) {
            positions.push_back(market.instrument(account.instrument[leg.position]).symbol);
            quantities.push_back(leg.quantity);
        }
        if (line.group) {
            report.pairing.push_back({.name = std::move(line.group->name),
                                      .rule = std::string(line.rule),
                                      .positions = positions,
                                      .quantities = quantities,
                                      .maintenance = line.maintenance,
                                      .worst_strike = line.group->worst_strike});
        }
        if (line.add_on > 0) {
            report.add_ons.push_back({.id = std::string(line.rule),
                                      .citation = to_string(line.citation),
                                      .positions = std::move(positions),
                                      .quantities = std::move(quantities),
                                      .amount = line.add_on,
                                      .why = std::move(line.why)});
        } else {
            report.lines.push_back({.rule = std::string(line.rule),
                                    .citation = to_string(line.citation),
                                    .initial_citation = to_string(line.initial_citation),
                                    .positions = std::move(positions),
                                    .quantities = std::move(quantities),
                                    .initial = line.initial,
                                    .maintenance = line.maintenance,
                                    .why = std::move(line.why),
                                    .initial_why = std::move(line.initial_why)});
        }
    }
}

/// Adds to each group what its positions would ask for otherwise.
inline void add_next_best(Report& report, std::span<const Line> lines, const AccountView& account,
                          const MarketRows& market, const Policy& policy) {
    const NextBestFinder finder(account, market, policy, lines);
    std::size_t group = 0;
    for (const Line& line : lines) {
        if (line.group) {
            report.pairing[group++].next_best = finder.find(line);
        }
    }
}

/// Whether an account holds options on an instrument, or on what it converts into or is a fund on: its price moves what
/// they ask for.
[[nodiscard]] inline bool has_options_on(const AccountView& account, InstrumentIndex held, const MarketRows& market) {
    const Instrument& instrument = market.instrument(held);
    return market.has_options && std::ranges::any_of(account.instrument, [&](InstrumentIndex row) {
               const InstrumentIndex underlying = market[row].option.underlying;
               return underlying >= 0 &&
                      (underlying == held || underlying == market[held].conversion.into ||
                       (instrument.covers && instrument.covers->index == market.instrument(underlying).symbol));
           });
}

/// The call prices of every position that has its own: the price of one side of a conversion moves what the other
/// side asks for.
inline void add_call_prices(Report& report, const AccountView& account, const MarketRows& market, Money excess) {
    const Money dust = rounding_dust(std::abs(account.cash) + 2 * report.gross_value, account.size());
    const std::vector<ConversionPair> pairs = pairs_of(account, market);
    for (std::size_t i = 0; i < account.size(); ++i) {
        if (is_option(market[account.instrument[i]].facts.kind) ||
            has_options_on(account, account.instrument[i], market) ||
            std::ranges::any_of(pairs, [&](const ConversionPair& pair) {
                return pair.long_position == i || pair.short_position == i;
            })) {
            continue;
        }
        const std::string& symbol = (*market.instruments)[account.instrument[i]].symbol;
        if (const auto prices = call_prices(account, i, market, excess, dust)) {
            report.call_prices.emplace_back(symbol, *prices);
        } else {
            report.warnings.push_back(
                {.where = "market.instruments." + symbol + ".zero_coupon",
                 .message = "not given, so the call prices, which depend on it, are not computed"});
        }
    }
}

} // namespace detail

/// The report of one account under the strategy method: figures, lines, call prices and, when asked for, stress.
///
/// @param account  A valid view (`require_valid`).
/// @param rows     Made from `snapshot` with the same policy.
/// @param moves    Moves of the benchmark for the stress table; nothing leaves stress out. Shape (n_moves).
/// @param alternatives  Whether `pairing` says what each group would ask for otherwise.
/// @throws Unsupported, MissingData, NumericalFailure as `evaluate` and `stress` do.
[[nodiscard]] inline Report make_report(const AccountView& account, const MarketRows& rows,
                                        const MarketSnapshot& snapshot, const Policy& policy,
                                        std::optional<std::span<const Fraction>> moves = std::nullopt,
                                        bool alternatives = false) {
    std::optional<StressedMarket> stressed;
    const MarketRows& market = detail::with_exposures(account, rows, snapshot, policy, moves, stressed);
    LineCollector sink;
    const Evaluation evaluation = evaluate(account, market, policy, sink);

    Report report = detail::report_of(evaluation, snapshot, policy);
    report.method = "strategy";
    report.lower_bound = report.net_requirement - evaluation.pairing_gap;
    report.withdrawable = withdrawable(account, market, evaluation, policy);
    report.buying_power = buying_power(evaluation, policy);
    const std::vector<Line> grouped = alternatives ? sink.lines : std::vector<Line>();
    detail::add_lines(report, std::move(sink.lines), account, market);
    detail::add_next_best(report, grouped, account, market, policy);

    if (moves || needs_betas(policy)) {
        detail::warn_of_assumed_betas(report.warnings, account, market);
    }
    if (moves) {
        detail::add_underlyings(report, account, market, snapshot, policy);
        if (stressed) {
            detail::add_stress(
                report, account, *stressed, snapshot, policy, evaluation, [&](const MarketSnapshot& moved) {
                    const MarketRows moved_rows = market_rows(*market.instruments, moved, policy);
                    std::optional<StressedMarket> exposed;
                    return evaluate(account,
                                    detail::with_exposures(account, moved_rows, moved, policy, std::nullopt, exposed),
                                    policy)
                        .excess.total;
                });
        } else {
            report.stress = stress(account, market, policy, evaluation, *moves);
            const std::optional<Price> price = detail::benchmark_price(report, market, snapshot.benchmark);
            report.beta_weighted = beta_weighted(account, market, evaluation, snapshot.benchmark, price);
        }
    }
    detail::add_call_prices(report, account, market, evaluation.excess.maintenance);
    return report;
}

} // namespace margincore
