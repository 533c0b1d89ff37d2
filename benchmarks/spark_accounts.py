# SPDX-License-Identifier: Apache-2.0
"""How fast does Spark margin many accounts with `evaluate_accounts`, against Spark SQL and a pandas UDF?

All three read the same parquet files, compute maintenance and excess of every account, and answer with their sums,
which are compared first. One and two worker processes of one core each. The peers compute the rule for stock alone;
ours computes whatever is held.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as parquet

os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")

from _timing import best
from margincore.spark import evaluate_accounts, executor_settings
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as sql

EACH, INSTRUMENTS, FILES, SEED = 20, 5_000, 8, 20261120
MARKET = {"valuation_date": "2026-11-20"}


def make_book(folder: Path, count: int, *, is_shuffled: bool) -> None:
    """Write positions, accounts and instruments, once."""
    if (folder / "instruments.parquet").exists():
        return
    random = np.random.default_rng(SEED)
    symbols = np.array([f"S{i}" for i in range(INSTRUMENTS)])
    order = random.permutation(count * EACH) if is_shuffled else np.arange(count * EACH)
    first = random.integers(0, INSTRUMENTS // EACH, (count, EACH))
    symbol = (first + np.arange(EACH) * (INSTRUMENTS // EACH)).ravel()
    quantity = random.integers(1, 1000, count * EACH) * np.where(random.random(count * EACH) < 0.25, -1.0, 1.0)
    names = np.array([f"ACC-{i:08d}" for i in range(count)])
    for kind in ("positions", "accounts"):
        (folder / kind).mkdir(parents=True, exist_ok=True)
    for number, rows in enumerate(np.array_split(order, FILES)):
        table = {"account_id": names[rows // EACH], "symbol": symbols[symbol[rows]], "quantity": quantity[rows]}
        parquet.write_table(pa.table(table), folder / "positions" / f"{number}.parquet")
    cash = random.uniform(-1e6, 1e6, count)
    for number, rows in enumerate(np.array_split(np.arange(count), FILES)):
        table = {"account_id": names[rows], "cash": cash[rows]}
        parquet.write_table(pa.table(table), folder / "accounts" / f"{number}.parquet")
    price = np.round(random.uniform(1, 500, INSTRUMENTS), 2)
    table = {"symbol": symbols, "kind": np.full(INSTRUMENTS, "equity"), "price": price}
    parquet.write_table(pa.table(table), folder / "instruments.parquet")


def session(cores: int, partitions: int, folder: Path) -> SparkSession:
    """Return a session of so many worker processes with a core each."""
    settings = executor_settings(folder / "shipped") | {
        "spark.executor.memory": "3g",
        "spark.sql.shuffle.partitions": str(partitions),
        "spark.sql.parquet.enableVectorizedReader": "true",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    builder = SparkSession.builder.master(f"local-cluster[{cores},1,3072]")
    for name, value in settings.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    return spark


def summed(figures: DataFrame) -> tuple[int, float, float]:
    """Return the number of accounts and the sums of their maintenance and excess."""
    [row] = figures.agg(
        sql.count("maintenance").alias("n"), sql.sum("maintenance").alias("m"), sql.sum("excess").alias("e")
    ).collect()
    return row["n"], row["m"], row["e"]


def with_margincore(positions: DataFrame, instruments: pa.Table, accounts: DataFrame) -> DataFrame:
    """Return what we give."""
    figures = evaluate_accounts(positions, instruments, accounts, MARKET)
    return figures.select("maintenance", sql.col("excess_maintenance").alias("excess"))


def with_sql(spark: SparkSession) -> DataFrame:
    """Return the same for stock in expressions: FINRA 4210(c)(1) to (c)(3)."""
    return spark.sql(
        """
        with sums as (
            select /*+ broadcast(i) */ p.account_id, sum(quantity * price) value,
                sum(case when quantity > 0 then 0.25D * quantity * price
                    when price < 5 then -quantity * greatest(2.5D, price)
                    else -quantity * greatest(5D, 0.3D * price) end) maintenance
            from positions p join instruments i on p.symbol = i.symbol group by p.account_id)
        select coalesce(maintenance, 0D) maintenance, cash + coalesce(value, 0D) - coalesce(maintenance, 0D) excess
        from accounts a left join sums s on a.account_id = s.account_id
        """
    )


def with_pandas(spark: SparkSession, instruments: pa.Table) -> DataFrame:
    """Return the same with the requirement of each position in a pandas UDF; Spark sums it."""
    prices = dict(zip(instruments["symbol"].to_pylist(), instruments["price"].to_pylist(), strict=True))

    @sql.pandas_udf("value double, maintenance double")
    def margin(symbol: pd.Series, quantity: pd.Series) -> pd.DataFrame:
        price = symbol.map(prices).to_numpy(dtype=float)
        units = quantity.to_numpy()
        short = -units * np.where(price < 5, np.maximum(2.5, price), np.maximum(5.0, 0.3 * price))
        return pd.DataFrame({"value": units * price, "maintenance": np.where(units > 0, 0.25 * units * price, short)})

    rows = spark.table("positions").select("account_id", margin("symbol", "quantity").alias("m"))
    sums = rows.groupBy("account_id").agg(
        sql.sum("m.value").alias("value"), sql.sum("m.maintenance").alias("maintenance")
    )
    nothing = sql.lit(0.0)
    joined = spark.table("accounts").join(sums, "account_id", "left")
    value, maintenance = sql.coalesce("value", nothing), sql.coalesce("maintenance", nothing)
    return joined.select(maintenance.alias("maintenance"), (sql.col("cash") + value - maintenance).alias("excess"))


def measure(cores: int, folder: Path, options: argparse.Namespace) -> dict[str, float]:
    """Return the seconds of each way on so many worker processes, after their answers were compared."""
    spark = session(cores, options.partitions, folder)
    instruments = parquet.read_table(folder / "instruments.parquet")
    frames = {name: spark.read.parquet(str(folder / name)) for name in ("positions", "accounts")}
    frames["instruments"] = spark.read.parquet(str(folder / "instruments.parquet"))
    for name, frame in frames.items():
        frame.createOrReplaceTempView(name)
    ways: dict[str, Callable[[], DataFrame]] = {
        "evaluate_accounts": lambda: with_margincore(frames["positions"], instruments, frames["accounts"]),
        "Spark SQL": lambda: with_sql(spark),
        "pandas UDF": lambda: with_pandas(spark, instruments),
    }
    answers = {name: summed(way()) for name, way in ways.items()}
    for name, answer in answers.items():
        np.testing.assert_allclose(answer, answers["evaluate_accounts"], rtol=1e-9, err_msg=name)
    seconds = {name: best(lambda way=way: summed(way()), options.repeats) for name, way in ways.items()}
    spark.stop()
    return seconds


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--accounts", type=int, default=1_000_000)
    parser.add_argument("--partitions", type=int, default=16)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=Path("build/spark_accounts"), help="of the parquet files")
    parser.add_argument("--shuffled", action="store_true", help="positions in random order, not by account")
    options = parser.parse_args()
    warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
    kind = "shuffled" if options.shuffled else "by_account"
    folder = options.folder.resolve() / f"{options.accounts}_{kind}"
    make_book(folder, options.accounts, is_shuffled=options.shuffled)
    print(
        f"{options.accounts} accounts x {EACH} positions, {kind}, parquet; {platform.machine()}, best of "
        f"{options.repeats}; positions a second in brackets"
    )
    results = {cores: measure(cores, folder, options) for cores in (1, 2)}
    for name in results[1]:
        cells = []
        for seconds in results.values():
            rate = options.accounts * EACH / seconds[name] / 1e6
            cells.append(f"{seconds[name]:7.2f} s ({rate:5.2f} M) {seconds[name] / seconds['evaluate_accounts']:5.2f}x")
        print(f"{name:18} one {cells[0]}   two {cells[1]}   one / two {results[1][name] / results[2][name]:.2f}")


if __name__ == "__main__":
    main()
