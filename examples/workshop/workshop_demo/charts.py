# SPDX-License-Identifier: Apache-2.0
"""The plots of the page: SVG that takes its colours and its font from the page, so that light and dark both work."""

from __future__ import annotations

import io
import itertools
import re
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

import matplotlib as mpl
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import FuncFormatter, MaxNLocator

from workshop_demo.words import percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from workshop_demo.methods import Hedge
    from workshop_demo.play import Playback, Standing

# Colours that stand for variables of the page's style sheet; each must be one that nothing else draws.
_VARIABLES = {
    "#010101": "ink",
    "#020202": "muted",
    "#030303": "grid",
    "#040404": "equity",
    "#050505": "add-on",
    "#060606": "excess",
    "#070707": "short",
    "#080808": "surface",
    "#090909": "status-active",
    "#0a0a0a": "status-warning",
    "#0b0b0b": "status-margin-call",
    "#0c0c0c": "status-restricted",
    "#0d0d0d": "status-liquidation",
    "#0e0e0e": "status-ink",
}
_COLOUR = {name: colour for colour, name in _VARIABLES.items()}

_SHORT = {"MARGIN_CALL": "CALL"}
_UPRIGHT_STEPS = 5  # fewer have no room for a status across, in a narrow plot


@dataclass(frozen=True)
class Layout:
    """A plot is drawn twice, for wide and for narrow windows, so that its text is readable in both."""

    name: str
    width: float  # inches; the page scales a point of the wide one by 1.4, of the narrow one by 1.2
    height: float
    font: float
    every_label: int
    strip: float  # height of the status strip, as a share of a panel's
    rotated: bool


WIDE = Layout("wide", width=10.4, height=5.6, font=8.5, every_label=1, strip=0.13, rotated=False)
NARROW = Layout("narrow", width=4.3, height=6.4, font=9.0, every_label=3, strip=0.62, rotated=True)


def _runs(statuses: list[str]) -> list[tuple[str, int, int]]:
    """The statuses with their first and last steps, equal neighbours together."""
    runs = []
    for status, group in itertools.groupby(enumerate(statuses), key=lambda item: item[1]):
        indices = [index for index, _ in group]
        runs.append((status, indices[0], indices[-1]))
    return runs


def _status_strip(axes: Axes, others: list[Axes], statuses: list[str], layout: Layout) -> None:
    axes.set_ylim(0, 1)
    axes.set_axis_off()
    for status, first, last in _runs(statuses):
        colour = _COLOUR[f"status-{status.split(',')[0].lower().replace('_', '-')}"]
        axes.axvspan(first - 0.485, last + 0.485, color=colour, linewidth=0)
        upright = layout.rotated and last - first < _UPRIGHT_STEPS
        axes.text(
            (first + last) / 2,
            0.48,
            _SHORT.get(status, status).replace(", ", ",\n" if upright else ", "),
            ha="center",
            va="center",
            fontsize=layout.font - (1.5 if first == last or upright else 0.5),
            rotation=90 if upright else 0,
            color=_COLOUR["status-ink"],
            fontweight="bold",
        )
        if status != "ACTIVE":
            for other in others:
                other.axvspan(first - 0.5, last + 0.5, color=colour, alpha=0.13, linewidth=0, zorder=0)


def _thousands(value: float, _position: int) -> str:
    return f"{value / 1000:,.0f}k" if value else "0"


def _prepare(axes: Axes, title: str, layout: Layout) -> None:
    font = layout.font
    two_rows_of_legend = 34
    pad = two_rows_of_legend if layout.rotated else 6
    axes.set_title(title, loc="left", fontsize=font + 0.5, fontweight="bold", color=_COLOUR["ink"], pad=pad)
    axes.yaxis.set_major_formatter(FuncFormatter(_thousands))
    axes.yaxis.set_major_locator(MaxNLocator(5))
    axes.grid(axis="y", color=_COLOUR["grid"], linewidth=0.6)
    axes.set_axisbelow(True)
    axes.set_facecolor("none")
    for side in axes.spines.values():
        side.set_visible(False)
    axes.tick_params(length=0, labelsize=font, colors=_COLOUR["muted"])
    axes.set_ylabel("USD", fontsize=font, color=_COLOUR["muted"])


def _legend(axes: Axes, layout: Layout) -> None:
    narrow = layout.rotated
    axes.legend(
        loc="lower left" if narrow else "lower right",
        bbox_to_anchor=(-0.02 if narrow else 1, 1.0 if narrow else 1.02),
        ncols=2 if narrow else 4,
        fontsize=layout.font,
        frameon=False,
        labelcolor=_COLOUR["ink"],
        borderaxespad=0,
        handlelength=1.8,
        columnspacing=1.2,
    )


def _balances(axes: Axes, standings: tuple[Standing, ...], layout: Layout) -> None:
    steps = range(len(standings))
    equity = [standing.report.equity for standing in standings]
    total = [standing.report.requirement.total for standing in standings]
    maintenance = [standing.report.requirement.maintenance for standing in standings]
    ink = _COLOUR["ink"]
    axes.plot(steps, equity, color=_COLOUR["equity"], linewidth=2, marker="o", markersize=3.5, label="equity")
    if total == maintenance:
        axes.plot(steps, total, color=ink, linewidth=1.6, linestyle=(0, (4, 2)), label="requirement")
    else:
        axes.plot(steps, total, color=ink, linewidth=1.6, linestyle=(0, (4, 2)), label="requirement with add-ons")
        axes.plot(steps, maintenance, color=_COLOUR["muted"], linewidth=1.3, linestyle=":", label="maintenance alone")
        axes.fill_between(steps, maintenance, total, color=_COLOUR["add-on"], alpha=0.25, linewidth=0, label="add-ons")
    axes.set_ylim(0, max(*equity, *total) * 1.12)
    _legend(axes, layout)


def _excess(axes: Axes, standings: tuple[Standing, ...], layout: Layout, warning: float) -> None:
    steps = range(len(standings))
    excess = [standing.report.excess.total for standing in standings]
    thin = [warning * standing.report.gross_value for standing in standings]
    worst = [standing.worst.excess for standing in standings]
    axes.axhline(0, color=_COLOUR["ink"], linewidth=0.9)
    axes.plot(steps, excess, color=_COLOUR["excess"], linewidth=2, label="excess")
    axes.plot(steps, thin, color=_COLOUR["muted"], linewidth=1.1, linestyle=":", label="warning level")
    axes.plot(
        steps, worst, color=_COLOUR["short"], linewidth=1.2, linestyle=(0, (4, 2)), label="excess in the worst stress"
    )
    below = [min(0.0, value) for value in excess]
    axes.fill_between(steps, below, 0, color=_COLOUR["short"], alpha=0.25, linewidth=0)
    low, high = min(*excess, *worst, 0.0), max(*excess, *thin)
    axes.set_ylim(low - 0.12 * (high - low), high + 0.16 * (high - low))
    number = 0
    for index, standing in enumerate(standings):
        if not standing.events:
            continue
        first, number = number + 1, number + len(standing.events)
        label = str(first) if first == number else f"{first}\N{EN DASH}{number}"
        axes.annotate(
            label,
            (index, excess[index]),
            ha="center",
            va="center",
            fontsize=layout.font - 1,
            fontweight="bold",
            color=_COLOUR["surface"],
            bbox={"boxstyle": "round,pad=0.3,rounding_size=0.8", "facecolor": _COLOUR["ink"], "linewidth": 0},
        )
    _legend(axes, layout)


def account_plot(playback: Playback, account_id: str, warning: float, layout: Layout, prefix: str) -> str:
    """Return the SVG of one account: status strip, equity and requirement, and excess with the events numbered."""
    standings = playback.of(account_id)
    with mpl.rc_context(
        {"svg.fonttype": "none", "svg.hashsalt": prefix, "font.size": layout.font, "text.parse_math": False}
    ):
        figure = Figure(figsize=(layout.width, layout.height), layout=ConstrainedLayoutEngine(hspace=0.04, h_pad=0.06))
        FigureCanvasSVG(figure)
        figure.patch.set_alpha(0)
        strip, upper, lower = figure.subplots(3, 1, sharex=True, height_ratios=[layout.strip, 1, 1.15])
        _prepare(upper, "Equity and requirement", layout)
        _prepare(lower, "Excess", layout)
        _balances(upper, standings, layout)
        _excess(lower, standings, layout, warning)
        _status_strip(strip, [upper, lower], [standing.status for standing in standings], layout)
        lower.set_xlim(-0.5, len(standings) - 0.5)
        ticks = range(0, len(standings), layout.every_label)
        steps = [playback.steps[index].step for index in ticks]
        labels = [
            f"{playback.scenario.label(step).replace(' ', chr(10)).replace(chr(10), ' ', 1)}\n{percent(step.move)}"
            for step in steps
        ]
        lower.set_xticks(list(ticks), labels)
        lower.set_xlabel(
            f"step: time, and move of {playback.universe.benchmark} since the start",
            fontsize=layout.font,
            color=_COLOUR["muted"],
        )
        text = io.StringIO()
        figure.savefig(text, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    label = f"{account_id}: equity, requirement and excess by step, with the status and the numbered events"
    return _inline(text.getvalue(), prefix, layout.name, label)


def hedge_plot(hedge: Hedge, layout: Layout, prefix: str) -> str:
    """Return the SVG of what a stock asks for under both methods, by contracts of its hedge."""
    with mpl.rc_context(
        {"svg.fonttype": "none", "svg.hashsalt": prefix, "font.size": layout.font, "text.parse_math": False}
    ):
        figure = Figure(
            figsize=(layout.width, 0.6 * layout.height), layout=ConstrainedLayoutEngine(hspace=0.04, h_pad=0.06)
        )
        FigureCanvasSVG(figure)
        figure.patch.set_alpha(0)
        axes = figure.subplots()
        _prepare(axes, f"Net requirement of {hedge.shares:g} {hedge.stock} and its hedge", layout)
        axes.plot(hedge.contracts, hedge.strategy, "s-", color=_COLOUR["equity"], linewidth=2, label="strategy")
        axes.plot(hedge.contracts, hedge.portfolio, "o-", color=_COLOUR["short"], linewidth=2, label="portfolio margin")
        axes.axvline(hedge.held, color=_COLOUR["muted"], linewidth=1, linestyle=":", label="held")
        axes.set_ylim(bottom=0)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_xlabel(f"contracts of {' '.join(hedge.option.split())}", fontsize=layout.font, color=_COLOUR["muted"])
        _legend(axes, layout)
        text = io.StringIO()
        figure.savefig(text, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    label = f"Net requirement of {hedge.stock} by contracts of its hedge, under both methods"
    return _inline(text.getvalue(), prefix, layout.name, label)


def _inline(svg: str, prefix: str, name: str, label: str) -> str:
    """Return an SVG file as an element of the page: the page's colours and font, its own ids, nothing from outside."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<style.*?</style>", "", svg, flags=re.DOTALL)
    svg = re.sub(r' xmlns(:\w+)?="[^"]*"', "", svg)
    svg = svg.replace("xlink:href", "href")
    svg = re.sub(r'\bid="', f'id="{prefix}-', svg)
    svg = re.sub(r'href="#', f'href="#{prefix}-', svg)
    svg = re.sub(r"url\(#", f"url(#{prefix}-", svg)
    for colour, variable in _VARIABLES.items():
        svg = svg.replace(colour, f"var(--{variable})")
    svg = re.sub(r"(font: (?:[\w-]+ )*[\d.]+px) [^;\"]*", r"\1 var(--font)", svg)
    svg = re.sub(
        r'<svg [^>]*?viewBox="([^"]*)"[^>]*>', rf'<svg viewBox="\1" class="plot {name}" role="img">', svg, count=1
    )
    return svg.replace(">", f"><title>{escape(label)}</title>", 1)
