// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <margincore/core/check.hpp>
#include <margincore/core/error.hpp>
#include <margincore/core/limits.hpp>
#include <margincore/core/names.hpp>
#include <margincore/core/where.hpp>
#include <margincore/instrument/option_contract.hpp>
#include <margincore/pricing/dividends.hpp>
#include <margincore/pricing/option_columns.hpp>

namespace margincore {

/// How the volatility of a series follows its underlying.
enum class VolatilityMode : std::uint8_t {
    sticky_strike,    ///< It is held.
    sticky_moneyness, ///< It moves along the smile of its underlying and expiry, as strike by spot moves.
};

template <>
inline constexpr std::array names<VolatilityMode> = {Name{VolatilityMode::sticky_strike, "sticky_strike"},
                                                     Name{VolatilityMode::sticky_moneyness, "sticky_moneyness"}};

/// Option series as columns, a row a series, of any number of underlyings. Views of what somebody else holds.
struct OptionSeries {
    OptionColumns options{};                                       ///< Their volatilities are not looked at.
    NumberColumn price = std::numeric_limits<double>::quiet_NaN(); ///< The mark, USD per unit; NaN where not given.
    NumberColumn implied_volatility = std::numeric_limits<double>::quiet_NaN(); ///< Held where given, a fraction.
    std::span<const std::uint8_t> is_european{};        ///< Shape (n_series), or (0) where every one is American.
    std::span<const std::int64_t> underlying{};         ///< What makes a smile with `time`. Shape (n_series) or (0).
    std::span<const std::int64_t> schedule{};           ///< Rows of `schedules`, -1 for none. Shape (n_series) or (0).
    std::span<const std::vector<Dividend>> schedules{}; ///< Each in the order of time.

    /// @throws InvalidInput where two columns have different lengths.
    [[nodiscard]] std::size_t size() const {
        const auto named = options.named();
        std::array<std::pair<std::string_view, const NumberColumn*>, 8> columns{};
        for (std::size_t i = 0; i + 1 < named.size(); ++i) { // all but the volatility
            columns[i] = named[i];
        }
        columns[6] = {"price", &price};
        columns[7] = {"implied_volatility", &implied_volatility};
        return rows_of(columns);
    }

    [[nodiscard]] ExerciseStyle style(std::size_t row) const {
        return !is_european.empty() && is_european[row] != 0 ? ExerciseStyle::european : ExerciseStyle::american;
    }
    [[nodiscard]] std::span<const Dividend> dividends(std::size_t row) const {
        return schedule.empty() || schedule[row] < 0 ? std::span<const Dividend>{}
                                                     : schedules[static_cast<std::size_t>(schedule[row])];
    }
    [[nodiscard]] OptionTerms<double> terms(std::size_t row, double volatility) const {
        return {.sign = options.sign[row],
                .strike = options.strike[row],
                .time = options.time[row],
                .rate = options.rate[row],
                .dividend_yield = options.dividend_yield[row],
                .volatility = volatility};
    }
};

/// Checks a series.
///
/// @throws InvalidInput where a number is not one that a series can have, with its row: `strike[3]`.
/// @throws MissingData  where neither a price nor a volatility is given.
inline void require_valid(const OptionSeries& series, std::size_t row) {
    OptionColumns options = series.options;
    options.volatility = 0.0;
    require_valid(options, row);
    const bool has_volatility = !std::isnan(series.implied_volatility[row]);
    if (std::isnan(series.price[row]) && !has_volatility) {
        const Where where("price");
        throw MissingData(where[row], "must be given, or implied_volatility, got neither");
    }
    if (!std::isnan(series.price[row])) {
        detail::check_row("price", series.price, row, [](double value, const Where& where) {
            static_cast<void>(require_not_negative(value, largest_price, where));
        });
    }
    if (has_volatility) {
        detail::check_row("implied_volatility", series.implied_volatility, row, [](double value, const Where& where) {
            static_cast<void>(require_not_negative(value, largest_option_volatility, where));
        });
    }
}

/// Checks what is common to all series: the lengths of their columns, and the dividends.
inline void require_columns(const OptionSeries& series) {
    const std::size_t size = series.size();
    const auto require_length = [&](std::string_view name, std::size_t length) {
        if (length != 0 && length != size) {
            throw InvalidInput(name, "must have the " + std::to_string(size) + " rows of the series, got " +
                                         std::to_string(length));
        }
    };
    require_length("style", series.is_european.size());
    require_length("underlying", series.underlying.size());
    require_length("dividends", series.schedule.size());
    const Where where("dividends");
    for (std::size_t i = 0; i < series.schedules.size(); ++i) {
        check_dividends(series.schedules[i], where[i]);
    }
    const Where where_schedule("schedule");
    for (std::size_t row = 0; row < series.schedule.size(); ++row) {
        if (series.schedule[row] >= static_cast<std::int64_t>(series.schedules.size())) {
            refuse(where_schedule[row],
                   "a row of the " + std::to_string(series.schedules.size()) + " schedules of dividends",
                   static_cast<double>(series.schedule[row]));
        }
    }
}

} // namespace margincore
