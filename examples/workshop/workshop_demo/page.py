# SPDX-License-Identifier: Apache-2.0
"""The page: one HTML file with everything in it, from a template."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import margincore as mc
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from workshop_demo.charts import NARROW, WIDE, account_plot, hedge_plot
from workshop_demo.fields import ScenarioError
from workshop_demo.methods import group_rows
from workshop_demo.words import DISCLAIMER, cents, dollars, percent, plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workshop_demo.methods import Methods
    from workshop_demo.play import Playback, Standing

_CHIPS = {
    "WARNING": "warning",
    "MARGIN_CALL": "margin-call",
    "CLOSE_ONLY": "restricted",
    "RESTRICTED": "restricted",
    "RESTRICTED, CALL": "restricted",
    "SEVERE_DEFICIENCY": "liquidation",
    "LIQUIDATION": "liquidation",
}


def _chip(action: str) -> Markup:
    return Markup('<span class="chip {}">{}</span>').format(_CHIPS.get(action, "active"), action)


def _usd(amount: float, text: str | None = None) -> Markup:
    """A table cell with an amount."""
    return Markup('<td class="number{}">{}</td>').format(" below" if amount < 0 else "", text or dollars(amount))


def _events(playback: Playback, account_id: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for played, standing in zip(playback.steps, playback.of(account_id), strict=True):
        for event in standing.events:
            rows.append(
                {
                    "number": len(rows) + 1,
                    "time": playback.scenario.label(played.step),
                    "move": percent(played.step.move),
                    "event": event,
                }
            )
    return rows


def _stress(playback: Playback, account_id: str, severe: float) -> list[dict[str, Any]]:
    """The heat map: a row for each move of the benchmark, a cell for each step."""
    tables = [standing.report.stress or [] for standing in playback.of(account_id)]
    largest = max(abs(point.excess) for table in tables for point in table) or 1.0
    rows = []
    for points in zip(*tables, strict=True):
        cells = [
            {
                "text": f"{point.excess / 1000:,.1f}".replace("-0.0", "0.0"),
                "share": f"{(abs(point.excess) / largest) ** 0.5:.2f}",  # the root, so that small amounts show
                "underwater": point.underwater,
            }
            for point in points
        ]
        move = points[0].move
        rows.append({"move": percent(move, 0), "severe": abs(move) >= severe, "cells": cells})
    return rows


def _called(playback: Playback, account_id: str) -> dict[str, Any] | None:
    """The report of an account at its first margin call, as a tree."""
    for played, standing in zip(playback.steps, playback.of(account_id), strict=True):
        if any(event.action == "MARGIN_CALL" for event in standing.events):
            tree = Markup(mc.explain(standing.report)._repr_html_())  # escaped by margincore
            return {"time": playback.scenario.label(played.step), "tree": tree}
    return None


def _account(playback: Playback, account_id: str, prefix: str, ladder: mc.Ladder) -> dict[str, Any]:
    plots = [
        Markup(account_plot(playback, account_id, ladder.warning_excess, layout, f"{prefix}-{layout.name}"))
        for layout in (WIDE, NARROW)
    ]
    return {
        "id": account_id,
        "plots": plots,
        "events": _events(playback, account_id),
        "stress": _stress(playback, account_id, ladder.severe_move),
        "called": _called(playback, account_id),
        "rows": list(zip(playback.steps, playback.of(account_id), strict=True)),
    }


def _lowest(standings: Sequence[Standing]) -> Standing:
    return min(standings, key=lambda standing: standing.report.excess.total)


def _scenario(playback: Playback, number: int) -> dict[str, Any]:
    policies = {item.account.id: item.policy for item in playback.scenario.participants}
    accounts = []
    for index, name in enumerate(playback.focus):
        ladder = mc.Ladder(**policies[name].get("ladder", {}))
        accounts.append(_account(playback, name, f"s{number}a{index}", ladder))
    everyone = [
        {
            "id": name,
            "first": playback.of(name)[0],
            "lowest": _lowest(playback.of(name)),
            "last": playback.of(name)[-1],
            "actions": playback.actions(name),
            "add_ons": ", ".join(item["id"] for item in policies[name].get("add_ons", [])),
        }
        for name in playback.account_ids
    ]
    warnings = {f"{w.where}: {w.message}" for s in playback.steps for row in s.standings for w in row.report.warnings}
    return {
        "number": number,
        "playback": playback,
        "scenario": playback.scenario,
        "benchmark": playback.universe.benchmark,
        "low": percent(min(played.step.move for played in playback.steps)),
        "labels": [(playback.scenario.label(p.step), percent(p.step.move)) for p in playback.steps],
        "accounts": accounts,
        "everyone": everyone,
        "warnings": sorted(warnings),
        "last": playback.of(playback.focus[0])[-1],
    }


def _methods(methods: Methods) -> dict[str, Any]:
    plots = [Markup(hedge_plot(methods.hedge, layout, f"methods-{layout.name}")) for layout in (WIDE, NARROW)]
    return {"of": methods, "rows": group_rows(methods.comparison), "plots": plots}


def render_page(playbacks: Sequence[Playback], methods: Methods | None = None) -> str:
    """Return the page as HTML; the same playbacks and methods give the same page."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"cents": cents, "dollars": dollars, "percent": percent, "chip": _chip}
    environment.globals |= {"usd": _usd, "plural": plural}
    template = environment.get_template("page.html.jinja")
    report = playbacks[0].steps[0].standings[0].report
    return template.render(
        scenarios=[_scenario(playback, number) for number, playback in enumerate(playbacks, start=1)],
        methods=None if methods is None else _methods(methods),
        universe=playbacks[0].universe,
        participants={item.account.id: item.account for p in playbacks for item in p.scenario.participants},
        ladder=mc.Ladder(),
        rulebook=report.rulebook,
        version=mc.__version__,
        disclaimer=DISCLAIMER,
    )


def write_page(playbacks: Sequence[Playback], file: Path, methods: Methods | None = None) -> None:
    """Write the page, and the folders above it where they are missing."""
    text = render_page(playbacks, methods)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ScenarioError(f"{file}: must be a file that can be written, got {error.strerror}") from None
