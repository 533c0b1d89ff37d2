# SPDX-License-Identifier: Apache-2.0
"""How long do eleven American prices of a series take, and how far off are they, against QuantLib?

One core, best of several, same run: continuous yields, one to eight cash dividends, and implied volatility. Errors are
root mean squares against QuantLib's high-precision scheme or a fine grid. `--plot FILE` draws error against time.
QuantLib is needed: `pip install margincore[bench]`; the plot needs Matplotlib.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import margincore as mc
import numpy as np
from _timing import best

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "oracle"))

try:
    import american
    import american_dividends
    import QuantLib as ql  # noqa: N813
    from market import SPOT, Market, Option
except ImportError:
    print("QuantLib is not installed: nothing measured")
    sys.exit(0)

SERIES, SAMPLE, DIVIDEND_SAMPLE, REPEATS = 8_000, 40, 24, 5
SPOTS = SPOT * np.array([1 + k * 0.03 for k in range(-5, 6)])  # the base and five points on each side
MOVES = SPOTS / SPOT - 1
DAYS_PER_YEAR = 365
COLOURS = {
    "margincore": "tab:blue",
    "QuantLib fixed point": "tab:green",
    "QuantLib tree": "tab:red",
    "QuantLib grid": "tab:purple",
}


@dataclass(frozen=True)
class Point:
    """One way to price: how long a series of eleven spots takes, and how far off a price is."""

    family: str
    setting: str
    microseconds: float
    error: float

    @property
    def is_ours(self) -> bool:
        """Whether it is this library's."""
        return self.family == "margincore"


def draw(table: Any, count: int, seed: int) -> list[Option]:
    """Return options of the usual ranges of a table."""
    random = np.random.default_rng(seed)
    return [table.draw(random, 5 * index + 1) for index in range(count)]


def columns(options: list[Option]) -> dict[str, Any]:
    """Return options as columns of `mc.reprice`, their volatility held."""
    return {
        "right": [option.right for option in options],
        "spot": np.full(len(options), SPOT),
        "strike": np.array([option.strike for option in options]),
        "time": np.array([option.days / DAYS_PER_YEAR for option in options]),
        "rate": np.array([option.rate for option in options]),
        "dividend_yield": np.array([option.dividend_yield for option in options]),
        "implied_volatility": np.array([option.volatility for option in options]),
        "dividends": [[(day / DAYS_PER_YEAR, amount) for day, amount in option.dividends] for option in options],
    }


def prices_of_quantlib(market: Market, options: list[Option], engine: ql.PricingEngine) -> np.ndarray:
    """Return prices at every spot, one option and one spot at a time. Shape (n_options, n_spots)."""
    rows = []
    for option in options:
        market.set(option)
        kind = ql.Option.Call if option.right == "call" else ql.Option.Put
        today = ql.Settings.instance().evaluationDate
        contract = ql.VanillaOption(
            ql.PlainVanillaPayoff(kind, option.strike), ql.AmericanExercise(today, today + option.days)
        )
        contract.setPricingEngine(engine(option) if callable(engine) else engine)
        row = []
        for spot in SPOTS:
            market.set_spot(float(spot))
            row.append(contract.NPV())
        rows.append(row)
    market.set_spot(SPOT)
    exercise = np.array([[1.0 if option.right == "call" else -1.0] for option in options])
    strikes = np.array([[option.strike] for option in options])
    return np.maximum(np.array(rows), exercise * (SPOTS - strikes))


def gains_error(gains: np.ndarray, reference: np.ndarray) -> float:
    """Return the root mean square of what gains are off."""
    base = reference[:, [len(SPOTS) // 2]]
    return float(np.sqrt(((gains - (reference - base)) ** 2).mean()))


def ours(options: list[Option], sample: list[Option], reference: np.ndarray) -> list[Point]:
    """Return our settings, timed over many series and checked on the sample."""
    all_columns, sampled = columns(options), columns(sample)
    points = []
    for accuracy in ("fast", "accurate"):
        taken = best(lambda: mc.reprice(all_columns, MOVES, accuracy=accuracy), REPEATS)  # noqa: B023
        error = gains_error(mc.reprice(sampled, MOVES, accuracy=accuracy), reference)
        points.append(Point("margincore", accuracy, taken / len(options) * 1e6, error))
    return points


def theirs(
    market: Market, sample: list[Option], reference: np.ndarray, engines: dict[tuple[str, str], Any], repeats: int = 2
) -> list[Point]:
    """Return QuantLib's engines on the sample."""
    points = []
    for (family, setting), engine in engines.items():
        found: list[np.ndarray] = []
        taken = best(lambda: found.append(prices_of_quantlib(market, sample, engine)), repeats)  # noqa: B023
        base = found[0][:, [len(SPOTS) // 2]]
        points.append(Point(family, setting, taken / len(sample) * 1e6, gains_error(found[0] - base, reference)))
    return points


def show(title: str, points: list[Point]) -> None:
    """Print one line a point, with its time by each of ours."""
    print(title)
    mine = [point for point in points if point.is_ours]
    for point in points:
        times = "".join(f"{point.microseconds / one.microseconds:10.1f} x" for one in mine)
        name = f"{point.family}, {point.setting}"
        print(f"  {name:36} {point.microseconds:12.2f} us, error ${point.error:.1e}, time by ours: {times}")


def continuous(market: Market) -> list[Point]:
    """Return continuous yields: our settings, and QuantLib's fixed points, trees and grids."""
    options, sample = draw(american, SERIES, 1), draw(american, SAMPLE, 2)
    scheme = ql.QdFpAmericanEngine
    reference = prices_of_quantlib(market, sample, scheme(market.process, scheme.highPrecisionScheme()))
    engines: dict[tuple[str, str], Any] = {
        ("QuantLib fixed point", "fast"): scheme(market.process, scheme.fastScheme()),
        ("QuantLib fixed point", "accurate"): scheme(market.process, scheme.accurateScheme()),
        ("QuantLib fixed point", "high precision"): scheme(market.process, scheme.highPrecisionScheme()),
    }
    for steps in (51, 201, 401):
        engines["QuantLib tree", f"{steps} steps"] = ql.BinomialVanillaEngine(market.process, "lr", steps)
    for points in (50, 100, 200):
        engines["QuantLib grid", f"{points} x {points}"] = ql.FdBlackScholesVanillaEngine(
            market.process, points, points
        )
    return [*ours(options, sample, reference), *theirs(market, sample, reference, engines)]


def with_dividends(market: Market) -> list[Point]:
    """Return cash dividends in the spot model: our grids, and QuantLib's."""
    options, sample = draw(american_dividends, SERIES // 4, 3), draw(american_dividends, DIVIDEND_SAMPLE, 4)

    def grid(steps: int, points: int) -> Callable[[Option], ql.PricingEngine]:
        return lambda option: american_dividends.grid(market, option, steps, points)

    fine, coarse = (prices_of_quantlib(market, sample, grid(4 * n, n)) for n in (1600, 800))
    reference = fine + (fine - coarse) / 3
    engines = {("QuantLib grid", f"{n} x {n}"): grid(n, n) for n in (50, 100, 200, 400)}
    return [*ours(options, sample, reference), *theirs(market, sample, reference, engines, repeats=1)]


def implied(market: Market) -> None:
    """Print American implied volatilities a second, ours and QuantLib's."""
    options = [option for option in draw(american, SERIES, 5) if option.days > 7]
    given = columns(options)
    volatility = given.pop("implied_volatility")
    del given["dividends"]
    prices = mc.price_american(**given, volatility=volatility, accuracy="accurate")
    exercise = np.where(np.array(given["right"]) == "call", 1.0, -1.0) * (SPOT - given["strike"])
    held = np.flatnonzero((prices > exercise + 0.5) & (prices > 0.5))
    given = {name: np.asarray(column)[held] for name, column in given.items()}
    prices = prices[held]
    found = mc.implied_volatility(prices, **given, style="american")
    again = mc.price_american(**given, volatility=found, accuracy="accurate")
    assert np.abs(again - prices).max() < 1e-4, "implied volatilities do not give their prices back"
    taken = best(lambda: mc.implied_volatility(prices, **given, style="american"), REPEATS) / len(prices)
    today = ql.Settings.instance().evaluationDate
    start, count = time.perf_counter(), 20
    for price, index in zip(prices[:count], held[:count], strict=True):
        option = options[index]
        market.set(option)
        kind = ql.Option.Call if option.right == "call" else ql.Option.Put
        contract = ql.VanillaOption(
            ql.PlainVanillaPayoff(kind, option.strike), ql.AmericanExercise(today, today + option.days)
        )
        contract.impliedVolatility(float(price), market.process, 1e-4, 100, 1e-4, 4.0)
    theirs_taken = (time.perf_counter() - start) / count
    print(f"American implied volatility: {1 / taken:,.0f} a second, repriced to 1e-4; QuantLib {1 / theirs_taken:,.0f}")
    print(f"  ratio {theirs_taken / taken:.0f} (target at least 50)")


def plot(panels: dict[str, list[Point]], path: str) -> None:
    """Draw error against time."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, len(panels), figsize=(13, 5.5), sharey=True)
    for axis, (title, points) in zip(axes, panels.items(), strict=True):
        for family in dict.fromkeys(point.family for point in points):
            members = [point for point in points if point.family == family and point.error > 0]  # not the reference
            is_ours = members[0].is_ours
            axis.plot(
                [point.microseconds for point in members],
                [point.error for point in members],
                color=COLOURS[family],
                marker="o",
                markersize=9 if is_ours else 5,
                linewidth=2 if is_ours else 1,
                label=family,
            )
            for point in members:
                axis.annotate(
                    point.setting,
                    (point.microseconds, point.error),
                    textcoords="offset points",
                    xytext=(-9, -11) if family == "QuantLib tree" else (9, 3),
                    fontsize=9,
                    ha="right" if family == "QuantLib tree" else "left",
                )
        axis.margins(x=0.15)
        axis.set(
            xscale="log",
            yscale="log",
            ylim=(1e-6, 5e-2),
            title=title,
            xlabel="microseconds for 11 spots of a series, one core",
        )
        axis.grid(visible=True, which="major", alpha=0.3)
        axis.legend(fontsize=9, loc="upper left")
    axes[0].set_ylabel("root mean square error, USD at a spot of 100")
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    print(path)


def main() -> None:
    """Measure, print and, where asked, draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plot", metavar="FILE", help="draw error against time")
    arguments = parser.parse_args()
    market = Market()
    print(f"instruction set {mc.instruction_set()}, one core, 11 spots a series, spot {SPOT}")
    panels = {"continuous yield": continuous(market), "one to eight cash dividends": with_dividends(market)}
    for title, points in panels.items():
        show(title, points)
    assert panels["continuous yield"][1].error < 1e-4, "the accurate setting is off"
    implied(market)
    if arguments.plot:
        plot(panels, arguments.plot)


if __name__ == "__main__":
    main()
