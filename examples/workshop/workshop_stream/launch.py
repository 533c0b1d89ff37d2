# SPDX-License-Identifier: Apache-2.0
"""The whole of the streams in one command: broker, topics, engine, enforcement, a scenario, and the check of it."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console
from workshop_demo.play import Playback
from workshop_demo.words import DISCLAIMER, cents, percent, plural

from workshop_stream.broker import PORT, Broker
from workshop_stream.engines import BUILD, ENGINES, enforcement_command, engine_command, environment
from workshop_stream.errors import StreamError
from workshop_stream.events import Publisher
from workshop_stream.expected import changed, differences, pure, pure_ladder
from workshop_stream.house import read_policy, write_settings
from workshop_stream.jars import BUILD as KAFKA
from workshop_stream.lines import time_of
from workshop_stream.opening import opening_events, read_opening
from workshop_stream.processes import Child
from workshop_stream.producer import STEP_SECONDS, load_scenario, now_ms
from workshop_stream.scenario_events import DATA, KINDS, OPENING, RULE, Moment, StreamScenario, read_universe
from workshop_stream.topics import create_topics, input_messages
from workshop_stream.watch import Watch

FIRST_SECONDS, NEXT_SECONDS, LAST_SECONDS = 180.0, 60.0, 2.0
CALM_ACCOUNTS = 3  # from how many on those in good standing are not shown again and again
HTTP = "127.0.0.1:9464"
EQUAL, DIFFERENT = 0, 1
ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)  # the last when the terminal is closed


class Launcher:
    """What runs, in the order in which it was started; everything is ended in the reverse order."""

    def __init__(self, arguments: argparse.Namespace, console: Console) -> None:
        self.arguments = arguments
        self.console = console
        self.children: list[Child] = []
        self.folder: Path = arguments.folder
        self._kafka = KAFKA / "data" if self.folder == BUILD else self.folder / "kafka"
        self._start = time.monotonic()

    def say(self, text: str) -> None:
        """Say what is being done."""
        self.console.print(f"-- {text}", style="dim", markup=False)

    def run(self, ends: ExitStack) -> int:
        """Start everything, play, and return the exit status."""
        name = self.arguments.scenario
        universe = read_universe(DATA / "universe.json")
        stream = load_scenario(name, self.arguments.policy, self.arguments.opening) if name != "none" else None
        policy = read_policy(self.arguments.policy or (KINDS[name].policy if stream else RULE), universe)
        balances = read_opening(self.arguments.opening or OPENING)
        brokers = self._broker(ends, anew=stream is not None)
        created = create_topics(brokers, self.say)
        self.say(f"topics: {len(created)} created" if created else "topics: all there")
        if stream is not None and input_messages(brokers):
            raise StreamError(
                f"the input topics at {brokers} are not empty, and a scenario starts at nothing: SCENARIO=none goes on"
            )
        if stream is not None:
            self._forget()
        self._check_engine(new_log=input_messages(brokers) == 0)
        settings = self.folder / "settings.json"
        write_settings(settings, universe, policy)
        self._programs(ends, brokers, settings)
        calm = stream is not None and len(stream.scenario.participants) >= CALM_ACCOUNTS
        watch = Watch(brokers, self.console, self.children, beginning=stream is not None, calm=calm)
        ends.callback(watch.close)
        publisher = Publisher(brokers)
        if stream is None:
            publisher.send_all(opening_events(balances, now_ms()))  # of those that are there, repeats count once
            return self._run_on(watch, brokers)
        return self._play(stream, publisher, watch)

    def _check_engine(self, *, new_log: bool) -> None:
        """Refuse to go on with another engine: versions of results are of one, and readers drop those of the other."""
        file = self.folder / "engine"
        known = file.read_text(encoding="utf-8").strip() if file.exists() and not new_log else self.arguments.engine
        if known != self.arguments.engine:
            raise StreamError(
                f"the results of this log are those of ENGINE={known}, whose versions are its own: go on with it, or "
                f"stop, remove {self._kafka} and {self.folder}, and begin anew"
            )
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(self.arguments.engine, encoding="utf-8")

    def _forget(self) -> None:
        """Remove the states that an earlier run left: a scenario starts at nothing."""
        for folder in (self.folder / "audit", self.folder / "checkpoint"):
            shutil.rmtree(folder, ignore_errors=True)
        for file in self.folder.glob("enforcement.sqlite*"):
            file.unlink()

    def _broker(self, ends: ExitStack, *, anew: bool) -> str:
        if self.arguments.brokers:
            self.say(f"using the Kafka broker at {self.arguments.brokers}")
            return str(self.arguments.brokers)
        broker = Broker(self.arguments.port, self._kafka, say=self.say)
        if anew:
            broker.forget()
        return ends.enter_context(broker).brokers

    def _programs(self, ends: ExitStack, brokers: str, settings: Path) -> None:
        engine = self.arguments.engine
        command = engine_command(engine, brokers, settings, self.folder / "checkpoint", self.say)
        if engine == "service":
            command += ["--http", self.arguments.http]
        commands = {engine: command, "enforcement": enforcement_command(brokers, self.folder, settings)}
        for name, command in commands.items():
            child = Child(name, command, self.folder / f"{name}.log", environment=environment())
            self.say(f"{name} runs (log: {child.log})")
            self.children.append(child)
            ends.callback(child.stop, self.say)

    def _run_on(self, watch: Watch, brokers: str) -> int:
        self.say(f"everything runs on {brokers}; Ctrl+C stops it")
        try:
            while True:
                watch.during(3600)
        except KeyboardInterrupt:
            return EQUAL

    def _play(self, stream: StreamScenario, publisher: Publisher, watch: Watch) -> int:
        playback = pure(stream)
        self.console.print(stream.scenario.title, style="bold")
        for moment in stream.moments:
            self._announce(stream, moment)
            publisher.send_all(moment.events)
            sent = time.monotonic()
            self._wait(stream, playback, watch, moment, NEXT_SECONDS if moment.step else FIRST_SECONDS)
            pause = STEP_SECONDS / self.arguments.speed if moment.step is not None else 0.0
            watch.during(max(0.0, pause - (time.monotonic() - sent)))
        watch.during(LAST_SECONDS)
        return self._sum_up(playback, watch)

    def _announce(self, stream: StreamScenario, moment: Moment) -> None:
        if moment.step is None:
            self.say(f"{moment.note}: {plural(len(moment.events), 'event')}")
            return
        benchmark = stream.universe.benchmark
        price, move = moment.step.prices[benchmark], moment.step.move
        time_, note = time_of({"timestamp": moment.timestamp}), moment.note
        line = f"{time_}  {benchmark} {cents(price)} {percent(move)}  {note}".rstrip()
        self.console.print(line, style="bold", markup=False)

    def _wait(self, stream: StreamScenario, playback: Playback, watch: Watch, moment: Moment, seconds: float) -> None:
        """Read until the results and the ladder's steps of a moment are here; an error where results do not come."""
        opened = stream.opening_step.milliseconds
        if moment.timestamp < opened:
            return
        names = [name for name, time_ in changed(playback) if time_ == moment.timestamp]
        if moment.timestamp == opened:
            names = list(playback.account_ids)
        counts = {
            name: sum(event.timestamp <= moment.timestamp for event in found)
            for name, found in pure_ladder(playback).items()
        }
        seen = watch.seen

        def arrived() -> bool:
            return seen.has_results_of(names, moment.timestamp)

        def enforced() -> bool:
            return all(len(seen.ladder.get(name, ())) >= count for name, count in counts.items())

        if not watch.until(arrived, seconds):
            missing = [name for name in names if not seen.has_results_of([name], moment.timestamp)]
            raise StreamError(f"no result of {', '.join(missing)} in {seconds:.0f} s; logs are in {self.folder}")
        if moment.timestamp == opened:
            self.say(f"all accounts have a result {time.monotonic() - self._start:.0f} s after the start")
        watch.until(enforced, NEXT_SECONDS)

    def _sum_up(self, playback: Playback, watch: Watch) -> int:
        self.console.print()
        for name in playback.account_ids:
            actions = [event.action for event in watch.seen.events(name)]
            self.console.print(f"{name:<20}  {' > '.join(actions) or 'no action'}")
        found = differences(watch.seen, playback)
        if found:
            self.console.print(
                f"{plural(len(found), 'difference')} from margincore's pure functions:", style="bold red"
            )
            for line in found:
                self.console.print(f"  {line}", markup=False)
            return DIFFERENT
        steps = sum(len(events) for events in watch.seen.ladder.values())
        self.console.print(
            f"{plural(watch.results, 'result')} and {plural(steps, 'step')} of the ladder, to the last digit what "
            "margincore's pure functions give.",
            style="green",
        )
        self.console.print(DISCLAIMER)
        return EQUAL


def parser() -> argparse.ArgumentParser:
    """Return the options of the launcher; the environment has their defaults, as make passes them on."""
    options = argparse.ArgumentParser(prog="stream.py run", description=__doc__, epilog=DISCLAIMER)
    add, given = options.add_argument, os.environ.get

    def path(name: str) -> Path | None:
        return Path(given(name, "")) if given(name) else None

    # argparse tries no default against the choices, so main does.
    add("--engine", default=given("ENGINE") or "service", help=f"{' or '.join(ENGINES)} (default: service)")
    scenarios = (*KINDS, "none")
    add("--scenario", default=given("SCENARIO") or "workshop", help=f"{', '.join(scenarios)} (default: workshop)")
    add("--opening", type=Path, default=path("OPENING"), help="file of opening balances")
    add("--policy", type=Path, default=path("POLICY"), help="file of the house's policy")
    add("--brokers", default=given("KAFKA_BROKERS"), help="an existing broker; default: one is started")
    add("--port", type=int, default=PORT, help="of the broker that is started (default: 9092)")
    add("--folder", type=Path, default=BUILD, help="of logs and states (default: build/stream)")
    add("--http", default=HTTP, help=f"of the service's metrics, or none (default: {HTTP})")
    add("--speed", type=float, default=1.0, help="of the scenario: 2 is twice as fast (default: 1, 2 s a step)")
    return options


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def main(argv: Sequence[str] | None = None) -> int:
    """Run everything until the scenario is over or Ctrl+C."""
    options = parser()
    arguments = options.parse_args(argv)
    for name, value, choices in (
        ("ENGINE", arguments.engine, ENGINES),
        ("SCENARIO", arguments.scenario, (*KINDS, "none")),
    ):
        if value not in choices:
            options.error(f"{name}: must be {', '.join(choices)}, got {value!r}")
    if not arguments.speed > 0:
        options.error(f"--speed: must be above 0, got {arguments.speed}")
    for number in ENDS:  # a shell that starts us in the background has SIGINT ignored; nohup, SIGHUP, and means it
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _interrupt)
    launcher = Launcher(arguments, Console(highlight=False, soft_wrap=True))
    with ExitStack() as ends:
        ends.callback(launcher.say, "everything has stopped")
        try:
            return launcher.run(ends)
        finally:
            for number in ENDS:  # one is enough: what follows ends by itself
                signal.signal(number, signal.SIG_IGN)
            launcher.say("stopping")
