# SPDX-License-Identifier: Apache-2.0
"""What several tests need: the contract's example account, seeded random ones, and what no schema can say."""

from __future__ import annotations

import random
from typing import Any

Document = dict[str, Any]


def example_document() -> Document:
    """The example of the document contract without its option: 500 NVDA at 400.00 against a debit of 120,000."""
    return {
        "schema": 1,
        "account": {
            "id": "ACC_1",
            "type": "margin",
            "cash": -120_000.00,
            "positions": [{"symbol": "NVDA", "quantity": 500}],
        },
        "market": {
            "valuation_date": "2026-11-20",
            "rate": 0.043,
            "benchmark": "SPY",
            "instruments": {
                "NVDA": {"kind": "equity", "price": 400.00, "beta": 1.8, "volatility": 0.42},
                "SPY": {"kind": "broad_index_etf", "price": 670.00},
            },
        },
        "policy": {"rulebook": "finra-2026"},
    }


def random_document(seed: int, *, add_ons: bool = False) -> Document:
    """A valid account of stock: both sides, boxed positions, leveraged funds, low prices, no loan value."""
    draw = random.Random(seed)
    instruments: Document = {"SPY": {"kind": "broad_index_etf", "price": 670.0, "volatility": 0.18}}
    positions = []
    for i in range(draw.randint(0, 12)):
        symbol = f"S{i}"
        kind = draw.choice(["equity", "etf", "broad_index_etf"])
        entry: Document = {
            "kind": kind,
            "price": round(draw.choice([draw.uniform(0.01, 10), draw.uniform(10, 900)]), 2),
            "beta": round(draw.uniform(-1, 3), 2),
            "volatility": round(draw.uniform(0.05, 0.9), 2),
        }
        if kind != "equity" and draw.random() < 0.5:
            entry["leverage"] = draw.choice([-3, -2, -1, 2, 3])
        if draw.random() < 0.1:
            entry["marginable"] = False
        instruments[symbol] = entry
        if draw.random() < 0.15:
            positions.append({"symbol": symbol, "long": draw.randint(1, 500), "short": draw.randint(0, 500)})
        else:
            positions.append({"symbol": symbol, "quantity": draw.choice([-1, 1]) * draw.randint(1, 1000)})
    policy: Document = {}
    if add_ons:
        policy["add_ons"] = [{"id": "concentration"}, {"id": "volatility"}, {"id": "beta_leverage"}]
        policy["house_rates"] = {"S0": {"long": 0.4, "short": 0.5}, "S1": {"long": 0.3}}
    return {
        "account": {"id": f"R{seed}", "cash": round(draw.uniform(-200_000, 500_000), 2), "positions": positions},
        "market": {"valuation_date": "2026-11-20", "instruments": instruments},
        "policy": policy,
    }


# What no schema can say, by what the reader's message says: rules between two values, and what evaluating needs or
# does not compute yet.
READER_ONLY = (
    "must stand once in positions",
    "must name each symbol once",
    "must name each add-on once",
    "must have one band for each threshold",
    "must not have a lower rate in a higher band",
    "must not have a higher rate in a higher band",
    "must have a band above 0 where rates run down",
    "must be given for what the account holds",
    "must not have expired before the valuation date",
    "must agree with the option symbol",
    "must be 1 for the benchmark itself",
    "must not be before",
    "must be whole contracts",
    "method is not built yet",
    "margin of kind",
    "must be given where",
    "must have figures up to",
)

# A schema sees a month 13, and no February 30.
CALENDAR = "a day of the calendar"
