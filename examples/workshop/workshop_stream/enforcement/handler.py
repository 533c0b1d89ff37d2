# SPDX-License-Identifier: Apache-2.0
"""What messages of margin.calc.v1 lead to: read, taken through the ladder, gathered into one batch."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import margincore as mc

from workshop_stream.enforcement.ladder import Planner, enforce
from workshop_stream.enforcement.messages import TOPIC_OF, dead_letter
from workshop_stream.enforcement.results import UnreadableError, read_result
from workshop_stream.enforcement.store import AccountState, Batch, Store

RESULTS = "margin.calc.v1"


class Message(Protocol):
    """What is read of a record of Kafka."""

    def topic(self) -> str: ...
    def partition(self) -> int: ...
    def offset(self) -> int: ...
    def key(self) -> bytes | None: ...
    def value(self) -> bytes | None: ...
    def timestamp(self) -> tuple[int, int]: ...


@dataclass(frozen=True)
class Handler:
    """The rules of enforcement: which ladder, which planner."""

    ladder: mc.Ladder
    planner: Planner

    def handle(self, store: Store, messages: Iterable[Message]) -> Batch:
        """Return what some messages lead to, in order; nothing is written."""
        batch = Batch()
        for message in messages:
            topic, partition, offset = message.topic(), message.partition(), message.offset()
            batch.offsets[topic, partition] = offset + 1
            try:
                self._take(store, batch, message.value())
            except UnreadableError as error:
                place = (topic, partition, offset)
                time = message.timestamp()[1]
                letter = dead_letter(place, message.key(), message.value(), time, error.reason, error.where)
                batch.outputs.append(letter)
        return batch

    def _take(self, store: Store, batch: Batch, value: bytes | None) -> None:
        result = read_result(value)
        known = batch.accounts.get(result.account_id) or store.account(result.account_id)
        if result.version <= known.version:
            return  # a repeat
        state = known.state
        if result.is_complete:
            state, steps = enforce(state, result, self.ladder, self.planner)
            for step in steps:
                batch.outputs.extend(step.outputs)
                batch.audit.append(step.audit)
                batch.notices.extend(o.value for o in step.outputs if o.topic in TOPIC_OF.values())
        batch.accounts[result.account_id] = AccountState(state, result.version)
