# SPDX-License-Identifier: Apache-2.0
"""The scenarios of the workshop as events in order of time. Pure: the same files, the same events."""

from __future__ import annotations

import math
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from workshop_demo.fields import ScenarioError
from workshop_demo.scenario import Account, Scenario, Step, Universe, read_accounts, read_scenario, read_universe

from workshop_stream import events
from workshop_stream.events import NAMESPACE, Event
from workshop_stream.opening import opening_events

DATA = Path(__file__).resolve().parent.parent / "data"
OPENING = DATA / "stream" / "opening.json"
RULE, HOUSE = DATA / "stream" / "policy_rule.json", DATA / "stream" / "policy_house.json"
# What is known and held before the first step, in seconds before it.
BETAS_BEFORE, CASH_BEFORE, PRICES_BEFORE, FILLS_BEFORE = 5, 4, 3, 2
WEEK = timedelta(weeks=1)


@dataclass(frozen=True)
class Kind:
    """A scenario that ships: its file, and what is the default of its options."""

    file: Path
    policy: Path
    opening: Path | None
    accounts: tuple[str, ...] | None = None
    """Those of the file's accounts that take part; None for all."""
    held_only: bool = False
    """Whether prices and betas come for what the accounts hold and the benchmark alone, and no volatility."""


KINDS = {
    "workshop": Kind(DATA / "stream" / "workshop.json", HOUSE, None),
    "original": Kind(DATA / "scenarios" / "1_original.json", RULE, OPENING, ("ACC_DEMO_001",), held_only=True),
}


@dataclass(frozen=True)
class Moment:
    """Events that belong together, at one time."""

    label: str
    note: str
    timestamp: int
    events: tuple[Event, ...]
    step: Step | None
    """The step of the scenario; None of what comes before it."""


@dataclass(frozen=True)
class StreamScenario:
    """A scenario with its events. The accounts in it have the cash that they are left with after their fills."""

    name: str
    universe: Universe
    scenario: Scenario
    moments: tuple[Moment, ...]

    @property
    def opening_step(self) -> Step:
        """The moment of the fills as a step, at the prices that they were made at."""
        first = self.scenario.steps[0]
        time = first.time - timedelta(seconds=FILLS_BEFORE)
        return Step(time, 0.0, self.universe.prices_after(0.0), "positions opened")


def weeks_back(scenario: Scenario, now: datetime) -> int:
    """Return by how many weeks a scenario must be earlier to be over now: no engine takes events of the future."""
    ahead = scenario.steps[-1].time - now
    return max(0, math.ceil(ahead / WEEK))


def opening_balances(scenario: Scenario, universe: Universe) -> dict[str, float]:
    """Return the cash that every account needs before its purchases: what is left after them and what they cost."""
    return {
        participant.account.id: participant.account.cash + cost(participant.account, universe)
        for participant in scenario.participants
    }


def cost(account: Account, universe: Universe) -> float:
    """Return what the positions of an account cost at the universe's prices, USD; short sales bring in."""
    return math.fsum(quantity * universe.instruments[name]["price"] for name, quantity in account.positions.items())


def whole(account: Account, symbol: str, file: Path) -> int:
    """Return a quantity as a fill has it, whole."""
    quantity = account.positions[symbol]
    if quantity != int(quantity):
        raise ScenarioError(f"{file}: {account.id}: positions.{symbol}: must be whole to be a fill, got {quantity}")
    return int(quantity)


def _with_cash(scenario: Scenario, universe: Universe, balances: Mapping[str, float]) -> Scenario:
    participants = []
    for participant in scenario.participants:
        account = participant.account
        cash = balances[account.id] - cost(account, universe)
        # As an engine has them: the last digit of a sum depends on the order of what is added.
        positions = dict(sorted(account.positions.items()))
        participants.append(replace(participant, account=replace(account, cash=cash, positions=positions)))
    return replace(scenario, participants=tuple(participants))


def _moments(
    name: str, scenario: Scenario, universe: Universe, balances: Mapping[str, float], held_only: bool
) -> list[Moment]:
    held = {symbol for participant in scenario.participants for symbol in participant.account.positions}
    symbols = [s for s in universe.instruments if not held_only or s in held or s == universe.benchmark]
    opened = [symbol for symbol in symbols if not held_only or symbol in held]
    first = scenario.steps[0].milliseconds

    def before(seconds: int, note: str, found: list[Event]) -> Moment:
        return Moment("before", note, first - 1000 * seconds, tuple(found), None)

    rows = universe.instruments
    time = first - 1000 * BETAS_BEFORE
    known = [events.beta(symbol, rows[symbol]["beta"], time) for symbol in symbols]
    if not held_only:
        known += [events.volatility(symbol, rows[symbol]["volatility"], time) for symbol in symbols]
    time = first - 1000 * FILLS_BEFORE
    fills = [
        events.fill(
            participant.account.id,
            symbol,
            whole(participant.account, symbol, scenario.file),
            rows[symbol]["price"],
            time,
            str(uuid.uuid5(NAMESPACE, f"{name}/{participant.account.id}/{symbol}")),
        )
        for participant in scenario.participants
        for symbol in participant.account.positions
    ]
    time = first - 1000 * PRICES_BEFORE
    moments = [
        before(BETAS_BEFORE, "betas" if held_only else "betas and volatilities", known),
        before(CASH_BEFORE, "opening balances", opening_events(balances, first - 1000 * CASH_BEFORE)),
        before(PRICES_BEFORE, "prices", [events.price(symbol, rows[symbol]["price"], time) for symbol in opened]),
        before(FILLS_BEFORE, "fills", fills),
    ]
    for step in scenario.steps:
        found = tuple(events.price(symbol, step.prices[symbol], step.milliseconds) for symbol in symbols)
        moments.append(Moment(scenario.label(step), step.note, step.milliseconds, found, step))
    return moments


def stream_scenario(
    name: str,
    policy: Mapping[str, object],
    opening: Mapping[str, float] | None = None,
    *,
    now: datetime | None = None,
    data: Path = DATA,
) -> StreamScenario:
    """Return a scenario that ships, under a policy, with its events.

    ``opening`` has balances before the purchases in place of those that leave what the accounts' file says. A scenario
    whose end is after ``now`` is played as many weeks earlier as it takes.
    """
    kind = KINDS[name]
    universe = read_universe(data / "universe.json")
    scenario = read_scenario(kind.file, universe, read_accounts(data / "accounts.json", universe))
    weeks = weeks_back(scenario, now) if now is not None else 0
    scenario = replace(
        scenario,
        participants=tuple(
            replace(participant, policy=policy)
            for participant in scenario.participants
            if kind.accounts is None or participant.account.id in kind.accounts
        ),
        steps=tuple(replace(step, time=step.time - weeks * WEEK) for step in scenario.steps),
    )
    balances = {**opening_balances(scenario, universe), **(opening or {})}
    scenario = _with_cash(scenario, universe, balances)
    return StreamScenario(name, universe, scenario, tuple(_moments(name, scenario, universe, balances, kind.held_only)))
