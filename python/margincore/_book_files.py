# SPDX-License-Identifier: Apache-2.0
"""The frames of a book from files: CSV, Parquet and Arrow, and the line of each row in them that is wrong.

A CSV file is read into the types of the contract at once. Only where that fails is it read again as text, and only
what is wrong is then looked up by line.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

import margincore as mc
from margincore._csv_lines import CsvLines, Row
from margincore._terminal import UnreadableError

Role = Literal["positions", "instruments", "accounts"]
Cell = Literal["text", "number", "boolean", "date"]
Watch = Callable[[Any, str, int], Any]  # a file, its name and its size

KEYS: dict[Role, str] = {"positions": "account_id", "instruments": "symbol", "accounts": "account_id"}

_COMPRESSED = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}
_NUMBER = r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?$"  # no nan, no inf, no hexadecimal
_TRUE, _FALSE = ["true", "True", "TRUE"], ["false", "False", "FALSE"]
_SHOWN_LENGTH = 40
_LARGEST_ROW = 1 << 23


def _cells_of_entry() -> dict[str, Cell]:
    """Return what stands in each column of instruments, nested keys with a dot, as the schema of documents says."""
    definitions = mc.schema("account")["$defs"]

    def cells(properties: dict[str, Any], prefix: str) -> dict[str, Cell]:
        found: dict[str, Cell] = {}
        for key, value in properties.items():
            type_of = value.get("type")
            if type_of == "object":
                found |= cells(value["properties"], f"{prefix}{key}.")
            elif value.get("$ref", "").endswith("/date"):
                found[prefix + key] = "date"
            elif type_of == "number":
                found[prefix + key] = "number"
            elif type_of == "boolean":
                found[prefix + key] = "boolean"
            elif type_of != "array":  # a list does not fit into a cell
                found[prefix + key] = "text"
        return found

    return {"symbol": "text", **cells(definitions["entry"]["properties"], "")}


def cells_of(role: Role) -> dict[str, Cell]:
    """Return what stands in each column that a frame may have."""
    if role == "positions":
        return {"account_id": "text", "symbol": "text", "quantity": "number", "long": "number", "short": "number"}
    if role == "accounts":
        return {"account_id": "text", "cash": "number", "type": "text", "sma": "number", "currency": "text"}
    return _cells_of_entry()


@dataclass
class BookFile:
    """A file of a book, read.

    A bad row has nothing but its key in the table, so that whoever depends on it is not computed.
    """

    name: str
    role: Role
    table: Any
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
        return self.lines is not None and isinstance(cell, str) and _has_line_end(cell)

    def _place(self, row: int, line: Row | None) -> str:
        return f"{self.name}: row {row + 1}" if line is None else f"{self.name}:{line.first}"

    @property
    def header_place(self) -> str:
        """Where the names of the columns stand."""
        return self.name if self.header_line is None else f"{self.name}:{self.header_line}"


def _has_line_end(text: str | bytes) -> bool:
    return any(end in (text.decode("latin-1") if isinstance(text, bytes) else text) for end in "\r\n")


def quoted(text: str | bytes) -> str:
    """Return text between single quotes, not too long for a line."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "backslashreplace")
    text = text if len(text) <= _SHOWN_LENGTH else text[: _SHOWN_LENGTH - 3] + "..."
    return f"'{text}'".replace("\n", "\\n").replace("\r", "\\r")


# --- a file -----------------------------------------------------------------------------------------------------------


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


def read_book_file(name: str, role: Role, watch: Watch | None = None) -> BookFile:
    """Return a file of a book, whatever its format.

    Raises
    ------
    UnreadableError
        Where nothing of it can be used: no such file, another format, a column too many or too few.
    """
    source = Source(name)
    try:
        if source.head.startswith(b"PAR1"):
            return _from_table(name, role, _read_parquet(source, role))
        if source.head.startswith(b"ARROW1"):
            table = pa.ipc.open_file(source.open_raw()).read_all()
            return _from_table(name, role, table)
    except (pa.ArrowException, OSError) as error:
        kind = "Parquet" if source.head.startswith(b"PAR1") else "Arrow"
        raise UnreadableError(f"{name}: must be a {kind} file that can be read, got {_first_line(error)}") from None
    try:
        return _from_csv(source, role, watch)
    except (pa.ArrowException, OSError) as error:
        raise UnreadableError(f"{name}: must be a CSV file that can be read, got {_first_line(error)}") from None


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def _require_columns(names: list[str], role: Role, place: str) -> None:
    """Refuse columns that are unknown, missing or there twice, before anything else is read."""
    cells = cells_of(role)
    for name in names:
        if name not in cells:
            known = ", ".join(cells)
            raise UnreadableError(f"{place}: must have known columns ({known}), got {quoted(name)}")
        if names.count(name) > 1:
            raise UnreadableError(f"{place}: {name}: must be one column, got {names.count(name)}")
    needed = {"positions": ["account_id", "symbol"], "instruments": ["symbol"], "accounts": ["account_id", "cash"]}[
        role
    ]
    if role == "positions":
        has_sides = "long" in names or "short" in names
        if has_sides and "quantity" in names:
            raise UnreadableError(f"{place}: quantity: must not be given beside long and short, got both")
        needed = [*needed, *(("long", "short") if has_sides else ("quantity",))]
    for name in needed:
        if name not in names:
            raise UnreadableError(f"{place}: {name}: must be a column, got none of that name")


# --- cells ------------------------------------------------------------------------------------------------------------


@dataclass
class _Cells:
    """A column in the type of the contract, and the cells that could not be: what came, by row."""

    values: Any
    bad: dict[int, str] = field(default_factory=dict)
    with_line_ends: set[int] = field(default_factory=set)  # those of the bad ones


def _rows_where(mask: Any) -> list[int]:
    import numpy as np

    return [int(row) for row in np.flatnonzero(mask.combine_chunks().fill_null(False).to_numpy(zero_copy_only=False))]


def _decoded(column: Any) -> _Cells:
    """Return bytes as text."""
    try:
        return _Cells(pc.cast(column, pa.string()))
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
    return _cells(pa.chunked_array([pa.array(texts, pa.string())]), "must be UTF-8", bad)


def _cells(values: Any, rule: str, bad: Mapping[int, str | bytes]) -> _Cells:
    return _Cells(
        values,
        {row: f"{rule}, got {quoted(cell)}" for row, cell in bad.items()},
        {row for row, cell in bad.items() if _has_line_end(cell)},
    )


def _has_empty(column: Any) -> bool:
    return bool(pc.min(pc.binary_length(column)).as_py() == 0)


def _parsed(column: Any, cell: Cell) -> _Cells:
    """Return a column of text in the type of the contract. An empty cell is missing."""
    if cell in ("text", "date"):
        if _has_empty(column):
            column = pc.if_else(pc.equal(column, ""), pa.scalar(None, column.type), column)
        return _Cells(column)
    trimmed = pc.utf8_trim_whitespace(column)
    trimmed = pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, trimmed.type), trimmed)
    if cell == "number":
        is_fine = pc.match_substring_regex(trimmed, _NUMBER)
        values = pc.cast(pc.if_else(is_fine, trimmed, pa.scalar(None, trimmed.type)), pa.float64())
        is_fine = pc.and_(is_fine, pc.fill_null(pc.is_finite(values), False))
        what = "must be a number"
    else:
        is_true, is_false = (pc.is_in(trimmed, pa.array(words, trimmed.type)) for words in (_TRUE, _FALSE))
        is_fine = pc.or_(is_true, is_false)
        values = pc.if_else(is_fine, is_true, pa.scalar(None, pa.bool_()))
        what = "must be true or false"
    rows = _rows_where(pc.and_(pc.is_valid(trimmed), pc.invert(is_fine)))
    return _cells(values, what, {row: column[row].as_py() for row in rows})


def _as_cells(column: Any, cell: Cell, place: str) -> _Cells:
    """Return a column of any type in that of the contract.

    Raises
    ------
    UnreadableError
        Where it holds something else altogether.
    """
    types = pa.types
    kind = column.type
    if types.is_dictionary(kind):
        inner = kind.value_type
        is_text = types.is_string(inner) or types.is_large_string(inner)
        if cell == "text" and is_text and not any(_has_empty(chunk.dictionary) for chunk in column.chunks):
            return _Cells(column)
        column, kind = pc.cast(column, inner), inner
    if types.is_null(kind):
        return _Cells(column)
    if types.is_binary(kind) or types.is_large_binary(kind):
        decoded = _decoded(column)
        parsed = _parsed(decoded.values, cell)
        return _Cells(parsed.values, parsed.bad | decoded.bad, parsed.with_line_ends | decoded.with_line_ends)
    if types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind):
        return _parsed(column if not types.is_string_view(kind) else pc.cast(column, pa.string()), cell)
    if cell == "text" and types.is_integer(kind):
        return _Cells(pc.cast(column, pa.string()))  # an id of digits is still a name
    if cell == "number" and types.is_decimal(kind):
        return _Cells(pc.cast(pc.cast(column, pa.string()), pa.float64()))  # by way of its digits: rounded once
    if cell == "number" and types.is_float16(kind):
        return _Cells(pc.cast(column, pa.float64()))
    is_right = {
        "number": types.is_integer(kind) or types.is_floating(kind),
        "boolean": types.is_boolean(kind),
        "date": types.is_date(kind) or types.is_timestamp(kind),
        "text": False,
    }[cell]
    if not is_right:
        names = {"number": "numbers", "boolean": "true or false", "date": "dates", "text": "text"}
        raise UnreadableError(f"{place}: must be {names[cell]}, got a column of {kind}")
    return _Cells(column)


def _without_bad_rows(table: Any, key: str, bad: set[int]) -> Any:
    """Return a table whose bad rows have nothing but their key."""
    import numpy as np

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


def _in_codes(table: Any) -> Any:
    """Return a table whose symbols are codes of one dictionary, which costs least to look up."""
    at = table.schema.get_field_index("symbol")
    column = table.column(at)
    if not pa.types.is_dictionary(column.type):
        column = pc.dictionary_encode(column)
    if column.num_chunks == 0:
        return table
    return table.set_column(at, "symbol", pa.chunked_array([column.unify_dictionaries().combine_chunks()]))


def _repeated(keys: Any) -> list[tuple[int, str]]:
    """Return the rows of keys that stand more than once."""
    counts = pc.value_counts(keys)
    if len(counts) == len(keys):
        return []
    repeated = pc.filter(counts.field("values"), pc.greater(counts.field("counts"), 1)).drop_null()
    return [(row, keys[row].as_py()) for row in _rows_where(pc.is_in(keys, repeated))]


def _finish(file: BookFile, cells: dict[str, _Cells]) -> BookFile:
    """Make the table of a file from its columns, and name the place of every cell that is bad."""
    key = KEYS[file.role]
    file.table = pa.table({name: column.values for name, column in cells.items()})
    file.rows_in_file = len(file.table)
    found = [(row, name, message) for name, column in cells.items() for row, message in column.bad.items()]
    nameless = set(_rows_where(pc.is_null(file.table.column(key)))) if file.table.column(key).null_count else set()
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


# --- Parquet and Arrow ------------------------------------------------------------------------------------------------


def _read_parquet(source: Source, role: Role) -> Any:
    schema = pa.parquet.ParquetFile(source.open_raw()).schema_arrow
    _require_columns(_flat_names(schema), role, source.name)
    symbol = schema.field("symbol").type if role == "positions" else pa.null()
    has_text = pa.types.is_string(symbol) or pa.types.is_large_string(symbol)
    with source.open_raw() as file:
        return pa.parquet.ParquetFile(file, read_dictionary=["symbol"] if has_text else None).read()


def _flat_names(schema: Any) -> list[str]:
    return [
        f"{column.name}.{inner.name}" if pa.types.is_struct(column.type) else column.name
        for column in schema
        for inner in (column.type if pa.types.is_struct(column.type) else [column])
    ]


def _from_table(name: str, role: Role, table: Any) -> BookFile:
    table = table.flatten()  # conversion: {into, ratio} becomes conversion.into, conversion.ratio
    _require_columns(table.schema.names, role, name)
    cells = cells_of(role)
    columns = {
        column: _as_cells(table.column(column), cells[column], f"{name}: {column}") for column in table.schema.names
    }
    file = _finish(BookFile(name, role, table), columns)
    if role == "positions":
        file.table = _in_codes(file.table)
    return file


# --- CSV --------------------------------------------------------------------------------------------------------------


def _from_csv(source: Source, role: Role, watch: Watch | None) -> BookFile:
    lines = CsvLines(source.open)
    header = lines.header(source.name)
    names = header.cells
    place = f"{source.name}:{header.first}"
    _require_columns(names, role, place)
    cells = cells_of(role)
    file = BookFile(source.name, role, None, header_line=header.first, lines=lines)
    codes = pa.dictionary(pa.int32(), pa.string())
    types = {"text": pa.string(), "date": pa.string(), "number": pa.float64(), "boolean": pa.bool_()}
    wanted = {name: types[cells[name]] for name in names}
    if role == "positions":
        wanted["symbol"] = codes
    try:
        table = _read_csv(source, wanted, watch)
        if all(_is_finite(column) for column in table.columns):
            _finish(file, {name: _Cells(table.column(name)) for name in names})
            if role == "positions":
                file.table = _in_codes(file.table)
            return file
    except pa.ArrowInvalid as error:
        if "Empty CSV" in str(error):  # a header and no row
            file.table = pa.table({name: pa.array([], type_of) for name, type_of in wanted.items()})
            return file
        if "straddling" in str(error):
            raise _too_long(source) from None
    _read_as_text(source, names, file)
    if role == "positions":
        file.table = _in_codes(file.table)
    return file


def _too_long(source: Source) -> UnreadableError:
    row = CsvLines(source.open).longest()
    return UnreadableError(
        f"{source.name}:{row.first}: must be a row of at most {_LARGEST_ROW >> 20} MiB, got more; "
        "is a quotation mark not closed?"
    )


def _is_finite(column: Any) -> bool:
    return not pa.types.is_floating(column.type) or pc.all(pc.is_finite(column)).as_py() is not False


def _read_csv(source: Source, types: dict[str, Any], watch: Watch | None, skip: Any = None) -> Any:
    with source.open(watch) as stream:
        return pa.csv.read_csv(
            stream,
            read_options=pa.csv.ReadOptions(block_size=_LARGEST_ROW),
            parse_options=pa.csv.ParseOptions(newlines_in_values=True, invalid_row_handler=skip),
            convert_options=pa.csv.ConvertOptions(
                column_types=types,
                null_values=[""],
                true_values=_TRUE,
                false_values=_FALSE,
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

    table = _read_csv(source, {name: pa.binary() for name in names}, None, skip)
    if table.schema.names != names:
        raise _too_long(source)
    assert file.lines is not None
    file.lines.has_ragged = skipped > 0
    cells = cells_of(file.role)
    columns = {name: _as_cells(table.column(name), cells[name], f"{file.name}: {name}") for name in names}
    _finish(file, columns)
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
