# SPDX-License-Identifier: Apache-2.0
"""Accounts in Spark frames give what `evaluate_frame` gives of the same book in one piece."""

from __future__ import annotations

import re
from typing import Any

import margincore as mc
import pyarrow as pa
import pytest
from margincore.spark import evaluate_accounts
from sample_accounts import MARKET, book

POSITIONS, INSTRUMENTS, ACCOUNTS = book(200)
POLICY = {"add_ons": [{"id": "concentration"}, {"id": "beta_leverage"}]}


def rows_by_account(table: pa.Table) -> list[dict[str, Any]]:
    rows = table.to_pylist()
    for row in rows:
        for name in ("error", "where"):  # rows of one frame have numbers, those of Spark have names
            row[name] = row[name] and re.sub(r"\[[^]]*\]", "", row[name])
    return sorted(rows, key=lambda row: (row["account_id"], row["error"] or ""))


@pytest.mark.parametrize("partitions", [1, 7])
def test_each_account_has_the_figures_of_one_frame(spark: Any, partitions: int) -> None:
    expected = mc.evaluate_frame(POSITIONS, INSTRUMENTS, ACCOUNTS, {**MARKET, "rate": 0.04}, POLICY, stress=True)
    got = evaluate_accounts(
        spark.createDataFrame(POSITIONS),
        INSTRUMENTS,
        spark.createDataFrame(ACCOUNTS),
        {**MARKET, "rate": 0.04},
        POLICY,
        stress=True,
        partitions=partitions,
    ).toArrow()
    assert got.column_names == expected.column_names
    ours, theirs = rows_by_account(got), rows_by_account(expected)
    assert [row["account_id"] for row in ours] == [row["account_id"] for row in theirs]
    for mine, other in zip(ours, theirs, strict=True):
        for name, value in other.items():
            is_number = isinstance(value, float)  # a sum of positions, in another order
            assert mine[name] == (pytest.approx(value, rel=1e-12, abs=1e-9) if is_number else value), name
    assert sum(row["error"] is not None for row in ours) >= 5


def test_an_error_names_its_place_by_symbol_and_account(spark: Any) -> None:
    figures = evaluate_accounts(spark.createDataFrame(POSITIONS), INSTRUMENTS, spark.createDataFrame(ACCOUNTS), MARKET)
    where = {row["account_id"]: row["where"] for row in figures.collect()}
    assert where["ACC2"] == "positions[UNKNOWN].symbol"
    assert where["ACC4"] == "accounts[ACC4].cash"
    assert where["STRANGER"] == "accounts.account_id"
    assert where["ACC5"] == "accounts[ACC5].account_id"


def test_instruments_may_be_a_frame_of_spark(spark: Any) -> None:
    positions, accounts = spark.createDataFrame(POSITIONS), spark.createDataFrame(ACCOUNTS)
    figures = [
        evaluate_accounts(positions, frame, accounts, MARKET).orderBy("account_id").toArrow()
        for frame in (INSTRUMENTS, spark.createDataFrame(INSTRUMENTS))
    ]
    assert figures[0].equals(figures[1])


def test_nobody_gives_no_rows(spark: Any) -> None:
    positions, accounts = spark.createDataFrame(POSITIONS).limit(0), spark.createDataFrame(ACCOUNTS).limit(0)
    figures = evaluate_accounts(positions, INSTRUMENTS, accounts, MARKET)
    assert figures.count() == 0
    assert figures.columns[0] == "account_id"


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"market": {}}, "market.valuation_date"),
        ({"policy": {"missing_beat": 1}}, "policy.missing_beat"),
        ({"partitions": 0}, "partitions"),
        ({"instruments": {"symbol": ["S1"], "prise": [1.0]}}, "instruments.prise"),
    ],
)
def test_what_is_wrong_for_everybody_is_raised_before_spark_runs(spark: Any, change: Any, where: str) -> None:
    arguments = {"instruments": INSTRUMENTS, "market": MARKET} | change
    with pytest.raises(mc.MarginError) as caught:
        evaluate_accounts(spark.createDataFrame(POSITIONS), accounts=spark.createDataFrame(ACCOUNTS), **arguments)
    assert caught.value.where == where


def test_numbers_are_no_ids(spark: Any) -> None:
    positions = spark.createDataFrame([(1, "S1", 1.0)], "account_id int, symbol string, quantity double")
    with pytest.raises(mc.InvalidInput, match=r"positions\.account_id: must be text, got int; cast it to string"):
        evaluate_accounts(positions, INSTRUMENTS, spark.createDataFrame(ACCOUNTS), MARKET)


def test_a_position_of_nobody_fails_the_job(spark: Any) -> None:
    from pyspark.errors import PythonException

    positions = spark.createDataFrame([(None, "S1", 1.0)], "account_id string, symbol string, quantity double")
    figures = evaluate_accounts(positions, INSTRUMENTS, spark.createDataFrame(ACCOUNTS), MARKET)
    with pytest.raises(PythonException, match=r"positions\.account_id|positions\[0\]\.account_id"):
        figures.collect()
