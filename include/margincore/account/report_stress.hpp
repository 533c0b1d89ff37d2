// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <margincore/account/beta_exposure.hpp>
#include <margincore/account/evaluate.hpp>
#include <margincore/account/market_rows.hpp>
#include <margincore/account/market_stress.hpp>
#include <margincore/account/needs.hpp>
#include <margincore/account/policy.hpp>
#include <margincore/account/report.hpp>
#include <margincore/account/stress.hpp>
#include <margincore/account/underlying_stress.hpp>
#include <margincore/core/text.hpp>
#include <margincore/core/units.hpp>
#include <margincore/instrument/book.hpp>
#include <margincore/instrument/instrument_table.hpp>
#include <margincore/market/market_snapshot.hpp>

namespace margincore {

/// Whether more of a market than an account holds is needed to margin it: a smile is that of all series.
[[nodiscard]] inline bool needs_whole_market(const Policy& policy) {
    return policy.portfolio_margin.volatility_mode == VolatilityMode::sticky_moneyness;
}

/// A market and what it gains when the benchmark moves, for one account: what its options are exposed to stands in the
/// rows.
class StressedMarket {
public:
    /// @param moves  Of the benchmark, fractions; none for the exposures alone.
    StressedMarket(const AccountView& account, const MarketRows& market, const MarketSnapshot& snapshot,
                   const Policy& policy, std::vector<Fraction> moves)
        : rows_(market),
          stress_(market_stress(rows_, snapshot, reprice_options(policy), std::move(moves), [&](InstrumentIndex row) {
              return needs_whole_market(policy) ||
                     std::ranges::find(account.instrument, row) != account.instrument.end();
          })) {}
    StressedMarket(const StressedMarket&) = delete; // the stress refers to the rows
    StressedMarket& operator=(const StressedMarket&) = delete;

    [[nodiscard]] const MarketRows& rows() const { return rows_; }
    [[nodiscard]] MarketStress& stress() { return stress_; }

private:
    MarketRows rows_;
    MarketStress stress_;
};

namespace detail {

/// What the stress of an account needs, where options or futures do not move with the benchmark as stock does.
///
/// @param market  Made without exposures of options.
/// @param stressed  Where it is made.
/// @return  The rows to use: those of `stressed`, or `market` where nothing asks for more.
[[nodiscard]] inline const MarketRows& with_exposures(const AccountView& account, const MarketRows& market,
                                                      const MarketSnapshot& snapshot, const Policy& policy,
                                                      std::optional<std::span<const Fraction>> moves,
                                                      std::optional<StressedMarket>& stressed) {
    if (!(moves || needs_betas(policy)) || !holds_options(account, market)) {
        return market;
    }
    stressed.emplace(account, market, snapshot, policy,
                     moves ? std::vector<Fraction>(moves->begin(), moves->end()) : std::vector<Fraction>());
    if (needs_betas(policy)) { // else what the requirement needs is told first
        require_stress(account, stressed->rows(), stressed->stress());
    }
    return stressed->rows();
}

/// Says whose betas are the policy's.
inline void warn_of_assumed_betas(std::vector<Warning>& warnings, const AccountView& account,
                                  const MarketRows& market) {
    std::vector<InstrumentIndex> told;
    for (const InstrumentIndex held : account.instrument) {
        const InstrumentIndex underlying = market[held].option.underlying;
        const InstrumentIndex index = underlying < 0 ? held : underlying;
        if (market[index].beta_assumed && std::ranges::find(told, index) == told.end()) {
            told.push_back(index);
            warnings.push_back(
                {.where = "market.instruments." + market.instrument(index).symbol + ".beta",
                 .message = "no beta given; policy.missing_beta " + number_text(market[index].beta) + " used"});
        }
    }
}

/// The price of the benchmark; without one the report says what is missing.
[[nodiscard]] inline std::optional<Price> benchmark_price(Report& report, const MarketRows& market,
                                                          const std::string& benchmark) {
    if (const std::optional<InstrumentIndex> row = market.find(benchmark)) {
        return market[*row].facts.price;
    }
    report.warnings.push_back({.where = "market.instruments." + benchmark,
                               .message = "no price of the benchmark; share equivalents are not computed"});
    return std::nullopt;
}

/// Adds the stress table of an account and what it is in the benchmark, options repriced.
///
/// @param remargined  Takes a `MarketSnapshot`: the total excess of the account there.
template <class Remargined>
void add_stress(Report& report, const AccountView& account, StressedMarket& stressed, const MarketSnapshot& snapshot,
                const Policy& policy, const Evaluation& evaluation, Remargined&& remargined) {
    const MarketRows& rows = stressed.rows();
    require_stress(account, rows, stressed.stress());
    report.stress =
        stress_points(account, beta_exposure(account, rows), evaluation, stressed.stress().gains,
                      [&](std::size_t k) { return remargined(moved_snapshot(snapshot, rows, stressed.stress(), k)); });
    const std::optional<Price> price = benchmark_price(report, rows, snapshot.benchmark);
    std::optional<ReverseStresses> reverse;
    if (holds_options(account, rows)) {
        reverse = reverse_stresses(account, rows, stressed.stress(), reprice_options(policy), evaluation);
    }
    report.beta_weighted = beta_weighted(account, rows, evaluation, snapshot.benchmark, price, reverse);
}

/// Adds what happens when each underlying moves alone.
inline void add_underlyings(Report& report, const AccountView& account, const MarketRows& market,
                            const MarketSnapshot& snapshot, const Policy& policy) {
    report.underlyings = underlying_stress(account, market, snapshot, policy, report.net_liquidation);
    report.shock = shock_gains(report.underlyings);
}

} // namespace detail
} // namespace margincore
