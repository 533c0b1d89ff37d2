# SPDX-License-Identifier: Apache-2.0
"""How long from a fill to its margin result with the C++ service, against a bare echo of the same loop?

One run, one machine: the broker, the load, the reader and the service share its cores. The answers are checked first:
each fill is answered once, and the last result of each account is that of one engine over the whole log.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from _stream_load import SETTINGS, Load, Size, commit_ends, holdings, make_topics, opening, send

ROOT = Path(__file__).resolve().parents[1]
WARM = 0.25  # of the time, in which a new broker's Java becomes fast: not in the quantiles
MOMENT = ("calc_timestamp", "version")  # when it was said, which the grouping of prices decides


class Service:
    """The service as a process."""

    def __init__(self, program: Path, brokers: str, folder: Path, *options: str, group: str) -> None:
        self.log = folder / f"{group}.log"
        settings = folder / "settings.json"
        settings.write_text(json.dumps(SETTINGS), encoding="utf-8")
        command = [program, "--brokers", brokers, "--settings", settings, "--group", group, "--http", "127.0.0.1:0"]
        started = time.perf_counter()
        with self.log.open("w", encoding="utf-8") as log:
            self._process = subprocess.Popen([*map(str, command), *options], stderr=log)
        while self._process.poll() is None and not self._is_live():
            time.sleep(0.005)
        self.start_seconds = time.perf_counter() - started
        if self._process.poll() is not None:
            sys.exit(f"the service ended: {self.log.read_text()}")
        self._mark = self.used()

    def _ask(self, path: str) -> str:
        mark = "http://"
        address = next(line[line.index(mark) :] for line in self.log.read_text().splitlines() if mark in line)
        with urllib.request.urlopen(address + path, timeout=10) as answer:
            return answer.read().decode()

    def _is_live(self) -> bool:
        with contextlib.suppress(urllib.error.URLError, StopIteration, OSError):
            return bool(self._ask("/health"))
        return False

    def metric(self, name: str) -> float:
        """Return a metric."""
        prefix = f"margin_service_{name} "
        return next(
            float(line[len(prefix) :]) for line in self._ask("/metrics").splitlines() if line.startswith(prefix)
        )

    def used(self) -> tuple[float, float]:
        """Return the wall time and the seconds of cores used so far."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return time.perf_counter(), (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def cores(self) -> float:
        """Return how many cores it used since it was asked last."""
        (wall, cpu), self._mark = self._mark, self.used()
        return (self._mark[1] - cpu) / (self._mark[0] - wall)

    def drain(self) -> float:
        """Wait until nothing is left in the log, and return how long that took."""
        start = time.perf_counter()
        while self.metric("lag_messages") > 0:
            time.sleep(0.05)
        return time.perf_counter() - start

    def stop(self) -> None:
        """Stop it."""
        self._process.terminate()
        self._process.wait(120)


def check_results(brokers: str, latest: dict[str, bytes]) -> None:
    """Compare the last results with those of one engine over the whole log."""
    from margincore.stream import read_kafka_log, replay

    engine = replay(read_kafka_log(brokers), SETTINGS).engine
    for account, text in latest.items():
        ours, theirs = json.loads(text), dict(engine.result(account))
        for name in MOMENT:
            ours.pop(name), theirs.pop(name)
        assert ours == theirs, f"{account}: {ours} is not {theirs}"
    print(
        f"checked: each fill answered once; the results of {len(latest)} accounts are those of one engine", flush=True
    )


def latency(arguments, size: Size, folder: Path) -> None:
    """Compare the service with the echo under the same load."""
    brokers, rows = arguments.brokers, {}
    for name, topic, options in (("echo", "echo.v1", ["--echo"]), ("service", "margin.calc.v1", [])):
        commit_ends(brokers, name)
        service = Service(arguments.program, brokers, folder, *options, group=name)
        time.sleep(2)
        load = Load(brokers, size, topic, arguments.prices, arguments.fills, arguments.seconds, len(rows) + 1)
        time.sleep(max(0.0, load.start - time.time()))
        service.cores()
        load.sent()
        cores, drained = service.cores(), service.drain()
        time.sleep(1.5)
        service.stop()
        reading = load.finish()
        rows[name] = reading
        middle, high, most = (reading.quantile(fraction, WARM) for fraction in (0.5, 0.99, 1))
        print(
            f"{name:8s} start {service.start_seconds:6.2f} s, {len(reading.answers)} fills answered, "
            f"p50 {middle:7.1f} ms, p99 {high:7.1f} ms, most {most:7.1f} ms, {cores:.2f} cores, "
            f"{len(reading.ages) / arguments.seconds:,.0f} results/s read, drained in {drained:.2f} s, "
            f"sender late by {reading.behind:.2f} s",
            flush=True,
        )
    check_results(brokers, rows["service"].latest)
    for fraction, wanted in ((0.5, 1.5), (0.99, 3.0)):
        ratio = rows["service"].quantile(fraction, WARM) / rows["echo"].quantile(fraction, WARM)
        print(f"p{round(100 * fraction)}: service / echo = {ratio:.2f} (wanted: at most {wanted})", flush=True)


def highest(arguments, size: Size, folder: Path) -> None:
    """Raise the rate until the service no longer keeps up for as long as `--hold`."""
    brokers = arguments.brokers
    for step, factor in enumerate(arguments.factors):
        prices, fills = int(arguments.prices * factor), int(arguments.fills * factor)
        commit_ends(brokers, "highest")
        service = Service(arguments.program, brokers, folder, group="highest")
        load = Load(brokers, size, "margin.calc.v1", prices, fills, arguments.hold, 100 + step)
        time.sleep(max(0.0, load.start - time.time()))
        service.cores()
        load.sent()
        cores, drained = service.cores(), service.drain()
        time.sleep(1.5)
        service.stop()
        reading = load.finish()
        is_held = drained < 1 and reading.behind < 1
        print(
            f"{prices + fills:7,d} events/s for {arguments.hold:.0f} s: p50 {reading.quantile(0.5):7.1f} ms, p99 "
            f"{reading.quantile(0.99):7.1f} ms, {cores:.2f} cores, drained in {drained:.2f} s, sender late by "
            f"{reading.behind:.2f} s: {'held' if is_held else 'not held'}",
            flush=True,
        )
        if not is_held:
            return


def start(arguments, size: Size, folder: Path) -> None:
    """Time a start from a long log, without and with a snapshot."""
    brokers = arguments.brokers
    make_topics(brokers)
    send(brokers, opening(size))
    count = send(brokers, holdings(size, arguments.log))
    commit_ends(brokers, "start")
    options = ["--snapshot", str(folder / "start.snapshot")]
    for name in ("from the log", "with a snapshot"):
        service = Service(arguments.program, brokers, folder, *options, group="start")
        messages, seconds = service.metric("rebuild_messages"), service.metric("rebuild_seconds")
        service.stop()
        print(
            f"start {name}: a log of {count:,} fills, {messages:,.0f} messages read in {seconds:.2f} s, live after "
            f"{service.start_seconds:.2f} s",
            flush=True,
        )


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--brokers", default=os.environ.get("KAFKA_BROKERS"), help="a broker whose topics are made anew"
    )
    parser.add_argument("--program", type=Path, default=os.environ.get("MARGIN_SERVICE"))
    parser.add_argument("--accounts", type=int, default=10_000)
    parser.add_argument("--positions", type=int, default=20)
    parser.add_argument("--symbols", type=int, default=500)
    parser.add_argument("--prices", type=int, default=2000, help="a second")
    parser.add_argument("--fills", type=int, default=200, help="a second")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--hold", type=float, default=60, help="seconds that a rate must be held")
    parser.add_argument("--factors", type=float, nargs="*", default=[1, 1.5, 2, 3, 4, 6, 8], help="of the rates")
    parser.add_argument("--log", type=int, default=1_000_000, help="fills of the log to start from")
    parser.add_argument("--parts", nargs="*", default=["latency", "highest", "start"])
    arguments = parser.parse_args()
    if arguments.program is None:
        built = ROOT.glob("build/**/examples/cpp/margin_service/margin_service")
        arguments.program = max(built, key=lambda path: path.stat().st_mtime, default=None)
    if arguments.program is None or arguments.brokers is None:
        print("left out: needs KAFKA_BROKERS and margin_service (preset release, librdkafka-dev, libcpp-httplib-dev)")
        return
    size = Size(arguments.accounts, arguments.positions, arguments.symbols)
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.2f}")
    print(f"{size}, {arguments.prices} prices/s, {arguments.fills} fills/s, {arguments.program}", flush=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if {"latency", "highest"} & set(arguments.parts):
            make_topics(arguments.brokers)
            send(arguments.brokers, opening(size))
            send(arguments.brokers, holdings(size, size.accounts * size.positions))
        for part in (latency, highest, start):
            if part.__name__ in arguments.parts:
                part(arguments, size, folder)


if __name__ == "__main__":
    main()
