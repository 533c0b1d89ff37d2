# SPDX-License-Identifier: Apache-2.0
"""European options on a spot that falls by one to eight cash dividends: QuantLib's finite differences."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import american_dividends
import numpy as np
from market import Market, Option

NAME = "european_dividends"
SEED = 20_260_105
ROWS = 20_000
COLUMNS = american_dividends.COLUMNS
STEPS, POINTS = 200, 1600  # of the finer of two grids; the coarser has half of both


def price(market: Market, option: Option, steps: int = STEPS, points: int = POINTS) -> float:
    """Return the price that two grids extrapolate to; without exercise their error is of second order in both."""
    fine = market.price(option, american_dividends.grid(market, option, steps, points), "european")
    coarse = market.price(option, american_dividends.grid(market, option, steps // 2, points // 2), "european")
    return fine + (fine - coarse) / 3


def rows() -> Iterator[tuple[str, ...]]:
    """Yield the rows of the table as text; options are drawn as those of `american_dividends`."""
    random, market = np.random.default_rng(SEED), Market()
    for index in count():
        option = american_dividends.draw(random, index)
        yield (*american_dividends.inputs(option), f"{price(market, option):.6f}")
