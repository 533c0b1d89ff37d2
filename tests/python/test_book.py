# SPDX-License-Identifier: Apache-2.0
"""Totals of a book and the difference of two, from every kind of frame."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import margincore as mc
import numpy as np
import pytest

pd = pytest.importorskip("pandas")
pl = pytest.importorskip("polars")
pa = pytest.importorskip("pyarrow")

Make = Callable[[dict[str, list[Any]]], Any]


def as_numpy(columns: dict[str, list[Any]]) -> dict[str, Any]:
    return {
        name: np.array(values, dtype=object if isinstance(values[0], str) else None) for name, values in columns.items()
    }


KINDS: list[Any] = [
    pytest.param(pd.DataFrame, id="pandas"),
    pytest.param(pl.DataFrame, id="polars"),
    pytest.param(pa.table, id="pyarrow"),
    pytest.param(as_numpy, id="numpy"),
]
MARKET = {"valuation_date": "2026-11-20"}
# The sample universe and the sample accounts of the workshop: price, beta.
UNIVERSE = {
    "AAPL": (175, 1.2), "MSFT": (380, 1.1), "GOOGL": (140, 1.15), "AMZN": (155, 1.3), "NVDA": (400, 1.8),
    "TSLA": (200, 2.0), "META": (350, 1.25), "JPM": (150, 1.0), "JNJ": (160, 0.7), "PG": (145, 0.6), "KO": (60, 0.6),
}  # fmt: skip
ACCOUNTS = {
    "conservative": (100_000, {"JNJ": 200, "PG": 200, "KO": 300, "JPM": 100}),
    "moderate": (200_000, {"AAPL": 200, "MSFT": 100, "JPM": 150, "JNJ": 100}),
    "aggressive": (150_000, {"NVDA": 200, "TSLA": 300, "AMZN": 200}),
    "hedged": (300_000, {"AAPL": 500, "MSFT": -200, "GOOGL": 300, "AMZN": -100}),
    "concentrated": (50_000, {"NVDA": 500}),
}


def book(
    make: Make, accounts: dict[str, tuple[float, dict[str, float]]] = ACCOUNTS, prices: dict[str, float] | None = None
) -> dict[str, Any]:
    held = [(name, symbol, units) for name, (_, holds) in accounts.items() for symbol, units in holds.items()]
    return {
        "positions": make(
            {
                "account_id": [name for name, _, _ in held],
                "symbol": [symbol for _, symbol, _ in held],
                "quantity": [float(units) for _, _, units in held],
            }
        ),
        "instruments": make(
            {
                "symbol": list(UNIVERSE),
                "kind": ["equity"] * len(UNIVERSE),
                "price": [float((prices or {}).get(symbol, price)) for symbol, (price, _) in UNIVERSE.items()],
                "beta": [beta for _, beta in UNIVERSE.values()],
            }
        ),
        "accounts": make({"account_id": list(accounts), "cash": [float(cash) for cash, _ in accounts.values()]}),
        "market": MARKET,
    }


def rows(frame: Any) -> list[dict[str, Any]]:
    """The rows of any frame; NaN and null are None."""
    if hasattr(frame, "to_pylist"):
        columns = frame.to_pydict()
    elif hasattr(frame, "to_dicts"):
        columns = frame.to_dict(as_series=False)
    else:
        columns = {name: list(frame[name]) for name in frame}
    names = list(columns)
    return [
        {name: None if value is None or value != value else value for name, value in zip(names, row, strict=True)}
        for row in zip(*columns.values(), strict=True)
    ]


@pytest.mark.parametrize("make", KINDS)
def test_totals_of_the_workshops_sample_accounts(make: Make) -> None:
    given = book(make)
    totals = mc.book_totals(**given)
    firm = totals.firm
    assert firm["accounts"] == 5
    assert firm["failed"] == 0
    assert firm["net_value"] == pytest.approx(614_500)
    assert firm["net_liquidation"] == pytest.approx(1_414_500)
    assert firm["requirement"]["maintenance"] == pytest.approx(0.25 * 706_000 + 0.30 * 91_500)
    assert firm["beta_weighted_exposure"] == pytest.approx(896_950)
    assert firm["exposure_alert"] is False
    assert totals.offsets == {"initial": 0, "maintenance": 0, "equity": 0}
    by_symbol = {row["symbol"]: row for row in rows(totals.by_underlying)}
    assert by_symbol["NVDA"]["net_value"] == pytest.approx(280_000)
    assert by_symbol["MSFT"]["accounts"] == 2
    assert by_symbol["MSFT"]["net_quantity"] == -100
    assert "META" not in by_symbol or by_symbol["META"]["accounts"] == 0
    stress = rows(totals.stress)
    assert [row["move"] for row in stress] == [-0.08, -0.06, -0.04, -0.02, 0.0, 0.02, 0.04, 0.06]
    assert stress[0]["pnl"] == pytest.approx(-0.08 * 896_950)
    assert type(totals.by_underlying) is type(given["positions"])
    expected = rows(mc.evaluate_frame(**given, stress=True))
    assert rows(totals.accounts) == expected
    assert firm["excess"]["total"] == pytest.approx(sum(row["excess_total"] for row in expected))


def test_moves_and_the_alert_are_the_callers() -> None:
    totals = mc.book_totals(**book(pd.DataFrame), moves=[-0.5], alert=800_000)
    assert totals.firm["exposure_alert"] is True
    assert rows(totals.stress)[0]["pnl"] == pytest.approx(-0.5 * 896_950)
    with pytest.raises(mc.InvalidInput) as error:
        mc.book_totals(**book(pd.DataFrame), moves=[-1.5])
    assert error.value.where == "moves[0]"
    with pytest.raises(mc.InvalidInput):
        mc.book_totals(**book(pd.DataFrame), alert=-1)


def test_without_moves_no_account_needs_a_beta() -> None:
    given = book(pd.DataFrame)
    given["instruments"] = given["instruments"].drop(columns="beta")
    totals = mc.book_totals(**given, moves=[])
    assert totals.firm["accounts"] == 5
    assert totals.firm["beta_weighted_exposure"] is None
    assert rows(totals.stress) == []
    assert mc.book_totals(**given).firm["failed"] == 5


@pytest.mark.parametrize("make", KINDS)
def test_the_difference_of_two_days(make: Make) -> None:
    accounts = {name: ACCOUNTS[name] for name in ("hedged", "concentrated", "conservative", "aggressive")}
    accounts["aggressive"] = (151_000, {"TSLA": 300, "AMZN": 250})
    accounts["new"] = (1_000, {"KO": 10})
    difference = mc.book_difference(book(make), book(make, accounts, {"NVDA": 336}))
    found = {row["account_id"]: row for row in rows(difference.accounts)}
    assert {name: row["status"] for name, row in found.items()} == {
        "concentrated": "changed",
        "aggressive": "changed",
        "moderate": "removed",
        "new": "added",
    }
    assert found["concentrated"]["net_liquidation"] == pytest.approx(-32_000)
    assert found["concentrated"]["maintenance"] == pytest.approx(-8_000)
    parts = {(row["account_id"], row["cause"], row["symbol"]): row for row in rows(difference.attribution)}
    assert set(parts) == {
        ("concentrated", "price", "NVDA"),
        ("aggressive", "cash", None),
        ("aggressive", "position", "NVDA"),
        ("aggressive", "position", "AMZN"),
    }
    assert parts["concentrated", "price", "NVDA"]["excess_total"] == pytest.approx(-24_000)
    assert parts["aggressive", "position", "AMZN"]["total"] == pytest.approx(0.25 * 50 * 155)
    for name in ("concentrated", "aggressive"):
        for figure in ("net_liquidation", "equity", "total", "excess_total"):
            total = sum(row[figure] for key, row in parts.items() if key[0] == name)
            assert total == pytest.approx(found[name][figure])


def test_an_account_that_failed_has_no_changes() -> None:
    accounts = {**ACCOUNTS, "moderate": (0.0, {"XYZ": 1})}
    difference = mc.book_difference(book(pl.DataFrame), book(pl.DataFrame, accounts))
    assert [(row["account_id"], row["status"], row["total"]) for row in rows(difference.accounts)] == [
        ("moderate", "failed_after", None)
    ]
    assert rows(difference.attribution) == []


def types(frame: Any) -> dict[str, str]:
    if hasattr(frame, "to_pylist"):
        return {name: str(kind) for name, kind in zip(frame.schema.names, frame.schema.types, strict=True)}
    return {name: str(frame[name].dtype) for name in getattr(frame, "columns", frame)}


@pytest.mark.parametrize("make", [*KINDS, pytest.param(lambda data: pa.table(data).to_batches()[0], id="batch")])
def test_the_types_of_a_frame_are_the_same_for_any_data(make: Make) -> None:
    # Nothing changed; a deposit, which has no symbol; another price; an account that fails.
    others = [
        book(make),
        book(make, {**ACCOUNTS, "moderate": (200_001, ACCOUNTS["moderate"][1])}),
        book(make, ACCOUNTS, {"NVDA": 336}),
        book(make, {**ACCOUNTS, "moderate": (0.0, {"XYZ": 1})}),
    ]
    differences = [mc.book_difference(book(make), other) for other in others]
    assert [len(rows(difference.accounts)) for difference in differences] == [0, 1, 2, 1]
    for kinds in ([types(d.accounts) for d in differences], [types(d.attribution) for d in differences]):
        assert kinds == [kinds[2]] * 4
        text = {kind for name, kind in kinds[0].items() if name in ("account_id", "status", "cause", "symbol")}
        assert text <= {"str", "String", "string", "object"}  # of pandas, polars, Arrow and NumPy
        assert len(text) == 1


@pytest.mark.parametrize("make", KINDS[:3])
def test_the_types_of_a_frame_are_the_same_for_an_empty_book(make: Make) -> None:
    def of(names: list[str]) -> mc.BookTotals:
        count = len(names)
        ids = np.array(names, dtype=object)
        positions = {"account_id": ids, "symbol": np.full(count, "KO", dtype=object), "quantity": np.ones(count)}
        instruments = {"symbol": ids[:0], "kind": ids[:0], "price": np.ones(0), "beta": np.ones(0)}
        instruments = instruments if count == 0 else book(as_numpy)["instruments"]
        frames = {"instruments": instruments, "accounts": {"account_id": ids, "cash": np.ones(count)}}
        text = {"schema_overrides": {"account_id": pl.String, "symbol": pl.String}} if make is pl.DataFrame else {}
        return mc.book_totals(make(positions, **text), **frames, market=MARKET)

    empty, some = of([]), of(["a"])
    assert len(empty.accounts) == 0
    assert len(some.accounts) == 1
    for name in ("by_underlying", "stress", "accounts"):
        assert types(getattr(empty, name)) == types(getattr(some, name))


@pytest.mark.parametrize("make", KINDS)
def test_accounts_without_ids_are_row_numbers(make: Make) -> None:
    def numbered(cash: float) -> dict[str, Any]:
        held = {"account_id": [0, 1], "symbol": ["KO", "PG"], "quantity": [10.0, 20.0]}
        return {**book(make), "positions": make(held), "accounts": make({"cash": [1_000.0, cash]})}

    unchanged = mc.book_difference(numbered(0.0), numbered(0.0))
    difference = mc.book_difference(numbered(0.0), numbered(5.0))
    assert [row["account_id"] for row in rows(difference.accounts)] == [1]
    assert types(difference.accounts) == types(unchanged.accounts)
    assert types(difference.attribution) == types(unchanged.attribution)


def test_a_new_policy_is_a_rule() -> None:
    policy = {"add_ons": [{"id": "concentration"}]}
    difference = mc.book_difference(book(pa.table), {**book(pa.table), "policy": policy})
    parts = {(row["account_id"], row["cause"], row["symbol"]): row["total"] for row in rows(difference.attribution)}
    assert {cause for _, cause, _ in parts} == {"rule"}
    assert parts["concentrated", "rule", "NVDA"] == pytest.approx(20_000)


@pytest.mark.parametrize("make", KINDS)
def test_a_charge_stands_with_the_holding_that_it_is_on(make: Make) -> None:
    # 500 NVDA alone: 10 % of the value for concentration; beta leverage of 4 and 3.6, above 2: 5 % of gross value.
    policy = {"add_ons": [{"id": "concentration"}, {"id": "beta_leverage"}]}
    accounts = {"concentrated": (-110_000.0, {"NVDA": 500.0})}
    days = [{**book(make, accounts, {"NVDA": price}), "policy": policy} for price in (400, 440)]
    difference = mc.book_difference(*days)
    parts = {(row["cause"], row["symbol"]): row["total"] for row in rows(difference.attribution)}
    assert parts == {
        ("price", "NVDA"): pytest.approx(5_000),
        ("house", "NVDA"): pytest.approx(2_000),
        ("house", None): pytest.approx(1_000),
    }


def test_the_runs_are_checked() -> None:
    given = book(pd.DataFrame)
    with pytest.raises(mc.InvalidInput) as error:
        mc.book_difference({**given, "marked": 1}, given)
    assert error.value.where == "before.marked"
    with pytest.raises(mc.InvalidInput) as error:
        mc.book_difference(given, {"positions": given["positions"]})
    assert error.value.where == "after.instruments"


@pytest.mark.parametrize(
    "wrong",
    [
        {"threads": 10**9},
        {"threads": True},
        {"market": [1]},
        {"policy": 5},
        {"accounts": pl.LazyFrame({"account_id": ["hedged"], "cash": [0.0]})},
        {"positions": [1, 2]},
        {"instruments": {"symbol": ["AAPL"], "kynd": ["equity"]}},
    ],
    ids=lambda wrong: "-".join(wrong),
)
def test_totals_and_differences_refuse_what_evaluate_frame_refuses(wrong: dict[str, Any]) -> None:
    given = book(pd.DataFrame)
    with pytest.raises(mc.MarginError) as error:
        mc.evaluate_frame(**given | wrong)
    expected = (type(error.value), str(error.value), error.value.where)
    for call in (
        lambda: mc.book_totals(**given | wrong),
        lambda: mc.book_difference(given | wrong, given),
        lambda: mc.book_difference(given, given | wrong),
    ):
        with pytest.raises(mc.MarginError) as error:
            call()
        assert (type(error.value), str(error.value), error.value.where) == expected


def test_what_exports_arrow_columns_is_read_once() -> None:
    def readers() -> dict[str, Any]:
        return {
            name: frame.to_reader() if isinstance(frame, pa.Table) else frame for name, frame in book(pa.table).items()
        }

    assert mc.book_totals(**readers()).accounts.equals(mc.book_totals(**book(pa.table)).accounts)
    assert len(mc.book_difference(readers(), readers()).accounts) == 0


def test_warnings_point_to_the_caller() -> None:
    given = book(pd.DataFrame) | {"policy": {"house_rates": {"XYZ": {"long": 0.5}}}}
    for call in (
        lambda: mc.evaluate_frame(**given),
        lambda: mc.book_totals(**given),
        lambda: mc.book_difference(given, book(pd.DataFrame)),
    ):
        with pytest.warns(UserWarning, match=r"policy\.house_rates\.XYZ: names a symbol") as caught:
            call()
        assert [warning.filename for warning in caught] == [__file__]


@pytest.mark.parametrize(
    ("options", "where"),
    [
        ({"alert": "abc"}, "alert"),
        ({"alert": None}, "alert"),
        ({"alert": True}, "alert"),
        ({"moves": "abc"}, "moves"),
        ({"moves": {1: 2}}, "moves"),
        ({"moves": 0.1}, "moves"),
        ({"moves": ["a"]}, "moves[0]"),
        ({"moves": [0.1, None]}, "moves[1]"),
        ({"moves": [True]}, "moves[0]"),
    ],
)
def test_moves_and_alerts_that_are_no_numbers_are_refused_by_name(options: dict[str, Any], where: str) -> None:
    with pytest.raises(mc.InvalidInput) as refused:
        mc.book_totals(**book(pl.DataFrame), **options)
    assert refused.value.where == where


def test_accounts_whose_id_is_repeated_on_both_sides_have_failed() -> None:
    repeated = book(pl.DataFrame)
    accounts = repeated["accounts"]
    repeated["accounts"] = pl.concat([accounts, accounts[:1]])
    difference = mc.book_difference(repeated, repeated)
    assert set(difference.accounts["status"]) == {"failed"}
    assert len(difference.accounts) == 2


def test_instruments_without_a_symbol_of_their_own_have_none_in_the_totals() -> None:
    data = book(pl.DataFrame)
    instruments = data["instruments"]
    nameless = instruments[:1].with_columns(symbol=pl.lit(None, dtype=pl.String))
    data["instruments"] = pl.concat([instruments, nameless])
    symbols = mc.book_totals(**data).by_underlying["symbol"].to_list()
    assert symbols == [*instruments["symbol"], None]
