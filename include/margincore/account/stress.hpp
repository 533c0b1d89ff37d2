// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <margincore/account/beta_exposure.hpp>
#include <margincore/account/evaluate.hpp>
#include <margincore/account/market_rows.hpp>
#include <margincore/account/needs.hpp>
#include <margincore/account/policy.hpp>
#include <margincore/core/units.hpp>
#include <margincore/instrument/account_place.hpp>
#include <margincore/instrument/book.hpp>
#include <margincore/requirement/line.hpp>
#include <margincore/scenario/benchmark_moves.hpp>
#include <margincore/scenario/linear_stress.hpp>

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
        const MarketRow& row = market[account.instrument[i]];
        exposures.push_back({.value = account.quantity[i] * row.facts.price, .beta = row.beta});
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

/// The stress table of an account: every underlying moves by beta times the move, stock linearly.
///
/// @param base   The account as it stands, evaluated with the same market and policy.
/// @param moves  Of the benchmark, fractions. Shape (n_moves).
/// @return       Shape (n_moves).
/// @throws MissingData naming the symbol whose beta is missing.
/// @source       Workshop on real-time margin risk, beta-weighted stress; the requirement held, and anew beside it.
[[nodiscard]] inline std::vector<StressPoint> stress(const AccountView& account, const MarketRows& market,
                                                     const Policy& policy, const Evaluation& base,
                                                     std::span<const Fraction> moves) {
    require_needs(account, market, Needs::beta);
    std::vector<InstrumentIndex> one_row_a_position(account.size());
    std::iota(one_row_a_position.begin(), one_row_a_position.end(), 0);
    AccountView moved_account = account;
    moved_account.instrument = one_row_a_position;
    const LinearStress linear = linear_stress(detail::moved_rows(account, market, 0.0), {moves.begin(), moves.end()});
    const Money exposure = beta_exposure(account, market);

    std::vector<StressPoint> points{};
    points.reserve(moves.size());
    for (std::size_t k = 0; k < moves.size(); ++k) {
        const Fraction move = moves[k];
        const Money pnl = linear.gain(moved_account, exposure, k);
        const Money excess = base.excess.total + pnl;
        const Evaluation anew = evaluate(moved_account, detail::moved_rows(account, market, move), policy);
        points.push_back({.move = move,
                          .pnl = pnl,
                          .net_liquidation = base.net_liquidation + pnl,
                          .excess = excess,
                          .underwater = excess < 0,
                          .excess_remargined = anew.excess.total});
    }
    return points;
}

/// The account in shares of the benchmark, and the moves that use it up.
///
/// @param benchmark_price  Nothing where the market does not have it.
/// @throws MissingData     naming the symbol whose beta is missing.
/// @source                 Share equivalents: quantity x beta x price / benchmark price.
[[nodiscard]] inline BetaWeighted beta_weighted(const AccountView& account, const MarketRows& market,
                                                const Evaluation& base, std::string benchmark,
                                                std::optional<Price> benchmark_price) {
    const std::vector<BetaExposure> exposures = beta_exposures(account, market);
    BetaWeighted result;
    result.benchmark = std::move(benchmark);
    result.exposure = beta_exposure(account, market);
    if (benchmark_price) {
        result.shares = result.exposure / *benchmark_price;
    }
    if (base.net_liquidation > 0) {
        result.leverage = std::abs(result.exposure) / base.net_liquidation;
    }
    result.reverse = {.excess_zero = reverse_stress(exposures, base.excess.total),
                      .equity_zero = reverse_stress(exposures, base.net_liquidation)};
    return result;
}

} // namespace margincore
