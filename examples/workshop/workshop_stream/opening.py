# SPDX-License-Identifier: Apache-2.0
"""Opening balances: cash before the first fill, from a file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from workshop_demo.fields import Field

from workshop_stream import events
from workshop_stream.events import Event


def read_opening(file: Path) -> dict[str, float]:
    """Return the opening balances of a file by account, USD."""
    keys = Field.read(file).object(("schema", "accounts"))
    if keys["schema"].value != 1:
        keys["schema"].fail("must be 1")
    balances: dict[str, float] = {}
    for item in keys["accounts"].items():
        row = item.object(("account_id", "cash"))
        account_id = row["account_id"].text()
        if account_id in balances:
            row["account_id"].fail("must stand once")
        balances[account_id] = row["cash"].number()
    return balances


def opening_events(balances: Mapping[str, float], timestamp: int) -> list[Event]:
    """Return the cash events that open accounts; a rerun has the same, so they count once."""
    return [
        events.cash(account_id, amount, "OPENING", timestamp, f"opening:{account_id}")
        for account_id, amount in balances.items()
    ]
