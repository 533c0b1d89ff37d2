# SPDX-License-Identifier: Apache-2.0
"""Portfolio margin of books whose gains are given, by NumPy: `portfolio_margin.csv`.

Independent of this library: FINRA 4210(g)(7) and (8) with the offsets of SEC 15c3-1a(b)(1)(iv), from their text. A book
is positions, each with the gain of one unit at ten valuation points; the table has what `margin` makes of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TypeVar

import numpy as np
import portfolio_margin_gains
from portfolio_margin_gains import POINTS

NAME = "portfolio_margin"
SEED = 20_260_112
ROWS = 5_500
COLUMNS = (
    *("offset_carry", "minimum_level", "minimum_per_contract", "basket_offset"),
    *("portfolios", "products", "classes", "positions", "requirement", "groups"),
)
POINTS_EVERY = 8  # each eighth row has the gains of every group at every point
T = TypeVar("T")
CLEAR = 1e-7  # a choice that hangs on less, beside the largest gain, is another book's


# --- the rule --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Position:
    """What an account holds of one thing. `gains` is of one unit long, before the multiplier [USD], shape (10,)."""

    class_group: str
    quantity: float
    multiplier: float
    gains: np.ndarray
    price: float
    is_contract: bool = False
    is_basket: bool = False


@dataclass(frozen=True)
class Product:
    """A product group: what of a gain of one class offsets losses of others, and the group above, if any."""

    offset: float
    portfolio: str | None = None
    minimum_per_contract: float | None = None


@dataclass(frozen=True)
class Table:
    """The product group of each class (None: it stands alone), the product groups, and offsets of portfolio groups."""

    classes: Mapping[str, str | None]
    products: Mapping[str, Product] = field(default_factory=dict)
    portfolios: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Policy:
    """Where the rule leaves a choice."""

    offset_carry: str = "haircut"
    minimum_level: str = "class"
    minimum_per_contract: float = 0.375
    basket_offset: float = 0.95


@dataclass(frozen=True)
class Group:
    """What a group comes to.

    `points` are its gains after the cut of its level, `worst_point` the lowest point at which they are least.
    `requirement` and `binding` are of a top group, None below it; `binding` is "minimum" where a minimum asks for more
    than the loss that it is compared with does.

    `gain_used` and `gain_cut` are taken at the worst point of its top group, from what the group is made of there: with
    L the sum of the losses of its children (L <= 0), W the sum of their gains and V its own gain after the cut,

    - gain_used = min(offset * W, -L): the losses that gains offset;
    - gain_cut = W - gain_used - max(V, 0): what gains lost to the percentage, neither used here nor passed up.

    Under "haircut" gain_cut is (1 - offset) * W. Under "residual" it is (1 - offset) * W where the losses prevail
    (V <= 0), otherwise (1 - offset) / offset * gain_used: a gain that meets no loss is not cut. The children of a class
    are its stock basket and everything else in it, so both are 0 for a class without a basket, where all nets in full.
    """

    level: str
    id: str
    parent: str | None
    points: np.ndarray
    worst_point: int
    minimum: float
    gain_used: float
    gain_cut: float
    requirement: float | None = None
    binding: str | None = None


def combine(children: Sequence[np.ndarray], offset: float, carry: str) -> np.ndarray:
    """Return the gains of a group at each point: the losses of its children and a part of their gains.

    Under "haircut" every gain is cut, also that of a single child. Under "residual" what is left over was cut only
    where it met a loss: r / offset is W + L / offset. Where r is not positive the two are the same, and so with an
    offset of 0 nothing is passed up under either.
    """
    losses = np.minimum(children, 0).sum(axis=0)
    gains = np.maximum(children, 0).sum(axis=0)
    left = losses + offset * gains
    if carry == "haircut":
        return left
    return np.where(left > 0, left / (offset or 1.0), left)


def used_and_cut(children: Sequence[np.ndarray], offset: float, points: np.ndarray, worst: int) -> tuple[float, float]:
    """Return `gain_used` and `gain_cut` of a group, as `Group` has them."""
    at_worst = np.array([child[worst] for child in children])
    losses, gains = np.minimum(at_worst, 0).sum(), np.maximum(at_worst, 0).sum()
    used = min(offset * gains, -losses)
    return float(used), float(gains - used - max(points[worst], 0.0))


def minimum_of(position: Position, table: Table, policy: Policy) -> float:
    """Return the minimum of a position: a fixed amount a unit of contracts, for long ones not above their value."""
    if not position.is_contract:
        return 0.0
    product = table.classes[position.class_group]
    own = table.products[product].minimum_per_contract if product is not None else None
    units = position.quantity * position.multiplier
    asked = abs(units) * (policy.minimum_per_contract if own is None else own)
    return min(asked, units * position.price) if units > 0 else asked


def margin(positions: Iterable[Position], table: Table, policy: Policy) -> tuple[float, list[Group]]:
    """Return the requirement of an account [USD], and its groups: those in which it holds anything."""
    parts: dict[str, list[np.ndarray]] = {}  # of a class: everything else, its stock basket
    minima: dict[tuple[str, str], float] = {}
    for position in positions:
        part = parts.setdefault(position.class_group, [np.zeros(POINTS), np.zeros(POINTS)])
        part[position.is_basket] += position.quantity * position.multiplier * position.gains
        key = ("class", position.class_group)
        minima[key] = minima.get(key, 0.0) + minimum_of(position, table, policy)

    points: dict[tuple[str, str], np.ndarray] = {}
    parents: dict[tuple[str, str], tuple[str, str] | None] = {}
    made_of: dict[tuple[str, str], tuple[list[np.ndarray], float]] = {}

    def add(key: tuple[str, str], parent: tuple[str, str] | None, offset: float, carry: str) -> None:
        children = made_of[key][0] if key in made_of else [points[one] for one in points if parents[one] == key]
        made_of[key] = (children, offset)
        parents[key] = parent
        points[key] = combine(children, offset, carry)
        if key not in minima:
            minima[key] = sum(minima[one] for one in points if parents[one] == key)

    for name, (others, basket) in parts.items():
        product = table.classes[name]
        made_of["class", name] = ([others, basket], policy.basket_offset)
        add(("class", name), ("product", product) if product is not None else None, policy.basket_offset, "residual")
        if not basket.any():
            points["class", name] = others  # to the bit
    for name, product in table.products.items():
        if ("product", name) in parents.values():
            above = ("portfolio", product.portfolio) if product.portfolio is not None else None
            add(("product", name), above, product.offset, policy.offset_carry)
    for name, offset in table.portfolios.items():
        if ("portfolio", name) in parents.values():
            add(("portfolio", name), None, offset, policy.offset_carry)

    def top_of(key: tuple[str, str]) -> tuple[str, str]:
        above = parents[key]
        return key if above is None else top_of(above)

    groups = []
    for key, vector in points.items():
        worst_of_top = int(np.argmin(points[top_of(key)]))
        used, cut = used_and_cut(*made_of[key], vector, worst_of_top)
        parent = parents[key]
        group = Group(
            level=key[0],
            id=key[1],
            parent=parent and parent[1],
            points=vector,
            worst_point=int(np.argmin(vector)),
            minimum=minima[key],
            gain_used=used,
            gain_cut=cut,
        )
        if parent is None:
            below = [one for one in points if one[0] == "class" and top_of(one) == key]
            requirement, binding = top_requirement(
                vector, [points[one] for one in below], [minima[one] for one in below], policy.minimum_level
            )
            group = replace(group, requirement=requirement, binding=binding)
        groups.append(group)
    return sum(group.requirement or 0.0 for group in groups), groups


def top_requirement(
    points: np.ndarray, classes: Sequence[np.ndarray], minima: Sequence[float], level: str
) -> tuple[float, str]:
    """Return the requirement of a top group and what binds: the loss at its worst point, or minima.

    Compared by class, each class that loses at the worst point keeps a part of the loss of the top group, in the
    proportion of its own.
    """
    worst = int(np.argmin(points))
    loss = max(0.0, -float(points[worst]))
    if level == "top_group":
        minimum = sum(minima)
        return max(loss, minimum), "minimum" if minimum > loss else "loss"
    own = np.array([max(0.0, -float(one[worst])) for one in classes])
    kept = own * loss / own.sum() if own.sum() > 0 else own
    return float(np.maximum(kept, minima).sum()), "minimum" if np.any(np.array(minima) > kept) else "loss"


# --- books -----------------------------------------------------------------------------------------------------------

GAINS = list(islice(portfolio_margin_gains.vectors(), portfolio_margin_gains.ROWS))
QUIET = [row for row, gains in enumerate(GAINS) if np.abs(gains).max() <= 0.5]  # where minima bind
OFFSETS = (0.0, 0.5, 0.75, 0.9, 0.9, 0.95, 1.0)
MINIMA = (0.375, 0.375, 0.25, 0.0)


@dataclass(frozen=True)
class Book:
    """A random book: positions with the row of their gains, groups, and a policy."""

    positions: tuple[tuple[int, Position], ...]
    table: Table
    policy: Policy


def pick(random: np.random.Generator, values: Sequence[T]) -> T:
    """Return one of some values."""
    return values[int(random.integers(len(values)))]


def draw_table(random: np.random.Generator) -> Table:
    """Return groups of one to eight classes, up to four product groups and up to two portfolio groups."""
    portfolios = {f"F{i}": pick(random, OFFSETS) for i in range(int(random.integers(0, 3)))}
    products = {}
    for i in range(int(random.integers(1, 5))):
        above = pick(random, list(portfolios)) if portfolios and random.random() < 0.8 else None
        minimum = pick(random, (0.25, 1.0)) if random.random() < 0.1 else None
        products[f"P{i}"] = Product(pick(random, OFFSETS), above, minimum)
    classes = {}
    for i in range(int(random.integers(1, 9))):
        classes[f"C{i}"] = pick(random, list(products)) if random.random() < 0.8 else None
    return Table(classes, products, portfolios)


def draw_position(
    random: np.random.Generator, table: Table, scale: int, rows_of: Sequence[int]
) -> tuple[int, Position]:
    """Return a position and the row of its gains."""
    row = pick(random, rows_of)
    sign = float(random.choice([-1, 1]))
    name = pick(random, list(table.classes))
    if random.random() < 0.65:
        multiplier = pick(random, (100.0, 100.0, 100.0, 10.0, 50.0))
        price = float(pick(random, (0.0, 0.05, 0.25, 0.375, 0.5, 1.5, 12.25)))
        quantity = sign * int(random.integers(1, 10 * scale + 1))
        return row, Position(name, quantity, multiplier, GAINS[row], price, is_contract=True)
    quantity = sign * float(random.integers(1, 400 * scale + 1)) / (4 if random.random() < 0.1 else 1)
    return row, Position(name, quantity, 1.0, GAINS[row], 40.0, is_basket=bool(random.random() < 0.3))


def draw_book(random: np.random.Generator) -> Book:
    """Return a book of one to forty positions."""
    table = draw_table(random)
    size = min(40, 1 + int(random.geometric(0.12)))
    scale = pick(random, (1, 1, 10))
    rows_of = QUIET if random.random() < 0.3 else range(len(GAINS))
    policy = Policy(
        offset_carry=pick(random, ("haircut", "residual")),
        minimum_level=pick(random, ("class", "top_group")),
        minimum_per_contract=pick(random, MINIMA),
        basket_offset=pick(random, (0.95, 0.95, 0.9, 1.0)),
    )
    return Book(tuple(draw_position(random, table, scale, rows_of) for _ in range(size)), table, policy)


def result_of(book: Book, factor: float = 1.0) -> tuple[float, list[Group]]:
    """Return what a book comes to, or would with every gain times a factor."""
    held = [replace(position, gains=position.gains * factor) for _, position in book.positions]
    return margin(held, book.table, book.policy)


def is_clear(book: Book, groups: Sequence[Group]) -> bool:
    """Return whether no choice hangs on rounding: which point is the worst, and which of loss and minimum binds.

    Points may tie where every position has one gain at them.
    """
    gains = np.array([position.gains * position.quantity * position.multiplier for _, position in book.positions])
    scale = max(1.0, float(np.abs(gains).max(axis=1).sum()))
    for group in groups:
        tied = np.flatnonzero(group.points - group.points.min() <= CLEAR * scale)
        if np.any(gains[:, tied] != gains[:, tied[:1]]):
            return False
    more, less = (result_of(book, factor)[1] for factor in (1 + CLEAR, 1 - CLEAR))
    return [group.binding for group in more] == [group.binding for group in less]


def text_of(value: float, digits: int = 12) -> str:
    """Return a number as text."""
    return f"{value + 0.0:.{digits}g}".replace("e+0", "e")


def cells_of(book: Book) -> tuple[str, ...]:
    """Return the cells of a book: `-` where a group has no parent or no minimum of its own."""
    policy, table = book.policy, book.table
    products = (
        (
            name,
            text_of(one.offset),
            one.portfolio or "-",
            "-" if one.minimum_per_contract is None else text_of(one.minimum_per_contract),
        )
        for name, one in table.products.items()
    )
    positions = (
        (
            one.class_group,
            "c" if one.is_contract else "b" if one.is_basket else "s",
            text_of(one.quantity),
            text_of(one.multiplier),
            str(row),
            text_of(one.price),
        )
        for row, one in book.positions
    )
    return (
        *(
            policy.offset_carry,
            policy.minimum_level,
            text_of(policy.minimum_per_contract),
            text_of(policy.basket_offset),
        ),
        " ".join(f"{name}:{text_of(offset)}" for name, offset in table.portfolios.items()),
        " ".join(":".join(product) for product in products),
        " ".join(f"{name}:{product or '-'}" for name, product in table.classes.items()),
        " ".join(":".join(position) for position in positions),
    )


def cell_of(group: Group, *, has_points: bool) -> str:
    """Return level, id, worst point, minimum, gain used and cut, requirement, what binds, gains at the points."""
    top = ("-", "-") if group.requirement is None else (text_of(group.requirement), str(group.binding))
    return ":".join(
        (
            *(group.level, group.id, str(group.worst_point), text_of(group.minimum)),
            *(text_of(group.gain_used), text_of(group.gain_cut), *top),
            ";".join(text_of(point) for point in group.points) if has_points else "-",
        )
    )


def rows() -> Iterator[tuple[str, ...]]:
    """Yield the rows of the table as text."""
    random, index = np.random.default_rng(SEED), 0
    while True:
        book = draw_book(random)
        total, groups = result_of(book)
        if is_clear(book, groups):
            told = " ".join(cell_of(group, has_points=index % POINTS_EVERY == 0) for group in groups)
            yield (*cells_of(book), text_of(total), told)
            index += 1
