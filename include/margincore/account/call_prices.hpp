// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <vector>

#include <margincore/account/evaluate.hpp>
#include <margincore/account/market_rows.hpp>
#include <margincore/core/piecewise_linear.hpp>
#include <margincore/core/units.hpp>
#include <margincore/instrument/book.hpp>
#include <margincore/requirement/stock/maintenance.hpp>
#include <margincore/requirement/stock/stock_terms.hpp>

namespace margincore {

/// The nearest prices of one stock, all else fixed, at which the maintenance excess is zero.
struct CallPrices {
    std::optional<Price> down{}; ///< Below the current price and above zero; nothing where there is none.
    std::optional<Price> up{};   ///< Above the current price; nothing where there is none.

    friend bool operator==(const CallPrices&, const CallPrices&) = default;
};

/// The call prices of one position, exact: the excess is a line between the prices at which a tier begins.
///
/// @param position  Index into the account's positions; a stock without options on it.
/// @param excess    The maintenance excess of the account as it stands, USD.
/// @param dust      Excess no farther from zero than this is zero; see `rounding_dust`.
/// @source          FINRA 4210(c): long, debit / (1 - 25 %); short, credit / (1 + 30 %).
[[nodiscard]] inline CallPrices call_prices(const AccountView& account, std::size_t position, const MarketRows& market,
                                            Money excess, Money dust = 0.0) {
    const StockFacts& now = market.facts[static_cast<std::size_t>(account.instrument[position])];
    const Quantity quantity = account.quantity[position];
    const Quantity boxed = account.boxed_at(position);
    const MaintenanceRates& rates = market.rates.maintenance;

    const auto contribution = [&](Price price) {
        StockFacts share = now;
        share.price = price;
        const StockTerms terms = quantity < 0 ? short_maintenance(share, rates) : long_maintenance(share, rates);
        return quantity * price - std::abs(quantity) * terms.per_share(price) -
               boxed * boxed_maintenance(share, rates).per_share(price);
    };
    const Money rest = excess - contribution(now.price);
    const auto excess_at = [&](Price price) { return rest + contribution(price); };

    std::vector<Price> falls{};
    std::vector<Price> rises{};
    if (quantity < 0) {
        for (const Price knot : short_maintenance_knots(now, rates)) {
            (knot < now.price ? falls : rises).push_back(knot);
        }
        std::ranges::sort(falls, std::ranges::greater{});
        std::ranges::sort(rises);
    }
    falls.push_back(0.0);
    rises.push_back(2 * (std::max)(now.price, rises.empty() ? now.price : rises.back()));

    const auto above_zero = [](std::optional<Price> price) {
        return price && *price > 0 && std::isfinite(*price) ? price : std::nullopt;
    };
    return {.down = above_zero(nearest_root(excess_at, now.price, falls, false, dust)),
            .up = above_zero(nearest_root(excess_at, now.price, rises, true, dust))};
}

} // namespace margincore
