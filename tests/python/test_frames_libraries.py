# SPDX-License-Identifier: Apache-2.0
"""Columns of pandas, polars, Arrow and DuckDB, of each type that those libraries have."""

from __future__ import annotations

import datetime
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import margincore as mc
import numpy as np
import pytest
from test_frames_kinds import (
    ACCOUNTS,
    CASH,
    MATURITY,
    OF,
    QUANTITY,
    SYMBOLS,
    WHAT,
    accounts,
    column,
    evaluate,
    instruments,
    of,
    polars_frame,
    positions,
    require_expected,
)

Make = Callable[[Any, list[Any]], Any]

PANDAS_TEXT: dict[str, Make] = {
    "str": lambda pd, x: pd.Series(x, dtype="str"),
    "python": lambda pd, x: pd.Series(x, dtype=pd.StringDtype("python")),
    "python, NaN": lambda pd, x: pd.Series(x, dtype=pd.StringDtype("python", na_value=np.nan)),
    "pyarrow": lambda pd, x: pd.Series(x, dtype=pd.StringDtype("pyarrow")),
    "arrow": lambda pd, x: pd.Series(x, dtype="string[pyarrow]"),
    "object": lambda pd, x: pd.Series(x, dtype=object),
    "category": lambda pd, x: pd.Series(x, dtype="category"),
    "category of objects": lambda pd, x: pd.Series(pd.Categorical(x, categories=pd.Index(x, dtype=object).unique())),
    "index": lambda pd, x: pd.Series(x, index=range(100, 100 + len(x))),
    "repeated index": lambda pd, x: pd.Series(x, index=[7] * len(x)),
}
PANDAS_NUMBERS: dict[str, Make] = {
    "float64": lambda pd, x: pd.Series(x, dtype="float64"),
    "int32": lambda pd, x: pd.Series(x, dtype="int32"),
    "Int64": lambda pd, x: pd.Series(x, dtype="Int64"),
    "Float64": lambda pd, x: pd.Series(x, dtype="Float64"),
    "object": lambda pd, x: pd.Series(x, dtype=object),
    "float[pyarrow]": lambda pd, x: pd.Series(x, dtype="float32[pyarrow]"),
    "int64[pyarrow]": lambda pd, x: pd.Series(x, dtype="int64[pyarrow]"),
}


def pandas_book(text: Make, number: Make) -> tuple[Any, Any, Any]:
    pd = pytest.importorskip("pandas")
    frame = {"account_id": text(pd, of(ACCOUNTS, OF)), "symbol": text(pd, of(SYMBOLS, WHAT))}
    index = frame["symbol"].index
    quantity = number(pd, QUANTITY)
    quantity.index = index
    named = pd.DataFrame({"account_id": text(pd, ACCOUNTS)})
    named["cash"] = np.array(CASH)
    return pd.DataFrame({**frame, "quantity": quantity}), instruments(), named


@pytest.mark.parametrize("text", PANDAS_TEXT.values(), ids=PANDAS_TEXT)
@pytest.mark.parametrize("number", PANDAS_NUMBERS.values(), ids=PANDAS_NUMBERS)
def test_pandas_columns(text: Make, number: Make) -> None:
    pytest.importorskip("pyarrow")
    book = pandas_book(text, number)
    result = evaluate(*book)
    require_expected(result)
    assert result["account_id"].dtype == book[2]["account_id"].dtype
    assert list(result.index) == [0, 1, 2, 3]


def test_pandas_categories_have_codes_of_eight_bits_and_may_be_missing() -> None:
    pd = pytest.importorskip("pandas")
    symbol = pd.Categorical([*of(SYMBOLS, WHAT)[:3], None], categories=[*SYMBOLS, "UNUSED"])
    assert symbol.codes.dtype == np.int8
    frame = pd.DataFrame({"account_id": of(ACCOUNTS, OF), "symbol": symbol, "quantity": QUANTITY})
    result = evaluate(frame, instruments(), accounts())
    assert column(result, "where") == [None, None, "positions[3].symbol", None]
    assert column(result, "error")[2] == "positions[3].symbol: must be given, got nothing"


def test_pandas_instruments_with_flags_and_dates_of_every_type() -> None:
    pd = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    stamp = pd.Timestamp("2050-05-15")
    for dates in (
        pd.Series([pd.NaT, stamp, pd.NaT]),
        pd.Series([pd.NaT, stamp, pd.NaT]).dt.as_unit("s"),
        pd.Series([pd.NaT, stamp.tz_localize("Asia/Tokyo"), pd.NaT]),
        pd.Series([None, MATURITY, None], dtype=object),
        pd.Series([None, MATURITY, None], dtype="date32[pyarrow]"),
        pd.Series([None, "2050-05-15", None], dtype="str"),
    ):
        for flags in (
            pd.Series([True, None, True], dtype="boolean"),
            pd.Series([True, None, True], dtype="bool[pyarrow]"),
            pd.Series([True, None, True], dtype=object),
            pd.Series([np.True_, None, np.True_], dtype=object),
            pd.Series([True, True, True]),
        ):
            frame = pd.DataFrame({**instruments(), "maturity": dates, "marginable": flags})
            require_expected(evaluate(positions(), frame, accounts()))
    frame = pd.DataFrame({**instruments(), "marginable": pd.Series([False, True, True])})
    assert evaluate(positions(), frame, accounts())["maintenance"][0] == 200_000.0


def test_pandas_without_pyarrow() -> None:
    pytest.importorskip("pandas")
    code = """
import sys
sys.modules["pyarrow"] = None
import margincore as mc, numpy as np, pandas as pd
positions = pd.DataFrame({
    "account_id": pd.Series(["A", "B", None], dtype=pd.StringDtype("python", na_value=np.nan))[:2],
    "symbol": pd.Series(["S", pd.NA], dtype=pd.StringDtype("python")),
    "quantity": pd.Series([10, 1], dtype="Int64"),
})
accounts = pd.DataFrame({"account_id": pd.Categorical(["A", "B"]), "cash": pd.Series([0.0, pd.NA], dtype="Float64")})
instruments = pd.DataFrame({"symbol": ["S"], "kind": ["equity"], "price": [10.0]})
result = mc.evaluate_frame(positions, instruments, accounts, {"valuation_date": "2026-11-20"})
assert result["maintenance"][0] == 25.0, result
assert result["where"][1] == "accounts[1].cash", result["where"]
"""
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)


def test_pandas_results_do_not_share_what_came_in() -> None:
    pd = pytest.importorskip("pandas")
    named = pd.DataFrame({"account_id": np.array(ACCOUNTS, dtype=object), "cash": CASH})
    result = evaluate(pd.DataFrame(positions()), instruments(), named)
    result["account_id"].array[0] = "changed"
    assert named["account_id"][0] == "A"


POLARS_TEXT: dict[str, Make] = {
    "String": lambda pl, x: pl.Series(x, dtype=pl.String),
    "Categorical": lambda pl, x: pl.Series(x, dtype=pl.Categorical),
    "Enum": lambda pl, x: pl.Series(x, dtype=pl.Enum([*ACCOUNTS, *SYMBOLS])),
    "sliced": lambda pl, x: pl.Series(["other", *x, "other"])[1:-1],
    "chunks": lambda pl, x: pl.concat([pl.Series(x[:1]), pl.Series(x[1:], dtype=pl.String)], rechunk=False),
    "long": lambda pl, x: pl.Series([f"{name:.<40}"[:0] + name for name in x]),
}
POLARS_NUMBERS: dict[str, Make] = {
    "Float64": lambda pl, x: pl.Series(x, dtype=pl.Float64),
    "Float32": lambda pl, x: pl.Series(x, dtype=pl.Float32),
    "Int16": lambda pl, x: pl.Series([int(v) for v in x], dtype=pl.Int16),
    "sliced": lambda pl, x: pl.Series([1.0, *x, 2.0])[1:-1],
    "chunks": lambda pl, x: pl.concat([pl.Series(x[:1]), pl.Series(x[1:])], rechunk=False),
}


@pytest.mark.parametrize("text", POLARS_TEXT.values(), ids=POLARS_TEXT)
@pytest.mark.parametrize("number", POLARS_NUMBERS.values(), ids=POLARS_NUMBERS)
def test_polars_columns(text: Make, number: Make) -> None:
    pl = pytest.importorskip("polars")
    frame = pl.DataFrame(
        {
            "account_id": text(pl, of(ACCOUNTS, OF)),
            "symbol": text(pl, of(SYMBOLS, WHAT)),
            "quantity": number(pl, QUANTITY),
        }
    )
    named = pl.DataFrame({"account_id": text(pl, ACCOUNTS), "cash": number(pl, CASH) if CASH[0] > -1e4 else CASH})
    result = evaluate(frame, instruments(), named)
    require_expected(result)
    assert result["account_id"].dtype == named["account_id"].dtype


def test_polars_dates_flags_nulls_and_lazy_frames() -> None:
    pl = pytest.importorskip("polars")
    for dtype in (pl.Date, pl.Datetime("ms"), pl.Datetime("us"), pl.Datetime("ns")):
        dates = pl.Series([None, MATURITY, None], dtype=pl.Date).cast(dtype)
        frame = instruments(polars_frame).with_columns(
            dates.alias("maturity"), marginable=pl.Series([True, None, True])
        )
        require_expected(evaluate(positions(), frame, accounts()))
    frame = pl.DataFrame({"account_id": ["A", "B"], "symbol": ["NVDA", None], "quantity": [None, 1]})
    result = evaluate(frame, instruments(), accounts())
    assert column(result, "where")[:2] == ["positions[0].quantity", "positions[1].symbol"]
    with pytest.raises(mc.InvalidInput, match="must be a frame that is there, got a LazyFrame; collect it"):
        evaluate(frame.lazy(), instruments(), accounts())


def arrow_text(pa: Any) -> dict[str, Callable[[list[str]], Any]]:
    def two_dictionaries(x: list[str]) -> Any:
        backwards = pa.DictionaryArray.from_arrays(pa.array(range(len(x) - 2), pa.int32()), pa.array(x[2:]))
        return pa.chunked_array([pa.array(x[:2]).dictionary_encode(), backwards])

    return {
        "string": lambda x: pa.array(x, pa.string()),
        "large_string": lambda x: pa.array(x, pa.large_string()),
        "string_view": lambda x: pa.array(x, pa.string_view()),
        "dictionary": lambda x: pa.array(x).dictionary_encode(),
        "dictionary of int8": lambda x: pa.array(x, pa.dictionary(pa.int8(), pa.large_string())),
        "dictionary with a repeated word": lambda x: pa.DictionaryArray.from_arrays(
            pa.array(range(len(x)), pa.int32()), pa.array(x)
        ),
        "two dictionaries": two_dictionaries,
        "sliced": lambda x: pa.array(["other", None, *x, "other"])[2:-1],
        "sliced large_string": lambda x: pa.array(["other", None, *x, None], pa.large_string())[2:-1],
        "sliced dictionary": lambda x: pa.array(["other", None, *x]).dictionary_encode()[2:],
        "chunks": lambda x: pa.chunked_array([x[:1], [], x[1:]], pa.string()),
        "chunks of views": lambda x: pa.chunked_array([x[:1], x[1:]], pa.string_view()),
    }


ARROW_TEXT = (
    "string",
    "large_string",
    "string_view",
    "dictionary",
    "dictionary of int8",
    "dictionary with a repeated word",
    "two dictionaries",
    "sliced",
    "sliced large_string",
    "sliced dictionary",
    "chunks",
    "chunks of views",
)


@pytest.mark.parametrize("name", ARROW_TEXT)
@pytest.mark.parametrize("width", ["short", "long"])
def test_arrow_text(name: str, width: str) -> None:
    pa = pytest.importorskip("pyarrow")
    make = arrow_text(pa)[name]
    ids = [f"account number {number}" if width == "long" else number for number in ACCOUNTS]
    frame = pa.table(
        {
            "account_id": make(of(ids, OF)),
            "symbol": make(of(SYMBOLS, WHAT)),
            "quantity": pa.chunked_array([QUANTITY[:2], QUANTITY[2:]]),
        }
    )
    result = evaluate(frame, instruments(), pa.table({"account_id": make(ids), "cash": CASH}))
    require_expected(result.set_column(0, "account_id", pa.array(ACCOUNTS)))
    assert column(result, "account_id") == ids


def test_arrow_numbers_dates_and_flags() -> None:
    pa = pytest.importorskip("pyarrow")
    types = [pa.float64(), pa.float32(), pa.int64(), pa.int32(), pa.int16()]
    for dtype in types:
        whole = [int(v) for v in QUANTITY] if pa.types.is_integer(dtype) else QUANTITY
        for quantity in (
            pa.array(whole, dtype),
            pa.array([None, *whole, None], dtype)[1:-1],
            pa.chunked_array([pa.array(whole[:3], dtype), pa.array(whole[3:], dtype)]),
        ):
            frame = pa.table({**{k: v.tolist() for k, v in positions().items()}, "quantity": quantity})
            require_expected(evaluate(frame, instruments(), accounts()))
    day = datetime.datetime(2050, 5, 15)
    base = {name: values.tolist() for name, values in instruments().items()}
    for dtype in (pa.date32(), pa.date64(), *(pa.timestamp(unit) for unit in ("s", "ms", "us", "ns"))):
        value = MATURITY if pa.types.is_date(dtype) else day
        frame = pa.table({**base, "maturity": pa.array([None, value, None], dtype)})
        frame = frame.append_column("marginable", pa.array([True, None, True])).slice(0)
        require_expected(evaluate(positions(), frame, accounts()))


def test_arrow_flags_are_bits_that_may_start_anywhere() -> None:
    pa = pytest.importorskip("pyarrow")
    base = {name: values.tolist() for name, values in instruments().items()}
    flags = pa.array([True] * 9 + [False, True, None])[9:]
    result = evaluate(positions(), pa.table({**base, "marginable": flags}), accounts())
    assert result["maintenance"][0] == 200_000.0
    assert result["maintenance"][1] == column(evaluate(positions(), instruments(), accounts()), "maintenance")[1]


@pytest.mark.parametrize(
    ("values", "dtype", "got"),
    [
        ([1, 2, 3, 4], ("decimal128", 9, 2), "the Arrow type 'd:9,2'"),
        ([b"a", b"b", b"c", b"d"], ("binary",), "the Arrow type 'z'"),
        ([[1], [2], [3], [4]], ("list_", "float64"), "the Arrow type '+l'"),
        ([1, 2, 3, 4], ("duration", "s"), "the Arrow type 'tDs'"),
    ],
)
def test_arrow_types_that_are_no_column_are_named(values: Any, dtype: Any, got: str) -> None:
    pa = pytest.importorskip("pyarrow")
    arguments = [getattr(pa, a)() if isinstance(a, str) and hasattr(pa, a) else a for a in dtype[1:]]
    frame = {**positions(), "quantity": pa.array(values, getattr(pa, dtype[0])(*arguments))}
    with pytest.raises(mc.InvalidInput) as caught:
        evaluate(frame, instruments(), accounts())
    assert caught.value.where == "positions.quantity"
    assert str(caught.value).endswith(f"must be a column of numbers, text, dates or booleans, got {got}")


def test_arrow_times_of_a_zone_are_no_days() -> None:
    pa = pytest.importorskip("pyarrow")
    base = {name: values.tolist() for name, values in instruments().items()}
    dates = pa.array([None, datetime.datetime(2050, 5, 15), None], pa.timestamp("us", "Asia/Tokyo"))
    with pytest.raises(mc.InvalidInput, match="got times of the zone 'Asia/Tokyo', which are not days"):
        evaluate(positions(), pa.table({**base, "maturity": dates}), accounts())


def test_anything_with_arrow_columns_is_a_frame() -> None:
    pa = pytest.importorskip("pyarrow")
    duckdb = pytest.importorskip("duckdb")
    book = {name: values.tolist() for name, values in positions().items()}
    connection = duckdb.connect()
    connection.register("book", pa.table(book))
    connection.register("named", pa.table({"account_id": ACCOUNTS, "cash": CASH}))
    frame, named = connection.sql("select * from book"), connection.sql("select * from named")
    result = evaluate(frame, instruments(), named)
    assert isinstance(result, pa.Table)
    require_expected(result)
    reader = pa.table(book).to_reader()
    require_expected(evaluate(reader, instruments(), named))
    with pytest.raises(mc.InvalidInput, match="positions: must be a pandas or polars data frame"):
        evaluate(pa.chunked_array([[1.0]]), instruments(), accounts())
