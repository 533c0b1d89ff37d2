# SPDX-License-Identifier: Apache-2.0
"""Which accounts of a book failed and why, by file and line."""

from __future__ import annotations

import heapq
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from margincore._book_bad_rows import Evaluate, errors_of_positions
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


def _reason(message: str, where: str, key: str) -> str:
    """Return an error without its place, but with the column that it is about."""
    rule = message[len(where) :]
    return f"{key}{rule}" if key else rule.removeprefix(": ")


class _BadRows:
    """Rows of a file that are bad though each of their cells can be read, and why: many of them in little memory."""

    def __init__(self, file: BookFile) -> None:
        self._file = file
        self._parts: list[tuple[Any, Any]] = []
        self.count = 0

    def add(self, reasons: Mapping[int, Iterable[str]]) -> None:
        """Add rows that follow those that are there."""
        pairs = [(row, reason) for row in sorted(reasons) for reason in reasons[row]]
        rows = np.array([row for row, _ in pairs], np.int64)
        self._parts.append((rows, pa.array([reason for _, reason in pairs], pa.large_string())))
        self.count += len(reasons)

    def listed(self) -> Iterator[tuple[int, list[str]]]:
        """Yield each row and its reason, with its place."""
        if self._file.lines is not None and self.count:
            self._file.lines.look_up(np.concatenate([rows for rows, _ in self._parts]).tolist())
        for rows, reasons in self._parts:
            places = self._file.places(rows.tolist())
            for row, reason in zip(rows.tolist(), reasons.to_pylist(), strict=True):
                yield row, [f"{places[row]}: {reason}"]

    def that_hold_other_rows(self) -> list[str]:
        """Return the reasons of rows that may have rows of others in them."""
        found: dict[int, str] = {}
        for rows, reasons in self._parts if self._file.lines is not None else []:
            spans = np.zeros(len(rows), dtype=bool)
            for column in self._file.table.take(pa.array(rows)).columns:
                texts = pc.cast(column, column.type.value_type) if pa.types.is_dictionary(column.type) else column
                if pa.types.is_string(texts.type):
                    spans[rows_where(pc.match_substring_regex(texts, "[\r\n]"))] = True
            for i in np.flatnonzero(spans).tolist():
                if self._file.may_hold_other_rows(int(rows[i]), reasons[i].as_py().split(":")[0]):
                    found[int(rows[i])] = reasons[i].as_py()
        places = self._file.places(sorted(found))
        return [f"{places[row]}: {reason}" for row, reason in found.items()]


class Failures:
    """The accounts that failed and the rows that are bad, and why, by file and line."""

    def __init__(self, files: dict[Role, BookFile], table: Any, evaluate: Evaluate) -> None:
        self._files = files
        self._accounts = rows_where(table.column("error").is_valid())
        self.count = len(self._accounts)
        self._total = len(table)
        taken = pa.array(self._accounts, pa.int64())
        self._errors = [self._moved(error) for error in table.column("error").take(taken).to_pylist()]
        self._wheres = table.column("where").take(taken).to_pylist()
        self._ids = table.column("account_id").take(taken).to_pylist()
        self._reasons: dict[Role, dict[int, dict[str, None]]] = {role: {} for role in files}  # by row, each once
        self._rows = {role: _BadRows(file) for role, file in files.items()}
        self._others: list[str] = []  # reasons of accounts that name no row
        if self.count:
            strangers = self._name_strangers()
            self._translate()
            self._find_positions(strangers, evaluate)
            self._find_accounts(evaluate)
            for role in self._reasons:
                if role != "positions":
                    self._rows[role].add(self._reasons[role])
        self.unowned = [
            text for role, rows in self._rows.items() if role != "instruments" for text in rows.that_hold_other_rows()
        ]
        self.bad_rows = sum(len(file.bad) + len(file.unowned) + self._rows[role].count for role, file in files.items())

    def _moved(self, message: str) -> str:
        """Return a message without row numbers of a frame, which no file has."""

        def symbol(match: re.Match[str]) -> str:
            return quoted(str(self._files["instruments"].table.column("symbol")[int(match[1])].as_py()))

        return re.sub(r"row (\d+) of the instruments", symbol, message)

    def _name_strangers(self) -> dict[str, str]:
        """Say what is wrong with accounts that accounts do not have, at the first position of each."""
        strangers = [self._ids[i] for i, where in enumerate(self._wheres) if where == "accounts.account_id"]
        if not strangers:
            return {}
        rule = f"must have a row in {self._files['accounts'].name}, got none for"
        reasons = {account: f"account_id: {rule} {quoted(account)}" for account in strangers}
        rows = self._positions_of(strangers)
        first: dict[str, int] = {}
        for row, account in zip(rows, self._accounts_of(rows), strict=True):
            first.setdefault(account, row)
        for i, where in enumerate(self._wheres):
            if where == "accounts.account_id":
                self._wheres[i] = f"positions[{first[self._ids[i]]}].account_id"
                self._errors[i] = f"positions[{first[self._ids[i]]}].{reasons[self._ids[i]]}"
        return reasons

    def _positions_of(self, accounts: list[str]) -> list[int]:
        ids = self._files["positions"].table.column("account_id")
        return rows_where(pc.is_in(ids, pa.array(accounts, ids.type)))

    def _accounts_of(self, positions: list[int]) -> list[str]:
        ids = self._files["positions"].table.column("account_id")
        return cast("list[str]", ids.take(pa.array(positions, pa.int64())).to_pylist())

    def _translate(self) -> None:
        """Make the errors of accounts speak of files."""
        places = Places(self._files)
        found = [_place(where) for where in self._wheres]
        for place in found:
            if place is not None and place.row is not None:
                places.want(place.role, place.row)
        for i, place in enumerate(found):
            if place is None or place.row is None:
                self._others.append(self._errors[i])
                continue
            role, row, key = place.role, place.row, place.key
            bad = self._files[role].bad
            if row in bad:
                self._errors[i] = bad[row][0]
                self._wheres[i] = bad[row][0].split(": must ")[0]
                continue
            reason = _reason(self._errors[i], self._wheres[i], key)
            self._remember(role, row, reason)
            self._wheres[i] = f"{places[role, row]}: {key}" if key else places[role, row]
            self._errors[i] = f"{places[role, row]}: {reason}"

    def _remember(self, role: Role, row: int, reason: str) -> None:
        """Remember why a row is bad: an instrument may be bad for several reasons, others have one."""
        reasons = self._reasons[role].setdefault(row, {})
        if role == "instruments" or not reasons:
            reasons[reason] = None

    def _find_positions(self, strangers: dict[str, str], evaluate: Evaluate) -> None:
        """Find the bad positions of the accounts that failed, and the bad instruments that they hold."""
        file = self._files["positions"]
        rows = np.array([row for row in self._positions_of(self._ids) if row not in file.bad], np.int64)
        known = self._reasons["positions"]
        for some, errors in errors_of_positions(file.table, rows, evaluate):
            reasons: dict[int, Iterable[str]] = {}
            some_rows = some.tolist()
            for row, account, error in zip(some_rows, self._accounts_of(some_rows), errors, strict=True):
                if account in strangers:
                    reasons[row] = (strangers[account],)
                elif row in known:
                    reasons[row] = known[row]
                elif error is not None and (reason := self._reason_of(error, "positions")) is not None:
                    reasons[row] = (reason,)
            self._rows["positions"].add(reasons)

    def _find_accounts(self, evaluate: Evaluate) -> None:
        """Find the bad balances of the accounts that failed for another reason."""
        file = self._files["accounts"]
        rows = [row for row in self._accounts if row < len(file.table) and row not in file.bad]
        table = evaluate(self._files["positions"].table.slice(0, 0), file.table.take(pa.array(rows, pa.int64())))
        for row, error in zip(rows, table.column("error").to_pylist(), strict=True):
            if error is not None and (reason := self._reason_of(error, "accounts")) is not None:
                self._remember("accounts", row, reason)

    def _reason_of(self, error: str, role: Role) -> str | None:
        """Return why a row of a role is bad; where its instrument is, remember it of that."""
        where = error.split(": ")[0]
        place = _place(where)
        if place is None or place.row is None:
            return None
        reason = _reason(self._moved(error), where, place.key)
        if place.role == "instruments" and place.row not in self._files["instruments"].bad:
            self._remember("instruments", place.row, reason)
        return reason if place.role == role else None

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
        """List what is bad: the rows, file by file, then the accounts for another reason; each reason once."""
        accounts = Counter(self._errors)

        def listed(text: str) -> None:
            fail(f"{text} ({accounts[text]:,} accounts)" if accounts[text] > 1 else text)

        for role, file in self._files.items():
            for _, texts in heapq.merge(sorted(file.bad.items()), self._rows[role].listed(), key=lambda row: row[0]):
                for text in texts:
                    listed(text)
            for text in file.unowned:
                listed(text)
        for text in dict.fromkeys(self._others):
            listed(text)
        if self.count or self.bad_rows:
            fail(
                f"book: {self._total - self.count:,} accounts computed, {self.count:,} failed; "
                f"{self.bad_rows:,} bad rows"
            )
