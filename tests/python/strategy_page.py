# SPDX-License-Identifier: Apache-2.0
"""The page of published examples, docs/rules/strategy_examples.md, from their data and the library.

`python tests/python/strategy_page.py` writes it; `test_docs.py` checks that it is what this would write.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import margincore as mc

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "rules" / "strategy_examples.md"
DATA = ROOT / "tests" / "data"
FILES = ("strategy_examples.json", "margin_estimator_examples.json")

FORMS = {
    "requirement_gross": "requirement",
    "short_stock_additional": "requirement",
    "net_call": "net of premiums",
    "requirement_plus_long_cost": "and longs paid",
    "short_stock_additional_plus_long_cost": "and longs paid",
    "stock_at_market": "stock at market",
}
HEAD = """# Published examples of strategy margin

Each example as an account, what its source prints, and what this library computes, USD. `tests/python/strategy_page.py`
writes this page from `tests/data` and the library; the tests check every row and that the page is current.

The form says what of a requirement a source prints: the *requirement* itself; *net of premiums*, with what longs cost
and without what shorts brought, as a call for money; the requirement *and longs paid*; with the *stock at market*,
where what it does not count under a call is asked for and not taken from equity. Up to half a dollar apart are printed
dollars; further apart are brokers' live figures, whose prices are not printed in full, within the tolerance of their
row. The rulebooks are [profiles](options.md#profiles).
"""


def read(name: str) -> list[dict[str, Any]]:
    """Return the rows of a file of data."""
    rows: list[dict[str, Any]] = json.loads((DATA / name).read_text(encoding="utf-8"))
    return rows


def form_of(basis: str, column: str) -> str:
    """Return what of a requirement a figure is."""
    if basis == "net_call_initial/requirement_maintenance":
        basis = "net_call" if column == "initial" else "requirement_gross"
    return FORMS[basis]


def in_form(form: str, column: str, report: mc.Report, document: dict[str, Any]) -> float:
    """Return the requirement in the form in which an example prints it."""
    instruments = document["market"]["instruments"]
    values = []
    for position in document["account"]["positions"]:
        if len(position["symbol"]) > 15:  # an option symbol
            net = position.get("quantity", 0) + position.get("long", 0) - position.get("short", 0)
            option = instruments[position["symbol"]]
            values.append(net * option["price"] * option.get("multiplier", 100))
    requirement: float = getattr(report.requirement, column)
    if form == "net of premiums":
        return requirement + sum(values)
    if form == "and longs paid":
        return requirement + sum(value for value in values if value > 0)
    if form == "stock at market":
        return requirement + report.net_liquidation - report.equity - sum(values)
    return requirement


def money(amount: float) -> str:
    """Return an amount, cents where there are any."""
    text = f"{amount + 0.0:,.2f}"
    return text.removesuffix(".00")


def table(rows: list[dict[str, Any]]) -> str:
    """Return the table of some examples."""
    lines = ["| example | source | figure | form | published | ours | difference |", "|---|---|---|---|---|---|---|"]
    for row in rows:
        report = mc.evaluate(row["document"])
        for column, published in row["expected"].items():
            form = form_of(row["basis"], column)
            ours = round(in_form(form, column, report, row["document"]), 2)
            lines.append(
                f"| `{row['id']}` | {row['source']} | {column} | {form} "
                f"| {money(published)} | {money(ours)} | {money(round(ours - published, 2))} |"
            )
    return "\n".join(lines)


def page() -> str:
    """Return the page."""
    text = HEAD
    rulebooks: dict[str, list[dict[str, Any]]] = {}
    for row in (row for name in FILES for row in read(name)):
        rulebooks.setdefault(row["document"]["policy"]["rulebook"], []).append(row)
    for rulebook, rows in rulebooks.items():
        text += f"\n## Under `{rulebook}`\n\n{table(rows)}\n"
    text += "\n## Left out\n\n| example | source | why |\n|---|---|---|\n"
    for row in read("strategy_examples_left_out.json"):
        text += f"| `{row['id']}` | {row['source']} | {row['reason']} |\n"
    return text


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
