# SPDX-License-Identifier: Apache-2.0
"""A hedged account with options under both methods: what margincore makes of it, and of more and more of the hedge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import margincore as mc

from workshop_demo.fields import Field, ScenarioError
from workshop_demo.words import cents, dollars

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True)
class Hedge:
    """A stock and an option on it, the two alone: net requirements by contracts, USD."""

    stock: str
    option: str
    shares: float
    held: int
    """Contracts that the account has."""
    contracts: tuple[int, ...]
    strategy: tuple[float, ...]
    portfolio: tuple[float, ...]


@dataclass(frozen=True)
class Methods:
    """An account under the strategy method and under portfolio margin."""

    title: str
    story: tuple[str, ...]
    comparison: mc.Comparison
    hedge: Hedge

    @property
    def verdict(self) -> str:
        """Which method asks for less, and by how much."""
        if self.comparison.lower == "equal" or self.comparison.difference is None:
            return "Both methods ask for the same."
        name = "Portfolio margin" if self.comparison.lower == "portfolio" else "Strategy"
        return f"{name} asks for {cents(abs(self.comparison.difference))} USD less."


def _compare(document: Mapping[str, Any], place: str) -> mc.Comparison:
    """Return the comparison of a document, which both methods have to margin."""
    try:
        comparison = mc.compare(dict(document))
    except mc.MarginError as error:
        raise ScenarioError(f"{place}: document.{error}") from None
    for refused in (comparison.strategy_refused, comparison.portfolio_refused):
        if refused is not None:
            raise ScenarioError(f"{place}: document.{refused.message}")
    return comparison


def _net(comparison: mc.Comparison) -> tuple[float, float]:
    assert comparison.strategy is not None
    assert comparison.portfolio is not None
    return comparison.strategy.net_requirement, comparison.portfolio.net_requirement


def _hedge(document: Mapping[str, Any], stock: Field, option: Field, place: str) -> Hedge:
    """Return what the stock asks for with none of the option up to twice what the account has."""
    quantities = {item["symbol"]: item.get("quantity", 0) for item in document["account"]["positions"]}
    for field in (stock, option):
        field.one_of(tuple(quantities), "a position of the account")
    shares, held = quantities[stock.value], quantities[option.value]
    step = 1 if held > 0 else -1
    contracts = tuple(range(0, 2 * held + step, step))
    both = []
    for count in contracts:
        positions = [{"symbol": stock.value, "quantity": shares}]
        if count:
            positions.append({"symbol": option.value, "quantity": count})
        account = {**document["account"], "positions": positions}
        both.append(_net(_compare({**document, "account": account}, place)))
    strategy, portfolio = zip(*both, strict=True)
    return Hedge(stock.value, option.value, shares, held, contracts, strategy, portfolio)


def read_methods(file: Path) -> Methods:
    """Return the comparison of the account that a file has.

    Raises ScenarioError where margincore refuses the account; the error names the file and the place.
    """
    keys = Field.read(file).object(("title", "document", "hedge"), ("story",))
    document = keys["document"].value
    if not isinstance(document, dict):
        keys["document"].fail("must be an account document")
    hedge = keys["hedge"].object(("stock", "option"))
    return Methods(
        title=keys["title"].text(),
        story=tuple(item.text() for item in keys["story"].items()) if "story" in keys else (),
        comparison=_compare(document, str(file)),
        hedge=_hedge(document, hedge["stock"], hedge["option"], str(file)),
    )


def group_rows(comparison: mc.Comparison) -> list[tuple[str, str, float, float, float]]:
    """Return name, holdings, strategy, portfolio margin and difference of each group, and what lies between them."""
    rows = []
    for group in comparison.groups:
        legs = zip(group.quantities, group.positions, strict=True)
        held = ", ".join(f"{quantity:g} {' '.join(symbol.split())}" for quantity, symbol in legs)
        assert group.strategy is not None
        assert group.difference is not None
        rows.append((group.id or "not eligible", held, group.strategy, group.portfolio, group.difference))
    between = comparison.between_groups or 0.0
    rows.append(("between groups", "offsets across them, by strategy alone", between, 0.0, between))
    return rows


def plain_lines(methods: Methods) -> list[str]:
    """Both methods as lines of text, without escape codes."""
    lines = [f"Both methods  {methods.title}"]
    rows = [
        (name, strategy, portfolio, difference)
        for name, _, strategy, portfolio, difference in group_rows(methods.comparison)
    ]
    strategy, portfolio = _net(methods.comparison)
    rows.append(("account", strategy, portfolio, methods.comparison.difference or 0.0))
    lines.append(f"    {'net requirement, USD':<20} {'strategy':>10} {'portfolio':>10} {'difference':>11}")
    lines.extend(f"    {name:<20} {dollars(a):>10} {dollars(b):>10} {dollars(c):>11}" for name, a, b, c in rows)
    return [*lines, f"  {methods.verdict}", ""]
