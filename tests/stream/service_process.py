# SPDX-License-Identifier: Apache-2.0
"""The C++ service as a process, with what its tests need of Kafka around it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

ROOT = Path(__file__).resolve().parents[2]
INPUTS = {"betas.v1": 1, "volatility.v1": 1, "prices.v1": 3, "cash.v1": 3, "fills.v1": 3}
OUTPUTS = {"margin.calc.v1": 3, "stress.beta_spy.v1": 3, "dead_letter.v1": 1, "echo.v1": 3}
SETTINGS = {"policy": {}, "benchmark": "SPY", "publish_interval_ms": 300, "stress_interval_ms": 600, "settle_ms": 50}
PATIENCE = 60.0


def find_program() -> Path:
    """Return the service that was built last, or the one that MARGIN_SERVICE names."""
    if named := os.environ.get("MARGIN_SERVICE"):
        return Path(named)
    built = ROOT.glob("build/**/examples/cpp/margin_service/margin_service")
    newest = max(built, key=lambda path: path.stat().st_mtime, default=None)
    if newest is None:
        pytest.skip("margin_service was not built here: it needs librdkafka-dev and libcpp-httplib-dev")
    return newest


def wait_until(what, holds, seconds: float = PATIENCE):
    """Return what ``holds`` gives once that is true."""
    deadline = time.monotonic() + seconds
    while not (value := holds()):
        assert time.monotonic() < deadline, f"{what}: not within {seconds} s"
        time.sleep(0.02)
    return value


def make_topics(brokers: str) -> None:
    """Create the topics anew, empty."""
    admin = AdminClient({"bootstrap.servers": brokers})
    topics = {**INPUTS, **OUTPUTS}
    old = [name for name in admin.list_topics(timeout=PATIENCE).topics if name in topics]
    if old:
        for deleted in admin.delete_topics(old).values():
            deleted.result()
        wait_until("topics deleted", lambda: not set(topics) & set(admin.list_topics(timeout=PATIENCE).topics))
    config = {"message.timestamp.type": "LogAppendTime", "retention.ms": "-1"}
    new = [NewTopic(name, count, 1, config=config if name in INPUTS else {}) for name, count in topics.items()]
    for created in admin.create_topics(new).values():
        created.result()
    wait_until("topics created", lambda: set(topics) <= set(admin.list_topics(timeout=PATIENCE).topics))


def read_topics(brokers: str, topics: dict[str, int]) -> list:
    """Return all committed messages of topics, each partition in its own order."""
    consumer = Consumer(
        {
            "bootstrap.servers": brokers,
            "group.id": "reader",
            "isolation.level": "read_committed",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
        }
    )
    partitions = [TopicPartition(topic, number, 0) for topic, count in topics.items() for number in range(count)]
    consumer.assign(partitions)
    messages, open_partitions = [], {(p.topic, p.partition) for p in partitions}
    deadline = time.monotonic() + PATIENCE
    while open_partitions:
        assert time.monotonic() < deadline, f"no end of {open_partitions}"
        for message in consumer.consume(1000, 0.1):
            if message.error():
                open_partitions.discard((message.topic(), message.partition()))
            else:
                messages.append(message)
    consumer.close()
    return messages


class Service:
    """The service as a process: started, asked for its health, stopped, killed and started again."""

    def __init__(self, brokers: str, folder: Path, *options: str, group: str = "margin-service") -> None:
        settings = folder / "settings.json"
        settings.write_text(json.dumps(SETTINGS), encoding="utf-8")
        self.log = folder / f"{group}.log"
        self._brokers, self._group = brokers, group
        self._command = [str(find_program()), "--brokers", brokers, "--settings", str(settings), "--group", group]
        self._command += ["--http", "127.0.0.1:0", *options]
        self._process: subprocess.Popen | None = None
        self._address = ""

    def start(self) -> None:
        """Start it and wait for its address, not for its health."""
        with self.log.open("w", encoding="utf-8") as log:
            self._process = subprocess.Popen(self._command, stderr=log)
        mark = "http://"
        line = wait_until("address", lambda: [line for line in self.words().splitlines() if mark in line])[0]
        self._address = line[line.index(mark) :]

    def words(self) -> str:
        """Return what it wrote since it was started."""
        return self.log.read_text(encoding="utf-8")

    def ask(self, path: str) -> tuple[int, str]:
        """Return the status and the text of one of its pages."""
        try:
            with urllib.request.urlopen(self._address + path, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def metric(self, name: str) -> float:
        """Return a metric; a name with labels is given as it is written."""
        prefix = f"margin_service_{name} "
        _, text = self.ask("/metrics")
        return float(next(line for line in text.splitlines() if line.startswith(prefix)).removeprefix(prefix))

    def wait_for_health(self, status: int = 200) -> None:
        """Wait until it says that it is live, or that it is not."""
        wait_until(f"health {status}", lambda: self.ask("/health")[0] == status)

    def wait_for_all(self) -> None:
        """Wait until it has committed everything that is in the log, and says that it is well."""
        partitions = [TopicPartition(topic, number) for topic, count in INPUTS.items() for number in range(count)]
        reader = Consumer({"bootstrap.servers": self._brokers, "group.id": self._group})
        ends = [reader.get_watermark_offsets(partition, timeout=PATIENCE)[1] for partition in partitions]

        def is_done() -> bool:
            committed = reader.committed(partitions, timeout=PATIENCE)
            return all(
                at.offset >= end or (end == 0 and at.offset < 0) for at, end in zip(committed, ends, strict=True)
            )

        wait_until("everything committed", is_done)
        reader.close()
        self.wait_for_health()
        wait_until("metrics of it", lambda: self.metric("lag_messages") == 0)

    def end(self, how: signal.Signals) -> int:
        """End it by a signal and return its exit status; 0 where it does not run."""
        if self._process is None:
            return 0
        self._process.send_signal(how)
        status = self._process.wait(PATIENCE)
        self._process = None
        return status

    def stop(self) -> int:
        """Ask it to stop."""
        return self.end(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once."""
        self.end(signal.SIGKILL)

    def __enter__(self) -> Service:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
