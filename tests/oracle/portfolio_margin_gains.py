# SPDX-License-Identifier: Apache-2.0
"""Gains of one unit at the ten valuation points: what the books of `portfolio_margin.csv` hold, by the row's number.

They are multiples of a quarter, so that sums of them are exact in any order and points that tie do so exactly.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import numpy as np

NAME = "portfolio_margin_gains"
SEED = 20_260_111
ROWS = 240
POINTS = 10
COLUMNS = tuple(f"gain_{point}" for point in range(POINTS))
RANGES = ((-0.08, 0.06), (-0.10, 0.10), (-0.15, 0.15))
SPOTS = (12.0, 40.0, 55.0, 100.0, 250.0, 700.0)
LEVERAGES = (3, 2, -1, -2, -3)


def moves(low: float, high: float) -> np.ndarray:
    """Return the moves of the ten points of a range: five equal steps a side, the deepest fall first, no zero."""
    steps = np.arange(1, 6) / 5
    return np.concatenate([low * steps[::-1], high * steps])


def draw(random: np.random.Generator, index: int) -> np.ndarray:
    """Return the gains of a stock, a fund with leverage, an option, or of no instrument that there is; or none."""
    spot, (low, high) = random.choice(SPOTS), RANGES[int(random.integers(len(RANGES)))]
    at = spot * (1 + moves(low, high))
    shape = index % 6
    if shape == 0:
        gains = at - spot
    elif shape == 1:
        gains = random.choice(LEVERAGES) * (at - spot)
    elif shape in (2, 3):  # what an option is worth is like its intrinsic value, with a rounded corner
        strike, sign = spot * random.uniform(0.85, 1.15), 1 if shape == 2 else -1
        corner = spot * random.uniform(0.01, 0.08)
        worth = lambda price: corner * np.logaddexp(0, sign * (price - strike) / corner)  # noqa: E731
        gains = worth(at) - worth(spot)
    elif shape == 4:  # few values, so that points tie, and small ones
        gains = random.choice([-20.0, -5.0, 0.0, 5.0, 20.0], POINTS) / (1 if random.random() < 0.3 else 40)
    else:
        gains = random.normal(0, 0.1 * spot, POINTS) * (random.random() < 0.9)
    return np.round(gains * 4) / 4 + 0.0


def vectors() -> Iterator[np.ndarray]:
    """Yield the gains of one row after another."""
    random = np.random.default_rng(SEED)
    for index in count():
        yield draw(random, index)


def rows() -> Iterator[tuple[str, ...]]:
    """Yield the rows of the table as text."""
    for gains in vectors():
        yield tuple(f"{gain:g}" for gain in gains)
