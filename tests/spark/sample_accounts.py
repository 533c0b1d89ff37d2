# SPDX-License-Identifier: Apache-2.0
"""A seeded book with some of everything that can be wrong in it."""

from __future__ import annotations

import random
from typing import Any

import pyarrow as pa

MARKET = {"valuation_date": "2026-11-20"}
OPTION = "S1    270115C00100000"


def book(count: int) -> tuple[pa.Table, pa.Table, pa.Table]:
    """Return positions in random order, instruments and accounts."""
    seeded = random.Random(20261120)
    symbols = [f"S{i}" for i in range(30)]
    instruments = pa.table(
        {
            "symbol": [*symbols, OPTION],
            "kind": [*["equity"] * 30, None],
            "price": [*(round(seeded.uniform(1, 300), 2) for _ in symbols), 2.5],
            "beta": [*(round(seeded.uniform(0.2, 2), 2) for _ in symbols), None],
        }
    )
    rows: list[dict[str, Any]] = []
    for i in range(count):
        chosen = seeded.sample(symbols, seeded.randrange(8))
        rows += [{"account_id": f"ACC{i}", "symbol": s, "quantity": float(seeded.randint(-50, 200))} for s in chosen]
    rows += [
        {"account_id": "ACC1", "symbol": OPTION, "quantity": -1.0},
        {"account_id": "ACC2", "symbol": "UNKNOWN", "quantity": 1.0},
        {"account_id": "ACC3", "symbol": "S1", "quantity": float("nan")},
        {"account_id": "STRANGER", "symbol": "S1", "quantity": 1.0},
    ]
    seeded.shuffle(rows)
    ids = [f"ACC{i}" for i in range(count)]
    cash: list[float | None] = [round(seeded.uniform(-20_000, 50_000), 2) for _ in ids]
    cash[4] = None
    accounts = pa.table({"account_id": [*ids, "ACC5"], "cash": [*cash, 1.0]})
    return pa.Table.from_pylist(rows), instruments, accounts
