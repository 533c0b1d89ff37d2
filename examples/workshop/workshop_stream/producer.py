# SPDX-License-Identifier: Apache-2.0
"""Sends events: a scenario at a chosen speed, or a load of a chosen rate."""

from __future__ import annotations

import argparse
import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from datetime import datetime, timezone
from pathlib import Path

from workshop_stream.broker import PORT
from workshop_stream.events import Publisher
from workshop_stream.house import read_policy
from workshop_stream.load_events import Load, LoadEvents, Raw
from workshop_stream.opening import read_opening
from workshop_stream.scenario_events import DATA, KINDS, Moment, StreamScenario, read_universe, stream_scenario

STEP_SECONDS = 2.0
SLICE_SECONDS = 0.005
MALFORMED = "malformed"


def now_ms() -> int:
    """Return the time now, ms."""
    return time.time_ns() // 1_000_000


def load_scenario(name: str, policy: Path | None = None, opening: Path | None = None) -> StreamScenario:
    """Return a scenario that ships, with the defaults that it has for what is not given."""
    kind = KINDS[name]
    balances = opening or kind.opening
    return stream_scenario(
        name,
        read_policy(policy or kind.policy, read_universe(DATA / "universe.json")),
        read_opening(balances) if balances else None,
        now=datetime.now(timezone.utc),
    )


def play_moments(
    stream: StreamScenario, publisher: Publisher, speed: float | None, sleep: Callable[[float], None] = time.sleep
) -> Iterator[Moment]:
    """Send a scenario moment by moment, yielding each when it is in the log; ``speed`` None does not wait at all."""
    for moment in stream.moments:
        publisher.send_all(moment.events)
        yield moment
        if speed is not None and moment.step is not None:
            sleep(STEP_SECONDS / speed)


def send_load(load: Load, publisher: Publisher, seconds: float, *, setup: bool = True) -> Counter[str]:
    """Send a load for some seconds, evenly, and return how many messages went to each topic.

    Where the broker is slower than the rate, what is behind is sent as soon as it can be: the number is kept.
    """
    source, sent = LoadEvents(load, now_ms), Counter[str]()
    if setup:
        for event in source.setup():
            publisher.send(event)
            sent[event.topic] += 1
        publisher.flush()
    stream, start, done = source.events(), time.monotonic(), 0
    while True:
        elapsed = min(time.monotonic() - start, seconds)
        due = int(elapsed * load.rate)
        while done < due:
            event = next(stream)
            if isinstance(event, Raw):
                publisher.send_bytes(event.topic, event.key.encode(), event.encoded)
                sent[MALFORMED] += 1
                continue
            publisher.send(event)
            sent[event.topic] += 1
            done += 1
        if elapsed >= seconds:
            publisher.flush()
            return sent
        time.sleep(SLICE_SECONDS)


def _positive(text: str) -> float:
    value = float(text)
    if not 0 < value < float("inf"):
        raise ValueError
    return value


def parser() -> argparse.ArgumentParser:
    """Return the options of the producer."""
    options = argparse.ArgumentParser(prog="stream.py produce", description=__doc__)
    options.add_argument(
        "--brokers", default=os.environ.get("KAFKA_BROKERS") or f"localhost:{PORT}", help="default: localhost:9092"
    )
    kinds = options.add_subparsers(dest="kind", required=True)
    scenario = kinds.add_parser("scenario", help="a scenario of the workshop")
    scenario.add_argument("name", choices=list(KINDS))
    scenario.add_argument("--speed", type=_positive, default=1.0, help="2 is twice as fast (default: 1, 2 s a step)")
    scenario.add_argument("--opening", type=Path, help="opening balances in place of the scenario's")
    load = kinds.add_parser("load", help="a load")
    load.add_argument("--seconds", type=_positive, default=60.0, help="how long (default: 60)")
    load.add_argument("--no-setup", action="store_true", help="without opening balances, first fills and betas")
    for field in fields(Load):
        kind = int if isinstance(field.default, int) else float
        load.add_argument(f"--{field.name.replace('_', '-')}", type=kind, default=field.default)
    return options


def main(argv: Sequence[str] | None = None) -> int:
    """Send what was asked for."""
    arguments = parser().parse_args(argv)
    publisher = Publisher(arguments.brokers)
    if arguments.kind == "scenario":
        stream = load_scenario(arguments.name, opening=arguments.opening)
        for moment in play_moments(stream, publisher, arguments.speed):
            print(f"{moment.label}  {len(moment.events)} events  {moment.note}".rstrip(), flush=True)
        return 0
    load = Load(**{field.name: getattr(arguments, field.name) for field in fields(Load)})
    sent = send_load(load, publisher, arguments.seconds, setup=not arguments.no_setup)
    print(json.dumps(dict(sorted(sent.items()))))
    return 0
