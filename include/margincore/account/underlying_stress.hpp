// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
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

/// What a position is on: the underlying of an option, else itself.
[[nodiscard]] inline InstrumentIndex moved_by(const MarketRows& market, InstrumentIndex row) {
    const InstrumentIndex underlying = market[row].option.underlying;
    return underlying < 0 ? row : underlying;
}

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
    RepriceOptions options = reprice_options(policy);
    std::vector<UnderlyingStress> result;
    for (const detail::PositionsOn& on : detail::positions_by_underlying(account, market)) {
        const AccountView view = on.view();
        MarketSeries series(market, snapshot, in_document, [&](InstrumentIndex row) {
            return is_option(market[row].facts.kind) && std::ranges::find(on.instrument, row) != on.instrument.end();
        });
        options.wants_deltas = true;
        const SeriesGains unmoved = series.reprice([](std::size_t) { return std::vector<Fraction>{}; }, options);
        options.wants_deltas = false;
        if (!series.refused().empty()) {
            std::rethrow_exception(series.refused().begin()->second);
        }
        UnderlyingStress stress{.underlying = market.instrument(on.underlying).symbol};
        const Price price = market[on.underlying].facts.price;
        for (std::size_t i = 0; i < view.size(); ++i) {
            const InstrumentIndex row = view.instrument[i];
            const bool is_future = market[row].facts.kind == Kind::future;
            stress.net_value += is_future ? 0.0 : view.quantity[i] * market.rows[static_cast<std::size_t>(row)].price();
            if (!is_option(market[row].facts.kind)) {
                stress.delta_shares += view.quantity[i] * exposed_value(market, row) / price;
            }
        }
        for (std::size_t i = 0; i < series.size(); ++i) {
            const auto position = std::ranges::find(on.instrument, series.row(i)) - on.instrument.begin();
            stress.delta_shares += on.quantity[static_cast<std::size_t>(position)] * series.terms(i).multiplier *
                                   unmoved.deltas[static_cast<Eigen::Index>(i)] * series.terms(i).moving / price;
        }
        const GainAlongMoves along(view, market, &series, options, [](InstrumentIndex, Fraction move) { return move; });
        const std::vector<Money> gains = along.gains({-shock, shock});
        stress.pnl = {.down = gains[0], .up = gains[1]};
        stress.point_of_no_return = along.nearest_zero(net_liquidation);
        result.push_back(std::move(stress));
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
