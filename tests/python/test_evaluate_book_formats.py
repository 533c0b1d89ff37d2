# SPDX-License-Identifier: Apache-2.0
"""The command evaluate-book: files of every format in, the figures of each account out."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from collections.abc import Callable
from decimal import Decimal

import margincore as mc
import pytest
from book_folder import ACCOUNTS, EQUITY, INSTRUMENTS, POSITIONS, SAMPLE, Book, check_computed, parquet, table_of

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")


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
