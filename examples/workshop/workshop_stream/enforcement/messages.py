# SPDX-License-Identifier: Apache-2.0
"""What a step of the ladder says to the streams. A repeat of a step has the same ids."""

from __future__ import annotations

import base64
import json
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

import margincore as mc

from workshop_stream.enforcement.results import Result

LONGEST = 65_536  # bytes of a record that its dead letter repeats: escaped, they are below what a broker takes
NAMESPACE = uuid.UUID("5b0a4c55-5b2e-5c0e-9a57-4c6d0b5d3c1f")
CALLS, RESTRICTIONS, LIQUIDATIONS = "margin.calls.v1", "restrictions.v1", "liquidations.v1"
ORDERS, AUDIT, DEAD_LETTERS = "liquidation.orders.v1", "audit.v1", "dead_letter.v1"
OUTPUTS = (CALLS, RESTRICTIONS, LIQUIDATIONS, ORDERS, AUDIT, DEAD_LETTERS)
TOPIC_OF = {
    "WARNING": CALLS,
    "MARGIN_CALL": CALLS,
    "CALL_MET": CALLS,
    "CLOSE_ONLY": RESTRICTIONS,
    "RELEASED": RESTRICTIONS,
    "SEVERE_DEFICIENCY": LIQUIDATIONS,
}
"""Of the actions that have a message beside their audit event."""
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


@dataclass(frozen=True)
class Output:
    """A message to send, once; its id goes with it in a header."""

    id: str
    topic: str
    key: str | None
    value: str


@dataclass(frozen=True)
class Step:
    """A step of the ladder of an account, with what the streams say of it."""

    audit: dict[str, Any]
    outputs: tuple[Output, ...]


def iso(time: int) -> str:
    """Return an event time [ms] as ISO 8601 in UTC."""
    return (EPOCH + timedelta(milliseconds=time)).isoformat(timespec="milliseconds")


def id_of(account_id: str, version: int, what: str) -> str:
    """Return the id of what a result led to: the same for the same result."""
    return str(uuid.uuid5(NAMESPACE, json.dumps([account_id, version, what])))


def text_of(value: dict[str, Any]) -> str:
    """Return a value as a line of JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def step_of(result: Result, event: mc.EnforcementEvent, plan: dict[str, Any] | None) -> Step:
    """Return what a step says: its audit event, its message where it has one, the orders of a liquidation."""
    correlation_id = id_of(result.account_id, result.version, event.action)
    said = _said(result, event)
    common = {"timestamp": iso(event.time), "correlation_id": correlation_id, "version": result.version}
    outputs = []
    topic = TOPIC_OF.get(event.action)
    if topic is not None:
        value = {"account_id": result.account_id, **said, **common}
        outputs.append(Output(correlation_id, topic, result.account_id, text_of(value)))
    if plan is not None:
        order_id = id_of(result.account_id, result.version, "ORDERS")
        value = {"account_id": result.account_id, "plan_id": order_id, **plan, **common}
        outputs.append(Output(order_id, ORDERS, result.account_id, text_of(value)))
    audit = {
        "event_id": id_of(result.account_id, result.version, event.action + " AUDIT"),
        "event_type": event.action,
        "account_id": result.account_id,
        "timestamp": iso(event.time),
        "details": {**said, **_figures(result), "version": result.version, **({"plan": plan} if plan else {})},
        "correlation_id": correlation_id,
    }
    return Step(audit, tuple(outputs))


def _figures(result: Result) -> dict[str, Any]:
    assert result.standing is not None
    standing = result.standing
    return {
        "excess": standing.excess,
        "equity": result.equity,
        "maintenance_req": standing.requirement,
        "gross_mv": standing.gross_value,
        "worst_stress": {"scenario": standing.severe_move, "excess_stressed": standing.excess_stressed},
    }


def _said(result: Result, event: mc.EnforcementEvent) -> dict[str, Any]:
    """Return the fields of the workshop's topics; of an action without a topic what its audit event says."""
    assert result.standing is not None
    if event.action == "SEVERE_DEFICIENCY":
        return {"trigger": event.action, "reason": event.reason, "deficiency": event.deficiency}
    said: dict[str, Any] = {"action": event.action, "reason": event.reason}
    if event.scenario is not None:
        return {**said, "excess_stressed": event.excess_stressed, "scenario": event.scenario}
    if event.action in ("MARGIN_CALL", "CLOSE_ONLY"):
        said["deficiency"] = event.deficiency
    return {
        **said,
        "excess": event.excess,
        "equity": result.equity,
        "maintenance_req": result.standing.requirement,
    }


def dead_letter(
    place: tuple[str, int, int], key: bytes | None, value: bytes | None, timestamp: int, reason: str, where: str
) -> Output:
    """Return the message that says which record could not be read, and why."""
    topic, partition, offset = place
    letter: dict[str, Any] = {
        "topic": topic,
        "partition": partition,
        "offset": offset,
        "key": None if key is None else key[:LONGEST].decode("utf-8", "replace"),
        "reason": reason[:LONGEST],
        "where": where,
    }
    if value is not None and len(value) > LONGEST:
        letter["value_bytes"] = len(value)
        value = value[:LONGEST]
    try:
        letter["value"] = None if value is None else value.decode("utf-8")
    except UnicodeDecodeError:
        letter["value_base64"] = base64.b64encode(value or b"").decode("ascii")
    letter["timestamp"] = timestamp
    name = str(uuid.uuid5(NAMESPACE, json.dumps(["dead letter", topic, partition, offset])))
    return Output(name, DEAD_LETTERS, letter["key"], text_of(letter))
