# SPDX-License-Identifier: Apache-2.0
"""A file that is read more than once: from a disk or a pipe, as it is or compressed."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pyarrow as pa

from margincore._terminal import UnreadableError

Watch = Callable[[Any, str, int], Any]  # a file, its name and its size

_COMPRESSED = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}


class Source:
    """A file that may be read more than once, and what it holds."""

    def __init__(self, name: str) -> None:
        self.name = name
        try:
            self._bytes: Any = None
            with open(name, "rb") as file:  # noqa: PTH123
                if not file.seekable():  # a pipe
                    self._bytes = pa.py_buffer(file.read())
                    head = self._bytes[:8].to_pybytes() if len(self._bytes) else b""
                else:
                    head = file.read(8)
                    self.size = file.seek(0, io.SEEK_END)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise UnreadableError(f"{name}: must be a file that can be read, got {reason}") from None
        if self._bytes is not None:
            self.size = len(self._bytes)
        self.head = head
        self.compression = next((how for magic, how in _COMPRESSED.items() if head.startswith(magic)), None)

    def open_raw(self) -> Any:
        """Return the bytes as they are stored."""
        return pa.BufferReader(self._bytes) if self._bytes is not None else pa.OSFile(self.name)

    def open(self, watch: Watch | None = None) -> Any:
        """Return the bytes, decompressed.

        Parameters
        ----------
        watch : callable, optional
            Wraps the file to see how far it has been read.
        """
        raw = (
            self.open_raw() if watch is None else pa.PythonFile(watch(self.open_raw(), self.name, self.size), mode="r")
        )
        return raw if self.compression is None else pa.CompressedInputStream(raw, self.compression)
