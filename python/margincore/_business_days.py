# SPDX-License-Identifier: Apache-2.0
"""Sessions of an exchange, by the package exchange_calendars: ``pip install 'margincore[calendar]'``."""

from __future__ import annotations

import datetime
import threading
import warnings
from typing import Any

from margincore.errors import InvalidInput, MissingData, Unsupported

_TO_CURE = 4  # FINRA 4210(g)(10): three to cure a deficiency, and the one from which the account is restricted
_MOST_DAYS = 1000
_quiet = threading.Lock()  # two threads that silence warnings at once would leave them silenced
_FIRST_YEAR, _LAST_YEAR = 1900, 2199  # of every date that the library reads


def business_days(date: datetime.date | str, count: int = _TO_CURE, exchange: str = "XNYS") -> list[datetime.date]:
    """Return the next sessions of an exchange after a day.

    A day that closes early is a session; weekends and holidays are not. Closures that were not known when the
    calendar's package was released, a day of mourning for one, are not in it.

    Parameters
    ----------
    date : datetime.date or str
        The day, which itself does not count; ISO as text. Years 1900 to 2199.
    count : int
        How many sessions, 1 to 1000. The default is what the cure of a portfolio margin deficiency needs.
    exchange : str
        Its calendar's name in exchange_calendars, mostly a market identifier code (ISO 10383); ``XNYS`` is the New
        York Stock Exchange.

    Returns
    -------
    list of datetime.date
        In ascending order. ``[day.isoformat() for day in ...]`` is ``market.business_days`` of an account document.

    Raises
    ------
    ImportError
        Without exchange_calendars.
    InvalidInput
        Where an argument is out of its bounds or there is no such calendar.
    MissingData
        Where the calendar does not reach to the sessions asked for.
    Unsupported
        Where the versions of exchange_calendars and pandas that are installed do not make this calendar.

    Source
    ------
    FINRA 4210(g)(9) and (10) count business days; sessions are those of the package exchange_calendars.
    """
    day, count = _day(date), _count(count)
    if not isinstance(exchange, str):
        raise InvalidInput(f"exchange: must be the name of a calendar, got {type(exchange).__name__}", "exchange")
    try:
        import exchange_calendars
        from exchange_calendars.errors import InvalidCalendarName, NoSessionsError
    except ImportError:
        raise ImportError(
            "exchange_calendars must be installed to know business days; pip install 'margincore[calendar]'"
        ) from None

    # Both ends are given: left out, the package sets them by today's date. So many days nearly always hold the
    # sessions, and where they do not twice as many are looked at.
    span = 2 * count + 10
    while True:
        first, last = day + datetime.timedelta(days=1), day + datetime.timedelta(days=span)
        try:
            with _quiet, warnings.catch_warnings():  # it uses what pandas will drop; no matter of our caller
                warnings.simplefilter("ignore", DeprecationWarning)
                calendar = exchange_calendars.get_calendar(exchange, start=first.isoformat(), end=last.isoformat())
            days: list[datetime.date] = list(calendar.sessions.date[:count])
        except InvalidCalendarName:
            raise InvalidInput(
                f"exchange: must be the name of a calendar of exchange_calendars, got {exchange!r}", "exchange"
            ) from None
        except NoSessionsError:
            days = []
        except NotImplementedError as error:  # version 4.13 with pandas 3.1: Athens, Belgrade, Bucharest and Cyprus
            raise Unsupported(
                f"exchange: must be a calendar that exchange_calendars can make here, got {exchange!r}: {error}",
                "exchange",
            ) from None
        except ValueError as error:
            raise MissingData(
                f"exchange: must be a calendar that knows {first} to {last}, got {exchange!r}: {error}", "exchange"
            ) from None
        if len(days) == count:
            return days
        span *= 2


def with_business_days(document: dict[str, Any]) -> dict[str, Any]:
    """Return an account document that says which business days follow its valuation date.

    The caller's document is not changed. It comes back as it is where it has the key, where exchange_calendars is not
    installed, and where the valuation date is none: what reads the document says so.

    Parameters
    ----------
    document : dict
        An account document.

    Returns
    -------
    dict
        The document, or a copy with ``market.business_days``: the next four sessions of the New York Stock Exchange.
    """
    market = document.get("market")
    if not isinstance(market, dict) or "business_days" in market:
        return document
    date = market.get("valuation_date")
    if not isinstance(date, str):
        return document
    try:
        days = business_days(date)
    except (ImportError, InvalidInput):
        return document
    return {**document, "market": {**market, "business_days": [day.isoformat() for day in days]}}


def _count(count: object) -> int:
    """Return how many sessions are asked for."""
    if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= _MOST_DAYS:
        raise InvalidInput(f"count: must be a whole number from 1 to {_MOST_DAYS}, got {count!r}", "count")
    return count


def _day(date: object) -> datetime.date:
    """Return a date or its ISO text as a date; no moment in time, whose day would depend on the place."""
    if isinstance(date, str):
        try:
            day = datetime.date.fromisoformat(date)
            is_iso = day.isoformat() == date  # some versions of Python read other forms of ISO 8601 too
        except ValueError:
            is_iso = False
        if not is_iso:
            raise InvalidInput(f"date: must be a date as YYYY-MM-DD, got {date!r}", "date")
    elif isinstance(date, datetime.date) and not isinstance(date, datetime.datetime):
        day = date
    else:
        raise InvalidInput(f"date: must be a datetime.date or text, got {type(date).__name__}", "date")
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise InvalidInput(f"date: must be from {_FIRST_YEAR} to {_LAST_YEAR}, got {day}", "date")
    return day
