# SPDX-License-Identifier: Apache-2.0
"""The store in one SQLite file."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import margincore as mc

from workshop_stream.enforcement.audit import Line
from workshop_stream.enforcement.chain import Head, link
from workshop_stream.enforcement.messages import AUDIT, Output, text_of
from workshop_stream.enforcement.store import AccountState, Batch, Place, StoreError

VERSION = 1
SCHEMA = """
CREATE TABLE account (account_id TEXT PRIMARY KEY, version INTEGER NOT NULL, warned INTEGER NOT NULL,
    call_issued_at INTEGER, restricted INTEGER NOT NULL, liquidating INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE input (topic TEXT, partition INTEGER, offset INTEGER NOT NULL, PRIMARY KEY (topic, partition));
CREATE TABLE output (topic TEXT, partition INTEGER, search_from INTEGER NOT NULL, PRIMARY KEY (topic, partition));
CREATE TABLE outbox (number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, topic TEXT NOT NULL, key TEXT,
    value TEXT NOT NULL);
CREATE TABLE audit (sequence INTEGER PRIMARY KEY, line TEXT NOT NULL);
CREATE TABLE chain (name TEXT PRIMARY KEY, sequence INTEGER NOT NULL, hash TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE notice (number INTEGER PRIMARY KEY AUTOINCREMENT, value TEXT NOT NULL);
"""


class SqliteStore:
    """States, offsets and deliveries in one file, which one process has at a time."""

    def __init__(self, file: Path) -> None:
        self._file = file
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(file, timeout=5.0, isolation_level=None)
            # One process: a second one would take the same steps again.
            self._connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = FULL")
            with self._transaction():
                (version,) = self._connection.execute("PRAGMA user_version").fetchone()
                if version == 0:
                    for statement in SCHEMA.split(";"):
                        self._connection.execute(statement)
                    self._connection.execute(f"PRAGMA user_version = {VERSION}")
                elif version != VERSION:
                    raise StoreError(f"{file}: was written by another version of enforcement ({version})")
        except OSError as error:
            raise StoreError(f"{file}: {error.strerror}") from None
        except sqlite3.Error as error:
            raise self._error(error) from None

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            yield
            self._connection.execute("COMMIT")
        except BaseException as error:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            if isinstance(error, sqlite3.Error):
                raise self._error(error) from None
            raise

    def _error(self, error: sqlite3.Error) -> StoreError:
        held = ": another process has it" if "locked" in str(error) else ""
        return StoreError(f"{self._file}: {error}{held}")

    def _rows(self, query: str, *arguments: Any) -> list[Any]:
        try:
            return self._connection.execute(query, arguments).fetchall()
        except sqlite3.Error as error:
            raise self._error(error) from None

    def account(self, account_id: str) -> AccountState:
        """Return what is known of an account."""
        query = "SELECT version, warned, call_issued_at, restricted, liquidating FROM account WHERE account_id = ?"
        for version, warned, call_issued_at, restricted, liquidating in self._rows(query, account_id):
            state = mc.EnforcementState(
                warned=bool(warned),
                call_issued_at=call_issued_at,
                restricted=bool(restricted),
                liquidating=bool(liquidating),
            )
            return AccountState(state, version)
        return AccountState()

    def offsets(self) -> Mapping[Place, int]:
        """Return where to go on reading, by partition."""
        return {(topic, partition): offset for topic, partition, offset in self._rows("SELECT * FROM input")}

    def commit(self, batch: Batch) -> None:
        """Write a batch as a whole, or nothing of it."""
        execute = self._connection.execute
        with self._transaction():
            for account_id, known in batch.accounts.items():
                state = known.state
                facts = (state.warned, state.call_issued_at, state.restricted, state.liquidating)
                execute("INSERT OR REPLACE INTO account VALUES (?, ?, ?, ?, ?, ?)", (account_id, known.version, *facts))
            for (topic, partition), offset in batch.offsets.items():
                execute("INSERT OR REPLACE INTO input VALUES (?, ?, ?)", (topic, partition, offset))
            self._put_outputs(batch.outputs)
            head = self._head("linked")
            for event in batch.audit:
                head, line = link(head, event)
                execute("INSERT INTO audit VALUES (?, ?)", (head.sequence, line))
                # The topic says where the event stands in the chain: who has it can tell a trail that was made anew.
                value = text_of({**event, "sequence": head.sequence, "hash": head.hash})
                self._put_outputs([Output(event["event_id"], AUDIT, event["account_id"], value)])
            if batch.audit:
                self._put_head("linked", head)
            self._connection.executemany("INSERT INTO notice (value) VALUES (?)", [(value,) for value in batch.notices])

    def _put_outputs(self, outputs: Iterable[Output]) -> None:
        rows = [(output.id, output.topic, output.key, output.value) for output in outputs]
        self._connection.executemany("INSERT INTO outbox (id, topic, key, value) VALUES (?, ?, ?, ?)", rows)

    def _head(self, name: str) -> Head:
        for sequence, digest in self._rows("SELECT sequence, hash FROM chain WHERE name = ?", name):
            return Head(sequence, digest)
        return Head()

    def _put_head(self, name: str, head: Head) -> None:
        self._connection.execute("INSERT OR REPLACE INTO chain VALUES (?, ?, ?)", (name, head.sequence, head.hash))

    def unsent(self, limit: int) -> Sequence[tuple[int, Output]]:
        """Return the outputs that are not known to be delivered, in order, with their numbers."""
        rows = self._rows("SELECT number, id, topic, key, value FROM outbox ORDER BY number LIMIT ?", limit)
        return [(number, Output(*output)) for number, *output in rows]

    def sent(self, numbers: Sequence[int], search_from: Mapping[Place, int]) -> None:
        """Forget delivered outputs, and where to look for those that are not known to be."""
        with self._transaction():
            self._forget("outbox", numbers)
            for (topic, partition), offset in search_from.items():
                self._connection.execute("INSERT OR REPLACE INTO output VALUES (?, ?, ?)", (topic, partition, offset))

    def _forget(self, table: str, numbers: Sequence[int]) -> None:
        self._connection.executemany(f"DELETE FROM {table} WHERE number = ?", [(number,) for number in numbers])

    def search_from(self) -> Mapping[Place, int]:
        """Return the offsets from which an output may be found that is not known to be delivered."""
        return {(topic, partition): offset for topic, partition, offset in self._rows("SELECT * FROM output")}

    def unwritten(self, limit: int) -> Sequence[Line]:
        """Return the audit records that are not known to be in the trail, in order."""
        return [Line(*row) for row in self._rows("SELECT sequence, line FROM audit ORDER BY sequence LIMIT ?", limit)]

    def written(self, head: Head) -> None:
        """Forget audit records that the trail has."""
        with self._transaction():
            self._connection.execute("DELETE FROM audit WHERE sequence <= ?", (head.sequence,))
            self._put_head("written", head)

    def written_head(self) -> Head:
        """Return the end of the trail as far as it is known to be written."""
        return self._head("written")

    def notices(self, limit: int) -> Sequence[tuple[int, str]]:
        """Return what nobody is known to have been notified of, in order, with its numbers."""
        return self._rows("SELECT number, value FROM notice ORDER BY number LIMIT ?", limit)

    def noticed(self, numbers: Sequence[int]) -> None:
        """Forget notices that were delivered."""
        with self._transaction():
            self._forget("notice", numbers)

    def close(self) -> None:
        """Release the file."""
        self._connection.close()


def head_of(line: Line) -> Head:
    """Return the chain as it ends with a record."""
    return Head(line.sequence, json.loads(line.text)["hash"])
