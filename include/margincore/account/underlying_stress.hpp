// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <exception>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <margincore/account/market_rows.hpp>
#include <margincore/account/market_series.hpp>
#include <margincore/account/market_stress.hpp>
#include <margincore/account/policy.hpp>
#include <margincore/account/reverse_scan.hpp>
#include <margincore/core/units.hpp>
#include <margincore/instrument/account_place.hpp>
#include <margincore/instrument/book.hpp>
#include <margincore/instrument/instrument.hpp>
#include <margincore/market/market_snapshot.hpp>
#include <margincore/scenario/benchmark_moves.hpp>

namespace margincore {

/// How far single underlyings are shocked.
///
/// @source FINRA's answers on portfolio margin expect stress tests of at least 25 % each way; no rule sets a number.
inline constexpr Fraction shock = 0.25;

/// Gains after a shock down and up, USD, gain positive.
struct ShockGains {
    std::optional<Money> down{};
    std::optional<Money> up{};

    friend bool operator==(const ShockGains&, const ShockGains&) = default;
};

/// An account when one underlying moves alone, everything else as it is.
struct UnderlyingStress {
    std::string underlying{};
    Money net_value = 0.0;              ///< Of everything on it at market, long positive.
    Quantity delta_shares = 0.0;        ///< Units of the underlying with the same gain from a little move.
    ShockGains pnl{};                   ///< At -25 % and +25 %.
    ReverseStress point_of_no_return{}; ///< Nearest moves that take the net liquidation value to zero.

    friend bool operator==(const UnderlyingStress&, const UnderlyingStress&) = default;
};

namespace detail {

/// What a position moves with: the underlying of an option or a future, where it has a price, else itself.
[[nodiscard]] inline InstrumentIndex moved_by(const MarketRows& market, InstrumentIndex row) {
    const InstrumentIndex underlying = market[row].option.underlying < 0 ? row : market[row].option.underlying;
    if (const std::optional<FutureContract>& future = market.instrument(underlying).future) {
        const std::optional<InstrumentIndex> index = market.find(future->underlying);
        return index && market[*index].facts.price > 0 ? *index : underlying;
    }
    return underlying;
}

/// How many units at one price are worth as much as one at another; worthless units count for each other.
[[nodiscard]] inline Quantity units_worth(Money value, Price price) { return value == price ? 1.0 : value / price; }

/// The positions of an account on one underlying.
struct PositionsOn {
    InstrumentIndex underlying;
    std::vector<InstrumentIndex> instrument{};
    std::vector<Quantity> quantity{};

    [[nodiscard]] AccountView view() const { return {.instrument = instrument, .quantity = quantity}; }
};

[[nodiscard]] inline std::vector<PositionsOn> positions_by_underlying(const AccountView& account,
                                                                      const MarketRows& market) {
    std::vector<PositionsOn> result;
    for (std::size_t i = 0; i < account.size(); ++i) {
        const InstrumentIndex underlying = moved_by(market, account.instrument[i]);
        auto on = std::ranges::find(result, underlying, &PositionsOn::underlying);
        if (on == result.end()) {
            on = result.insert(result.end(), PositionsOn{.underlying = underlying});
        }
        on->instrument.push_back(account.instrument[i]);
        on->quantity.push_back(account.quantity[i]);
    }
    return result;
}

/// Adds what the positions that are no options do.
inline void shock_lines(UnderlyingStress& stress, const PositionsOn& on, const MarketRows& market,
                        Money net_liquidation) {
    const Price price = market[on.underlying].facts.price;
    BetaExposure line{.beta = 1.0}; // to the underlying itself
    for (std::size_t i = 0; i < on.instrument.size(); ++i) {
        const InstrumentIndex row = on.instrument[i];
        const Kind kind = market[row].facts.kind;
        stress.net_value +=
            kind == Kind::future ? 0.0 : on.quantity[i] * market.rows[static_cast<std::size_t>(row)].price();
        if (!is_option(kind)) {
            const Money value = exposed_value(market, row);
            line.value += on.quantity[i] * value;
            stress.delta_shares += on.quantity[i] * units_worth(value, price);
        }
    }
    stress.pnl = {.down = -shock * line.value, .up = shock * line.value};
    stress.point_of_no_return = reverse_stress({&line, 1}, net_liquidation);
}

/// Adds the deltas of options, and finds out anew what everything on their underlying gains.
inline void shock_options(UnderlyingStress& stress, const PositionsOn& on, const MarketRows& market,
                          const MarketSnapshot& snapshot, const Policy& policy, Money net_liquidation) {
    MarketSeries series(market, snapshot, in_document, [&](InstrumentIndex row) {
        return is_option(market[row].facts.kind) && std::ranges::find(on.instrument, row) != on.instrument.end();
    });
    RepriceOptions options = reprice_options(policy);
    options.wants_deltas = true;
    const SeriesGains unmoved = series.reprice([](std::size_t) { return std::vector<Fraction>{}; }, options);
    if (!series.refused().empty()) {
        std::rethrow_exception(series.refused().begin()->second);
    }
    for (std::size_t i = 0; i < series.size(); ++i) {
        const SeriesTerms& terms = series.terms(i);
        const auto position = std::ranges::find(on.instrument, series.row(i)) - on.instrument.begin();
        stress.delta_shares += on.quantity[static_cast<std::size_t>(position)] * terms.multiplier *
                               unmoved.deltas[static_cast<Eigen::Index>(i)] *
                               units_worth(terms.moving, market[on.underlying].facts.price);
    }
    options.wants_deltas = false;
    const AccountView view = on.view();
    const GainAlongMoves along(view, market, &series, options, [](InstrumentIndex, Fraction move) { return move; });
    const std::vector<Money> gains = along.gains({-shock, shock});
    stress.pnl = {.down = gains[0], .up = gains[1]};
    stress.point_of_no_return = along.nearest_zero(net_liquidation);
}

} // namespace detail

/// Stress of each underlying of an account alone: shocks, and the move that takes the net liquidation value to zero.
///
/// It says nothing of underlyings that move together, and is no requirement. Funds move themselves here, whatever they
/// are on.
/// @param net_liquidation  Of the account, USD.
/// @return  In the order in which the account first has them.
/// @throws  What keeps an option from being priced.
/// @source  The point of no return is Schwab's, How portfolio margin works (2024): other names are left out.
[[nodiscard]] inline std::vector<UnderlyingStress> underlying_stress(const AccountView& account,
                                                                     const MarketRows& market,
                                                                     const MarketSnapshot& snapshot,
                                                                     const Policy& policy, Money net_liquidation) {
    std::vector<UnderlyingStress> result;
    for (const detail::PositionsOn& on : detail::positions_by_underlying(account, market)) {
        UnderlyingStress& stress = result.emplace_back();
        stress.underlying = market.instrument(on.underlying).symbol;
        detail::shock_lines(stress, on, market, net_liquidation);
        if (std::ranges::any_of(on.instrument, [&](auto row) { return is_option(market[row].facts.kind); })) {
            detail::shock_options(stress, on, market, snapshot, policy, net_liquidation);
        }
    }
    return result;
}

/// What an account gains when every underlying is shocked at once, down or up.
[[nodiscard]] inline ShockGains shock_gains(const std::vector<UnderlyingStress>& underlyings) {
    ShockGains total{.down = 0.0, .up = 0.0};
    for (const UnderlyingStress& underlying : underlyings) {
        *total.down += underlying.pnl.down.value_or(0.0);
        *total.up += underlying.pnl.up.value_or(0.0);
    }
    return total;
}

} // namespace margincore
