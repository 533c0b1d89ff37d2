# SPDX-License-Identifier: Apache-2.0
"""Every kind of frame and of column that goes in, and the kind that comes out: one small book, the same figures."""

from __future__ import annotations

import datetime
import pickle
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import margincore as mc
import numpy as np
import pytest

MARKET = {"valuation_date": "2026-11-20"}
ACCOUNTS = ["A", "B", "C", "D"]
SYMBOLS = ["NVDA", "T30", "SPY"]
CASH = [-120_000.0, 50_000.0, 1_000.0, 0.0]
OF = [0, 1, 1, 2]
WHAT = [0, 1, 2, 0]
QUANTITY = [500.0, 40.0, -10.0, 3.0]
MATURITY = datetime.date(2050, 5, 15)

Frame = Callable[..., Any]


def of(names: list[str], rows: list[int]) -> list[str]:
    return [names[row] for row in rows]


def numpy_frame(**columns: Any) -> dict[str, Any]:
    return {name: np.array(column, dtype=object) for name, column in columns.items()}


def pandas_frame(**columns: Any) -> Any:
    return pytest.importorskip("pandas").DataFrame(columns)


def polars_frame(**columns: Any) -> Any:
    return pytest.importorskip("polars").DataFrame(columns)


def arrow_table(**columns: Any) -> Any:
    return pytest.importorskip("pyarrow").table(columns)


def arrow_batch(**columns: Any) -> Any:
    return pytest.importorskip("pyarrow").RecordBatch.from_pydict(columns)


KINDS: list[Frame] = [numpy_frame, pandas_frame, polars_frame, arrow_table, arrow_batch]


def instruments(kind: Frame = numpy_frame) -> Any:
    return kind(
        symbol=SYMBOLS,
        kind=["equity", "treasury", "broad_index_etf"],
        price=[400.0, 98.5, 670.0],
        beta=[1.8, 0.0, None],
        maturity=[None, MATURITY, None],
        coupon=[None, 0.04, None],
    )


def accounts(kind: Frame = numpy_frame, **more: Any) -> Any:
    return kind(account_id=ACCOUNTS, cash=CASH, **more)


def positions(kind: Frame = numpy_frame) -> Any:
    return kind(account_id=of(ACCOUNTS, OF), symbol=of(SYMBOLS, WHAT), quantity=QUANTITY)


def evaluate(positions: Any, instruments: Any, accounts: Any, **options: Any) -> Any:
    return mc.evaluate_frame(positions, instruments, accounts, MARKET, stress=True, **options)


def column(frame: Any, name: str) -> list[Any]:
    values = frame[name]
    for method in ("to_pylist", "to_list", "tolist"):
        if hasattr(values, method):
            values = getattr(values, method)()
            break
    return [None if isinstance(value, float) and value != value else value for value in values]


def names(frame: Any) -> list[str]:
    return list(frame.schema.names if hasattr(frame, "to_pylist") else getattr(frame, "columns", frame))


EXPECTED = evaluate(positions(), instruments(), accounts())


def require_expected(result: Any) -> None:
    assert names(result) == list(EXPECTED)
    for name in EXPECTED:
        assert column(result, name) == column(EXPECTED, name), name


def test_the_book_is_what_the_rules_say() -> None:
    assert column(EXPECTED, "maintenance")[:3] == [50_000.0, 2_364.0 + 2_010.0, 300.0]  # 6 % of 40 x 985
    assert column(EXPECTED, "excess_maintenance")[0] == 30_000.0
    assert column(EXPECTED, "error") == [None] * 4


@pytest.mark.parametrize("kind", KINDS)
def test_the_kind_of_frame_that_came_in_comes_out(kind: Frame) -> None:
    frame = positions(kind)
    result = evaluate(frame, instruments(kind), accounts(kind))
    assert type(result) is type(frame)
    require_expected(result)
    again = pickle.loads(pickle.dumps(result))
    require_expected(again)


@pytest.mark.parametrize("one", KINDS)
@pytest.mark.parametrize("other", KINDS)
def test_kinds_mix(one: Frame, other: Frame) -> None:
    require_expected(evaluate(positions(one), instruments(other), accounts(other)))
    require_expected(evaluate(positions(one), instruments(one), accounts(other)))


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_that_failed_is_null(kind: Frame) -> None:
    frame = kind(account_id=["A", "B", "X"], symbol=["NVDA", "NONE", "SPY"], quantity=[1.0, 1.0, 1.0])
    result = evaluate(frame, instruments(kind), accounts(kind))
    assert type(result) is type(frame)
    assert column(result, "account_id") == [*ACCOUNTS, "X"]
    assert column(result, "where") == [None, "positions[1].symbol", None, None, "accounts.account_id"]
    for name in names(result)[1:-2]:
        assert [value is None for value in column(result, name)] == [False, True, False, False, True], name
    assert column(result, "error")[4] == (
        "accounts.account_id: must have a row for every account with positions, got none for 'X'"
    )
    if kind in (polars_frame, arrow_table, arrow_batch):
        values = result["equity"]
        null_count = values.null_count() if callable(values.null_count) else values.null_count
        assert null_count == 2  # and not NaN


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rows", [np.int64, np.int32, np.int16, np.uint8, np.uint64, np.int8])
def test_ids_and_symbols_may_be_row_numbers(kind: Frame, rows: Any) -> None:
    frame = kind(account_id=np.array(OF, dtype=rows), symbol=np.array(WHAT, dtype=rows), quantity=QUANTITY)
    require_expected(evaluate(frame, instruments(kind), accounts(kind)))
    numbered = kind(account_id=np.arange(4).astype(rows), cash=CASH)
    result = evaluate(frame, instruments(kind), numbered)
    assert column(result, "account_id") == [0, 1, 2, 3]
    nameless = evaluate(frame, instruments(kind), kind(cash=CASH))
    assert column(nameless, "account_id") == [0, 1, 2, 3]
    assert column(nameless, "equity") == column(EXPECTED, "equity")


NUMBERS = {
    "int32": lambda x: np.array(x, dtype=np.int32),
    "int64": lambda x: np.array(x, dtype=np.int64),
    "int8 of uint16": lambda x: np.array(x, dtype=np.uint16) if min(x) >= 0 else np.array(x, dtype=np.int16),
    "float32": lambda x: np.array(x, dtype=np.float32),
    "big-endian double": lambda x: np.array(x, dtype=">f8"),
    "big-endian int": lambda x: np.array(x, dtype=">i4"),
    "every second": lambda x: np.repeat(np.array(x, dtype=float), 2)[::2],
    "backwards": lambda x: np.array(x[::-1], dtype=float)[::-1],
    "a column of a matrix": lambda x: np.stack([np.array(x), np.array(x)], axis=1)[:, 0],
    "a field of a record": lambda x: np.array([(1, v) for v in x], dtype=[("a", "i1"), ("b", "f8")])["b"],
    "not aligned": lambda x: np.frombuffer(b"\0" + np.array(x, dtype=float).tobytes(), np.uint8)[1:].view(float),
    "read-only": lambda x: np.frombuffer(np.array(x, dtype=float).tobytes()),
    "objects": lambda x: np.array(x, dtype=object),
    "masked": lambda x: np.ma.MaskedArray(np.array(x), mask=[False] * len(x)),
    "a list": list,
    "a tuple": tuple,
    "a range of floats": lambda x: (v for v in x),
}


@pytest.mark.parametrize("make", NUMBERS.values(), ids=NUMBERS)
def test_quantities_of_every_type_of_numpy(make: Frame) -> None:
    frame = {"account_id": of(ACCOUNTS, OF), "symbol": of(SYMBOLS, WHAT), "quantity": make(QUANTITY)}
    require_expected(evaluate(frame, instruments(), accounts()))


TEXTS = {
    "objects": lambda x: np.array(x, dtype=object),
    "unicode": lambda x: np.array(x),
    "big-endian unicode": lambda x: np.array(x, dtype=">U8"),
    "unicode, every second": lambda x: np.repeat(np.array(x), 2)[::2],
    "a list": list,
}


@pytest.mark.parametrize("make", TEXTS.values(), ids=TEXTS)
def test_names_of_every_type_of_numpy(make: Frame) -> None:
    frame = {"account_id": make(of(ACCOUNTS, OF)), "symbol": make(of(SYMBOLS, WHAT)), "quantity": QUANTITY}
    named = {"account_id": make(ACCOUNTS), "cash": np.array(CASH)}
    require_expected(evaluate(frame, {**instruments(), "symbol": make(SYMBOLS)}, named))


def test_a_masked_value_is_missing() -> None:
    quantity = np.ma.MaskedArray(np.array(QUANTITY), mask=[False, True, False, False])
    frame = {"account_id": of(ACCOUNTS, OF), "symbol": of(SYMBOLS, WHAT), "quantity": quantity}
    result = evaluate(frame, instruments(), accounts())
    assert list(result["where"]) == [None, "positions[1].quantity", None, None]


@pytest.mark.parametrize("unit", ["D", "s", "ms", "us", "ns", "h", "m", "25s", "W", "M", "Y"])
def test_maturities_as_numpy_dates(unit: str) -> None:
    dates = np.array(["NaT", "2050-05-15", "NaT"], dtype="datetime64[D]").astype(f"datetime64[{unit}]")
    result = evaluate(positions(), {**instruments(), "maturity": dates}, accounts())
    require_expected(result)  # a year or a month is its first day, which makes no difference of whole years here


def test_maturities_with_a_time_of_day_are_refused_to_the_holder() -> None:
    dates = np.array(["NaT", "2050-05-15T12:00", "NaT"], dtype="datetime64[ns]")
    result = evaluate(positions(), {**instruments(), "maturity": dates}, accounts())
    assert list(result["where"]) == [None, "instruments[1].maturity", None, None]
    assert result["error"][1].endswith("must be a date as YYYY-MM-DD from 1900 to 2199, got 'a time of day'")
    far = np.array(["NaT", "200000-01-01", "NaT"], dtype="datetime64[D]")
    assert evaluate(positions(), {**instruments(), "maturity": far}, accounts())["error"][1] is not None


def test_frames_without_the_libraries_that_are_not_installed() -> None:
    code = """
import sys
for name in ("pandas", "polars", "pyarrow"):
    sys.modules[name] = None
import margincore as mc, numpy as np
def arrow(self, requested_schema=None): pass
result = mc.evaluate_frame(
    {"account_id": ["A"], "symbol": ["S"], "quantity": [1.0]},
    {"symbol": ["S"], "kind": ["equity"], "price": [10.0]},
    {"account_id": ["A"], "cash": [0.0]},
    {"valuation_date": "2026-11-20"},
)
assert result["maintenance"][0] == 2.5
try:
    mc.evaluate_frame(type("Frame", (), {"__arrow_c_stream__": arrow})(), {}, {}, {})
except mc.InvalidInput as error:
    assert "must be read with pyarrow, which is not installed" in str(error)
else:
    raise SystemExit("not refused")
"""
    subprocess.run([sys.executable, "-c", code], check=True)
