# SPDX-License-Identifier: Apache-2.0
"""Messages that are wrong, late, repeated, out of order or of another time, among good ones."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from enforcement_process import wait_until
from system import Messages
from workshop_stream.events import Event
from workshop_stream.load_events import Load, Raw

MALFORMED, MALFORMED_SHORT = 10_000, 300
OTHERS, OTHERS_SHORT = 20_000, 1_500
LOAD = Load(accounts=60, prices_rate=1200.0, fills_rate=300.0)
HOUR = 3_600_000  # ms
NEAR, AHEAD = 50_000, 70_000  # ms, about the 60 s that an event may be ahead

engines = pytest.mark.parametrize("engine", ["service", "spark"])


@pytest.fixture
def play(systems: Callable[..., Any], tell: Any) -> Callable[..., None]:
    """Send so many of the messages of a load, and check what became of them."""

    def run(engine: str, load: Load, count: int, sent: str, change: Callable[[Messages], Messages] = iter) -> None:
        if engine == "spark":
            pytest.importorskip("pyspark", reason="the extra `spark` is not installed")
        system = systems(engine, load=load, change=change)
        system.wait_for_results()
        system.flow.start()
        wait_until(lambda: (system.flow.bad if sent == "malformed" else len(system.flow.good)) >= count, 600)
        tell(system.check())

    return run


@engines
def test_malformed(play: Callable[..., None], is_full: bool, engine: str) -> None:
    play(engine, replace(LOAD, malformed=0.5), MALFORMED if is_full else MALFORMED_SHORT, "malformed", with_large)


@engines
def test_repeated_late_and_reordered(play: Callable[..., None], is_full: bool, engine: str) -> None:
    load = replace(LOAD, duplicates=0.5, late=0.3)
    play(engine, load, OTHERS if is_full else OTHERS_SHORT, "good", shuffled)


@engines
def test_clocks_that_jump(play: Callable[..., None], is_full: bool, engine: str) -> None:
    play(engine, LOAD, OTHERS if is_full else OTHERS_SHORT, "good", jumping)


def with_large(events: Messages) -> Messages:
    """Yield the events, and now and then rubbish that is nearly as large as a broker takes: its letter must not be."""
    for number, event in enumerate(events):
        if number % 200 == 100:
            yield Raw("fills.v1", "malformed", bytes(900_000))
        yield event


def shuffled(events: Messages) -> Messages:
    """Yield the events with 200 at a time in another order."""
    rng = random.Random(7)
    while True:
        some = [next(events) for _ in range(200)]
        rng.shuffle(some)
        yield from some


def jumping(events: Messages) -> Messages:
    """Yield the events with a clock that is now an hour late, now nearly a minute ahead, now more than that.

    What is too far ahead is as good as malformed.
    """
    rng = random.Random(8)
    while True:
        jump = rng.choice([0, -HOUR, NEAR, AHEAD])
        for _ in range(rng.randrange(1, 60)):
            event = next(events)
            assert isinstance(event, Event)
            moved = replace(event, value={**event.value, "timestamp": event.value["timestamp"] + jump})
            yield Raw(moved.topic, moved.key, moved.encoded) if jump == AHEAD else moved
