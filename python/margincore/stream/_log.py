# SPDX-License-Identifier: Apache-2.0
"""Logs of a stream: records of Kafka, from a broker or from a file of JSON lines."""

from __future__ import annotations

import base64
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from margincore.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

INPUT_TOPICS = ("betas.v1", "volatility.v1", "prices.v1", "cash.v1", "fills.v1")
"""What an engine reads, in the order in which events of one time are applied."""

_LONGEST_WAIT = 30.0  # seconds without a record, after which a broker is taken for gone
_AT_ONCE, _A_MOMENT = 10_000, 0.1  # records, and the seconds after which those that are there are taken


class LogRecord(NamedTuple):
    """A record of a log.

    Attributes
    ----------
    timestamp : int
        Of the record, ms since 1970-01-01 UTC; -1 where there is none.
    key, value : bytes or None
    """

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None


def _put(entry: dict[str, Any], name: str, data: bytes | None) -> None:
    try:
        entry[name] = None if data is None else data.decode("utf-8")
    except UnicodeDecodeError:
        assert data is not None
        entry[f"{name}_base64"] = base64.b64encode(data).decode("ascii")


def _bytes(entry: dict[str, Any], name: str, place: str) -> bytes | None:
    if f"{name}_base64" in entry:
        return base64.b64decode(entry[f"{name}_base64"])
    text = entry.get(name)
    if text is None:
        return None
    if not isinstance(text, str):
        raise InvalidInput(f"{place}.{name}: must be a string or null, got {text!r}", f"{place}.{name}")
    return text.encode("utf-8")


def _whole(entry: dict[str, Any], name: str, bits: int) -> int:
    value = int(entry[name])
    if not -(1 << (bits - 1)) <= value < 1 << (bits - 1):
        raise ValueError(f"{name} {value} beyond {bits} bits")
    return value


def write_log_file(path: str | Path, records: Iterable[LogRecord]) -> int:
    """Write records to a file, a JSON object a line, and return how many there were."""
    count = 0
    with Path(path).open("w", encoding="utf-8") as file:
        for record in records:
            entry: dict[str, Any] = {
                "topic": record.topic,
                "partition": record.partition,
                "offset": record.offset,
                "timestamp": record.timestamp,
            }
            _put(entry, "key", record.key)
            _put(entry, "value", record.value)
            file.write(json.dumps(entry, ensure_ascii=False) + "\n")
            count += 1
    return count


def read_log_file(path: str | Path) -> Iterator[LogRecord]:
    """Return the records of a file that `write_log_file` wrote.

    Raises
    ------
    InvalidInput
        Naming the line that is no record.
    """
    with Path(path).open("rb") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            place = f"{path}:{number}"
            try:
                entry = json.loads(line.decode("utf-8"))
                if not isinstance(entry["topic"], str):
                    raise TypeError(f"topic {entry['topic']!r}")
                record = LogRecord(
                    entry["topic"],
                    _whole(entry, "partition", 32),
                    _whole(entry, "offset", 64),
                    _whole(entry, "timestamp", 64),
                    _bytes(entry, "key", place),
                    _bytes(entry, "value", place),
                )
            except (ValueError, TypeError, KeyError) as error:
                raise InvalidInput(
                    f"{place}: must be a record with topic, partition, offset, timestamp, key and value, got {error!r}",
                    place,
                ) from None
            yield record


def read_kafka_log(brokers: str, topics: Sequence[str] = INPUT_TOPICS) -> Iterator[LogRecord]:
    """Return every record that topics hold now, each partition in the order of its offsets.

    Parameters
    ----------
    brokers : str
        ``host:port``, several with commas.
    topics : sequence of str
        Those that the brokers do not have are passed over.

    Raises
    ------
    ImportError
        Where confluent-kafka is not installed.
    InvalidInput
        Where the brokers do not answer, or an input topic has lost its beginning.
    """
    from confluent_kafka import Consumer, KafkaException, TopicPartition

    consumer = Consumer(
        {
            "bootstrap.servers": brokers,
            "group.id": "margincore-log",  # needed to make one; nothing is committed
            "enable.auto.commit": False,
            "isolation.level": "read_committed",
            "enable.partition.eof": True,
            "auto.offset.reset": "error",  # a log without its beginning is no account's whole
        }
    )
    try:
        known = consumer.list_topics(timeout=_LONGEST_WAIT).topics
        starts, ends = {}, {}
        for topic in topics:
            for partition in known[topic].partitions if topic in known else ():
                start, end = consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=_LONGEST_WAIT)
                if start > 0 and topic in INPUT_TOPICS:
                    raise InvalidInput(
                        f"brokers: {topic}[{partition}] must be there from its beginning, got its offsets from {start} "
                        "on: positions would be wrong",
                        "brokers",
                    )
                if end > start:
                    starts[topic, partition], ends[topic, partition] = start, end
        if ends:
            consumer.assign([TopicPartition(*place, start) for place, start in starts.items()])
            yield from _records_until(consumer, ends, brokers)
    except KafkaException as error:
        raise InvalidInput(f"brokers: must answer, got {error.args[0].str()}", "brokers") from None
    finally:
        consumer.close()


def _records_until(consumer: Any, ends: dict[tuple[str, int], int], brokers: str) -> Iterator[LogRecord]:
    """Return the records of the assigned partitions before their offsets.

    Transactions take offsets without a record, so that the end of a partition may come without its last offset.
    """
    from confluent_kafka import KafkaError

    left, heard = set(ends), time.monotonic()
    while left:
        messages = consumer.consume(_AT_ONCE, _A_MOMENT)
        if messages:
            heard = time.monotonic()
        elif time.monotonic() - heard > _LONGEST_WAIT:
            raise InvalidInput(f"brokers: must answer, got nothing of {brokers} for {_LONGEST_WAIT:g} s", "brokers")
        for message in messages:
            place = message.topic(), message.partition()
            error = message.error()
            if error is not None and error.code() != KafkaError._PARTITION_EOF:
                raise InvalidInput(f"brokers: must give their log, got {error.str()}", "brokers")
            if error is not None or message.offset() >= ends[place] - 1:
                left.discard(place)
            if error is None and message.offset() < ends[place]:
                yield LogRecord(*place, message.offset(), message.timestamp()[1], message.key(), message.value())
