# SPDX-License-Identifier: Apache-2.0
"""A file of a book from CSV.

It is read into the types of the contract at once. Only where that fails is it read again as text, and only what is
wrong is then looked up by line.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from margincore._book_cells import FALSE, TRUE, Cells, cells_of_table
from margincore._book_columns import KEYS, Role, cells_of, require_columns
from margincore._book_file import BookFile, finish
from margincore._csv_lines import CsvLines
from margincore._source import Source, Watch
from margincore._terminal import UnreadableError

_LARGEST_ROW = 1 << 23


def read_csv(source: Source, role: Role, watch: Watch | None) -> BookFile:
    """Return a file of a book.

    Raises
    ------
    UnreadableError
        Where its header or a row is none.
    """
    lines = CsvLines(source.open)
    header = lines.header(source.name)
    names = header.cells
    place = f"{source.name}:{header.first}"
    require_columns(names, role, place)
    cells = cells_of(role)
    file = BookFile(source.name, role, header_line=header.first, lines=lines)
    types = {"text": pa.string(), "date": pa.string(), "number": pa.float64(), "boolean": pa.bool_()}
    wanted = {name: types[cells[name]] for name in names}
    if role == "positions":
        wanted["symbol"] = pa.dictionary(pa.int32(), pa.string())
    try:
        table = _read(source, wanted, watch)
        if all(_is_finite(column) for column in table.columns):
            finish(file, {name: Cells(table.column(name)) for name in names})
            return file
    except pa.ArrowInvalid as error:
        if "Empty CSV" in str(error):  # a header and no row
            file.table = pa.table({name: pa.array([], type_of) for name, type_of in wanted.items()})
            return file
        if "straddling" in str(error):
            raise _too_long(source) from None
    _read_as_text(source, names, file)
    return file


def _too_long(source: Source) -> UnreadableError:
    row = CsvLines(source.open).longest()
    return UnreadableError(
        f"{source.name}:{row.first}: must be a row of at most {_LARGEST_ROW >> 20} MiB, got more; "
        "is a quotation mark not closed?"
    )


def _is_finite(column: Any) -> bool:
    return not pa.types.is_floating(column.type) or pc.all(pc.is_finite(column)).as_py() is not False


def _read(source: Source, types: dict[str, Any], watch: Watch | None, skip: Any = None) -> Any:
    with source.open(watch) as stream:
        return pa.csv.read_csv(
            stream,
            read_options=pa.csv.ReadOptions(block_size=_LARGEST_ROW),
            parse_options=pa.csv.ParseOptions(newlines_in_values=True, invalid_row_handler=skip),
            convert_options=pa.csv.ConvertOptions(
                column_types=types,
                null_values=[""],
                true_values=TRUE,
                false_values=FALSE,
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
            ),
        )


def _read_as_text(source: Source, names: list[str], file: BookFile) -> None:
    """Read a CSV file that is not as it should be: each cell as text, and what is bad about it by line."""
    skipped = 0

    def skip(_: Any) -> str:
        nonlocal skipped
        skipped += 1
        return "skip"

    table = _read(source, {name: pa.binary() for name in names}, None, skip)
    if table.schema.names != names:
        raise _too_long(source)
    assert file.lines is not None
    file.lines.has_ragged = skipped > 0
    finish(file, cells_of_table(table, file.role, file.name))
    if skipped:
        _add_ragged_rows(file, names, skipped)


def _add_ragged_rows(file: BookFile, names: list[str], count: int) -> None:
    """Give rows of too few or too many cells to those whom they belong to, where that is beyond doubt."""
    assert file.lines is not None
    key = KEYS[file.role]
    rows = file.lines.ragged()
    keys: list[str] = []
    if len(rows) != count:  # the two readers see other rows
        file.unowned.append(f"{file.name}: must have {len(names)} cells in every row, got {count} rows that have not")
        return
    for row in rows:
        text = f"{file.name}:{row.first}: must have {len(names)} cells, got {len(row.cells)}"
        # The first cell cannot have moved, and is whole where a second follows it.
        has_key = names[0] == key and len(row.cells) > 1 and row.last == row.first
        if has_key and row.cells[0] and not any("\udc80" <= letter <= "\udcff" for letter in row.cells[0]):
            file.bad[file.rows_in_file + len(keys)] = [text]
            keys.append(row.cells[0])
        else:
            file.unowned.append(text)
    added = {
        name: pa.array(keys if name == key else [None] * len(keys), file.table.schema.field(name).type)
        for name in file.table.schema.names
    }
    file.table = pa.concat_tables([file.table, pa.table(added)])
