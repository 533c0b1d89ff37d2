# SPDX-License-Identifier: Apache-2.0
"""A file of a book from CSV, Parquet or Arrow, told apart by what is in it."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet

from margincore._book_cells import cells_of_table
from margincore._book_columns import Role, require_columns
from margincore._book_file import BookFile, finish
from margincore._read_csv import read_csv
from margincore._source import Source, Watch
from margincore._terminal import UnreadableError

_FORMATS = {b"PAR1": "Parquet", b"ARROW1": "Arrow"}


def read_book_file(name: str, role: Role, watch: Watch | None = None) -> BookFile:
    """Return a file of a book, whatever its format.

    Raises
    ------
    UnreadableError
        Where nothing of it can be used: no such file, another format, a column too many or too few.
    """
    source = Source(name)
    kind = next((kind for magic, kind in _FORMATS.items() if source.head.startswith(magic)), "CSV")
    try:
        if kind == "CSV":
            file = read_csv(source, role, watch)
        else:
            table = _read_parquet(source, role) if kind == "Parquet" else _read_arrow(source, role)
            table = table.flatten()  # conversion: {into, ratio} becomes conversion.into, conversion.ratio
            file = finish(BookFile(name, role), cells_of_table(table, role, name))
        if role == "positions":
            file.table = _in_codes(file.table)
    except (pa.ArrowException, OSError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise UnreadableError(f"{name}: must be a {kind} file that can be read, got {reason}") from None
    return file


def _read_parquet(source: Source, role: Role) -> Any:
    schema = pa.parquet.ParquetFile(source.open_raw()).schema_arrow
    require_columns(_flat_names(schema), role, source.name)
    symbol = schema.field("symbol").type if role == "positions" else pa.null()
    has_text = pa.types.is_string(symbol) or pa.types.is_large_string(symbol)
    with source.open_raw() as file:
        return pa.parquet.ParquetFile(file, read_dictionary=["symbol"] if has_text else None).read()


def _read_arrow(source: Source, role: Role) -> Any:
    reader = pa.ipc.open_file(source.open_raw())
    require_columns(_flat_names(reader.schema), role, source.name)
    return reader.read_all()


def _flat_names(schema: Any) -> list[str]:
    return [
        f"{column.name}.{inner.name}" if pa.types.is_struct(column.type) else column.name
        for column in schema
        for inner in (column.type if pa.types.is_struct(column.type) else [column])
    ]


def _in_codes(table: Any) -> Any:
    """Return a table whose symbols are codes of one dictionary, which costs least to look up."""
    at = table.schema.get_field_index("symbol")
    column = table.column(at)
    if not pa.types.is_dictionary(column.type):
        column = pc.dictionary_encode(column)
    if column.num_chunks == 0:
        return table
    return table.set_column(at, "symbol", pa.chunked_array([column.unify_dictionaries().combine_chunks()]))
