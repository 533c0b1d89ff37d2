# SPDX-License-Identifier: Apache-2.0
"""The ladder and the planner of the core, as enforcement calls them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

import margincore as mc

from workshop_stream.enforcement.messages import Step, step_of
from workshop_stream.enforcement.results import Result, UnreadableError

Planner = Literal["highest_beta", "least_value"]


def enforce(
    state: mc.EnforcementState, result: Result, ladder: mc.Ladder, planner: Planner
) -> tuple[mc.EnforcementState, list[Step]]:
    """Return where an account stands after a complete result, and what its steps say. Pure."""
    assert result.standing is not None
    try:
        after, events = mc.enforce(state, result.standing, result.time, ladder)
    except mc.MarginError as error:  # a move that this ladder does not call severe
        where = getattr(error, "where", "")
        raise UnreadableError(str(error).removeprefix(f"{where}: "), where) from None
    steps = [
        step_of(result, event, plan_of(result, planner) if event.action == "SEVERE_DEFICIENCY" else None)
        for event in events
    ]
    return after, steps


def plan_of(result: Result, planner: Planner) -> dict[str, Any]:
    """Return the plan of a liquidation; one without orders says why."""
    if result.document is None:
        return {"planner": planner, "orders": [], "refused": "the result came without an account document"}
    try:
        plan = mc.plan_liquidation(result.document, planner).to_dict()
    except mc.MarginError as error:
        return {"planner": planner, "orders": [], "refused": str(error)}
    for order in plan["orders"]:
        order["quantity"] = int(order["quantity"])
        order["side"] = "SELL" if order["quantity"] < 0 else "BUY"
    return plan


def read_ladder(text: str) -> mc.Ladder:
    """Return the thresholds of a JSON text or file: a ladder, or a policy or settings of an engine that have one.

    Raises
    ------
    ValueError
        In one line.
    """
    try:
        if not text.lstrip().startswith("{"):
            text = Path(text).read_text(encoding="utf-8")
        value = json.loads(text)
    except OSError as error:
        raise ValueError(f"must be a file that can be read, got {error.strerror}") from None
    except ValueError as error:
        raise ValueError(f"must be JSON, got: {error}") from None
    if isinstance(value, dict) and isinstance(value.get("policy"), dict):
        value = value["policy"]
    if isinstance(value, dict) and ("ladder" in value or not value.keys() & mc.Ladder().to_dict().keys()):
        value = value.get("ladder", {})
    if not isinstance(value, dict):
        raise ValueError(f"must be an object, got {type(value).__name__}")
    try:
        return mc.Ladder.from_dict(mc.Ladder().to_dict() | value)
    except mc.MarginError as error:
        raise ValueError(str(error)) from None
