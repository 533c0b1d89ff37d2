# SPDX-License-Identifier: Apache-2.0
"""The command evaluate-book: files in, figures out, and every bad row with its file and line."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import re
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import margincore as mc
import pytest
from support import Document

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

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


@pytest.fixture
def book(tmp_path: Path) -> Book:
    book = Book(tmp_path)
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


# --- formats ----------------------------------------------------------------------------------------------------------


def sample(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((SAMPLE / f"{name}.csv").read_text(encoding="utf-8"))))


def test_the_figures_are_those_of_each_account_alone() -> None:
    done = Book(SAMPLE).rows("--stress")
    instruments = {
        row["symbol"]: {
            key: cell if key in ("kind", "maturity") else float(cell)
            for key, cell in row.items()
            if cell and key != "symbol"
        }
        for row in sample("instruments")
    }
    positions = sample("positions")
    for account in sample("accounts"):
        document = {
            "account": {
                "cash": float(account["cash"]),
                "positions": [
                    {"symbol": row["symbol"], "quantity": float(row["quantity"])}
                    for row in positions
                    if row["account_id"] == account["account_id"]
                ],
            },
            "market": json.loads((SAMPLE / "market.json").read_text()) | {"instruments": instruments},
        }
        report = mc.evaluate(document, stress=True)
        row = done.pop(account["account_id"])
        assert (row["error"], row["where"]) == (None, None)
        assert row["net_liquidation"] == report.net_liquidation
        assert row["equity"] == report.equity
        assert row["initial"] == report.requirement.initial
        assert row["maintenance"] == report.requirement.maintenance
        assert row["total"] == report.requirement.total
        assert row["excess_total"] == report.excess.total
        assert [row[f"stress_excess_{i}"] for i in range(8)] == [point.excess for point in mc.stress(document)]
    assert done == {}


def test_the_sample_has_the_figures_of_the_workshop() -> None:
    # Source: the workshop's prices and holdings, by hand; a Treasury of 4 whole years has 3 % of market value
    # (FINRA 4210(e)(2)(A), docs/rules/debt.md).
    rows = Book(SAMPLE).rows()
    assert rows["concentrated"]["maintenance"] == 0.25 * 500 * 400
    assert rows["concentrated"]["equity"] == 50_000 + 500 * 400
    assert rows["hedged"]["maintenance"] == 0.25 * (500 * 175 + 300 * 140) + 0.30 * (200 * 380 + 100 * 155)
    stock = 0.25 * (200 * 160 + 200 * 145 + 300 * 60 + 100 * 150)
    assert rows["conservative"]["maintenance"] == pytest.approx(stock + 0.03 * 50 * 995, abs=1e-9)


def parquet(book: Book, name: str, text: str, **options: Any) -> str:
    pq.write_table(table_of(text), book.folder / f"{name}.parquet", **options)
    return f"{name}.parquet"


def test_parquet_arrow_and_compressed_files_give_the_same(book: Book) -> None:
    expected = book.rows("--stress")
    check_computed(expected, "ABC")
    texts = {"positions": POSITIONS, "instruments": INSTRUMENTS, "accounts": ACCOUNTS}
    assert book.rows("--stress", **{name: parquet(book, name, text) for name, text in texts.items()}) == expected
    for name, text in texts.items():
        table = table_of(text)
        with pa.ipc.new_file(book.folder / f"{name}.arrow", table.schema) as writer:
            writer.write_table(table)
        (book.folder / f"{name}.csv.gz").write_bytes(gzip.compress(text.encode()))
        # Content counts, and not the name.
        (book.folder / f"{name}.dat").write_bytes((book.folder / f"{name}.parquet").read_bytes())
    for suffix in ("arrow", "csv.gz", "dat"):
        assert book.rows("--stress", **{name: f"{name}.{suffix}" for name in texts}) == expected


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", "\r"),
        lambda text: "\ufeff" + text,
        lambda text: "\n\n" + text.replace("\n", "\n\n"),
        lambda text: text.rstrip("\n"),
        lambda text: re.sub(r"[^,\n]+", r'"\g<0>"', text),
        lambda text: "\n".join(",".join(reversed(line.split(","))) for line in text.splitlines()) + "\n",
    ],
    ids=["crlf", "cr", "byte-order mark", "blank lines", "no last line end", "quoted", "other order of columns"],
)
def test_how_csv_is_written_does_not_matter(book: Book, change: Callable[[str], str]) -> None:
    for name, text in (("positions.csv", POSITIONS), ("instruments.csv", INSTRUMENTS), ("accounts.csv", ACCOUNTS)):
        book.write(name, change(text))
    check_computed(book.rows(), "ABC")


def test_ids_and_symbols_are_text_whatever_they_look_like(book: Book) -> None:
    ids = {"A": "007", "B": "7", "C": "1E5"}
    for i, (text, name) in enumerate(((POSITIONS, "positions.csv"), (ACCOUNTS, "accounts.csv"))):
        for old, new in ids.items():
            text = re.sub(f"^{old},", f"{new},", text, flags=re.MULTILINE)
        book.write(name, text.replace(",X,", ",NaN,").replace(",Y,", ",123,") if i == 0 else text)
    book.write("instruments.csv", INSTRUMENTS.replace("\nX", "\nNaN").replace("\nY", "\n123"))
    rows = book.rows()
    assert {name: row["equity"] for name, row in rows.items()} == {ids[name]: EQUITY[name] for name in "ABC"}


def test_whole_numbers_in_parquet_are_ids_and_not_row_numbers(book: Book) -> None:
    pq.write_table(
        pa.table({"account_id": [20, 10], "symbol": [500, 500], "quantity": [10, 20]}), book.folder / "p.parquet"
    )
    pq.write_table(pa.table({"account_id": [10, 20], "cash": [0, 1]}), book.folder / "a.parquet")
    pq.write_table(
        pa.table({"symbol": [400, 500], "kind": ["equity"] * 2, "price": [1.0, 10.0]}), book.folder / "i.parquet"
    )
    rows = book.rows(positions="p.parquet", accounts="a.parquet", instruments="i.parquet")
    assert {name: row["equity"] for name, row in rows.items()} == {"10": 200.0, "20": 101.0}


def test_types_of_parquet_that_hold_the_same(book: Book) -> None:
    pq.write_table(
        pa.table(
            {
                "account_id": pa.array([b"A", b"A", b"B", b"C"]),
                "symbol": pa.array(["X", "Y", "X", "Y"]).dictionary_encode(),
                "quantity": pa.array([Decimal("100.0"), Decimal(-50), Decimal(10), Decimal(20)]),
            }
        ),
        book.folder / "p.parquet",
    )
    pq.write_table(
        pa.table({"account_id": pa.array(["A", "B", "C"], pa.large_string()), "cash": ["1000.00", " 0 ", "-350"]}),
        book.folder / "a.parquet",
    )
    check_computed(book.rows(positions="p.parquet", accounts="a.parquet"), "ABC")


def test_a_decimal_is_rounded_once(book: Book) -> None:
    prices = [Decimal("0.1"), Decimal("400.35"), Decimal("1234567.0123456789")]
    pq.write_table(
        pa.table({"symbol": ["X", "Y", "Z"], "kind": ["equity"] * 3, "price": pa.array(prices, pa.decimal128(38, 20))}),
        book.folder / "i.parquet",
    )
    book.write("positions.csv", "account_id,symbol,quantity\nA,X,1\nB,Y,1\nC,Z,1\n")
    book.write("accounts.csv", "account_id,cash\nA,0\nB,0\nC,0\n")
    rows = book.rows(instruments="i.parquet")
    assert [rows[name]["net_liquidation"] for name in "ABC"] == [0.1, 400.35, 1234567.0123456789]


def test_nested_keys_booleans_and_dates(book: Book) -> None:
    header = "symbol,kind,price,marginable,maturity,coupon,conversion.into,conversion.ratio"
    text = f"{header}\nX,equity,50,FALSE,,,,\nY,equity,20,true,,,,\nZ,convertible,110,,2031-05-15,0.02,X,20\n"
    book.write("instruments.csv", text)
    book.write("positions.csv", "account_id,symbol,quantity\nA,X,100\nB,Y,10\nC,Z,10\nC,X,-200\n")
    rows = book.rows()
    assert rows["A"]["maintenance"] == 5_000.0  # no loan value
    assert rows["B"]["maintenance"] == 50.0
    conversion = {"into": "X", "ratio": 20}
    document = {
        "account": {"cash": -350, "positions": [{"symbol": "Z", "quantity": 10}, {"symbol": "X", "quantity": -200}]},
        "market": {
            "valuation_date": "2026-11-20",
            "instruments": {
                "X": {"kind": "equity", "price": 50, "marginable": False},
                "Z": {
                    "kind": "convertible",
                    "price": 110,
                    "maturity": "2031-05-15",
                    "coupon": 0.02,
                    "conversion": conversion,
                },
            },
        },
    }
    assert rows["C"]["maintenance"] == mc.evaluate(document).requirement.maintenance
    import datetime

    pq.write_table(
        pa.table(
            {
                "symbol": ["X", "Y", "Z"],
                "kind": ["equity", "equity", "convertible"],
                "price": [50.0, 20.0, 110.0],
                "marginable": [False, True, None],
                "maturity": [None, None, datetime.date(2031, 5, 15)],
                "coupon": [None, None, 0.02],
                "conversion": [None, None, conversion],
            }
        ),
        book.folder / "i.parquet",
    )
    assert book.rows(instruments="i.parquet") == rows


def test_an_empty_cell_is_missing_and_not_zero(book: Book) -> None:
    book.write("instruments.csv", "symbol,kind,price,beta\nX,equity,50,\nY,equity,20,0.8\n")
    check_computed(book.rows(), "ABC")
    rows = book.rows("--stress", status=1)
    assert rows["A"]["error"].startswith("instruments.csv:2: beta: must be given")
    assert rows["C"]["error"] is None
    book.write("accounts.csv", ACCOUNTS.replace("B,0", "B,"))
    assert book.rows(status=1)["B"]["error"] == "accounts.csv:3: cash: must be given, got nothing"


def test_long_and_short(book: Book) -> None:
    book.write("positions.csv", "account_id,symbol,long,short\nA,X,100,0\nA,Y,0,50\nB,X,10,0\nC,Y,20,0\n")
    check_computed(book.rows(), "ABC")


def test_a_policy(book: Book) -> None:
    book.write("policy.json", '{"house_rates": {"X": {"long": 0.5}}, "stress_moves": [-0.5]}')
    rows = book.rows("--policy", "policy.json", "--stress")
    assert rows["A"]["add_ons"] == 0.25 * 5_000
    assert "stress_excess_0" in rows["A"]
    assert "stress_excess_1" not in rows["A"]


def test_warnings_of_the_terms_are_printed(book: Book) -> None:
    book.write("policy.json", '{"rulebook": "finra-2026", "house_rates": {"Q": {"long": 0.5}}}')
    book.write("market.json", '{"valuation_date": "2026-01-02"}')
    done = book.run("--policy", "policy.json")
    assert done.returncode == 0
    assert done.stderr.splitlines() == [
        "warning: policy.json: rulebook: applied to a date before 2026-06-04, when rulebook finra-2026 came into force",
        "warning: policy.json: house_rates.Q: names a symbol that the instruments do not have; not applied",
    ]


# --- bad rows ---------------------------------------------------------------------------------------------------------


def last_line(failed: int, bad: int, total: int = 3) -> str:
    return f"book: {total - failed:,} accounts computed, {failed:,} failed; {bad:,} bad rows"


BAD_NUMBERS = ["abc", "1,000", "nan", "inf", "-Infinity", "0x10", "1_000", "1e999", "NULL", "1e", "-", "1 2", "12:00"]


def test_cells_that_are_no_numbers(book: Book) -> None:
    lines = [f'bad{i},X,"{cell}"' for i, cell in enumerate(BAD_NUMBERS)]
    book.write("positions.csv", POSITIONS + "\n".join(lines))
    book.write("accounts.csv", ACCOUNTS + "".join(f"bad{i},0\n" for i in range(len(lines))))
    done = book.run("--format", "json")
    messages = [
        f"positions.csv:{i}: quantity: must be a number, got '{cell}'" for i, cell in enumerate(BAD_NUMBERS, start=6)
    ]
    assert errors(done) == [*messages, last_line(len(lines), len(lines), 3 + len(lines))]
    assert done.returncode == 1
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    check_computed({row["account_id"]: row for row in rows}, "ABC")
    assert [row["error"] for row in rows[3:]] == messages
    assert [row["where"] for row in rows[3:]] == [message.split(": must")[0] for message in messages]


@pytest.mark.parametrize("is_read_twice", [False, True])
def test_cells_that_are_numbers(book: Book, is_read_twice: bool) -> None:
    cells = {"1e2": 100, ".5": 0.5, "5.": 5, " 7 ": 7, "+3": 3, "1E+2": 100, "0.1": 0.1, "-4": -4, "007": 7}
    lines = [f"n{i},X,{cell}\n" for i, cell in enumerate(cells)] + ["A,X,abc\n"] * is_read_twice
    book.write("positions.csv", "account_id,symbol,quantity\n" + "".join(lines))
    book.write("accounts.csv", "account_id,cash\nA,0\n" + "".join(f"n{i},0\n" for i in range(len(cells))))
    rows = book.rows(status=int(is_read_twice))
    for i, number in enumerate(cells.values()):
        assert rows[f"n{i}"]["net_liquidation"] == number * 50


@pytest.mark.parametrize("quantity", ["1e13", "-1e300", "0", "-0.0"])
def test_numbers_that_no_position_can_have(book: Book, quantity: str) -> None:
    book.write("positions.csv", POSITIONS.replace("-50", quantity))
    rows = book.rows(status=1)
    check_computed(rows, "BC")
    assert rows["A"]["error"].startswith("positions.csv:3: quantity: must ")


def test_lines_are_right_with_quoted_line_ends_and_blank_lines(book: Book) -> None:
    header = "account_id,symbol,quantity"
    rows = [header, "", "A,X,100", '"A","Y",-50', "", "", '"two\r\nlines",X,1', "B,X,x", "", "C,Z,20"]
    book.write("positions.csv", b"\xef\xbb\xbf" + "\r\n".join(rows).encode())
    book.write("accounts.csv", ACCOUNTS + '"two\r\nlines",5\n')
    done = book.run("--format", "json")
    bad_number, no_such_symbol, count = errors(done)
    assert bad_number == "positions.csv:9: quantity: must be a number, got 'x'"
    assert no_such_symbol.startswith("positions.csv:11: symbol: must ")
    assert count == last_line(2, 1, 4)
    assert json.loads(done.stdout.splitlines()[3])["equity"] == 55.0


@pytest.mark.parametrize(("end", "quotes"), [("\n", False), ("\r\n", True), ("\r", False)])
def test_lines_of_many_rows(book: Book, end: str, quotes: bool) -> None:
    # More than a block of either reader.
    lines = ["account_id,symbol,quantity"]
    for i in range(300_000):
        lines.append(f'"A","X{i}",1' if quotes else f"A{i // 100:06},X,123456")
    bad = {7: "B,Y,oops", 150_000: "B,X,1,2", 299_999: "C,Y,1e"}
    for line, text in bad.items():
        lines[line - 1] = text
    book.write("positions.csv", end.join(lines) + end)
    done = book.run()
    found = [line for line in errors(done) if re.match(r"positions\.csv:\d+: (quantity|must have)", line)]
    assert found[:3] == [
        "positions.csv:7: quantity: must be a number, got 'oops'",
        "positions.csv:299999: quantity: must be a number, got '1e'",
        "positions.csv:150000: must have 3 cells, got 4",
    ]


def test_rows_of_parquet_are_counted_from_one(book: Book) -> None:
    pq.write_table(
        pa.table({"account_id": ["A", "B", "C"], "symbol": ["X", "X", "Y"], "quantity": ["1", "b", "0"]}),
        book.folder / "p.parquet",
    )
    done = book.run(positions="p.parquet")
    assert errors(done) == [
        "p.parquet: row 2: quantity: must be a number, got 'b'",
        "p.parquet: row 3: quantity: must not be zero, got 0",
        last_line(2, 1),
    ]
    assert done.returncode == 1


@pytest.mark.parametrize(("row", "count"), [("A,X,1,000", 4), ("A,X", 2)])
def test_a_ragged_row_spoils_its_account(book: Book, row: str, count: int) -> None:
    book.write("positions.csv", POSITIONS.replace("A,X,100", row))
    done = book.run("--format", "json")
    message = f"positions.csv:2: must have 3 cells, got {count}"
    assert errors(done) == [message, last_line(1, 1)]
    rows = book.rows(status=1)
    check_computed(rows, "BC")
    assert rows["A"]["error"] == message


NOTHING = "book: must say whose each row is, got 1 rows that may be anybody's; nothing was computed"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (",X,1", "account_id: must be given, got nothing"),
        ('"",X,1', "account_id: must be given, got nothing"),
        ("A", "must have 3 cells, got 1"),  # may be the beginning of another id
        ("A;X;1", "must have 3 cells, got 1"),
        ("D,X,1,2", "must have 3 cells, got 4"),  # no such account: may be a piece of another row
        (",X", "must have 3 cells, got 2"),
        (b"\xff,X,1", "account_id: must be UTF-8, got '\\xff'"),
    ],
)
def test_a_row_that_may_be_anybodys_refuses_the_run(book: Book, row: str | bytes, message: str) -> None:
    row = row.encode() if isinstance(row, str) else row
    book.write("positions.csv", POSITIONS.encode().replace(b"B,X,10", row))
    refused(book.run("--output", "out.csv"), f"positions.csv:4: {message}", NOTHING)
    assert book.left() == set()


@pytest.mark.parametrize("row", [",1", "A", "\n;"])
def test_a_balance_that_may_be_anybodys_refuses_the_run(book: Book, row: str) -> None:
    book.write("accounts.csv", ACCOUNTS + row + "\n")
    done = book.run()
    assert done.returncode == 2
    assert errors(done)[0].startswith(f"accounts.csv:{5 + row.count(chr(10))}: ")
    assert errors(done)[-1] == NOTHING


def test_a_ragged_row_whose_account_may_have_moved_refuses_the_run(book: Book) -> None:
    book.write("positions.csv", "symbol,account_id,quantity\nX,A,100\nX,Y,B,10\n")
    refused(book.run(), "positions.csv:3: must have 3 cells, got 4", NOTHING)


@pytest.mark.parametrize(
    "text",
    [
        'account_id,symbol,quantity\nA,"X,100\nB,X,10\nC,Y,20\n',
        'account_id,symbol,quantity\nA,"X,100\nB,X,10\nC,"Y,20\n',  # a closing quote, and the right number of cells
        'account_id,symbol,quantity\nA,X,"100\nB,X,10\nC,Y,20\n',
        'account_id,symbol,quantity\n"A,X,100\nB",X,10\nC,Y,20\n',
        'symbol,quantity,account_id\nX,100,A\nX,10,"B\nY,20,C\n',
    ],
)
def test_a_quotation_mark_that_is_not_closed_takes_no_rows_of_others(book: Book, text: str) -> None:
    book.write("positions.csv", text)
    done = book.run()
    assert done.returncode == 2, done.stdout
    assert errors(done)[-1] == NOTHING


def test_a_quotation_mark_that_is_not_closed_in_a_large_file(book: Book) -> None:
    rows = "A,X,1\n" * 5_000_000
    book.write("positions.csv", f'account_id,symbol,quantity\nB,X,10\nA,"X,1\n{rows}')
    refused(
        book.run(),
        "positions.csv:3: must be a row of at most 8 MiB, got more; is a quotation mark not closed?",
    )


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("X,equity,abc,1", "instruments.csv:2: price: must be a number, got 'abc'"),
        ("X,equity,50,one", "instruments.csv:2: beta: must be a number, got 'one'"),
        ("X,equity,50", "instruments.csv:2: must have 4 cells, got 3"),
        ("X,equity,0,1", "instruments.csv:2: price: must be more than zero, got 0"),
        ("X,share,50,1", "instruments.csv:2: kind: must be one of"),
        ("X,,50,1", "instruments.csv:2: kind: must be given, got nothing"),
    ],
)
def test_a_bad_instrument_spoils_those_who_hold_it(book: Book, rows: str, message: str) -> None:
    book.write("instruments.csv", INSTRUMENTS.replace("X,equity,50.00,1.2", rows))
    done = book.run()
    listed, _ = errors(done)
    assert listed.startswith(message)
    assert listed.endswith(" (2 accounts)")
    assert done.returncode == 1
    rows_out = book.rows(status=1)
    check_computed(rows_out, "C")
    assert rows_out["B"]["error"].startswith(message)


def test_two_instruments_of_one_symbol_spoil_those_who_hold_it(book: Book) -> None:
    book.write("instruments.csv", INSTRUMENTS + "X,equity,51.00,1.2\n")
    done = book.run("--format", "json")
    message = "symbol: must name each symbol once, got 'X' more than once"
    assert errors(done) == [
        f"instruments.csv:2: {message}",
        f"instruments.csv:4: {message} (2 accounts)",
        last_line(2, 2),
    ]
    check_computed({row["account_id"]: row for row in map(json.loads, done.stdout.splitlines())}, "C")


def test_a_bad_optional_cell_is_not_as_good_as_none(book: Book) -> None:
    # A word that is neither true nor false must not leave the stock marginable, nor a beta to the stated default.
    book.write("instruments.csv", "symbol,kind,price,marginable,beta\nX,equity,50,no,\nY,equity,20,,high\n")
    book.write("policy.json", '{"missing_beta": 1}')
    rows = book.rows("--policy", "policy.json", status=1)
    assert rows["B"]["error"] == "instruments.csv:2: marginable: must be true or false, got 'no'"
    assert rows["C"]["error"] == "instruments.csv:3: beta: must be a number, got 'high'"


def test_rows_of_instruments_that_nobody_can_name(book: Book) -> None:
    book.write("instruments.csv", INSTRUMENTS + ",equity,1,1\nequity,1,1\n")
    done = book.run()
    assert errors(done) == [
        "instruments.csv:5: must have 4 cells, got 3",
        "instruments.csv:4: symbol: must be given, got nothing",
        last_line(0, 2),
    ]
    assert done.returncode == 1
    check_computed(book.rows(status=1), "ABC")


def test_accounts_that_fail(book: Book) -> None:
    book.write("positions.csv", POSITIONS + "E,X,1\nE,Y,1\nB,Q,1\n")
    book.write("accounts.csv", "account_id,cash,type\nA,x,\nB,0,margin\nC,-350.00,\nF,1,portfolio_margin\nG,1,\nG,2,\n")
    done = book.run("--format", "json")
    assert done.returncode == 1
    listed = errors(done)
    assert listed[0] == "accounts.csv:2: cash: must be a number, got 'x'"
    assert listed[1].startswith("positions.csv:8: symbol: must ")
    assert listed[2:] == [
        "accounts.csv:5: type: the portfolio method is not built yet",
        "accounts.csv:6: account_id: must name each account once, got 'G' more than once",
        "accounts.csv:7: account_id: must name each account once, got 'G' more than once",
        "positions.csv:6: account_id: must have a row in accounts.csv, got none for 'E'",
        last_line(6, 1, 7),
    ]
    check_computed(book.rows(status=1), "C")


def test_a_symbol_held_twice_is_named(book: Book) -> None:
    book.write("positions.csv", POSITIONS + "C,Y,1\n")
    listed, _ = errors(book.run())
    assert listed == "positions.csv:6: symbol: must stand once in positions, got 'Y' again"


def test_bytes_that_are_no_text(book: Book) -> None:
    book.write("positions.csv", POSITIONS.encode().replace(b"A,X", b"A,\xe9"))
    done = book.run()
    assert errors(done) == ["positions.csv:2: symbol: must be UTF-8, got '\\xe9'", last_line(1, 1)]
    book.write("positions.csv", POSITIONS.encode("utf-16"))
    refused(book.run(), "positions.csv:1: must be a header row in UTF-8, got something else")


# --- files ------------------------------------------------------------------------------------------------------------


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


# --- output -----------------------------------------------------------------------------------------------------------


def test_outputs_have_the_rows(book: Book) -> None:
    book.write("positions.csv", POSITIONS.replace("-50", "oops"))
    expected = list(book.rows("--stress", status=1).values())
    for name in ("out.parquet", "out.csv", "out.csv.gz"):
        done = book.run("--stress", "--output", name)
        assert done.returncode == 1
        assert f"3 rows in {name}" in done.stdout
        if name.endswith(".parquet"):
            table = pq.read_table(book.folder / name)
            assert table.schema.field("equity").type == pa.float64()
            assert table.to_pylist() == expected
            continue
        data = (book.folder / name).read_bytes()
        rows = list(csv.DictReader(io.StringIO((gzip.decompress(data) if name.endswith("gz") else data).decode())))
        assert [row["account_id"] for row in rows] == ["A", "B", "C"]
        for row, figures in zip(rows, expected, strict=True):
            for key, value in figures.items():
                assert (row[key] or None) == value if isinstance(value, (str, type(None))) else float(row[key]) == value
    assert book.left() == {"out.parquet", "out.csv", "out.csv.gz"}


def test_an_output_takes_the_place_of_the_old_one(book: Book) -> None:
    target = book.write("real.csv", "old")
    target.chmod(0o640)
    (book.folder / "out.csv").symlink_to("real.csv")
    assert book.run("--output", "out.csv").returncode == 0
    assert target.read_text().startswith('"account_id"')
    assert target.stat().st_mode & 0o777 == 0o640
    assert (book.folder / "out.csv").is_symlink()
    umask = os.umask(0o022)
    os.umask(umask)
    assert book.run("--output", "new.csv").returncode == 0
    assert (book.folder / "new.csv").stat().st_mode & 0o777 == 0o666 & ~umask


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("out.txt", "output: must end in .parquet, .csv, .csv.gz, got 'out.txt'"),
        ("none/out.csv", "none/out.csv: must be a file that can be written, got No such file or directory"),
        ("folder.csv", "folder.csv: must be a file that can be written, got Is a directory"),
        ("positions.csv", "positions.csv: must be a file that can be written, got one that is read"),
        ("./x/../positions.csv", "./x/../positions.csv: must be a file that can be written, got one that is read"),
    ],
)
def test_places_where_nothing_can_be_written(book: Book, name: str, message: str) -> None:
    (book.folder / "folder.csv").mkdir()
    refused(book.run("--output", name), message)
    assert book.left() == {"folder.csv"}
    assert (book.folder / "positions.csv").read_text() == POSITIONS


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_folder_that_may_not_be_written(book: Book) -> None:
    (book.folder / "closed").mkdir(mode=0o555)
    refused(
        book.run("--output", "closed/out.csv"),
        "closed/out.csv: must be a file that can be written, got Permission denied",
    )


@LINUX
def test_a_place_that_is_read_only(book: Book) -> None:
    (line,) = errors(book.run("--output", "/proc/out.csv"))
    assert line.startswith("/proc/out.csv: must be a file that can be written, got ")


@LINUX
@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".csv.gz"])
def test_a_disk_that_is_full_leaves_no_half_file(book: Book, suffix: str) -> None:
    name = f"out{suffix}"
    book.write(name, "old")
    book.write("accounts.csv", ACCOUNTS + "".join(f"a{i * 7919 % 100_003},{i}\n" for i in range(50_000)))
    done = subprocess.run(
        [*COMMAND, "--output", name],
        capture_output=True,
        text=True,
        check=False,
        cwd=book.folder,
        env=ENVIRONMENT,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (65_536, 65_536)),
    )
    refused(done, f"{name}: must be a file that can be written, got File too large")
    assert book.left() == {name}
    assert (book.folder / name).read_text() == "old"


@LINUX
def test_a_device_keeps_its_place(book: Book) -> None:
    (book.folder / "null.csv").symlink_to("/dev/null")
    assert book.run("--output", "null.csv").returncode == 0
    assert Path("/dev/null").is_char_device()
    (book.folder / "full.csv").symlink_to("/dev/full")
    refused(
        book.run("--output", "full.csv"), "full.csv: must be a file that can be written, got No space left on device"
    )


def test_json_and_a_file_are_not_both(book: Book) -> None:
    refused(
        book.run("--format", "json", "--output", "out.csv"),
        "output: must be left out beside --format json, which writes the rows itself",
    )


def test_the_summary(book: Book) -> None:
    # Source: by hand. Account C: equity 50 against 100, the only call.
    done = book.run()
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("3 accounts computed, 0 failed, 4 positions\n")
    assert "\x1b" not in done.stdout
    figures = dict(re.findall(r"^ ?(\w[\w -]*?) {2,}(-?[\d,]+\.\d\d +\d+)\s*$", done.stdout, re.MULTILINE))
    assert re.split(" +", figures["equity"]) == ["5,550.00", "3"]
    assert re.split(" +", figures["maintenance requirement"]) == ["1,775.00", "3"]
    assert re.split(" +", figures["maintenance deficits"]) == ["50.00", "1"]
    assert re.search(r"^ ?C +50\.00 +50\.00 +100\.00 +50\.00", done.stdout, re.MULTILINE)
    assert done.stdout.endswith("A computation, not a broker's figure.\n")
    assert "under water" in book.run("--stress").stdout


def test_the_readme_shows_what_the_command_prints() -> None:
    readme = (SAMPLE.parents[1] / "README.md").read_text(encoding="utf-8")
    shown = readme.split("--market market.json\n", 1)[1].split("\n```", 1)[0]
    assert [line.rstrip() for line in Book(SAMPLE).run().stdout.splitlines()] == shown.splitlines()


def test_threads_change_nothing(book: Book) -> None:
    rng = range(5_000)
    book.write("accounts.csv", "account_id,cash\n" + "".join(f"a{i},{i % 97}\n" for i in rng))
    book.write("positions.csv", "account_id,symbol,quantity\n" + "".join(f"a{i},X,{i % 13 - 6.5}\n" for i in rng))
    one = book.run("--format", "json", "--threads", 1)
    assert one.returncode == 0
    assert book.run("--format", "json", "--threads", 0).stdout == one.stdout
    for bad in ("-1", "two", "1.5", "99999"):
        (line,) = errors(book.run("--threads", bad))
        assert line.startswith("command line: argument --threads: must be a whole number from 0 to ")


def test_without_pyarrow_it_says_what_to_install() -> None:
    code = """
import sys
sys.modules["pyarrow"] = None
from margincore.cli import main
sys.exit(main(["evaluate-book", "p", "i", "a", "--market", "m"]))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=ENVIRONMENT)
    assert done.returncode == 2
    assert done.stderr == (
        "error: pyarrow: must be installed to read files of columns, got none; pip install 'margincore[files]'\n"
    )


def test_other_commands_do_not_load_pyarrow() -> None:
    code = "import sys, margincore.cli as c; c._parser(); print('pyarrow' in sys.modules, 'numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False False\n"


@LINUX
@pytest.mark.parametrize("wait", [0.3, 0.7, 1.2])
def test_an_interruption_leaves_no_half_file(book: Book, wait: float) -> None:
    count = 150_000
    book.write("accounts.csv", "account_id,cash\n" + "".join(f"a{i},1\n" for i in range(count)))
    book.write(
        "positions.csv",
        "account_id,symbol,quantity\n" + "".join(f"a{i},X,1\na{i},Y,1\na{i},Z,x\n" for i in range(count)),
    )
    book.write("out.parquet", "old")
    process = subprocess.Popen(
        [*COMMAND, "--output", "out.parquet"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=book.folder,
        env=ENVIRONMENT,
    )
    time.sleep(wait)
    process.send_signal(signal.SIGINT)
    _, error = process.communicate()
    assert process.returncode == 130
    assert error.splitlines()[-1] == "error: interrupted"
    assert book.left() == {"out.parquet"}
    assert (book.folder / "out.parquet").read_text() == "old"


def on_a_terminal(command: list[str], folder: Path) -> Iterator[bytes]:
    import pty

    leader, follower = pty.openpty()
    process = subprocess.Popen(
        command, stdout=follower, stderr=follower, cwd=folder, env=ENVIRONMENT | {"TERM": "xterm", "COLUMNS": "120"}
    )
    os.close(follower)
    while True:
        try:
            part = os.read(leader, 65536)
        except OSError:
            break
        if not part:
            break
        yield part
    os.close(leader)
    assert process.wait() == 0


@LINUX
def test_a_terminal_sees_progress_and_the_summary(book: Book) -> None:
    book.write("accounts.csv", "account_id,cash\n" + "".join(f"a{i},1\n" for i in range(200_000)))
    book.write("positions.csv", "account_id,symbol,quantity\n" + "".join(f"a{i},X,1\n" for i in range(200_000)))
    text = b"".join(on_a_terminal([*map(str, COMMAND)], book.folder)).decode()
    assert "reading positions.csv" in text
    assert "200,000 accounts computed" in text
