# SPDX-License-Identifier: Apache-2.0
"""Results as engines publish them, what the pure ladder makes of them, and records as Kafka gives them."""

from __future__ import annotations

import json
import random
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import margincore as mc

WORKSHOP = Path(__file__).resolve().parents[2] / "examples" / "workshop"
sys.path.insert(0, str(WORKSHOP))

from workshop_stream.enforcement.handler import Handler  # noqa: E402
from workshop_stream.enforcement.messages import id_of  # noqa: E402

MINUTE = 60_000
START = 1_795_190_400_000  # 2026-11-20T16:00:00Z
HANDLER = Handler(mc.Ladder(), "highest_beta")


def document(price: float, cash: float = -70_000) -> dict[str, Any]:
    """1,000 shares against a debit, beta 0.5."""
    return {
        "account": {"id": "ACC", "cash": cash, "positions": [{"symbol": "XYZ", "quantity": 1000}]},
        "market": {
            "valuation_date": "2026-11-20",
            "instruments": {
                "XYZ": {"kind": "equity", "price": price, "beta": 0.5},
                "SPY": {"kind": "broad_index_etf", "price": 670.0},
            },
        },
    }


def result(account_id: str, version: int, minutes: float, price: float, **more: Any) -> dict[str, Any]:
    """Return the result of `document` at a price: 25 % of it is required, and -8 % of SPY loses 4 % of it."""
    gross = 1000 * price
    equity = gross - 70_000
    excess = equity - gross / 4
    value = {
        "account_id": account_id,
        "version": version,
        "calc_timestamp": START + round(minutes * MINUTE),
        "status": "complete",
        "total_mv": gross,
        "gross_mv": gross,
        "equity": equity,
        "maintenance_req": gross / 4,
        "excess": excess,
        "worst_stress": {"scenario": -0.08, "excess_stressed": excess - 0.04 * gross},
    }
    if excess < 0:
        value["document"] = document(price)
    return value | more


def walks(accounts: int, steps: int, seed: int) -> list[dict[str, Any]]:
    """Return results of accounts whose prices wander over the whole ladder, ten minutes a step, in order."""
    rng = random.Random(seed)
    prices = {f"ACC{i:04}": 97.0 for i in range(accounts)}
    found = []
    for step in range(steps):
        for name in prices:
            prices[name] = min(106.0, max(72.0, prices[name] + rng.choice((-6.0, -2.0, 0.0, 1.0, 5.0))))
            found.append(result(name, step, 10 * step, prices[name]))
    return found


def expected_steps(results: list[dict[str, Any]]) -> dict[str, tuple[str, str]]:
    """Return correlation id to (account, action) of every step that the pure ladder takes."""
    states: dict[str, mc.EnforcementState] = {}
    found = {}
    for value in results:
        standing = mc.Standing(
            excess=value["excess"],
            requirement=value["maintenance_req"],
            gross_value=value["gross_mv"],
            severe_move=value["worst_stress"]["scenario"],
            excess_stressed=value["worst_stress"]["excess_stressed"],
        )
        name = value["account_id"]
        states[name], events = mc.enforce(
            states.get(name, mc.EnforcementState()), standing, value["calc_timestamp"], mc.Ladder()
        )
        for event in events:
            found[id_of(name, value["version"], event.action)] = (name, event.action)
    return found


@dataclass(frozen=True)
class Record:
    """A record as a consumer gives it."""

    content: bytes | None
    number: int = 0

    def topic(self) -> str:
        return "margin.calc.v1"

    def partition(self) -> int:
        return 0

    def offset(self) -> int:
        return self.number

    def key(self) -> bytes | None:
        return b"ACC"

    def value(self) -> bytes | None:
        return self.content

    def timestamp(self) -> tuple[int, int]:
        return (1, START)


def records(values: list[dict[str, Any]], first: int = 0) -> list[Record]:
    return [Record(json.dumps(value).encode(), first + i) for i, value in enumerate(values)]
