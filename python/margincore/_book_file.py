# SPDX-License-Identifier: Apache-2.0
"""A file of a book, read: its table, and where in the file each row stands and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from margincore._book_cells import Cells, has_line_end, rows_where
from margincore._book_columns import KEYS, Role
from margincore._csv_lines import CsvLines
from margincore._terminal import quoted


@dataclass
class BookFile:
    """A file of a book, read.

    A bad row has nothing but its key in the table, so that whoever depends on it is not computed.
    """

    name: str
    role: Role
    table: Any = None
    header_line: int | None = None  # of CSV
    bad: dict[int, list[str]] = field(default_factory=dict)  # what is wrong, by row of the table, each with its place
    unowned: list[str] = field(default_factory=list)  # bad rows that may be anybody's, each with its place
    lines: CsvLines | None = None
    rows_in_file: int = 0  # from here on rows of the table are ragged ones of the file

    def places(self, rows: list[int]) -> dict[int, str]:
        """Return where rows of the table stand: ``positions.csv:18``, or ``positions.parquet: row 17``."""
        found = self.lines.find(rows) if self.lines is not None else {}
        return {row: self._place(row, found.get(row)) for row in rows}

    def may_hold_other_rows(self, row: int, column: str) -> bool:
        """Whether a cell that is wrong has line ends in it: a quotation mark not closed takes what follows with it."""
        cell = self.table.column(column)[row].as_py() if column in self.table.schema.names else None
        return self.lines is not None and isinstance(cell, str) and has_line_end(cell)

    def _place(self, row: int, line: int | None) -> str:
        return f"{self.name}: row {row + 1}" if line is None else f"{self.name}:{line}"

    @property
    def header_place(self) -> str:
        """Where the names of the columns stand."""
        return self.name if self.header_line is None else f"{self.name}:{self.header_line}"


def _without_bad_rows(table: Any, key: str, bad: set[int]) -> Any:
    """Return a table whose bad rows have nothing but their key."""
    is_bad = np.zeros(len(table), dtype=bool)
    is_bad[list(bad)] = True
    mask = pa.chunked_array([pa.array(is_bad)])
    for i, name in enumerate(table.schema.names):
        if name != key:
            column = table.column(i)
            if pa.types.is_dictionary(column.type):
                column = pc.cast(column, column.type.value_type)
            table = table.set_column(i, name, pc.if_else(mask, pa.scalar(None, column.type), column))
    return table


def _repeated(keys: Any) -> list[tuple[int, str]]:
    """Return the rows of keys that stand more than once."""
    counts = pc.value_counts(keys)
    if len(counts) == len(keys):
        return []
    repeated = pc.filter(counts.field("values"), pc.greater(counts.field("counts"), 1)).drop_null()
    return [(row, keys[row].as_py()) for row in rows_where(pc.is_in(keys, repeated))]


def finish(file: BookFile, cells: dict[str, Cells]) -> BookFile:
    """Make the table of a file from its columns, and name the place of every cell that is bad."""
    key = KEYS[file.role]
    file.table = pa.table({name: column.values for name, column in cells.items()})
    file.rows_in_file = len(file.table)
    found = [(row, name, message) for name, column in cells.items() for row, message in column.bad.items()]
    nameless = set(rows_where(pc.is_null(file.table.column(key)))) if file.table.column(key).null_count else set()
    found += [(row, key, "must be given, got nothing") for row in nameless - set(cells[key].bad)]
    if file.role == "instruments":
        found += [
            (row, key, f"must name each symbol once, got {quoted(symbol)} more than once")
            for row, symbol in _repeated(file.table.column(key))
        ]
    if file.lines is not None:
        file.lines.rows = file.rows_in_file
    if not found:
        return file
    places = file.places(sorted({row for row, _, _ in found}))
    spanning = set().union(*(column.with_line_ends for column in cells.values())) if file.lines is not None else set()
    for row, name, message in sorted(found):
        text = f"{places[row]}: {name}: {message}"
        if row in nameless or row in spanning:
            file.unowned.append(text)
        else:
            file.bad.setdefault(row, []).append(text)
    file.table = _without_bad_rows(file.table, key, {row for row, _, _ in found})
    return file
