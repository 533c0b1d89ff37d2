# SPDX-License-Identifier: Apache-2.0
"""Functions for SQL give what the functions of Python give, null for null, and errors that name the row."""

from __future__ import annotations

from typing import Any

import margincore as mc
import pytest
from margincore.spark import register

OPTION = "spot, strike, 0.5, 0.04, 0.01"


@pytest.fixture(scope="module")
def sql(spark: Any) -> Any:
    """Return a function that gives the rows of a query."""
    names = register(spark)
    assert len(names) == 16
    spark.createDataFrame(
        [("call", 100.0, 110), ("put", 100.0, 90), ("put", None, 90), (None, 100.0, 90), ("call", 50.0, 45)],
        "side string, spot double, strike int",
    ).createOrReplaceTempView("options")
    return lambda text: spark.sql(text).collect()


def test_prices_are_those_of_python(sql: Any) -> None:
    rows = sql(
        f"select *, margincore_european_price(side, {OPTION}, 0.2) european, "
        f"margincore_american_price(side, {OPTION}, 0.2) american, "
        f"margincore_american_greeks(side, {OPTION}, 0.2) greeks from options"
    )
    assert len(rows) == 5
    for row in rows:
        if row["side"] is None or row["spot"] is None:
            assert (row["european"], row["american"], row["greeks"]) == (None, None, None)
            continue
        option = (row["side"], row["spot"], float(row["strike"]), 0.5, 0.04, 0.01, 0.2)
        assert row["european"] == mc.price_european(*option)
        assert row["american"] == mc.price_american(*option)
        assert row["greeks"]["delta"] == mc.greeks(*option, style="american").delta


def test_implied_volatility_is_that_of_the_price(sql: Any) -> None:
    price = f"margincore_european_price(side, {OPTION}, 0.2)"
    rows = sql(f"select margincore_implied_volatility({price}, side, {OPTION}) v from options where spot > 0")
    assert [row["v"] for row in rows if row["v"] is not None] == pytest.approx([0.2] * 3, rel=1e-9)


def test_stock_maintenance_is_that_of_the_rule(sql: Any) -> None:
    # FINRA 4210(c)(1): 25 % long; (c)(3): the greater of $5 and 30 % short; (c)(2): the greater of $2.50 and 100 %.
    [row] = sql(
        "select margincore_stock_maintenance('equity', 100, 50, date'2026-11-20') long, "
        "margincore_stock_maintenance('equity', -100, 50, '2026-11-20') short, "
        "margincore_stock_maintenance('equity', -100, 2, date'2026-11-20') cheap, "
        "margincore_stock_maintenance('equity', null, 2, date'2026-11-20') nothing, "
        "margincore_beta_weighted_value(-100, 50, 1.2) weighted"
    )
    assert (row["long"], row["short"], row["cheap"], row["nothing"]) == (1250.0, 1500.0, 250.0, None)
    assert row["weighted"] == pytest.approx(-6000.0)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("european_price('call', 100, -id, 0.5, 0.04, 0, 0.2)", "strike=-1.*strike: must be more than zero, got -1"),
        ("european_price('call', 100)", "must have the arguments right, spot, strike"),
        ("european_price('call', 'x', id, 0.5, 0.04, 0, 0.2)", "spot: must be a number, got string"),
        ("stock_maintenance('equity', 100, -id, '2026-11-20')", "price=-1.*price: must be more than zero, got -1"),
        ("stock_maintenance('equity', 100, id, 'soon')", "valuation_date: must be a date"),
        ("stock_maintenance('zebra', 100, id, '2026-11-20')", "kind: .*zebra"),
    ],
)
def test_a_row_that_cannot_be_computed_fails_the_query_with_its_arguments(sql: Any, call: str, message: str) -> None:
    from pyspark.errors import PythonException

    with pytest.raises(PythonException, match=f"margincore_.*{message}"):
        sql(f"select margincore_{call} from range(1, 2)")


def test_try_gives_null_for_the_rows_that_cannot_be_computed_alone(sql: Any) -> None:
    rows = sql(
        "select id, margincore_try_implied_volatility(2.9 - id, 'call', 100, 110, 0.5, 0.04, 0) v, "
        "margincore_try_stock_maintenance(if(id = 1, 'zebra', 'equity'), 100, 50 - id, "
        "if(id = 2, 'x', concat('2026-11-2', id))) m from range(0, 6, 1, 1)"
    )
    assert [row["v"] is None for row in rows] == [False, False, False, True, True, True]
    assert [row["m"] for row in rows] == [1250.0, None, None, 1175.0, 1150.0, 1125.0]
