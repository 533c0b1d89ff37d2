# SPDX-License-Identifier: Apache-2.0
"""The margin stream as a Spark job: ``python -m margincore.spark.job --help``."""

from __future__ import annotations

import argparse
import contextlib
import json
import signal
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from margincore.errors import InvalidInput, MarginError
from margincore.spark._query import start_query
from margincore.spark._session import connector_jars, default_jars_folder, stream_session
from margincore.spark._ticks import PERIOD, Ticker
from margincore.spark._topics import INPUTS

if TYPE_CHECKING:
    from pyspark.sql import SparkSession
    from pyspark.sql.streaming import StreamingQuery

_BUCKETS_FILE = "margincore.json"
_PATIENCE = 300.0  # s without a batch, while which a query that fails is started again
_PAUSES = (1.0, 2.0, 5.0, 10.0)  # s before it is
_DEFAULT_INTERVAL_MS = 1000


def main(arguments: list[str] | None = None) -> int:
    """Run the job until it is stopped by SIGTERM or SIGINT, and return its exit status."""
    options = _options(arguments)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    try:
        settings = _read_settings(options.settings)
        buckets = _buckets_of(options.checkpoint, options.buckets)
        jars = connector_jars(options.jars or default_jars_folder())
    except (MarginError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    spark = stream_session(options.master, buckets, jars, dict(options.conf))
    try:
        return _run(spark, options, settings, buckets, stopping)
    finally:
        with contextlib.suppress(OSError):  # Spark has been stopped by the same signal
            spark.stop()


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m margincore.spark.job",
        description="Margin of every account over the topics of Kafka, by Spark. SIGTERM or Ctrl+C stops it; started "
        "again, it goes on from its checkpoint.",
    )
    parser.add_argument("--brokers", required=True, help="addresses of Kafka, as localhost:9092")
    parser.add_argument("--settings", required=True, type=Path, help="JSON file of the engine's settings")
    parser.add_argument("--checkpoint", required=True, help="folder or address of the checkpoint")
    parser.add_argument(
        "--buckets",
        type=int,
        help="groups of accounts; fixed with the checkpoint (2), to be given where that is an address",
    )
    parser.add_argument("--master", default="local[2]", help="of Spark (local[2])")
    parser.add_argument("--jars", type=Path, help="folder of the Kafka connector; filled by Maven where it is missing")
    parser.add_argument("--most-messages", type=int, default=50_000, help="most of a batch (50000)")
    parser.add_argument(
        "--conf", action="append", default=[], type=_setting, metavar="NAME=VALUE", help="a setting of Spark"
    )
    parser.add_argument("--verbose", action="store_true", help="a line for every batch")
    return parser.parse_args(arguments)


def _setting(text: str) -> tuple[str, str]:
    name, is_given, value = text.partition("=")
    if not is_given:
        raise argparse.ArgumentTypeError(f"must be NAME=VALUE, got {text!r}")
    return name, value


def _read_settings(path: Path) -> dict[str, Any]:
    from margincore.stream import MarginEngine

    try:
        settings = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InvalidInput(f"{path}: must be JSON, got {error}", str(path)) from None
    if not isinstance(settings, dict):
        raise InvalidInput(f"{path}: must be an object, got {type(settings).__name__}", str(path))
    MarginEngine(settings)  # what is wrong with them is said here, not by a worker
    return settings


def _buckets_of(checkpoint: str, buckets: int | None) -> int:
    """Return the number of buckets, which a local checkpoint keeps: accounts must stay where their state is."""
    if buckets is not None and buckets < 1:
        raise InvalidInput(f"buckets: must be at least 1, got {buckets}", "buckets")
    if "://" in checkpoint:
        if buckets is None:
            raise InvalidInput(
                f"buckets: must be given, always the same, with a checkpoint at an address, got {checkpoint}", "buckets"
            )
        return buckets
    file = Path(checkpoint) / _BUCKETS_FILE
    if file.exists():
        try:
            known = int(json.loads(file.read_text(encoding="utf-8"))["buckets"])
        except (ValueError, KeyError, TypeError) as error:
            raise InvalidInput(f"{file}: must say the number of buckets, got {error}", "checkpoint") from None
        if buckets not in (None, known):
            raise InvalidInput(f"buckets: must be {known}, as in checkpoint {checkpoint}, got {buckets}", "buckets")
        return known
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_suffix(".new")
    beside.write_text(json.dumps({"buckets": buckets or 2}), encoding="utf-8")
    beside.replace(file)
    return buckets or 2


def _run(
    spark: SparkSession, options: argparse.Namespace, settings: dict[str, Any], buckets: int, stopping: threading.Event
) -> int:
    """Keep the query running: where it fails, as when the broker is away, it is started again."""
    ticker = Ticker(options.brokers, settings.get("publish_interval_ms", _DEFAULT_INTERVAL_MS) / 1000)
    last_batch, failures = time.monotonic(), 0
    while not stopping.is_set():
        query = start_query(spark, options.brokers, settings, options.checkpoint, buckets, options.most_messages)
        if failures == 0:
            print(f"reading {', '.join(INPUTS)} at {options.brokers} into {buckets} buckets", flush=True)
        batches = _watch(query, ticker, stopping, is_verbose=options.verbose)
        if batches:
            last_batch, failures = time.monotonic(), 0
        if stopping.is_set():
            query.stop()
            break
        reason = str(query.exception()).strip().splitlines()
        print(f"the query failed: {' '.join(reason)[:2000]}", file=sys.stderr, flush=True)
        if time.monotonic() - last_batch > _PATIENCE:
            print(f"error: no batch for {_PATIENCE:.0f} s", file=sys.stderr)
            return 1
        stopping.wait(_PAUSES[min(failures, len(_PAUSES) - 1)])
        failures += 1
    ticker.close()
    print("stopped", flush=True)
    return 0


def _watch(query: StreamingQuery, ticker: Ticker, stopping: threading.Event, *, is_verbose: bool) -> int:
    """Send ticks while a query runs, and return how many batches it has done."""
    batches, seen = 0, None
    ticker.start()
    while query.isActive and not stopping.wait(PERIOD):
        progress = query.lastProgress
        if progress is not None and (progress["runId"], progress["batchId"]) != seen:
            seen = progress["runId"], progress["batchId"]
            if progress["numInputRows"]:
                batches += 1
                if batches == 1:
                    print("the first batch is done", flush=True)
                if is_verbose:
                    print(_line(progress), flush=True)
            ticker.see(progress)
        ticker.tick()
    return batches


def _line(progress: Any) -> str:
    durations = progress["durationMs"]
    parts = ", ".join(f"{name} {durations[name]}" for name in sorted(durations))
    return f"batch {progress['batchId']}: {progress['numInputRows']} messages; ms: {parts}"


if __name__ == "__main__":
    sys.exit(main())
