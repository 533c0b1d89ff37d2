# SPDX-License-Identifier: Apache-2.0
"""Pictures of what is margined together and of portfolio margin, drawn with matplotlib: ``margincore[plot]``."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from margincore import _core
from margincore._plot_portfolio import heat_map, hedge_ratio, points, waterfall
from margincore.errors import InvalidInput, MissingData

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from margincore._core import PairedPositions, Report
    from margincore._evaluate import Document

__all__ = ["heat_map", "hedge_ratio", "payoff", "points", "waterfall"]

_CURVE, _LOSS, _GAIN, _QUIET = "#1f4e79", "#b00020", "#2e7d32", "#707070"


@dataclass(frozen=True)
class _Holding:
    """One position of a group: an option where it has a strike, else stock."""

    quantity: float
    underlying: str
    price: float | None
    right: str = ""
    strike: float | None = None
    expiry: str = ""
    multiplier: float = 1.0

    def value(self, at: float) -> float:
        """Return what exercise brings at a price of the underlying, or what stock has gained there since now, USD."""
        if self.strike is None:
            assert self.price is not None
            return self.quantity * (at - self.price)
        sign = 1 if self.right == "call" else -1
        return self.quantity * self.multiplier * max(0.0, sign * (at - self.strike))

    def label(self) -> str:
        """Return the option as its mark: ``-2 C 110``."""
        return f"{self.quantity:+,.15g} {self.right[0].upper()} {self.strike:,.15g}"


def payoff(document: Document, group: int | str = 0, ax: Axes | None = None) -> Axes:
    """Return axes with the payoff of a group of the pairing at expiry, its strikes and where it loses most.

    The curve is what the options bring by exercise, premiums apart, as the rule counts it, and what stock gains from
    its price in the document. Where the options expire on several days it is their value on the last day of the shorts,
    with longs that live on at what their exercise would bring.

    Parameters
    ----------
    document : dict, bytes, str or path
        An account document, as for `evaluate`. A report would not do: it has no contract sizes and no prices.
    group : int or str
        Place in ``report.pairing``, or its ``name`` where one group alone has it.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure when left out.

    Returns
    -------
    matplotlib.axes.Axes
        Prices of the underlying along x, USD along y.

    Raises
    ------
    ImportError
        Without matplotlib.
    InvalidInput, MissingData, Unsupported, NumericalFailure
        With ``.where``: what `evaluate` raises, and ``group`` where the account has no such group.

    Source
    ------
    FINRA 4210(f)(2)(H)(i): the greatest loss over the strikes.
    """
    try:
        from matplotlib import pyplot
        from matplotlib.ticker import StrMethodFormatter
    except ImportError:
        raise ImportError("matplotlib must be installed to draw; pip install 'margincore[plot]'") from None
    from margincore._evaluate import _source, evaluate

    if isinstance(document, _core.Report):
        raise InvalidInput(
            "document: must be an account document, got a report, which has no contract sizes and no prices", "document"
        )
    source = _source(document)
    of = _find(evaluate(source), group)
    terms = _core.position_terms(source, of.positions)
    holdings = [_Holding(quantity, **term) for quantity, term in zip(of.quantities, terms, strict=True)]
    spot = holdings[0].price
    if spot is None:
        raise MissingData(f"group: must have a price of {holdings[0].underlying}, got none", "group")
    if ax is None:
        _, ax = pyplot.subplots(figsize=(8.0, 4.8), layout="constrained")
    strikes = sorted({holding.strike for holding in holdings if holding.strike is not None})
    low, high = _range([*strikes, spot])
    prices = sorted({low, *strikes, spot, high})  # between them the curve is straight
    values = [sum(holding.value(price) for holding in holdings) for price in prices]

    ax.axhline(0.0, color=_QUIET, linewidth=0.8)
    ax.fill_between(prices, values, 0.0, where=[v >= 0 for v in values], color=_GAIN, alpha=0.10, interpolate=True)
    ax.fill_between(prices, values, 0.0, where=[v <= 0 for v in values], color=_LOSS, alpha=0.10, interpolate=True)
    ax.plot(prices, values, color=_CURVE, linewidth=2.0)
    ax.axvline(spot, color=_QUIET, linewidth=1.0, linestyle="--", label=f"{holdings[0].underlying} at {spot:,.15g}")
    _mark_strikes(ax, holdings, strikes, (low, high))
    _mark_worst(ax, of, holdings)

    height = max(map(abs, values)) or max(abs(holding.quantity) * holding.multiplier for holding in holdings)
    bottom, top = min(0.0, *values), max(0.0, *values)
    ax.set_ylim(bottom - 0.22 * height, top + 0.22 * height)
    ax.set_xlim(low, high)
    ax.xaxis.set_major_formatter(StrMethodFormatter("{x:,.15g}"))
    ax.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    ax.set_xlabel(_price_label(holdings))
    has_stock = any(holding.strike is None for holding in holdings)
    what = "gain on stock, options at exercise" if has_stock else "value at exercise"
    ax.set_ylabel(f"{what}, premiums apart, USD")
    ax.set_title(f"{of.name}: maintenance {of.maintenance:,.2f} USD", loc="left", fontweight="bold")
    ax.legend(loc="best", framealpha=0.9, edgecolor="none", fontsize="small")
    ax.spines[["right"]].set_visible(False)
    return ax


def _find(report: Report, group: int | str) -> PairedPositions:
    """Return the group of a place or of a name."""
    pairing = report.pairing
    if isinstance(group, str):
        found = [one for one in pairing if one.name == group]
        if len(found) != 1:
            names = ", ".join(repr(one.name) for one in pairing) or "no group"
            some = "" if found == [] else f" of {len(found)} groups; its place among them tells one"
            raise InvalidInput(f"group: must be the name of one group of {names}, got {group!r}{some}", "group")
        return found[0]
    if isinstance(group, bool) or not isinstance(group, int):
        raise InvalidInput(f"group: must be a place or a name, got {type(group).__name__}", "group")
    if not 0 <= group < len(pairing):
        raise InvalidInput(f"group: must be a place among {len(pairing)} groups, from 0, got {group}", "group")
    return pairing[group]


def _range(points: Sequence[float]) -> tuple[float, float]:
    """Return prices that show every strike with room beside it, none below zero."""
    width = max(points) - min(points)
    beside = max(0.25 * width, 0.08 * max(points))
    return max(0.0, min(points) - beside), max(points) + beside


def _mark_strikes(ax: Axes, holdings: Sequence[_Holding], strikes: Sequence[float], ends: tuple[float, float]) -> None:
    """Draw a line at each strike and say above it which options have it."""
    above = ax.secondary_xaxis("top")
    names = ["\n".join(one.label() for one in holdings if one.strike == strike) for strike in strikes]
    closest = min((b - a for a, b in pairwise(strikes)), default=ends[1] - ends[0])
    is_crowded = closest < 0.09 * (ends[1] - ends[0])
    above.set_xticks(strikes, names, rotation=90 if is_crowded else 0, fontsize="small")
    above.tick_params(length=0, colors=_QUIET)
    above.spines["top"].set_visible(False)
    for strike in strikes:
        ax.axvline(strike, color=_QUIET, linewidth=0.8, linestyle=":")


def _mark_worst(ax: Axes, of: PairedPositions, holdings: Sequence[_Holding]) -> None:
    """Mark the strike at which a spread loses most."""
    if of.worst_strike is None:
        if of.rule == "strategy.spread":
            ax.plot([], [], " ", label="no loss at any strike")
        return
    loss = sum(holding.value(of.worst_strike) for holding in holdings)
    ax.plot(
        [of.worst_strike], [loss], "o", color=_LOSS, markersize=8, zorder=3, clip_on=False,
        label=f"worst at {of.worst_strike:,.15g}: {loss:,.2f} USD",
    )  # fmt: skip


def _price_label(holdings: Sequence[_Holding]) -> str:
    """Return what x is: the price on which day, and what longs that live on are worth then."""
    days = sorted({holding.expiry for holding in holdings if holding.expiry})
    label = f"price of {holdings[0].underlying} on {days[0]}, USD"
    if len(days) == 1:
        return label
    cut = max((one.expiry for one in holdings if one.expiry and one.quantity < 0), default=days[0])
    label = label.replace(days[0], cut)
    return f"{label}; intrinsic value of longs that live to {days[-1]}" if days[-1] > cut else label
