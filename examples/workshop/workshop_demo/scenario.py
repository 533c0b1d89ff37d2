# SPDX-License-Identifier: Apache-2.0
"""The universe, the accounts and the scenarios of the workshop, read from their files and checked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from workshop_demo.fields import Field

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ACTIONS = (
    "WARNING",
    "MARGIN_CALL",
    "CALL_MET",
    "CLOSE_ONLY",
    "SEVERE_DEFICIENCY",
    "LIQUIDATION_ENDED",
    "RELEASED",
    "ACTIVE",
)


@dataclass(frozen=True)
class Universe:
    """The instruments, as an account document has them, and the benchmark that they are measured against."""

    file: Path
    benchmark: str
    instruments: Mapping[str, Mapping[str, Any]]

    def prices_after(self, move: float) -> dict[str, float]:
        """Return every price after a move of the benchmark: price x (1 + beta x move), USD."""
        return {name: row["price"] * (1 + row["beta"] * move) for name, row in self.instruments.items()}


@dataclass(frozen=True)
class Account:
    """Cash after the purchases [USD] and signed quantities by symbol."""

    id: str
    cash: float
    positions: Mapping[str, float]


@dataclass(frozen=True)
class Participant:
    """An account in a scenario, with the policy of its house as an account document has it."""

    account: Account
    policy: Mapping[str, Any]


@dataclass(frozen=True)
class Step:
    """One moment of a scenario."""

    time: datetime
    move: float
    """Of the benchmark since the universe's prices, a fraction."""
    prices: Mapping[str, float]
    """Of every instrument, USD."""
    note: str

    @property
    def milliseconds(self) -> int:
        """The event time, since 1970-01-01 UTC."""
        return round(self.time.timestamp() * 1000)


@dataclass(frozen=True)
class Scenario:
    """A story, the accounts in it and its steps in order of time."""

    file: Path
    title: str
    story: tuple[str, ...]
    announces: tuple[str, ...]
    """Actions that the scenario's author promised."""
    participants: tuple[Participant, ...]
    steps: tuple[Step, ...]

    def label(self, step: Step) -> str:
        """Return the time of a step as it is shown, with seconds where the scenario needs them."""
        seconds = ":%S" if any(other.time.second for other in self.steps) else ""
        return step.time.strftime(f"%d %b %H:%M{seconds}")


def _positive(field: Field) -> float:
    number = field.number()
    if number <= 0:
        field.fail("must be above 0")
    return number


def read_universe(file: Path) -> Universe:
    """Return the universe that a file describes."""
    top = Field.read(file).object(("benchmark", "instruments"))
    instruments = {}
    for symbol, row in top["instruments"].fields().items():
        keys = row.object(("kind", "price", "beta", "volatility"))
        instruments[symbol] = {
            "kind": keys["kind"].text(),
            "price": _positive(keys["price"]),
            "beta": keys["beta"].number(),
            "volatility": _positive(keys["volatility"]),
        }
    return Universe(file, top["benchmark"].one_of(tuple(instruments), "a symbol of the universe"), instruments)


def read_accounts(file: Path, universe: Universe) -> dict[str, Account]:
    """Return the accounts of a file by their ids."""
    accounts: dict[str, Account] = {}
    for item in Field.read(file).object(("accounts",))["accounts"].items():
        keys = item.object(("id", "cash", "positions"))
        positions = {}
        for symbol, quantity in keys["positions"].fields().items():
            if symbol not in universe.instruments:
                quantity.fail(f"must be a symbol of {universe.file.name}", repr(symbol))
            positions[symbol] = quantity.number()
            if positions[symbol] == 0:
                quantity.fail("must not be 0")
        account = Account(keys["id"].text(), keys["cash"].number(), positions)
        if account.id in accounts:
            keys["id"].fail("must stand once")
        accounts[account.id] = account
    return accounts


def _time(field: Field) -> datetime:
    text = field.text()
    try:
        time = datetime.fromisoformat(text[:-1] + "+00:00" if text.endswith("Z") else text)
    except ValueError:
        field.fail("must be a time like 2026-10-05T09:45-04:00")
    if time.tzinfo is None:
        field.fail("must say its offset from UTC, like -04:00")
    return time


def _step(field: Field, universe: Universe) -> Step:
    keys = field.object(("time", "move"), ("prices", "note"))
    move = keys["move"].number()
    prices = universe.prices_after(move)
    for symbol, price in prices.items():
        if price <= 0:
            keys["move"].fail("must leave every price above 0", f"{keys['move'].value}: {symbol} at {price:.2f}")
    if "prices" in keys:
        for symbol, price_field in keys["prices"].fields().items():
            if symbol not in prices:
                price_field.fail(f"must be a symbol of {universe.file.name}", repr(symbol))
            prices[symbol] = _positive(price_field)
    return Step(_time(keys["time"]), move, prices, keys["note"].text() if "note" in keys else "")


def _participants(field: Field, accounts: Mapping[str, Account]) -> tuple[Participant, ...]:
    participants: list[Participant] = []
    for item in field.items():
        keys = item.object(("id",), ("policy",))
        account = accounts[keys["id"].one_of(tuple(accounts), "an account of accounts.json")]
        if any(other.account is account for other in participants):
            keys["id"].fail("must stand once")
        policy = keys["policy"].value if "policy" in keys else {}
        if not isinstance(policy, dict):
            keys["policy"].fail("must be an object")
        participants.append(Participant(account, policy))
    return tuple(participants)


def read_scenario(file: Path, universe: Universe, accounts: Mapping[str, Account]) -> Scenario:
    """Return the scenario that a file describes."""
    keys = Field.read(file).object(("title", "accounts", "steps"), ("story", "announces"))
    steps: list[Step] = []
    for item in keys["steps"].items():
        step = _step(item, universe)
        if steps and step.time <= steps[-1].time:
            item.object(("time", "move"), ("prices", "note"))["time"].fail("must be later than the step before")
        steps.append(step)
    return Scenario(
        file=file,
        title=keys["title"].text(),
        story=tuple(item.text() for item in keys["story"].items()) if "story" in keys else (),
        announces=tuple(item.one_of(ACTIONS, "an action") for item in keys["announces"].items())
        if "announces" in keys
        else (),
        participants=_participants(keys["accounts"], accounts),
        steps=tuple(steps),
    )
