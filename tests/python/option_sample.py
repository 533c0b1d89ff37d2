# SPDX-License-Identifier: Apache-2.0
"""What tests of pricing need: random options as columns, and the formulas of the books, a number at a time."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

Columns = dict[str, np.ndarray]


def random_options(rows: int, seed: int = 1973) -> Columns:
    """Options of all kinds as columns, in the order of a signature."""
    draw = np.random.default_rng(seed)
    volatility = draw.uniform(0.05, 1.2, rows)
    time = draw.uniform(1 / 365, 5.0, rows)
    return {
        "right": np.where(draw.random(rows) < 0.5, 1.0, -1.0),
        "spot": draw.uniform(50, 150, rows),
        "strike": 100 * np.exp(draw.uniform(-2, 2, rows) * volatility * np.sqrt(time)),
        "time": time,
        "rate": draw.uniform(-0.01, 0.08, rows),
        "dividend_yield": draw.uniform(0, 0.06, rows),
        "volatility": volatility,
    }


def rows_of(columns: Columns) -> list[dict[str, float]]:
    """The same options, a dict each."""
    return [dict(zip(columns, row, strict=True)) for row in zip(*(c.tolist() for c in columns.values()), strict=True)]


def cdf(x: float) -> float:
    """The standard normal distribution function by the complementary error function of the C library."""
    return 0.5 * math.erfc(-x / math.sqrt(2))


def book_price(**option: Any) -> float:
    """Black, Scholes and Merton as it stands in books."""
    sign, spot, strike, time, rate, dividend_yield, volatility = option.values()
    deviation = volatility * math.sqrt(time)
    d1 = (math.log(spot / strike) + (rate - dividend_yield) * time) / deviation + deviation / 2
    present_spot, present_strike = spot * math.exp(-dividend_yield * time), strike * math.exp(-rate * time)
    return float(sign * (present_spot * cdf(sign * d1) - present_strike * cdf(sign * (d1 - deviation))))
