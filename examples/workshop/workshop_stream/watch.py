# SPDX-License-Identifier: Apache-2.0
"""Reads what the streams give while a launcher does other things, shows it, and keeps it for the check at the end."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from rich.console import Console

from workshop_stream.expected import AUDIT, AUDITED, Seen
from workshop_stream.lines import format_event, status_of
from workshop_stream.observer import Reader
from workshop_stream.processes import Child

SHOWN = (
    "margin.calc.v1",
    "margin.calls.v1",
    "restrictions.v1",
    "liquidations.v1",
    "liquidation.orders.v1",
    "dead_letter.v1",
    "audit.v1",
)
RESULTS_A_SECOND = 20
POLL_SECONDS = 0.1


class Watch:
    """The outputs of the streams, shown a line each; the programs are looked after meanwhile.

    Results come in such numbers that some are left out: of an account in good standing all but the first where
    ``calm`` is set, and what is above a rate that can be read, with their count.
    """

    def __init__(
        self, brokers: str, console: Console, children: Sequence[Child], *, beginning: bool, calm: bool
    ) -> None:
        self.seen = Seen()
        self.results = 0
        self._reader = Reader(brokers, SHOWN, beginning=beginning)
        self._console = console
        self._children = children
        self._calm = calm
        self._statuses: dict[str, str] = {}
        self._second, self._shown, self._left_out = 0, 0, 0

    def until(self, ready: Callable[[], bool], seconds: float) -> bool:
        """Read until something is so and say whether it came to be; StreamError when a program ends meanwhile."""
        deadline = time.monotonic() + seconds
        while not ready():
            if time.monotonic() >= deadline:
                return False
            self._read_one()
        return True

    def during(self, seconds: float) -> None:
        """Read for a while."""
        self.until(lambda: False, seconds)

    def close(self) -> None:
        """Stop reading."""
        self._reader.close()

    def _read_one(self) -> None:
        message = self._reader.poll(POLL_SECONDS)
        for child in self._children if message is None else ():
            child.check()
        self._count_left_out()
        if message is None or not isinstance(message[1], dict):
            return
        topic, value = message
        if self.seen.take(topic, value) and self._is_shown(topic, value):
            self._console.print(format_event(topic, value))

    def _is_shown(self, topic: str, value: dict[str, Any]) -> bool:
        if topic == AUDIT:  # what else it has is in the topics beside it
            return value.get("event_type") in AUDITED
        if topic != "margin.calc.v1":
            return True
        self.results += 1
        account_id, status = value["account_id"], status_of(topic, value)
        before, self._statuses[account_id] = self._statuses.get(account_id), status
        if self._calm and (status == "incomplete" or (status == "good" and before in ("good", "incomplete"))):
            return status == "good" and before == "incomplete"
        if self._shown >= RESULTS_A_SECOND:
            self._left_out += 1
            return False
        self._shown += 1
        return True

    def _count_left_out(self) -> None:
        second = int(time.monotonic())
        if second == self._second:
            return
        if self._left_out:
            self._console.print(f"... and {self._left_out} more results", style="dim")
        self._second, self._shown, self._left_out = second, 0, 0
