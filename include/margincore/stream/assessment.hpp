// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <margincore/account/beta_exposure.hpp>
#include <margincore/account/evaluate.hpp>
#include <margincore/account/make_report.hpp>
#include <margincore/account/market_rows.hpp>
#include <margincore/account/market_stress.hpp>
#include <margincore/account/option_margin.hpp>
#include <margincore/account/option_workspace.hpp>
#include <margincore/account/policy.hpp>
#include <margincore/account/standing.hpp>
#include <margincore/account/stress.hpp>
#include <margincore/core/date.hpp>
#include <margincore/core/error.hpp>
#include <margincore/core/units.hpp>
#include <margincore/document/account_reader.hpp>
#include <margincore/instrument/book.hpp>
#include <margincore/requirement/line.hpp>
#include <margincore/scenario/linear_stress.hpp>
#include <margincore/stream/engine_settings.hpp>
#include <margincore/stream/new_york_day.hpp>
#include <margincore/stream/stream_account.hpp>
#include <margincore/stream/stream_market.hpp>

namespace margincore::stream {

/// What an account comes to at the newest prices. NaN is what is not known.
struct Assessment {
    static constexpr Money unknown = std::numeric_limits<double>::quiet_NaN();

    Money net_value = unknown;
    Money gross_value = unknown;
    Money equity = unknown;
    Money maintenance = unknown; ///< The total under the policy, add-ons included.
    Money excess = unknown;
    Money exposure = unknown;   ///< Beta-weighted.
    std::vector<Money> gains{}; ///< For each of the policy's moves; NaN where not known.
    std::string refused{};      ///< Why no rule gives a figure, where prices are not what is missing.

    [[nodiscard]] bool is_complete() const { return !std::isnan(excess) && !std::isnan(exposure); }
};

/// The day for which an account is evaluated: that of the newest quote; before the first, of its own newest event.
[[nodiscard]] inline Date valuation_day(const StreamAccount& account, const StreamMarket& market) {
    return market.clock() > 0 ? market.snapshot().valuation_date : new_york_day(account.time);
}

/// Checks that the rulebook was in force, as documents do.
///
/// @return  The words about a rulebook that the settings name for an earlier day.
/// @throws InvalidInput where they do not name it.
[[nodiscard]] inline std::optional<Warning> require_in_force(const StreamAccount& account, const StreamMarket& market,
                                                             const EngineSettings& settings) {
    return document::detail::require_in_force(settings.policy.rulebook, settings.policy_document.contains("rulebook"),
                                              valuation_day(account, market), "valuation_date", "policy.rulebook");
}

/// Assesses accounts, one after another, in memory that it keeps.
class Assessor {
public:
    /// @param market, settings  Outlive it.
    Assessor(StreamMarket& market, const EngineSettings& settings) : market_(market), settings_(settings) {}

    /// @param sink  Takes the lines of the requirement; `NullSink` where nobody wants them.
    template <LineSink Sink>
    void operator()(const StreamAccount& account, Sink& sink, Assessment& result) {
        result = {.gains = std::move(result.gains), .refused = std::move(result.refused)};
        result.gains.assign(policy_.stress_moves.size(), Assessment::unknown);
        result.refused.clear();
        const MarketRows& market = market_.rows();
        rows_.clear();
        quantities_.clear();
        bool is_priced = true;
        bool has_options = false;
        for (const StreamPosition& held : account.positions) {
            rows_.push_back(held.row);
            quantities_.push_back(units(held.quantity));
            is_priced = is_priced && !std::isnan(market[held.row].facts.price);
            has_options = has_options || is_option(market[held.row].facts.kind);
        }
        if (!is_priced || !account.uncounted.empty()) {
            return;
        }
        const AccountView view{.cash = account.cash_usd(), .instrument = rows_, .quantity = quantities_};
        try {
            static_cast<void>(require_in_force(account, market_, settings_));
            if (has_options) {
                assess_options(view, market, sink, result);
            } else {
                const Evaluation evaluation = evaluate(view, market, policy_, sink, workspace_);
                put(evaluation, view, market, market_.linear(), result);
            }
        } catch (const Error& error) {
            result.refused = error.what();
        }
        if (!account.has_balance) {
            result.equity = result.excess = Assessment::unknown;
        }
    }

private:
    static void put(const Evaluation& evaluation, const AccountView& view, const MarketRows& market,
                    const LinearStress& gains, Assessment& result) {
        result.net_value = evaluation.figures.net_value;
        result.gross_value = evaluation.figures.gross_value;
        result.equity = evaluation.equity;
        result.maintenance = evaluation.requirement.total;
        result.excess = evaluation.excess.total;
        result.exposure = beta_exposure(view, market);
        for (std::size_t k = 0; k < result.gains.size(); ++k) {
            result.gains[k] = gains.gain(view, result.exposure, k);
        }
    }

    /// Of an account with options, whose series are repriced: over the rows of what it holds alone, and what that is
    /// on, so that the size of the market does not matter.
    template <LineSink Sink>
    void assess_options(const AccountView& view, const MarketRows& market, Sink& sink, Assessment& result) {
        std::vector<InstrumentIndex> order = rows_;
        for (const InstrumentIndex row : rows_) {
            for (const InstrumentIndex other : market_.watched(row)) {
                if (std::ranges::find(order, other) == order.end()) {
                    order.push_back(other);
                }
            }
        }
        AccountView here = view;
        std::vector<InstrumentIndex> places(rows_.size());
        for (std::size_t i = 0; i < places.size(); ++i) {
            places[i] = static_cast<InstrumentIndex>(i);
        }
        here.instrument = places;
        const MarketRows held = in_order(market, order);
        const bool has_betas =
            std::ranges::none_of(held.facts, [](const MarketRow& row) { return std::isnan(row.beta); });
        if (has_betas || needs_betas(policy_)) {
            StressedMarket stressed(here, held, market_.snapshot(), policy_, policy_.stress_moves);
            require_stress(here, stressed.rows(), stressed.stress());
            const Evaluation evaluation = evaluate(here, stressed.rows(), policy_, sink, workspace_);
            put(evaluation, here, stressed.rows(), stressed.stress().gains, result);
        } else {
            put(evaluate(here, held, policy_, sink, workspace_), here, held, linear_stress(held, policy_.stress_moves),
                result);
        }
    }

    StreamMarket& market_;
    const EngineSettings& settings_;
    const Policy& policy_ = settings_.policy;
    OptionWorkspace workspace_{};
    std::vector<InstrumentIndex> rows_{};
    std::vector<Quantity> quantities_{};
};

/// What the ladder reads of an account all of whose figures are known.
///
/// @param moves  That the gains are of; one is severe.
[[nodiscard]] inline Standing standing_of(const Assessment& assessment, std::span<const Fraction> moves,
                                          const Ladder& ladder) {
    Standing standing{.excess = assessment.excess,
                      .requirement = assessment.maintenance,
                      .gross_value = assessment.gross_value,
                      .excess_stressed = std::numeric_limits<double>::infinity()};
    for (std::size_t k = 0; k < moves.size(); ++k) {
        const Money stressed = assessment.excess + assessment.gains[k];
        if (std::abs(moves[k]) >= ladder.severe_move && stressed < standing.excess_stressed) {
            standing.severe_move = moves[k];
            standing.excess_stressed = stressed;
        }
    }
    return standing;
}

} // namespace margincore::stream
