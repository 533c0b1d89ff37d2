# SPDX-License-Identifier: Apache-2.0
"""How long from an event to its margin result with the C++ service and with the Spark job, and at what rates?

One machine runs the broker, the sender, the reader and one engine at a time. Answers are checked first: every fill is
answered once, and the last result of each account is that of one engine over the whole log.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "examples" / "workshop"))

# ruff: noqa: E402
from _stream_load import (
    SETTINGS,
    Load,
    Reading,
    Size,
    commit_ends,
    fill,
    holdings,
    make_topics,
    opening,
    quantile,
    send,
)
from confluent_kafka import Consumer, TopicPartition
from stream_service import Service, check_results
from workshop_stream.broker import Broker, free_port
from workshop_stream.engines import service_program

WARM = 0.25  # of the time, in which a new broker's and Spark's Java become fast: not in the figures
SILENCE = 10.0  # s without a result, after which no more come
FIRST_SECONDS = 300.0  # in which Spark must have done its first batch
TICKS = os.sysconf("SC_CLK_TCK")


class SparkJob:
    """The job as a process, like `Service`; its checkpoint makes it go on where it was."""

    def __init__(self, brokers: str, folder: Path, buckets: int = 2) -> None:
        settings = folder / "settings.json"
        settings.write_text(json.dumps(SETTINGS), encoding="utf-8")
        self.log = folder / "spark.log"
        command = [sys.executable, "-m", "margincore.spark.job", "--brokers", brokers, "--settings", str(settings)]
        command += ["--checkpoint", str(folder / "checkpoint"), "--buckets", str(buckets), "--verbose"]
        started = time.perf_counter()
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=log, env=os.environ | {"PYTHONUNBUFFERED": "1"}, start_new_session=True
            )
        while "the first batch is done" not in self.words():
            if self._process.poll() is not None or time.perf_counter() - started > FIRST_SECONDS:
                sys.exit(f"Spark did no batch: {self.words()[-3000:]}")
            time.sleep(0.05)
        self.start_seconds = time.perf_counter() - started
        self._mark = self.used()

    def words(self) -> str:
        """Return what it wrote."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def used(self) -> tuple[float, float]:
        """Return the wall time and the seconds of cores that it, its Java and its Python workers used so far."""
        total = 0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(")")[2].split()
            except OSError:  # has ended since
                continue
            if int(fields[3]) == self._process.pid:  # its session
                total += int(fields[11]) + int(fields[12])
        return time.perf_counter(), total / TICKS

    def cores(self) -> float:
        """Return how many cores it used since it was asked last."""
        (wall, cpu), self._mark = self._mark, self.used()
        return (self._mark[1] - cpu) / (self._mark[0] - wall)

    def settle(self) -> None:
        """Wait until batches bring little that is new, as when the log has been caught up with."""
        few, seen, quiet = 0, 0, time.monotonic()
        while few < 3:
            lines = [line for line in self.words().splitlines() if line.startswith("batch ")]
            for line in lines[seen:]:
                few = few + 1 if int(line.split()[2]) < 100 else 0
            quiet = time.monotonic() if len(lines) > seen else quiet
            seen = len(lines)
            if seen and time.monotonic() - quiet > SILENCE:
                return
            if self._process.poll() is not None:
                sys.exit(f"Spark ended: {self.words()[-3000:]}")
            time.sleep(0.1)

    def stop(self) -> None:
        """Stop it."""
        self._process.terminate()
        self._process.wait(120)


@contextmanager
def running(engine: str, brokers: str, folder: Path) -> Iterator[Service | SparkJob]:
    """Run an engine that has read what is in the log."""
    if engine == "service":
        commit_ends(brokers, engine)
        process: Service | SparkJob = Service(service_program(print), brokers, folder, group=engine)
    else:
        process = SparkJob(brokers, folder)
        process.settle()
    try:
        yield process
    finally:
        process.stop()


def run(engine: str, size: Size, rate: int, seconds: float) -> tuple[Reading, float]:
    """Return what became of a load with nine prices for a fill, and the cores that the engine used."""
    with tempfile.TemporaryDirectory() as name, Broker(free_port(), Path(name) / "kafka", say=lambda _: None) as broker:
        make_topics(broker.brokers)
        send(broker.brokers, opening(size))
        send(broker.brokers, holdings(size, size.accounts * size.positions))
        with running(engine, broker.brokers, Path(name)) as process:
            fills = rate // 10
            load = Load(broker.brokers, size, "margin.calc.v1", rate - fills, fills, seconds, rate, SILENCE)
            time.sleep(max(0.0, load.start - time.time()))
            process.cores()
            load.sent()
            cores = process.cores()
            reading = load.finish()
        check_results(broker.brokers, reading.latest)
    return reading, cores


def line(engine: str, rate: int, reading: Reading, cores: float) -> str:
    """Return a line of the table: latencies of fills, ages of all results, whether the rate was held."""
    middle, high, most = (reading.quantile(fraction, WARM) for fraction in (0.5, 0.99, 1))
    age, oldest = (quantile(reading.ages, fraction) for fraction in (0.5, 0.99))
    return (
        f"{engine:8} {rate:6,d}/s  fill to result p50 {middle:7.0f} p99 {high:7.0f} most {most:7.0f} ms; "
        f"newest event to result p50 {age:6.0f} p99 {oldest:6.0f} ms; {len(reading.answers)} fills, "
        f"{len(reading.ages)} results, {cores:.2f} cores, {'held' if is_held(reading) else 'not held'}"
    )


def is_held(reading: Reading) -> bool:
    """Whether latencies did not grow: of the last quarter at most a quarter and 100 ms above those of the second."""
    second, last = reading.quantile(0.5, 0.25, 0.5), reading.quantile(0.5, 0.75, 1.0)
    return last < 1.25 * second + 100 and reading.behind < 1


def rates(arguments: argparse.Namespace) -> None:
    """Measure both engines at rising rates, each until it no longer keeps up, and draw it."""
    size = Size(200, 5, 50)
    points: dict[str, list[tuple[int, float, float]]] = {}
    for engine in arguments.engines:
        for rate in arguments.rates:
            reading, cores = run(engine, size, rate, arguments.seconds)
            print(line(engine, rate, reading, cores), flush=True)
            points.setdefault(engine, []).append((rate, reading.quantile(0.5, WARM), reading.quantile(0.99, WARM)))
            if not is_held(reading):
                break
    if arguments.picture:
        draw(points, arguments.picture)


def draw(points: dict[str, list[tuple[int, float, float]]], file: Path) -> None:
    """Draw latency against rate."""
    from matplotlib import pyplot
    from matplotlib.ticker import StrMethodFormatter

    figure, axes = pyplot.subplots(figsize=(7, 4), layout="constrained")
    for number, (engine, rows) in enumerate(points.items()):
        at, middle, high = zip(*rows, strict=True)
        name = {"service": "C++ service", "spark": "Spark job"}[engine]
        axes.plot(at, middle, marker="o", color=f"C{number}", label=f"{name}, p50")
        axes.plot(at, high, marker="o", color=f"C{number}", linestyle="--", label=f"{name}, p99")
    axes.set(xscale="log", yscale="log", xlabel="events a second, one of ten a fill", ylabel="fill to result [ms]")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.grid(visible=True, alpha=0.3)
    axes.legend(frameon=False)
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file, dpi=150)


def long(arguments: argparse.Namespace) -> None:
    """Hold 1,000 events a second for ten minutes in Spark, and say the latencies of each tenth."""
    reading, cores = run("spark", Size(200, 5, 50), 1000, arguments.long)
    print(line("spark", 1000, reading, cores))
    assert is_held(reading), "the lag grows"
    for k in range(10):
        part = (k / 10, (k + 1) / 10)
        print(f"  tenth {k + 1:2}: p50 {reading.quantile(0.5, *part):5.0f} p99 {reading.quantile(0.99, *part):5.0f} ms")


def large(arguments: argparse.Namespace) -> None:
    """The same rate over 10,000 accounts of 20 positions in 500 symbols, both engines."""
    for engine in arguments.engines:
        reading, cores = run(engine, Size(10_000, 20, 500), 1000, arguments.seconds)
        print(line(f"{engine} (10,000 x 20)", 1000, reading, cores), flush=True)


def restart(arguments: argparse.Namespace) -> None:
    """Time how long Spark takes to go on with 100,000 accounts of 5 positions."""
    size = Size(arguments.accounts, 5, 50)
    with tempfile.TemporaryDirectory() as name, Broker(free_port(), Path(name) / "kafka", say=lambda _: None) as broker:
        make_topics(broker.brokers)
        count = send(broker.brokers, opening(size)) + send(broker.brokers, holdings(size, size.accounts * 5))
        start = time.perf_counter()
        with running("spark", broker.brokers, Path(name)):
            print(
                f"spark: {count:,} messages of {size.accounts:,} accounts read in {time.perf_counter() - start:.1f} s"
            )
        accounts = [f"ACC_{number:06d}" for number in range(10)]
        reader = results_from_now(broker.brokers)
        send(broker.brokers, (fill(number, 0, 5, f"after-{number}") for number in range(10)))
        started = time.time()
        with running("spark", broker.brokers, Path(name)) as process:
            read = [message for message in reader.consume(100_000, 5.0) if message.key().decode() in accounts]
            times = {message.key().decode(): message.timestamp()[1] / 1000 - started for message in reversed(read)}
            assert times.keys() == set(accounts), "every fill must be answered"
            print(
                f"spark, {size.accounts:,} accounts: {process.start_seconds:.1f} s from the start of the process to "
                f"the end of its first batch; first result of a fill that waited after {min(times.values()):.1f} s"
            )
        reader.close()


def results_from_now(brokers: str) -> Consumer:
    """Return a reader of results that are not there yet."""
    reader = Consumer({"bootstrap.servers": brokers, "group.id": "restart", "enable.auto.commit": False})
    parts = [TopicPartition("margin.calc.v1", number) for number in range(3)]
    for part in parts:
        part.offset = reader.get_watermark_offsets(part, timeout=30)[1]
    reader.assign(parts)
    return reader


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engines", nargs="*", choices=["service", "spark"], default=["service", "spark"])
    parser.add_argument("--rates", type=int, nargs="*", default=[100, 300, 1000, 2000, 4000, 8000, 16000])
    parser.add_argument("--seconds", type=float, default=40)
    parser.add_argument("--long", type=float, default=600)
    parser.add_argument("--accounts", type=int, default=100_000, help="of the restart")
    parser.add_argument("--picture", type=Path, help="file for the plot of latency against rate")
    parser.add_argument("--parts", nargs="*", default=["rates", "long", "large", "restart"])
    arguments = parser.parse_args()
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.2f}")
    for part in (rates, long, large, restart):
        if part.__name__ in arguments.parts:
            part(arguments)


if __name__ == "__main__":
    main()
