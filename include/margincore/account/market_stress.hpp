// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <exception>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include <margincore/account/market_rows.hpp>
#include <margincore/account/market_series.hpp>
#include <margincore/account/policy.hpp>
#include <margincore/core/units.hpp>
#include <margincore/instrument/account_place.hpp>
#include <margincore/instrument/instrument_table.hpp>
#include <margincore/market/market_snapshot.hpp>
#include <margincore/scenario/benchmark_moves.hpp>
#include <margincore/scenario/linear_stress.hpp>
#include <margincore/scenario/reprice.hpp>

namespace margincore {

/// Moves of the benchmark for everything in the market.
[[nodiscard]] inline LinearStress linear_stress(const MarketRows& market, std::vector<Fraction> moves) {
    std::vector<Price> prices;
    std::vector<double> betas;
    for (const MarketRow& row : market.facts) {
        const bool is_a_line = !is_option(row.facts.kind);
        prices.push_back(is_a_line ? exposed_value(market, static_cast<InstrumentIndex>(prices.size())) : 0.0);
        betas.push_back(is_a_line ? row.beta : 0.0);
    }
    return {prices, betas, std::move(moves)};
}

/// How stress reprices series under a policy. Each holds the volatility of its own mark, whatever the policy has
/// portfolio margin do: so a series gains the same whichever others a market has.
[[nodiscard]] inline RepriceOptions reprice_options(const Policy& policy) {
    return {.dividend_model = policy.portfolio_margin.dividend_model, .accuracy = policy.portfolio_margin.accuracy};
}

/// What the mark of a series gains after a move, USD per unit of its multiplier: as its model does, and not below
/// worthless.
[[nodiscard]] inline Price gain_of_mark(const MarketSeries& series, const SeriesGains& gains, std::size_t i,
                                        std::size_t move) {
    const Price gain = gains.gains(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(move));
    return (std::max)(gain, -series.terms(i).price); // in this order a missing gain stays missing
}

/// What every instrument of a market gains when the benchmark moves, options repriced at the moves of their
/// underlyings.
struct MarketStress {
    LinearStress gains;
    std::optional<MarketSeries> series{}; ///< The options, their volatilities held; nothing where the market has none.

    /// Why options cannot be priced, by row of the market: whoever holds one is told. Their exposures are NaN.
    std::map<InstrumentIndex, std::exception_ptr> refused{};
};

/// Prices the options of a market for moves of the benchmark.
///
/// Each underlying moves by its beta times the move, its options are repriced there at the volatility of their own
/// marks. The beta-weighted exposures of options, delta x units x spot x beta, go into the rows of the market.
/// @param moves      Of the benchmark, fractions; none for the exposures alone.
/// @param is_wanted  Takes a row of the market: whether its option is held. Others have no exposure.
/// @param options    `wants_deltas` and `passes_over` are set here.
template <class IsWanted>
[[nodiscard]] MarketStress market_stress(MarketRows& market, const MarketSnapshot& snapshot, RepriceOptions options,
                                         std::vector<Fraction> moves, IsWanted&& is_wanted,
                                         const AccountPlace& place = in_document) {
    MarketStress result{.gains = linear_stress(market, std::move(moves))};
    if (!market.has_options) {
        return result;
    }
    MarketSeries& series = result.series.emplace(market, snapshot, place, [&](InstrumentIndex row) {
        return is_option(market[row].facts.kind) && is_wanted(row) && !std::isnan(market[row].beta);
    });
    options.wants_deltas = true;
    const std::vector<Fraction>& of_benchmark = result.gains.moves();
    const SeriesGains gains = series.reprice(
        [&](std::size_t i) {
            std::vector<Fraction> own;
            for (const Fraction move : of_benchmark) {
                own.push_back(beta_move(market[series.row(i)].beta, move));
            }
            return own;
        },
        options);
    for (std::size_t i = 0; i < series.size(); ++i) {
        const SeriesTerms& terms = series.terms(i);
        const auto row = static_cast<std::size_t>(series.row(i));
        const auto at = static_cast<Eigen::Index>(i);
        const Money exposure = gains.deltas[at] * terms.multiplier * terms.moving * market.facts[row].beta;
        market.beta_value[row] = exposure;
        for (std::size_t k = 0; k < of_benchmark.size(); ++k) {
            result.gains.set_gain(row, market.size(), k, exposure,
                                  gain_of_mark(series, gains, i, k) * terms.multiplier);
        }
    }
    result.refused = series.refused();
    return result;
}

} // namespace margincore
