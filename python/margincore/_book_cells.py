# SPDX-License-Identifier: Apache-2.0
"""The cells of a column in the type of the contract, and those that cannot be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from margincore._book_columns import Cell, Role, cells_of
from margincore._terminal import UnreadableError, quoted

_NUMBER = r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?$"  # no nan, no inf, no hexadecimal
TRUE, FALSE = ["true", "True", "TRUE"], ["false", "False", "FALSE"]


@dataclass
class Cells:
    """A column in the type of the contract, and the cells that could not be: what came, by row."""

    values: Any
    bad: dict[int, str] = field(default_factory=dict)
    with_line_ends: set[int] = field(default_factory=set)  # those of the bad ones


def rows_where(mask: Any) -> list[int]:
    """Return the rows in which a column of booleans is true."""
    return [int(row) for row in np.flatnonzero(mask.combine_chunks().fill_null(False).to_numpy(zero_copy_only=False))]


def has_line_end(text: str | bytes) -> bool:
    """Whether text would span lines of a file."""
    return any(end in (text.decode("latin-1") if isinstance(text, bytes) else text) for end in "\r\n")


def _decoded(column: Any) -> Cells:
    """Return bytes as text."""
    try:
        return Cells(pc.cast(column, pa.string()))
    except pa.ArrowInvalid:
        pass
    bad: dict[int, bytes] = {}
    texts: list[str | None] = []
    for row, cell in enumerate(column.to_pylist()):
        try:
            texts.append(None if cell is None else cell.decode())
        except UnicodeDecodeError:
            bad[row] = cell
            texts.append(None)
    return _marked(pa.chunked_array([pa.array(texts, pa.string())]), "must be UTF-8", bad)


def _marked(values: Any, rule: str, bad: Mapping[int, str | bytes]) -> Cells:
    return Cells(
        values,
        {row: f"{rule}, got {quoted(cell)}" for row, cell in bad.items()},
        {row for row, cell in bad.items() if has_line_end(cell)},
    )


def _has_empty(column: Any) -> bool:
    return bool(pc.min(pc.binary_length(column)).as_py() == 0)


def _parsed(column: Any, cell: Cell) -> Cells:
    """Return a column of text in the type of the contract. An empty cell is missing."""
    if cell in ("text", "date"):
        if _has_empty(column):
            column = pc.if_else(pc.equal(column, ""), pa.scalar(None, column.type), column)
        return Cells(column)
    trimmed = pc.utf8_trim_whitespace(column)
    trimmed = pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, trimmed.type), trimmed)
    if cell == "number":
        is_fine = pc.match_substring_regex(trimmed, _NUMBER)
        values = pc.cast(pc.if_else(is_fine, trimmed, pa.scalar(None, trimmed.type)), pa.float64())
        is_fine = pc.and_(is_fine, pc.fill_null(pc.is_finite(values), False))
        what = "must be a number"
    else:
        is_true, is_false = (pc.is_in(trimmed, pa.array(words, trimmed.type)) for words in (TRUE, FALSE))
        is_fine = pc.or_(is_true, is_false)
        values = pc.if_else(is_fine, is_true, pa.scalar(None, pa.bool_()))
        what = "must be true or false"
    rows = rows_where(pc.and_(pc.is_valid(trimmed), pc.invert(is_fine)))
    return _marked(values, what, {row: column[row].as_py() for row in rows})


def _as_cells(column: Any, cell: Cell, place: str) -> Cells:
    """Return a column of any type in that of the contract."""
    types = pa.types
    kind = column.type
    if types.is_dictionary(kind):
        inner = kind.value_type
        is_text = types.is_string(inner) or types.is_large_string(inner)
        if cell == "text" and is_text and not any(_has_empty(chunk.dictionary) for chunk in column.chunks):
            return Cells(column)
        column, kind = pc.cast(column, inner), inner
    if types.is_null(kind):
        return Cells(column)
    if types.is_binary(kind) or types.is_large_binary(kind):
        decoded = _decoded(column)
        parsed = _parsed(decoded.values, cell)
        return Cells(parsed.values, parsed.bad | decoded.bad, parsed.with_line_ends | decoded.with_line_ends)
    if types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind):
        return _parsed(column if not types.is_string_view(kind) else pc.cast(column, pa.string()), cell)
    if cell == "text" and types.is_integer(kind):
        return Cells(pc.cast(column, pa.string()))  # an id of digits is still a name
    if cell == "number" and types.is_decimal(kind):
        return Cells(pc.cast(pc.cast(column, pa.string()), pa.float64()))  # by way of its digits: rounded once
    if cell == "number" and types.is_float16(kind):
        return Cells(pc.cast(column, pa.float64()))
    is_right = {
        "number": types.is_integer(kind) or types.is_floating(kind),
        "boolean": types.is_boolean(kind),
        "date": types.is_date(kind) or types.is_timestamp(kind),
        "text": False,
    }[cell]
    if not is_right:
        names = {"number": "numbers", "boolean": "true or false", "date": "dates", "text": "text"}
        raise UnreadableError(f"{place}: must be {names[cell]}, got a column of {kind}")
    return Cells(column)


def cells_of_table(table: Any, role: Role, file: str) -> dict[str, Cells]:
    """Return the columns of a table of any types in those of the contract.

    Raises
    ------
    UnreadableError
        Where one holds something else altogether.
    """
    cells = cells_of(role)
    return {name: _as_cells(table.column(name), cells[name], f"{file}: {name}") for name in table.schema.names}
