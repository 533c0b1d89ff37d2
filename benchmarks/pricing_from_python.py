# SPDX-License-Identifier: Apache-2.0
"""How fast does Python price options from columns, against C++, QuantLib and py_vollib_vectorized?

One core, best of several, same run, a million rows with seven columns. Every peer's answer is compared with ours before
it is timed; a peer that is not installed is left out: `pip install margincore[bench]` installs them.
"""

from __future__ import annotations

import os

os.environ.update(NUMBA_NUM_THREADS="1", OMP_NUM_THREADS="1")

import warnings
from typing import Any

import margincore as mc
import numpy as np
from _timing import best
from margincore import _pricing_native

ROWS, SAMPLE, REPEATS = 1_000_000, 20_000, 9

random = np.random.default_rng(19730501)
volatility = random.uniform(0.1, 0.8, ROWS)
expiry = random.uniform(7 / 365, 2.0, ROWS)
spot = random.uniform(50, 150, ROWS)
OPTIONS = {
    "right": np.where(random.random(ROWS) < 0.5, 1.0, -1.0),
    "spot": spot,
    "strike": spot * np.exp(random.uniform(-1.5, 1.5, ROWS) * volatility * np.sqrt(expiry)),
    "time": expiry,
    "rate": random.uniform(0.0, 0.06, ROWS),
    "dividend_yield": random.uniform(0.0, 0.04, ROWS),
    "volatility": volatility,
}
GIVEN = {name: column for name, column in OPTIONS.items() if name != "volatility"}


def line(name: str, per_row: float, ours: float | None = None, note: str = "") -> None:
    """Print how many rows a second, and how many times as long as ours a row takes."""
    times = "" if ours is None else f"{per_row / ours:8.1f} times the time of ours"
    print(f"{name:52} {1e-6 / per_row:8.2f} M/s{times}{note}")


def machine() -> str:
    """Return the name of the processor, where the system says it."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:  # noqa: PTH123
            return next((text.split(":")[1].strip() for text in file if text.startswith("model name")), "unknown")
    except OSError:
        return "unknown"


# --- ours ------------------------------------------------------------------------------------------------------------

print(f"{ROWS} options, best of {REPEATS}, one core, instruction set {mc.instruction_set()}, processor {machine()}")
PRICES = mc.price_european(**OPTIONS)
carried = OPTIONS["spot"] * np.exp(-OPTIONS["dividend_yield"] * expiry)
parity = carried - OPTIONS["strike"] * np.exp(-OPTIONS["rate"] * expiry)
other = mc.price_european(**{**OPTIONS, "right": -OPTIONS["right"]})
np.testing.assert_allclose(OPTIONS["right"] * (PRICES - other), parity, rtol=0, atol=1e-11)  # put-call parity
IMPLIED = mc.implied_volatility(PRICES, **GIVEN)
np.testing.assert_allclose(IMPLIED, volatility, rtol=1e-9)

native = mine = float("inf")
for _ in range(REPEATS):  # in turn, so that both meet the same machine
    native = min(native, _pricing_native.time_price_european(*OPTIONS.values(), 3))
    mine = min(mine, best(lambda: mc.price_european(**OPTIONS), 3))
line("price_european, the C++ call", native / ROWS)
line("price_european", mine / ROWS, note=f"{native / mine:8.0%} of the C++ rate (target at least 80 %)")
names = np.where(OPTIONS["right"] > 0, "call", "put")
line("price_european, rights as text", best(lambda: mc.price_european(**{**OPTIONS, "right": names}), 3) / ROWS)
line("greeks, all five", best(lambda: mc.greeks(**OPTIONS), REPEATS) / ROWS)
inverse = best(lambda: mc.implied_volatility(PRICES, **GIVEN), REPEATS)
line("implied_volatility", inverse / ROWS, note=" (target about 10 with AVX2)")

# --- QuantLib --------------------------------------------------------------------------------------------------------

try:
    import QuantLib as ql  # noqa: N813
except ImportError:
    print("QuantLib is not installed: left out")
else:
    rows = [dict(zip(OPTIONS, row, strict=True)) for row in zip(*(c[:SAMPLE].tolist() for c in OPTIONS.values()))]  # noqa: B905
    today = ql.Date(20, 11, 2026)
    ql.Settings.instance().evaluationDate = today
    days = ql.Actual365Fixed()

    def of_objects(row: dict[str, float]) -> float:
        """Return the price of an option, its process and its engine; the expiry is a whole day."""
        carry, discount = (
            ql.YieldTermStructureHandle(ql.FlatForward(today, row[name], days)) for name in ("dividend_yield", "rate")
        )
        smile = ql.BlackVolTermStructureHandle(ql.BlackConstantVol(today, ql.NullCalendar(), row["volatility"], days))
        quote = ql.QuoteHandle(ql.SimpleQuote(row["spot"]))
        process = ql.BlackScholesMertonProcess(quote, carry, discount, smile)
        payoff = ql.PlainVanillaPayoff(ql.Option.Call if row["right"] > 0 else ql.Option.Put, row["strike"])
        option = ql.VanillaOption(payoff, ql.EuropeanExercise(today + round(row["time"] * 365)))
        option.setPricingEngine(ql.AnalyticEuropeanEngine(process))
        return float(option.NPV())

    def of_function(row: dict[str, float]) -> float:
        """Return Black's formula of the forward."""
        discount = np.exp(-row["rate"] * row["time"])
        forward = row["spot"] * np.exp((row["rate"] - row["dividend_yield"]) * row["time"])
        kind = ql.Option.Call if row["right"] > 0 else ql.Option.Put
        deviation = row["volatility"] * np.sqrt(row["time"])
        return float(ql.blackFormula(kind, row["strike"], forward, deviation, discount))

    whole = {
        **{name: column[:SAMPLE] for name, column in OPTIONS.items()},
        "time": np.round(expiry[:SAMPLE] * 365) / 365,
    }
    np.testing.assert_allclose([of_objects(row) for row in rows], mc.price_european(**whole), rtol=0, atol=1e-9)
    np.testing.assert_allclose([of_function(row) for row in rows], PRICES[:SAMPLE], rtol=0, atol=1e-9)
    note = f", from a sample of {SAMPLE}"
    line(
        "QuantLib, an option and its engine each", best(lambda: [*map(of_objects, rows)], 3) / SAMPLE, mine / ROWS, note
    )
    line("QuantLib, blackFormula each", best(lambda: [*map(of_function, rows)], 3) / SAMPLE, mine / ROWS, note)

# --- py_vollib_vectorized --------------------------------------------------------------------------------------------

try:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import py_vollib_vectorized as vollib
except ImportError:
    print("py_vollib_vectorized is not installed: left out")
else:
    flags = np.where(OPTIONS["right"] > 0, "c", "p")
    columns = [OPTIONS[name] for name in ("spot", "strike", "time", "rate")]
    carry = OPTIONS["dividend_yield"]

    def priced() -> Any:
        """Return its prices."""
        return vollib.vectorized_black_scholes_merton(flags, *columns, volatility, carry, return_as="numpy")

    def implied() -> Any:
        """Return its volatilities."""
        model = "black_scholes_merton"
        return vollib.vectorized_implied_volatility(PRICES, *columns, flags, q=carry, model=model, return_as="numpy")

    np.testing.assert_allclose(priced(), PRICES, rtol=0, atol=1e-9)
    np.testing.assert_allclose(implied(), IMPLIED, rtol=1e-8)
    line("py_vollib_vectorized, prices", best(priced, 3) / ROWS, mine / ROWS)
    line("py_vollib_vectorized, implied volatility", best(implied, 3) / ROWS, inverse / ROWS)
