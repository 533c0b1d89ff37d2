// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

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

/// A quote of a bond, percent of principal: often where a floor on the principal begins to bind.
inline margincore::Price random_bond_quote(Random& random) {
    constexpr std::array edges = {0.01, 16.66, 35.0, 50.0, 60.0, 75.0, 100.0};
    return random.chance(0.2) ? random.one_of(edges) : std::round(random.uniform(1, 180) * 1000) / 1000;
}

/// The terms of a Treasury, often at an anniversary; where a coupon could make a difference it is known.
inline margincore::BondTerms random_treasury_terms(Random& random, margincore::Date valuation_date) {
    constexpr std::array anniversaries = {0, 1, 3, 5, 10, 20, 30};
    const std::chrono::year_month_day today{valuation_date};
    const margincore::Date anniversary = today + std::chrono::years{random.one_of(anniversaries)};
    const int first = anniversary == valuation_date ? 0 : -1;
    const int days =
        random.chance(0.5) ? first + static_cast<int>(random.below(3)) : static_cast<int>(random.below(1400));
    margincore::BondTerms terms{.maturity = anniversary + std::chrono::days{days}};
    const bool zero = random.chance(0.5);
    const bool may_be_silent = *terms.maturity < today + std::chrono::years{5};
    switch (random.below(may_be_silent ? 3 : 2)) {
    case 0:
        terms.coupon = zero ? 0.0 : random.uniform(0.001, 0.08);
        break;
    case 1:
        terms.zero_coupon = zero;
        break;
    default:
        break;
    }
    return terms;
}

/// An instrument of a random kind with its quote; of a convertible or a warrant without what it converts into.
inline margincore::Instrument random_instrument(Random& random, margincore::Date valuation_date, std::string symbol) {
    using margincore::Kind;
    constexpr std::array factors = {1.0, 2.0, 3.0, -1.0, -2.0, -3.0, 0.5, 1.5};
    constexpr std::array stock = {Kind::equity, Kind::etf, Kind::broad_index_etf};
    constexpr std::array others = {Kind::etn,       Kind::warrant,        Kind::convertible,       Kind::treasury,
                                   Kind::municipal, Kind::corporate_bond, Kind::money_market_fund, Kind::mutual_fund};
    constexpr std::array ratings = {margincore::Rating::investment_grade, margincore::Rating::other};
    margincore::Instrument what{.symbol = std::move(symbol),
                                .kind = random.chance(0.5) ? random.one_of(stock) : random.one_of(others)};
    what.leverage = margincore::may_be_leveraged(what.kind) ? random.one_of(factors) : 1.0;
    switch (what.kind) {
    case Kind::treasury:
        what.bond = random_treasury_terms(random, valuation_date);
        break;
    case Kind::corporate_bond:
        what.bond.rating = random.one_of(ratings);
        break;
    case Kind::municipal:
    case Kind::money_market_fund:
        break;
    default:
        what.marginable = !random.chance(0.15);
    }
    return what;
}

/// What add-ons ask of shares; drawn apart, so that the rest of an account does not depend on it.
inline void give_trading_data(margincore::Instrument& what, margincore::Quote& quote, Random& trading) {
    constexpr std::array industries = {"banks", "energy", "software"};
    constexpr std::array volumes = {0.0, 100.0, 500.0, 1000.0, 1e4, 1e6};
    constexpr std::array outstanding = {1e4, 2e4, 1e5, 1e6, 1e9};
    what.shares_outstanding = trading.one_of(outstanding);
    what.industry = trading.one_of(industries);
    quote.average_daily_volume = trading.one_of(volumes);
}

enum class Conversions : std::uint8_t { none, some };

/// Adds long convertibles and warrants, up to three, on what the account is short of at a position.
inline void hold_what_converts(SampleAccount& account, Random& random, std::size_t owed) {
    using margincore::Kind;
    Random trading(owed + 2'000'000);
    const margincore::Instrument into = account.instruments[account.instrument[owed]];
    const margincore::Quote quote = account.market[account.instrument[owed]];
    const double price = quote.price * (margincore::is_bond(into.kind) ? 10 : 1);
    const std::size_t count = 1 + random.below(3);
    for (std::size_t i = 0; i < count; ++i) {
        const bool warrant = random.chance(0.6);
        const double ratio = warrant ? std::round(random.uniform(0.1, 3) * 10) / 10 : random.uniform(1, 60);
        const double cash = warrant || random.chance(0.1) ? ratio * price * random.uniform(0.2, 1.4) : 0.0;
        const double exercised = std::fmax(0.0, ratio * price - cash);
        const double value = exercised * random.uniform(0.9, 1.3) + random.uniform(0.01, 0.2 * price + 0.02);
        margincore::Instrument what{.symbol = into.symbol + "C" + std::to_string(i),
                                    .kind = warrant ? Kind::warrant : Kind::convertible,
                                    .marginable = !random.chance(0.1),
                                    .conversion =
                                        margincore::Conversion{.into = into.symbol, .ratio = ratio, .cash = cash}};
        margincore::Quote quoted{.price = warrant ? value : value / 10,
                                 .beta = random.uniform(-0.5, 3.0),
                                 .volatility = random.uniform(0.05, 1.2)};
        give_trading_data(what, quoted, trading);
        account.hold(what, quoted, std::round(-account.quantity[owed] / ratio * random.uniform(0.1, 1.2)) + 1);
    }
}

/// An account of every kind that has a rule: stock and funds, leveraged, inverse and without loan value, notes,
/// warrants, bonds and convertibles, long, short and both, whole and fractional quantities, a credit or a debit
/// balance. Every instrument has a beta and a volatility, a volume, which may be 0, a number of shares outstanding and
/// one of three industries.
inline SampleAccount random_account(std::uint64_t seed, std::size_t most_positions = 12,
                                    Conversions conversions = Conversions::some) {
    Random random(seed);
    Random trading(seed + 1'000'000); // apart, so that the accounts of a seed stay as they were
    SampleAccount account;
    const std::size_t positions = random.below(most_positions + 1);
    for (std::size_t i = 0; i < positions; ++i) {
        margincore::Instrument what = random_instrument(random, account.market.valuation_date, "S" + std::to_string(i));
        const margincore::Price price =
            margincore::is_bond(what.kind) ? random_bond_quote(random) : random_price(random);
        double quantity = 1 + static_cast<double>(random.below(2000));
        quantity += random.chance(0.2) ? random.uniform(0, 1) : 0.0;
        quantity *= random.chance(0.4) ? -1 : 1;
        const double boxed = random.chance(0.15) ? 1 + static_cast<double>(random.below(500)) : 0.0;
        quantity = boxed > 0 && random.chance(0.3) ? 0.0 : quantity;
        margincore::Quote quote{
            .price = price, .beta = random.uniform(-1.5, 3.0), .volatility = random.uniform(0.05, 1.2)};
        give_trading_data(what, quote, trading);
        account.hold(what, quote, quantity, boxed);
        if (conversions == Conversions::some && quantity < 0 && random.chance(0.3)) {
            hold_what_converts(account, random, account.instrument.size() - 1);
        }
    }
    double gross = 1000;
    for (std::size_t i = 0; i < account.instrument.size(); ++i) {
        const double point = margincore::is_bond(account.instruments[account.instrument[i]].kind) ? 10 : 1;
        gross += (std::abs(account.quantity[i]) + 2 * account.boxed[i]) * account.market[account.instrument[i]].price *
                 point;
    }
    account.cash = std::round(random.uniform(-0.8, 1.6) * gross * 100) / 100;
    return account;
}
