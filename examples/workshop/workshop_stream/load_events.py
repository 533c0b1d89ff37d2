# SPDX-License-Identifier: Apache-2.0
"""A load of events for measurements and fault tests: any number of accounts, positions and symbols. Seeded."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from workshop_stream import events
from workshop_stream.errors import StreamError
from workshop_stream.events import NAMESPACE, Event

MALFORMED: tuple[tuple[str, bytes], ...] = (
    ("fills.v1", b"not json"),
    ("fills.v1", b""),
    ("fills.v1", b"\xff\xfe\x00"),
    ("fills.v1", b'{"account_id": "ACC_LOAD_000000", "symbol": "L0000", "qty": "many"}'),
    ("fills.v1", b'{"account_id": "ACC_LOAD_000000"}'),
    ("prices.v1", b'{"symbol": "L0000", "price": -1, "timestamp": 1790000000000}'),
    ("prices.v1", b'{"symbol": "L0000", "price": NaN, "timestamp": 1790000000000}'),
    ("prices.v1", b"[]"),
    ("betas.v1", b'{"symbol": "", "beta": 1, "timestamp": 1790000000000}'),
    ("cash.v1", b'{"account_id": "ACC_LOAD_000000", "amount": 1e400, "timestamp": 1790000000000}'),
)
REMEMBERED = 1000  # of the latest fills and cash events, to send again
LATE_MS = 60_000
LARGEST_STEP = 0.002  # of one price to the next


@dataclass(frozen=True)
class Load:
    """How much of what. Rates are per second; shares are of the events of the rates."""

    accounts: int = 200
    positions: int = 5
    symbols: int = 50
    prices_rate: float = 900.0
    fills_rate: float = 100.0
    cash_share: float = 0.01
    """Of the fills' events: deposits and withdrawals in place of a fill."""
    duplicates: float = 0.0
    """Fills and cash events that are sent once more, unchanged."""
    late: float = 0.0
    """Prices with a time a minute ago."""
    malformed: float = 0.0
    """Messages that cannot be read, besides the others."""
    seed: int = 1

    def __post_init__(self) -> None:
        for name in ("accounts", "positions", "symbols"):
            if getattr(self, name) < 1:
                raise StreamError(f"{name}: must be at least 1, got {getattr(self, name)}")
        if min(self.prices_rate, self.fills_rate) < 0 or self.rate == 0:
            raise StreamError("rates: must not be negative, and one of them above 0")

    @property
    def rate(self) -> float:
        """Events per second, without those that are malformed or sent again."""
        return self.prices_rate + self.fills_rate


@dataclass(frozen=True)
class Raw:
    """A message that is no event."""

    topic: str
    key: str
    encoded: bytes


class LoadEvents:
    """The events of a load; ``clock`` gives the event time in ms."""

    def __init__(self, load: Load, clock: Callable[[], int]) -> None:
        self.load = load
        self._clock = clock
        self._random = random.Random(load.seed)
        self._numbers = iter(range(10**12))
        self._prices = [round(self._random.uniform(20, 400), 2) for _ in range(load.symbols)]
        self._betas = [round(self._random.uniform(0.5, 2.0), 2) for _ in range(load.symbols)]
        self._sent: list[Event] = []

    def symbol(self, number: int) -> str:
        """Return the name of a symbol."""
        return f"L{number:04}"

    def account(self, number: int) -> str:
        """Return the name of an account."""
        return f"ACC_LOAD_{number:06}"

    def held(self, account: int) -> list[int]:
        """Return the symbols of an account, spread over all of them."""
        step = max(1, self.load.symbols // self.load.positions)
        return [(account + i * step) % self.load.symbols for i in range(min(self.load.positions, self.load.symbols))]

    def setup(self) -> Iterator[Event]:
        """Yield what is known and held at the start: betas, volatilities, prices, opening balances, fills."""
        now = self._clock()
        yield events.price("SPY", 450.0, now)
        yield events.beta("SPY", 1.0, now)
        for number, (amount, beta) in enumerate(zip(self._prices, self._betas, strict=True)):
            yield events.beta(self.symbol(number), beta, now)
            yield events.volatility(self.symbol(number), round(self._random.uniform(0.1, 0.6), 3), now)
            yield events.price(self.symbol(number), amount, now)
        for account in range(self.load.accounts):
            name, quantity = self.account(account), 100
            worth = sum(quantity * self._prices[number] for number in self.held(account))
            # Leverage from none to what is just above the requirement, so that some accounts are called.
            yield events.cash(
                name, round(worth * self._random.uniform(0.35, 1.0), 2), "OPENING", now, f"opening:{name}"
            )
            for number in self.held(account):
                yield self._fill(account, number, quantity, now)

    def _fill(self, account: int, number: int, quantity: int, time: int) -> Event:
        fill_id = str(uuid.uuid5(NAMESPACE, f"load/{self.load.seed}/{next(self._numbers)}"))
        price = self._prices[number]
        return events.fill(self.account(account), self.symbol(number), quantity, price, time, fill_id)

    def events(self) -> Iterator[Event | Raw]:
        """Yield the events of the rates without end, prices and fills mixed as their rates are."""
        load, chance = self.load, self._random.random
        of_prices = load.prices_rate / load.rate
        while True:
            if chance() < load.malformed:
                topic, value = self._random.choice(MALFORMED)
                yield Raw(topic, "malformed", value)
            if chance() < of_prices:
                yield self._price()
            else:
                event = self._cash() if chance() < load.cash_share else self._trade()
                self._remember(event)
                yield event
                if self._sent and chance() < load.duplicates:
                    yield self._random.choice(self._sent)

    def _price(self) -> Event:
        number = self._random.randrange(self.load.symbols)
        if self._random.random() < self.load.late:
            return events.price(self.symbol(number), self._prices[number] * 2, self._clock() - LATE_MS)
        step = self._random.uniform(-LARGEST_STEP, LARGEST_STEP)
        self._prices[number] = max(1.0, round(self._prices[number] * (1 + step), 4))
        return events.price(self.symbol(number), self._prices[number], self._clock())

    def _trade(self) -> Event:
        account = self._random.randrange(self.load.accounts)
        number = self._random.choice(self.held(account))
        quantity = self._random.choice((-10, -5, -1, 1, 5, 10))
        return self._fill(account, number, quantity, self._clock())

    def _cash(self) -> Event:
        name = self.account(self._random.randrange(self.load.accounts))
        amount = self._random.choice((-500.0, -100.0, 100.0, 500.0, 1000.0))
        cash_id = str(uuid.uuid5(NAMESPACE, f"load/{self.load.seed}/cash/{next(self._numbers)}"))
        return events.cash(name, amount, "DEPOSIT" if amount > 0 else "WITHDRAWAL", self._clock(), cash_id)

    def _remember(self, event: Event) -> None:
        if len(self._sent) < REMEMBERED:
            self._sent.append(event)
        else:
            self._sent[self._random.randrange(REMEMBERED)] = event
