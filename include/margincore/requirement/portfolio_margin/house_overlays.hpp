// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <optional>

#include <margincore/core/check.hpp>
#include <margincore/core/limits.hpp>
#include <margincore/core/units.hpp>
#include <margincore/core/where.hpp>
#include <margincore/requirement/portfolio_margin/valuation_points.hpp>

/// What brokers add to portfolio margin, as functions for a risk desk. No rule gives these numbers: each default is one
/// house's, as published on its date, and houses change them. Nothing in the library applies them by itself.
namespace margincore {

/// Moves of one underlying, alone, that take the net liquidation value of the account to zero. Fractions.
struct PointsOfNoReturn {
    std::optional<Fraction> down{}; ///< -1 to 0; nothing where no fall does.
    std::optional<Fraction> up{};   ///< >= 0; nothing where no rise does.

    friend bool operator==(const PointsOfNoReturn&, const PointsOfNoReturn&) = default;
};

/// What a house looks at to tell whether an account is concentrated in an underlying.
struct ConcentrationRanges {
    PriceRange tims{};     ///< Of the rule: that of the valuation points.
    PriceRange expected{}; ///< The house's estimate of the largest move in a day (EPR).
    PointsOfNoReturn no_return{};

    friend bool operator==(const ConcentrationRanges&, const ConcentrationRanges&) = default;
};

namespace detail {

inline void require_range(PriceRange range, const Where& where) {
    static_cast<void>(require_within(range.low, -1.0, 0.0, where["low"]));
    static_cast<void>(require_not_negative(range.high, largest_ratio, where["high"]));
}

} // namespace detail

/// The range that an underlying is stressed over: on each side the expected one where the point of no return is inside
/// it, and that of the rule elsewhere. Never narrower than the rule's.
///
/// A point of no return at the end of the expected range is not inside it.
/// @throws InvalidInput where a low end is not in [-1, 0] or a high end is below zero.
/// @source House numbers of Charles Schwab, "Option Traders: How Portfolio Margin Works", 2024-03-06. That a house's
///         range is never below the rule's: FINRA 4210(g)(1), by which a member may only ask for more.
[[nodiscard]] inline PriceRange range_used(const ConcentrationRanges& ranges) {
    detail::require_range(ranges.tims, "tims");
    detail::require_range(ranges.expected, "expected");
    const Where no_return("no_return");
    const auto& [down, up] = ranges.no_return;
    const bool down_inside = down && require_within(*down, -1.0, 0.0, no_return["down"]) > ranges.expected.low;
    const bool up_inside = up && require_not_negative(*up, largest_ratio, no_return["up"]) < ranges.expected.high;
    return {.low = down_inside ? (std::min)(ranges.expected.low, ranges.tims.low) : ranges.tims.low,
            .high = up_inside ? (std::max)(ranges.expected.high, ranges.tims.high) : ranges.tims.high};
}

/// @source House number of Interactive Brokers, knowledge base article 3415 (no date; read in 2026).
struct SmallCapStress {
    Money decline = 500'000'000.0; ///< Loss of market capitalization, USD.

    friend bool operator==(const SmallCapStress&, const SmallCapStress&) = default;
};

/// The fall of a stock whose issuer loses so much of its market capitalization: a fraction, at most 1.
///
/// The house takes the largest loss of one stock so stressed where it is above the requirement computed otherwise.
/// @param market_cap  Of the issuer, USD, > 0.
/// @throws InvalidInput where an amount is not more than zero.
/// @source As `SmallCapStress`. Its second example, 30 % of 1.5 billion, does not follow from its rule: 500 of 1,500
///         million is a third.
[[nodiscard]] inline Fraction small_cap_decline(Money market_cap, const SmallCapStress& stress = {}) {
    const Money decline = require_positive(stress.decline, largest_exact_money, "decline");
    return (std::min)(1.0, decline / require_positive(market_cap, largest_exact_money, "market_cap"));
}

/// @source House numbers of tastytrade, "Margin Concentration Requirements (Reg-T)", article 43000682439 (no date; read
///         in 2026).
struct ConcentrationLimit {
    double multiple = 1.5;         ///< Of the account's value, >= 1.
    Money beyond_value = 50'000.0; ///< Above the account's value, USD, >= 0.

    friend bool operator==(const ConcentrationLimit&, const ConcentrationLimit&) = default;
};

/// What the requirement of an underlying over its expected range may come to, USD; concentrated where it is above.
///
/// @param account_value  Net liquidation value, USD, >= 0.
/// @throws InvalidInput  where a number is out of these bounds.
/// @source As `ConcentrationLimit`: the lesser of the two.
[[nodiscard]] inline Money concentration_threshold(Money account_value, const ConcentrationLimit& limit = {}) {
    const Money value = require_not_negative(account_value, largest_exact_money, "account_value");
    const double multiple = require_within(limit.multiple, 1.0, largest_ratio, "multiple");
    const Money beyond = require_not_negative(limit.beyond_value, largest_exact_money, "beyond_value");
    return (std::min)(multiple * value, value + beyond);
}

/// What one uncovered short option is written on.
struct NakedContract {
    Price spot = 0.0;          ///< Of the underlying, USD per share, > 0.
    Quantity multiplier = 0.0; ///< Shares a contract, > 0: never taken to be 100.

    friend bool operator==(const NakedContract&, const NakedContract&) = default;
};

/// @source House number of tastytrade, "Portfolio Margin House Rules/Requirements", article 43000595351 (no date; read
///         in 2026): 0.5 % of the deliverable. A later print says 50 % of the price of a share, the same of 100 shares.
struct NakedMinimum {
    Fraction of_deliverable = 0.005; ///< >= 0.

    friend bool operator==(const NakedMinimum&, const NakedMinimum&) = default;
};

/// The least that a house asks for one uncovered short option, USD >= 0.
///
/// @throws InvalidInput where a number is out of its bounds.
/// @source As `NakedMinimum`.
[[nodiscard]] inline Money naked_option_minimum(const NakedContract& contract, const NakedMinimum& minimum = {}) {
    return require_positive(contract.spot, largest_price, "spot") *
           require_positive(contract.multiplier, largest_quantity, "multiplier") *
           require_not_negative(minimum.of_deliverable, largest_ratio, "of_deliverable");
}

/// @source House number of TD Ameritrade, as told by a customer on r/PMTraders in August 2023: secondhand. Measured at
/// a
///         fall of the S&P 500 of 20 % with implied volatility up by about 30 %.
struct StressedLossLimit {
    Money beyond_net_liquidation = 5'000'000.0; ///< What the firm may stand to lose, USD, >= 0.

    friend bool operator==(const StressedLossLimit&, const StressedLossLimit&) = default;
};

/// The loss that an account may come to under the house's stress of the whole market, USD.
///
/// Below zero where the account owes the firm more than the limit already.
/// @param net_liquidation  USD, of either sign.
/// @throws InvalidInput    where a number is not finite or the limit is below zero.
/// @source As `StressedLossLimit`.
[[nodiscard]] inline Money stressed_loss_allowed(Money net_liquidation, const StressedLossLimit& limit = {}) {
    const Money beyond =
        require_not_negative(limit.beyond_net_liquidation, largest_exact_money, "beyond_net_liquidation");
    return require_within(net_liquidation, -largest_exact_money, largest_exact_money, "net_liquidation") + beyond;
}

} // namespace margincore
