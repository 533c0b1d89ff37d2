# SPDX-License-Identifier: Apache-2.0
"""Ticks: a query without messages runs no batch, so the driver says through the log that time has passed."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from margincore.spark._topics import CLOCK

PERIOD = 0.25  # s


class Ticker:
    """Sends ticks while an engine may hold something back, and none when all is quiet.

    What an engine does depends on the timestamps that the log gives to ticks and messages, never on this clock.

    Parameters
    ----------
    brokers : str
        Addresses, as Kafka's clients take them.
    silence : float
        Seconds without a message after which an engine holds nothing back.
    """

    def __init__(self, brokers: str, silence: float) -> None:
        from confluent_kafka import Producer

        self._producer = Producer({"bootstrap.servers": brokers, "linger.ms": 0, "log_level": 2})
        self._silence = silence
        self._offsets: dict[str, Any] = {}
        self._last_news = 0.0

    def start(self) -> None:
        """Take it that something is held back: a run before this one may have left it."""
        self._last_news = time.monotonic()

    def see(self, progress: dict[str, Any] | None) -> None:
        """Take note of how far the query is in the topics, as its progress says."""
        offsets = _offsets(progress)
        if offsets and offsets != self._offsets:
            self._offsets = offsets
            self._last_news = time.monotonic()

    def tick(self) -> None:
        """Send a tick, unless nothing came for so long that all is written."""
        self._producer.poll(0)
        if time.monotonic() - self._last_news > self._silence + 2 * PERIOD:
            return
        value = json.dumps({"timestamp": int(time.time() * 1000)})
        try:
            self._producer.produce(CLOCK, value.encode(), on_delivery=_say_failure)
        except BufferError:  # a broker away for so long that its client is full: the next one will do
            return

    def close(self) -> None:
        """Wait a moment for what is on its way."""
        self._producer.flush(1)


def _offsets(progress: dict[str, Any] | None) -> dict[str, Any]:
    """Return the offsets by topic that a query has reached, without those of ticks."""
    if not progress or not progress["sources"]:
        return {}
    reached = progress["sources"][0]["endOffset"]
    reached = json.loads(reached) if isinstance(reached, str) else reached
    return {topic: offsets for topic, offsets in (reached or {}).items() if topic != CLOCK}


def _say_failure(error: Any, _message: Any) -> None:
    if error is not None:
        print(f"{CLOCK}: a tick was not written: {error}", file=sys.stderr, flush=True)
