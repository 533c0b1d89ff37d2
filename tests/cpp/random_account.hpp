// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>

#include <margincore/margincore.hpp>

#include "random.hpp"
#include "sample_account.hpp"

/// A price: often at the edge of a tier of the short rules, else from a cent to a thousand dollars.
inline margincore::Price random_price(Random& random) {
    constexpr std::array edges = {0.01, 2.49, 2.50, 2.51, 4.99, 5.00, 5.01, 16.66, 50.0 / 3, 16.67, 1000.0};
    if (random.chance(0.3)) {
        return random.one_of(edges);
    }
    return std::round(std::exp(random.uniform(std::log(0.01), std::log(1000.0))) * 100 + 0.5) / 100;
}

/// A stock account: equities and funds, leveraged, inverse and without loan value, long, short and both, whole and
/// fractional quantities, a credit or a debit balance. Every instrument has a beta, a volatility,
/// a volume, which may be 0, a number of shares outstanding and one of three industries.
inline SampleAccount random_account(std::uint64_t seed, std::size_t most_positions = 12) {
    constexpr std::array factors = {1.0, 2.0, 3.0, -1.0, -2.0, -3.0, 0.5, 1.5};
    constexpr std::array kinds = {margincore::Kind::equity, margincore::Kind::etf, margincore::Kind::broad_index_etf};
    constexpr std::array industries = {"banks", "energy", "software"};
    constexpr std::array volumes = {0.0, 100.0, 500.0, 1000.0, 1e4, 1e6};
    constexpr std::array outstanding = {1e4, 2e4, 1e5, 1e6, 1e9};
    Random random(seed);
    Random trading(seed + 1'000'000); // apart, so that the accounts of a seed stay as they were
    SampleAccount account;
    double gross = 1000;
    const std::size_t positions = random.below(most_positions + 1);
    for (std::size_t i = 0; i < positions; ++i) {
        margincore::Instrument what{.symbol = "S" + std::to_string(i), .kind = random.one_of(kinds)};
        what.leverage = margincore::may_be_leveraged(what.kind) ? random.one_of(factors) : 1.0;
        what.marginable = !random.chance(0.15);
        what.shares_outstanding = trading.one_of(outstanding);
        what.industry = trading.one_of(industries);
        const margincore::Quote quote{.price = random_price(random),
                                      .beta = random.uniform(-1.5, 3.0),
                                      .volatility = random.uniform(0.05, 1.2),
                                      .average_daily_volume = trading.one_of(volumes)};
        double quantity = 1 + static_cast<double>(random.below(2000));
        quantity += random.chance(0.2) ? random.uniform(0, 1) : 0.0;
        quantity *= random.chance(0.4) ? -1 : 1;
        double boxed = random.chance(0.15) ? 1 + static_cast<double>(random.below(500)) : 0.0;
        quantity = boxed > 0 && random.chance(0.3) ? 0.0 : quantity;
        gross += (std::abs(quantity) + 2 * boxed) * quote.price;
        account.hold(what, quote, quantity, boxed);
    }
    account.cash = std::round(random.uniform(-0.8, 1.6) * gross * 100) / 100;
    return account;
}
