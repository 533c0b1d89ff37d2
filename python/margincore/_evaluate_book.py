# SPDX-License-Identifier: Apache-2.0
"""The command ``margincore evaluate-book``: files of columns in, the figures of every account out."""

from __future__ import annotations

import contextlib
import os
import sys
import warnings
from dataclasses import dataclass
from functools import partial
from typing import Any

import pyarrow as pa

import margincore as mc
from margincore._book_columns import Role
from margincore._book_failures import Failures, Places
from margincore._book_file import BookFile
from margincore._book_summary import print_rows, print_summary
from margincore._book_terms import BookTerms
from margincore._output_file import OutputFile
from margincore._progress_bar import Bar, watching
from margincore._read_book_file import read_book_file
from margincore._terminal import UnreadableError, fail, shown

_COMPUTED, _SOME_BAD, _BAD = 0, 1, 2


@dataclass(frozen=True)
class BookCommand:
    """What the user asked for: names of files, and how."""

    files: dict[Role, str]
    market: str
    policy: str | None
    output: str | None
    format: str
    stress: bool
    threads: int


def run(command: BookCommand) -> int:
    """Compute a book, and return the exit status.

    0: every account computed; 1: something was left out, and is listed; 2: nothing computed.
    """
    pa.set_cpu_count(command.threads or os.cpu_count() or 1)
    with contextlib.ExitStack() as stack:
        terms = BookTerms(command.market, command.policy, command.files["instruments"])
        output = None if command.output is None else stack.enter_context(_output(command, command.output))
        bar = stack.enter_context(watching())
        files: dict[Role, BookFile] = {}
        for role, name in command.files.items():
            files[role] = read_book_file(name, role, bar.file)
        _find_owners(files)
        if any(file.unowned for file in files.values() if file.role != "instruments"):
            bar.stop()
            return _refuse(files)
        table = _evaluate(command, files, terms, bar)
        failures = Failures(files, table, partial(_evaluate_quietly, files, terms, command.stress, command.threads))
        if failures.unowned:
            bar.stop()
            return _refuse(files, failures.unowned)
        table = failures.in_table(table)
        if output is not None:
            output.write(table)
    failures.report()
    if command.format == "json":
        print_rows(table)
    else:
        moves = terms.moves if command.stress else None
        print_summary(table, len(files["positions"].table), moves, command.output)
    return _SOME_BAD if failures.count or failures.bad_rows else _COMPUTED


def _output(command: BookCommand, name: str) -> OutputFile:
    output = OutputFile(name, (*command.files.values(), command.market, command.policy))
    if command.format == "json":
        raise UnreadableError("output: must be left out beside --format json, which writes the rows itself")
    return output


def _find_owners(files: dict[Role, BookFile]) -> None:
    """Make ragged positions of accounts that nobody knows those of nobody: their first cell may be cut."""
    positions, accounts = files["positions"], files["accounts"]
    added = positions.table.column("account_id").slice(positions.rows_in_file).to_pylist()
    if added:
        known = set(accounts.table.column("account_id").to_pylist())
        for i, account in enumerate(added):
            if account not in known:
                positions.unowned += positions.bad.pop(positions.rows_in_file + i)


def _refuse(files: dict[Role, BookFile], more: list[str] | None = None) -> int:
    """List everything that is bad, and say why nothing was computed."""
    more = more or []
    for file in files.values():
        for message in [text for texts in file.bad.values() for text in texts] + file.unowned:
            fail(message)
    for message in more:
        fail(message)
    count = len(more) + sum(len(file.unowned) for file in files.values() if file.role != "instruments")
    fail(f"book: must say whose each row is, got {count:,} rows that may be anybody's; nothing was computed")
    return _BAD


def _evaluate(command: BookCommand, files: dict[Role, BookFile], terms: BookTerms, bar: Bar) -> Any:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            table = mc.evaluate_frame(
                files["positions"].table,
                files["instruments"].table,
                files["accounts"].table,
                terms.market,
                terms.policy,
                stress=command.stress,
                threads=command.threads,
                progress=bar.accounts,
            )
        except mc.MarginError as error:
            raise UnreadableError(Places(files).of_error(terms.by_file(str(error)), error.where)) from None
        finally:
            bar.stop()
    for warning in caught:
        print(f"warning: {shown(terms.by_file(str(warning.message)))}", file=sys.stderr)
    return table


def _evaluate_quietly(
    files: dict[Role, BookFile], terms: BookTerms, stress: bool, threads: int, positions: Any, accounts: Any
) -> Any:
    """Compute other positions and accounts on the same terms, whose warnings have been said."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return mc.evaluate_frame(
            positions, files["instruments"].table, accounts, terms.market, terms.policy, stress=stress, threads=threads
        )
