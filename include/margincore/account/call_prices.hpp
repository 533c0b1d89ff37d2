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
#include <margincore/instrument/kind.hpp>
#include <margincore/requirement/stock/maintenance.hpp>
#include <margincore/requirement/stock/security_rates.hpp>
#include <margincore/requirement/stock/security_terms.hpp>

namespace margincore {

/// The nearest prices of one stock, all else fixed, at which the maintenance excess is zero.
struct CallPrices {
    std::optional<Price> down{}; ///< Below the current price and above zero; nothing where there is none.
    std::optional<Price> up{};   ///< Above the current price; nothing where there is none.

    friend bool operator==(const CallPrices&, const CallPrices&) = default;
};

namespace detail {

/// The call prices of so many units of a security.
[[nodiscard]] inline CallPrices call_prices_of(const SecurityFacts& now, Quantity quantity, Quantity boxed,
                                               const SecurityRates& rates, Money excess, Money dust) {
    const auto contribution = [&](Price price) {
        SecurityFacts there = now;
        there.price = price;
        return quantity * price - std::abs(quantity) * maintenance(there, quantity < 0, rates).per_unit(price) -
               boxed * boxed_maintenance(there, rates).per_unit(price);
    };
    const Money rest = excess - contribution(now.price);
    const auto excess_at = [&](Price price) { return rest + contribution(price); };

    std::vector<Price> falls{};
    std::vector<Price> rises{};
    for (const Price knot : maintenance_knots(now, quantity < 0, rates)) {
        (knot < now.price ? falls : rises).push_back(knot);
    }
    std::ranges::sort(falls, std::ranges::greater{});
    std::ranges::sort(rises);
    falls.push_back(0.0);
    rises.push_back(2 * (std::max)(now.price, rises.empty() ? now.price : rises.back()));

    const auto as_quoted = [&](std::optional<Price> price) {
        return price && *price > 0 && std::isfinite(*price) ? std::optional(*price / value_of_a_point(now.kind))
                                                            : std::nullopt;
    };
    return {.down = as_quoted(nearest_root(excess_at, now.price, falls, false, dust)),
            .up = as_quoted(nearest_root(excess_at, now.price, rises, true, dust))};
}

/// Whether two prices are one, up to the rounding of the search from knot to knot.
[[nodiscard]] inline bool are_same(const std::optional<Price>& first, const std::optional<Price>& second) {
    constexpr double rounding = 1e-9;
    return first && second ? std::abs(*first - *second) <= rounding * *first : first.has_value() == second.has_value();
}

[[nodiscard]] inline bool are_same(const CallPrices& first, const CallPrices& second) {
    return are_same(first.down, second.down) && are_same(first.up, second.up);
}

} // namespace detail

/// The call prices of one position, exact: the excess is a line between the prices at which a tier begins.
///
/// @param position  Index into the account's positions; a security without options on it, in no offset at any price.
/// @param excess    The maintenance excess of the account as it stands, USD.
/// @param dust      Excess no farther from zero than this is zero; see `rounding_dust`.
/// @return          As the instrument is quoted: USD per share, percent of principal of a bond. Nothing where they
///                  depend on whether a Treasury pays a coupon, and nobody said.
/// @source          FINRA 4210(c): long, debit / (1 - 25 %); short, credit / (1 + 30 %).
[[nodiscard]] inline std::optional<CallPrices> call_prices(const AccountView& account, std::size_t position,
                                                           const MarketRows& market, Money excess, Money dust = 0.0) {
    const auto of = [&](const SecurityFacts& facts) {
        return detail::call_prices_of(facts, account.quantity[position], account.boxed_at(position), market.rates,
                                      excess, dust);
    };
    const SecurityFacts& now = market[account.instrument[position]].facts;
    const CallPrices prices = of(now);
    if (now.kind == Kind::treasury && !now.zero_coupon) {
        SecurityFacts zero = now;
        zero.zero_coupon = true;
        return detail::are_same(of(zero), prices) ? std::optional(prices) : std::nullopt;
    }
    return prices;
}

} // namespace margincore
