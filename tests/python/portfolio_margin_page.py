# SPDX-License-Identifier: Apache-2.0
"""The page of published examples, docs/rules/portfolio_margin_examples.md, from their data and the library.

`python tests/python/portfolio_margin_page.py` writes it; `test_docs.py` checks that it is what this would write.
"""

from __future__ import annotations

from typing import Any

import margincore as mc
from strategy_page import ROOT, in_form, money, read

PAGE = ROOT / "docs" / "rules" / "portfolio_margin_examples.md"

HEAD = """# Published examples of portfolio margin

Each example as an account, what its source prints, and what this library computes, USD, portfolio margin to the dollar.
`tests/python/portfolio_margin_page.py` writes this page from `tests/data/portfolio_margin_examples.json` and the
library; the tests check every row within its tolerance, and that the page is current. How the figures come about:
[portfolio margin](portfolio_margin.md).

Cboe's sheet gives the day and the prices, to the cent. A rate of 5.2 %, an SPX yield of 1.8 %, no dividend of IBM,
expiry on 2007-04-20 of IBM and on 2007-04-19 of SPX are the inputs that its figures fit; they are ours. `strategy` is
the initial requirement net of premiums, as the sources print it. A row with a range has bounds only.
"""

COLUMNS = ("portfolio", "portfolio_total", "strategy", "strategy_maintenance")


def computed(row: dict[str, Any], column: str) -> float:
    """Return what the library computes of a row, in the form in which its source prints it."""
    document = row["document"]
    report = mc.evaluate(document, method="portfolio" if column.startswith("portfolio") else "strategy")
    if column == "strategy":
        return in_form("net of premiums", "initial", report, document)
    return report.requirement.total if column == "portfolio_total" else report.requirement.maintenance


def line(row: dict[str, Any], column: str, published: str, difference: str, ours: float) -> str:
    """Return one line of the table; model prices to the dollar."""
    figure = column.replace("_", ", ")
    amount = money(round(ours, 0 if column.startswith("portfolio") else 2))
    return f"| `{row['id']}` | {figure} | {published} | {amount} | {difference} |"


def table(rows: list[dict[str, Any]]) -> str:
    """Return the table of some examples."""
    lines = ["| example | figure | published | ours | difference |", "|---|---|---|---|---|"]
    for row in rows:
        for column in COLUMNS:
            if column in row.get("expected", {}):
                published = row["expected"][column]
                ours = computed(row, column)
                apart = round(100 * (ours / published - 1), 2) + 0.0  # no negative zero
                lines.append(line(row, column, money(published), f"{apart:+.2f} %" if apart else "0", ours))
            elif column in row.get("bounds", {}):
                least, most = row["bounds"][column]
                lines.append(line(row, column, f"{money(least)} to {money(most)}", "-", computed(row, column)))
    return "\n".join(lines)


def page() -> str:
    """Return the page."""
    text = HEAD
    sources: dict[str, list[dict[str, Any]]] = {}
    for row in read("portfolio_margin_examples.json"):
        if "portfolio" in {**row.get("expected", {}), **row.get("bounds", {})}:
            sources.setdefault(row["source"], []).append(row)
    for source, rows in sources.items():
        text += f"\n## {source}\n\n{table(rows)}\n"
        text += "".join(f"\n`{row['id']}`: {row['note']}\n" for row in rows if "note" in row)
    text += "\n## Left out\n\n| example | source | why |\n|---|---|---|\n"
    for row in read("portfolio_margin_examples_left_out.json"):
        text += f"| `{row['id']}` | {row['source']} | {row['reason']} |\n"
    return text


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
