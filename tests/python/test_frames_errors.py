# SPDX-License-Identifier: Apache-2.0
"""Bad input: what is wrong with one account is a row, what makes every row doubtful is raised; both say where."""

from __future__ import annotations

from typing import Any

import margincore as mc
import numpy as np
import pytest
from test_frames_kinds import KINDS, accounts, column, instruments, positions

MARKET = {"valuation_date": "2026-11-20"}
NAN, INF = float("nan"), float("inf")
Columns = dict[str, Any]


def evaluate(p: Any = None, i: Any = None, a: Any = None, market: Any = MARKET, **options: Any) -> Any:
    return mc.evaluate_frame(
        positions() if p is None else p,
        instruments() if i is None else i,
        accounts() if a is None else a,
        market,
        **options,
    )


def with_cell(frame: Columns, name: str, row: int, value: Any) -> Columns:
    values = frame[name].tolist()
    values[row] = value
    return {**frame, name: np.array(values, dtype=object)}


def failures(result: Columns) -> dict[int, str]:
    rows = {i: error for i, error in enumerate(result["error"]) if error is not None}
    for row, error in rows.items():
        assert error.startswith(f"{result['where'][row]}: ")
        assert np.isnan([result[name][row] for name in result if name not in ("account_id", "error", "where")]).all()
    return rows


# The positions are: A 500 NVDA; B 40 T30, -10 SPY; C 3 NVDA; D nothing.
POSITION_CELLS = [
    ("symbol", 2, "NONE", 1, "positions[2].symbol: must have a row in the instruments, got none for 'NONE'"),
    ("symbol", 2, None, 1, "positions[2].symbol: must be given, got nothing"),
    ("symbol", 2, "T30", 1, "positions[2].symbol: must stand once in positions, got 'T30' again"),
    ("symbol", 3, "a b", 2, "positions[3].symbol: must be"),
    ("quantity", 3, 0, 2, "positions[3].quantity: must not be zero, got 0"),
    ("quantity", 3, None, 2, "positions[3].quantity: must be given, got nothing"),
    ("quantity", 3, NAN, 2, "positions[3].quantity: must be given, got nothing"),
    ("quantity", 3, INF, 2, "positions[3].quantity: must be a finite number, got inf"),
    ("quantity", 0, -INF, 0, "positions[0].quantity: must be a finite number, got -inf"),
    ("quantity", 3, 1e13, 2, "positions[3].quantity: must be between -1e+12 and 1e+12, got 1e+13"),
    ("quantity", 3, 1e12, 2, "accounts[2]: must have figures up to 9e13 USD"),
]


@pytest.mark.parametrize(("name", "row", "value", "account", "error"), POSITION_CELLS)
def test_a_position_that_is_wrong_fails_its_account_alone(
    name: str, row: int, value: Any, account: int, error: str
) -> None:
    result = evaluate(with_cell(positions(), name, row, value))
    assert list(failures(result)) == [account]
    assert failures(result)[account].startswith(error)


SIDES = [
    (5, None, "positions[1].short: must be given, got nothing"),
    (None, 5, "positions[1].long: must be given, got nothing"),
    (-5, 0, "positions[1].long: must be between 0 and 1e+12, got -5"),
    (5, -1, "positions[1].short: must be between 0 and 1e+12, got -1"),
    (0, 0, "positions[1].long: must not be zero, got 0"),
    (INF, INF, "positions[1].long: must be a finite number, got inf"),
    (0, 1e13, "positions[1].short: must be between 0 and 1e+12, got 1e+13"),
]


@pytest.mark.parametrize(("long", "short", "error"), SIDES)
def test_sides_that_are_wrong_fail_their_account_alone(long: Any, short: Any, error: str) -> None:
    frame = {
        "account_id": ["A", "B", "C"],
        "symbol": ["NVDA"] * 3,
        "long": np.array([1, long, 2], dtype=object),
        "short": np.array([1, short, 0], dtype=object),
    }
    assert failures(evaluate(frame)) == {1: error}


ACCOUNT_CELLS = [
    ("cash", None, "accounts[1].cash: must be given, got nothing"),
    ("cash", INF, "accounts[1].cash: must be a finite number, got inf"),
    ("cash", 1e14, "accounts[1].cash: must be between -1e+13 and 1e+13, got 1e+14"),
    ("type", "cash", "accounts[1].type: the cash method is not built yet"),
    ("type", "margn", "accounts[1].type: must be one of"),
    ("sma", 5.0, "accounts[1].sma: the special memorandum account is not built yet, got 5"),
    ("currency", "EUR", "accounts[1].currency: must be USD, got 'EUR'"),
]


@pytest.mark.parametrize(("name", "value", "error"), ACCOUNT_CELLS)
def test_an_account_that_is_wrong_fails_alone(name: str, value: Any, error: str) -> None:
    frame = {"type": np.array([None] * 4), "sma": np.array([None] * 4), "currency": np.array([None] * 4), **accounts()}
    result = evaluate(a=with_cell(frame, name, 1, value))
    assert list(failures(result)) == [1]
    assert failures(result)[1].startswith(error)


def test_an_account_of_another_type_is_computed_where_the_method_is_named() -> None:
    named = with_cell({**accounts(), "type": np.array(["margin"] * 4)}, "type", 1, "cash")
    assert failures(evaluate(a=named, method="strategy")) == {}
    assert list(failures(evaluate(a=with_cell(named, "type", 1, "margn"), method="strategy"))) == [1]


INSTRUMENT_CELLS = [
    ("price", 1, None, "instruments[1].price: must be given, got nothing"),
    ("price", 1, 0, "instruments[1].price: must be more than zero, got 0"),
    ("price", 1, -5, "instruments[1].price: must be more than zero, got -5"),
    ("price", 1, INF, "instruments[1].price: must be a finite number, got inf"),
    ("price", 1, "dear", "instruments[1].price: must be a number, got 'dear'"),
    ("kind", 1, None, "instruments[1].kind: must be given, got nothing"),
    ("kind", 1, "bond", "instruments[1].kind: must be one of"),
    ("kind", 1, "future", "positions[1].symbol: margin of kind 'future' is not built yet, got 'T30'"),
    ("maturity", 1, "2050-02-30", "instruments[1].maturity: must be a day of the calendar"),
    ("maturity", 1, "2020-05-15", "instruments[1].maturity: must not be before the valuation date 2026-11-20"),
    ("maturity", 1, None, "instruments[1].maturity: must be given, the rate depends on it, got nothing"),
    ("maturity", 1, 5, "instruments[1].maturity: must be a date as YYYY-MM-DD, got 5"),
    ("coupon", 1, 4.0, "instruments[1].coupon: must be between 0 and 1, got 4"),
    ("beta", 1, 1e5, "instruments[1].beta: must be between -100 and 100, got 100000"),
    ("beta", 2, 0.5, "instruments[2].beta: must be 1 for the benchmark itself, got 0.5"),
]


@pytest.mark.parametrize(("name", "row", "value", "error"), INSTRUMENT_CELLS)
def test_an_instrument_that_is_wrong_fails_who_holds_it(name: str, row: int, value: Any, error: str) -> None:
    frame = with_cell(instruments(), name, row, value)
    if name == "kind" and value in ("future", "bond"):
        frame = with_cell(with_cell(frame, "maturity", 1, None), "coupon", 1, None)
    result = evaluate(i=frame)
    assert list(failures(result)) == [1]
    assert failures(result)[1].startswith(error), failures(result)[1]


def test_an_instrument_that_nobody_holds_may_be_wrong() -> None:
    wrong = {"symbol": ["NVDA", "T30", "SPY", "X"], "kind": ["equity", "treasury", "broad_index_etf", "x"]}
    more = {"price": [400.0, 98.5, 670.0, NAN], "maturity": [None, "2050-05-15", None, None]}
    assert failures(evaluate(i={**wrong, **more})) == {}


def test_symbols_of_the_instruments_that_are_missing_or_stand_twice() -> None:
    missing = evaluate(i=with_cell(instruments(), "symbol", 0, None))
    assert failures(missing) == {
        row: f"positions[{at}].symbol: must have a row in the instruments, got none for 'NVDA'"
        for row, at in ((0, 0), (2, 3))
    }
    twice = evaluate(i=with_cell(instruments(), "symbol", 2, "NVDA"))
    assert failures(twice)[0] == "instruments[2].symbol: must name each symbol once, got 'NVDA' again"
    assert failures(twice)[1].startswith("positions[2].symbol: must have a row in the instruments")


def test_a_missing_beta_fails_under_stress_only() -> None:
    frame = with_cell(instruments(), "beta", 0, None)
    assert failures(evaluate(i=frame)) == {}
    rule = "instruments[0].beta: must be given where betas are used, or policy.missing_beta stated, got nothing"
    assert failures(evaluate(i=frame, stress=True)) == {0: rule, 2: rule}
    assert failures(evaluate(i=frame, stress=True, policy={"missing_beta": 1.0})) == {}


def test_ids_of_accounts_that_are_missing_or_stand_twice() -> None:
    twice = with_cell(accounts(), "account_id", 3, "A")
    rule = "must name each account once, got 'A' more than once"
    expected = {0: f"accounts[0].account_id: {rule}", 3: f"accounts[3].account_id: {rule}"}
    assert failures(evaluate(a=twice)) == expected
    nothing_held = {name: values[:0] for name, values in positions().items()}
    assert failures(evaluate(nothing_held, a=twice)) == expected
    nameless = evaluate(a=with_cell(accounts(), "account_id", 3, None))
    assert failures(nameless) == {3: "accounts[3].account_id: must be given, got nothing"}


def test_accounts_in_any_order_without_positions_and_unknown_ones() -> None:
    a = {"account_id": ["Z", "C", "B"], "cash": [5.0, 1.0, 2.0]}
    p = {"account_id": ["Q", "B", "C", "B", "Q"], "symbol": ["NVDA", "SPY", "NVDA", "NVDA", "SPY"], "quantity": [1] * 5}
    result = evaluate(p, a=a)
    assert list(result["account_id"]) == ["Z", "C", "B", "Q"]
    assert list(result["net_liquidation"][:3]) == [5.0, 401.0, 1072.0]
    assert failures(result) == {
        3: "accounts.account_id: must have a row for every account with positions, got none for 'Q'"
    }


NO_POSITIONS: Columns = {"account_id": [], "symbol": [], "quantity": []}
NO_INSTRUMENTS: Columns = {"symbol": [], "kind": [], "price": []}
NO_ACCOUNTS: Columns = {"account_id": [], "cash": []}


def test_books_without_positions_without_accounts_and_without_anything() -> None:
    for none in (NO_POSITIONS, {"account_id": np.array([]), "symbol": np.array([]), "quantity": np.array([])}):
        result = evaluate(none)
        assert list(result["equity"]) == list(accounts()["cash"])
        assert list(result["maintenance"]) == [0.0] * 4
    nobody = evaluate(a=NO_ACCOUNTS)
    assert list(nobody["account_id"]) == ["A", "B", "C"]
    assert list(failures(nobody)) == [0, 1, 2]
    empty = evaluate(NO_POSITIONS, NO_INSTRUMENTS, NO_ACCOUNTS)
    assert {name: len(values) for name, values in empty.items()} == dict.fromkeys(empty, 0)
    assert list(failures(evaluate(i=NO_INSTRUMENTS))) == [0, 1, 2]


@pytest.mark.parametrize("kind", KINDS)
def test_empty_frames_of_every_kind(kind: Any) -> None:
    frame = kind(**NO_POSITIONS)
    result = mc.evaluate_frame(frame, kind(**NO_INSTRUMENTS), kind(**NO_ACCOUNTS), MARKET, stress=True)
    assert type(result) is type(frame)
    assert len(column(result, "error")) == 0


@pytest.mark.parametrize("kind", KINDS)
def test_a_frame_without_columns_is_no_book_without_positions(kind: Any) -> None:
    good = {"p": kind(**NO_POSITIONS), "i": kind(**NO_INSTRUMENTS), "a": kind(**NO_ACCOUNTS)}
    for name, frame in (("p", "positions"), ("i", "instruments"), ("a", "accounts")):
        p, i, a = {**good, name: kind()}.values()
        with pytest.raises(mc.MissingData, match="must be a column, got none of that name") as raised:
            mc.evaluate_frame(p, i, a, MARKET)
        assert raised.value.where.startswith(f"{frame}.")


def test_an_instrument_that_converts_into_itself_is_told_to_its_holders_alone() -> None:
    wrong = {"symbol": ["X", "Y"], "kind": ["warrant", "equity"], "price": [10.0, 20.0]}
    wrong |= {"conversion.into": ["X", None], "conversion.ratio": [1.0, None], "conversion.cash": [1.0, None]}
    held = {"account_id": ["B", "C"], "symbol": ["Y", "X"], "quantity": [-4.0, 1.0]}
    result = mc.evaluate_frame(held, wrong, {"account_id": ["B", "C"], "cash": [500.0, 0.0]}, MARKET)
    assert list(result["where"]) == [None, "instruments[0].conversion.into"]


WHOLE: list[tuple[Columns, type[mc.MarginError], str, str]] = [
    ({"p": {"symbol": None}}, mc.MissingData, "positions.symbol", "must be a column, got none of that name"),
    ({"p": {"account_id": None}}, mc.MissingData, "positions.account_id", "must be a column, got none of that name"),
    ({"p": {"quantity": None}}, mc.MissingData, "positions.quantity", "must be a column, got none of that name"),
    ({"p": {"quantity": None, "long": [1] * 4}}, mc.MissingData, "positions.short", "must be a column"),
    ({"p": {"long": [1] * 4}}, mc.InvalidInput, "positions.quantity", "must not be given beside long and short"),
    ({"p": {"qty": [1] * 4}}, mc.InvalidInput, "positions.qty", "must be a known column (account_id, symbol, "),
    ({"p": {"symbol": ["A"] * 3}}, mc.InvalidInput, "positions.symbol", "must be as long as the other columns, 4 rows"),
    ({"p": {"quantity": ["1"] * 4}}, mc.InvalidInput, "positions[0].quantity", "must be a number, got '1'"),
    ({"p": {"quantity": np.array(["1"] * 4)}}, mc.InvalidInput, "positions[0].quantity", "must be a number, got '1'"),
    (
        {"p": {"quantity": np.ones(4, bool)}},
        mc.InvalidInput,
        "positions.quantity",
        "must be numbers, got a column of b",
    ),
    ({"p": {"quantity": [1, True, 1, 1]}}, mc.InvalidInput, "positions[1].quantity", "must be a number, got true"),
    (
        {"p": {"quantity": np.array(["2026-01-01"] * 4, dtype="M8[D]")}},
        mc.InvalidInput,
        "positions.quantity",
        "must be numbers, got a column of dates",
    ),
    ({"p": {"quantity": np.ones((4, 1))}}, mc.InvalidInput, "positions.quantity", "got an array of 2 dimensions"),
    ({"p": {"quantity": np.ones(4, complex)}}, mc.InvalidInput, "positions.quantity", "got the NumPy type complex128"),
    ({"p": {"quantity": 1.0}}, mc.InvalidInput, "positions.quantity", "must be an array, got float"),
    ({"p": {"symbol": "NVDA"}}, mc.InvalidInput, "positions.symbol", "must be an array, got str"),
    ({"p": {"symbol": [1.5] * 4}}, mc.InvalidInput, "positions.symbol", "got a column of floating-point numbers"),
    ({"p": {"symbol": [{}] * 4}}, mc.InvalidInput, "positions.symbol", "got a column of several things"),
    ({"p": {"account_id": [0.0] * 4}}, mc.InvalidInput, "positions.account_id", "got a column of floating-point numb"),
    ({"p": {"account_id": ["A", None, "B", "C"]}}, mc.MissingData, "positions[1].account_id", "must be given"),
    ({"p": {"account_id": [0, 4, 0, 0]}}, mc.InvalidInput, "positions[1].account_id", "a row of the 4 accounts, got 4"),
    ({"p": {"account_id": [0, 0, 1, -1]}}, mc.InvalidInput, "positions[3].account_id", "4 accounts, got -1"),
    ({"p": {"account_id": [0, 1, 2, 2**40]}}, mc.InvalidInput, "positions[3].account_id", "got 1099511627776"),
    (
        {"p": {"account_id": np.array([0, 1, 2, 2**40], dtype=np.uint64)}},
        mc.InvalidInput,
        "positions[3].account_id",
        "got 1099511627776",
    ),
    ({"p": {5: [1] * 4}}, mc.InvalidInput, "positions", "must have text for names of columns, got 5"),
    ({"a": {"cash": None}}, mc.MissingData, "accounts.cash", "must be a column, got none of that name"),
    ({"a": {"cash": ["1"] * 4}}, mc.InvalidInput, "accounts[0].cash", "must be a number, got '1'"),
    ({"a": {"account_id": None}}, mc.MissingData, "accounts.account_id", "must be a column, got none of that name"),
    ({"a": {"account_id": [1, 2, 3, 4]}}, mc.InvalidInput, "accounts.account_id", "must be text as in the positions"),
    ({"a": {"account_id": [1.0] * 4}}, mc.InvalidInput, "accounts.account_id", "got a column of floating-point number"),
    (
        {"p": {"account_id": [0, 1, 2, 3]}, "a": {"account_id": [10, 11, 12, 13]}},
        mc.InvalidInput,
        "accounts[0].account_id",
        "must be the number of the row where positions name accounts by whole numbers, 0, got 10",
    ),
    ({"a": {"type": [1] * 4}}, mc.InvalidInput, "accounts.type", "must be text, got a column of whole numbers"),
    ({"a": {"sma": ["x"] * 4}}, mc.InvalidInput, "accounts[0].sma", "must be a number, got 'x'"),
    ({"a": {"cach": [1] * 4}}, mc.InvalidInput, "accounts.cach", "must be a known column"),
    ({"i": {"symbol": None}}, mc.MissingData, "instruments.symbol", "must be a column, got none of that name"),
    ({"i": {"symbol": [1, 2, 3]}}, mc.InvalidInput, "instruments.symbol", "must be text, got a column of whole numb"),
    ({"i": {"prise": [1] * 3}}, mc.InvalidInput, "instruments.prise", "must be a known column"),
    (
        {"i": {"conversion": [None] * 3, "conversion.into": [None] * 3}},
        mc.InvalidInput,
        "instruments.conversion",
        "must not be given beside conversion.into, got both",
    ),
    ({"market": {}}, mc.MissingData, "market.valuation_date", "must be given"),
    ({"market": None}, mc.MissingData, "market.valuation_date", "must be given"),
    ({"market": []}, mc.InvalidInput, "market", "must be an object, got"),
    ({"market": 5}, mc.InvalidInput, "market", "must be an object, got 5"),
    ({"market": object()}, mc.InvalidInput, "market", "got object"),
    ({"market": {**MARKET, "instruments": {}}}, mc.InvalidInput, "market.instruments", "must be a known key"),
    ({"market": {"valuation_date": "2026-11-31"}}, mc.InvalidInput, "market.valuation_date", "a day of the calendar"),
    ({"market": {"valuation_date": "2020-01-01"}}, mc.InvalidInput, "market.valuation_date", "must not be before"),
    ({"policy": []}, mc.InvalidInput, "policy", "must be an object, got"),
    ({"policy": {"rulebok": "x"}}, mc.InvalidInput, "policy.rulebok", "must be a known key"),
    (
        {"policy": {"pairing": "designated", "groups": [[{"symbol": "T0", "quantity": 1}]]}},
        mc.Unsupported,
        "policy.groups",
        "those of one account's positions",
    ),
    ({"policy": {"missing_beta": "x"}}, mc.InvalidInput, "policy.missing_beta", "must be a number"),
    ({"method": "cash"}, mc.Unsupported, "method", "the cash method is not built yet"),
    ({"method": "best"}, mc.InvalidInput, "method", "must be one of"),
    ({"method": 5}, mc.InvalidInput, "method", "must be a string, got int"),
    ({"threads": -1}, mc.InvalidInput, "threads", "must be a whole number from 0 to 1024, got -1"),
    ({"threads": 2.0}, mc.InvalidInput, "threads", "must be a whole number from 0 to 1024, got 2.0"),
    ({"threads": True}, mc.InvalidInput, "threads", "must be a whole number from 0 to 1024, got True"),
    ({"threads": 10**9}, mc.InvalidInput, "threads", "must be a whole number from 0 to 1024"),
    ({"progress": 5}, mc.InvalidInput, "progress", "must be a function, got int"),
]


@pytest.mark.parametrize(("change", "error", "where", "words"), WHOLE)
def test_what_makes_every_row_doubtful_is_raised(change: Columns, error: Any, where: str, words: str) -> None:
    arguments: Columns = {"p": positions(), "i": instruments(), "a": accounts(), "market": MARKET}
    for name, value in change.items():
        if name in ("p", "i", "a"):
            merged = {**arguments[name], **value}
            arguments[name] = {key: column for key, column in merged.items() if column is not None}
        else:
            arguments[name] = value
    market = arguments.pop("market")
    with pytest.raises(error) as caught:
        mc.evaluate_frame(arguments.pop("p"), arguments.pop("i"), arguments.pop("a"), market, **arguments)
    assert type(caught.value) is error
    assert caught.value.where == where
    assert str(caught.value).startswith(f"{where}: ")
    assert words in str(caught.value)


@pytest.mark.parametrize("frame", [None, 5, "file.csv", [1, 2], np.ones(3), object()])
def test_what_is_no_frame_is_refused(frame: Any) -> None:
    for name in ("p", "i", "a"):
        if frame is None:
            continue
        with pytest.raises(mc.InvalidInput, match=r"must be a pandas or polars data frame, an Arrow table, or a dict"):
            evaluate(**{name: frame})
    with pytest.raises(mc.InvalidInput, match="positions: must be"):
        mc.evaluate_frame(None, NO_INSTRUMENTS, NO_ACCOUNTS, MARKET)


@pytest.mark.parametrize("value", [2, 3, -1, 2**31, 2**40, -(2**40)])
@pytest.mark.parametrize("dtype", [np.int64, np.int32])
def test_row_numbers_of_instruments_out_of_range(value: int, dtype: Any) -> None:
    if not np.iinfo(dtype).min <= value <= np.iinfo(dtype).max:
        pytest.skip("not a number of this type")
    p = {**positions(), "symbol": np.array([0, 1, value, 0], dtype=dtype)}
    rule = f"positions[2].symbol: must be a row of the 3 instruments, got {value}"
    assert failures(evaluate(p)) == ({} if value == 2 else {1: rule})
    again = {**positions(), "symbol": np.array([0, 1, 1, 0], dtype=dtype)}
    assert failures(evaluate(again))[1].startswith("positions[2].symbol: must stand once in the positions of an")


def test_columns_that_stand_twice() -> None:
    pd, pa = pytest.importorskip("pandas"), pytest.importorskip("pyarrow")
    twice = pd.DataFrame([["A", "NVDA", 1.0, 2.0]], columns=["account_id", "symbol", "quantity", "quantity"])
    for frame in (twice, pa.Table.from_arrays([pa.array([1.0])] * 2, names=["quantity"] * 2)):
        with pytest.raises(mc.InvalidInput, match=r"positions\.quantity: must be one column, got 2"):
            evaluate(frame)


def test_positions_in_any_order_name_their_rows() -> None:
    p = {"account_id": [2, 0, 2, 1], "symbol": [0, 0, 1, 1], "quantity": [1.0, 5.0, 0.0, INF]}
    assert failures(evaluate(p)) == {
        1: "positions[3].quantity: must be a finite number, got inf",
        2: "positions[2].quantity: must not be zero, got 0",
    }


def test_a_book_under_portfolio_margin_warns_of_what_a_report_does() -> None:
    instruments = {"symbol": ["X", "IDX"], "kind": ["equity", "broad_index_etf"], "price": [100.0, 50.0]}
    accounts = {"account_id": ["rich", "poor"], "cash": [1e6, 0.0]}
    positions = {"account_id": ["rich", "poor"], "symbol": ["X", "IDX"], "quantity": [10, 10]}
    policy = {"equity_tier": 100_000, "house_ranges": {"ZZ": {"low": -0.2, "high": 0.2}}}
    market = {"valuation_date": "2026-11-20"}
    with pytest.warns(UserWarning, match="policy|instruments") as caught:
        mc.evaluate_frame(positions, instruments, accounts, market, policy, method="portfolio")
    assert [str(warning.message).split(": ")[0] for warning in caught] == [
        "policy.house_ranges.ZZ",
        "instruments.IDX",
        "policy.equity_tier",
    ]
    assert "the equity of 1 accounts is below 100,000.00" in str(caught[2].message)


def test_warnings_are_python_warnings() -> None:
    old = {"valuation_date": "2026-06-03"}
    policy = {"rulebook": "finra-2026", "house_rates": {"GONE": {"long": 0.5}}}
    with pytest.warns(UserWarning, match="policy") as caught:
        evaluate(market=old, policy=policy)
    assert [str(warning.message).split(":")[0] for warning in caught] == ["policy.rulebook", "policy.house_rates.GONE"]
    assert caught[0].filename == __file__


def test_portfolio_margin_takes_no_part_of_a_contract() -> None:
    positions = {
        "account_id": ["A", "B", "C"],
        "symbol": ["F", "F", "XYZ   270115C00050000"],
        "quantity": [0.5, 2.0, 0.5],
    }
    instruments = {
        "symbol": ["XYZ", "F", "XYZ   270115C00050000"],
        "kind": ["equity", "future", None],
        "price": [50.0, 50.0, 3.0],
        "underlying": [None, "XYZ", None],
        "multiplier": [None, 100.0, None],
    }
    accounts = {"account_id": ["A", "B", "C"], "cash": [1e5, 1e5, 1e5]}
    market = {"valuation_date": "2026-11-20", "rate": 0.04}
    result = mc.evaluate_frame(positions, instruments, accounts, market, method="portfolio")
    assert list(result["where"]) == ["positions[0].quantity", None, "positions[2].quantity"]
    assert result["maintenance"][1] == pytest.approx(0.15 * 50 * 200)  # FINRA 4210(g)(2)(F)
