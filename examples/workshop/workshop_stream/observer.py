# SPDX-License-Identifier: Apache-2.0
"""Shows the messages of the streams as they come, one line each, with filters."""

from __future__ import annotations

import argparse
import json
import os
import time
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition
from rich.console import Console

from workshop_stream.broker import PORT, client_settings
from workshop_stream.errors import StreamError
from workshop_stream.lines import format_event, status_of
from workshop_stream.topics import TOPICS

QUIET = ("clock.v1",)
SECONDS = 10.0


class Reader:
    """Reads whole topics, every partition, without a group: nothing is committed and nobody is rebalanced."""

    def __init__(self, brokers: str, topics: Sequence[str], *, beginning: bool) -> None:
        settings = {**client_settings(brokers), "group.id": f"observer-{uuid.uuid4()}", "enable.auto.commit": False}
        self._consumer = Consumer({**settings, "auto.offset.reset": "earliest", "fetch.wait.max.ms": 50})
        try:
            known = self._consumer.list_topics(timeout=SECONDS).topics
            parts = [
                TopicPartition(name, number) for name in topics if name in known for number in known[name].partitions
            ]
            for part in parts:
                low, high = self._consumer.get_watermark_offsets(part, timeout=SECONDS)
                part.offset = low if beginning else high
        except KafkaException as error:
            self._consumer.close()
            raise StreamError(f"no Kafka broker answers at {brokers}: {error.args[0].str()}") from None
        if not parts:
            self._consumer.close()
            raise StreamError(f"the broker at {brokers} has none of the topics {', '.join(topics)}")
        self._consumer.assign(parts)

    def poll(self, seconds: float) -> tuple[str, Any] | None:
        """Return the topic and the value of the next message, or None when none comes; what is no JSON stays text."""
        message = self._consumer.poll(seconds)
        if message is None:
            return None
        if message.error() is not None:
            if message.error().code() in (KafkaError._ALL_BROKERS_DOWN, KafkaError._TRANSPORT):
                return None  # it is tried again
            raise StreamError(f"topic {message.topic()}: {message.error().str()}")
        value = message.value()
        try:
            return message.topic(), None if value is None else json.loads(value)
        except ValueError:
            return message.topic(), value.decode(errors="replace")

    def close(self) -> None:
        """Stop reading."""
        self._consumer.close()


def wanted(topic: str, value: Any, accounts: Sequence[str], statuses: Sequence[str]) -> bool:
    """Say whether a message passes the filters; an empty one lets everything pass, case does not matter."""
    fields = value if isinstance(value, dict) else {}
    if accounts and str(fields.get("account_id", "")).upper() not in [name.upper() for name in accounts]:
        return False
    return not statuses or status_of(topic, fields).upper() in [status.upper() for status in statuses]


def messages(reader: Reader, seconds: float | None) -> Iterator[tuple[str, Any]]:
    """Yield messages, without end or until none came for some seconds."""
    last = time.monotonic()
    while seconds is None or time.monotonic() - last < seconds:
        message = reader.poll(0.2)
        if message is not None:
            last = time.monotonic()
            yield message


def parser() -> argparse.ArgumentParser:
    """Return the options of the observer."""
    options = argparse.ArgumentParser(prog="stream.py observe", description=__doc__)
    add = options.add_argument
    add("--brokers", default=os.environ.get("KAFKA_BROKERS") or f"localhost:{PORT}", help="default: localhost:9092")
    add("--topic", action="append", default=[], choices=list(TOPICS), help="default: all; may be repeated")
    add("--account", action="append", default=[], help="this account alone; may be repeated")
    add(
        "--status",
        action="append",
        default=[],
        help="good, thin, deficient, incomplete, underwater, or an action like MARGIN_CALL; may be repeated",
    )
    add("--beginning", action="store_true", help="from the first message that the topics still have")
    add("--until-idle", type=float, metavar="SECONDS", help="end when nothing came for so long (default: never)")
    return options


def main(argv: Sequence[str] | None = None) -> int:
    """Show messages until stopped."""
    arguments = parser().parse_args(argv)
    topics = arguments.topic or [name for name in TOPICS if name not in QUIET]
    console = Console(highlight=False, soft_wrap=True)
    reader = Reader(arguments.brokers, topics, beginning=arguments.beginning)
    try:
        for topic, value in messages(reader, arguments.until_idle):
            if wanted(topic, value, arguments.account, arguments.status):
                console.print(format_event(topic, value))
    finally:
        reader.close()
    return 0
