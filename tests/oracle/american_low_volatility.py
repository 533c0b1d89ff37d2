# SPDX-License-Identifier: Apache-2.0
"""American options of volatilities of 1 % to 10 %, near the money by their own deviation, up to ten years."""

from __future__ import annotations

import math
from collections.abc import Iterator

import american
import numpy as np
from market import DAYS_PER_YEAR, SPOT, Market, Option, cells, log_uniform

NAME = "american_low_volatility"
SEED = 20_260_105
ROWS = 4_000
COLUMNS = american.COLUMNS
DEVIATIONS = 2.0  # of the strike from the spot or the forward


def draw(random: np.random.Generator) -> Option:
    """Return an option; every other strike is about the forward."""
    days = round(DAYS_PER_YEAR * log_uniform(random, 7 / DAYS_PER_YEAR, 10))
    volatility = round(log_uniform(random, 0.01, 0.1), 5)
    rate, dividend_yield = round(random.uniform(0, 0.08), 5), round(random.uniform(0, 0.06), 5)
    years = days / DAYS_PER_YEAR
    moved = random.uniform(-DEVIATIONS, DEVIATIONS) * volatility * math.sqrt(years)
    carried = (rate - dividend_yield) * years if random.random() < 0.5 else 0.0
    return Option(
        right="call" if random.random() < 0.5 else "put",
        strike=round(SPOT * math.exp(moved + carried), 4),
        days=days,
        rate=rate,
        dividend_yield=dividend_yield,
        volatility=volatility,
    )


def rows() -> Iterator[tuple[str, ...]]:
    """Yield the rows of the table as text."""
    random, market = np.random.default_rng(SEED), Market()
    methods = american.WideMethods(market)
    while True:
        option = draw(random)
        yield (*cells(option), f"{methods.price(option):.15g}")
