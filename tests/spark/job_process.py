# SPDX-License-Identifier: Apache-2.0
"""The Spark job as a process beside a real broker, and what it wrote to the topics."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from confluent_kafka import Consumer, Producer, TopicPartition

PATIENCE = 300.0  # s: a machine that builds beside it is slow


def send(brokers: str, events: list[tuple[str, dict[str, Any] | bytes]]) -> None:
    """Write events, in order, and wait until they are there."""
    producer = Producer({"bootstrap.servers": brokers, "enable.idempotence": True, "linger.ms": 1})
    for topic, value in events:
        data = value if isinstance(value, bytes) else json.dumps(value).encode()
        key = b"?" if isinstance(value, bytes) else str(value.get("account_id", value.get("symbol"))).encode()
        producer.produce(topic, key=key, value=data)
    assert producer.flush(PATIENCE) == 0


def written(brokers: str, topic: str) -> list[dict[str, Any]]:
    """Return all values of an output topic."""
    reader = Consumer({"bootstrap.servers": brokers, "group.id": uuid.uuid4().hex, "enable.auto.commit": False})
    found = reader.list_topics(topic, timeout=PATIENCE).topics[topic].partitions
    left = {number: reader.get_watermark_offsets(TopicPartition(topic, number))[1] for number in found}
    reader.assign([TopicPartition(topic, number, 0) for number, end in left.items() if end])
    values = []
    wanted = sum(left.values())
    while len(values) < wanted:
        values += [json.loads(message.value()) for message in reader.consume(wanted - len(values), 1.0)]
    reader.close()
    return values


def wait_until(what: str, holds: Callable[[], bool], log: Path) -> None:
    """Wait for what a job will do."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, f"{what}: not within {PATIENCE:.0f} s\n{log.read_text()[-3000:]}"
        time.sleep(0.2)


class Job:
    """The job, started; a context that ends it."""

    def __init__(self, brokers: str, settings: dict[str, Any], folder: Path) -> None:
        file = folder / "settings.json"
        file.write_text(json.dumps(settings), encoding="utf-8")
        self.log = folder / f"job-{uuid.uuid4().hex[:6]}.log"
        checkpoint = str(folder / "checkpoint")
        command = [sys.executable, "-m", "margincore.spark.job", "--brokers", brokers, "--settings", str(file)]
        with self.log.open("wb") as output:
            self._process = subprocess.Popen(
                [*command, "--checkpoint", checkpoint],
                stdout=output,
                stderr=subprocess.STDOUT,
                env=os.environ | {"PYTHONUNBUFFERED": "1"},
                start_new_session=True,
            )

    def kill(self) -> None:
        """End it and its Java at once, as a machine that fails does."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def stop(self) -> int:
        """Ask it to stop and return its status."""
        self._process.terminate()
        return self._process.wait(PATIENCE)

    def __enter__(self) -> Job:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self.kill()
