# SPDX-License-Identifier: Apache-2.0
"""How fast are options paired, against a greedy package and a mixed-integer solver on the same positions?

And how many accounts of some options a second come through `evaluate_frame`?

One core, same run. margin-estimator gets iron condors, which it margins right; HiGHS gets books of 12 to 60 series and
the program of `tests/oracle/pairing.py`, which is none of this library's. Every answer is compared with ours.
"""

from __future__ import annotations

import datetime
import math
import random
import sys
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import margincore as mc
import numpy as np
from _timing import best
from margincore import _core

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "oracle"))
try:
    import highspy
    import pairing
    import scipy.sparse
    from margin_estimator import Option, OptionType, Underlying, calculate_margin
except ImportError as missing:
    print(f"{missing.name} is not installed: nothing measured")
    sys.exit(0)

TODAY = datetime.date(2026, 11, 20)
MARKET = {"valuation_date": str(TODAY)}
ACCOUNTS, CONDORS = 1_000_000, 100_000
ESTIMATED = 1_000  # condors of them that the peer margins
BOOKS = ((12, 200), (30, 80), (60, 40))  # series, books
HIGHS_SECONDS = 20.0  # a book, at most
REPEATS = 5


def option_symbol(root: str, days: int, right: str, strike: float) -> str:
    """Return an OSI symbol."""
    expiry = TODAY + datetime.timedelta(days=days)
    return f"{root:6}{expiry:%y%m%d}{right[0].upper()}{round(strike * 1000):08d}"


def as_arrays(frame: dict[str, Any]) -> dict[str, Any]:
    """Return the columns as arrays."""
    return {
        name: np.array(column, dtype=object if any(value is None for value in column) else None)
        for name, column in frame.items()
    }


def run_of(instruments: dict[str, Any], positions: dict[str, Any], cash: list[float]) -> Any:
    """Return the C++ side of `evaluate_frame` on one core."""
    frames = (as_arrays(frame) for frame in (positions, instruments, {"cash": cash}))
    return _core.FrameRun(*frames, MARKET, None, None, False, None, 1, None)


# --- iron condors ----------------------------------------------------------------------------------------------------


def condors() -> None:
    """Margin iron condors on one stock, four series an account."""
    rng = random.Random(7)
    spot, days = 100.0, (28, 56)
    chain = {
        (right, strike, day): max(0.01, round(pairing.option_price(right, spot, strike, day / 365, 0.3), 2))
        for right in ("call", "put")
        for strike in range(70, 131)
        for day in days
    }
    row = {series: i + 1 for i, series in enumerate(chain)}
    instruments = {
        "symbol": np.array(["XYZ", *(option_symbol("XYZ", day, right, strike) for right, strike, day in chain)]),
        "kind": ["equity"] + [None] * len(chain),
        "price": np.array([spot, *chain.values()]),
    }
    legs: list[list[tuple[tuple[str, int, int], int]]] = []
    for _ in range(CONDORS):
        day, contracts = rng.choice(days), rng.randint(1, 10)
        put, call = rng.randint(88, 96), rng.randint(104, 112)
        wings = rng.randint(1, 5), rng.randint(1, 5)  # narrow: charged as spreads, not alone
        legs.append(
            [
                (("put", put - wings[0], day), contracts),
                (("put", put, day), -contracts),
                (("call", call, day), -contracts),
                (("call", call + wings[1], day), contracts),
            ]
        )
    positions = {
        "account_id": np.repeat(np.arange(CONDORS, dtype=np.int32), 4),
        "symbol": np.array([row[series] for of in legs for series, _ in of], dtype=np.int32),
        "quantity": np.array([float(contracts) for of in legs for _, contracts in of]),
    }
    accounts = {"cash": np.zeros(CONDORS)}
    ours = mc.evaluate_frame(positions, instruments, accounts, MARKET)
    assert ours["error"][0] is None, ours["error"][0]
    underlying = Underlying(price=Decimal(str(spot)))
    theirs = [
        [
            Option(
                expiration=TODAY + datetime.timedelta(days=day),
                price=Decimal(str(chain[right, strike, day])),
                quantity=contracts,
                strike=Decimal(strike),
                type=OptionType.CALL if right == "call" else OptionType.PUT,
            )
            for (right, strike, day), contracts in of
        ]
        for of in legs[:ESTIMATED]
    ]
    estimates = [float(calculate_margin(of, underlying).margin_requirement) for of in theirs]
    np.testing.assert_allclose(estimates, ours["net_requirement"][:ESTIMATED], atol=0.005)

    estimator = best(lambda: [calculate_margin(of, underlying) for of in theirs], REPEATS) / ESTIMATED
    whole = best(lambda: mc.evaluate_frame(positions, instruments, accounts, MARKET), REPEATS) / CONDORS
    native = run_of(instruments, positions, list(accounts["cash"])).seconds(REPEATS) / CONDORS
    print(f"iron condors, microseconds each: margin-estimator {estimator * 1e6:.1f}")
    for name, seconds in (("evaluate_frame", whole), ("its C++ part", native)):
        print(f"  {name:16} {seconds * 1e6:5.2f}  {estimator / seconds:5.0f} times as fast (target 10)")


# --- a million accounts ----------------------------------------------------------------------------------------------


def accounts_of_few_series() -> None:
    """Margin accounts of two to six series each on one of 200 stocks, every third with shares of it."""
    rng = np.random.default_rng(20161125)
    stocks, days, strikes = 200, (28, 56, 84, 112), 21
    chain = 2 * len(days) * strikes
    spots = np.round(np.exp(rng.uniform(3, 6, stocks)))
    volatilities = rng.uniform(0.15, 0.6, stocks)
    symbols, kinds, prices = [], [], []
    for stock, (spot, volatility) in enumerate(zip(spots, volatilities, strict=True)):
        name = f"S{chr(ord('A') + stock // 26)}{chr(ord('A') + stock % 26)}"
        symbols.append(name)
        kinds.append("equity")
        prices.append(spot)
        for day in days:
            for k in range(strikes):
                strike = round(spot * (80 + 2 * k)) / 100
                for right in ("call", "put"):
                    symbols.append(option_symbol(name, day, right, strike))
                    kinds.append(None)
                    fair = pairing.option_price(right, spot, strike, day / 365, volatility)
                    prices.append(max(0.01, round(fair, 2)))
    instruments = {"symbol": symbols, "kind": kinds, "price": prices}
    first = rng.integers(0, stocks, ACCOUNTS) * (1 + chain)
    step = rng.choice((5, 11, 13, 17, 19, 23), ACCOUNTS)  # has no factor in common with the chain: all differ
    series = (rng.integers(0, chain, ACCOUNTS)[:, None] + np.arange(6) * step[:, None]) % chain
    symbol = np.column_stack([first, first[:, None] + 1 + series])
    quantity = rng.integers(1, 11, (ACCOUNTS, 7)) * rng.choice((-1.0, 1.0), (ACCOUNTS, 7))
    quantity[:, 0] = rng.integers(1, 501, ACCOUNTS) * rng.choice((-1, 1, 1, 1), ACCOUNTS)
    held = np.arange(7) <= rng.integers(2, 7, ACCOUNTS)[:, None]
    held[:, 0] = np.arange(ACCOUNTS) % 3 == 0
    positions = {
        "account_id": np.repeat(np.arange(ACCOUNTS, dtype=np.int32), held.sum(axis=1)),
        "symbol": symbol[held].astype(np.int32),
        "quantity": quantity[held],
    }
    accounts = {"cash": np.zeros(ACCOUNTS)}

    def evaluate(threads: int) -> Any:
        return mc.evaluate_frame(positions, instruments, accounts, MARKET, threads=threads)

    figures = evaluate(1)
    assert all(error is None for error in figures["error"])
    assert np.all(figures["lower_bound"] > figures["net_requirement"] - 0.005)  # proven, all of them
    one, two = best(lambda: evaluate(1), 2), best(lambda: evaluate(2), 2)
    native = run_of(instruments, positions, list(accounts["cash"])).seconds(2)
    print(
        f"{ACCOUNTS} accounts of 2 to 6 series: evaluate_frame {ACCOUNTS / one:,.0f} accounts/s on one core, its C++ "
        f"part {ACCOUNTS / native:,.0f} (target 150,000); two threads {one / two:.2f} times as fast"
    )


# --- books of many series --------------------------------------------------------------------------------------------


def solve_with_highs(program: pairing.Program, whole: set[int], spent: list[float]) -> float:
    """Return the least cost of the oracle's program; NaN where it is not found in time.

    Adds to `spent` the seconds of handing over the finished matrix and of solving.
    """
    rows = program.rows
    columns = len(program.costs)
    matrix = scipy.sparse.csr_matrix(
        (
            np.array([value for of, _, _ in rows for value in of.values()], dtype=float),
            (
                np.array([i for i, (of, _, _) in enumerate(rows) for _ in of], dtype=np.int32),
                np.array([column for of, _, _ in rows for column in of], dtype=np.int32),
            ),
        ),
        shape=(len(rows), columns),
    )
    lower = np.array([max(least, -highspy.kHighsInf) for _, least, _ in rows])
    upper = np.array([min(most, highspy.kHighsInf) for _, _, most in rows])
    costs, most = np.array(program.costs), np.array(program.upper)
    integral = [
        highspy.HighsVarType.kInteger if j in whole else highspy.HighsVarType.kContinuous for j in range(columns)
    ]
    start = time.perf_counter()
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = columns, len(rows)
    model.col_cost_, model.col_lower_, model.col_upper_ = costs, np.zeros(columns), most
    model.row_lower_, model.row_upper_ = lower, upper
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_, model.a_matrix_.index_, model.a_matrix_.value_ = matrix.indptr, matrix.indices, matrix.data
    model.integrality_ = integral
    highs = highspy.Highs()
    for option, value in (("output_flag", False), ("threads", 1), ("mip_rel_gap", 0.0), ("time_limit", HIGHS_SECONDS)):
        highs.setOptionValue(option, value)
    highs.passModel(model)
    highs.run()
    spent.append(time.perf_counter() - start)
    is_optimal = highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return float(highs.getInfo().objective_function_value) if is_optimal else math.nan


def of_ours(book: pairing.Book) -> tuple[float, float, float]:
    """Return seconds, net requirement and lower bound: the account, its market and all of its figures."""
    symbols = ["XYZ"] + [
        option_symbol("XYZ" if one.multiplier == 100 else "XYZ7", one.days, one.right, one.strike)
        for one in book.series
    ]
    instruments = {
        "symbol": symbols,
        "kind": ["equity"] + [None] * len(book.series),
        "price": [book.price, *(one.price for one in book.series)],
        "underlying": [None] + ["XYZ"] * len(book.series),
        "multiplier": [np.nan, *(float(one.multiplier) for one in book.series)],
    }
    held = [
        (symbols[0], float(book.shares)),
        *((s, float(one.quantity)) for s, one in zip(symbols[1:], book.series, strict=True)),
    ]
    held = [one for one in held if one[1] != 0]
    positions = {
        "account_id": [0] * len(held),
        "symbol": [symbol for symbol, _ in held],
        "quantity": [quantity for _, quantity in held],
    }
    figures = mc.evaluate_frame(positions, instruments, {"cash": [0.0]}, MARKET)
    assert figures["error"][0] is None, figures["error"][0]
    seconds = run_of(instruments, positions, [0.0]).seconds(3)
    return seconds, figures["net_requirement"][0], figures["lower_bound"][0]


def quantiles(seconds: list[float]) -> tuple[float, float, float]:
    """Return median, 95th percentile and worst."""
    return tuple(float(np.quantile(seconds, share)) for share in (0.5, 0.95, 1.0))  # type: ignore[return-value]


def books() -> None:
    """Pair books of many series, which no peer but a mixed-integer solver does."""
    spent: list[float] = []
    pairing.Program.solve = lambda program, whole: solve_with_highs(program, whole, spent)  # type: ignore[method-assign]
    for series, count in BOOKS:
        rng = random.Random(20261126 + series)
        mine, theirs, gaps, unsolved, decided = [], [], 0, 0, 0
        for _ in range(count):
            book = pairing.make_book(series, rng)
            options = sum(one.price * one.multiplier * one.quantity for one in book.series)
            alone = abs(book.shares) * float(pairing.stock_alone(book))
            spent.clear()
            least = pairing.least_cost(book)
            ours, net_requirement, lower_bound = of_ours(book)
            mine.append(ours)
            theirs.append(sum(spent))
            gaps += lower_bound < net_requirement - 0.005
            unsolved += math.isnan(least)
            if not math.isnan(least):
                assert lower_bound - 0.01 < options + alone + least < net_requirement + 0.01, book
                decided += 1
        of_us, of_them = quantiles(mine), quantiles(theirs)
        print(
            f"{series} series, {count} books, median / 95th percentile / worst in ms: "
            f"ours {' / '.join(f'{s * 1e3:.3f}' for s in of_us)}, "
            f"HiGHS {' / '.join(f'{s * 1e3:.1f}' for s in of_them)}"
        )
        print(
            f"  {' / '.join(f'{b / a:.1f}' for a, b in zip(of_us, of_them, strict=True))} times as fast; "
            f"{gaps} of ours end with a gap, {unsolved} of theirs after {HIGHS_SECONDS:.0f} s; {decided} compared"
        )


if __name__ == "__main__":
    condors()
    accounts_of_few_series()
    books()
