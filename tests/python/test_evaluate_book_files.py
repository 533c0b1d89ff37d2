# SPDX-License-Identifier: Apache-2.0
"""The command evaluate-book: files that cannot be used."""

from __future__ import annotations

import gzip
import os
import re
import subprocess

import pytest
from book_folder import COMMAND, ENVIRONMENT, LINUX, POSITIONS, Book, errors, parquet, refused

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")


KNOWN = "account_id, symbol, quantity, long, short"


@pytest.mark.parametrize(
    ("name", "header", "message"),
    [
        ("positions.csv", "account_id,symbol", "quantity: must be a column, got none of that name"),
        ("positions.csv", "symbol,quantity", "account_id: must be a column, got none of that name"),
        ("positions.csv", "account_id,symbol,long", "short: must be a column, got none of that name"),
        ("positions.csv", "account_id,symbol,qty", f"must have known columns ({KNOWN}), got 'qty'"),
        ("positions.csv", "account_id, symbol,quantity", f"must have known columns ({KNOWN}), got ' symbol'"),
        ("positions.csv", "account_id;symbol;quantity", f"must have known columns ({KNOWN}), got 'account_id;sym"),
        ("positions.csv", "account_id,symbol,symbol", "symbol: must be one column, got 2"),
        ("positions.csv", "account_id,symbol,quantity,long,short", "quantity: must not be given beside long and"),
        ("positions.csv", "A,X,1", f"must have known columns ({KNOWN}), got 'A'"),
        ("accounts.csv", "account_id", "cash: must be a column, got none of that name"),
        ("accounts.csv", "account_id,cash,name", "must have known columns ("),
        ("instruments.csv", "kind,price", "symbol: must be a column, got none of that name"),
        ("instruments.csv", "symbol,kind,price,betta", "must have known columns ("),
        ("instruments.csv", "symbol,kind,price,dividends", "must have known columns ("),
    ],
)
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_columns_that_are_not_as_they_should_be(book: Book, name: str, header: str, message: str, kind: str) -> None:
    place = f"{name}:1"
    if kind == "csv":
        book.write(name, f"{header}\n")
    else:
        columns = header.split(",")
        if len(set(columns)) < len(columns) or ";" in header or " " in header:
            pytest.skip("no such Parquet file")
        pq.write_table(pa.table({column: pa.array([], pa.string()) for column in columns}), book.folder / name)
        place = name
    done = book.run()
    (line,) = errors(done)
    assert line.startswith(f"{place}: {message}")
    assert done.returncode == 2


def test_columns_of_parquet_of_another_type(book: Book) -> None:
    for column, values in (("account_id", [1.0]), ("quantity", [True]), ("symbol", [[1]])):
        table = {"account_id": ["A"], "symbol": ["X"], "quantity": [1]} | {column: values}
        pq.write_table(pa.table(table), book.folder / "p.parquet")
        (line,) = errors(book.run(positions="p.parquet"))
        assert re.fullmatch(rf"p.parquet: {column}: must be (text|numbers), got a column of .+", line)


@pytest.mark.parametrize("text", ["", "\n", "\r\n\n"])
@pytest.mark.parametrize("name", ["positions.csv", "instruments.csv", "accounts.csv"])
def test_a_file_without_a_header(book: Book, name: str, text: str) -> None:
    book.write(name, text)
    refused(book.run(), f"{name}: must have a header row, got an empty file")


@pytest.mark.parametrize("end", ["", "\n"])
def test_a_header_and_no_rows(book: Book, end: str) -> None:
    book.write("positions.csv", f"account_id,symbol,quantity{end}")
    rows = book.rows()
    assert {name: row["equity"] for name, row in rows.items()} == {"A": 1000.0, "B": 0.0, "C": -350.0}
    book.write("accounts.csv", f"account_id,cash{end}")
    assert book.rows() == {}
    done = book.run("--output", "out.parquet", "--stress")
    assert (done.returncode, done.stderr) == (0, "")
    assert len(pq.read_table(book.folder / "out.parquet")) == 0


@pytest.mark.parametrize("name", ["positions", "instruments", "accounts", "market"])
def test_files_that_cannot_be_read(book: Book, name: str) -> None:
    refused(book.run(**{name: "none.csv"}), "none.csv: must be a file that can be read, got No such file or directory")
    (book.folder / "folder").mkdir()
    refused(book.run(**{name: "folder"}), "folder: must be a file that can be read, got Is a directory")


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_may_not_be_read(book: Book) -> None:
    (book.folder / "positions.csv").chmod(0)
    refused(book.run(), "positions.csv: must be a file that can be read, got Permission denied")


def test_files_that_are_broken_off(book: Book) -> None:
    parquet(book, "positions", POSITIONS)
    whole = (book.folder / "positions.parquet").read_bytes()
    book.write("positions.parquet", whole[:-100])
    (line,) = errors(book.run(positions="positions.parquet"))
    assert line.startswith("positions.parquet: must be a Parquet file that can be read, got ")
    book.write("positions.csv.gz", gzip.compress(POSITIONS.encode() * 1000)[:-20])
    done = book.run(positions="positions.csv.gz")
    assert done.returncode == 2
    (line,) = errors(done)
    assert line.startswith("positions.csv.gz: must be a CSV file that can be read, got ")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "market.json: must be JSON, got "),
        ("[]", "market.json: must be a JSON object, got list"),
        ('{"rate": NaN}', "market.json: must be JSON, got NaN"),
        ('{"rate": 0, "rate": 1}', "market.json: must be JSON, got the key 'rate' more than once"),
        ('{"rate": 0.04}', "market.json: valuation_date: must be given, got nothing"),
        ('{"valuation_date": "20.11.2026"}', "market.json: valuation_date: must be a date as YYYY-MM-DD"),
        ('{"valuation_date": "2026-11-20", "spot": 1}', "market.json: spot: must be a known key"),
        ('{"valuation_date": "2026-11-20", "instruments": {}}', "market.json: instruments: must be left out beside"),
        ("[" * 100_000, "market.json: must be JSON, got "),
    ],
)
def test_a_bad_market(book: Book, text: str, message: str) -> None:
    book.write("market.json", text)
    done = book.run()
    (line,) = errors(done)
    assert line.startswith(message)
    assert done.returncode == 2


def test_a_bad_policy(book: Book) -> None:
    book.write("policy.json", '{"rulebook": "finra-1999"}')
    (line,) = errors(book.run("--policy", "policy.json"))
    assert line.startswith("policy.json: rulebook: must be ")


@LINUX
def test_a_pipe_is_read_like_a_file(book: Book) -> None:
    done = subprocess.run(
        ["bash", "-c", " ".join(map(str, COMMAND)).replace(" positions.csv", " <(cat positions.csv)")],
        capture_output=True,
        text=True,
        check=False,
        cwd=book.folder,
        env=ENVIRONMENT,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("3 accounts computed, 0 failed, 4 positions\n")
