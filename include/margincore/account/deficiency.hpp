// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <optional>
#include <span>

#include <margincore/core/date.hpp>
#include <margincore/core/error.hpp>
#include <margincore/core/where.hpp>

namespace margincore {

/// What follows a deficiency of portfolio margin, and when. A day is nothing where the business days given end before
/// it.
struct CureWindow {
    std::optional<Date> due{};              ///< Third business day after it arose: made good by its close.
    std::optional<Date> restricted_from{};  ///< Fourth: only orders that lower the requirement, and liquidation.
    std::optional<Date> net_capital_from{}; ///< First. Not cured by its close, the member deducts it from net capital:
                                            ///< the member's matter, and no date of the customer's.

    friend bool operator==(const CureWindow&, const CureWindow&) = default;
};

/// The days that count from the close at which equity fell below the requirement.
///
/// Business days are sessions of the exchange, days that close early among them, and are counted from close to close.
/// A day without a session, a weekend or a holiday, gives what the last session before it gives.
/// @param opened         The day at whose close the deficiency arose; no business day itself, if it is in the list.
/// @param business_days  Every session of the exchange from `opened` on, in strictly ascending order. Earlier ones do
///                       not count; with fewer than four later ones the last days are nothing.
/// @param where          Of the business days in the caller's data.
/// @throws InvalidInput  where they are not in strictly ascending order.
/// @source FINRA 4210(g)(10)(A) and (B). That the restriction begins with the fourth business day is taken from (g)(9).
[[nodiscard]] inline CureWindow cure_window(Date opened, std::span<const Date> business_days,
                                            const Where& where = "market.business_days") {
    const auto disorder = std::ranges::adjacent_find(business_days, std::ranges::greater_equal{});
    if (disorder != business_days.end()) {
        const auto index = static_cast<std::size_t>(disorder - business_days.begin()) + 1;
        throw InvalidInput(where[index], "must be later than the day before it in the list, " + to_string(*disorder) +
                                             ", got " + to_string(business_days[index]));
    }
    const auto first = std::ranges::upper_bound(business_days, opened);
    const std::span<const Date> later = business_days.last(static_cast<std::size_t>(business_days.end() - first));
    const auto nth_after = [&](std::size_t n) {
        return later.size() >= n ? std::optional<Date>{later[n - 1]} : std::nullopt;
    };
    constexpr std::size_t days_to_cure = 3; // (g)(10)(A)
    return {.due = nth_after(days_to_cure),
            .restricted_from = nth_after(days_to_cure + 1),
            .net_capital_from = nth_after(1)};
}

} // namespace margincore
