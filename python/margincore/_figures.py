# SPDX-License-Identifier: Apache-2.0
"""The figures of a report that people are shown, with their names: one list for terminals and notebooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from margincore import (
        AddOnLine,
        BetaWeighted,
        ComparedGroup,
        Comparison,
        PairedPositions,
        Report,
        ReportLine,
        UnderlyingStress,
    )


def figures(report: Report) -> list[tuple[str, float | None]]:
    """Return names and amounts, USD, in the order in which they are shown."""
    return [
        ("net liquidation value", report.net_liquidation),
        ("equity", report.equity),
        ("initial requirement", report.requirement.initial),
        ("maintenance requirement", report.requirement.maintenance),
        ("house add-ons", report.requirement.add_ons),
        ("total requirement", report.requirement.total),
        ("Regulation T excess", report.excess.initial),
        ("maintenance excess", report.excess.maintenance),
        ("house excess", report.excess.total),
        ("maintenance call", report.call.maintenance),
        ("house call", report.call.house),
        ("withdrawable", report.withdrawable),
        ("buying power", report.buying_power),
    ]


def holding(line: ReportLine | AddOnLine) -> str:
    """Return what a line is about: its symbols, each once, or the account."""
    return ", ".join(dict.fromkeys(line.positions)) or "account"


def strike(group: PairedPositions) -> str:
    """Return the strike at which a group loses most."""
    return "-" if group.worst_strike is None else f"{group.worst_strike:,.15g}"


def next_best(group: PairedPositions) -> str:
    """Return what a group would ask for if it were not allowed, and by which rule."""
    return "-" if group.next_best is None else f"{group.next_best.amount:,.2f} ({group.next_best.rule})"


def call_prices(report: Report) -> list[tuple[str, str, str]]:
    """Return symbol, price below and price above of each stock that has a price at which a call begins."""

    def text(price: float | None) -> str:
        return "-" if price is None else f"{price:,.4f}"

    prices = report.call_prices.items()
    return [(symbol, text(down), text(up)) for symbol, (down, up) in prices if (down, up) != (None, None)]


def reverse_stress(weighted: BetaWeighted) -> list[tuple[str, str, str]]:
    """Return what is used up, and the moves of the benchmark down and up that use it up."""
    rows = (("excess is zero", weighted.reverse.excess_zero), ("equity is zero", weighted.reverse.equity_zero))
    return [(name, _move(down), _move(up)) for name, (down, up) in rows]


def _move(move: float | None) -> str:
    return "none" if move is None else f"{move:+.4%}"


# Names of what is shown of each underlying: gains in the third and fourth, moves in the last two.
UNDERLYING = ("alone", "net value", "delta shares", "P&L -25%", "P&L +25%", "equity 0 down", "equity 0 up")


def underlyings(rows: Iterable[UnderlyingStress]) -> list[tuple[str, float, str, float | None, float | None, str, str]]:
    """Return what each underlying does to the account when it moves alone, under the names of `UNDERLYING`."""
    return [
        (
            row.underlying,
            row.net_value,
            f"{row.delta_shares:,.2f}",
            row.pnl[0],
            row.pnl[1],
            _move(row.point_of_no_return[0]),
            _move(row.point_of_no_return[1]),
        )
        for row in rows
    ]


def exposure(weighted: BetaWeighted) -> str:
    """Return the account as so much of the benchmark, in words."""
    shares = "not computed, no price" if weighted.shares is None else f"{weighted.shares:,.2f}"
    leverage = "-" if weighted.leverage is None else f"{weighted.leverage:.2f}"
    size = f"beta-weighted exposure {weighted.exposure:,.2f} USD"
    return f"{size}, {weighted.benchmark} shares {shares}, leverage {leverage}"


def compared_figures(comparison: Comparison) -> list[tuple[str, float | None, float | None]]:
    """Return names and amounts by strategy and under portfolio margin, USD."""
    columns = []
    for of in (comparison.strategy, comparison.portfolio):
        columns.append(
            [None] * 8
            if of is None
            else [
                of.net_liquidation,
                of.equity,
                of.requirement.maintenance,
                of.requirement.add_ons,
                of.requirement.total,
                of.excess.maintenance,
                of.excess.total,
                of.net_requirement,
            ]
        )
    names = (
        "net liquidation value",
        "equity",
        "maintenance requirement",
        "house add-ons",
        "total requirement",
        "maintenance excess",
        "house excess",
        "net requirement",
    )
    return list(zip(names, *columns, strict=True))


def compared_group(group: ComparedGroup) -> tuple[str, str]:
    """Return the name of a compared group and what it holds."""
    legs = zip(group.quantities, group.positions, strict=True)
    return group.id or "not eligible", ", ".join(f"{quantity:,.15g} {symbol}" for quantity, symbol in legs)


def verdict(comparison: Comparison) -> str:
    """Return which method asks for less and by how much, or why that cannot be said."""
    if comparison.strategy_refused is not None:
        return f"no comparison: strategy refuses the account: {comparison.strategy_refused.message}"
    if comparison.portfolio_refused is not None:
        return f"no comparison: portfolio margin refuses the account: {comparison.portfolio_refused.message}"
    assert comparison.difference is not None
    if comparison.lower == "equal":
        return "both methods have the same net requirement"
    name = "portfolio margin" if comparison.lower == "portfolio" else "strategy"
    return f"{name} is lower by {abs(comparison.difference):,.2f} USD of net requirement"
