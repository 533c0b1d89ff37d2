// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <exception>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <margincore/account/beta_exposure.hpp>
#include <margincore/account/evaluate.hpp>
#include <margincore/account/market_rows.hpp>
#include <margincore/account/market_stress.hpp>
#include <margincore/account/needs.hpp>
#include <margincore/account/policy.hpp>
#include <margincore/account/reverse_scan.hpp>
#include <margincore/core/units.hpp>
#include <margincore/instrument/account_place.hpp>
#include <margincore/instrument/book.hpp>
#include <margincore/instrument/kind.hpp>
#include <margincore/market/market_snapshot.hpp>
#include <margincore/market/quote.hpp>
#include <margincore/requirement/line.hpp>
#include <margincore/scenario/benchmark_moves.hpp>
#include <margincore/scenario/linear_stress.hpp>
#include <margincore/scenario/reprice.hpp>

namespace margincore {

/// An account after one move of the benchmark.
struct StressPoint {
    Fraction move = 0.0;           ///< Of the benchmark.
    Money pnl = 0.0;               ///< Gain of the positions, gain positive, USD.
    Money net_liquidation = 0.0;   ///< After the move.
    Money excess = 0.0;            ///< Total excess after the move, the requirement held as it was.
    bool underwater = false;       ///< The excess is below zero.
    Money excess_remargined = 0.0; ///< Total excess with the requirement anew at the moved prices.

    friend bool operator==(const StressPoint&, const StressPoint&) = default;
};

/// The moves of the benchmark, down and up, that use up an account.
struct ReverseStresses {
    ReverseStress excess_zero{}; ///< Total excess, the requirement held.
    ReverseStress equity_zero{}; ///< Net liquidation value.

    friend bool operator==(const ReverseStresses&, const ReverseStresses&) = default;
};

/// An account as so much of the benchmark.
struct BetaWeighted {
    std::string benchmark{};
    Money exposure = 0.0;             ///< Sum of value times beta, USD, long positive.
    std::optional<double> shares{};   ///< Of the benchmark with the same exposure; nothing without its price.
    std::optional<double> leverage{}; ///< |exposure| / net liquidation value; nothing where that is not positive.
    ReverseStresses reverse{};

    friend bool operator==(const BetaWeighted&, const BetaWeighted&) = default;
};

/// What an account holds, as the benchmark sees it. Shape (n_positions).
///
/// @throws MissingData naming the symbol whose beta is missing.
[[nodiscard]] inline std::vector<BetaExposure> beta_exposures(const AccountView& account, const MarketRows& market,
                                                              const AccountPlace& place = in_document) {
    require_needs(account, market, Needs::beta, place);
    std::vector<BetaExposure> exposures{};
    exposures.reserve(account.size());
    for (std::size_t i = 0; i < account.size(); ++i) {
        const InstrumentIndex row = account.instrument[i];
        exposures.push_back({.value = account.quantity[i] * exposed_value(market, row), .beta = market[row].beta});
    }
    return exposures;
}

namespace detail {

/// The rows of the held instruments alone, one a position, at prices moved with the benchmark.
[[nodiscard]] inline MarketRows moved_rows(const AccountView& account, const MarketRows& market, Fraction move) {
    MarketRows moved{.instruments = market.instruments, .rates = market.rates};
    for (const InstrumentIndex index : account.instrument) {
        MarketRow row = market[index];
        row.facts.price *= 1.0 + beta_move(row.beta, move);
        if (const auto into = std::ranges::find(account.instrument, row.conversion.into);
            into != account.instrument.end()) {
            row.conversion.into = static_cast<InstrumentIndex>(into - account.instrument.begin());
        } else {
            row.conversion = {};
        }
        moved.add(row);
    }
    return moved;
}

} // namespace detail

/// The stress table of an account.
///
/// @param base        The account as it stands.
/// @param gains       Of everything that it holds, for the moves.
/// @param remargined  Takes a move by its number: the total excess with the requirement anew at the moved prices.
/// @source  Workshop on real-time margin risk, beta-weighted stress; the requirement held, and anew beside it.
template <class Remargined>
[[nodiscard]] std::vector<StressPoint> stress_points(const AccountView& account, Money exposure, const Evaluation& base,
                                                     const LinearStress& gains, Remargined&& remargined) {
    std::vector<StressPoint> points{};
    points.reserve(gains.moves().size());
    for (std::size_t k = 0; k < gains.moves().size(); ++k) {
        const Money pnl = gains.gain(account, exposure, k);
        const Money excess = base.excess.total + pnl;
        points.push_back({.move = gains.moves()[k],
                          .pnl = pnl,
                          .net_liquidation = base.net_liquidation + pnl,
                          .excess = excess,
                          .underwater = excess < 0,
                          .excess_remargined = remargined(k)});
    }
    return points;
}

/// The stress table of an account without options: every underlying moves by beta times the move, stock linearly.
///
/// @param base   The account as it stands, evaluated with the same market and policy.
/// @param moves  Of the benchmark, fractions. Shape (n_moves).
/// @return       Shape (n_moves).
/// @throws MissingData naming the symbol whose beta is missing.
[[nodiscard]] inline std::vector<StressPoint> stress(const AccountView& account, const MarketRows& market,
                                                     const Policy& policy, const Evaluation& base,
                                                     std::span<const Fraction> moves) {
    require_needs(account, market, Needs::beta);
    std::vector<InstrumentIndex> one_row_a_position(account.size());
    std::iota(one_row_a_position.begin(), one_row_a_position.end(), 0);
    AccountView moved_account = account;
    moved_account.instrument = one_row_a_position;
    const LinearStress linear = linear_stress(detail::moved_rows(account, market, 0.0), {moves.begin(), moves.end()});
    return stress_points(moved_account, beta_exposure(account, market), base, linear, [&](std::size_t k) {
        return evaluate(moved_account, detail::moved_rows(account, market, moves[k]), policy).excess.total;
    });
}

/// The market after a move of the benchmark, options by what their models gain, their volatilities held.
///
/// A mark moves by the gain of its model, and not below zero. What has no beta stays where it is.
[[nodiscard]] inline MarketSnapshot moved_snapshot(const MarketSnapshot& snapshot, const MarketRows& market,
                                                   const MarketStress& stress, std::size_t move) {
    MarketSnapshot moved = snapshot;
    const Fraction of_benchmark = stress.gains.moves()[move];
    for (std::size_t i = 0; i < market.size(); ++i) {
        const MarketRow& row = market.facts[i];
        if (!is_option(row.facts.kind) && !std::isnan(row.beta)) {
            Quote& quote = moved.quotes[static_cast<std::size_t>(row.table_row)];
            quote.price *= 1.0 + beta_move(row.beta, of_benchmark);
        }
    }
    for (std::size_t i = 0; stress.series && i < stress.series->size(); ++i) {
        const InstrumentIndex index = stress.series->row(i);
        const auto row = static_cast<std::size_t>(index);
        const SeriesTerms& terms = stress.series->terms(i);
        Quote& quote = moved.quotes[static_cast<std::size_t>(market[index].table_row)];
        const Money gain = stress.gains.gain_of_unit(row, market.beta_value[row], move) / terms.multiplier;
        quote.price = (std::max)(0.0, quote.price + gain);
        quote.implied_volatility = terms.implied_volatility;
    }
    return moved;
}

/// Checks that everything that an account holds can be moved with the benchmark.
///
/// @throws MissingData naming the symbol whose beta is missing, and what keeps an option from being priced.
inline void require_stress(const AccountView& account, const MarketRows& market, const MarketStress& stress,
                           const AccountPlace& place = in_document) {
    require_needs(account, market, Needs::beta, place);
    for (const InstrumentIndex row : account.instrument) {
        if (const auto refused = stress.refused.find(row); refused != stress.refused.end()) {
            std::rethrow_exception(refused->second);
        }
    }
}

/// The moves of the benchmark that use up an account, options repriced.
[[nodiscard]] inline ReverseStresses reverse_stresses(const AccountView& account, const MarketRows& market,
                                                      MarketStress& stress, const RepriceOptions& options,
                                                      const Evaluation& base) {
    const GainAlongMoves along(account, market, stress.series ? &*stress.series : nullptr, options,
                               [&](InstrumentIndex row, Fraction move) { return beta_move(market[row].beta, move); });
    return {.excess_zero = along.nearest_zero(base.excess.total),
            .equity_zero = along.nearest_zero(base.net_liquidation)};
}

/// The account in shares of the benchmark, and the moves that use it up.
///
/// @param benchmark_price  Nothing where the market does not have it.
/// @param reverse          Of an account with options; nothing for one without, whose are computed exactly.
/// @throws MissingData     naming the symbol whose beta is missing.
/// @source                 Share equivalents: quantity x beta x price / benchmark price; of an option, delta times
/// that.
[[nodiscard]] inline BetaWeighted beta_weighted(const AccountView& account, const MarketRows& market,
                                                const Evaluation& base, std::string benchmark,
                                                std::optional<Price> benchmark_price,
                                                const std::optional<ReverseStresses>& reverse = std::nullopt) {
    BetaWeighted result;
    result.benchmark = std::move(benchmark);
    result.exposure = beta_exposure(account, market);
    if (benchmark_price) {
        result.shares = result.exposure / *benchmark_price;
    }
    if (base.net_liquidation > 0) {
        result.leverage = std::abs(result.exposure) / base.net_liquidation;
    }
    if (reverse) {
        result.reverse = *reverse;
        return result;
    }
    const std::vector<BetaExposure> exposures = beta_exposures(account, market);
    result.reverse = {.excess_zero = reverse_stress(exposures, base.excess.total),
                      .equity_zero = reverse_stress(exposures, base.net_liquidation)};
    return result;
}

} // namespace margincore
