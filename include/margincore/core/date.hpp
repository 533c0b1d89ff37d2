// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <charconv>
#include <chrono>
#include <string>
#include <string_view>

#include <margincore/core/error.hpp>
#include <margincore/core/text.hpp>
#include <margincore/core/where.hpp>

namespace margincore {

/// A calendar day. The library reads no clock: a valuation date is always an argument.
using Date = std::chrono::sys_days;

/// The day of a year, month and day.
///
/// @throws InvalidInput where the calendar has no such day.
[[nodiscard]] inline Date date_of(int year, unsigned month, unsigned day, const Where& where) {
    const std::chrono::year_month_day parts{std::chrono::year{year}, std::chrono::month{month}, std::chrono::day{day}};
    if (!parts.ok()) {
        throw InvalidInput(where, "must be a day of the calendar, got year " + std::to_string(year) + ", month " +
                                      std::to_string(month) + ", day " + std::to_string(day));
    }
    return parts;
}

namespace detail {

/// A number of exactly these decimal digits; -1 where there is anything else.
[[nodiscard]] inline long digits_to_number(std::string_view text) {
    long value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool all_read = error == std::errc{} && end == text.data() + text.size();
    return all_read && text.front() >= '0' && text.front() <= '9' ? value : -1;
}

} // namespace detail

/// The day written as `YYYY-MM-DD`, years 1900 to 2199.
///
/// @throws InvalidInput for any other text and for days that the calendar does not have.
[[nodiscard]] inline Date parse_date(std::string_view text, const Where& where) {
    constexpr int first_year = 1900;
    constexpr int last_year = 2199;
    if (text.size() == 10 && text[4] == '-' && text[7] == '-') {
        const long year = detail::digits_to_number(text.substr(0, 4));
        const long month = detail::digits_to_number(text.substr(5, 2));
        const long day = detail::digits_to_number(text.substr(8, 2));
        if (year >= first_year && year <= last_year && month >= 0 && day >= 0) {
            return date_of(static_cast<int>(year), static_cast<unsigned>(month), static_cast<unsigned>(day), where);
        }
    }
    throw InvalidInput(where, "must be a date as YYYY-MM-DD from 1900 to 2199, got " + in_quotes(text));
}

/// The day as `YYYY-MM-DD`.
[[nodiscard]] inline std::string to_string(Date date) {
    const std::chrono::year_month_day parts{date};
    const auto padded = [](unsigned value) { return (value < 10 ? "0" : "") + std::to_string(value); };
    return std::to_string(static_cast<int>(parts.year())) + "-" + padded(static_cast<unsigned>(parts.month())) + "-" +
           padded(static_cast<unsigned>(parts.day()));
}

/// Whole calendar years from one day to another; negative where the other is earlier.
[[nodiscard]] constexpr int whole_years(Date from, Date to) {
    const std::chrono::year_month_day first{from};
    const std::chrono::year_month_day last{to};
    const bool before_the_day =
        std::chrono::month_day{last.month(), last.day()} < std::chrono::month_day{first.month(), first.day()};
    return static_cast<int>((last.year() - first.year()).count()) - (before_the_day ? 1 : 0);
}

} // namespace margincore
