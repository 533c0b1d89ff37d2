# SPDX-License-Identifier: Apache-2.0
"""Playing a scenario: what margincore makes of every account at every step. Pure: the same files, the same figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import margincore as mc

from workshop_demo.fields import ScenarioError

if TYPE_CHECKING:
    from workshop_demo.scenario import Participant, Scenario, Step, Universe


@dataclass(frozen=True)
class Standing:
    """Where an account stands after a step, and what happened to it in the step."""

    account_id: str
    report: mc.Report
    state: mc.EnforcementState
    events: tuple[mc.EnforcementEvent, ...]

    @property
    def worst(self) -> mc.StressPoint:
        """The stress scenario that leaves the least excess."""
        return min(self.report.stress or (), key=lambda point: point.excess)

    @property
    def status(self) -> str:
        """The highest step of the ladder that holds, and the call where it is hidden by a higher one."""
        status = str(self.state.status)
        hidden = self.state.call_issued_at is not None and status == "RESTRICTED"
        return f"{status}, CALL" if hidden else status


@dataclass(frozen=True)
class PlayedStep:
    """A step, and every account after it in the order of the scenario."""

    step: Step
    standings: tuple[Standing, ...]


@dataclass(frozen=True)
class Playback:
    """A scenario with all of its figures."""

    scenario: Scenario
    universe: Universe
    steps: tuple[PlayedStep, ...]

    @property
    def account_ids(self) -> tuple[str, ...]:
        """The accounts, in the order of the scenario."""
        return tuple(participant.account.id for participant in self.scenario.participants)

    @property
    def focus(self) -> tuple[str, ...]:
        """The accounts that something happened to; the first one where nothing happened to any."""
        eventful = tuple(name for name in self.account_ids if self.actions(name))
        return eventful or self.account_ids[:1]

    def of(self, account_id: str) -> tuple[Standing, ...]:
        """Return one account after every step."""
        index = self.account_ids.index(account_id)
        return tuple(played.standings[index] for played in self.steps)

    def actions(self, account_id: str) -> tuple[str, ...]:
        """Return everything that happened to an account, in order."""
        return tuple(event.action for standing in self.of(account_id) for event in standing.events)

    @property
    def not_triggered(self) -> tuple[str, ...]:
        """The actions that the scenario announces and that no account saw."""
        seen = {action for name in self.account_ids for action in self.actions(name)}
        return tuple(action for action in self.scenario.announces if action not in seen)


def account_document(participant: Participant, universe: Universe, step: Step) -> dict[str, Any]:
    """Return the document that margincore evaluates: an account at the prices and on the date of a step."""
    return {
        "schema": 1,
        "account": {
            "id": participant.account.id,
            "cash": participant.account.cash,
            "positions": [{"symbol": name, "quantity": n} for name, n in participant.account.positions.items()],
        },
        "market": {
            "valuation_date": step.time.date().isoformat(),
            "benchmark": universe.benchmark,
            "instruments": {name: {**row, "price": step.prices[name]} for name, row in universe.instruments.items()},
        },
        "policy": dict(participant.policy),
    }


def _place(scenario: Scenario, universe: Universe, account: int, step: int, where: str) -> str:
    """Return the place in the demo's files of a place in an account document."""
    if where == "market.valuation_date":
        return f"{scenario.file}: steps[{step}].time"
    if where.startswith("market."):
        return f"{universe.file}: {where.removeprefix('market.')}"
    if where == "stress":  # enforcement found no severe move in it
        return f"{scenario.file}: accounts[{account}].policy.stress_moves"
    if where.startswith("policy"):
        return f"{scenario.file}: accounts[{account}].{where}"
    return f"{scenario.file}: accounts[{account}] at steps[{step}]"


def play(scenario: Scenario, universe: Universe) -> Playback:
    """Return what happens to every account of a scenario, step by step.

    Raises ScenarioError where margincore refuses an account; the error names the file and the place.
    """
    states = [mc.EnforcementState() for _ in scenario.participants]
    steps = []
    for number, step in enumerate(scenario.steps):
        standings = []
        for index, participant in enumerate(scenario.participants):
            try:
                report = mc.evaluate(account_document(participant, universe, step), stress=True)
                ladder = mc.Ladder(**participant.policy.get("ladder", {}))
                states[index], events = mc.enforce(states[index], report, step.milliseconds, ladder)
            except mc.MarginError as error:
                place = _place(scenario, universe, index, number, error.where)
                message = str(error).removeprefix(f"{error.where}: ")
                raise ScenarioError(f"{place}: {message}") from None
            standings.append(Standing(participant.account.id, report, states[index], tuple(events)))
        steps.append(PlayedStep(step, tuple(standings)))
    return Playback(scenario, universe, tuple(steps))
