# SPDX-License-Identifier: Apache-2.0
"""Which accounts of a book failed and why, by file and line."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from margincore._book_cells import rows_where
from margincore._book_columns import Role
from margincore._book_file import BookFile
from margincore._terminal import fail, quoted

_WHERE = re.compile(r"(positions|instruments|accounts)(?:\[(\d+)\])?(?:\.(.*))?", re.DOTALL)


class _Place(NamedTuple):
    """A place in a frame, as errors name it: ``positions[17].quantity``."""

    role: Role
    row: int | None
    key: str


def _place(where: str) -> _Place | None:
    parts = _WHERE.fullmatch(where)
    if parts is None:
        return None
    return _Place(cast("Role", parts[1]), None if parts[2] is None else int(parts[2]), parts[3] or "")


class Places:
    """Says of a place in a frame where that is in a file."""

    def __init__(self, files: dict[Role, BookFile]) -> None:
        self._files = files
        self._rows: dict[Role, set[int]] = {role: set() for role in files}
        self._places: dict[Role, dict[int, str]] = {}

    def want(self, role: Role, row: int) -> None:
        """Ask for the line of a row; all are looked up at once."""
        self._rows[role].add(row)

    def __getitem__(self, place: tuple[Role, int]) -> str:
        role, row = place
        if role not in self._places:
            self._places[role] = self._files[role].places(sorted(self._rows[role]))
        return self._places[role][row]

    def of_error(self, message: str, where: str) -> str:
        """Return the message of an error that ended everything."""
        place = _place(where)
        if place is None or not message.startswith(where):
            return message
        if place.row is None:
            text = self._files[place.role].header_place
        else:
            self.want(place.role, place.row)
            text = self[place.role, place.row]
        return f"{text}: {place.key}{message[len(where) :]}" if place.key else f"{text}{message[len(where) :]}"


_ROWS_AT_ONCE = 1 << 20

Evaluate = Callable[[Any, Any], Any]
"""Evaluates positions and accounts against the instruments of the book."""


class Failures:
    """The accounts that failed, and why, by file and line; and every position of theirs that is bad."""

    def __init__(self, files: dict[Role, BookFile], table: Any, evaluate: Evaluate) -> None:
        self._files = files
        self.unowned: list[str] = []
        self._accounts = rows_where(table.column("error").is_valid())
        self.count = len(self._accounts)
        self._rows: list[str] = []  # what is wrong with positions, each with its place
        self._total = len(table)
        taken = pa.array(self._accounts, pa.int64())
        self._errors = [self._moved(error) for error in table.column("error").take(taken).to_pylist()]
        self._wheres = table.column("where").take(taken).to_pylist()
        self._ids = table.column("account_id").take(taken)
        self._translate()
        if self.count:
            self._find_rows(evaluate)
        listed = len(set(self._rows) | {text for text in self._errors if self._is_of_a_row(text)})
        self.bad_rows = listed + sum(len(file.bad) + len(file.unowned) for file in files.values())

    def _is_of_a_row(self, text: str) -> bool:
        """Whether a message names a line, of a row that is not known to be bad otherwise."""
        is_known = any(text in texts for file in self._files.values() for texts in file.bad.values())
        return not is_known and any(
            re.match(re.escape(file.name) + r":(\d+| row \d+): ", text) for file in self._files.values()
        )

    def _find_rows(self, evaluate: Evaluate) -> None:
        """Find every bad position of the accounts that failed: each is looked at as if an account held it alone."""
        file = self._files["positions"]
        ids = file.table.column("account_id")
        rows = [row for row in rows_where(pc.is_in(ids, self._ids.cast(ids.type))) if row not in file.bad]
        found: dict[int, tuple[str, str]] = {}  # key and message, by row
        known = self._files["accounts"].table.column("account_id")
        for row in rows_where(pc.invert(pc.is_in(ids, known.cast(ids.type)))):
            if row not in file.bad:
                text = f"must have a row in {self._files['accounts'].name}, got none for {quoted(ids[row].as_py())}"
                found[row] = ("account_id", text)
        rows = [row for row in rows if row not in found]
        for first in range(0, len(rows), _ROWS_AT_ONCE):
            some = rows[first : first + _ROWS_AT_ONCE]
            alone = file.table.take(pa.array(some, pa.int64()))
            numbers = pa.array(np.arange(len(some)))
            alone = alone.set_column(alone.schema.get_field_index("account_id"), "account_id", numbers)
            single = evaluate(alone, pa.table({"account_id": numbers, "cash": np.zeros(len(some))}))
            for at in rows_where(single.column("error").is_valid()):
                place = _place(single.column("where")[at].as_py())
                if place is not None and place.role == "positions" and place.row is not None:
                    message = self._moved(single.column("error")[at].as_py())
                    found[some[place.row]] = (place.key, message.split(": ", 1)[1])
        self._find_repeated(rows, found)
        places = file.places(sorted(found))
        self._rows = [f"{places[row]}: {key}: {text}" for row, (key, text) in sorted(found.items())]

    def _find_repeated(self, rows: list[int], found: dict[int, tuple[str, str]]) -> None:
        """Find positions whose symbol their account has already."""
        file = self._files["positions"]
        taken = file.table.select(["account_id", "symbol"]).take(pa.array(rows, pa.int64()))
        seen: set[tuple[str, str]] = set()
        for row, account, symbol in zip(rows, *(column.to_pylist() for column in taken.columns), strict=True):
            if row not in found and (account, symbol) in seen:
                text = f"must stand once in positions, got {quoted(symbol)} again"
                found[row] = ("symbol", text)
            seen.add((account, symbol))

    def _moved(self, message: str) -> str:
        """Return a message without row numbers of a frame, which no file has."""

        def symbol(match: re.Match[str]) -> str:
            return quoted(str(self._files["instruments"].table.column("symbol")[int(match[1])].as_py()))

        return re.sub(r"row (\d+) of the instruments", symbol, message)

    def _translate(self) -> None:
        places = Places(self._files)
        found = [_place(where) for where in self._wheres]
        strangers = self._first_rows_of_strangers()
        for place in found:
            if place is not None and place.row is not None:
                places.want(place.role, place.row)
        for row in strangers.values():
            places.want("positions", row)
        for i, place in enumerate(found):
            message, where = self._errors[i], self._wheres[i]
            if place is None:
                continue
            role, key = place.role, place.key
            if place.row is not None:
                row = place.row
            elif self._ids[i].as_py() in strangers:
                role, row, key = "positions", strangers[self._ids[i].as_py()], "account_id"
                rule = f"must have a row in {self._files['accounts'].name}, got none for"
                message, where = f": {rule} {quoted(self._ids[i].as_py())}", ""
            else:
                continue
            file = self._files[role]
            if row in file.bad:
                text = file.bad[row][0]
                self._errors[i] = text
                self._wheres[i] = text.split(": must ")[0]
                continue
            self._wheres[i] = f"{places[role, row]}: {key}" if key else places[role, row]
            self._errors[i] = f"{self._wheres[i]}{message[len(where) :]}"
            if role != "instruments" and file.may_hold_other_rows(row, key):
                self.unowned.append(self._errors[i])

    def _first_rows_of_strangers(self) -> dict[str, int]:
        """Return the first position of each account that accounts do not have."""
        strangers = [self._ids[i].as_py() for i, where in enumerate(self._wheres) if where == "accounts.account_id"]
        if not strangers:
            return {}
        ids = self._files["positions"].table.column("account_id")
        rows = rows_where(pc.is_in(ids, pa.array(strangers, ids.type)))
        first: dict[str, int] = {}
        for row, account in zip(rows, ids.take(pa.array(rows, pa.int64())).to_pylist(), strict=True):
            first.setdefault(account, row)
        return first

    def in_table(self, table: Any) -> Any:
        """Return the table with errors that speak of files."""
        if self.count == 0:
            return table
        mask = np.zeros(len(table), dtype=bool)
        mask[self._accounts] = True
        for name, texts in (("error", self._errors), ("where", self._wheres)):
            at = table.schema.get_field_index(name)
            column = table.column(at).combine_chunks()
            column = pc.replace_with_mask(column, pa.array(mask), pa.array(texts, column.type))
            table = table.set_column(at, name, column)
        return table

    def report(self) -> None:
        """List what is bad: first the rows, then the accounts for another reason; each reason once."""
        accounts = Counter(self._errors)
        rows = [text for file in self._files.values() for texts in file.bad.values() for text in texts]
        rows += [text for file in self._files.values() for text in file.unowned]
        rows += self._rows
        for text in dict.fromkeys([*rows, *self._errors]):
            fail(f"{text} ({accounts[text]:,} accounts)" if accounts[text] > 1 else text)
        if self.count or self.bad_rows:
            fail(
                f"book: {self._total - self.count:,} accounts computed, {self.count:,} failed; "
                f"{self.bad_rows:,} bad rows"
            )
