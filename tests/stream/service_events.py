# SPDX-License-Identifier: Apache-2.0
"""Events for the tests of the service: made from a seed, with repeats, late prices and rubbish among them."""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Iterator

from confluent_kafka import Producer

SYMBOLS = {"SPY": 450.0, "NVDA": 400.0, "AAPL": 175.0, "KO": 60.0, "TSLA": 200.0}
ACCOUNTS = [f"ACC_{number:03d}" for number in range(40)]
Event = tuple[str, str, bytes]


def event(topic: str, key: str, **fields: object) -> Event:
    """Return a message: topic, key, value."""
    return topic, key, json.dumps(fields).encode()


def opening(now: int, rng: random.Random) -> list[Event]:
    """Return betas, first prices and balances."""
    events = []
    for symbol, price in SYMBOLS.items():
        events.append(event("betas.v1", symbol, symbol=symbol, beta=rng.choice([0.6, 1.0, 1.8]), timestamp=now))
        events.append(event("prices.v1", symbol, symbol=symbol, price=price, timestamp=now))
    for account in ACCOUNTS[:-1]:  # nobody knows what the last one has
        cash_id = str(uuid.UUID(int=rng.getrandbits(128)))
        events.append(
            event("cash.v1", account, account_id=account, amount=20000, type="OPENING", timestamp=now, cash_id=cash_id)
        )
    return events


def trading(count: int, now: int, rng: random.Random) -> Iterator[Event]:
    """Yield fills and prices, 4 of 10 events fills: some come again, some prices are late, some messages unreadable."""
    fills: list[Event] = []
    for i in range(count):
        time = now + i
        symbol = rng.choice(list(SYMBOLS))
        price = round(SYMBOLS[symbol] * rng.uniform(0.7, 1.3), 2)
        kind = rng.random()
        if kind < 0.4:
            account = rng.choice(ACCOUNTS)
            fill_id = str(uuid.UUID(int=rng.getrandbits(128)))
            fills.append(
                event(
                    "fills.v1", account, account_id=account, symbol=symbol, qty=rng.randint(-20, 30), price=price,
                    timestamp=time, fill_id=fill_id,
                )
            )  # fmt: skip
            yield fills[-1]
        elif kind < 0.45 and fills:
            yield rng.choice(fills)
        elif kind < 0.47:
            yield rng.choice(["fills.v1", "prices.v1", "cash.v1"]), "?", rng.randbytes(12)
        else:
            late = 5000 if kind < 0.5 else 0
            yield event("prices.v1", symbol, symbol=symbol, price=price, timestamp=time - late)


def send(brokers: str, events: list[Event]) -> None:
    """Write events to the log, in order, each once."""
    producer = Producer({"bootstrap.servers": brokers, "linger.ms": 1, "enable.idempotence": True})
    for topic, key, value in events:
        producer.produce(topic, value, key)
        producer.poll(0)
    assert producer.flush(60) == 0
