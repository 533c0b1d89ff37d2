# SPDX-License-Identifier: Apache-2.0
"""What a scenario must come to by the pure functions of margincore, and whether the streams came to exactly that."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from workshop_demo.play import Playback, play

from workshop_stream.scenario_events import StreamScenario

AUDITED = ("ACTIVE", "LIQUIDATION_ENDED")
"""The steps of the ladder without a message beside their audit event."""
OWED = ("MARGIN_CALL", "SEVERE_DEFICIENCY")
ACTION_FIELDS = {"margin.calls.v1": "action", "restrictions.v1": "action", "liquidations.v1": "trigger"}
AUDIT = "audit.v1"
ORDER = (
    "LIQUIDATION_ENDED",
    "CALL_MET",
    "RELEASED",
    "WARNING",
    "MARGIN_CALL",
    "CLOSE_ONLY",
    "SEVERE_DEFICIENCY",
    "ACTIVE",
)
FIGURES = ("equity", "maintenance_req", "excess")


@dataclass(frozen=True, order=True)
class LadderEvent:
    """A step of the ladder, at its event time in ms; the amount is the deficiency of a call or a liquidation, USD."""

    timestamp: int
    action: str
    amount: float | None = None


def milliseconds(iso: str) -> int:
    """Return the event time of an output message, which is ISO 8601 with an offset."""
    time = datetime.fromisoformat(iso[:-1] + "+00:00" if iso.endswith("Z") else iso)
    if time.tzinfo is None:
        raise ValueError(f"must say its offset from UTC, got {iso!r}")
    return round(time.timestamp() * 1000)


def ladder_event(topic: str, value: Mapping[str, Any]) -> LadderEvent | None:
    """Return the step of the ladder that a message of enforcement tells of; None where it tells of none."""
    action = value.get("event_type" if topic == AUDIT else ACTION_FIELDS.get(topic, ""))
    if action is None or (topic == AUDIT and action not in AUDITED):
        return None
    return LadderEvent(milliseconds(value["timestamp"]), action, value["deficiency"] if action in OWED else None)


def pure(stream: StreamScenario) -> Playback:
    """Return what margincore's functions make of a scenario, from the moment of the fills."""
    scenario = replace(stream.scenario, steps=(stream.opening_step, *stream.scenario.steps))
    return play(scenario, stream.universe)


def pure_ladder(playback: Playback) -> dict[str, list[LadderEvent]]:
    """Return the steps of the ladder by account."""
    found: dict[str, list[LadderEvent]] = {name: [] for name in playback.account_ids}
    for played in playback.steps:
        for standing in played.standings:
            for event in standing.events:
                amount = event.deficiency if event.action in OWED else None
                found[standing.account_id].append(LadderEvent(played.step.milliseconds, event.action, amount))
    return found


def pure_figures(playback: Playback) -> dict[tuple[str, int], tuple[float, ...]]:
    """Return the figures that must be published by account and event time."""
    return {
        (standing.account_id, played.step.milliseconds): (
            standing.report.equity,
            standing.report.requirement.total,
            standing.report.excess.total,
        )
        for played in playback.steps
        for standing in played.standings
    }


@dataclass
class Seen:
    """What came out of the streams."""

    ladder: dict[str, dict[str, LadderEvent]] = field(default_factory=dict)
    """By account and correlation: a message that is repeated counts once, a call that is issued twice twice."""
    results: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict)
    """The newest version of margin.calc.v1 by account and event time."""
    versions: dict[str, int] = field(default_factory=dict)
    dead_letters: int = 0

    def take(self, topic: str, value: Mapping[str, Any]) -> bool:
        """Take a message in and say whether it is new; a repeat, by its account and version, is not."""
        account_id = str(value.get("account_id"))
        if topic == "dead_letter.v1":
            self.dead_letters += 1
        elif topic == "margin.calc.v1":
            version = int(value["version"])
            if version <= self.versions.get(account_id, -1):
                return False
            self.versions[account_id] = version
            self.results[account_id, int(value["calc_timestamp"])] = dict(value)
        else:
            event = ladder_event(topic, value)
            if event is not None:
                events = self.ladder.setdefault(account_id, {})
                name = f"{event.action} {value['correlation_id']}"
                if name in events:
                    return False
                events[name] = event
        return True

    def events(self, account_id: str) -> list[LadderEvent]:
        """Return the steps of an account in order of time."""
        return sorted(self.ladder.get(account_id, {}).values(), key=_by_time)

    def has_results_of(self, account_ids: Iterable[str], timestamp: int) -> bool:
        """Say whether every account has a complete result of a moment."""
        return all(self.results.get((name, timestamp), {}).get("status") == "complete" for name in account_ids)


def _by_time(event: LadderEvent) -> tuple[int, int]:
    """Two steps of one moment in the order in which the ladder takes them."""
    return event.timestamp, ORDER.index(event.action) if event.action in ORDER else len(ORDER)


def differences(seen: Seen, playback: Playback) -> list[str]:
    """Return where the streams differ from the pure functions, a line each; nothing where they are exactly equal."""
    found = []
    for name, expected in pure_ladder(playback).items():
        events, wanted = seen.events(name), sorted(expected, key=_by_time)
        if events != wanted:
            found.append(f"{name}: ladder: must be {_names(wanted)}, got {_names(events)}")
    for (name, timestamp), figures in pure_figures(playback).items():
        result = seen.results.get((name, timestamp))
        for key, figure in zip(FIGURES, figures, strict=True) if result else ():
            if result[key] != figure:
                found.append(f"{name} at {timestamp}: {key}: must be {figure!r}, got {result[key]!r}")
    for name, timestamp in changed(playback):
        if (name, timestamp) not in seen.results:
            found.append(f"{name} at {timestamp}: no result")
    found += [
        f"{name}: steps of the ladder, but not in the scenario"
        for name in seen.ladder
        if name not in playback.account_ids
    ]
    if seen.dead_letters:
        found.append(f"{seen.dead_letters} dead letters")
    return found


def changed(playback: Playback) -> list[tuple[str, int]]:
    """Return the accounts and times at which a price that an account holds moved: each has a result."""
    found = []
    for before, after in itertools.pairwise(playback.steps):
        moved = {name for name, price in after.step.prices.items() if price != before.step.prices[name]}
        found += [
            (participant.account.id, after.step.milliseconds)
            for participant in playback.scenario.participants
            if moved & participant.account.positions.keys()
        ]
    return found


def _names(events: list[LadderEvent]) -> str:
    parts = [
        f"{event.action}@{event.timestamp}" + (f" ({event.amount!r})" if event.amount is not None else "")
        for event in events
    ]
    return ", ".join(parts) or "nothing"
