# SPDX-License-Identifier: Apache-2.0
"""The firm's risk: sums of the newest results, and its messages beside a real broker."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from topic_reader import records
from workshop_stream.events import Publisher
from workshop_stream.firm import FirmRisk, line
from workshop_stream.jars import WORKSHOP

RESULTS, STRESS = "margin.calc.v1", "stress.beta_spy.v1"


def result(account: str, version: int, exposure: float, **more: Any) -> dict[str, Any]:
    value = {"account_id": account, "version": version, "status": "complete", "calc_timestamp": 1000 * version}
    value |= {"total_mv": 100.0, "gross_mv": 300.0, "beta_weighted_exposure": exposure}
    return value | {"equity": 50.0, "maintenance_req": 75.0, "excess": -25.0} | more


def stress(account: str, version: int, scenario: float, gain: float) -> dict[str, Any]:
    return {"account_id": account, "version": version, "scenario": scenario, "delta_pnl": gain}


# Two accounts long and short, one in deficit; a third that nobody knows enough of. Sums by hand.
MESSAGES = [
    (RESULTS, result("A", 1, 1.0)),
    (RESULTS, result("A", 4, 9_000_000.0)),
    (RESULTS, result("A", 2, 5.0)),  # late
    (RESULTS, result("B", 3, 2_000_000.0, excess=10.0)),
    (RESULTS, result("C", 5, 0.0, status="incomplete", beta_weighted_exposure=None, excess=None)),
    (STRESS, stress("A", 4, -0.08, -720_000.0)),
    (STRESS, stress("B", 3, -0.08, -160_000.0)),
    (STRESS, stress("A", 4, 0.06, 540_000.0)),
    (STRESS, stress("A", 2, 0.06, 1.0)),  # late
]
EXPECTED = {
    "accounts": 2,
    "incomplete": 1,
    "unreadable": 0,
    "total_mv": 200.0,
    "gross_mv": 600.0,
    "beta_weighted_exposure": 11_000_000.0,
    "equity": 100.0,
    "maintenance_req": 150.0,
    "deficits": 1,
    "deficit": 25.0,
    "scenarios": [
        {"scenario": -0.08, "accounts": 2, "delta_pnl": -880_000.0},
        {"scenario": 0.06, "accounts": 1, "delta_pnl": 540_000.0},
    ],
    "alert": True,
    "alert_above": 10_000_000.0,
    "timestamp": 5000,
}


def test_newest_results_are_added_up() -> None:
    risk = FirmRisk()
    assert [risk.take(*message) for message in MESSAGES] == [True, True, False, True, True, True, True, True, False]
    assert risk.value() == EXPECTED
    bad = ["no object", {}, result("A", 9, 1.0, excess="much"), result("A", 9, float("nan")), result(5, 9, 1.0)]  # type: ignore[arg-type]
    for value in [*bad, result("A", 9, 1.0, status="new"), result("A", 9, 1.0, calc_timestamp=None)]:
        assert risk.take(RESULTS, value)
    assert risk.take(STRESS, {"account_id": "A", "version": 9})
    assert risk.value() == EXPECTED | {"unreadable": 8}
    assert line(EXPECTED) == (
        "ALERT: firm: beta-weighted 11,000,000 of gross 600, 2 accounts, 1 with deficits of 25, worst -8%: -880,000"
    )


@pytest.mark.parametrize(("exposure", "alert"), [(10_000_000.0, False), (10_000_000.01, True), (-10_000_001.0, True)])
def test_the_alert_is_above_its_level_either_way(exposure: float, alert: bool) -> None:
    risk = FirmRisk()
    risk.take(RESULTS, result("A", 1, exposure))
    assert risk.value()["alert"] is alert


def test_it_is_written_to_its_topic(topics: str) -> None:
    publisher = Publisher(topics)
    for topic, value in MESSAGES:
        publisher.send_bytes(topic, value["account_id"].encode(), json.dumps(value).encode())
    publisher.flush()
    command = [sys.executable, str(WORKSHOP / "stream.py"), "firm", "--brokers", topics, "--until-idle", "2"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert "ALERT: firm: beta-weighted 11,000,000" in done.stdout.splitlines()[-1]
    assert json.loads(records(topics, ["firm.risk.v1"])[-1].value()) == EXPECTED
