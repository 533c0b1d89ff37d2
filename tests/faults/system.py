# SPDX-License-Identifier: Apache-2.0
"""Broker, engine, enforcement and a flow of events, each a process that can be killed; and the check of them all.

What was sent is kept by the sender, in plain Python, so that the log itself is checked too.
"""

from __future__ import annotations

import json
import math
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from enforcement_process import Enforcement, audited, check, wait_until
from enforcement_support import expected_steps
from job_process import Job
from margincore.stream import Replayed, read_kafka_log, replay
from service_process import SETTINGS, Service, read_topics
from workshop_stream.broker import Broker, free_port
from workshop_stream.events import Event, Publisher
from workshop_stream.load_events import Load, LoadEvents, Raw
from workshop_stream.producer import now_ms
from workshop_stream.topics import create_topics

LOAD = Load(accounts=60, prices_rate=320.0, fills_rate=80.0, duplicates=0.05, late=0.05, malformed=0.01)
TIDE, EBB = 8_000, 0.3  # ms from one high of the market to the next, and the part that it loses between them
PATIENCE = 600.0  # s: Spark on a machine that is busy
Messages = Iterator[Event | Raw]


def with_tides(events: Messages) -> Messages:
    """Yield the events of a market that falls and rises, so that the ladder has steps to take."""
    for event in events:
        if event.topic == "prices.v1" and isinstance(event, Event):
            value = dict(event.value)
            value["price"] = round(value["price"] * (1 - EBB * math.sin(math.pi * value["timestamp"] / TIDE) ** 2), 4)
            yield replace(event, value=value)
        else:
            yield event


class Flow(threading.Thread):
    """Events at an even rate until it is ended, whatever becomes of the broker; keeps what it has sent."""

    def __init__(self, brokers: str, events: Messages, rate: float) -> None:
        super().__init__(daemon=True)
        self.good: list[Event] = []
        self.bad = 0
        self._publisher = Publisher(brokers)
        self._events, self._rate = events, rate
        self._ends = threading.Event()
        self._error: Exception | None = None

    def send(self, event: Event | Raw) -> None:
        """Send an event, and remember it."""
        if isinstance(event, Raw):
            self._publisher.send_bytes(event.topic, event.key.encode(), event.encoded)
            self.bad += 1
        else:
            self._publisher.send(event)
            self.good.append(event)

    def run(self) -> None:
        """Send what is due, and what was due while the broker was away."""
        try:
            start = time.monotonic()
            for number, event in enumerate(self._events):
                while number > (time.monotonic() - start) * self._rate and not self._ends.wait(0.005):
                    pass
                if self._ends.is_set():
                    return
                self.send(event)
        except Exception as error:  # told by `end`, in the thread of the test
            self._error = error

    def end(self) -> None:
        """Send no more, and wait until the log has everything."""
        self._ends.set()
        if self.is_alive():
            self.join()
        if self._error:
            raise self._error
        self._publisher.flush()


class System:
    """The whole, as a context. ``change`` makes other events of those of the load."""

    def __init__(
        self, folder: Path, engine: str, load: Load = LOAD, change: Callable[[Messages], Messages] = iter
    ) -> None:
        self._folder = folder
        self._jobs: list[Job] = []
        self._service: Service | None = None
        with ExitStack() as ends:
            self.broker = ends.enter_context(Broker(free_port(), folder / "kafka", say=lambda _: None))
            self.brokers = self.broker.brokers
            create_topics(self.brokers)
            source = LoadEvents(load, now_ms)
            self.flow = Flow(self.brokers, change(with_tides(source.events())), load.rate)
            for event in source.setup():
                self.flow.send(event)
            if engine == "service":
                options = ["--snapshot", str(folder / "snapshot"), "--snapshot-interval", "2"]
                self._service = ends.enter_context(Service(self.brokers, folder, *options, group="engine"))
            else:
                self._start_job(ends)
            self._enforcement = ends.enter_context(Enforcement(self.brokers, folder))
            self._ends = ends.pop_all()

    def _start_job(self, ends: ExitStack) -> None:
        self._jobs.append(ends.enter_context(Job(self.brokers, SETTINGS, self._folder)))

    def wait_for_results(self) -> None:
        """Wait until the engine has said something."""
        self._wait("first results", lambda: bool(self._results()))

    def kill(self, part: str) -> None:
        """End a part as a power cut does, and start it again."""
        if part == "job":
            self._jobs[-1].kill()
            self._start_job(self._ends)
        else:
            parts = {"broker": self.broker, "service": self._service, "enforcement": self._enforcement}
            parts[part].kill()
            parts[part].start()

    def check(self) -> str:
        """End the flow, wait until everything is answered, check all of it against what was sent; say what it was."""
        self.flow.end()
        batch = replay(read_kafka_log(self.brokers), SETTINGS)
        self._check_log(batch)
        self._wait("the results of a batch", lambda: not batch.differences(self._newest()), batch)
        self._check_dead_letters(batch)
        taken = self._taken()
        steps = expected_steps(taken)
        self._wait("every step of the ladder", lambda: {*steps} <= {*audited(self.brokers)})
        assert self._enforcement.stop() == 0, self._enforcement.log()
        check(self.brokers, self._enforcement, taken)
        counts = batch.engine.counts
        return (
            f"{counts['fills']} fills, {counts['repeated']} repeats, {counts['dead_letters']} dead letters, "
            f"{len(self._results())} results, {len(steps)} steps of the ladder: as a batch over the log"
        )

    def _check_log(self, batch: Replayed) -> None:
        """The log has what was sent, and it is counted once: cash and shares are those of a ledger in plain Python."""
        micros: Counter[str] = Counter()
        shares: Counter[tuple[str, str]] = Counter()
        for value in {e.value.get("fill_id", e.value.get("cash_id")): e.value for e in self.flow.good}.values():
            if "fill_id" in value:
                shares[value["account_id"], value["symbol"]] += value["qty"]
                micros[value["account_id"]] -= round(value["qty"] * value["price"] * 1e6)
            elif "cash_id" in value:
                micros[value["account_id"]] += round(value["amount"] * 1e6)
        assert not batch.incomplete
        assert batch.reports.keys() == micros.keys()
        for account in batch.reports:
            document = batch.engine.document(account)["account"]
            held = {position["symbol"]: position["quantity"] for position in document["positions"]}
            assert held == {symbol: n for (name, symbol), n in shares.items() if name == account and n}, account
            assert abs(document["cash"] - micros[account] / 1e6) < 1e-6, account

    def _results(self) -> list[dict[str, Any]]:
        return [json.loads(message.value()) for message in read_topics(self.brokers, {"margin.calc.v1": 3})]

    def _taken(self) -> list[dict[str, Any]]:
        """The complete results that a reader takes: of each account rising versions, each of one content."""
        versions: dict[str, int] = {}
        contents: dict[tuple[str, int], dict[str, Any]] = {}
        taken = []
        for result in self._results():
            name, version = result["account_id"], result["version"]
            assert contents.setdefault((name, version), result) == result
            if version > versions.get(name, -1):
                versions[name] = version
                taken.append(result)
        return [result for result in taken if result["status"] == "complete"]

    def _newest(self) -> dict[str, dict[str, Any]]:
        return {result["account_id"]: result for result in sorted(self._results(), key=lambda r: r["version"])}

    def _check_dead_letters(self, batch: Replayed) -> None:
        def places(letters: list[dict[str, Any]]) -> Counter[tuple[Any, ...]]:
            return Counter((letter["topic"], letter["partition"], letter["offset"]) for letter in letters)

        messages = read_topics(self.brokers, {"dead_letter.v1": 1})
        written, wanted = places([json.loads(message.value()) for message in messages]), places(batch.dead_letters)
        assert written.keys() == wanted.keys()
        assert len(wanted) >= self.flow.bad
        if self._service:  # Spark writes the letters of a batch that was killed once more
            assert written == wanted

    def _wait(self, what: str, holds: Callable[[], bool], batch: Replayed | None = None) -> None:
        try:
            wait_until(holds, PATIENCE)
        except AssertionError:
            lines = batch.differences(self._newest())[:5] if batch else []
            log = self._service.words() if self._service else self._jobs[-1].log.read_text(encoding="utf-8")
            raise AssertionError(f"{what}: not in {PATIENCE:.0f} s; {lines}; {log[-3000:]}") from None

    def __enter__(self) -> System:
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.close()
