# SPDX-License-Identifier: Apache-2.0
"""The file that a command writes."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from margincore._terminal import UnreadableError, quoted

_SUFFIXES = (".parquet", ".csv", ".csv.gz")


class OutputFile:
    """The output, which is whole or not there: a temporary file beside it that takes its name at the end.

    Parameters
    ----------
    name : str
        What the user calls it.
    read : iterable of str or None
        The files that the command reads, none of which it may replace.

    Raises
    ------
    UnreadableError
        Where it cannot be written.
    """

    def __init__(self, name: str, read: Iterable[str | None]) -> None:
        self._name = name
        if not name.endswith(_SUFFIXES):
            raise UnreadableError(f"output: must end in {', '.join(_SUFFIXES)}, got {quoted(name)}")
        self._path = Path(os.path.realpath(name))
        self._read = [other for other in read if other is not None]
        self._temporary: Path | None = None

    def __enter__(self) -> OutputFile:
        if any(Path(os.path.realpath(other)) == self._path for other in self._read):
            raise self._refused("one that is read")
        try:
            self._file = self._open()
        except (OSError, ValueError) as error:
            self._remove()
            raise self._refused(getattr(error, "strerror", None) or str(error)) from None
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._file.close()
        self._remove()

    def _refused(self, reason: str) -> UnreadableError:
        return UnreadableError(f"{self._name}: must be a file that can be written, got {reason}")

    def _open(self) -> BinaryIO:
        mode = self._path.stat().st_mode if self._path.exists() else None
        if mode is not None and not stat.S_ISREG(mode):  # a device or a pipe has its name already; a folder refuses
            return self._path.open("wb")
        if mode is not None:
            self._path.open("r+b").close()  # what must not be written is not replaced either
        descriptor, temporary = tempfile.mkstemp(".part", f".{self._path.name[:100]}.", self._path.parent)
        self._temporary = Path(temporary)
        os.fchmod(descriptor, stat.S_IMODE(mode) if mode is not None else 0o666 & ~_umask())
        return os.fdopen(descriptor, "wb")

    def _remove(self) -> None:
        if self._temporary is not None:
            self._temporary.unlink(missing_ok=True)

    def write(self, table: Any) -> None:
        """Write a table, and give the file its name."""
        try:
            if self._name.endswith(".parquet"):
                pa.parquet.write_table(table, self._file)
            elif self._name.endswith(".gz"):
                with pa.CompressedOutputStream(pa.PythonFile(self._file, mode="w"), "gzip") as stream:
                    pa.csv.write_csv(table, stream)
            else:
                pa.csv.write_csv(table, self._file)
            if not self._file.closed:
                self._file.close()
            if self._temporary is not None:
                self._temporary.replace(self._path)
                self._temporary = None
        except OSError as error:
            raise self._refused(error.strerror or str(error)) from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
