# SPDX-License-Identifier: Apache-2.0
"""One line for each message of the streams, coloured by what it means."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from rich.text import Text
from workshop_demo.words import cents, dollars, percent

THIN = 0.05  # of gross value: where the ladder begins to warn
STYLES = {
    "good": "green",
    "thin": "yellow",
    "deficient": "red",
    "incomplete": "magenta",
    "underwater": "red",
    "WARNING": "yellow",
    "MARGIN_CALL": "bold red",
    "CALL_MET": "green",
    "CLOSE_ONLY": "bold red",
    "RELEASED": "green",
    "ACTIVE": "green",
    "LIQUIDATION_ENDED": "green",
    "SEVERE_DEFICIENCY": "bold white on red",
}
LABELS = {
    "fills.v1": "fill",
    "cash.v1": "cash",
    "prices.v1": "price",
    "betas.v1": "beta",
    "volatility.v1": "volatility",
    "clock.v1": "tick",
    "margin.calc.v1": "margin",
    "stress.beta_spy.v1": "stress",
    "margin.calls.v1": "call",
    "restrictions.v1": "restriction",
    "liquidations.v1": "liquidation",
    "liquidation.orders.v1": "order",
    "firm.risk.v1": "firm",
    "audit.v1": "audit",
    "dead_letter.v1": "dead letter",
}


def status_of(topic: str, value: Mapping[str, Any]) -> str:
    """Return what a message says of its account, in one word; blank where it says nothing."""
    if topic == "margin.calc.v1":
        excess = value.get("excess")
        if value.get("status", "complete") != "complete" or not isinstance(excess, (int, float)):
            return "incomplete"
        gross = value.get("gross_mv", abs(value.get("total_mv") or 0.0)) or 0.0
        return "deficient" if excess < 0 else "thin" if excess < THIN * gross else "good"
    if topic == "stress.beta_spy.v1":
        return "underwater" if value.get("underwater") else "good"
    if topic == "liquidations.v1":
        return str(value.get("trigger", ""))
    if topic == "audit.v1":
        return str(value.get("event_type", ""))
    if topic in ("margin.calls.v1", "restrictions.v1"):
        return str(value.get("action", ""))
    return ""


def time_of(value: Mapping[str, Any]) -> str:
    """Return the event time of a message, UTC to the second; blank where it has none."""
    time = value.get("calc_timestamp", value.get("timestamp"))
    try:
        if isinstance(time, str):
            moment = datetime.fromisoformat(time[:-1] + "+00:00" if time.endswith("Z") else time)
        else:
            moment = datetime.fromtimestamp(time / 1000, timezone.utc)  # type: ignore[operator]
    except (ValueError, TypeError, OverflowError, OSError):
        return ""
    return f"{moment:%d %b %H:%M:%S}"


def _amount(value: Mapping[str, Any], key: str) -> str:
    amount = value.get(key)
    return dollars(amount) if isinstance(amount, (int, float)) else "?"


def _margin(value: Mapping[str, Any]) -> str:
    if status_of("margin.calc.v1", value) == "incomplete":
        return f"incomplete: {'; '.join(map(str, value.get('reasons') or ['?']))}"
    return (
        f"equity {_amount(value, 'equity'):>9}  required {_amount(value, 'maintenance_req'):>9}  "
        f"excess {_amount(value, 'excess'):>9}"
    )


def _enforced(value: Mapping[str, Any], action: str) -> str:
    parts = [str(value.get(action, "?"))]
    parts += [f"{key} {cents(value[key])}" for key in ("deficiency", "excess_stressed") if value.get(key) is not None]
    if value.get("scenario") is not None:
        parts.append(f"at {percent(value['scenario'], 0)}")
    if value.get("reason"):
        parts.append(f"({value['reason']})")
    return " ".join(parts)


def _text(topic: str, value: Mapping[str, Any]) -> str:
    if topic == "fills.v1":
        return f"{value['qty']:+} {value['symbol']} at {cents(value['price'])}"
    if topic == "cash.v1":
        return f"{value['type']} {cents(value['amount'])}"
    if topic == "prices.v1":
        return f"{value['symbol']} {cents(value['price'])}"
    if topic == "betas.v1":
        return f"{value['symbol']} {value['beta']:.2f}"
    if topic == "volatility.v1":
        return f"{value['symbol']} {value['volatility']:.0%}"
    if topic == "clock.v1":
        return ""
    if topic == "margin.calc.v1":
        return _margin(value)
    if topic == "stress.beta_spy.v1":
        what = "UNDER WATER" if value["underwater"] else ""
        return f"{percent(value['scenario'], 0):>4}  excess {_amount(value, 'excess_stressed'):>9}  {what}".rstrip()
    if topic in ("margin.calls.v1", "restrictions.v1"):
        return _enforced(value, "action")
    if topic == "liquidations.v1":
        return _enforced(value, "trigger")
    if topic == "liquidation.orders.v1":
        orders = ", ".join(f"{order['quantity']:+} {order['symbol']}" for order in value["orders"])
        before, after = dollars(value["excess_before"]), dollars(value["excess_after"])
        return f"{orders} ({value['planner']}): excess {before} to {after}"
    if topic == "audit.v1":
        return str(value["event_type"])
    if topic == "dead_letter.v1":
        place = f"{value['topic']}[{value['partition']}] at {value['offset']}"
        return f"{place}: {value['where'] + ': ' if value.get('where') else ''}{value['reason']}"
    return json.dumps({key: item for key, item in value.items() if key not in ("account_id", "timestamp")})


def format_event(topic: str, value: Any) -> Text:
    """Return the line of a message, whatever is in it."""
    line = Text(no_wrap=True)
    if not isinstance(value, Mapping):
        line.append(f"{'':15}  {LABELS.get(topic, topic):<11}  ", style="dim")
        return line.append(f"not an object: {value!r}", style="magenta")
    status = status_of(topic, value)
    try:
        text = _text(topic, value)
    except (KeyError, TypeError, ValueError):
        text = json.dumps(value)
    line.append(f"{time_of(value):15}  {LABELS.get(topic, topic):<11}  ", style="dim")
    if value.get("account_id") is not None:
        line.append(f"{value['account_id']!s:<20}  ")
    return line.append(text, style=STYLES.get(status, ""))
