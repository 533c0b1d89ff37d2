# SPDX-License-Identifier: Apache-2.0
"""What the pages say: links lead somewhere, the README's Python runs, and every key of the contract is on its page."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import margincore as mc
import portfolio_margin_page
import pytest
import strategy_page

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").rglob("*.md")])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_leads_to_a_file(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8"))
    missing = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert missing == []


def run_code(page: Path, contains: str, claims: int) -> dict[str, Any]:
    """Run a page's Python, hold it to the figures that its comments claim, and return its names."""
    blocks = re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.S)
    [code] = [block for block in blocks if contains in block]
    names: dict[str, Any] = {}
    exec(code, names)
    claimed = dict(re.findall(r"^(\S.*?)\s+# (-?[\d.]+|\([-\d.].*?\))", code, re.M))
    assert len(claimed) == claims
    for expression, figure in claimed.items():
        assert eval(expression, names) == pytest.approx(eval(figure)), expression
    return names


@pytest.mark.parametrize(("contains", "claims"), [("mc.stress(account)", 4), ("report.groups", 3)])
def test_the_readmes_python_gives_the_figures_that_it_names(contains: str, claims: int) -> None:
    run_code(ROOT / "README.md", contains, claims)


def test_every_key_of_the_schemas_is_on_the_page_of_the_documents() -> None:
    page = (ROOT / "docs" / "documents.md").read_text(encoding="utf-8")

    def keys(schema: Any) -> set[str]:
        if isinstance(schema, list):
            return set().union(*map(keys, schema)) if schema else set()
        if not isinstance(schema, dict):
            return set()
        found = set(schema.get("properties", {}))
        return found.union(*(keys(value) for value in schema.values()))

    named = set(re.findall(r"[`\".]([a-z_]+)[`\":\[]", page))
    missing = keys(mc.schema("account")) - named
    assert missing == set()


def test_the_page_of_published_examples_is_what_the_library_computes() -> None:
    assert strategy_page.PAGE.read_text(encoding="utf-8") == strategy_page.page(), (
        "python tests/python/strategy_page.py writes it"
    )


def test_the_page_of_published_portfolio_margin_is_what_the_library_computes() -> None:
    assert portfolio_margin_page.PAGE.read_text(encoding="utf-8") == portfolio_margin_page.page(), (
        "python tests/python/portfolio_margin_page.py writes it"
    )


def number(text: str) -> float:
    return float(text.replace(",", ""))


def percents(text: str) -> float:
    """What arithmetic as written on a page comes to: `-6,000 + 90 % of 2,400`."""
    return float(eval(re.sub(r"([-+]?\d+) % of (.*)", r"+(\1) / 100 * (\2)", text.replace(",", ""))))


def test_the_worked_portfolio_margin_is_what_the_library_computes() -> None:
    page = ROOT / "docs" / "rules" / "portfolio_margin.md"
    names = run_code(page, "MESZ6", 7)
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \| (\S+) \| (.*?) \| (\S+) \|$", page.read_text(encoding="utf-8"), re.M)
    assert {row[0] for row in rows} == set(names["groups"])
    for group, low, at_low, high, at_high in rows:  # the arithmetic gives the figure, and the library the same
        points = names["groups"][group].points
        assert (percents(low), percents(high)) == pytest.approx((number(at_low), number(at_high))), group
        assert (points[0], points[9]) == pytest.approx((number(at_low), number(at_high))), group
    document = names["document"]
    for policy, requirement in (({"offset_carry": "residual"}, 4_001.875), ({"minimum_level": "top_group"}, 4_125.0)):
        assert mc.evaluate({**document, "policy": policy}).requirement.maintenance == pytest.approx(requirement)
    assert "4,001.875" in page.read_text(encoding="utf-8")


def test_published_figures_on_the_page_of_portfolio_margin_are_those_of_its_examples() -> None:
    page = (ROOT / "docs" / "rules" / "portfolio_margin.md").read_text(encoding="utf-8")
    rows = re.findall(r"\| ([\d,]+) \| ([\d,]+) \| ([-+][\d.]+ %) \|$", page, re.M)
    every = portfolio_margin_page.PAGE.read_text(encoding="utf-8")
    assert len(rows) == 6
    for published, ours, difference in rows:
        assert f"| {published} | {ours} | {difference} |" in every
