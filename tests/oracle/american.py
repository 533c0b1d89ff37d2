# SPDX-License-Identifier: Apache-2.0
"""American options with a continuous yield: QuantLib's fixed-point engine of Andersen, Lake and Offengenden (2016)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import numpy as np
import QuantLib as ql  # noqa: N813
from market import DAYS_PER_YEAR, SPOT, Market, Option, cells, log_uniform

NAME = "american"
SEED = 20_260_102
ROWS = 20_000
COLUMNS = ("right", "spot", "strike", "time", "rate", "dividend_yield", "volatility", "price")
WIDE_EVERY = 5  # each fifth row is drawn from the wide ranges


def has_two_boundaries(right: str, rate: float, dividend_yield: float) -> bool:
    """Return whether exercise pays between two boundaries only, a problem that the engine refuses."""
    return dividend_yield < rate < 0 if right == "put" else rate < dividend_yield < 0


def draw(random: np.random.Generator, index: int) -> Option:
    """Return an option of the usual ranges, or each fifth time one of the wide ranges."""
    while True:
        right = "call" if random.random() < 0.5 else "put"
        if index % WIDE_EVERY:
            ratio, years, sigma, rates, yields = (0.7, 1.4), (3 / DAYS_PER_YEAR, 2), (0.1, 1.2), (0, 0.08), (0, 0.06)
        else:
            ratio, years, sigma, rates, yields = (0.4, 2.5), (1 / DAYS_PER_YEAR, 10), (0.05, 2), *[(-0.01, 0.1)] * 2
        option = Option(
            right=right,
            strike=round(SPOT / log_uniform(random, *ratio), 4),
            days=max(1, round(DAYS_PER_YEAR * log_uniform(random, *years))),
            rate=round(random.uniform(*rates), 5),
            dividend_yield=round(random.uniform(*yields), 5),
            volatility=round(log_uniform(random, *sigma), 5),
        )
        if not has_two_boundaries(right, option.rate, option.dividend_yield):
            return option


def engine(market: Market, scheme: ql.QdFpIterationScheme | None = None) -> ql.PricingEngine:
    """Return the engine of the table, or the same with another scheme."""
    # Within 2e-6 of highPrecisionScheme() at a spot of 100 (150 rows of these draws), in a fifth of its time.
    return ql.QdFpAmericanEngine(
        market.process, scheme or ql.QdFpLegendreTanhSinhScheme(48, 10, 30, 1e-9), ql.QdFpAmericanEngine.FP_A
    )


def price(market: Market, option: Option, method: ql.PricingEngine) -> float:
    """Return the price, which is the intrinsic value where the engine ends below it."""
    return max(option.intrinsic_value, market.price(option, method))


class WideMethods:
    """What prices options of the wide ranges, where the engine's fixed point A does not always converge.

    Where the volatility is far below the rate it ends up to 2 USD off; B agrees with finite differences there.
    """

    def __init__(self, market: Market) -> None:
        scheme = ql.QdFpAmericanEngine.highPrecisionScheme()
        self.market = market
        self.fixed_point = ql.QdFpAmericanEngine(market.process, scheme, ql.QdFpAmericanEngine.FP_B)
        self.grids = [ql.FdBlackScholesVanillaEngine(market.process, n, n) for n in (800, 1600)]

    def price(self, option: Option) -> float:
        """Return the price."""
        try:
            return price(self.market, option, self.fixed_point)
        except RuntimeError:  # the quadrature meets a singular point
            coarse, fine = (price(self.market, option, grid) for grid in self.grids)
            return max(option.intrinsic_value, fine + (fine - coarse) / 3)


def rows() -> Iterator[tuple[str, ...]]:
    """Yield the rows of the table as text."""
    random, market = np.random.default_rng(SEED), Market()
    method, wide = engine(market), WideMethods(market)
    for index in count():
        option = draw(random, index)
        value = price(market, option, method) if index % WIDE_EVERY else wide.price(option)
        yield (*cells(option), f"{value:.15g}")
