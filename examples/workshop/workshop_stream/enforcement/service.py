# SPDX-License-Identifier: Apache-2.0
"""Enforcement as a process: reads results, writes one transaction a batch, then delivers what it says."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from workshop_stream.enforcement.audit import AuditError, AuditTrail
from workshop_stream.enforcement.chain import Head
from workshop_stream.enforcement.handler import RESULTS, Handler
from workshop_stream.enforcement.notify import Notices, Say
from workshop_stream.enforcement.sender import DeliveryError, Sender
from workshop_stream.enforcement.sqlite_store import head_of
from workshop_stream.enforcement.store import Store, StoreError

BATCH = 500
POLL_SECONDS = 0.2
RETRY_SECONDS = 1.0
REPEAT_SECONDS = 60.0
METADATA_SECONDS = 30.0


class LostError(Exception):
    """Results that were not read are not in the log any more, in one line."""


@dataclass
class Complaints:
    """Says what is wrong once, again after a while, and when it is over."""

    say: Say
    _said: dict[str, tuple[str, float]] = field(default_factory=dict)

    def __call__(self, what: str, error: Exception) -> None:
        text, at = self._said.get(what, ("", 0.0))
        if str(error) != text or time.monotonic() - at > REPEAT_SECONDS:
            self._said[what] = (str(error), time.monotonic())
            self.say(f"error: {what}: {error}; kept in the store and tried again")

    def over(self, what: str) -> None:
        if self._said.pop(what, None) is not None:
            self.say(f"{what}: all done again")


@dataclass
class Service:
    """The parts of enforcement, and the loop around them."""

    consumer: Consumer
    handler: Handler
    store: Store
    trail: AuditTrail
    sender: Sender
    notices: Notices
    say: Say
    is_stopping: Callable[[], bool]

    def run(self) -> bool:
        """Enforce until told to stop; return whether everything was delivered.

        Raises
        ------
        LostError, AuditError
            Where going on would lose or hide something.
        """
        complain = Complaints(self.say)
        self._written = self._checked_head()
        self._audit_due = self._send_due = 0.0
        self._partitions: set[int] = set()
        self._metadata_due = 0.0
        while not self.is_stopping():
            self._assign_new(complain)
            messages = self._read(complain)
            if messages:
                self._commit(messages, complain)
            self._deliver(complain)
        self._audit_due = self._send_due = 0.0
        return self._deliver(complain)

    def _checked_head(self) -> Head:
        """Return the end of the trail; refuse one that lacks what was written to it."""
        head, written = self.trail.head(), self.store.written_head()
        if head.sequence < written.sequence or (head.sequence == written.sequence and head != written):
            raise AuditError(
                f"the audit trail ends at record {head.sequence}, where the store wrote record {written.sequence}: "
                "it was changed"
            )
        return head

    def _assign_new(self, complain: Complaints) -> None:
        """Read every partition there is, each from where the store says."""
        if time.monotonic() < self._metadata_due:
            return
        try:
            found = self.consumer.list_topics(RESULTS, timeout=5.0).topics[RESULTS]
        except KafkaException as error:
            complain("Kafka", DeliveryError(error.args[0].str()))
            self._metadata_due = time.monotonic() + RETRY_SECONDS
            return
        partitions = set(found.partitions)
        self._metadata_due = time.monotonic() + (METADATA_SECONDS if partitions else RETRY_SECONDS)
        if not partitions <= self._partitions:
            offsets = self.store.offsets()
            starts = {number: offsets.get((RESULTS, number), 0) for number in partitions}
            for number, start in starts.items():
                self._check_start(number, start, (RESULTS, number) in offsets)
            self.consumer.assign([TopicPartition(RESULTS, number, start) for number, start in starts.items()])
            self._partitions = partitions

    def _check_start(self, number: int, start: int, is_known: bool) -> None:
        try:
            low, high = self.consumer.get_watermark_offsets(TopicPartition(RESULTS, number), timeout=10.0)
        except KafkaException:
            return  # the reader will say so
        if start > high or (is_known and start < low):
            raise LostError(
                f"{RESULTS}[{number}] has offsets {low} to {high} and the store goes on at {start}: results are lost, "
                "or the topic was made anew and needs a new store"
            )

    def _read(self, complain: Complaints) -> list[Message]:
        messages = []
        for message in self.consumer.consume(BATCH, POLL_SECONDS):
            error = message.error()
            if error is None:
                messages.append(message)
            elif error.code() == KafkaError._AUTO_OFFSET_RESET:
                raise LostError(f"{RESULTS}: {error.str()}: results are lost")
            elif error.code() != KafkaError._PARTITION_EOF:
                complain("Kafka", DeliveryError(error.str()))
        if messages:
            complain.over("Kafka")
        return messages

    def _commit(self, messages: list[Message], complain: Complaints) -> None:
        while True:
            try:
                self.store.commit(self.handler.handle(self.store, messages))
                complain.over("store")
                break
            except StoreError as error:
                complain("store", error)
                if self.is_stopping():
                    return  # read again at the next start
                time.sleep(RETRY_SECONDS)
        try:
            places = {(message.topic(), message.partition()): message.offset() + 1 for message in messages}
            offsets = [TopicPartition(topic, partition, offset) for (topic, partition), offset in places.items()]
            self.consumer.commit(offsets=offsets, asynchronous=True)  # for whoever watches the lag: the store decides
        except KafkaException:
            pass

    def _deliver(self, complain: Complaints) -> bool:
        """Send, write the trail, notify; return whether nothing is left to send or write."""
        done = True
        now = time.monotonic()
        if now >= self._send_due and not self._tried("sending", complain, self._send):
            self._send_due = time.monotonic() + RETRY_SECONDS
            done = False
        if now >= self._audit_due and not self._tried("audit", complain, self._write_trail):
            self._audit_due = time.monotonic() + RETRY_SECONDS
            done = False
        self._tried("store", complain, self._pass_notices)
        return done

    def _tried(self, what: str, complain: Complaints, act: Callable[[], None]) -> bool:
        try:
            act()
        except (DeliveryError, AuditError, StoreError) as error:
            complain(what, error)
            return False
        complain.over(what)
        return True

    def _send(self) -> None:
        if self.store.unsent(1) and not self.sender.deliver(10.0):
            raise DeliveryError("the broker has not taken everything yet")

    def _write_trail(self) -> None:
        while lines := self.store.unwritten(BATCH):
            missing = [line for line in lines if line.sequence > self._written.sequence]
            if missing:
                if missing[0].sequence != self._written.sequence + 1:
                    raise AuditError(f"record {self._written.sequence + 1} is neither in the trail nor in the store")
                try:
                    self.trail.append(missing)
                except AuditError:
                    self._written = self.trail.head()  # some may have been written
                    raise
                self._written = head_of(missing[-1])
            self.store.written(head_of(lines[-1]))

    def _pass_notices(self) -> None:
        arrived = self.notices.delivered()
        if arrived:
            self.store.noticed(arrived)
        for number, value in self.store.notices(BATCH):
            self.notices.give(number, value)
