# SPDX-License-Identifier: Apache-2.0
"""Enforcement as a process beside a real broker, and everything that it wrote to the topics."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import margincore
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic
from enforcement_support import WORKSHOP, expected_steps
from workshop_stream.enforcement.handler import RESULTS
from workshop_stream.enforcement.messages import OUTPUTS
from workshop_stream.enforcement.verify import verify

SECONDS = 60.0


def fresh_topics(brokers: str) -> None:
    """Make the topics of enforcement anew, empty: the broker is that of the whole session."""
    admin = AdminClient({"bootstrap.servers": brokers})
    wanted = [RESULTS, *OUTPUTS]
    if old := [name for name in admin.list_topics(timeout=10).topics if name in wanted]:
        for future in admin.delete_topics(old).values():
            future.result(SECONDS)
    deadline = time.monotonic() + SECONDS
    missing = set(wanted)
    while missing:  # a topic is deleted for a while after it is said to be
        for name, future in admin.create_topics([NewTopic(n, 1 if "letter" in n else 3) for n in missing]).items():
            try:
                future.result(SECONDS)
                missing.discard(name)
            except KafkaException as error:
                if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS or time.monotonic() > deadline:
                    raise
        time.sleep(0.1)


def publish(brokers: str, values: Iterable[dict[str, Any] | bytes]) -> None:
    """Send results in order, by account."""
    producer = Producer({"bootstrap.servers": brokers, "enable.idempotence": True, "linger.ms": 5})
    for value in values:
        raw = value if isinstance(value, bytes) else json.dumps(value).encode()
        key = b"ACC" if isinstance(value, bytes) else value["account_id"].encode()
        producer.produce(RESULTS, raw, key)
        producer.poll(0)
    assert producer.flush(SECONDS) == 0


def sent(brokers: str) -> list[Message]:
    """Return every message of the output topics."""
    reader = Consumer({"bootstrap.servers": brokers, "group.id": uuid.uuid4().hex, "enable.partition.eof": True})
    topics = reader.list_topics(timeout=10).topics
    places = [TopicPartition(name, number, 0) for name in OUTPUTS for number in topics[name].partitions]
    reader.assign(places)
    found, left = [], len(places)
    while left:
        message = reader.poll(SECONDS)
        if message.error() is None:
            found.append(message)
        elif message.error().code() == KafkaError._PARTITION_EOF:
            left -= 1
    reader.close()
    return found


def wait_until(holds: Callable[[], bool], seconds: float = SECONDS) -> None:
    """Wait until something holds; fail where it does not."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)


class Enforcement:
    """The process; as a context it is killed at the end."""

    def __init__(self, brokers: str, folder: Path, *options: str, program: str | None = None) -> None:
        self.store, self.audit = folder / "store.sqlite", folder / "audit"
        self._options = ["--brokers", brokers, "--store", str(self.store), "--audit", str(self.audit), *options]
        self._log = folder / "enforcement.log"
        self.start(program)

    def start(self, program: str | None = None) -> None:
        """Start it, or a program that changes something of it first."""
        run = ["-m", "workshop_stream.enforcement"] if program is None else ["-c", program]
        path = os.pathsep.join([str(WORKSHOP), str(Path(margincore.__file__).parents[1])])
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, *run, *self._options], stdout=log, stderr=log, env=os.environ | {"PYTHONPATH": path}
            )

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def stop(self) -> int:
        """Ask it to end, and return its status."""
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(SECONDS)

    def wait(self) -> int:
        """Return its status when it ends by itself."""
        return self._process.wait(SECONDS)

    def log(self) -> str:
        return self._log.read_text()

    def __enter__(self) -> Enforcement:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()


def audited(brokers: str) -> dict[str, tuple[str, str]]:
    """Return correlation id to (account, action) by audit.v1."""
    said = [json.loads(message.value()) for message in sent(brokers) if message.topic() == "audit.v1"]
    return {value["correlation_id"]: (value["account_id"], value["event_type"]) for value in said}


def check(brokers: str, enforcement: Enforcement, values: list[dict[str, Any]]) -> None:
    """Every step of the pure ladder was sent once, with its message, in its order; and so it is in the trail."""
    messages = sent(brokers)
    own = [m for m in messages if m.topic() != "dead_letter.v1" or m.headers()]  # an engine writes letters too
    assert [i for i, n in Counter(dict(m.headers())["id"] for m in own).items() if n > 1] == []
    expected = expected_steps(values)
    by_topic: dict[str, list[dict[str, Any]]] = {}
    for message in messages:
        by_topic.setdefault(message.topic(), []).append(json.loads(message.value()))
    assert {v["correlation_id"]: (v["account_id"], v["event_type"]) for v in by_topic["audit.v1"]} == expected
    assert len(by_topic["audit.v1"]) == len(expected)
    for topic, key in (("margin.calls.v1", "action"), ("restrictions.v1", "action"), ("liquidations.v1", "trigger")):
        actions = {
            "margin.calls.v1": {"WARNING", "MARGIN_CALL", "CALL_MET"},
            "restrictions.v1": {"CLOSE_ONLY", "RELEASED"},
        }
        wanted = {i: step for i, step in expected.items() if step[1] in actions.get(topic, {"SEVERE_DEFICIENCY"})}
        assert {v["correlation_id"]: (v["account_id"], v[key]) for v in by_topic.get(topic, [])} == wanted
        assert len(by_topic.get(topic, [])) == len(wanted)
    liquidations = {v["correlation_id"] for v in by_topic.get("liquidations.v1", [])}
    assert {v["correlation_id"] for v in by_topic.get("liquidation.orders.v1", [])} == liquidations
    for name in {account for account, _ in expected.values()}:
        in_order = [v["correlation_id"] for v in by_topic["audit.v1"] if v["account_id"] == name]
        assert in_order == [i for i, (account, _) in expected.items() if account == name]
    trail = verify(enforcement.audit)
    assert trail.findings == []
    assert trail.head.sequence == len(expected)
    assert trail.head.hash == max(by_topic["audit.v1"], key=lambda value: value["sequence"])["hash"]
