# SPDX-License-Identifier: Apache-2.0
"""The command ``margincore evaluate-book``: files of columns in, the figures of every account out."""

from __future__ import annotations

import contextlib
import json
import os
import re
import stat
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

import margincore as mc
from margincore._book_files import BookFile, Role, Watch, quoted, read_book_file
from margincore._terminal import DISCLAIMER, UnreadableError, fail, money, new_console, new_table, plain, shown

if TYPE_CHECKING:
    from rich.progress import Progress

_COMPUTED, _SOME_BAD, _BAD = 0, 1, 2
_MOST_CALLS_SHOWN = 10
_ROWS_A_BATCH = 10_000
_SUFFIXES = (".parquet", ".csv", ".csv.gz")


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
        market, policy, moves = _terms(command)
        output = stack.enter_context(_Output(command)) if command.output is not None else None
        watch = stack.enter_context(_watching())
        files: dict[Role, BookFile] = {}
        for role, name in command.files.items():
            files[role] = read_book_file(name, role, watch.file)
        _find_owners(files)
        if any(file.unowned for file in files.values() if file.role != "instruments"):
            watch.stop()
            return _refuse(files)
        table = _evaluate(command, files, market, policy, watch)
        failures = _Failures(files, table)
        if failures.unowned:
            watch.stop()
            return _refuse(files, failures.unowned)
        table = failures.in_table(table)
        if output is not None:
            output.write(table)
    failures.report()
    if command.format == "json":
        _print_rows(table)
    else:
        _print_summary(command, files, table, moves)
    return _SOME_BAD if failures.count or failures.bad_rows else _COMPUTED


# --- market and policy ------------------------------------------------------------------------------------------------


def _read_object(name: str) -> dict[str, Any]:
    """Return the object of a JSON file, read as strictly as an account document."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        result = dict(pairs)
        if len(result) < len(pairs):
            key = Counter(key for key, _ in pairs).most_common(1)[0][0]
            raise ValueError(f"the key {quoted(key)} more than once")
        return result

    def refuse(constant: str) -> None:
        raise ValueError(constant)

    try:
        text = Path(name).read_bytes()
        value = json.loads(text.decode("utf-8-sig"), object_pairs_hook=unique, parse_constant=refuse)
    except OSError as error:
        raise UnreadableError(f"{name}: must be a file that can be read, got {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise UnreadableError(f"{name}: must be JSON, got {error}") from None
    if not isinstance(value, dict):
        raise UnreadableError(f"{name}: must be a JSON object, got {type(value).__name__}")
    return value


def _terms(command: BookCommand) -> tuple[dict[str, Any], dict[str, Any] | None, list[float]]:
    """Return the market, the policy and the moves of a stress, checked before anything long is read."""
    market = _read_object(command.market)
    if "instruments" in market:
        raise UnreadableError(
            f"{command.market}: instruments: must be left out beside {command.files['instruments']}, got both"
        )
    policy = None if command.policy is None else _read_object(command.policy)
    document = {
        "account": {"cash": 0, "positions": []},
        "market": {**market, "instruments": {}},
        **({} if policy is None else {"policy": policy}),
    }
    try:
        moves = [point.move for point in mc.stress(document)]
    except mc.MarginError as error:
        raise UnreadableError(_of_terms(command, str(error))) from None
    return market, policy, moves


def _of_terms(command: BookCommand, message: str) -> str:
    for prefix, name in (("market", command.market), ("policy", command.policy)):
        if message.startswith(f"{prefix}."):
            return f"{name}: {message[len(prefix) + 1 :]}"
        if message.startswith(f"{prefix}:"):
            return f"{name}:{message[len(prefix) + 1 :]}"
    return message


# --- progress ---------------------------------------------------------------------------------------------------------


class _Bar:
    """A progress bar on standard error, where that is a terminal; else nothing."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress

    @property
    def file(self) -> Watch | None:
        """Wraps a file, to see how far it has been read."""
        if self._progress is None:
            return None
        progress = self._progress

        def wrap(file: Any, name: str, size: int) -> Any:
            return progress.wrap_file(file, total=size, description=plain(f"reading {Path(name).name}"))

        return wrap

    @property
    def accounts(self) -> Callable[[int, int], None] | None:
        """Takes the number of accounts done and of all."""
        if self._progress is None:
            return None
        progress = self._progress
        task = progress.add_task("computing", total=None)
        return lambda done, total: progress.update(task, completed=done, total=total)

    def stop(self) -> None:
        """Take the bar away, before anything else is written."""
        if self._progress is not None:
            self._progress.stop()


@contextlib.contextmanager
def _watching() -> Iterator[_Bar]:
    if not sys.stderr.isatty():
        yield _Bar(None)
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        yield _Bar(progress)


# --- evaluate ---------------------------------------------------------------------------------------------------------


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


def _evaluate(
    command: BookCommand, files: dict[Role, BookFile], market: dict[str, Any], policy: dict[str, Any] | None, bar: _Bar
) -> Any:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            table = mc.evaluate_frame(
                files["positions"].table,
                files["instruments"].table,
                files["accounts"].table,
                market,
                policy,
                stress=command.stress,
                threads=command.threads,
                progress=bar.accounts,
            )
        except mc.MarginError as error:
            raise UnreadableError(_Places(files).of_error(_of_terms(command, str(error)), error.where)) from None
        finally:
            bar.stop()
    for warning in caught:
        print(f"warning: {shown(_of_terms(command, str(warning.message)))}", file=sys.stderr)
    return table


_WHERE = re.compile(r"(positions|instruments|accounts)(?:\[(\d+)\])?(?:\.(.*))?", re.DOTALL)


class _Places:
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
        parts = _WHERE.fullmatch(where)
        if parts is None or not message.startswith(where):
            return message
        role: Role = parts[1]  # type: ignore[assignment]
        file = self._files[role]
        if parts[2] is None:
            place = file.header_place
        else:
            self.want(role, int(parts[2]))
            place = self[role, int(parts[2])]
        return f"{place}: {parts[3]}{message[len(where) :]}" if parts[3] else f"{place}{message[len(where) :]}"


def _rows_where(mask: Any) -> Any:
    return np.flatnonzero(mask.combine_chunks().to_numpy(zero_copy_only=False))


class _Failures:
    """The accounts that failed, and why, by file and line."""

    def __init__(self, files: dict[Role, BookFile], table: Any) -> None:
        self._files = files
        self.unowned: list[str] = []
        self._accounts = np.flatnonzero(
            table.column("error").is_valid().combine_chunks().to_numpy(zero_copy_only=False)
        )
        self.count = len(self._accounts)
        self.bad_rows = sum(len(file.bad) + len(file.unowned) for file in files.values())
        self._total = len(table)
        taken = pa.array(self._accounts)
        self._errors = [self._moved(error) for error in table.column("error").take(taken).to_pylist()]
        self._wheres = table.column("where").take(taken).to_pylist()
        self._ids = table.column("account_id").take(taken)
        self._translate()

    def _moved(self, message: str) -> str:
        """Return a message without row numbers of a frame, which no file has."""

        def symbol(match: re.Match[str]) -> str:
            return quoted(str(self._files["instruments"].table.column("symbol")[int(match[1])].as_py()))

        return re.sub(r"row (\d+) of the instruments", symbol, message)

    def _translate(self) -> None:
        places = _Places(self._files)
        parts = [_WHERE.fullmatch(where) for where in self._wheres]
        strangers = self._first_rows_of_strangers()
        for part in parts:
            if part is not None and part[2] is not None:
                places.want(part[1], int(part[2]))  # type: ignore[arg-type]
        for row in strangers.values():
            places.want("positions", row)
        for i, part in enumerate(parts):
            message, where = self._errors[i], self._wheres[i]
            if part is None:
                continue
            role: Role = part[1]  # type: ignore[assignment]
            key = part[3] or ""
            if part[2] is not None:
                row = int(part[2])
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
        rows = _rows_where(pc.is_in(ids, pa.array(strangers, ids.type)))
        first: dict[str, int] = {}
        for row, account in zip(rows.tolist(), ids.take(pa.array(rows)).to_pylist(), strict=True):
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
        for text in dict.fromkeys([*rows, *self._errors]):
            fail(f"{text} ({accounts[text]:,} accounts)" if accounts[text] > 1 else text)
        if self.count or self.bad_rows:
            fail(
                f"book: {self._total - self.count:,} accounts computed, {self.count:,} failed; "
                f"{self.bad_rows:,} bad rows"
            )


# --- out --------------------------------------------------------------------------------------------------------------


class _Output:
    """The output, which is whole or not there: a temporary file beside it that takes its name at the end."""

    def __init__(self, command: BookCommand) -> None:
        self._name = str(command.output)
        if not self._name.endswith(_SUFFIXES):
            raise UnreadableError(f"output: must end in {', '.join(_SUFFIXES)}, got {quoted(self._name)}")
        if command.format == "json":
            raise UnreadableError("output: must be left out beside --format json, which writes the rows itself")
        self._path = Path(os.path.realpath(self._name))
        for other in (*command.files.values(), command.market, command.policy):
            if other is not None and Path(os.path.realpath(other)) == self._path:
                raise self._refused("one that is read")
        self._temporary: Path | None = None
        try:
            self._file = self._open()
        except (OSError, ValueError) as error:
            self._remove()
            raise self._refused(getattr(error, "strerror", None) or str(error)) from None

    def _refused(self, reason: str) -> UnreadableError:
        return UnreadableError(f"{self._name}: must be a file that can be written, got {reason}")

    def _open(self) -> BinaryIO:
        mode = self._path.stat().st_mode if self._path.exists() else None
        if mode is not None and not stat.S_ISREG(mode):  # a device or a pipe has its name already; a folder refuses
            return self._path.open("wb")
        if mode is not None:
            self._path.open("r+b").close()  # what must not be written is not replaced either
        descriptor, temporary = tempfile.mkstemp(".part", f".{self._path.name[:100]}.", self._path.parent)
        self._temporary = Path(temporary)
        os.fchmod(descriptor, stat.S_IMODE(mode) if mode is not None else 0o666 & ~_umask())
        return os.fdopen(descriptor, "wb")

    def _remove(self) -> None:
        if self._temporary is not None:
            self._temporary.unlink(missing_ok=True)

    def __enter__(self) -> _Output:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._file.close()
        self._remove()

    def write(self, table: Any) -> None:
        """Write a table, and give the file its name."""
        try:
            if self._name.endswith(".parquet"):
                pa.parquet.write_table(table, self._file)
            elif self._name.endswith(".gz"):
                with pa.CompressedOutputStream(pa.PythonFile(self._file, mode="w"), "gzip") as stream:
                    pa.csv.write_csv(table, stream)
            else:
                pa.csv.write_csv(table, self._file)
            if not self._file.closed:
                self._file.close()
            if self._temporary is not None:
                self._temporary.replace(self._path)
                self._temporary = None
        except OSError as error:
            raise self._refused(error.strerror or str(error)) from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _print_rows(table: Any) -> None:
    for batch in table.to_batches(max_chunksize=_ROWS_A_BATCH):
        print("\n".join(json.dumps(row) for row in batch.to_pylist()))


def _print_summary(command: BookCommand, files: dict[Role, BookFile], table: Any, moves: list[float]) -> None:
    """Print what a person wants to know of a book first."""
    console = new_console()
    computed = table.filter(pc.is_null(table.column("error")))
    failed = len(table) - len(computed)
    console.print(
        f"[bold]{len(computed):,} accounts computed[/bold], "
        f"{f'[red]{failed:,} failed[/red]' if failed else '0 failed'}, {len(files['positions'].table):,} positions",
        soft_wrap=True,
    )
    figures = {name: computed.column(name).to_numpy() for name in computed.schema.names[1:-2]}
    calls = {name: np.maximum(0.0, -figures[f"excess_{name}"]) for name in ("maintenance", "total")}
    totals = new_table("all accounts", "USD>", "accounts>")
    for label, amounts in (
        ("net liquidation", figures["net_liquidation"]),
        ("equity", figures["equity"]),
        ("initial requirement", figures["initial"]),
        ("maintenance requirement", figures["maintenance"]),
        ("add-ons", figures["add_ons"]),
        ("total requirement", figures["total"]),
    ):
        totals.add_row(label, money(float(amounts.sum())), f"{len(computed):,}")
    totals.add_row("maintenance deficits", *_calls(calls["maintenance"]))
    totals.add_row("total deficits", *_calls(calls["total"]))
    console.print(totals)
    if command.stress:
        stress = new_table("move", "excess>", "deficits>", "accounts under water>")
        for i, move in enumerate(moves):
            excess = figures[f"stress_excess_{i}"]
            stress.add_row(f"{move:+.2%}", money(float(excess.sum())), *_calls(np.maximum(0.0, -excess)))
        console.print(stress)
    order = np.argsort(-calls["total"], kind="stable")[:_MOST_CALLS_SHOWN]
    order = order[calls["total"][order] > 0]
    if len(order):
        ids = computed.column("account_id").take(pa.array(order)).to_pylist()
        largest = new_table("largest calls", "call>", "equity>", "requirement>", "net liquidation>")
        for row, account in zip(order.tolist(), ids, strict=True):
            amounts = (calls["total"], figures["equity"], figures["total"], figures["net_liquidation"])
            largest.add_row(plain(str(account)), *(money(float(column[row])) for column in amounts))
        console.print(largest)
    if command.output is not None:
        console.print(plain(f"{len(table):,} rows in {command.output}"), soft_wrap=True)
    console.print(f"[dim]{DISCLAIMER}[/dim]")


def _calls(amounts: Any) -> tuple[str, str]:
    return money(float(amounts.sum())), f"{np.count_nonzero(amounts):,}"
