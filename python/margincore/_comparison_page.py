# SPDX-License-Identifier: Apache-2.0
"""The pictures of both methods in one file: a page with everything in it, or one image."""

from __future__ import annotations

import base64
import io
import json
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import margincore as mc
from margincore._html import comparison_html
from margincore._terminal import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.axes import Axes

    Drawing = Callable[[Axes], Axes]

_STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; color: #222; }
table { border-collapse: collapse; margin: 1rem 0; } th, td { padding: .2rem .7rem; border-bottom: 1px solid #ddd; }
th { text-align: left; } img { max-width: 100%; margin: 1rem 0; }
"""


def _hedge(document: dict[str, Any] | bytes) -> tuple[str, str] | None:
    """Return a stock that is held and an option on it, a held one before others; None where there is none."""
    plain: dict[str, Any] = json.loads(document) if isinstance(document, bytes) else document
    held = [position["symbol"] for position in plain["account"]["positions"]]
    instruments = plain["market"]["instruments"]
    options = [*held, *(symbol for symbol in instruments if symbol not in held)]
    for option in options:
        (terms,) = mc._core.position_terms(document, [option])
        if terms.get("right") is not None and terms["underlying"] in held:
            return terms["underlying"], option
    return None


def drawings(document: dict[str, Any] | bytes) -> list[Drawing]:
    """Return what draws each picture of an account: three of portfolio margin, and a hedge where there is one."""
    report = mc.evaluate(document, method="portfolio")
    result: list[Drawing] = []
    if report.groups:
        top = max((g for g in report.groups if g.requirement is not None), key=lambda g: g.requirement or 0.0)
        below = report.groups[: report.groups.index(top) + 1]
        first = next((i + 1 for i in range(len(below) - 2, -1, -1) if below[i].parent is None), 0)
        classes = [group for group in below[first:] if group.level == "class"]
        worst = min(classes, key=lambda group: group.points[top.worst_point])
        result.append(lambda ax: mc.plot.points(report, top.id, ax))
        result.append(lambda ax: mc.plot.heat_map(document, worst.id, ax=ax))
    result.append(lambda ax: mc.plot.waterfall(report, ax))
    hedge = _hedge(document)
    if hedge is not None:
        result.append(lambda ax: mc.plot.hedge_ratio(document, *hedge, ax=ax))
    return result


def write_pictures(document: dict[str, Any] | bytes, name: str) -> None:
    """Write the pictures of an account document to an .html or .png file.

    Raises
    ------
    UnreadableError
        Without matplotlib, or where the file cannot be written.
    InvalidInput, MissingData, Unsupported, NumericalFailure
        Where portfolio margin refuses the account.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise UnreadableError(
            "matplotlib: must be installed to draw, got none; pip install 'margincore[plot]'"
        ) from None
    draws = drawings(document)
    if name.lower().endswith(".png"):
        figure = Figure(figsize=(16.0, 4.8 * ((len(draws) + 1) // 2)), layout="constrained")
        for place, draw in enumerate(draws, start=1):
            draw(figure.add_subplot((len(draws) + 1) // 2, 2, place))
        image = io.BytesIO()
        figure.savefig(image, format="png", dpi=110)
        content = image.getvalue()
    else:
        content = _page(document, draws).encode()
    try:
        Path(name).write_bytes(content)
    except OSError as error:
        raise UnreadableError(f"{name}: must be a file that can be written, got {error.strerror}") from None


def _page(document: dict[str, Any] | bytes, draws: list[Drawing]) -> str:
    import matplotlib as mpl
    from matplotlib.figure import Figure

    comparison = mc.compare(document)
    images = []
    for draw in draws:
        figure = Figure(figsize=(9.0, 4.8), layout="constrained")
        ax = draw(figure.add_subplot())
        image = io.BytesIO()
        with mpl.rc_context({"svg.hashsalt": "margincore"}):
            figure.savefig(image, format="svg", metadata={"Date": None, "Creator": None})
        data = base64.b64encode(image.getvalue()).decode()
        images.append(f'<img alt="{escape(ax.get_title(loc="left"))}" src="data:image/svg+xml;base64,{data}">')
    title = f"{comparison.account_id or 'account'}: strategy and portfolio margin"
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style></head><body><h1>{escape(title)}</h1>{comparison_html(comparison)}"
        f"{''.join(images)}</body></html>\n"
    )
