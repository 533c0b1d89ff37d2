# SPDX-License-Identifier: Apache-2.0
"""The stateful operator of the streams: a margin engine for each bucket of accounts, kept as bytes in Spark's state."""

from __future__ import annotations

import hashlib
import json
import pickle
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pyspark.sql.streaming import StatefulProcessor

from margincore.spark._topics import is_of_copied_topic

if TYPE_CHECKING:
    from margincore.stream import MarginEngine

OUTPUT = "topic string, key string, value string"

# A log is kept until it is this many bytes, and until it is this part of the snapshot before it.
_SMALLEST_LOG = 1 << 20
_LOG_OF_SNAPSHOT = 0.25

# Engines of this worker process, by settings and bucket, each with the digest of all that it was given. Spark gives a
# key to whatever worker is free and runs a failed batch again, so an engine counts only where Spark's own state names
# its digest: as the newest, or in the log, whose later messages it then catches up with.
_ENGINES: dict[tuple[str, int], tuple[bytes, MarginEngine]] = {}


class MarginProcessor(StatefulProcessor):  # type: ignore[misc]
    """Applies the messages of a batch to the engine of a bucket, and gives what the engine has to write.

    The state of a bucket is a snapshot of its engine and the messages since, so that a batch writes its own messages
    alone, and a new snapshot comes when they have grown large beside it. What comes out depends on the messages and the
    state alone: a batch that is run again gives the same results with the same versions.

    Parameters
    ----------
    settings : dict
        Of the engine.
    speaker : int
        The bucket that reports unreadable messages of topics that every bucket gets.
    """

    def __init__(self, settings: dict[str, Any], speaker: int) -> None:
        self._settings = json.dumps(settings)
        self._speaker = speaker

    def init(self, handle: Any) -> None:
        """Name the state."""
        self._head = handle.getValueState("head", "digest binary, log_size bigint, snapshot_size bigint")
        self._snapshot = handle.getValueState("snapshot", "engine binary")
        self._log = handle.getListState("log", "digest binary, messages binary")

    def handleInputRows(self, key: Any, rows: Iterator[Any], timerValues: Any) -> Iterator[Any]:  # noqa: N802, N803
        """Give the output of one bucket's messages of a batch.

        Rows have ``topic``, ``partition``, ``offset``, ``timestamp`` in ms, ``key`` and ``value``.
        """
        import pandas as pd

        del timerValues
        bucket = int(key[0])
        digest, log_size, snapshot_size = self._head.get() or (b"", 0, 0)
        digest = bytes(digest)
        engine = self._engine(bucket, digest)

        messages = pickle.dumps(_messages(pd.concat(list(rows), ignore_index=True)))
        engine.apply(*pickle.loads(messages))
        topics, keys, values = engine.take()

        digest = hashlib.blake2b(digest + messages, digest_size=16).digest()
        log_size += len(messages)
        if log_size > max(_LOG_OF_SNAPSHOT * snapshot_size, _SMALLEST_LOG):
            snapshot = engine.save()
            self._snapshot.update((snapshot,))
            self._log.clear()
            log_size, snapshot_size = 0, len(snapshot)
        else:
            self._log.appendValue((digest, messages))
        self._head.update((digest, log_size, snapshot_size))
        _ENGINES[self._settings, bucket] = digest, engine

        if bucket != self._speaker:
            kept = [i for i, key in enumerate(keys) if not is_of_copied_topic(topics[i], key)]
            topics, keys, values = ([column[i] for i in kept] for column in (topics, keys, values))
        if topics:
            yield pd.DataFrame({"topic": topics, "key": keys, "value": values})

    def close(self) -> None:
        """Nothing is open."""

    def _engine(self, bucket: int, digest: bytes) -> MarginEngine:
        """Return the engine at a digest: this process's own, or else made of Spark's state."""
        from margincore.stream import MarginEngine

        held = _ENGINES.pop((self._settings, bucket), None)  # put back when all is done: a failure leaves none
        if held is not None and held[0] == digest:
            return held[1]
        log = [(bytes(after), messages) for after, messages in self._log.get()]
        done = [after for after, _ in log].index(held[0]) + 1 if held and held[0] in dict(log) else 0
        if held is not None and done:
            engine = held[1]
        else:
            snapshot, settings = self._snapshot.get(), json.loads(self._settings)
            engine = MarginEngine(settings) if snapshot is None else MarginEngine.load(settings, bytes(snapshot[0]))
        for _, messages in log[done:]:
            engine.apply(*pickle.loads(messages))
            engine.take()  # has been written
        return engine


def _messages(frame: Any) -> tuple[list[Any], ...]:
    """Return the columns that an engine takes, each partition in the order of its offsets: the shuffle mixes them."""
    frame = frame.sort_values(["topic", "partition", "offset"], kind="stable")
    numbers = [frame[name].tolist() for name in ("topic", "partition", "offset", "timestamp")]
    texts = [[None if value is None else bytes(value) for value in frame[name]] for name in ("key", "value")]
    return (*numbers, *texts)
