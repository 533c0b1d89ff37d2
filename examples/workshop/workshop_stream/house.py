# SPDX-License-Identifier: Apache-2.0
"""What an engine is told: the policy of the house, and its settings file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import margincore as mc
from workshop_demo.fields import Field, ScenarioError

if TYPE_CHECKING:
    from workshop_demo.scenario import Universe

DATE = "2026-10-01"  # any on which the rules are in force
RATE = 0.04  # a year, for options alone; that of data/methods.json
INTERVALS = {
    "publish_interval_ms": 1000,
    "stress_interval_ms": 5000,
    "moment_ms": 20,
    "settle_ms": 100,
    "max_ahead_ms": 60000,
}


def read_policy(file: Path, universe: Universe) -> dict[str, Any]:
    """Return the policy that a file holds, tried on an account without positions."""
    field = Field.read(file)
    if not isinstance(field.value, dict):
        field.fail("must be an object, a policy as an account document has it")
    market = {
        "valuation_date": DATE,
        "benchmark": universe.benchmark,
        "instruments": {name: dict(row) for name, row in universe.instruments.items()},
    }
    account = {"id": "POLICY", "cash": 0, "positions": []}
    try:
        mc.evaluate({"schema": 1, "account": account, "market": market, "policy": field.value}, stress=True)
    except mc.MarginError as error:
        raise ScenarioError(f"{file}: {str(error).removeprefix('policy.')}") from None
    return dict(field.value)


def engine_settings(universe: Universe, policy: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of an engine: what about the instruments never changes, the policy, the intervals."""
    return {
        "policy": dict(policy),
        "benchmark": universe.benchmark,
        "rate": RATE,
        "instruments": {name: {"kind": row["kind"]} for name, row in universe.instruments.items()},
        "default_kind": "equity",
        **INTERVALS,
    }


def write_settings(file: Path, universe: Universe, policy: Mapping[str, Any]) -> None:
    """Write the settings file of an engine."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(engine_settings(universe, policy), indent=2) + "\n", encoding="utf-8")
