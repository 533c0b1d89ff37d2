# SPDX-License-Identifier: Apache-2.0
"""Pictures of portfolio margin: gains at the valuation points, along spot and volatility, and beside strategy."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from margincore import _core
from margincore.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from matplotlib.axes import Axes

    from margincore._core import Comparison, GroupReport, Report
    from margincore._evaluate import Document

# Of Okabe and Ito: told apart by people who see red and green alike.
_GAIN, _LOSS, _WORST, _STRATEGY, _TOTAL, _QUIET = "#56b4e9", "#e69f00", "#d55e00", "#0072b2", "#444444", "#707070"
_POINTS = 10
_SPOT_MOVES, _VOLATILITY_MOVES = 41, 21
_SPOT_REACH, _VOLATILITY_REACH = 0.25, 0.5


def _axes(ax: Axes | None, size: tuple[float, float]) -> Axes:
    try:
        from matplotlib import pyplot
    except ImportError:
        raise ImportError("matplotlib must be installed to draw; pip install 'margincore[plot]'") from None
    if ax is None:
        _, ax = pyplot.subplots(figsize=size, layout="constrained")
    ax.spines[["top", "right"]].set_visible(False)
    return ax


def _require_portfolio(report: Any) -> None:
    got = report.method if isinstance(report, _core.Report) else type(report).__name__
    if got != "portfolio":
        raise InvalidInput(f"report: must be of portfolio margin, got {got}", "report")


def _usd(axis: Any) -> None:
    from matplotlib.ticker import StrMethodFormatter

    axis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))


def _named(text: str) -> str:
    """Return a name as matplotlib shows it: a dollar sign is no formula."""
    return text.replace("$", r"\$")


# --- points -----------------------------------------------------------------------------------------------------------


def points(report: Report, group: str | None = None, ax: Axes | None = None) -> Axes:
    """Return axes with the gain of a group at each valuation point, the worst one marked.

    Parameters
    ----------
    report : Report
        Of portfolio margin.
    group : str, optional
        ``id`` of one of ``report.groups``, the highest that has it; the top group that asks for most when left out.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure when left out.

    Returns
    -------
    matplotlib.axes.Axes
        Valuation points along x, USD along y, gain positive; of a class what its positions net to, above a class what
        is left after the offsets of its level.

    Raises
    ------
    ImportError
        Without matplotlib.
    InvalidInput
        With ``.where``: where the report is not of portfolio margin, or has no such group.

    Source
    ------
    FINRA 4210(g)(2)(F), (g)(7).
    """
    ax = _axes(ax, (8.0, 4.4))
    _require_portfolio(report)
    of = _group(report, group)
    worst = of.worst_point
    has_loss = of.points[worst] < 0
    colours = [_GAIN if value >= 0 else _LOSS for value in of.points]
    bars = ax.bar(range(_POINTS), of.points, color=colours, width=0.75)
    if has_loss:
        bars[worst].set(color=_WORST, hatch="//", edgecolor="white")
    ax.axhline(0.0, color=_QUIET, linewidth=0.8)
    ax.axvline(_POINTS / 2 - 0.5, color=_QUIET, linewidth=0.8, linestyle=":")
    for bar, value in zip(bars, of.points, strict=True):
        ax.annotate(
            f"{value:,.0f}".replace("-0", "0") if abs(value) < 0.5 else f"{value:,.0f}",
            (bar.get_x() + bar.get_width() / 2, value),
            xytext=(0, 3 if value >= 0 else -3),
            textcoords="offset points",
            ha="center",
            va="bottom" if value >= 0 else "top",
            fontsize="small",
            fontweight="bold" if has_loss and bar is bars[worst] else "normal",
        )
    if of.minimum > 0:
        ax.axhline(-of.minimum, color=_TOTAL, linewidth=1.2, linestyle="--", label=f"minimum {of.minimum:,.2f} USD")
        ax.legend(loc="best", frameon=False, fontsize="small")
    ax.margins(y=0.14)
    ax.set_xticks(range(_POINTS))
    ax.set_xlabel("valuation point: 0 the deepest fall, 4 | 5 either side of the price, 9 the highest rise")
    ax.set_ylabel("gain, USD")
    _usd(ax.yaxis)
    asks = "" if of.requirement is None else f" asks for {of.requirement:,.2f} USD"
    where = f"worst at point {worst}" if has_loss else "a loss at no point"
    ax.set_title(f"{_named(of.id)}{asks}: {where}", loc="left", fontweight="bold")
    return ax


def _group(report: Report, group: str | None) -> GroupReport:
    """Return the group of an id, or the top group that asks for most."""
    if group is None:
        if not report.groups:
            raise InvalidInput("report: must have a group to draw, got none", "report")
        return max(report.groups, key=lambda of: -1.0 if of.requirement is None else of.requirement)
    found = [of for of in report.groups if of.id == group]
    if not found:
        names = ", ".join(dict.fromkeys(of.id for of in report.groups)) or "no group"
        raise InvalidInput(f"group: must be one of {names}, got {group!r}", "group")
    return found[-1]  # the groups of a tree stand from the classes up


# --- heat map ---------------------------------------------------------------------------------------------------------


def heat_map(
    document: Document,
    group: str,
    spot_moves: Sequence[float] | None = None,
    volatility_moves: Sequence[float] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Return axes with what a class group gains as spot and volatility move, the worst regulatory point marked.

    Each option is priced at the moved spot with its own volatility moved relatively; time does not pass. It is no
    requirement: the regulatory points, drawn where they are, hold volatilities.

    Parameters
    ----------
    document : dict, bytes, str or path
        An account document, as for `evaluate`.
    group : str
        Id of a class group of the account, or a symbol in it.
    spot_moves : sequence of float, optional
        Fractions from -1, ascending; 25 % both ways when left out.
    volatility_moves : sequence of float, optional
        Relative, above -1, ascending: 0.5 makes 20 % of volatility 30 %; 50 % both ways when left out.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure when left out.

    Returns
    -------
    matplotlib.axes.Axes
        Moves of the spot along x, of volatilities along y.

    Raises
    ------
    ImportError
        Without matplotlib.
    InvalidInput, MissingData, Unsupported, NumericalFailure
        With ``.where``: what `evaluate` raises; ``group`` where the account has nothing in it; a move that is none.

    Source
    ------
    FINRA 4210(g)(2)(F) for the points that are marked; the rest is ours.
    """
    ax = _axes(ax, (8.0, 4.8))
    import numpy as np
    from matplotlib.colors import TwoSlopeNorm
    from matplotlib.ticker import PercentFormatter

    from margincore._evaluate import _source

    spot = _moves(spot_moves, "spot_moves", _SPOT_REACH, _SPOT_MOVES)
    volatility = _moves(volatility_moves, "volatility_moves", _VOLATILITY_REACH, _VOLATILITY_MOVES)
    of = _core.spot_volatility(_source(document), group, spot, volatility)
    gains = np.asarray(of["gains"])
    reach = float(np.abs(gains).max()) or 1.0
    mesh = ax.pcolormesh(spot, volatility, gains, cmap="RdBu", norm=TwoSlopeNorm(0.0, -reach, reach), shading="nearest")
    if gains.min() < 0 < gains.max():
        ax.contour(spot, volatility, gains, levels=[0.0], colors=_TOTAL, linewidths=1.0, linestyles="--")
    inside = [spot[0] <= move <= spot[-1] for move in of["moves"]]
    ax.plot(
        [move for move, shown in zip(of["moves"], inside, strict=True) if shown], [0.0] * sum(inside), "o",
        color="white", markeredgecolor=_TOTAL, markersize=5, label="regulatory points",
    )  # fmt: skip
    worst = min(range(_POINTS), key=lambda k: of["points"][k])
    ax.plot(
        [of["moves"][worst]], [0.0], "X", color="black", markeredgecolor="white", markersize=13, clip_on=False,
        label=f"worst of them: spot {of['moves'][worst]:+.1%}, {of['points'][worst]:,.2f} USD",
    )  # fmt: skip
    bar = ax.figure.colorbar(mesh, ax=ax, label="gain, USD (dashed: none)")
    _usd(bar.ax.yaxis)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(PercentFormatter(1.0, decimals=None))
    ax.set_xlabel(f"move of {_named(of['class_group'])}")
    ax.set_ylabel("relative move of volatilities")
    ax.set_title(f"{_named(of['class_group'])}: gain by spot and volatility", loc="left", fontweight="bold")
    ax.legend(loc="lower center", framealpha=0.9, edgecolor="none", fontsize="small", bbox_to_anchor=(0.5, 0.02))
    return ax


def _moves(moves: Sequence[float] | None, name: str, reach: float, count: int) -> list[float]:
    if moves is None:
        return [reach * (2 * i / (count - 1) - 1) for i in range(count)]
    result = [float(move) for move in moves]
    if len(result) < 2 or any(not a < b for a, b in pairwise(result)):
        raise InvalidInput(f"{name}: must be at least two moves, ascending, got {result}", name)
    return result


# --- waterfall --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Step:
    """One bar of the waterfall: a sum, or what is added to the one before."""

    label: str
    amount: float
    is_sum: bool = False


_BESIDE = {
    "portfolio.conversion_loss": "conversion losses",
    "portfolio.fund": "mutual funds",
    "portfolio.not_eligible": "not eligible, by strategy",
}


def waterfall_steps(report: Report) -> list[_Step]:
    """Return what leads from the losses of the classes to the total requirement, USD; steps of nothing left out."""
    apart = at_one_point = product = portfolio = asked = 0.0
    below: list[GroupReport] = []
    for group in report.groups:
        below.append(group)
        if group.parent is not None:
            continue
        worst = group.worst_point

        def losses(level: str, of: Sequence[GroupReport] = tuple(below), at: int = worst) -> float:
            return sum(max(0.0, -one.points[at]) for one in of if one.level == level)

        classes = losses("class")
        products = losses("product") if any(one.level == "product" for one in below) else classes
        top = max(0.0, -group.points[worst])
        apart += sum(max(0.0, *(-value for value in one.points)) for one in below if one.level == "class")
        at_one_point += classes
        product += products
        portfolio += top
        asked += group.requirement or 0.0
        below = []
    steps = [
        _Step("each class at its own worst point", apart, is_sum=True),
        _Step("classes of one top group at one point", at_one_point - apart),
        _Step("gains within product groups", product - at_one_point),
        _Step("gains within portfolio groups", portfolio - product),
        _Step("losses of the top groups", portfolio, is_sum=True),
        _Step("minimum of contracts", asked - portfolio),
    ]
    for rule, label in _BESIDE.items():
        steps.append(_Step(label, sum(line.maintenance for line in report.lines if line.rule == rule)))
    steps.append(_Step("maintenance requirement", report.requirement.maintenance, is_sum=True))
    for charge in dict.fromkeys(line.id for line in report.add_ons):
        amount = sum(line.amount for line in report.add_ons if line.id == charge)
        steps.append(_Step(f"add-on: {charge.replace('_', ' ')}", amount))
    if report.requirement.add_ons:
        steps.append(_Step("total requirement", report.requirement.total, is_sum=True))
    half_a_cent = 0.005
    return [step for step in steps if step.is_sum or abs(step.amount) >= half_a_cent]


def waterfall(report: Report, ax: Axes | None = None) -> Axes:
    """Return axes with the way from the losses of the class groups to the requirement of the account.

    Parameters
    ----------
    report : Report
        Of portfolio margin.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure when left out.

    Returns
    -------
    matplotlib.axes.Axes
        USD along x, the steps from above to below: sums, and between them what lowers and raises them.

    Raises
    ------
    ImportError
        Without matplotlib.
    InvalidInput
        Where the report is not of portfolio margin.

    Source
    ------
    FINRA 4210(g)(7), (g)(8).
    """
    ax = _axes(ax, (8.0, 4.4))
    _require_portfolio(report)
    steps = waterfall_steps(report)
    level = 0.0
    for row, step in enumerate(steps):
        start, level = (0.0, step.amount) if step.is_sum else (level, level + step.amount)
        colour = _TOTAL if step.is_sum else _GAIN if step.amount < 0 else _WORST
        ax.barh(row, level - start, left=start, color=colour, height=0.62)
        text = f"{step.amount:,.2f}" if step.is_sum else f"{step.amount:+,.2f}"
        ax.annotate(
            text, (max(start, level), row), xytext=(4, 0), textcoords="offset points", va="center", fontsize="small"
        )
        if row + 1 < len(steps):
            ax.plot([level, level], [row, row + 1], color=_QUIET, linewidth=0.8, zorder=0)
    ax.set_yticks(range(len(steps)), [_named(step.label) for step in steps])
    ax.tick_params(axis="y", length=0)
    ax.invert_yaxis()
    room_for_an_amount = 1.18
    ax.set_xlim(0.0, room_for_an_amount * max([step.amount for step in steps if step.is_sum]) or 1.0)
    ax.set_xlabel("USD")
    _usd(ax.xaxis)
    total = report.requirement.total
    ax.set_title(f"portfolio margin requirement: {total:,.2f} USD", loc="left", fontweight="bold")
    return ax


# --- hedge ratio ------------------------------------------------------------------------------------------------------


def hedge_ratio(
    document: Document,
    stock: str,
    option: str,
    contracts: Sequence[int] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Return axes with what a stock and more and more of an option on it ask for under both methods.

    The two alone, at the prices and under the policy of the document: everything else that the account holds, the
    groups that its policy designates, and its baskets are left out.

    Parameters
    ----------
    document : dict, bytes, str or path
        An account document that holds the stock; the option has to be among its instruments.
    stock, option : str
        Their symbols.
    contracts : sequence of int, optional
        Signed quantities of the option; when left out from none to twice what the stock is, on the side that hedges:
        puts bought and calls written against stock that is held.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure when left out.

    Returns
    -------
    matplotlib.axes.Axes
        Contracts along x, with the units that they are on as a share of the stock; net requirements in USD along y.

    Raises
    ------
    ImportError
        Without matplotlib.
    InvalidInput, MissingData, Unsupported, NumericalFailure
        With ``.where``: ``stock`` or ``option`` where it is not what it should be, and what `compare` raises.

    Source
    ------
    As `compare`.
    """
    ax = _axes(ax, (8.0, 4.4))
    shares, multiplier, compared = hedged(document, stock, option, contracts)
    quantities = list(compared)
    strategy = [math.nan if one.strategy is None else one.strategy.net_requirement for one in compared.values()]
    portfolio = [math.nan if one.portfolio is None else one.portfolio.net_requirement for one in compared.values()]
    ax.plot(quantities, strategy, "s-", color=_STRATEGY, linewidth=2.0, label="strategy")
    ax.plot(quantities, portfolio, "o-", color=_WORST, linewidth=2.0, label="portfolio margin")
    ax.fill_between(
        quantities, strategy, portfolio, where=[p <= s for s, p in zip(strategy, portfolio, strict=True)],
        color=_WORST, alpha=0.10, linewidth=0,
    )  # fmt: skip
    ax.axvline(math.copysign(shares / multiplier, quantities[-1]), color=_QUIET, linewidth=1.0, linestyle=":")
    a_contract = math.copysign(multiplier / shares, quantities[-1])  # as a share of the stock
    above = ax.secondary_xaxis("top", functions=_scaled(a_contract))
    if a_contract < 0:  # none of the option on the left, however it is held
        ax.invert_xaxis()
    from matplotlib.ticker import MaxNLocator, PercentFormatter

    above.xaxis.set_major_formatter(PercentFormatter(1.0))
    above.set_xlabel("units of the option as a share of the stock")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_ylim(bottom=min(0.0, *(v for v in (*strategy, *portfolio) if not math.isnan(v))))
    ax.set_xlabel(f"contracts of {_named(' '.join(option.split()))}")
    ax.set_ylabel("net requirement, USD")
    _usd(ax.yaxis)
    ax.set_title(f"{shares:,.15g} {_named(stock)} and its hedge", loc="left", fontweight="bold")
    ax.legend(loc="best", frameon=False)
    return ax


def _scaled(factor: float) -> tuple[Callable[[Any], Any], Callable[[Any], Any]]:
    """Return a second scale of an axis, and the way back."""
    return lambda value: value * factor, lambda value: value / factor


def hedged(
    document: Document, stock: str, option: str, contracts: Sequence[int] | None = None
) -> tuple[float, float, dict[int, Comparison]]:
    """Return the size of the stock, the units of a contract, and what both ask for by contracts."""
    from margincore._compare import compare
    from margincore._evaluate import _source

    source = _source(document)
    plain: dict[str, Any] = json.loads(source) if isinstance(source, bytes) else dict(source)
    account = plain["account"]
    held = next((position for position in account["positions"] if position["symbol"] == stock), None)
    shares = 0.0 if held is None else held.get("quantity", held.get("long", 0) - held.get("short", 0))
    if not shares:
        raise InvalidInput(f"stock: must be held long or short, got {stock!r}", "stock")
    (terms,) = _core.position_terms(source, [option])
    if terms.get("right") is None or terms["underlying"] != stock:
        raise InvalidInput(f"option: must be one on {stock}, got {option!r}", "option")
    if contracts is None:
        side = math.copysign(1, shares) * (1 if terms["right"] == "put" else -1)
        contracts = [round(side * n) for n in range(2 * math.ceil(abs(shares) / terms["multiplier"]) + 1)]
    policy = {
        key: value for key, value in plain.get("policy", {}).items() if key not in ("pairing", "groups", "baskets")
    }
    result = {}
    for quantity in contracts:
        positions = [{"symbol": stock, "quantity": shares}]
        if quantity:
            positions.append({"symbol": option, "quantity": quantity})
        result[quantity] = compare({**plain, "account": {**account, "positions": positions}, "policy": policy})
    return abs(shares), terms["multiplier"], result
