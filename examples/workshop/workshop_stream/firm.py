# SPDX-License-Identifier: Apache-2.0
"""The firm's risk: every account's newest results added up, with an alert where its beta exposure is large.

Names net against each other in full: it is a report to the firm, and no requirement of anybody.
"""

from __future__ import annotations

import argparse
import math
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from workshop_stream.broker import PORT
from workshop_stream.events import Event, Publisher
from workshop_stream.observer import Reader

RESULTS, STRESS, FIRM = "margin.calc.v1", "stress.beta_spy.v1", "firm.risk.v1"
ALERT = 10_000_000.0  # USD of beta-weighted exposure: exercise 7 of the workshop
INTERVAL_MS = 1000  # of event time
SUMMED = ("total_mv", "gross_mv", "beta_weighted_exposure", "equity", "maintenance_req")


@dataclass
class FirmRisk:
    """The newest result of each account, and of each account and move; what they add up to."""

    alert: float = ALERT
    newest: int = 0
    """Of all results taken, ms of event time."""
    unreadable: int = 0
    """Messages that are no results and no stress: in no sum, and said."""
    _results: dict[str, dict[str, Any]] = field(default_factory=dict)
    _stress: dict[tuple[str, float], dict[str, Any]] = field(default_factory=dict)

    def take(self, topic: str, value: Any) -> bool:
        """Take a message and say whether it is news."""
        if not _is_whole(topic, value):
            self.unreadable += 1
            return True
        if topic == STRESS:
            return _keep(self._stress, (value["account_id"], value["scenario"]), value)
        self.newest = max(self.newest, value["calc_timestamp"])
        return _keep(self._results, value["account_id"], value)

    def value(self) -> dict[str, Any]:
        """Return the value of a message of firm.risk.v1; accounts that are incomplete are counted, and in no sum."""
        complete = {name: result for name, result in self._results.items() if result["status"] == "complete"}
        deficits = [-result["excess"] for result in complete.values() if result["excess"] < 0]
        scenarios: dict[float, list[float]] = {}
        for (name, scenario), stress in self._stress.items():
            if name in complete:
                scenarios.setdefault(scenario, []).append(stress["delta_pnl"])
        sums = {name: math.fsum(result[name] for result in complete.values()) for name in SUMMED}
        return {
            "accounts": len(complete),
            "incomplete": len(self._results) - len(complete),
            "unreadable": self.unreadable,
            **sums,
            "deficits": len(deficits),
            "deficit": math.fsum(deficits),
            "scenarios": [
                {"scenario": scenario, "accounts": len(gains), "delta_pnl": math.fsum(gains)}
                for scenario, gains in sorted(scenarios.items())
            ],
            "alert": abs(sums["beta_weighted_exposure"]) > self.alert,
            "alert_above": self.alert,
            "timestamp": self.newest,
        }


def _is_whole(topic: str, value: Any) -> bool:
    """Say whether a message has what is added up of it; the figures of an incomplete result are not."""
    if not isinstance(value, dict) or not isinstance(value.get("account_id"), str):
        return False
    names = ["version", *(("scenario", "delta_pnl") if topic == STRESS else ("calc_timestamp",))]
    if topic == RESULTS and value.get("status") != "incomplete":
        names += [*SUMMED, "excess"]
        if value.get("status") != "complete":
            return False
    return all(
        isinstance(value.get(name), (int, float)) and not isinstance(value[name], bool) and math.isfinite(value[name])
        for name in names
    )


def _keep(known: dict[Any, dict[str, Any]], key: Any, value: dict[str, Any]) -> bool:
    if key in known and value["version"] <= known[key]["version"]:
        return False
    known[key] = value
    return True


def line(value: dict[str, Any]) -> str:
    """Return what is said of the firm's risk."""
    mark = "ALERT: " if value["alert"] else ""
    worst = min(value["scenarios"], key=lambda row: row["delta_pnl"], default=None)
    unreadable = f", {value['unreadable']} messages unreadable" if value["unreadable"] else ""
    loss = f", worst {worst['scenario']:+.0%}: {worst['delta_pnl']:,.0f}" if worst else ""
    return (
        f"{mark}firm: beta-weighted {value['beta_weighted_exposure']:,.0f} of gross {value['gross_mv']:,.0f}, "
        f"{value['accounts']} accounts, {value['deficits']} with deficits of {value['deficit']:,.0f}{loss}{unreadable}"
    )


def parser() -> argparse.ArgumentParser:
    """Return the options of the report."""
    options = argparse.ArgumentParser(prog="stream.py firm", description=__doc__)
    add = options.add_argument
    add("--brokers", default=os.environ.get("KAFKA_BROKERS") or f"localhost:{PORT}", help="default: localhost:9092")
    add("--alert", type=float, default=ALERT, help="USD of beta-weighted exposure either way (default: 10000000)")
    add("--until-idle", type=float, metavar="SECONDS", help="end when nothing came for so long (default: never)")
    return options


def main(argv: Sequence[str] | None = None) -> int:
    """Write the firm's risk once in a second of event time, and when the stream falls silent, until stopped."""
    options = parser()
    arguments = options.parse_args(argv)
    if not arguments.alert >= 0:
        options.error(f"--alert: must not be negative, got {arguments.alert}")
    risk, said, is_news, is_live = FirmRisk(arguments.alert), 0, False, False
    publisher, reader = Publisher(arguments.brokers), Reader(arguments.brokers, (RESULTS, STRESS), beginning=True)
    heard = time.monotonic()
    try:
        while arguments.until_idle is None or time.monotonic() - heard < arguments.until_idle:
            message = reader.poll(0.2)
            if message is not None:
                heard = time.monotonic()
                is_news = risk.take(*message) or is_news
            is_live = is_live or message is None  # what is older than that is no news
            if is_news and is_live and (message is None or risk.newest - said >= INTERVAL_MS):
                value = risk.value()
                publisher.send_all([Event(FIRM, "firm", value)])
                print(line(value), flush=True)
                said, is_news = risk.newest, False
    finally:
        reader.close()
    return 0
