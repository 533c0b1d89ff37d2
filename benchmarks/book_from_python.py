# SPDX-License-Identifier: Apache-2.0
"""How fast does Python evaluate a book from columns, against NumPy, pandas and polars on the same columns?

One core, best of several, same run. Every peer computes what is asked of us: equity, maintenance, beta exposure and the
excess after eight moves of a million stock accounts; and its answer is compared with ours before it is timed.
"""

from __future__ import annotations

import os

os.environ.update(POLARS_MAX_THREADS="1", OMP_NUM_THREADS="1", ARROW_NUM_THREADS="1")

from collections.abc import Callable
from typing import Any

import margincore as mc
import numpy as np
import pandas as pd
import polars as pl
from _timing import best
from margincore import _core

ACCOUNTS, EACH, INSTRUMENTS, REPEATS = 1_000_000, 20, 5_000, 5
POSITIONS = ACCOUNTS * EACH
MOVES = np.array([-0.08, -0.06, -0.04, -0.02, 0.0, 0.02, 0.04, 0.06])
MARKET = {"valuation_date": "2026-11-20"}

random = np.random.default_rng(20261120)
price = random.uniform(1, 500, INSTRUMENTS)
beta = random.uniform(0, 2.5, INSTRUMENTS)
cash = random.uniform(-1e6, 1e6, ACCOUNTS)
account = np.repeat(np.arange(ACCOUNTS, dtype=np.int32), EACH)
first = random.integers(0, INSTRUMENTS // EACH, (ACCOUNTS, EACH), dtype=np.int32)
symbol = (first + np.arange(EACH, dtype=np.int32) * (INSTRUMENTS // EACH)).ravel()  # each once, ascending
quantity = random.integers(1, 1000, POSITIONS) * np.where(random.random(POSITIONS) < 0.25, -1.0, 1.0)

positions = {"account_id": account, "symbol": symbol, "quantity": quantity}
instruments = {"symbol": np.array([f"S{i}" for i in range(INSTRUMENTS)]), "kind": np.full(INSTRUMENTS, "equity")}
instruments |= {"price": price, "beta": beta}
accounts = {"cash": cash}


def check(name: str, equity: Any, maintenance: Any, exposure: Any, stress: Any) -> None:
    """Compare a peer's figures with ours."""
    ours = RESULT
    for figure, theirs in (("equity", equity), ("maintenance", maintenance), ("beta_weighted_exposure", exposure)):
        np.testing.assert_allclose(np.asarray(theirs), ours[figure], rtol=1e-9, atol=1e-3, err_msg=f"{name} {figure}")
    for k in range(len(MOVES)):
        theirs = np.asarray(stress[k])
        np.testing.assert_allclose(theirs, ours[f"stress_excess_{k}"], rtol=1e-9, atol=1e-3, err_msg=f"{name} {k}")


tier = np.where(price < 5, np.maximum(2.5, price), np.maximum(5.0, 0.3 * price))  # FINRA 4210(c)(2), (c)(3)


def with_numpy(total: Callable[[Any], Any]) -> tuple[Any, ...]:
    """Return the figures; `total` sums the positions of each account. No beta here makes anything worthless."""
    value = quantity * price[symbol]
    requirement = np.where(quantity > 0, 0.25 * value, -quantity * tier[symbol])
    equity, maintenance, exposure = cash + total(value), total(requirement), total(value * beta[symbol])
    return equity, maintenance, exposure, [equity - maintenance + exposure * move for move in MOVES]


def reduceat(values: Any) -> Any:
    """Return sums of sorted accounts, each with positions; where they start is not counted against it."""
    return np.add.reduceat(values, STARTS)


def bincount(values: Any) -> Any:
    """Return sums of accounts in any order."""
    return np.bincount(account, values, ACCOUNTS)


STARTS = np.arange(0, POSITIONS, EACH)


def with_pandas(frame: Any, key: str, names: list[str]) -> tuple[Any, ...]:
    """Return the figures of a frame of row numbers, or of texts that are joined first."""
    if key == "text":
        frame = frame.merge(PANDAS_INSTRUMENTS, on="symbol", how="left")
        unit, requirement, sensitivity = frame["price"].to_numpy(), frame["tier"].to_numpy(), frame["beta"].to_numpy()
    else:
        code = frame["symbol"].to_numpy()
        unit, requirement, sensitivity = price[code], tier[code], beta[code]
    units = frame["quantity"].to_numpy()
    value = units * unit
    columns = pd.DataFrame(
        {
            "account_id": frame["account_id"],
            "value": value,
            "maintenance": np.where(units > 0, 0.25 * value, -units * requirement),
            "exposure": value * sensitivity,
        },
        copy=False,
    )
    sums = columns.groupby("account_id", sort=False, observed=True)[["value", "maintenance", "exposure"]].sum()
    if names:
        sums = sums.reindex(names)
    equity, maintenance, exposure = cash + sums["value"].to_numpy(), sums["maintenance"], sums["exposure"]
    maintenance, exposure = maintenance.to_numpy(), exposure.to_numpy()
    return equity, maintenance, exposure, [equity - maintenance + exposure * move for move in MOVES]


def with_polars(frame: Any) -> tuple[Any, ...]:
    """Return the figures of a polars frame of row numbers."""
    value = pl.col("quantity") * pl.col("price")
    sums = (
        frame.lazy()
        .with_columns(price=POLARS["price"].gather(frame["symbol"]), tier=POLARS["tier"].gather(frame["symbol"]))
        .with_columns(beta=POLARS["beta"].gather(frame["symbol"]))
        .group_by("account_id")
        .agg(
            value=value.sum(),
            maintenance=pl.when(pl.col("quantity") > 0)
            .then(0.25 * value)
            .otherwise(-pl.col("quantity") * pl.col("tier"))
            .sum(),
            exposure=(value * pl.col("beta")).sum(),
        )
        .sort("account_id")
        .collect()
    )
    equity, maintenance, exposure = cash + sums["value"].to_numpy(), sums["maintenance"], sums["exposure"]
    maintenance, exposure = maintenance.to_numpy(), exposure.to_numpy()
    return equity, maintenance, exposure, [equity - maintenance + exposure * move for move in MOVES]


def line(name: str, seconds: float, frame: float, core: float | None, target: float) -> None:
    """Print a peer's time, and how it compares with the whole call and, where given, with what it does in C++."""
    in_core = "" if core is None else f", {seconds / core:5.1f} times the C++ call"
    print(
        f"{name:44} {seconds * 1e3:8.0f} ms  {seconds / frame:6.1f} times evaluate_frame{in_core} (target {target:g})"
    )


def ours(frame: Any, instruments: Any = instruments, accounts: Any = accounts, stress: bool = True) -> Any:
    """Return our figures."""
    return mc.evaluate_frame(frame, instruments, accounts, MARKET, stress=stress)


print(f"{ACCOUNTS} accounts x {EACH} positions over {INSTRUMENTS} instruments, best of {REPEATS}, one core")
RESULT = ours(positions)
assert all(error is None for error in RESULT["error"])
for name, total in (("reduceat", reduceat), ("bincount", bincount)):
    check(name, *with_numpy(total))

plain = best(lambda: ours(positions, stress=False), REPEATS)
mine = best(lambda: ours(positions), REPEATS)
for name, seconds, stress in (("evaluate_frame", plain, False), ("evaluate_frame, stress", mine, True)):
    run = _core.FrameRun(positions, instruments, accounts, MARKET, None, None, stress, None, 1, None)
    native = run.seconds(REPEATS)
    print(f"{name:44} {seconds * 1e3:8.0f} ms  {seconds / native:6.2f} times the C++ call (target at most 1.5)")

numpy_best = min(best(lambda: with_numpy(reduceat), REPEATS), best(lambda: with_numpy(bincount), REPEATS))
line("NumPy, reduceat or bincount, the better", numpy_best, mine, native, 6)

frame = pd.DataFrame(positions, copy=False)
check("pandas", *with_pandas(frame, "code", []))
line("pandas group-by on integer codes", best(lambda: with_pandas(frame, "code", []), 3), mine, native, 8)

POLARS = pl.DataFrame({"price": price, "tier": tier, "beta": beta})
polars = pl.DataFrame(positions)
check("polars", *with_polars(polars))
line("polars, one thread", best(lambda: with_polars(polars), 3), mine, native, 2)

order = random.permutation(POSITIONS)
shuffled = {name: column[order] for name, column in positions.items()}
figures = ours(shuffled)
np.testing.assert_allclose(figures["maintenance"], RESULT["maintenance"], rtol=1e-9)
seconds = best(lambda: ours(shuffled), 3)
print(f"{'evaluate_frame, positions in random order':44} {seconds * 1e3:8.0f} ms  {seconds / mine:6.1f} times in order")

names = [f"ACC-{i:08d}" for i in range(ACCOUNTS)]
texts = pd.DataFrame({"account_id": np.array(names)[account], "symbol": instruments["symbol"][symbol]}, dtype="str")
texts["quantity"] = quantity
text_accounts = pd.DataFrame({"account_id": pd.array(names, dtype="str"), "cash": cash})
PANDAS_INSTRUMENTS = pd.DataFrame({"symbol": pd.array(list(instruments["symbol"]), dtype="str"), "price": price})
PANDAS_INSTRUMENTS = PANDAS_INSTRUMENTS.assign(beta=beta, tier=tier)
check("pandas, text", *with_pandas(texts, "text", names))
text_instruments = PANDAS_INSTRUMENTS.drop(columns="tier").assign(kind="equity")
text_seconds = best(lambda: ours(texts, text_instruments, text_accounts), 2)
print(f"{'evaluate_frame, ids and symbols as text':44} {text_seconds * 1e3:8.0f} ms")
line("pandas join and group-by on text", best(lambda: with_pandas(texts, "text", names), 1), text_seconds, None, 3)
