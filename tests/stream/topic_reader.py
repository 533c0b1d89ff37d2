# SPDX-License-Identifier: Apache-2.0
"""Every record that topics hold, and waiting for one."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Sequence

from confluent_kafka import Consumer, KafkaError, Message, TopicPartition
from workshop_stream.broker import client_settings

SECONDS = 30.0
PATIENCE = 60.0


def records(brokers: str, topics: Sequence[str]) -> list[Message]:
    """Return the records of topics, each partition in its order."""
    settings = {**client_settings(brokers), "group.id": uuid.uuid4().hex, "enable.partition.eof": True}
    reader = Consumer({**settings, "auto.offset.reset": "earliest"})
    try:
        known = reader.list_topics(timeout=SECONDS).topics
        parts = [TopicPartition(name, number, 0) for name in topics for number in known[name].partitions]
        reader.assign(parts)
        found, ended = [], 0
        while ended < len(parts):
            message = reader.poll(SECONDS)
            assert message is not None, "the broker does not answer"
            if message.error() is None:
                found.append(message)
            else:
                assert message.error().code() == KafkaError._PARTITION_EOF, message.error().str()
                ended += 1
        return found
    finally:
        reader.close()


def wait_until(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, "it did not come to hold"
        time.sleep(0.05)
