# SPDX-License-Identifier: Apache-2.0
"""Sessions of the New York Stock Exchange after a day, against the holidays that it published."""

from __future__ import annotations

import copy
import datetime
import subprocess
import sys
import textwrap
import warnings
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import margincore as mc
import pytest
from margincore._business_days import with_business_days

# NYSE Group, "2025, 2026 and 2027 Holiday and Early Closings Calendar", 2024-11-08; for 2025-01-09, a national day of
# mourning for President Carter, NYSE Group's announcement of 2024-12-30.
HOLIDAYS = {
    2025: "01-01 01-09 01-20 02-17 04-18 05-26 06-19 07-04 09-01 11-27 12-25",
    2026: "01-01 01-19 02-16 04-03 05-25 06-19 07-03 09-07 11-26 12-25",
    2027: "01-01 01-18 02-15 03-26 05-31 06-18 07-05 09-06 11-25 12-24",
}
EARLY_CLOSES = ["2025-07-03", "2025-11-28", "2025-12-24", "2026-11-27", "2026-12-24"]

pd = pytest.importorskip("pandas")
NoSessionsError = pytest.importorskip("exchange_calendars.errors").NoSessionsError


def published_sessions(year: int) -> list[datetime.date]:
    closed = {datetime.date.fromisoformat(f"{year}-{day}") for day in HOLIDAYS[year].split()}
    first = datetime.date(year, 1, 1)
    days = (first + datetime.timedelta(days=i) for i in range(366))
    return [day for day in days if day.year == year and day.weekday() < 5 and day not in closed]


def iso(days: list[datetime.date]) -> list[str]:
    return [day.isoformat() for day in days]


@pytest.mark.parametrize("year", HOLIDAYS)
def test_a_year_has_the_sessions_that_the_exchange_published(year: int) -> None:
    expected = published_sessions(year)
    assert mc.business_days(datetime.date(year - 1, 12, 31), len(expected)) == expected
    # 2026-12-31 is a session, and the day itself does not count; the next after it is in another year.
    assert mc.business_days(expected[-1], 1)[0].year == year + 1


@pytest.mark.parametrize("day", EARLY_CLOSES)
def test_a_day_that_closes_early_is_a_session(day: str) -> None:
    before = datetime.date.fromisoformat(day) - datetime.timedelta(days=1)
    assert iso(mc.business_days(before, 1)) == [day]


@pytest.mark.parametrize(
    ("day", "sessions"),
    [
        ("2026-11-20", "2026-11-23 2026-11-24 2026-11-25 2026-11-27"),  # a Friday before Thanksgiving
        ("2026-11-25", "2026-11-27 2026-11-30 2026-12-01 2026-12-02"),
        ("2026-11-26", "2026-11-27 2026-11-30 2026-12-01 2026-12-02"),  # a holiday itself
        ("2026-11-28", "2026-11-30 2026-12-01 2026-12-02 2026-12-03"),  # a Saturday
        ("2026-04-01", "2026-04-02 2026-04-06 2026-04-07 2026-04-08"),  # Good Friday
        ("2026-06-17", "2026-06-18 2026-06-22 2026-06-23 2026-06-24"),  # Juneteenth
        ("2026-07-01", "2026-07-02 2026-07-06 2026-07-07 2026-07-08"),  # Independence Day, kept on the Friday
        ("2025-01-07", "2025-01-08 2025-01-10 2025-01-13 2025-01-14"),  # the day of mourning
        ("2026-12-30", "2026-12-31 2027-01-04 2027-01-05 2027-01-06"),  # over New Year
    ],
)
def test_the_four_sessions_that_the_cure_of_a_deficiency_needs(day: str, sessions: str) -> None:
    assert iso(mc.business_days(day)) == sessions.split()
    assert iso(mc.business_days(datetime.date.fromisoformat(day))) == sessions.split()


def test_days_far_from_today_are_known() -> None:
    # By themselves the package's calendars run from twenty years before today to one after. Sources: the Gregorian
    # calendar; Independence Day 2050 is a Monday. Labor Day 1986 was September 1.
    assert iso(mc.business_days("2050-07-01", 2)) == ["2050-07-05", "2050-07-06"]
    assert iso(mc.business_days("1986-08-28", 2)) == ["1986-08-29", "1986-09-02"]


def test_a_closure_is_bridged() -> None:
    # The exchange did not trade from Tuesday 2001-09-11 to the Friday, and opened again on Monday 2001-09-17.
    assert iso(mc.business_days("2001-09-10", 1)) == ["2001-09-17"]


def test_more_days_are_looked_at_where_a_closure_is_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    # As Athens did not trade from Monday 2015-06-29 to the end of July: no calendar of New York has such a gap.
    asked: list[str] = []

    def get_calendar(name: str, start: str, end: str) -> SimpleNamespace:
        asked.append(end)
        days = [day for day in published_sessions(2026) if start <= day.isoformat() <= end and day.month != 7]
        if not days:
            raise NoSessionsError(calendar_name=name, start=start, end=end)
        return SimpleNamespace(sessions=pd.DatetimeIndex(days))

    monkeypatch.setattr("exchange_calendars.get_calendar", get_calendar)
    assert iso(mc.business_days("2026-06-30", 2)) == ["2026-08-03", "2026-08-04"]
    assert asked == ["2026-07-14", "2026-07-28", "2026-08-25"]


def test_another_exchange_has_its_own_days() -> None:
    # London Stock Exchange, business days: closed on Easter Monday 2026-04-06, open on Thanksgiving.
    assert iso(mc.business_days("2026-04-02", 1, "XLON")) == ["2026-04-07"]
    assert iso(mc.business_days("2026-11-25", 1, "XLON")) == ["2026-11-26"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("2026-11-31",), "date: must be a date as YYYY-MM-DD, got '2026-11-31'"),
        (("20261120",), "date: must be a date as YYYY-MM-DD, got '20261120'"),
        (("2026-W47-5",), "date: must be a date as YYYY-MM-DD, got '2026-W47-5'"),
        (("1899-12-31",), "date: must be from 1900 to 2199, got 1899-12-31"),
        ((datetime.date(2200, 1, 1),), "date: must be from 1900 to 2199, got 2200-01-01"),
        ((datetime.datetime(2026, 11, 20, 16),), "date: must be a datetime.date or text, got datetime"),
        ((20261120,), "date: must be a datetime.date or text, got int"),
        (("2026-11-20", 0), "count: must be a whole number from 1 to 1000, got 0"),
        (("2026-11-20", 1001), "count: must be a whole number from 1 to 1000, got 1001"),
        (("2026-11-20", True), "count: must be a whole number from 1 to 1000, got True"),
        (("2026-11-20", 4.0), "count: must be a whole number from 1 to 1000, got 4.0"),
        (("2026-11-20", 4, "NOPE"), "exchange: must be the name of a calendar of exchange_calendars, got 'NOPE'"),
        (("2026-11-20", 4, None), "exchange: must be the name of a calendar, got NoneType"),
    ],
)
def test_bad_arguments_are_refused(arguments: tuple[Any, ...], message: str) -> None:
    with pytest.raises(mc.InvalidInput) as caught:
        mc.business_days(*arguments)
    assert str(caught.value) == message
    assert caught.value.where == message.split(":")[0]


def test_a_calendar_that_ends_before_is_missing_data() -> None:
    with pytest.raises(
        mc.MissingData, match=r"^exchange: must be a calendar that knows 2150-01-02 to 2150-01-19, got 'XBOM': "
    ):
        mc.business_days("2150-01-01", 4, "XBOM")  # Mumbai's holidays are listed year by year


def test_a_calendar_that_the_package_cannot_make_is_unsupported(monkeypatch: pytest.MonkeyPatch) -> None:
    def get_calendar(*_: object, **__: object) -> None:
        raise NotImplementedError("implemented by subclasses")  # what 4.13.2 with pandas 3.1.1 says of ASEX

    monkeypatch.setattr("exchange_calendars.get_calendar", get_calendar)
    with pytest.raises(mc.Unsupported, match=r"^exchange: must be a calendar that exchange_calendars can make here"):
        mc.business_days("2026-11-20", 4, "ASEX")


def test_it_warns_of_nothing() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(mc.business_days("2031-03-03", 3)) == 3


def test_threads_get_the_same_days_and_leave_the_filters_of_warnings_alone() -> None:
    dates = [f"2032-0{month}-15" for month in range(1, 5)]
    filters = list(warnings.filters)
    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(mc.business_days, dates))
    assert together == [mc.business_days(date) for date in dates]
    assert list(warnings.filters) == filters


def test_without_the_package_an_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "exchange_calendars", None)
    with pytest.raises(ImportError, match=r"pip install 'margincore\[calendar\]'"):
        mc.business_days("2026-11-20")


def test_importing_margincore_does_not_load_it() -> None:
    program = textwrap.dedent(
        """
        import sys
        import margincore
        print("exchange_calendars" in sys.modules)
        """
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


# --- of a document ---------------------------------------------------------------------------------------------------


def document(**market: Any) -> dict[str, Any]:
    return {
        "account": {"cash": 0, "positions": []},
        "market": {"valuation_date": "2026-11-25", "instruments": {}, **market},
    }


def test_a_document_gets_the_next_four_sessions_and_the_callers_stays_as_it_is() -> None:
    given = document()
    before = copy.deepcopy(given)
    filled = with_business_days(given)
    assert filled["market"].pop("business_days") == ["2026-11-27", "2026-11-30", "2026-12-01", "2026-12-02"]
    assert filled == given == before


@pytest.mark.parametrize("days", [[], ["2026-11-30"], None])
def test_a_document_that_has_the_key_keeps_it(days: Any) -> None:
    given = document(business_days=days)
    assert with_business_days(given) is given


@pytest.mark.parametrize(
    "given",
    [{}, {"market": None}, {"market": {}}, document(valuation_date="yesterday"), document(valuation_date=20261125)],
)
def test_a_document_without_a_valuation_date_is_left_to_who_reads_it(given: dict[str, Any]) -> None:
    assert with_business_days(given) is given


def test_without_the_package_the_document_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "exchange_calendars", None)
    given = document()
    assert with_business_days(given) is given
