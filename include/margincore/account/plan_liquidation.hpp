// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <margincore/account/liquidation_plan.hpp>
#include <margincore/account/liquidation_search.hpp>
#include <margincore/account/market_rows.hpp>
#include <margincore/account/policy.hpp>
#include <margincore/account/traded_account.hpp>
#include <margincore/core/check.hpp>
#include <margincore/core/error.hpp>
#include <margincore/core/units.hpp>
#include <margincore/core/where.hpp>
#include <margincore/instrument/book.hpp>
#include <margincore/instrument/kind.hpp>

namespace margincore {

namespace detail {

/// Positions by descending beta; of equal ones as they stand.
///
/// @throws MissingData where one has none.
[[nodiscard]] inline std::vector<std::size_t> by_beta(const AccountView& account, const MarketRows& market) {
    const Where where_market("market");
    const Where where_instruments = where_market["instruments"];
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < account.size(); ++i) {
        const MarketRow& row = market[account.instrument[i]];
        if (!trades_in_shares(row.facts.kind)) {
            continue;
        }
        if (std::isnan(row.beta)) {
            const Where place = where_instruments[market.instrument(account.instrument[i]).symbol];
            throw MissingData(place["beta"],
                              "must be given where positions are closed by beta, or policy.missing_beta stated, "
                              "got nothing");
        }
        order.push_back(i);
    }
    std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
        return market[account.instrument[a]].beta > market[account.instrument[b]].beta;
    });
    return order;
}

/// The same by descending value, which needs no betas.
[[nodiscard]] inline std::vector<std::size_t> by_value(const TradedAccount& account) {
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < account.size(); ++i) {
        order.push_back(i);
    }
    std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
        return account.price(a) * static_cast<double>(account.shares(a)) >
               account.price(b) * static_cast<double>(account.shares(b));
    });
    return order;
}

[[nodiscard]] inline bool has_betas(const AccountView& account, const MarketRows& market) {
    return std::ranges::none_of(account.instrument, [&](InstrumentIndex row) {
        return trades_in_shares(market[row].facts.kind) && std::isnan(market[row].beta);
    });
}

/// Names what a plan leaves alone.
inline void add_notes(LiquidationPlan& plan, const AccountView& account, const MarketRows& market,
                      const TradedAccount& traded, const Shares& closed) {
    for (std::size_t i = 0; i < account.size(); ++i) {
        const Kind kind = market[account.instrument[i]].facts.kind;
        const std::string& symbol = market.instrument(account.instrument[i]).symbol;
        if (!trades_in_shares(kind)) {
            plan.notes.push_back(symbol + ": left alone, a plan trades stock only and this is " +
                                 std::string(kind_text(kind)));
        } else if (!plan.restored && closed[i] < traded.shares(i)) {
            plan.notes.push_back(symbol + ": left alone, closing it does not raise the excess");
        }
    }
    if (!plan.restored) {
        plan.notes.push_back(fmt::format("everything that raises the excess is closed and leaves {:.2f} of {:.2f} USD",
                                         plan.excess_after, plan.target));
    }
}

} // namespace detail

/// The stock to close at market so that the excess of an account is a share of its deficiency above zero.
///
/// Longs are sold and shorts bought back, in whole shares; commissions, and what the trades do to prices, are not in
/// it. `highest_beta` closes one position after the other, by descending beta, the last one no further than needed;
/// `least_value` trades the least market value. The figures of the plan are of the account re-evaluated after it. An
/// account that has no deficiency has nothing to close.
///
/// Proven, where `proven` says so: without add-ons, and where nothing held is margined with something else, as the
/// requirement is so much a share; with add-ons, where trying every smaller quantity, or the bound of the same account
/// without add-ons, proves it. What the account must trade at least is `lower_bound` of `least_value` either way.
/// @param account      A valid view (`require_valid`).
/// @param is_strategy  What `excess_of` computes is the strategy method.
/// @param excess_of    The excess of the account with other quantities and cash.
/// @throws InvalidInput where the buffer is not from 0 to 1.
/// @throws MissingData  where a beta is missing that decides the order.
/// @source              Workshop on real-time margin risk, exercise 5.
[[nodiscard]] inline LiquidationPlan plan_liquidation(const AccountView& account, const MarketRows& market,
                                                      const Policy& policy, bool is_strategy, const ExcessOf& excess_of,
                                                      const LiquidationOptions& options = {}) {
    static_cast<void>(require_within(options.buffer, 0.0, 1.0, "buffer"));
    const bool asks_for_betas = options.planner == LiquidationPlanner::highest_beta;
    TradedAccount traded(account, market, excess_of);
    detail::Shares closed(traded.size(), 0);
    LiquidationPlan plan{.planner = options.planner, .excess_before = traded.excess(closed).total};
    plan.excess_after = plan.excess_before;
    if (plan.excess_before >= 0) {
        plan.target = plan.excess_before;
        plan.restored = plan.proven = true;
        return plan;
    }
    plan.target = options.buffer * -plan.excess_before;

    detail::LiquidationSearch search(traded, excess_shape(account, market, policy, is_strategy), plan.target, options);
    const bool betas = asks_for_betas || detail::has_betas(account, market);
    detail::ClosedShares found = search.in_order(betas ? detail::by_beta(account, market) : detail::by_value(traded));
    if (!asks_for_betas) {
        found = search.of_least_value(found.closed);
    }
    closed = std::move(found.closed);
    plan.excess_after = traded.excess(closed).total;
    plan.restored = search.suffices(closed);
    plan.deficiency = (std::max)(0.0, -plan.excess_after);
    plan.lower_bound = found.lower_bound;
    plan.proven = found.proven && plan.restored;
    for (std::size_t i = 0; i < traded.size(); ++i) {
        if (closed[i] > 0) {
            const MarketRow& row = market[account.instrument[i]];
            const auto shares = static_cast<Quantity>(closed[i]);
            plan.orders.push_back({.symbol = market.instrument(account.instrument[i]).symbol,
                                   .quantity = traded.is_short(i) ? shares : -shares,
                                   .price = traded.price(i),
                                   .value = shares * traded.price(i),
                                   .beta = std::isnan(row.beta) ? std::nullopt : std::optional(row.beta)});
            plan.value += plan.orders.back().value;
        }
    }
    if (betas) {
        std::ranges::stable_sort(plan.orders,
                                 [](const LiquidationOrder& a, const LiquidationOrder& b) { return a.beta > b.beta; });
    }
    detail::add_notes(plan, account, market, traded, closed);
    return plan;
}

} // namespace margincore
