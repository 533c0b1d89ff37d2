// SPDX-License-Identifier: Apache-2.0
// The days that follow a deficiency of portfolio margin, on the sessions of the New York Stock Exchange.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <set>
#include <span>
#include <string_view>
#include <vector>

#include <margincore/account/deficiency.hpp>

#include "catch.hpp"
#include "random.hpp"

using namespace margincore;

namespace {

[[nodiscard]] Date day(std::string_view text) { return parse_date(text, "day"); }

/// Holidays of 2026 and of January 2027, and the day on which the exchange mourned a president in 2025.
///
/// Source: NYSE Group, "2025, 2026 and 2027 Holiday and Early Closings Calendar", 2024-11-08; NYSE Group, markets
/// closed on 2025-01-09, 2024-12-30. On 2026-11-27 and 2026-12-24 it closes at 1 p.m.: they are sessions.
[[nodiscard]] const std::set<Date>& holidays() {
    static const std::set<Date> days = [] {
        std::set<Date> made;
        for (const char* text : {"2025-01-01", "2025-01-09", "2025-01-20", "2026-01-01", "2026-01-19", "2026-02-16",
                                 "2026-04-03", "2026-05-25", "2026-06-19", "2026-07-03", "2026-09-07", "2026-11-26",
                                 "2026-12-25", "2027-01-01", "2027-01-18"}) {
            made.insert(day(text));
        }
        return made;
    }();
    return days;
}

[[nodiscard]] bool is_session(Date date) {
    const std::chrono::weekday weekday{date};
    return weekday != std::chrono::Saturday && weekday != std::chrono::Sunday && !holidays().contains(date);
}

/// Every session of [first, last].
[[nodiscard]] std::vector<Date> sessions(std::string_view first, std::string_view last) {
    std::vector<Date> days;
    for (Date date = day(first); date <= day(last); date += std::chrono::days{1}) {
        if (is_session(date)) {
            days.push_back(date);
        }
    }
    return days;
}

struct Row {
    std::string_view fact;
    std::string_view opened;
    std::string_view net_capital_from;
    std::string_view due;
    std::string_view restricted_from;
};

} // namespace

TEST_CASE("cure window: three sessions of the exchange, then restricted", "[account][cited]") {
    // Counted by hand on the calendar named above; the rule is FINRA 4210(g)(10)(A) and (B).
    const std::vector<Row> rows{
        {"a plain week: Monday to Friday", "2026-11-02", "2026-11-03", "2026-11-05", "2026-11-06"},
        {"over a weekend", "2026-11-12", "2026-11-13", "2026-11-17", "2026-11-18"},
        {"Thanksgiving is none, the early close after it is one", "2026-11-24", "2026-11-25", "2026-11-30",
         "2026-12-01"},
        {"arisen on the eve of Thanksgiving", "2026-11-25", "2026-11-27", "2026-12-01", "2026-12-02"},
        {"arisen on the day that closes early", "2026-11-27", "2026-11-30", "2026-12-02", "2026-12-03"},
        {"Good Friday, no holiday of the banks", "2026-04-01", "2026-04-02", "2026-04-07", "2026-04-08"},
        {"Christmas Eve closes early, Christmas is none", "2026-12-22", "2026-12-23", "2026-12-28", "2026-12-29"},
        {"over New Year", "2026-12-30", "2026-12-31", "2027-01-05", "2027-01-06"},
        {"Independence Day on a Saturday is kept on the Friday", "2026-07-01", "2026-07-02", "2026-07-07",
         "2026-07-08"},
        {"Juneteenth makes a weekend of three days", "2026-06-17", "2026-06-18", "2026-06-23", "2026-06-24"},
        {"a day of mourning", "2025-01-07", "2025-01-08", "2025-01-13", "2025-01-14"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.fact, row.opened);
        const Date opened = day(row.opened);
        const std::vector<Date> days = sessions(row.opened.substr(0, 4) == "2025" ? "2025-01-02" : "2026-01-02",
                                                row.opened.substr(0, 4) == "2025" ? "2025-01-31" : "2027-01-29");
        const CureWindow expected{.due = day(row.due),
                                  .restricted_from = day(row.restricted_from),
                                  .net_capital_from = day(row.net_capital_from)};
        CHECK(cure_window(opened, days) == expected); // the day itself and all before it are in the list
        const auto next = std::ranges::upper_bound(days, opened);
        const std::vector<Date> four(next, next + 4);
        CHECK(cure_window(opened, four) == expected); // and the four after it are enough
    }
}

TEST_CASE("cure window: days beyond the sessions that are given are nothing", "[account][property]") {
    const std::vector<Date> days = sessions("2026-11-25", "2026-12-01"); // 25, 27, 30, 1
    const Date opened = day("2026-11-24");
    const auto of_first = [&](std::size_t n) { return cure_window(opened, std::span(days).first(n)); };
    CHECK(of_first(0) == CureWindow{});
    CHECK(of_first(1) == CureWindow{.net_capital_from = day("2026-11-25")});
    CHECK(of_first(2) == CureWindow{.net_capital_from = day("2026-11-25")});
    CHECK(of_first(3) == CureWindow{.due = day("2026-11-30"), .net_capital_from = day("2026-11-25")});
    CHECK(of_first(4) == CureWindow{.due = day("2026-11-30"),
                                    .restricted_from = day("2026-12-01"),
                                    .net_capital_from = day("2026-11-25")});
    CHECK(cure_window(day("2026-12-01"), days) == CureWindow{}); // all of them past
}

TEST_CASE("cure window: each day of a year, against counting days one by one", "[account][oracle]") {
    const std::vector<Date> days = sessions("2026-01-02", "2027-01-29");
    Random random(4210);
    for (Date opened = day("2026-01-01"); opened <= day("2027-01-10"); opened += std::chrono::days{1}) {
        std::vector<Date> after; // by a walk over the calendar, with no list
        for (Date date = opened + std::chrono::days{1}; after.size() < 4; date += std::chrono::days{1}) {
            if (is_session(date)) {
                after.push_back(date);
            }
        }
        CAPTURE(to_string(opened));
        const CureWindow window = cure_window(opened, days);
        CHECK(window.net_capital_from == after[0]);
        CHECK(window.due == after[2]);
        CHECK(window.restricted_from == after[3]);
        if (!is_session(opened)) { // a weekend or a holiday gives what the session before it gives
            CHECK(window == cure_window(opened - std::chrono::days{1}, days));
        }
        const std::size_t past = random.below(static_cast<std::size_t>(
            std::ranges::upper_bound(days, opened) - days.begin() + 1)); // where the list begins is of no matter
        CHECK(window == cure_window(opened, std::span(days).subspan(past)));
    }
}

TEST_CASE("cure window: sessions out of order are refused", "[account][property]") {
    const std::vector<Date> backwards{day("2026-11-30"), day("2026-12-02"), day("2026-12-01")};
    CHECK_THROWS_AS(cure_window(day("2026-11-27"), backwards), InvalidInput);
    CHECK_THROWS_WITH(cure_window(day("2026-11-27"), backwards),
                      "market.business_days[2]: must be later than the day before it in the list, 2026-12-02, got "
                      "2026-12-01");
    const std::vector<Date> twice{day("2026-11-30"), day("2026-11-30")};
    CHECK_THROWS_WITH(cure_window(day("2026-11-27"), twice, "sessions"),
                      "sessions[1]: must be later than the day before it in the list, 2026-11-30, got 2026-11-30");
}
