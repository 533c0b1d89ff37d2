# SPDX-License-Identifier: Apache-2.0
"""What is optimal pairing worth? Requirements of 10,000 books of options that people hold, paired four ways.

Every book is one to four usual strategies on one stock, and then what happens to them: legs closed early, in part, or
rolled to another strike or expiry. `python benchmarks/worth_of_pairing.py [PICTURE]` prints the table of
docs/pairing.md and draws its picture.
"""

from __future__ import annotations

import datetime
import math
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import NormalDist
from typing import Any

import margincore as mc
import numpy as np

BOOKS, SEED = 10_000, 20261126
TODAY = datetime.date(2026, 11, 20)
DAYS = (14, 28, 56, 91, 182)  # to expiry: no long option has loan value yet
STOCKS = 40


@dataclass(frozen=True, order=True)
class Series:
    """A series of options on a stock."""

    days: int
    strike: float
    right: str


@dataclass
class Book:
    """What an account holds: a stock, shares of it, contracts of each series."""

    stock: int
    shares: int
    held: dict[Series, int]


class Market:
    """Stocks with a chain of options each, at prices by Black and Scholes without interest."""

    def __init__(self, rng: random.Random) -> None:
        self.spots = [round(math.exp(rng.uniform(3, 6.2)), 2) for _ in range(STOCKS)]
        self.volatilities = [rng.uniform(0.15, 0.6) for _ in range(STOCKS)]
        self.steps = [1.0 if spot < 60 else 2.5 if spot < 150 else 5.0 for spot in self.spots]

    def strike(self, stock: int, steps: int) -> float:
        """Return a strike so many steps from the money."""
        step = self.steps[stock]
        return max(step, (round(self.spots[stock] / step) + steps) * step)

    def price(self, stock: int, series: Series) -> float:
        """Return the price of a series, cents."""
        spot, normal = self.spots[stock], NormalDist().cdf
        deviation = self.volatilities[stock] * math.sqrt(series.days / 365)
        d1 = math.log(spot / series.strike) / deviation + deviation / 2
        call = spot * normal(d1) - series.strike * normal(d1 - deviation)
        return round(max(0.01, call if series.right == "call" else call - spot + series.strike), 2)


# --- books -----------------------------------------------------------------------------------------------------------


def strategy(market: Market, stock: int, rng: random.Random) -> tuple[int, list[tuple[Series, int]]]:
    """Return shares and legs of a usual strategy, one lot."""

    def leg(contracts: int, right: str, steps: int, days: int) -> tuple[Series, int]:
        return Series(days, market.strike(stock, steps), right), contracts

    near, far = sorted(rng.sample(DAYS, 2))
    day, width, wing = rng.choice(DAYS), rng.randint(1, 4), rng.randint(1, 4)
    right = rng.choice(("call", "put"))
    out = rng.randint(1, 6) * (1 if right == "call" else -1)
    away = width if right == "call" else -width
    short_put, short_call = -rng.randint(1, 6), rng.randint(1, 6)
    kinds: dict[str, tuple[int, list[tuple[Series, int]]]] = {
        "credit spread": (0, [leg(-1, right, out, day), leg(1, right, out + away, day)]),
        "debit spread": (0, [leg(1, right, out, day), leg(-1, right, out + away, day)]),
        "iron condor": (
            0,
            [
                leg(1, "put", short_put - width, day),
                leg(-1, "put", short_put, day),
                leg(-1, "call", short_call, day),
                leg(1, "call", short_call + wing, day),
            ],
        ),
        "strangle": (0, [leg(-1, "put", short_put, day), leg(-1, "call", short_call, day)]),
        "covered call": (100, [leg(-1, "call", short_call, day)]),
        "collar": (100, [leg(-1, "call", short_call, day), leg(1, "put", short_put, day)]),
        "short put": (0, [leg(-1, "put", short_put, day)]),
        "calendar": (0, [leg(-1, right, out, near), leg(1, right, out, far)]),
        "diagonal": (0, [leg(-1, right, out, near), leg(1, right, out + away, far)]),
        "ratio spread": (0, [leg(1, right, out, day), leg(-2, right, out + away, day)]),
        "butterfly": (
            0,
            [leg(1, right, out, day), leg(-2, right, out + away, day), leg(1, right, out + 2 * away, day)],
        ),
        "broken wing": (
            0,
            [leg(1, right, out, day), leg(-2, right, out + away, day), leg(1, right, out + 3 * away, day)],
        ),
    }
    return kinds[rng.choice(list(kinds))]


def make_book(market: Market, rng: random.Random) -> Book:
    """Return a book in which something is left to margin: a short option."""
    while True:
        stock = rng.randrange(STOCKS)
        book = Book(stock, 0, {})
        for _ in range(rng.choice((1, 1, 2, 2, 3, 4))):
            shares, legs = strategy(market, stock, rng)
            lots = rng.choice((1, 1, 2, 3, 5, 10))
            book.shares += shares * lots
            for series, contracts in legs:
                fate = rng.random()
                kept = contracts * lots
                if fate < 0.08:  # closed
                    continue
                if fate < 0.14:  # in part
                    kept = int(kept / 2)
                elif fate < 0.24:  # rolled
                    step = market.steps[stock] * rng.choice((-1, 0, 1))
                    later = [days for days in DAYS if days > series.days] or [series.days]
                    series = Series(later[0], max(market.steps[stock], series.strike + step), series.right)
                book.held[series] = book.held.get(series, 0) + kept
        book.held = {series: contracts for series, contracts in book.held.items() if contracts != 0}
        if any(contracts < 0 for contracts in book.held.values()):
            return book


# --- the ways to pair ------------------------------------------------------------------------------------------------


def naked(market: Market, stock: int, series: Series) -> float:
    """Return the requirement of a short by itself, a unit: FINRA 4210(f)(2)(E)(i)."""
    spot, is_call = market.spots[stock], series.right == "call"
    out = max(0.0, series.strike - spot if is_call else spot - series.strike)
    return market.price(stock, series) + max(0.2 * spot - out, 0.1 * (spot if is_call else series.strike))


def all_naked(market: Market, book: Book) -> float:
    """Return the requirement when nothing is paired."""
    shorts = sum(-held * naked(market, book.stock, series) for series, held in book.held.items() if held < 0)
    return 100 * shorts + 0.25 * book.shares * market.spots[book.stock]


def loss(legs: dict[Series, int]) -> float:
    """Return the greatest loss at a strike, a unit."""

    def worth(series: Series, price: float) -> float:
        return max(0.0, price - series.strike if series.right == "call" else series.strike - price)

    prices = {series.strike for series in legs}
    return max(0.0, *(-sum(n * worth(series, price) for series, n in legs.items()) for price in prices))


def first_in(market: Market, book: Book) -> float:
    """Return the requirement when each short, by expiry and strike, gets the first cover that there is.

    Stock covers calls first; then every short takes the first long of its right that lasts as long; calls and puts that
    are spreads with shorts of one expiry are charged together, as an iron condor is; what is left is a strangle where
    it can be. Backtesters pair like that.
    """
    stock, spot = book.stock, market.spots[book.stock]
    asked = 0.0
    longs = {series: held for series, held in sorted(book.held.items()) if held > 0}
    spreads: dict[int, dict[Series, int]] = {}
    alone: dict[str, list[list[Any]]] = {"call": [], "put": []}
    shares = book.shares
    for series, held in sorted(book.held.items()):
        if held >= 0:
            continue
        left = -held
        if series.right == "call":
            under = min(left, shares // 100)
            shares -= 100 * under
            left -= under
            base = min(spot, series.strike)
            asked += 100 * under * (0.25 * base + spot - base)
        for cover, available in longs.items():
            taken = min(left, available)
            if taken > 0 and cover.right == series.right and cover.days >= series.days:
                legs = spreads.setdefault(series.days, {})
                legs[series] = legs.get(series, 0) - taken
                legs[cover] = legs.get(cover, 0) + taken
                longs[cover] -= taken
                left -= taken
        if left > 0:
            alone[series.right].append([series, left])
    asked += 0.25 * shares * spot
    for legs in spreads.values():
        asked += 100 * loss(legs)
    while alone["call"] and alone["put"]:
        call, put = alone["call"][0], alone["put"][0]
        lots = min(call[1], put[1])
        of_call, of_put = naked(market, stock, call[0]), naked(market, stock, put[0])
        other = put if of_call > of_put else call
        asked += 100 * lots * (max(of_call, of_put) + market.price(stock, other[0]))
        for right, one in (("call", call), ("put", put)):
            one[1] -= lots
            if one[1] == 0:
                alone[right].pop(0)
    for series, left in [*alone["call"], *alone["put"]]:
        asked += 100 * left * naked(market, stock, series)
    return asked


def paired(market: Market, books: list[Book], rulebook: str) -> tuple[Any, Any]:
    """Return what the library asks for, and its lower bounds: what the options and the stock take of the balance."""
    series = sorted({(book.stock, one) for book in books for one in book.held})
    names = [f"S{chr(ord('A') + stock // 26)}{chr(ord('A') + stock % 26)}" for stock in range(STOCKS)]
    symbols = names + [
        f"{names[stock]:6}{TODAY + datetime.timedelta(days=one.days):%y%m%d}{one.right[0].upper()}"
        f"{round(one.strike * 1000):08d}"
        for stock, one in series
    ]
    prices = market.spots + [market.price(stock, one) for stock, one in series]
    row = {key: STOCKS + i for i, key in enumerate(series)}

    def positions() -> Iterator[tuple[int, int, float]]:
        for i, book in enumerate(books):
            if book.shares:
                yield i, book.stock, float(book.shares)
            for one, held in book.held.items():
                yield i, row[book.stock, one], float(held)

    account, symbol, quantity = (np.array(column) for column in zip(*positions(), strict=True))
    figures = mc.evaluate_frame(
        {"account_id": account, "symbol": symbol, "quantity": quantity},
        {"symbol": symbols, "kind": ["equity"] * STOCKS + [None] * len(series), "price": prices},
        {"cash": np.zeros(len(books))},
        {"valuation_date": str(TODAY)},
        {"rulebook": rulebook},
    )
    errors = [error for error in figures["error"] if error is not None]
    assert not errors, errors[0]
    options = np.array(
        [100 * sum(held * market.price(book.stock, one) for one, held in book.held.items()) for book in books]
    )
    return figures["net_requirement"] - options, figures["lower_bound"] - options


def draw(path: Path, ratios: dict[str, Any]) -> None:
    """Draw the share of books that each way asks at most a multiple of the least for."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7.2, 4.2), layout="constrained")
    share = np.arange(1, BOOKS + 1) / BOOKS * 100
    for (name, ratio), colour in zip(ratios.items(), ("#1b6ca8", "#d1495b", "#7a7a7a"), strict=True):
        axes.plot(np.sort(ratio), share, label=name, color=colour, linewidth=2)
    axes.set_xlim(1, 3)
    axes.set_ylim(0, 100)
    axes.set_xticks([1, 1.5, 2, 2.5, 3], ["the least", "1.5 times", "twice", "2.5 times", "3 times"])
    axes.set_xlabel("requirement, against the least that the rule allows")
    axes.set_ylabel("books that are asked for so much or less, %")
    axes.set_title(f"What {BOOKS:,} books of options are asked for, paired in other ways than the best", fontsize=11)
    axes.grid(alpha=0.3)
    axes.legend(loc="lower right")
    figure.savefig(path, dpi=130)


def main() -> None:
    """Print the table; draw where a path is given."""
    rng = random.Random(SEED)
    market = Market(rng)
    books = [make_book(market, rng) for _ in range(BOOKS)]
    least, bound = paired(market, books, "finra-2026")
    assert np.all(least - bound < 0.005), "every pairing is proven"
    named, _ = paired(market, books, "named-strategies")
    ways = {
        "named strategies only": named,
        "first in, first covered": np.array([first_in(market, book) for book in books]),
        "nothing paired": np.array([all_naked(market, book) for book in books]),
    }
    sizes = [len(book.held) for book in books]
    print(f"{BOOKS} books of {min(sizes)} to {max(sizes)} series, median {int(np.median(sizes))}")
    print(f"| | {' | '.join(ways)} |\n|---|{'---|' * len(ways)}")
    some = least > 0.005
    ratios = {name: np.where(some, asked / np.where(some, least, 1), np.inf) for name, asked in ways.items()}
    for name, ratio in ratios.items():
        assert np.all(ways[name] > least - 0.005), name
        ratios[name] = np.where(~some & (ways[name] < 0.005), 1.0, ratio)
    rows = {
        "asks for more than the least, of the books": [f"{np.mean(a > least + 0.005):.1%}" for a in ways.values()],
        "in all, times the least": [f"{a.sum() / least.sum():.2f}" for a in ways.values()],
        "median of the books, times": [f"{np.median(r):.2f}" for r in ratios.values()],
        "a tenth of the books, at least times": [f"{np.quantile(r, 0.9):.2f}" for r in ratios.values()],
        "more than 1.5 times, of the books": [f"{np.mean(r > 1.5):.1%}" for r in ratios.values()],
        "more than twice, of the books": [f"{np.mean(r > 2):.1%}" for r in ratios.values()],
        "asks for something where nothing is due, books": [
            f"{int(np.sum((a > 0.005) & ~some))}" for a in ways.values()
        ],
        "more than the least, mean a book, USD": [f"{np.mean(a - least):,.0f}" for a in ways.values()],
    }
    for name, cells in rows.items():
        print(f"| {name} | {' | '.join(cells)} |")
    if len(sys.argv) > 1:
        draw(Path(sys.argv[1]), ratios)


if __name__ == "__main__":
    main()
