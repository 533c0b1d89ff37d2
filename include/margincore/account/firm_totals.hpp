// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include <margincore/account/evaluate.hpp>
#include <margincore/core/units.hpp>

namespace margincore {

/// The beta-weighted exposure of all customers together, either way, above which a firm is alerted, USD.
/// @source Workshop on real-time margin risk, exercise 7: alert above $10 million beta-weighted.
inline constexpr Money firm_exposure_alert = 10e6;

/// What all accounts hold of one instrument, each position as it stands alone: a short option naked.
struct UnderlyingTotals {
    std::size_t accounts = 0;    ///< That hold it.
    Quantity net_quantity = 0.0; ///< Long less short units; a risk figure, which nets customers against each other.
    Quantity long_units = 0.0;   ///< Boxed ones included, >= 0.
    Quantity short_units = 0.0;  ///< Boxed ones included, >= 0.
    Money net_value = 0.0;       ///< Longs less shorts at market, USD.
    Money gross_value = 0.0;     ///< Longs and shorts counted separately, USD.
    Money initial = 0.0;         ///< Sum of what each position asks for by itself, USD; nothing is netted.
    Money maintenance = 0.0;     ///< Likewise.
    std::optional<Money> beta_weighted_exposure{0.0}; ///< Net value times beta, USD; nothing where it has no beta.

    friend bool operator==(const UnderlyingTotals&, const UnderlyingTotals&) = default;
};

/// What the positions of an account change together, options paired, against each by itself, summed over accounts: with
/// the totals by underlying they are the firm's. USD.
struct OffsetTotals {
    Money initial = 0.0;
    Money maintenance = 0.0;
    Money equity = 0.0; ///< Market value that does not count: negative of longs, positive of short options.

    friend bool operator==(const OffsetTotals&, const OffsetTotals&) = default;
};

/// The accounts of a firm after one move of the benchmark, requirements held.
struct FirmStressPoint {
    Fraction move = 0.0;    ///< Of the benchmark.
    Money pnl = 0.0;        ///< Gain of the customers' positions, USD: theirs, not the firm's.
    Money below_zero = 0.0; ///< Sum of what accounts fall below zero net liquidation, USD, >= 0: the firm's risk.
    std::size_t accounts_below_zero = 0;
    Money house_deficit = 0.0;  ///< Sum of what is missing of total requirements, USD, >= 0.
    std::size_t underwater = 0; ///< Accounts whose total excess is below zero.

    friend bool operator==(const FirmStressPoint&, const FirmStressPoint&) = default;
};

/// Sums over the accounts that were computed, USD. An account that failed is in none of them.
struct FirmTotals {
    std::size_t accounts = 0; ///< Computed.
    std::size_t failed = 0;   ///< Not computed: the sums are those of a part of the book where this is not 0.
    Money cash = 0.0;
    Money net_value = 0.0;   ///< Of all positions, longs less shorts.
    Money gross_value = 0.0; ///< Longs and shorts counted separately.
    Money net_liquidation = 0.0;
    Money equity = 0.0;
    Requirement requirement{};         ///< Each account margined by itself: customers are never netted.
    Excess excess{};                   ///< Sums too: the excess of one account covers no other's deficit, see `call`.
    MarginCall call{};                 ///< Sums of the deficits alone.
    std::size_t maintenance_calls = 0; ///< Accounts in deficit of maintenance.
    std::size_t house_calls = 0;       ///< Accounts in deficit of the total requirement.

    /// Of all accounts netted: a risk figure, never a requirement. Nothing where something held has no beta.
    std::optional<Money> beta_weighted_exposure{0.0};
    std::optional<bool> exposure_alert = false; ///< The exposure, either way, is above the alert; nothing without it.

    friend bool operator==(const FirmTotals&, const FirmTotals&) = default;
};

/// The totals of a book.
struct BookTotals {
    FirmTotals firm{};
    OffsetTotals offsets{};
    std::vector<UnderlyingTotals> by_underlying{}; ///< Shape (n_instruments): each is its own underlying.
    std::vector<FirmStressPoint> stress{};         ///< Shape (n_moves).
};

namespace detail {

inline void add(FirmTotals& sum, const FirmTotals& more) {
    sum.accounts += more.accounts;
    sum.failed += more.failed;
    sum.cash += more.cash;
    sum.net_liquidation += more.net_liquidation;
    sum.equity += more.equity;
    sum.requirement.initial += more.requirement.initial;
    sum.requirement.maintenance += more.requirement.maintenance;
    sum.requirement.add_ons += more.requirement.add_ons;
    sum.requirement.total += more.requirement.total;
    sum.excess.initial += more.excess.initial;
    sum.excess.maintenance += more.excess.maintenance;
    sum.excess.total += more.excess.total;
    sum.call.maintenance += more.call.maintenance;
    sum.call.house += more.call.house;
    sum.maintenance_calls += more.maintenance_calls;
    sum.house_calls += more.house_calls;
}

inline void add(OffsetTotals& sum, const OffsetTotals& more) {
    sum.initial += more.initial;
    sum.maintenance += more.maintenance;
    sum.equity += more.equity;
}

inline void add(FirmStressPoint& sum, const FirmStressPoint& more) {
    sum.pnl += more.pnl;
    sum.below_zero += more.below_zero;
    sum.accounts_below_zero += more.accounts_below_zero;
    sum.house_deficit += more.house_deficit;
    sum.underwater += more.underwater;
}

} // namespace detail

} // namespace margincore
