# SPDX-License-Identifier: Apache-2.0
"""European options with a continuous yield: QuantLib's BlackCalculator, and the price again in 50 digits."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import count

import mpmath
import numpy as np
import QuantLib as ql  # noqa: N813
from market import SPOT, log_uniform, number

NAME = "european"
SEED = 20_260_101
ROWS = 20_000
COLUMNS = (
    *("right", "spot", "strike", "time", "rate", "dividend_yield", "volatility"),
    *("price", "delta", "gamma", "vega", "theta", "rho", "exact_price"),
)
DIGITS = 50
STRIKES = (20.0, 500.0)
FARTHEST = 6.0  # standard deviations from the forward, of the half of the rows whose time value is not zero


def draw(random: np.random.Generator, index: int) -> tuple[str, float, float, float, float, float]:
    """Return right, strike, time, rate, yield, volatility: half of the strikes anywhere, half near the forward."""
    while True:
        right = "call" if random.random() < 0.5 else "put"
        time = round(log_uniform(random, 1 / 365, 10), 6)
        volatility = round(log_uniform(random, 0.01, 2), 5)
        rate, dividend_yield = (round(random.uniform(-0.02, 0.10), 5) for _ in range(2))
        strike = log_uniform(random, *STRIKES)
        if index % 2:
            deviations = random.uniform(-FARTHEST, FARTHEST)
            strike = SPOT * math.exp((rate - dividend_yield) * time + deviations * volatility * math.sqrt(time))
        strike = round(strike, 4)
        if STRIKES[0] <= strike <= STRIKES[1]:
            return right, strike, time, rate, dividend_yield, volatility


def quantlib(right: str, strike: float, time: float, rate: float, dividend_yield: float, volatility: float) -> tuple:
    """Return QuantLib's price, delta, gamma, vega, theta and rho."""
    kind = ql.Option.Call if right == "call" else ql.Option.Put
    forward = SPOT * math.exp((rate - dividend_yield) * time)
    calculator = ql.BlackCalculator(
        ql.PlainVanillaPayoff(kind, strike), forward, volatility * math.sqrt(time), math.exp(-rate * time)
    )
    return (
        calculator.value(),
        calculator.delta(SPOT),
        calculator.gamma(SPOT),
        calculator.vega(time),
        calculator.theta(SPOT, time),
        calculator.rho(time),
    )


def exact(right: str, strike: float, time: float, rate: float, dividend_yield: float, volatility: float) -> tuple:
    """Return the Black-Scholes-Merton price, delta, gamma, vega, theta and rho in 50 digits."""
    with mpmath.workdps(DIGITS):
        spot, exercise, years, interest, yielded, sigma = (
            mpmath.mpf(value) for value in (SPOT, strike, time, rate, dividend_yield, volatility)
        )
        sign = 1 if right == "call" else -1
        deviation = sigma * mpmath.sqrt(years)
        d1 = (mpmath.log(spot / exercise) + (interest - yielded + sigma**2 / 2) * years) / deviation
        held = spot * mpmath.exp(-yielded * years)
        paid = exercise * mpmath.exp(-interest * years)
        in_stock, in_cash = (mpmath.erfc(-sign * d / mpmath.sqrt(2)) / 2 for d in (d1, d1 - deviation))
        density = mpmath.exp(-(d1**2) / 2) / mpmath.sqrt(2 * mpmath.pi)
        price = sign * (held * in_stock - paid * in_cash)
        decay = -held * density * sigma / (2 * mpmath.sqrt(years))
        return (
            price,
            sign * held / spot * in_stock,
            held * density / (spot**2 * deviation),
            held * density * mpmath.sqrt(years),
            decay - sign * interest * paid * in_cash + sign * yielded * held * in_stock,
            sign * paid * years * in_cash,
        )


def rows() -> Iterator[tuple[str, ...]]:
    """Yield the rows of the table as text."""
    random = np.random.default_rng(SEED)
    for index in count():
        option = draw(random, index)
        price, *greeks = quantlib(*option)
        inputs = (option[0], number(SPOT), *(number(value) for value in option[1:]))
        outputs = (number(price), *(f"{greek:.12g}" for greek in greeks))
        yield (*inputs, *outputs, number(exact(*option)[0]))
