# SPDX-License-Identifier: Apache-2.0
"""Delivers what the store has to send, each message once."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, Producer, TopicPartition

from workshop_stream.enforcement.messages import OUTPUTS, Output
from workshop_stream.enforcement.store import Place, Store

ID_HEADER = "id"
SECONDS = 10.0
BATCH = 1_000
# A request of a process that was killed may still be on its way to the broker when the next one starts.
SETTLE_SECONDS = 1.0


class DeliveryError(Exception):
    """Why what there is to send is not delivered yet, in one line."""


class Sender:
    """An idempotent producer, and the search for what an earlier one delivered before it was killed."""

    def __init__(self, brokers: str, store: Store) -> None:
        self._brokers = brokers
        self._store = store
        self._producer: Producer | None = None
        self._recovered = False

    def deliver(self, seconds: float) -> bool:
        """Send what there is to send; return whether all of it is delivered within some seconds.

        Raises
        ------
        DeliveryError
            Where the broker does not take it; to be called again.
        """
        deadline = time.monotonic() + seconds
        if not self._recovered:
            self._recover()
        while rows := self._store.unsent(BATCH):
            if not self._send(rows, deadline):
                return False
        return True

    def close(self) -> None:
        """End the producer; what it has not delivered stays in the store and is looked for at the next start."""
        self._drop_producer()

    def _drop_producer(self) -> None:
        if self._producer is not None:
            self._producer.purge()
            self._producer.flush(1.0)
        self._producer = None
        self._recovered = False

    def _send(self, rows: Sequence[tuple[int, Output]], deadline: float) -> bool:
        delivered: dict[Place, int] = {}
        failed: list[KafkaError] = []
        left = len(rows)

        def report(error: KafkaError | None, message: Message) -> None:
            nonlocal left
            left -= 1
            if error is not None:
                failed.append(error)
            else:
                place = message.topic(), message.partition()
                delivered[place] = max(delivered.get(place, 0), message.offset() + 1)

        producer = self._producer or self._new_producer()
        try:
            for _, output in rows:
                key = None if output.key is None else output.key.encode()
                headers = [(ID_HEADER, output.id.encode())]
                producer.produce(output.topic, output.value.encode(), key, headers=headers, on_delivery=report)
                producer.poll(0)
            while left and not failed and time.monotonic() < deadline:
                producer.poll(min(0.1, max(0.0, deadline - time.monotonic())))
        except (KafkaException, BufferError) as error:
            self._drop_producer()
            raise DeliveryError(str(error)) from None
        if failed:
            self._drop_producer()
            raise DeliveryError(failed[0].str())
        if left:  # not known: looked for before anything is sent again
            self._drop_producer()
            return False
        self._store.sent([number for number, _ in rows], delivered)
        return True

    def _new_producer(self) -> Producer:
        self._producer = Producer(
            {
                "bootstrap.servers": self._brokers,
                "enable.idempotence": True,
                "partitioner": "murmur2_random",  # where the workshop's Java and Python clients put the same key
                "linger.ms": 0,
                "message.max.bytes": 8_000_000,  # as the topics take
                "logger": quiet_logger(),
            }
        )
        return self._producer

    def _recover(self) -> None:
        """Mark what is in the topics already, from where it can be at the earliest."""
        reader = Consumer(
            {
                "bootstrap.servers": self._brokers,
                "group.id": "margincore-enforcement-recovery",
                "enable.auto.commit": False,
                "enable.partition.eof": True,
                "auto.offset.reset": "earliest",
                "isolation.level": "read_uncommitted",
                "logger": quiet_logger(),
            }
        )
        try:
            unsent = self._store.unsent(2**31)
            known = self._store.search_from()
            topics = {output.topic for _, output in unsent}
            if unsent and known:
                time.sleep(SETTLE_SECONDS)
            found: set[str] = set()
            ends: dict[Place, int] = {}
            for place in _partitions(reader):
                _, end = reader.get_watermark_offsets(TopicPartition(*place), timeout=SECONDS)
                start = known.get(place, 0 if known else end)  # nothing was sent before the first start
                ends[place] = end
                if place[0] in topics and start < end:
                    found |= set(_ids(reader, place, start, end))
            self._store.sent([number for number, output in unsent if output.id in found], ends)
        except KafkaException as error:
            raise DeliveryError(error.args[0].str()) from None
        finally:
            reader.close()
        self._recovered = True


def _partitions(reader: Consumer) -> list[Place]:
    topics = reader.list_topics(timeout=SECONDS).topics
    return [(name, number) for name in OUTPUTS if name in topics for number in topics[name].partitions]


def _ids(reader: Consumer, place: Place, start: int, end: int) -> Iterator[str]:
    """Yield the ids of the messages of a partition between two offsets."""
    reader.assign([TopicPartition(*place, start)])
    deadline = time.monotonic() + SECONDS
    try:
        while True:
            message = reader.poll(0.5)
            if time.monotonic() > deadline:
                raise DeliveryError(f"{place[0]}[{place[1]}] could not be read up to offset {end} in {SECONDS:.0f} s")
            if message is None:
                continue
            if message.error() is not None:
                if message.error().code() == KafkaError._PARTITION_EOF:
                    return
                raise KafkaException(message.error())
            deadline = time.monotonic() + SECONDS
            yield from (value.decode() for name, value in message.headers() or () if name == ID_HEADER and value)
            if message.offset() + 1 >= end:
                return
    finally:
        reader.unassign()


def quiet_logger() -> logging.Logger:
    """Return a logger that keeps what librdkafka says of connections out of the way: errors are said by who calls."""
    logger = logging.getLogger("margincore.enforcement.kafka")
    logger.addHandler(logging.NullHandler())
    logger.propagate = False
    return logger
