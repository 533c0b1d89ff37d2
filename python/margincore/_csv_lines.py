# SPDX-License-Identifier: Apache-2.0
"""On which lines the rows of a CSV file stand: read only when something in it is wrong."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from margincore._terminal import UnreadableError

_BLOCK = 1 << 24


@dataclass(frozen=True)
class Row:
    """A row of a CSV file: its lines, counted from 1, and its cells where they are of interest."""

    first: int
    last: int
    cells: list[str]


@contextmanager
def _cells_of_any_size() -> Iterator[None]:
    """Let a quotation mark that is not closed be found, however much follows it."""
    limit = csv.field_size_limit(2**31 - 1)
    try:
        yield
    finally:
        csv.field_size_limit(limit)


class CsvLines:
    """The lines of a CSV file. Rows are counted from 0, without the header, blank lines and ragged rows.

    Attributes
    ----------
    rows : int
        How many rows another reader has seen. Where this one sees another number, it knows no lines.
    has_ragged : bool
        Whether there are rows with more or fewer cells than the header.
    """

    def __init__(self, open_file: Callable[[], Any]) -> None:
        self._open = open_file
        self._header = Row(1, 1, [])
        self._is_plain: bool | None = None
        self._found: dict[int, int] = {}
        self._ragged: list[Row] | None = None
        self.rows = 0
        self.has_ragged = False

    def _records(self) -> Iterator[Row]:
        with self._open() as file, io.TextIOWrapper(file, "utf-8-sig", errors="surrogateescape", newline="") as text:
            reader = csv.reader(text)
            first = 1
            for cells in reader:
                if cells:
                    yield Row(first, reader.line_num, cells)
                first = reader.line_num + 1

    def header(self, name: str) -> Row:
        """Return the first row.

        Raises
        ------
        UnreadableError
            Where there is none.
        """
        try:
            header = next(self._records(), None)
        except csv.Error as error:
            raise UnreadableError(f"{name}: must have a header row, got {error}") from None
        if header is None:
            raise UnreadableError(f"{name}: must have a header row, got an empty file")
        if any("\udc80" <= c <= "\udcff" or c == "\0" for cell in header.cells for c in cell):
            raise UnreadableError(f"{name}:{header.first}: must be a header row in UTF-8, got something else")
        self._header = header
        return header

    def find(self, rows: list[int]) -> dict[int, int]:
        """Return the first lines of rows, as far as they are known."""
        if self._is_a_row_a_line():
            start = self._header.first + 1
            return {row: start + row for row in rows}
        self.look_up(rows)
        return {row: self._found[row] for row in rows if row in self._found}

    def look_up(self, rows: list[int]) -> None:
        """Read the file for the lines of rows, once for all that `find` is then asked for."""
        if not self._is_a_row_a_line() and any(row not in self._found for row in rows):
            self._look(set(rows))

    def ragged(self) -> list[Row]:
        """Return the rows with more or fewer cells than the header."""
        if self._ragged is None:
            self._look(set())
        return self._ragged or []

    def longest(self) -> Row:
        """Return the row that spans most lines."""
        with _cells_of_any_size():
            return max(self._records(), key=lambda row: row.last - row.first)

    def _is_a_row_a_line(self) -> bool:
        """Whether nothing in the file can make lines and rows differ: a quote, a blank line or a ragged row."""
        if self.has_ragged:
            return False
        if self._is_plain is None:
            self._is_plain = self._header.first == self._header.last == 1 and self._is_without_surprises()
        return self._is_plain

    def _is_without_surprises(self) -> bool:
        rest = b""
        with self._open() as file:
            while block := file.read(_BLOCK):
                text = rest + block
                rest = text[-1:]  # of a pair that two blocks may share
                if b'"' in text or b"\n\n" in text or b"\n\r" in text:
                    return False
                if text.count(b"\r", 0, -1) != text.count(b"\r\n"):  # a return that ends a line by itself
                    return False
        return rest != b"\r"

    def _look(self, wanted: set[int]) -> None:
        width = len(self._header.cells)
        ragged: list[Row] = []
        found: dict[int, int] = {}
        number = 0
        try:
            with _cells_of_any_size():
                records = self._records()
                next(records)
                for row in records:
                    if len(row.cells) != width:
                        ragged.append(row)
                        continue
                    if number in wanted:
                        found[number] = row.first
                    number += 1
        except csv.Error:  # what only this reader stumbles over
            return
        self._ragged = ragged
        if number == self.rows:
            self._found |= found
