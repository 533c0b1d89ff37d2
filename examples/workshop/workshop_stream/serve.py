# SPDX-License-Identifier: Apache-2.0
"""A broker with the topics of the workshop, until stopped."""

from __future__ import annotations

import argparse
import signal
from collections.abc import Sequence
from pathlib import Path

from workshop_stream.broker import PORT, Broker
from workshop_stream.jars import BUILD
from workshop_stream.topics import create_topics


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def parser() -> argparse.ArgumentParser:
    """Return the options of the broker."""
    options = argparse.ArgumentParser(prog="stream.py broker", description=__doc__)
    options.add_argument("--port", type=int, default=PORT, help="default: 9092")
    options.add_argument(
        "--data", type=Path, default=BUILD / "data", help="where its log is (default: build/kafka/data)"
    )
    return options


def main(argv: Sequence[str] | None = None) -> int:
    """Run a broker until stopped."""
    arguments = parser().parse_args(argv)
    signal.signal(signal.SIGTERM, _interrupt)
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # as under nohup
        signal.signal(signal.SIGHUP, _interrupt)
    with Broker(arguments.port, arguments.data) as broker:
        created = create_topics(broker.brokers)
        print(f"{broker.brokers} has all topics ({len(created)} new); Ctrl+C stops it", flush=True)
        try:
            signal.pause()
        except KeyboardInterrupt:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
            print("stopping", flush=True)
    return 0
