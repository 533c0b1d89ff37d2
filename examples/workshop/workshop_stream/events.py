# SPDX-License-Identifier: Apache-2.0
"""Events as they go into the topics, and who publishes them."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from confluent_kafka import KafkaException, Producer

from workshop_stream.broker import client_settings
from workshop_stream.errors import StreamError

NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "workshop.margincore")
FLUSH_SECONDS = 120.0
PARTITIONER = {"partitioner": "murmur2_random"}  # a key goes where the Java and the Python clients put it


@dataclass(frozen=True)
class Event:
    """A message: its topic, its key and its value."""

    topic: str
    key: str
    value: dict[str, Any]

    @property
    def encoded(self) -> bytes:
        """The value as it is sent: JSON in UTF-8, numbers to their last digit."""
        return json.dumps(self.value).encode()


def fill(account_id: str, symbol: str, quantity: int, price: float, timestamp: int, fill_id: str) -> Event:
    """Return a fill; quantity is signed, price in USD, timestamp in ms."""
    value = {
        "account_id": account_id,
        "symbol": symbol,
        "qty": quantity,
        "price": price,
        "timestamp": timestamp,
        "fill_id": fill_id,
    }
    return Event("fills.v1", account_id, value)


def price(symbol: str, amount: float, timestamp: int) -> Event:
    """Return a price, USD."""
    return Event("prices.v1", symbol, {"symbol": symbol, "price": amount, "timestamp": timestamp})


def beta(symbol: str, amount: float, timestamp: int) -> Event:
    """Return a beta to the benchmark."""
    return Event("betas.v1", symbol, {"symbol": symbol, "beta": amount, "timestamp": timestamp})


def volatility(symbol: str, amount: float, timestamp: int) -> Event:
    """Return a volatility, a fraction a year."""
    return Event("volatility.v1", symbol, {"symbol": symbol, "volatility": amount, "timestamp": timestamp})


def cash(account_id: str, amount: float, kind: str, timestamp: int, cash_id: str) -> Event:
    """Return a cash event; kind is OPENING, DEPOSIT or WITHDRAWAL, amount signed in USD."""
    value = {
        "account_id": account_id,
        "amount": amount,
        "type": kind,
        "timestamp": timestamp,
        "cash_id": cash_id,
    }
    return Event("cash.v1", account_id, value)


class Publisher:
    """Sends events, each once and in order within a partition."""

    def __init__(self, brokers: str) -> None:
        self._brokers = brokers
        self._producer = Producer(
            {**client_settings(brokers), "enable.idempotence": True, "linger.ms": 1, **PARTITIONER}
        )
        self._error: str | None = None

    def _delivered(self, error: Any, _: Any) -> None:
        if error is not None:
            self._error = error.str()

    def send(self, event: Event) -> None:
        """Send an event; it is on its way when this returns, and in the log after ``flush``."""
        self.send_bytes(event.topic, event.key.encode(), event.encoded)

    def send_bytes(self, topic: str, key: bytes | None, value: bytes | None) -> None:
        """Send a message as it is; where an earlier one was lost, that is said now."""
        if self._error:
            raise StreamError(f"the broker at {self._brokers} did not take everything: {self._error}")
        while True:
            try:
                self._producer.produce(topic, value, key, on_delivery=self._delivered)
                break
            except BufferError:  # the broker is slower than we are
                self._producer.poll(0.1)
            except KafkaException as error:
                raise StreamError(f"topic {topic} takes no message: {error.args[0].str()}") from None
        self._producer.poll(0)

    def send_all(self, events: Iterable[Event]) -> None:
        """Send events and wait until all of them are in the log."""
        for event in events:
            self.send(event)
        self.flush()

    def flush(self) -> None:
        """Wait until everything that was sent is in the log."""
        left = self._producer.flush(FLUSH_SECONDS)
        if left or self._error:
            why = self._error or f"{left} messages not delivered in {FLUSH_SECONDS:.0f} s"
            raise StreamError(f"the broker at {self._brokers} did not take everything: {why}")
