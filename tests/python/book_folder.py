# SPDX-License-Identifier: Apache-2.0
"""A book in a folder, to be spoiled and evaluated by the command."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from support import Document

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="needs the files and terminals of Linux")
ENVIRONMENT = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "TERM")}
SAMPLE = Path(__file__).resolve().parents[2] / "examples" / "book"
SCRIPT = Path(sys.executable).parent / "margincore"

COMMAND = [SCRIPT, "evaluate-book", "positions.csv", "instruments.csv", "accounts.csv", "--market", "market.json"]

POSITIONS = "account_id,symbol,quantity\nA,X,100\nA,Y,-50\nB,X,10\nC,Y,20\n"
INSTRUMENTS = "symbol,kind,price,beta\nX,equity,50.00,1.2\nY,equity,20.00,0.8\n"
ACCOUNTS = "account_id,cash\nA,1000.00\nB,0\nC,-350.00\n"
MARKET = '{"valuation_date": "2026-11-20", "rate": 0.04, "benchmark": "SPY"}'

# Source: by hand, 25 % of longs and 30 % of shorts (above 16.67): 100 x 50 x 25 % + 50 x 20 x 30 % = 1250 + 300.
EQUITY = {"A": 1000 + 5000 - 1000, "B": 500, "C": 50}
MAINTENANCE = {"A": 1550.0, "B": 125.0, "C": 100.0}

Done = subprocess.CompletedProcess[str]


@dataclass
class Book:
    """A book in a folder, to be spoiled and evaluated."""

    folder: Path

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def run(
        self,
        *options: object,
        positions: object = "positions.csv",
        instruments: object = "instruments.csv",
        accounts: object = "accounts.csv",
        market: object = "market.json",
    ) -> Done:
        command = ["evaluate-book", positions, instruments, accounts, "--market", market, *options]
        return subprocess.run(
            [SCRIPT, *map(str, command)],
            capture_output=True,
            check=False,
            text=True,
            encoding="utf-8",
            errors="surrogateescape",
            cwd=self.folder,
            env=ENVIRONMENT,
        )

    def rows(self, *options: object, status: int = 0, **files: object) -> dict[str, Document]:
        done = self.run("--format", "json", *options, **files)  # type: ignore[arg-type]
        assert done.returncode == status, done.stderr
        return {row["account_id"]: row for row in map(json.loads, done.stdout.splitlines())}

    def left(self) -> set[str]:
        """What lies in the folder beside the inputs."""
        return {path.name for path in self.folder.iterdir()} - {
            "positions.csv",
            "instruments.csv",
            "accounts.csv",
            "market.json",
        }


def new_book(folder: Path) -> Book:
    book = Book(folder)
    for name, content in (
        ("positions.csv", POSITIONS),
        ("instruments.csv", INSTRUMENTS),
        ("accounts.csv", ACCOUNTS),
        ("market.json", MARKET),
    ):
        book.write(name, content)
    return book


def errors(done: Done) -> list[str]:
    lines = done.stderr.splitlines()
    assert all(line.startswith(("error: ", "warning: ")) for line in lines), done.stderr
    assert "Traceback" not in done.stderr
    return [line.removeprefix("error: ") for line in lines]


def refused(done: Done, *messages: str) -> None:
    """The run computed nothing, and said why."""
    assert errors(done) == list(messages)
    assert done.stdout == ""
    assert done.returncode == 2


def table_of(text: str) -> Any:
    """A table of text cells, as a caller of the library would have it in numbers."""
    import pyarrow as pa

    rows = list(csv.reader(io.StringIO(text)))
    columns = {}
    for i, name in enumerate(rows[0]):
        cells = [row[i] or None for row in rows[1:]]
        is_text = name in ("account_id", "symbol", "kind", "maturity")
        columns[name] = cells if is_text else [None if cell is None else float(cell) for cell in cells]
    return pa.table(columns)


def check_computed(rows: dict[str, Document], accounts: str) -> None:
    assert {name: row["equity"] for name, row in rows.items() if row["error"] is None} == {
        name: EQUITY[name] for name in accounts
    }
    assert {name: row["maintenance"] for name, row in rows.items() if row["error"] is None} == {
        name: MAINTENANCE[name] for name in accounts
    }
    for row in rows.values():
        if row["error"] is not None:
            assert {key for key, value in row.items() if value is not None} == {"account_id", "error", "where"}


def parquet(book: Book, name: str, text: str, **options: Any) -> str:
    import pyarrow.parquet as pq

    pq.write_table(table_of(text), book.folder / f"{name}.parquet", **options)
    return f"{name}.parquet"
