# SPDX-License-Identifier: Apache-2.0
"""What enforcement remembers: an interface behind which any store with transactions can stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import margincore as mc

from workshop_stream.enforcement.audit import Line
from workshop_stream.enforcement.chain import Head
from workshop_stream.enforcement.messages import Output

Place = tuple[str, int]
"""A topic and one of its partitions."""


class StoreError(Exception):
    """Why the store cannot be read or written, in one line."""


@dataclass(frozen=True)
class AccountState:
    """Where an account stands, and the newest result that was seen of it."""

    state: mc.EnforcementState = field(default_factory=mc.EnforcementState)
    version: int = -1


@dataclass
class Batch:
    """What some messages led to; written as a whole or not at all."""

    accounts: dict[str, AccountState] = field(default_factory=dict)
    offsets: dict[Place, int] = field(default_factory=dict)  # of the next message to read
    outputs: list[Output] = field(default_factory=list)
    audit: list[dict[str, Any]] = field(default_factory=list)  # events; each is also sent, with its place in the chain
    notices: list[str] = field(default_factory=list)  # values of messages, as JSON


class Store(Protocol):
    """States, offsets and everything that is still to be delivered."""

    def account(self, account_id: str) -> AccountState:
        """Return what is known of an account."""
        ...

    def offsets(self) -> Mapping[Place, int]:
        """Return where to go on reading, by partition."""
        ...

    def commit(self, batch: Batch) -> None:
        """Write a batch, linking its audit events to the chain; raise StoreError and write nothing where it fails."""
        ...

    def unsent(self, limit: int) -> Sequence[tuple[int, Output]]:
        """Return the outputs that are not known to be delivered, in order, with their numbers."""
        ...

    def sent(self, numbers: Sequence[int], search_from: Mapping[Place, int]) -> None:
        """Forget delivered outputs; whatever is not delivered yet will not be before these offsets of its topic."""
        ...

    def search_from(self) -> Mapping[Place, int]:
        """Return the offsets from which an output may be found that is not known to be delivered."""
        ...

    def unwritten(self, limit: int) -> Sequence[Line]:
        """Return the audit records that are not known to be in the trail, in order."""
        ...

    def written(self, head: Head) -> None:
        """Forget audit records that the trail has."""
        ...

    def written_head(self) -> Head:
        """Return the end of the trail as far as it is known to be written."""
        ...

    def notices(self, limit: int) -> Sequence[tuple[int, str]]:
        """Return what nobody is known to have been notified of, in order, with its numbers."""
        ...

    def noticed(self, numbers: Sequence[int]) -> None:
        """Forget notices that were delivered."""
        ...

    def close(self) -> None:
        """Release the store."""
        ...
