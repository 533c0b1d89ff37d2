# SPDX-License-Identifier: Apache-2.0
"""A flat Black-Scholes market of QuantLib, in which a time is a whole number of days divided by 365."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import QuantLib as ql  # noqa: N813

TODAY = ql.Date(2, 1, 2026)
DAY_COUNTER = ql.Actual365Fixed()
DAYS_PER_YEAR = 365.0
SPOT = 100.0


@dataclass(frozen=True)
class Option:
    """An option on a spot of 100 USD; dividends are (days, USD per share)."""

    right: str
    strike: float
    days: int
    rate: float
    dividend_yield: float
    volatility: float
    dividends: tuple[tuple[int, float], ...] = ()

    @property
    def intrinsic_value(self) -> float:
        """Intrinsic value today [USD per share]."""
        return max(0.0, SPOT - self.strike if self.right == "call" else self.strike - SPOT)


def number(value: float) -> str:
    """Return the shortest text that parses back to the very same double."""
    return repr(float(value))


def cells(option: Option) -> tuple[str, ...]:
    """Return right, spot, strike, time, rate, dividend yield and volatility as text."""
    time = option.days / DAYS_PER_YEAR
    numbers = (SPOT, option.strike, time, option.rate, option.dividend_yield, option.volatility)
    return (option.right, *(number(value) for value in numbers))


def log_uniform(random: np.random.Generator, low: float, high: float) -> float:
    """Return a number between two bounds, its logarithm evenly distributed."""
    return math.exp(random.uniform(math.log(low), math.log(high)))


class Market:
    """One process whose quotes are set anew for each option: building it costs more than pricing."""

    def __init__(self) -> None:
        ql.Settings.instance().evaluationDate = TODAY
        self._spot, self._rate, self._yield, self._volatility = (ql.SimpleQuote(value) for value in (SPOT, 0, 0, 0.2))
        curves = [
            ql.YieldTermStructureHandle(ql.FlatForward(TODAY, ql.QuoteHandle(quote), DAY_COUNTER))
            for quote in (self._yield, self._rate)
        ]
        surface = ql.BlackConstantVol(TODAY, ql.NullCalendar(), ql.QuoteHandle(self._volatility), DAY_COUNTER)
        self.process = ql.BlackScholesMertonProcess(
            ql.QuoteHandle(self._spot), *curves, ql.BlackVolTermStructureHandle(surface)
        )

    def set(self, option: Option) -> None:
        """Take over the rate, the yield and the volatility of an option."""
        self._rate.setValue(option.rate)
        self._yield.setValue(option.dividend_yield)
        self._volatility.setValue(option.volatility)

    def set_spot(self, spot: float) -> None:
        """Move the spot [USD per share]."""
        self._spot.setValue(spot)

    def price(self, option: Option, engine: ql.PricingEngine, style: str = "american") -> float:
        """Return the price of an option [USD per share] by an engine on this market's process."""
        self.set(option)
        kind = ql.Option.Call if option.right == "call" else ql.Option.Put
        expiry = TODAY + option.days
        exercise = ql.AmericanExercise(TODAY, expiry) if style == "american" else ql.EuropeanExercise(expiry)
        contract = ql.VanillaOption(ql.PlainVanillaPayoff(kind, option.strike), exercise)
        contract.setPricingEngine(engine)
        return contract.NPV()
