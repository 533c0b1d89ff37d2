// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

#include <margincore/core/check.hpp>
#include <margincore/core/limits.hpp>
#include <margincore/core/names.hpp>
#include <margincore/core/where.hpp>

namespace margincore {

/// A cash dividend on the underlying of an option.
struct Dividend {
    double time = 0.0;   ///< To the ex-date, ACT/365F years. At 0 or before it has left the spot already.
    double amount = 0.0; ///< USD per unit of the underlying, >= 0.

    friend bool operator==(const Dividend&, const Dividend&) = default;
};

/// How the spot moves around its dividends. Four dividends of $1 in a year part the two by 25 cents: the choice is the
/// caller's.
/// @source Haug, Haug and Lewis, Back to Basics: a New Approach to the Discrete Dividend Problem, Wilmott (2003).
enum class DividendModel : std::uint8_t {
    spot,     ///< The spot is lognormal between ex-dates and falls by the dividend, to no less than zero.
    escrowed, ///< The spot less the present value of the dividends before expiry is lognormal.
};

template <>
inline constexpr std::array names<DividendModel> = {Name{DividendModel::spot, "spot"},
                                                    Name{DividendModel::escrowed, "escrowed"}};

/// Whether a dividend bears on an option that expires in `expiry` years.
///
/// On the day of valuation it has left the spot; on the day of expiry it has not: who holds the option then may
/// exercise before the ex-date, where the style is American, and otherwise settles against the spot without it.
[[nodiscard]] constexpr bool is_paid_within(const Dividend& dividend, double expiry) {
    return dividend.time > 0 && dividend.time <= expiry;
}

/// Present value of the dividends before expiry [USD per unit], >= 0.
///
/// The spot pays the continuous yield on all of itself, on what is set aside for dividends too; so they are discounted
/// at the rate less the yield, and the forward price is the same in both models.
/// @param expiry  ACT/365F years.
/// @param rate, dividend_yield  Continuously compounded, ACT/365F.
[[nodiscard]] inline double present_value(std::span<const Dividend> dividends, double expiry, double rate,
                                          double dividend_yield) {
    double value = 0;
    for (const Dividend& dividend : dividends) {
        if (is_paid_within(dividend, expiry)) {
            value += dividend.amount * std::exp(-(rate - dividend_yield) * dividend.time);
        }
    }
    return value;
}

/// For the public doors.
///
/// @throws InvalidInput where a time is not finite or is before the last one, or an amount is not finite, is negative
///         or is above `largest_price`.
inline void check_dividends(std::span<const Dividend> dividends, const Where& where) {
    for (std::size_t i = 0; i < dividends.size(); ++i) {
        const Where here = where[i];
        const double time = require_finite(dividends[i].time, here["time"]);
        if (i > 0 && time < dividends[i - 1].time) {
            refuse(here["time"], "no earlier than that of the dividend before", time);
        }
        (void)require_not_negative(dividends[i].amount, largest_price, here["amount"]);
    }
}

} // namespace margincore
