# SPDX-License-Identifier: Apache-2.0
"""Least net requirements of books of options on one underlying, by a mixed-integer solver: `pairing.csv`.

The program is FINRA 4210(f)(2) as it is written, and none of this library: a group of options for every expiry of a
short, a variable for every pair of a call and a put in a straddle, exact fractions until the solver takes them. Takes
half an hour: `pip install scipy` and `python tests/oracle/pairing.py`.
"""

from __future__ import annotations

import math
import random
import sys
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from pathlib import Path
from statistics import NormalDist

import numpy as np
import scipy.sparse
from scipy.optimize import Bounds, LinearConstraint, milp

SEED = 20261126
SIZES = [*range(1, 13)] * 375 + [*range(13, 31)] * 25 + [*range(35, 61, 5)] * 10  # series; 5,010 books
LARGEST_QUANTITIES = (1, 5, 20, 100, 1000)
DAYS = (7, 14, 21, 28, 56, 84, 120, 180, 240, 270)  # within nine months: no long option has loan value
SECONDS_ENOUGH = 30.0  # a book


@dataclass(frozen=True)
class Series:
    """Options of one series that an account holds."""

    right: str
    strike: float
    days: int
    multiplier: int
    quantity: int
    price: float


@dataclass(frozen=True)
class Book:
    """Options on one stock, and shares of it."""

    price: float
    shares: int
    series: tuple[Series, ...]


@dataclass(frozen=True)
class Rules:
    """Which options are one spread, and where a rulebook's rates differ: as the exchange rule has it, unless said."""

    any_leg: bool = True
    long_surplus: bool = False
    unequal_iron_wings: bool = True
    covered_call_on_market: bool = False


EXCHANGE = Rules()


def exact(number: float) -> Fraction:
    """Return the decimal that a number is written as."""
    return Fraction(repr(number))


# --- books -----------------------------------------------------------------------------------------------------------


def option_price(right: str, spot: float, strike: float, years: float, volatility: float) -> float:
    """Return a price by Black and Scholes without interest: what matters is that it is like a market's."""
    normal = NormalDist().cdf
    deviation = volatility * math.sqrt(years)
    d1 = math.log(spot / strike) / deviation + deviation / 2
    call = spot * normal(d1) - strike * normal(d1 - deviation)
    return call if right == "call" else call - spot + strike


def make_book(size: int, rng: random.Random) -> Book:
    """Return a random book of a number of series, cents for prices."""
    spot = round(rng.choice([4.8, 23.4, 57.13, 97.73, 181.5, 412.07, 655.2]) * math.exp(rng.gauss(0, 0.3)), 2)
    step = 1.0 if spot < 60 else 2.5 if spot < 150 else 5.0
    days = rng.sample(DAYS, rng.randint(1, min(6, size)))
    volatility = rng.uniform(0.15, 0.8)
    largest = rng.choice(LARGEST_QUANTITIES)
    has_minis = rng.random() < 0.2
    held: dict[tuple[str, float, int, int], Series] = {}
    while len(held) < size:
        right = rng.choice(["call", "put"])
        expiry = rng.choice(days)
        strike = (round(spot / step) + round(rng.gauss(0, 7))) * step
        multiplier = 10 if has_minis and rng.random() < 0.3 else 100
        if strike <= 0:
            continue
        fair = option_price(right, spot, strike, expiry / 365, volatility)
        price = round(max(fair, 0.01) * rng.uniform(0.95, 1.05), 2)
        quantity = rng.randint(1, largest) * rng.choice([1, -1])
        held[right, strike, expiry, multiplier] = Series(right, strike, expiry, multiplier, quantity, price)
    shares = rng.choice([1, -1]) * rng.randint(1, 200 * largest) if rng.random() < 0.4 else 0
    return Book(spot, shares, tuple(held.values()))


# --- the rule --------------------------------------------------------------------------------------------------------


def naked(one: Series, spot: Fraction) -> Fraction:
    """Return the requirement of a short option by itself, a unit: FINRA 4210(f)(2)(E)(i)."""
    strike = exact(one.strike)
    out = max(Fraction(0), strike - spot if one.right == "call" else spot - strike)
    floor_of = spot if one.right == "call" else strike
    return exact(one.price) + max(Fraction(20, 100) * spot - out, Fraction(10, 100) * floor_of)


def stock_alone(book: Book) -> Fraction:
    """Return the maintenance of a share: FINRA 4210(c)(1) to (3)."""
    spot = exact(book.price)
    if book.shares >= 0:
        return spot / 4
    return max(spot, Fraction(5, 2)) if spot < 5 else max(Fraction(5), Fraction(30, 100) * spot)


def hedges(book: Book, rules: Rules = EXCHANGE) -> list[tuple[tuple[int, ...], int, Fraction]]:
    """Return options, multiplier and what a share costs more than by itself: FINRA 4210(f)(2)(H)(iv) and (v)."""
    spot, alone = exact(book.price), stock_alone(book)
    covers, protects = ("call", "put") if book.shares > 0 else ("put", "call")
    found: list[tuple[tuple[int, ...], int, Fraction]] = []
    if book.shares == 0:
        return found
    for i, one in enumerate(book.series):
        strike = exact(one.strike)
        if one.right == covers and one.quantity < 0:
            if book.shares > 0:
                base = spot if rules.covered_call_on_market else min(spot, strike)
                cost = base / 4 + max(spot - strike, Fraction(0)) - alone
            else:
                cost = max(strike - spot, Fraction(0))
            found.append(((i,), one.multiplier, cost))
        if one.right == protects and one.quantity > 0:
            out = max(spot - strike if protects == "put" else strike - spot, Fraction(0))
            found.append(((i,), one.multiplier, min(strike / 10 + out, alone) - alone))
    for i, written in enumerate(book.series):
        for j, bought in enumerate(book.series):
            if (
                written.quantity > 0 or bought.quantity < 0 or written.right != covers or bought.right != protects
                or written.days != bought.days or written.multiplier != bought.multiplier
            ):  # fmt: skip
                continue
            call, put = exact(written.strike), exact(bought.strike)
            if book.shares < 0:
                if call == put:
                    found.append(((i, j), written.multiplier, call / 10 + max(call - spot, Fraction(0)) - alone))
            elif put <= call:
                out = max(spot - put, Fraction(0))
                asked = call / 10 if put == call else min(put / 10 + out, call / 4)
                found.append(((i, j), written.multiplier, asked + max(spot - call, Fraction(0)) - alone))
    return found


class Program:
    """A mixed-integer program under construction."""

    def __init__(self) -> None:
        self.costs: list[float] = []
        self.upper: list[float] = []
        self.rows: list[tuple[dict[int, float], float, float]] = []

    def variable(self, cost: Fraction | int, upper: float) -> int:
        """Add an integer variable from 0 on."""
        self.costs.append(float(cost))
        self.upper.append(upper)
        return len(self.costs) - 1

    def row(self, coefficients: dict[int, float], least: float, most: float) -> None:
        """Add a row."""
        if coefficients:
            self.rows.append((coefficients, least, most))

    def solve(self, whole: set[int]) -> float:
        """Return the least cost, with some variables whole numbers."""
        matrix = scipy.sparse.lil_matrix((len(self.rows), len(self.costs)))
        for i, (coefficients, _, _) in enumerate(self.rows):
            for j, coefficient in coefficients.items():
                matrix[i, j] = coefficient
        result = milp(
            self.costs,
            constraints=LinearConstraint(matrix.tocsr(), [row[1] for row in self.rows], [row[2] for row in self.rows]),
            bounds=Bounds(0, self.upper),
            integrality=[int(j in whole) for j in range(len(self.costs))],
            options={"mip_rel_gap": 0, "time_limit": SECONDS_ENOUGH},
        )
        if result.status != 0:
            raise TimeoutError(result.message)
        return float(result.fun)


def is_named(legs: tuple[Series, ...], units: tuple[int, ...], rules: Rules) -> bool:
    """Return whether options, of units each, negative when short, are one spread with a name."""
    if len(legs) == 2:
        short, long = sorted(zip(units, legs, strict=True), key=lambda pair: pair[0])
        same = short[1].right == long[1].right and -short[0] == long[0]
        return same and short[1].days <= long[1].days
    if len({one.days for one in legs}) > 1:
        return False
    by_strike = sorted((one.strike, one.right, unit) for one, unit in zip(legs, units, strict=True))
    one_unit = min(abs(unit) for unit in units)
    parts = {
        right: [(strike, unit / one_unit) for strike, of, unit in by_strike if of == right] for right in ("call", "put")
    }
    for of_right in parts.values():
        if len(of_right) > 1 and len({strike for strike, _ in of_right}) < len(of_right):
            return False
    (calls, puts) = parts.values()
    if not calls or not puts:
        shape = [unit for _, unit in calls or puts]
        return shape in ([1, -2, 1], [-1, 2, -1], [1, -1, -1, 1], [-1, 1, 1, -1])
    if len(calls) != 2 or len(puts) != 2 or [unit for _, unit in calls + puts] not in ([-1, 1, 1, -1], [1, -1, -1, 1]):
        return False
    (call_low, call_high), (put_low, put_high) = ([strike for strike, _ in side] for side in (calls, puts))
    if (call_low, call_high) == (put_low, put_high):
        return True
    return put_high <= call_low and (rules.unequal_iron_wings or put_high - put_low == call_high - call_low)


def named_spreads(book: Book, rules: Rules) -> list[tuple[dict[int, int], Fraction]]:
    """Return contracts by series, and the greatest loss, of every named spread that the book has options for."""
    found = []
    for size in (2, 3, 4):
        for chosen in combinations(range(len(book.series)), size):
            legs = tuple(book.series[i] for i in chosen)
            lot = math.lcm(*(one.multiplier for one in legs))
            for shape in [(1,) * size] if size != 3 else [(2, 1, 1), (1, 2, 1), (1, 1, 2)]:
                units = tuple(
                    part * lot if one.quantity > 0 else -part * lot for part, one in zip(shape, legs, strict=True)
                )
                if not is_named(legs, units, rules):
                    continue
                loss = Fraction(0)
                for strike in (one.strike for one in legs):
                    value = sum(unit * exact(worth(one, strike)) for one, unit in zip(legs, units, strict=True))
                    loss = max(loss, -Fraction(value))
                contracts = {i: part * lot // one.multiplier for i, part, one in zip(chosen, shape, legs, strict=True)}
                found.append((contracts, loss))
    return found


def worth(one: Series, price: float) -> float:
    """Return what exercise brings at a price of the underlying, a unit."""
    return max(price - one.strike if one.right == "call" else one.strike - price, 0.0)


def least_cost(book: Book, rules: Rules = EXCHANGE) -> float:
    """Return what options and hedges ask for at least, over the stock by itself: strategy margin's pairing."""
    spot = exact(book.price)
    series = book.series
    program = Program()
    whole: set[int] = set()
    lot = math.gcd(*(one.multiplier for one in series))
    cut_dates = sorted({one.days for one in series if one.quantity < 0}) if rules.any_leg else []
    named = [
        (contracts, program.variable(loss, min(abs(series[i].quantity) // count for i, count in contracts.items())))
        for contracts, loss in ([] if rules.any_leg else named_spreads(book, rules))
    ]
    whole.update(variable for _, variable in named)
    taken: dict[tuple[int, int], int] = {}
    for date in cut_dates:
        for i, one in enumerate(series):
            if one.days <= date if one.quantity < 0 else one.days >= date:
                taken[i, date] = program.variable(0, abs(one.quantity))
    whole.update(taken.values())
    loss = {date: program.variable(1, math.inf) for date in cut_dates}
    alone = {
        i: program.variable(naked(one, spot) * one.multiplier, abs(one.quantity))
        for i, one in enumerate(series)
        if one.quantity < 0
    }
    whole.update(alone.values())
    pairs: dict[tuple[int, int], int] = {}  # lots of a straddle, and what it costs less than both naked
    for i, call in enumerate(series):
        for j, put in enumerate(series):
            if call.quantity < 0 and put.quantity < 0 and call.right == "call" and put.right == "put":
                of_call, of_put = naked(call, spot), naked(put, spot)
                if of_call == of_put:
                    cost = of_call + max(exact(call.price), exact(put.price))
                else:
                    cost = max((of_call, exact(put.price)), (of_put, exact(call.price)))
                    cost = cost[0] + cost[1]
                pairs[i, j] = program.variable((cost - of_call - of_put) * lot, math.inf)
    with_stock = [(legs, units, program.variable(cost * units, math.inf)) for legs, units, cost in hedges(book, rules)]
    whole.update(variable for _, _, variable in with_stock)

    for i, one in enumerate(series):
        uses = {taken[i, date]: 1.0 for date in cut_dates if (i, date) in taken}
        uses |= {variable: 1.0 for legs, _, variable in with_stock if i in legs}
        uses |= {variable: float(contracts[i]) for contracts, variable in named if i in contracts}
        if one.quantity < 0:
            program.row(uses | {alone[i]: 1.0}, -one.quantity, -one.quantity)
            straddled = {variable: float(lot) for pair, variable in pairs.items() if i in pair}
            program.row(straddled | {alone[i]: -float(one.multiplier)}, -math.inf, 0.0)
        else:
            program.row(uses, -math.inf, one.quantity)
    program.row({variable: float(units) for _, units, variable in with_stock}, -math.inf, abs(book.shares))
    for date in cut_dates:
        in_group = [i for i in range(len(series)) if (i, date) in taken]
        for right in ("call", "put"):
            program.row(
                {
                    taken[i, date]: math.copysign(series[i].multiplier, series[i].quantity)
                    for i in in_group
                    if series[i].right == right
                },
                0.0,
                math.inf if rules.long_surplus else 0.0,
            )
        strikes = {series[i].strike for i in in_group}
        for strike in sorted(strikes | {0.0, 2 * max(strikes, default=0.0)}) if rules.long_surplus else sorted(strikes):
            row = {loss[date]: 1.0}
            for i in in_group:
                one = series[i]
                row[taken[i, date]] = math.copysign(worth(one, strike) * one.multiplier, one.quantity)
            program.row(row, 0.0, math.inf)
    return program.solve(whole) if program.costs and np.any(program.costs) else 0.0


def net_requirement(book: Book, rules: Rules = EXCHANGE) -> float:
    """Return net liquidation value less the excess over maintenance of an account that holds a book, to the cent."""
    options = sum((exact(one.price) * one.multiplier * one.quantity for one in book.series), Fraction(0))
    stock = abs(book.shares) * stock_alone(book)
    return round(float(options + stock) + least_cost(book, rules), 2)


def text_of(book: Book) -> str:
    """Return the columns that a book is written in."""
    series = " ".join(
        f"{one.right[0]}:{one.strike:g}:{one.days}:{one.multiplier}:{one.quantity}:{one.price}" for one in book.series
    )
    return f"{book.price},{book.shares},{series}"


def main() -> None:
    """Write the table; what is there already is kept."""
    path = Path(__file__).with_name("pairing.csv")
    rng = random.Random(SEED)
    books = [make_book(size, rng) for size in SIZES]
    order = random.Random(SEED).sample(range(len(books)), len(books))  # so that the first rows are of all sizes
    done = path.read_text(encoding="utf-8").count("\n") - 1 if path.exists() else 0
    with path.open("a", encoding="utf-8") as file:
        if done <= 0:
            file.write("price,shares,series,net_requirement\n")
        for count, k in enumerate(order[max(done, 0) :], max(done, 0)):
            book = books[k]
            try:
                value = f"{net_requirement(book):.2f}"
            except TimeoutError:
                value = ""  # not solved: no row to compare with, but kept, so that the others stay where they are
            file.write(f"{text_of(book)},{value}\n")
            file.flush()
            if count % 100 == 0:
                print(f"{count} of {len(books)}", file=sys.stderr)


if __name__ == "__main__":
    main()
