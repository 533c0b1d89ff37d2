# SPDX-License-Identifier: Apache-2.0
"""The command evaluate-book: every bad row with its file and line."""

from __future__ import annotations

import json
import re

import pytest
from book_folder import ACCOUNTS, INSTRUMENTS, POSITIONS, Book, check_computed, errors, refused

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")


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
    assert count == last_line(2, 2, 4)
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
        last_line(2, 2),
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
    book.write("accounts.csv", "account_id,cash,type\nA,x,\nB,0,margin\nC,-350.00,\nF,1,cash\nG,1,\nG,2,\n")
    done = book.run("--format", "json")
    assert done.returncode == 1
    assert errors(done) == [
        "accounts.csv:2: cash: must be a number, got 'x'",
        "accounts.csv:5: type: the cash method is not built yet",
        "accounts.csv:6: account_id: must name each account once, got 'G' more than once",
        "accounts.csv:7: account_id: must name each account once, got 'G' more than once",
        "positions.csv:6: account_id: must have a row in accounts.csv, got none for 'E'",
        "positions.csv:7: account_id: must have a row in accounts.csv, got none for 'E'",
        "positions.csv:8: symbol: must have a row in the instruments, got none for 'Q'",
        last_line(6, 7, 7),
    ]
    check_computed(book.rows(status=1), "C")


ZERO = "quantity: must not be zero, got 0"
NO_TICKER = "symbol: must be a ticker of 1 to 15 printable characters without spaces, got 'N A'"


@pytest.mark.parametrize("is_read_twice", [False, True])
def test_every_bad_row_of_an_account_is_listed(book: Book, is_read_twice: bool) -> None:
    bad = {
        "A,Y,0": ZERO,
        "A,Q,5": "symbol: must have a row in the instruments, got none for 'Q'",
        'A,"N A",1': NO_TICKER,
        "A,,1": "symbol: must be given, got nothing",
        "A,X,5": "symbol: must stand once in positions, got 'X' again",
        "B,X,1e300": "quantity: must be between -1e+12 and 1e+12, got 1e+300",
        "B,Y,": "quantity: must be given, got nothing",
    }
    if is_read_twice:
        bad |= {"B,Y,abc": "quantity: must be a number, got 'abc'"}
    rows = ["A,X,100", *bad, "C,Y,20"]
    if is_read_twice:
        bad |= {"B,Y": "must have 3 cells, got 2"}
        rows.append("B,Y")
    book.write("positions.csv", "account_id,symbol,quantity\n" + "\n".join(rows))
    done = book.run("--format", "json")
    lines = {row: i for i, row in enumerate(rows, start=2)}
    messages = [f"positions.csv:{lines[row]}: {message}" for row, message in bad.items()]
    assert errors(done) == [*messages, last_line(2, len(bad))]
    results = {row["account_id"]: row for row in map(json.loads, done.stdout.splitlines())}
    check_computed(results, "C")
    assert all(results[account]["error"] in messages for account in "AB")


def test_every_row_of_strangers_is_listed(book: Book) -> None:
    book.write("positions.csv", POSITIONS + "Z,X,1\nD,X,0\nZ,X,2\nZ,Y,x\n")
    rule = "account_id: must have a row in accounts.csv, got none for"
    assert errors(book.run()) == [
        f"positions.csv:6: {rule} 'Z'",
        f"positions.csv:7: {rule} 'D'",
        f"positions.csv:8: {rule} 'Z'",
        "positions.csv:9: quantity: must be a number, got 'x'",
        last_line(2, 4, 5),
    ]


def test_a_bad_balance_hides_no_position_and_none_hides_it(book: Book) -> None:
    book.write("positions.csv", POSITIONS.replace("B,X,10", "B,Q,10").replace("-50", "0"))
    book.write("accounts.csv", "account_id,cash,type\nA,1000,futures\nB,1e300,\nC,-350.00,\n")
    listed = errors(book.run())
    assert listed[0].startswith("accounts.csv:2: type: must be one of ")
    assert listed[1:] == [
        "accounts.csv:3: cash: must be between -1e+13 and 1e+13, got 1e+300",
        f"positions.csv:3: {ZERO}",
        "positions.csv:4: symbol: must have a row in the instruments, got none for 'Q'",
        last_line(2, 4),
    ]


def test_a_bad_position_hides_no_bad_instrument(book: Book) -> None:
    book.write("positions.csv", POSITIONS.replace("A,X,100", "A,X,0"))
    book.write("instruments.csv", INSTRUMENTS.replace("Y,equity,20.00", "Y,equity,0"))
    book.write("accounts.csv", "account_id,cash\nA,1000.00\nB,0\n")
    assert errors(book.run()) == [
        "instruments.csv:3: price: must be more than zero, got 0",
        f"positions.csv:2: {ZERO}",
        "positions.csv:5: account_id: must have a row in accounts.csv, got none for 'C'",
        last_line(2, 3),
    ]


def test_sides_that_are_bad_are_each_listed(book: Book) -> None:
    book.write("positions.csv", "account_id,symbol,long,short\nA,X,100,0\nA,Y,0,0\nB,X,-1,0\nB,Y,1,\nC,Y,20,0\n")
    listed = errors(book.run())
    assert [line.split(": must")[0] for line in listed[:-1]] == [
        "positions.csv:3: long",
        "positions.csv:4: long",
        "positions.csv:5: short",
    ]
    assert listed[-1] == last_line(2, 3)


def test_an_option_held_twice_in_two_spellings_is_listed(book: Book) -> None:
    book.write("positions.csv", POSITIONS + "A,Q,1\nA,X     261218C00050000,1\nA,X261218C00050000,1\n")
    listed = errors(book.run())
    assert listed[-2] == "positions.csv:8: symbol: must stand once in positions, got 'X     261218C00050000' again"
    assert len(listed) == 4


def test_a_line_end_in_any_bad_row_refuses_the_run(book: Book) -> None:
    book.write("positions.csv", POSITIONS.replace("A,Y,-50", 'A,Q,1\nA,"Y\nB,X,10\n",1'))
    refused(
        book.run(),
        "positions.csv:4: symbol: must be a ticker of 1 to 15 printable characters without spaces, "
        "got 'Y\\x0aB,X,10\\x0a'",
        NOTHING,
    )


def test_a_great_many_bad_rows(book: Book) -> None:
    # More than are looked at together; every third is repeated, across accounts that are not in order.
    count = 300_000
    lines = ["account_id,symbol,quantity", *(f"{'ABC'[i % 3]},{'XQY'[i % 3]},1" for i in range(count))]
    book.write("positions.csv", "\n".join(lines))
    listed = errors(book.run())
    again = "must stand once in positions, got"
    assert listed[0] == "positions.csv:3: symbol: must have a row in the instruments, got none for 'Q'"
    assert listed[1:4] == [f"positions.csv:{5 + i}: symbol: {again} '{'XQY'[i]}' again" for i in range(3)]
    assert len(listed) == len(set(listed)) == count - 1
    assert listed[-1] == last_line(3, count - 2)


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
