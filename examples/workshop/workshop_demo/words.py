# SPDX-License-Identifier: Apache-2.0
"""How figures and events are written, the same in the terminal and on the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import margincore as mc

DISCLAIMER = "A computation, not a broker's figure."


def dollars(amount: float) -> str:
    """An amount to the dollar, without a negative zero."""
    text = f"{amount:,.0f}"
    return "0" if text == "-0" else text


def cents(amount: float) -> str:
    """An amount to the cent, without a negative zero."""
    text = f"{amount:,.2f}"
    return "0.00" if text == "-0.00" else text


def percent(fraction: float, digits: int = 1) -> str:
    """A fraction as a signed percentage."""
    return f"{fraction:+.{digits}%}" if fraction else f"{0:.{digits}%}"


def plural(count: int, noun: str) -> str:
    """A count and what is counted."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def event_amount(event: mc.EnforcementEvent, benchmark: str) -> str:
    """The amount that an event is about: the deficiency, the excess under stress, or the excess."""
    if event.scenario is not None and event.excess_stressed is not None:
        return f"excess {cents(event.excess_stressed)} at {benchmark} {percent(event.scenario, 0)}"
    if event.deficiency > 0:
        return f"deficiency {cents(event.deficiency)}"
    return f"excess {cents(event.excess)}"
