# SPDX-License-Identifier: Apache-2.0
"""How long does one account document of 20 positions take through `margincore.evaluate`?

Baseline: the workshop's own arithmetic in Python (25 % of the market value, no lines, no checks) on the same dict,
and json.loads of the same document, in the same run. The answer is checked against that arithmetic first.
"""

from __future__ import annotations

import json
import platform
import timeit
from typing import Any

import margincore as mc

POSITIONS = 20
CALLS, REPEATS = 1000, 7


def document() -> dict[str, Any]:
    """An account with 20 long positions and a debit balance."""
    symbols = [f"S{i:02d}" for i in range(POSITIONS)]
    return {
        "schema": 1,
        "account": {
            "id": "BENCH",
            "cash": -20_000.0,
            "positions": [{"symbol": symbol, "quantity": 100 + i} for i, symbol in enumerate(symbols)],
        },
        "market": {
            "valuation_date": "2026-11-20",
            "instruments": {
                symbol: {"kind": "equity", "price": 20.0 + i, "beta": 1.1} for i, symbol in enumerate(symbols)
            },
        },
    }


def workshop_arithmetic(account: dict[str, Any]) -> tuple[float, float, float]:
    """Equity, maintenance and excess as the workshop's scripts compute them."""
    prices = account["market"]["instruments"]
    value = sum(p["quantity"] * prices[p["symbol"]]["price"] for p in account["account"]["positions"])
    equity = account["account"]["cash"] + value
    maintenance = 0.25 * value
    return equity, maintenance, equity - maintenance


def microseconds(call: Any) -> float:
    """Best of several repeats, a call."""
    return min(timeit.repeat(call, number=CALLS, repeat=REPEATS)) / CALLS * 1e6


def main() -> None:
    """Check the answer, then time it."""
    account = document()
    text = json.dumps(account).encode()
    report = mc.evaluate(account)
    figures = (report.equity, report.requirement.maintenance, report.excess.maintenance)
    expected = workshop_arithmetic(account)
    if any(abs(a - b) > 1e-6 for a, b in zip(figures, expected, strict=True)):
        raise SystemExit(f"wrong answer: {figures}, expected {expected}")

    print(f"{platform.machine()}, Python {platform.python_version()}, {POSITIONS} positions, best of {REPEATS}")
    baseline = microseconds(lambda: json.loads(text))
    for name, call in (
        ("json.loads of the document (baseline)", lambda: json.loads(text)),
        ("workshop's arithmetic, three figures", lambda: workshop_arithmetic(account)),
        ("mc.evaluate(dict)", lambda: mc.evaluate(account)),
        ("mc.evaluate(bytes)", lambda: mc.evaluate(text)),
        ("mc.evaluate(dict).to_dict()", lambda: mc.evaluate(account).to_dict()),
        ("mc.evaluate(dict, stress=True)", lambda: mc.evaluate(account, stress=True)),
    ):
        taken = microseconds(call)
        print(f"{name:40s} {taken:8.1f} us  {taken / baseline:6.2f} x baseline")


if __name__ == "__main__":
    main()
