// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

#include <margincore/account/enforcement.hpp>
#include <margincore/core/date.hpp>

namespace margincore::stream {

/// The day in New York, where the exchanges are, at a time. Options expire by it, and reports are dated by it.
///
/// @source  15 U.S.C. 260a, from 2007: daylight saving time begins at 2:00 on the second Sunday of March and ends at
///          2:00 on the first Sunday of November. Earlier years had other days; no log of ours does.
[[nodiscard]] inline Date new_york_day(EventTime time) {
    using namespace std::chrono;
    const sys_time<milliseconds> utc{milliseconds{time}};
    const year in_year = year_month_day{floor<days>(utc)}.year();
    const auto begin = sys_days{in_year / March / Sunday[2]} + hours{7};  // 2:00 at five hours behind UTC
    const auto end = sys_days{in_year / November / Sunday[1]} + hours{6}; // 2:00 at four hours behind UTC
    const bool is_daylight_saving = utc >= begin && utc < end;
    return floor<days>(utc - hours{is_daylight_saving ? 4 : 5});
}

} // namespace margincore::stream
