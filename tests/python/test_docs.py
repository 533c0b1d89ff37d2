# SPDX-License-Identifier: Apache-2.0
"""What the pages say: links lead somewhere, the README's Python runs, and every key of the contract is on its page."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import margincore as mc
import pytest
import strategy_page

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").rglob("*.md")])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_leads_to_a_file(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8"))
    missing = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert missing == []


def test_the_readmes_python_gives_the_figures_that_it_names() -> None:
    code = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.S)[0]
    names: dict[str, Any] = {}
    exec(code, names)
    report: mc.Report = names["report"]
    claims = dict(re.findall(r"^(\S.*?)\s+# (-?[\d.]+|\(.*?\))", code, re.M))
    assert len(claims) == 4
    for expression, figure in claims.items():
        assert eval(expression, {**names, "report": report}) == pytest.approx(eval(figure)), expression


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
