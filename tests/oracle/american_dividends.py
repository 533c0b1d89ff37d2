# SPDX-License-Identifier: Apache-2.0
"""American options on a spot that falls by one to eight cash dividends: QuantLib's finite differences."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import numpy as np
import QuantLib as ql  # noqa: N813
from market import DAYS_PER_YEAR, SPOT, TODAY, Market, Option, log_uniform, number

NAME = "american_dividends"
SEED = 20_260_103
ROWS = 20_000
COLUMNS = (
    *("right", "spot", "strike", "days", "rate", "dividend_yield", "volatility"),
    *("dividend_days", "dividend_amounts", "price"),
)
MOST_DIVIDENDS = 8
YIELD_EVERY = 5  # each fifth row has a yield beside its dividends
MODEL = ql.FdBlackScholesVanillaEngine.Spot
STEPS, POINTS = 1600, 800  # of the finer of two grids; the coarser has a fourth of the steps and half of the points


def draw(random: np.random.Generator, index: int) -> Option:
    """Return an option of the usual ranges; no dividend falls on its first day or on its last."""
    days = max(3, round(log_uniform(random, 7, 2 * DAYS_PER_YEAR)))
    many = min(int(random.integers(1, MOST_DIVIDENDS + 1)), days - 1)
    ex_days = sorted(int(day) for day in random.choice(np.arange(1, days), many, replace=False))
    usual = log_uniform(random, 0.1, 3)
    return Option(
        right="call" if random.random() < 0.5 else "put",
        strike=round(SPOT / log_uniform(random, 0.7, 1.4), 4),
        days=days,
        rate=round(random.uniform(0, 0.08), 5),
        dividend_yield=0.0 if index % YIELD_EVERY else round(random.uniform(0, 0.06), 5),
        volatility=round(log_uniform(random, 0.1, 1.2), 5),
        dividends=tuple((day, round(usual * random.uniform(0.8, 1.2), 2)) for day in ex_days),
    )


def grid(market: Market, option: Option, steps: int, points: int, model: int = MODEL) -> ql.PricingEngine:
    """Return the engine of one grid for the dividends of an option."""
    dividends = ql.DividendSchedule([ql.FixedDividend(amount, TODAY + day) for day, amount in option.dividends])
    scheme = ql.FdmSchemeDesc.Douglas()
    return ql.FdBlackScholesVanillaEngine(
        market.process, dividends, steps, points, 0, scheme, False, -ql.nullDouble(), model
    )


def price(market: Market, option: Option, model: int = MODEL, steps: int = STEPS, points: int = POINTS) -> float:
    """Return the price that two grids extrapolate to, not below the intrinsic value.

    The error is of the first order in time, where exercise is by comparison after each step, and of the second in
    space: both fall to a fourth from the coarser grid to the finer.
    """
    fine = market.price(option, grid(market, option, steps, points, model))
    coarse = market.price(option, grid(market, option, steps // 4, points // 2, model))
    return max(option.intrinsic_value, fine + (fine - coarse) / 3)


def inputs(option: Option) -> tuple[str, ...]:
    """Return what is given of an option as text; times in days, which are exact and short."""
    return (
        *(option.right, number(SPOT), number(option.strike), str(option.days)),
        *(number(value) for value in (option.rate, option.dividend_yield, option.volatility)),
        ";".join(str(day) for day, _ in option.dividends),
        ";".join(f"{amount:g}" for _, amount in option.dividends),
    )


def rows(seed: int = SEED, model: int = MODEL) -> Iterator[tuple[str, ...]]:
    """Yield the rows of the table as text."""
    random, market = np.random.default_rng(seed), Market()
    for index in count():
        option = draw(random, index)
        yield (*inputs(option), f"{price(market, option, model):.6f}")
