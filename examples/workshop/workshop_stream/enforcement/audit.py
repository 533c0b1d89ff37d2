# SPDX-License-Identifier: Apache-2.0
"""Where the audit trail is kept: an interface, and files partitioned by date and hour of the events."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from workshop_stream.enforcement.chain import Head, partition_of, read_record

FILE_BYTES = 16 * 1024 * 1024  # a new file of an hour begins when this is reached


class AuditError(Exception):
    """Why the trail cannot be written or is not what was written, in one line."""


@dataclass(frozen=True)
class Line:
    """A record as it is written, with its place in the chain."""

    sequence: int
    text: str


class AuditTrail(Protocol):
    """Somewhere to append records; an object store can stand behind it as well as a disk."""

    def head(self) -> Head:
        """Return the end of what is written, after repairing what a crash tore."""
        ...

    def append(self, lines: Sequence[Line]) -> None:
        """Write records so that they survive a crash of the machine; raise AuditError where that failed.

        After a failure none of them, or those before some point, are written: `head` says which.
        """
        ...


class FileTrail:
    """Append-only files ``date=YYYY-MM-DD/hour=HH/NNNN.jsonl`` below a folder."""

    def __init__(self, folder: Path, file_bytes: int = FILE_BYTES) -> None:
        self._folder = folder
        self._file_bytes = file_bytes

    def head(self) -> Head:
        """Return the end of what is written, after cutting off a torn last line."""
        head = Head()
        for file in trail_files(self._folder):
            try:
                last = _last_line(file)
            except OSError as error:
                raise AuditError(f"{file}: {error.strerror}") from None
            if last is None:
                continue
            record = read_record(last)
            if record is None:
                raise AuditError(f"{file}: the last line is not a record of the trail")
            if record["sequence"] > head.sequence:
                head = Head(record["sequence"], record["hash"])
        return head

    def append(self, lines: Sequence[Line]) -> None:
        """Write records, each to the file of its hour, and wait until the disk has them."""
        start = 0
        while start < len(lines):  # neighbours of one hour are one write: records must reach the files in their order
            partition = _partition(lines[start])
            end = start + 1
            while end < len(lines) and _partition(lines[end]) == partition:
                end += 1
            self._write(partition, "".join(line.text + "\n" for line in lines[start:end]).encode("ascii"))
            start = end

    def _write(self, partition: str, data: bytes) -> None:
        folder = self._folder / partition
        try:
            if not folder.is_dir():
                folder.mkdir(parents=True, exist_ok=True)
                for parent in (folder.parent, folder.parent.parent):  # a folder is as durable as its parent's entry
                    _sync_folder(parent)
            file = self._file_of(folder, len(data))
            is_new = not file.exists()
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o640)
        except OSError as error:
            raise AuditError(f"{error.filename or folder}: {error.strerror}") from None
        try:
            size = os.fstat(descriptor).st_size
            try:
                rest = memoryview(data)
                while rest:
                    rest = rest[os.write(descriptor, rest) :]
                os.fsync(descriptor)
            except OSError as error:
                os.ftruncate(descriptor, size)  # all or nothing: a torn line would stand before the next record
                raise AuditError(f"{file}: {error.strerror}") from None
            if is_new:
                _sync_folder(folder)
        except OSError as error:
            raise AuditError(f"{file}: {error.strerror}") from None
        finally:
            os.close(descriptor)

    def _file_of(self, folder: Path, more: int) -> Path:
        files = sorted(folder.glob("*.jsonl"))
        if not files:
            return folder / "0001.jsonl"
        size = files[-1].stat().st_size
        if size and size + more > self._file_bytes:
            return folder / f"{int(files[-1].stem) + 1:04}.jsonl"
        return files[-1]


def trail_files(folder: Path) -> list[Path]:
    """Return the files of a trail in the order of their hours."""
    return sorted(folder.glob("date=*/hour=*/*.jsonl"))


def _partition(line: Line) -> str:
    record = read_record(line.text.encode("ascii"))
    assert record is not None
    return partition_of(record)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _last_line(file: Path) -> bytes | None:
    """Return the last line of a file after cutting off what a crash left without its end."""
    block = 64 * 1024
    with file.open("r+b") as stream:
        end = position = stream.seek(0, os.SEEK_END)
        tail = b""
        while position > 0 and tail.count(b"\n") < 2:
            step = min(block, position)
            position -= step
            stream.seek(position)
            tail = stream.read(step) + tail
        whole = tail.rfind(b"\n") + 1
        if whole < len(tail):
            stream.truncate(end - (len(tail) - whole))
            os.fsync(stream.fileno())
            tail = tail[:whole]
    return tail.splitlines()[-1] if tail else None
