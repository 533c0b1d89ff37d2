# SPDX-License-Identifier: Apache-2.0
"""Portfolio margin of random accounts, options repriced by QuantLib: `portfolio_margin_quantlib.jsonl`.

From the account document to the requirement without this library: prices and their gains by QuantLib's engines, groups
and ranges from the text of FINRA 4210(g) and 15c3-1a, aggregated by `portfolio_margin.py`. A few minutes:
`pip install QuantLib numpy` and `python tests/oracle/portfolio_margin_quantlib.py`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import american
import american_dividends
import numpy as np
import QuantLib as ql  # noqa: N813
from market import SPOT, Market, Option
from portfolio_margin import Policy, Position, Product, Table, margin
from portfolio_margin_gains import moves

SEED = 20_260_113
ACCOUNTS = 300
VALUATION = date(2026, 11, 20)
RATE = 0.04
STEPS, POINTS = 800, 400  # of the finer grid under dividends: within 5e-4 of twice as many, spot 100

# What a price may be off by, spot 100: docs/pricing.md, which has it from the tables of this folder.
ERROR = {"european": 1e-9, "american": 6.8e-4, "dividends": 4.8e-3}
CALIBRATION = 1e-4  # of a price from its implied volatility

EQUITY = (-0.15, 0.15)
RANGES = {"SPX": (-0.08, 0.06), "DJX": (-0.08, 0.06), "NDX": (-0.10, 0.10), "RUT": (-0.10, 0.10)}
PRODUCTS = {
    "BROAD_HC": Product(0.90, "US_DIVERSIFIED"),
    "NASD_MKT": Product(0.75, "US_DIVERSIFIED"),
    "SMALL_CAP": Product(0.75, "US_DIVERSIFIED"),
}
PRODUCT_OF = {"SPX": "BROAD_HC", "DJX": "BROAD_HC", "NDX": "NASD_MKT", "RUT": "SMALL_CAP"}
PORTFOLIOS = {"US_DIVERSIFIED": 0.50}


@dataclass(frozen=True)
class Underlying:
    """What options are written on, or an account holds; volatility is of its options."""

    symbol: str
    class_group: str
    kind: str
    price: float
    volatility: float
    leverage: float = 1.0
    step: float = 1.0  # between strikes
    dividend_yield: float = 0.0
    dividends: tuple[tuple[int, float], ...] = field(default=())  # days, USD a share

    @property
    def style(self) -> str:
        """How its options are exercised."""
        return "european" if self.kind == "broad_index" else "american"

    def moves(self) -> np.ndarray:
        """Return what it moves by at the points of its class."""
        return np.maximum(-1.0, self.leverage * moves(*RANGES.get(self.class_group, EQUITY)))


INDEXES = (
    Underlying("SPX", "SPX", "broad_index", 6700.0, 0.17, step=25.0, dividend_yield=0.012),
    Underlying("SPY", "SPX", "broad_index_etf", 668.0, 0.17, dividend_yield=0.012),
    Underlying("SSO", "SPX", "etf", 110.0, 0.34, leverage=2),
    Underlying("SPXU", "SPX", "etf", 14.0, 0.5, leverage=-3),
    Underlying("DIA", "DJX", "broad_index_etf", 470.0, 0.15, dividend_yield=0.015),
    Underlying("NDX", "NDX", "broad_index", 24500.0, 0.22, step=100.0, dividend_yield=0.006),
    Underlying("QQQ", "NDX", "broad_index_etf", 598.0, 0.22, dividend_yield=0.006),
    Underlying("TQQQ", "NDX", "etf", 104.0, 0.65, leverage=3),
    Underlying("IWM", "RUT", "broad_index_etf", 240.0, 0.24, dividend_yield=0.011),
)


def draw_stock(random: np.random.Generator, index: int) -> Underlying:
    """Return a stock with a yield, with cash dividends, or with neither."""
    price = round(math.exp(random.uniform(math.log(15), math.log(600))), 2)
    stock = Underlying(
        f"STK{'ABCD'[index]}", f"STK{'ABCD'[index]}", "equity", price, round(random.uniform(0.2, 0.7), 3)
    )
    pays = random.random()
    if pays < 0.3:
        return replace(stock, dividend_yield=round(random.uniform(0.005, 0.04), 4))
    if pays < 0.6:
        first, amount = int(random.integers(5, 80)), round(price * random.uniform(0.002, 0.012), 2)
        return replace(stock, dividends=((first, amount), (first + 91, amount)))
    return stock


# --- prices ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Series:
    """An option on an underlying."""

    on: Underlying
    right: str
    strike: float
    days: int

    @property
    def symbol(self) -> str:
        """OSI symbol."""
        expiry = VALUATION + timedelta(self.days)
        return f"{self.on.symbol:<6}{expiry:%y%m%d}{self.right[0].upper()}{round(self.strike * 1000):08d}"

    def dividends(self) -> tuple[tuple[int, float], ...]:
        """Those that go ex before it expires, of a spot of 100."""
        scale = SPOT / self.on.price
        return tuple((day, amount * scale) for day, amount in self.on.dividends if day <= self.days)

    @property
    def method(self) -> str:
        """What prices it."""
        return self.on.style if self.on.style == "european" else "dividends" if self.dividends() else "american"


class Pricer:
    """Prices series at any spot by QuantLib, as parts of a spot of 100: prices are homogeneous in what is in USD."""

    def __init__(self) -> None:
        self.market = Market()
        self.engines = {
            "european": ql.AnalyticEuropeanEngine(self.market.process),
            "american": american.engine(self.market),
        }

    def at(self, series: Series, volatility: float, move: float) -> float:
        """Return the price of a series after a move of its underlying [USD]."""
        option = Option(
            series.right,
            SPOT * series.strike / series.on.price,
            series.days,
            RATE,
            0.0 if series.dividends() else series.on.dividend_yield,
            volatility,
            series.dividends(),
        )
        spot = SPOT * (1 + move)
        self.market.set_spot(spot)
        price = self._price(option, series.method)
        if series.on.style == "american":  # where the engine ends below what exercise is worth
            price = max(price, spot - option.strike if series.right == "call" else option.strike - spot)
        return max(price, 0.0) * series.on.price / SPOT

    def _price(self, option: Option, method: str) -> float:
        if method != "dividends":
            return self.market.price(option, self.engines[method], "european" if method == "european" else "american")
        fine, coarse = (
            self.market.price(option, american_dividends.grid(self.market, option, steps, points))
            for steps, points in ((STEPS, POINTS), (STEPS // 4, POINTS // 2))
        )
        return fine + (fine - coarse) / 3


# --- accounts --------------------------------------------------------------------------------------------------------


def draw_series(random: np.random.Generator, on: Underlying, wing: float) -> Series:
    """Return an option within a distance of the spot, a week to seven months from its expiry."""
    strike = max(1, round(on.price * (1 + random.uniform(-wing, wing)) / on.step)) * on.step
    return Series(on, "call" if random.random() < 0.5 else "put", strike, int(random.integers(7, 210)))


def entry_of(on: Underlying) -> dict[str, Any]:
    """Return an underlying as the document has it."""
    entry: dict[str, Any] = {"kind": on.kind, "price": on.price}
    if on.leverage != 1:
        entry["leverage"] = on.leverage
    if on.dividends:
        entry["dividends"] = [
            {"ex_date": (VALUATION + timedelta(day)).isoformat(), "amount": amount} for day, amount in on.dividends
        ]
    elif on.dividend_yield:
        entry["dividend_yield"] = on.dividend_yield
    return entry


def account(random: np.random.Generator, pricer: Pricer, name: str) -> dict[str, Any] | None:
    """Return a row, or nothing where the requirement hangs on less than what prices may be off by."""
    stocks = [draw_stock(random, index) for index in range(int(random.integers(0, 4)))]
    count = int(random.integers(0 if stocks else 1, 6))
    chosen = [INDEXES[i] for i in random.choice(len(INDEXES), count, replace=False)] + stocks
    policy = Policy(
        offset_carry=str(random.choice(["haircut", "residual"])),
        minimum_level=str(random.choice(["class", "top_group"])),
        minimum_per_contract=float(random.choice([0.375, 0.375, 0.25])),
    )
    instruments: dict[str, Any] = {}
    held: dict[str, tuple[Position, float]] = {}  # and what a unit's gain may be off by
    for on in chosen:
        instruments[on.symbol] = entry_of(on)
        scale = max(1.0, 60_000 / on.price)  # of the index options one or two, of others about as much worth
        if on.kind != "broad_index" and random.random() < 0.6:
            quantity = float(random.choice([-1, 1]) * random.integers(1, int(scale) + 1))
            held[on.symbol] = (Position(on.class_group, quantity, 1.0, on.price * on.moves(), on.price), 0.0)
        for _ in range(int(random.integers(0, 5))):
            series = draw_series(random, on, 0.12 if on.kind == "broad_index" else 0.2)
            volatility = round(on.volatility * math.exp(random.normal(0, 0.1)), 4)
            price = pricer.at(series, volatility, 0.0)
            gains = np.array([pricer.at(series, volatility, move) for move in on.moves()]) - price
            parity = on.price - series.strike * math.exp(-RATE * series.days / 365)
            worth_now = max(
                0.0,
                *(
                    (sign * value)
                    for value in (parity, on.price - series.strike)
                    for sign in [1 if series.right == "call" else -1]
                ),
            )
            instruments[series.symbol] = {"price": price}
            if price - worth_now < 0.005 * on.price or random.random() < 0.3:  # from which no volatility follows
                instruments[series.symbol]["implied_volatility"] = volatility
            quantity = float(random.choice([-1, 1]) * random.integers(1, max(2, int(scale / 100)) + 1))
            error = (2 * ERROR[series.method] + CALIBRATION) * on.price / SPOT
            held[series.symbol] = (Position(on.class_group, quantity, 100.0, gains, price, is_contract=True), error)
    if not held:
        return None

    classes = {on.class_group: PRODUCT_OF.get(on.class_group) for on in chosen}
    table = Table(classes, PRODUCTS, PORTFOLIOS)
    requirement, _ = margin([position for position, _ in held.values()], table, policy)
    tolerance = 0.005 + sum(abs(one.quantity) * one.multiplier * error for one, error in held.values())
    for _ in range(20):
        shaken = [
            replace(one, gains=one.gains + error * random.uniform(-1, 1, one.gains.size))
            for one, error in held.values()
        ]
        if abs(margin(shaken, table, policy)[0] - requirement) > tolerance:
            return None
    document = {
        "account": {
            "id": name,
            "type": "portfolio_margin",
            "cash": 0,
            "positions": [{"symbol": symbol, "quantity": one.quantity} for symbol, (one, _) in held.items()],
        },
        "market": {"valuation_date": VALUATION.isoformat(), "rate": RATE, "instruments": instruments},
        "policy": {
            "offset_carry": policy.offset_carry,
            "minimum_level": policy.minimum_level,
            "minimum_per_contract": policy.minimum_per_contract,
            "accuracy": "accurate" if any(on.dividends for on in chosen) else "fast",
        },
    }
    return {"requirement": round(requirement, 6), "tolerance": round(tolerance, 6), "document": document}


def rows() -> Iterator[dict[str, Any]]:
    """Yield the rows of the table."""
    random, pricer = np.random.default_rng(SEED), Pricer()
    made = 0
    while made < ACCOUNTS:
        row = account(random, pricer, f"Q{made:03d}")
        if row is not None:
            made += 1
            yield row


def main() -> None:
    """Write the table."""
    path = Path(__file__).with_suffix(".jsonl")
    with path.open("w", encoding="utf-8") as file:
        for made, row in enumerate(rows(), start=1):
            file.write(json.dumps(row, separators=(",", ":")) + "\n")
            if made % 25 == 0:
                print(f"{made} of {ACCOUNTS} accounts", flush=True)


if __name__ == "__main__":
    main()
