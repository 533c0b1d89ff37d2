# SPDX-License-Identifier: Apache-2.0
"""Messages of margin.calc.v1, read and checked."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any, NoReturn

import margincore as mc

LAST_TIME = 253_402_300_799_999  # 9999-12-31, ms: the last that a date can show


class UnreadableError(Exception):
    """What is wrong with a message, and where in it."""

    def __init__(self, reason: str, where: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.where = where


@dataclass(frozen=True)
class Result:
    """One result of an engine. An incomplete one has no figures."""

    account_id: str
    version: int
    time: int  # of the event, ms
    standing: mc.Standing | None
    equity: float | None
    document: dict[str, Any] | None

    @property
    def is_complete(self) -> bool:
        """Whether all that the ladder reads is known."""
        return self.standing is not None


def read_result(value: bytes | None) -> Result:
    """Return the result of a message; raise UnreadableError where it is none."""
    fields = _read_object(value)
    account_id = fields.get("account_id")
    if not isinstance(account_id, str) or not account_id:
        _refuse("account_id", "a text that is not empty", account_id)
    version = _whole(fields, "version", 0, 2**63 - 1)
    time = _whole(fields, "calc_timestamp", 0, LAST_TIME)
    status = fields.get("status", "complete")
    if status not in ("complete", "incomplete"):
        _refuse("status", "complete or incomplete", status)
    document = fields.get("document")
    if document is not None and not isinstance(document, dict):
        _refuse("document", "an object", document)
    if status == "incomplete":
        return Result(account_id, version, time, None, None, None)
    worst = fields.get("worst_stress")
    if not isinstance(worst, dict):
        _refuse("worst_stress", "an object", worst)
    standing = mc.Standing(
        excess=_number(fields, "excess"),
        requirement=_not_negative(fields, "maintenance_req"),
        gross_value=_not_negative(fields, "gross_mv"),
        severe_move=_number(worst, "scenario", "worst_stress."),
        excess_stressed=_number(worst, "excess_stressed", "worst_stress."),
    )
    return Result(account_id, version, time, standing, _number(fields, "equity"), document)


def _read_object(value: bytes | None) -> dict[str, Any]:
    if value is None:
        raise UnreadableError("must be a JSON object, got nothing")
    try:
        fields = json.loads(value.decode("utf-8"), parse_constant=_refuse_constant)
    except UnicodeDecodeError:
        raise UnreadableError("must be JSON in UTF-8, got other bytes") from None
    except json.JSONDecodeError as error:
        raise UnreadableError(f"must be JSON, got: {error.msg} at character {error.pos}") from None
    except (ValueError, RecursionError) as error:  # a number too long, too deep
        raise UnreadableError(f"must be JSON, got: {error}") from None
    if not isinstance(fields, dict):
        raise UnreadableError(f"must be a JSON object, got {type(fields).__name__}")
    return fields


def _refuse_constant(text: str) -> NoReturn:
    raise UnreadableError(f"must be JSON, got {text}")


def _refuse(where: str, must: str, got: Any) -> NoReturn:
    text = repr(got)
    longest = 60
    raise UnreadableError(f"must be {must}, got {text if len(text) <= longest else text[:longest] + '...'}", where)


def _whole(fields: dict[str, Any], name: str, low: int, high: int) -> int:
    value = fields.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        _refuse(name, f"a whole number from {low} to {high}", value)
    return value


def _number(fields: dict[str, Any], name: str, place: str = "") -> float:
    value = fields.get(name)
    try:
        figure = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
    except OverflowError:
        figure = math.nan
    if not math.isfinite(figure):
        _refuse(place + name, "a finite number", value)
    return figure


def _not_negative(fields: dict[str, Any], name: str) -> float:
    value = _number(fields, name)
    if value < 0:
        _refuse(name, "zero or more", value)
    return value
