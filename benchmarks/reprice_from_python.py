# SPDX-License-Identifier: Apache-2.0
"""How long does repricing the whole US option market take: 1,600,000 American series on 6,000 underlyings?

One core: own marks calibrated, ten moves and the base; once with yields alone, once with 30 % of the series under one
to eight cash dividends. Baseline: QuantLib's fast fixed point for the same prices, and its grid for those under
dividends, extrapolated from samples in the same run. An argument is the number of series: 100000.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import margincore as mc
import numpy as np

SERIES = int(sys.argv[1]) if len(sys.argv) > 1 else 1_600_000
UNDERLYINGS = max(1, SERIES * 6_000 // 1_600_000)
PAYING, MOST_DIVIDENDS, SAMPLE = 0.69, 8, 40  # so many underlyings pay that 30 % of the series see a dividend
MOVES = np.array([k * 0.03 for k in range(-5, 6) if k])
HALF_A_CENT = 0.005

random = np.random.default_rng(20261120)
underlying = np.sort(random.integers(0, UNDERLYINGS, SERIES))
spots = np.exp(random.normal(4.0, 0.9, UNDERLYINGS))
yields = random.uniform(0, 0.05, UNDERLYINGS)
levels = random.uniform(0.15, 0.7, UNDERLYINGS)
expiries = np.array([7, 14, 21, 28, 56, 91, 182, 364, 546, 728]) / 365

expiry = random.choice(expiries, SERIES)
volatility = levels[underlying] * random.uniform(0.9, 1.2, SERIES)
spot = spots[underlying]
series = {
    "underlying": underlying,
    "right": np.where(random.random(SERIES) < 0.5, 1.0, -1.0),
    "spot": spot,
    "strike": spot * np.exp(random.uniform(-1.2, 1.2, SERIES) * volatility * np.sqrt(expiry)),
    "time": expiry,
    "rate": np.full(SERIES, 0.043),
    "dividend_yield": yields[underlying],
}
marks = mc.price_american(
    *(series[name] for name in ("right", "spot", "strike", "time", "rate", "dividend_yield")), volatility
)
series["price"] = np.maximum(marks, HALF_A_CENT)
dividends: list[list[tuple[float, float]] | None] = [None] * SERIES
paying = random.random(UNDERLYINGS) < PAYING
schedules = [
    [
        (float(day) / 365, 0.008 * spots[i])
        for day in np.unique((random.uniform(0.02, 0.98, 1 + i % MOST_DIVIDENDS) * 728).round())
    ]
    for i in range(UNDERLYINGS)
]
for row in np.flatnonzero(paying[underlying]):
    due = [dividend for dividend in schedules[underlying[row]] if dividend[0] < expiry[row]]
    dividends[row] = due or None


def run(columns: dict[str, object], title: str) -> tuple[float, mc.Repriced]:
    """Reprice, and print how long it took."""
    start = time.perf_counter()
    found = mc.reprice(columns, MOVES, details=True)
    taken = time.perf_counter() - start
    assert found.gains.shape == (SERIES, len(MOVES))
    assert np.isfinite(found.gains).all()
    print(f"  {title:34} {taken:8.1f} s, {taken / SERIES * 1e6:6.2f} us a series", flush=True)
    return taken, found


print(
    f"reprice: {SERIES:,} American series on {UNDERLYINGS:,} underlyings, 11 points, {mc.instruction_set()}, one core"
)
taken, repriced = run(series, "yields alone")
given = {name: column for name, column in series.items() if name != "price"}
taken_given, _ = run({**given, "implied_volatility": repriced.volatilities}, "volatilities given, not marks")
is_held = series["price"] > marks * (1 - 1e-12) + 1e-4  # marks at the floor of half a cent are not what was priced
is_seen = (np.abs(repriced.volatilities - volatility) < 1e-3) | is_held | (repriced.volatilities <= 0.0100001)
print(f"  calibrated to the volatility that made the mark, within 0.001: {is_seen.mean():.2%} of the series")
with_yield = np.where(paying[underlying], 0.0, series["dividend_yield"])
count = sum(due is not None for due in dividends)
with_dividends = {**series, "dividend_yield": with_yield, "dividends": dividends}
taken_with, repriced_with = run(with_dividends, f"{count / SERIES:.0%} under cash dividends")

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "oracle"))
try:
    import american_dividends
    import QuantLib as ql  # noqa: N813
    from market import Market, Option
except ImportError:
    print("QuantLib is not installed: left out")
    sys.exit(0)

POINTS, STEPS = 200, 200  # of QuantLib's grid for cash dividends, which is up to 4 cents off: 800 x 800 up to 1
market = Market()
fixed_point = ql.QdFpAmericanEngine(market.process, ql.QdFpAmericanEngine.fastScheme())


def seconds_of_quantlib(rows: np.ndarray, found: mc.Repriced, largest: float) -> float:
    """Return the seconds that QuantLib takes for the eleven prices of a series, volatilities given."""
    start = time.perf_counter()
    worst = 0.0
    for row in rows:
        factor = 100.0 / spot[row]
        due = dividends[row] if found is repriced_with else None
        option = Option(
            right="call" if series["right"][row] > 0 else "put", strike=series["strike"][row] * factor,
            days=round(expiry[row] * 365), rate=0.043,
            dividend_yield=with_yield[row] if due else series["dividend_yield"][row],
            volatility=found.volatilities[row],
            dividends=tuple((round(at * 365), amount * factor) for at, amount in due or ()),
        )  # fmt: skip
        engine = american_dividends.grid(market, option, STEPS, POINTS) if due else fixed_point
        base = market.price(option, engine)
        for k, move in enumerate(MOVES):
            market.set_spot(100.0 * (1 + move))
            exercise = max(0.0, (100 * (1 + move) - option.strike) * (1 if option.right == "call" else -1))
            gain = max(market.price(option, engine), exercise) - base
            worst = max(worst, abs(gain - found.gains[row, k] * factor))
        market.set_spot(100.0)
    assert worst < largest, f"gains differ by {worst} at a spot of 100"
    return (time.perf_counter() - start) / len(rows)


yields_alone = seconds_of_quantlib(np.linspace(0, SERIES - 1, SAMPLE).astype(int), repriced, 1e-2)
print(f"  QuantLib's fast fixed point        {yields_alone * SERIES:8.0f} s, from {SAMPLE} series, volatilities given")
print(f"  ratio {yields_alone * SERIES / taken:.0f} (target at least 100), its calibration left out")
print(f"  ratio {yields_alone * SERIES / taken_given:.0f} where both are given the volatilities")
paid = np.flatnonzero([due is not None for due in dividends])
of_paid = seconds_of_quantlib(paid[np.linspace(0, len(paid) - 1, SAMPLE).astype(int)], repriced_with, 6e-2)
mixed = yields_alone * (SERIES - count) + of_paid * count
print(f"  and a grid of {POINTS} x {STEPS} for dividends {mixed:8.0f} s, ratio {mixed / taken_with:.0f}")
