# SPDX-License-Identifier: Apache-2.0
"""One chain of hashes over all records of the audit trail, so that a change of any shows in all that follow."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

GENESIS = "0" * 64


@dataclass(frozen=True)
class Head:
    """The end of a chain: how many records it has, and the hash of the last."""

    sequence: int = 0
    hash: str = GENESIS


def canonical(record: dict[str, Any]) -> str:
    """Return the one JSON text of a record: sorted keys, no spaces, ASCII."""
    return json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def link(head: Head, event: dict[str, Any]) -> tuple[Head, str]:
    """Return the chain with one more event, and the line that records it."""
    record = {**event, "sequence": head.sequence + 1, "previous_hash": head.hash}
    digest = hash_of(head.hash, record)
    return Head(head.sequence + 1, digest), canonical({**record, "hash": digest})


def hash_of(previous: str, record: dict[str, Any]) -> str:
    """Return the hash of a record, from the one before it and all that it says beside its own hash."""
    said = {key: value for key, value in record.items() if key != "hash"}
    return hashlib.sha256((previous + canonical(said)).encode("ascii")).hexdigest()


def read_record(line: bytes) -> dict[str, Any] | None:
    """Return the record of a line; None where it is none, or not written as records are."""
    try:
        record = json.loads(line)
        if not (
            isinstance(record, dict)
            and isinstance(record["sequence"], int)
            and isinstance(record["hash"], str)
            and isinstance(record["previous_hash"], str)
            and canonical(record).encode("ascii") == line
        ):
            return None
        partition_of(record)
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return record


def partition_of(record: dict[str, Any]) -> str:
    """Return the folder that a record belongs to by its event time, UTC."""
    time = datetime.fromisoformat(record["timestamp"])
    return f"date={time:%Y-%m-%d}/hour={time:%H}"
