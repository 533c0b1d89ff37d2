# SPDX-License-Identifier: Apache-2.0
"""The launcher: everything in one command, its check at the end, its errors, its end."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from service_process import find_program
from topic_reader import wait_until
from workshop_stream.broker import free_port, listens
from workshop_stream.expected import FIGURES, Seen, differences, pure, pure_figures, pure_ladder
from workshop_stream.jars import WORKSHOP
from workshop_stream.producer import load_scenario

SECONDS = 400


def environment() -> dict[str, str]:
    names = ("ENGINE", "SCENARIO", "OPENING", "POLICY", "KAFKA_BROKERS")
    return {**{key: value for key, value in os.environ.items() if key not in names}, "PYTHONUNBUFFERED": "1"}


def run(*options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(WORKSHOP / "stream.py"), *options]
    return subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=SECONDS, check=False)


def seen_exactly() -> tuple[Seen, Any]:
    """What the streams of a scenario say when they say what the pure functions do."""
    playback, seen = pure(load_scenario("workshop")), Seen()
    for number, ((name, time), figures) in enumerate(pure_figures(playback).items(), start=1):
        value = dict(zip(FIGURES, figures, strict=True))
        result = {"account_id": name, "calc_timestamp": time, "version": number, "status": "complete", **value}
        assert seen.take("margin.calc.v1", result)
    for name, events in pure_ladder(playback).items():
        seen.ladder[name] = {f"{event.action} {number}": event for number, event in enumerate(events)}
    return seen, playback


def test_nothing_differs_from_itself() -> None:
    assert differences(*seen_exactly()) == []


def test_the_last_digit_is_a_difference() -> None:
    seen, playback = seen_exactly()
    result = list(seen.results.values())[10]
    result["equity"] += 1e-9
    (line,) = differences(seen, playback)
    assert re.fullmatch(r"ACC_\w+ at \d+: equity: must be \S+, got \S+", line)


def test_what_is_missing_or_too_much_is_a_difference() -> None:
    seen, playback = seen_exactly()
    name, event = seen.ladder["ACC_TECH_001"].popitem()
    assert differences(seen, playback) == [line for line in differences(seen, playback) if "ACC_TECH_001" in line]
    seen.ladder["ACC_TECH_001"] |= {name: event, "a second time": event}
    (line,) = differences(seen, playback)
    assert line.startswith("ACC_TECH_001: ladder: must be ")
    del seen.ladder["ACC_TECH_001"]["a second time"]
    seen.results.pop(("ACC_TECH_001", playback.steps[-1].step.milliseconds))
    seen.dead_letters = 2
    assert differences(seen, playback) == [
        f"ACC_TECH_001 at {playback.steps[-1].step.milliseconds}: no result",
        "2 dead letters",
    ]


def test_a_repeat_counts_once_and_a_second_call_twice() -> None:
    seen = Seen()
    call = {
        "account_id": "A",
        "action": "MARGIN_CALL",
        "deficiency": 1.0,
        "timestamp": "2026-06-04T20:00:00.000+00:00",
        "correlation_id": "one",
    }
    assert seen.take("margin.calls.v1", call)
    assert not seen.take("margin.calls.v1", dict(call))
    assert seen.take("margin.calls.v1", {**call, "correlation_id": "two"})
    assert len(seen.events("A")) == 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--engine", "abacus"], "ENGINE: must be service, spark, got 'abacus'"),
        (["--scenario", "boom"], "SCENARIO: must be workshop, original, none, got 'boom'"),
        (["--speed", "0"], "--speed: must be above 0"),
        (["--brokers", "localhost:1", "--folder", "FOLDER"], "error: no Kafka broker answers at localhost:1"),
        (["--policy", "none.json"], "error: none.json: must be a file that can be read"),
        (["juggle"], "error: juggle: not a tool"),
    ],
)
def test_a_mistake_is_one_line_and_status_2(options: list[str], message: str, tmp_path: Path) -> None:
    done = run(*[option.replace("FOLDER", str(tmp_path)) for option in options])
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert message in done.stderr


@pytest.fixture
def alone(broker: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Options of a launcher that nobody else is in the way of; it leaves no broker behind."""
    assert broker.runs  # skipped where there can be none
    monkeypatch.setenv("MARGIN_SERVICE", str(find_program()))
    port = free_port()
    yield ["--port", str(port), "--folder", str(tmp_path), "--http", "none", "--speed", "1000"]
    assert not listens(port)


@pytest.mark.parametrize("scenario", ["workshop", "original"])
def test_a_scenario_comes_out_exactly(alone: list[str], scenario: str) -> None:
    done = run(*alone, "--scenario", scenario)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "to the last digit what margincore's pure functions give" in done.stdout
    assert "\x1b[" not in done.stdout  # no colours into a pipe
    if scenario == "workshop":
        assert (
            "WARNING > MARGIN_CALL > CLOSE_ONLY > SEVERE_DEFICIENCY > LIQUIDATION_ENDED > CALL_MET > RELEASED > "
            "WARNING > ACTIVE"
        ) in done.stdout


class Running:
    """A launcher that runs until stopped."""

    def __init__(self, options: list[str], log: Path) -> None:
        self.log = log
        command = [sys.executable, str(WORKSHOP / "stream.py"), *options, "--scenario", "none"]
        with log.open("w") as output:
            self.process = subprocess.Popen(
                command,
                env=environment(),
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        wait_until(lambda: "everything runs" in self.text() or self.process.poll() is not None)

    def text(self) -> str:
        return self.log.read_text()

    def children(self, what: str) -> list[int]:
        found = subprocess.run(["pgrep", "-P", str(self.process.pid), "-f", what], capture_output=True, text=True)
        return [int(pid) for pid in found.stdout.split()]


def test_ctrl_c_stops_everything(alone: list[str], tmp_path: Path) -> None:
    launcher = Running(alone, tmp_path / "launcher.log")
    wait_until(lambda: launcher.text().count("required         0") == 6)  # the opening balances
    launcher.process.send_signal(signal.SIGINT)
    assert launcher.process.wait(SECONDS) == 0, launcher.text()
    assert launcher.text().endswith("-- stopping\n-- everything has stopped\n")


def test_a_program_that_dies_is_told_with_the_end_of_its_log(alone: list[str], tmp_path: Path) -> None:
    launcher = Running(alone, tmp_path / "launcher.log")
    (enforcement,) = launcher.children("enforcement")
    os.kill(enforcement, signal.SIGKILL)
    assert launcher.process.wait(SECONDS) == 2, launcher.text()
    assert f"error: enforcement ended (signal 9); the end of {tmp_path / 'enforcement.log'}:" in launcher.text()
    assert "-- everything has stopped" in launcher.text()


def test_a_closed_terminal_stops_everything(alone: list[str], tmp_path: Path) -> None:
    launcher = Running(alone, tmp_path / "launcher.log")
    launcher.process.send_signal(signal.SIGHUP)
    assert launcher.process.wait(SECONDS) == 0, launcher.text()
    assert launcher.text().endswith("-- everything has stopped\n")


def test_opening_balances_come_though_the_log_has_begun_and_the_engine_stays(alone: list[str], tmp_path: Path) -> None:
    assert run(*alone, "--scenario", "workshop").returncode == 0
    launcher = Running(alone, tmp_path / "launcher.log")
    wait_until(lambda: re.search(r"ACC_DEMO_001 .* required         0", launcher.text()) is not None)
    launcher.process.send_signal(signal.SIGINT)
    assert launcher.process.wait(SECONDS) == 0, launcher.text()
    other = run(*alone, "--scenario", "none", "--engine", "spark")
    assert other.returncode == 2
    assert "the results of this log are those of ENGINE=service, whose versions are its own" in other.stderr


def test_enforcement_has_the_ladder_of_the_policy(tmp_path: Path) -> None:
    import margincore as mc
    from workshop_stream.enforcement.__main__ import parser
    from workshop_stream.engines import enforcement_command

    settings = tmp_path / "settings.json"
    settings.write_text('{"policy": {"ladder": {"warning_excess": 0.2}, "stress_moves": [-0.08, 0.06]}}')
    command = enforcement_command("localhost:1", tmp_path, settings)
    chosen = parser().parse_args(command[3:])
    assert chosen.policy_ladder == mc.Ladder(warning_excess=0.2)
