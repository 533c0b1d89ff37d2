// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <margincore/core/date.hpp>

#include "catch.hpp"

using namespace margincore;

namespace {

/// Days since 1970-01-01 by counting years and months one by one: the Gregorian rule and nothing else.
int days_by_counting(int year, int month, int day) {
    const auto is_leap = [](int y) { return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0; };
    const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int days = day - 1;
    for (int y = 1970; y < year; ++y) {
        days += is_leap(y) ? 366 : 365;
    }
    for (int m = 1; m < month; ++m) {
        days += lengths[m - 1] + (m == 2 && is_leap(year) ? 1 : 0);
    }
    return days;
}

} // namespace

TEST_CASE("date: every day from 1970 to 2199 is read as its number and written back", "[core][oracle]") {
    for (int days = 0; days <= days_by_counting(2199, 12, 31); ++days) {
        const Date date{std::chrono::days{days}};
        const std::string text = to_string(date);
        if (parse_date(text, "date") != date || text.size() != 10) {
            FAIL("day " << days << " is written as " << text);
        }
    }
    CHECK(parse_date("2026-06-04", "date") == Date{std::chrono::days{days_by_counting(2026, 6, 4)}});
    CHECK(parse_date("2096-02-29", "date") == Date{std::chrono::days{days_by_counting(2096, 2, 29)}});
    CHECK(to_string(parse_date("1900-01-01", "date")) == "1900-01-01");
}

TEST_CASE("date: leap days are those of the Gregorian calendar", "[core][cited]") {
    CHECK(to_string(parse_date("2024-02-29", "date")) == "2024-02-29"); // divisible by 4
    CHECK(to_string(parse_date("2000-02-29", "date")) == "2000-02-29"); // divisible by 400
    for (const char* text : {"1900-02-29", "2100-02-29", "2026-02-29", "2024-02-30", "2026-04-31", "2026-13-01",
                             "2026-00-10", "2026-01-00", "2026-01-32"}) {
        CAPTURE(text);
        CHECK_THROWS_WITH(parse_date(text, "expiry"),
                          Catch::Matchers::ContainsSubstring("expiry: must be a day of the calendar, got year "));
    }
}

TEST_CASE("date: any other text is refused", "[core][property]") {
    for (const char* text :
         {"", "2026", "20261120", "2026-1-20", "2026/11/20", "20-11-2026", "2026-11-20 ", " 026-11-20", "+026-11-20",
          "2026-+1-20", "2026-11--1", "2O26-11-20", "1899-12-31", "2200-01-01", "2026-11-20T00:00",
          "\xef\xbc\x92"
          "026-11-2"}) {
        CAPTURE(text);
        CHECK_THROWS_AS(parse_date(text, "date"), InvalidInput);
        CHECK_THROWS_WITH(parse_date(text, "date"),
                          "date: must be a date as YYYY-MM-DD from 1900 to 2199, got " + in_quotes(text));
    }
}

TEST_CASE("whole years: full on the anniversary, which of 29 February is 1 March in a common year",
          "[core][property]") {
    const auto years = [](const char* from, const char* to) {
        return whole_years(parse_date(from, "from"), parse_date(to, "to"));
    };
    CHECK(years("2026-11-20", "2026-11-20") == 0);
    CHECK(years("2026-11-20", "2027-11-19") == 0);
    CHECK(years("2026-11-20", "2027-11-20") == 1);
    CHECK(years("2026-12-31", "2028-01-01") == 1);
    CHECK(years("2028-02-29", "2029-02-28") == 0);
    CHECK(years("2028-02-29", "2029-03-01") == 1);
    CHECK(years("2028-02-29", "2032-02-29") == 4);
    CHECK(years("2027-02-28", "2028-02-29") == 1);
    CHECK(years("2026-11-20", "2026-11-19") == -1);
}
