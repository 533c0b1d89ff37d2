# SPDX-License-Identifier: Apache-2.0
"""The explanation: every figure of the report, with its paragraph, adding up."""

from __future__ import annotations

from collections.abc import Iterator

import margincore as mc
import pytest
from support import Document, random_document

CENT = 0.005
SEEDS = range(30)


def nodes(tree: mc.Explanation) -> Iterator[mc.Explanation]:
    yield tree
    for part in tree.parts:
        yield from nodes(part)


def node(tree: mc.Explanation, label: str) -> mc.Explanation:
    (found,) = [candidate for candidate in nodes(tree) if candidate.label == label]
    return found


def test_the_tree_of_the_contracts_example(example: Document) -> None:
    # Source: the contract's figures of this account.
    tree = mc.explain(mc.evaluate(example))
    assert "ACC_1" in tree.label
    assert tree.amount is None
    expected = {
        "net liquidation value": 80_000.0,
        "equity": 80_000.0,
        "initial requirement": 100_000.0,
        "maintenance requirement": 50_000.0,
        "total requirement": 50_000.0,
        "Regulation T excess": -20_000.0,
        "maintenance excess": 30_000.0,
        "house excess": 30_000.0,
        "maintenance call": 0.0,
        "withdrawable": 0.0,
        "buying power": 0.0,
    }
    assert {label: node(tree, label).amount for label in expected} == expected
    (line,) = node(tree, "maintenance requirement").parts
    assert (line.amount, line.citation, line.why) == (50_000.0, "FINRA 4210(c)(1)", "25% of 500 x 400.00")
    (line,) = node(tree, "initial requirement").parts
    assert (line.amount, line.citation, line.why) == (100_000.0, "12 CFR 220.12(a)", "50% of 500 x 400.00")


@pytest.mark.parametrize("seed", SEEDS)
def test_parts_add_up_and_every_requirement_has_a_paragraph(seed: int) -> None:
    # Source: the contract: lines add up to the cent, and every line names its paragraph.
    report = mc.evaluate(random_document(seed, add_ons=True), stress=True)
    tree = mc.explain(report)
    for label in ("initial requirement", "total requirement", "maintenance requirement", "house add-ons"):
        figure = node(tree, label)
        assert sum(part.amount or 0.0 for part in figure.parts) == pytest.approx(figure.amount, abs=CENT)
        assert all(part.citation for part in figure.parts)
    assert len(node(tree, "maintenance requirement").parts) == len(report.lines)
    assert len(node(tree, "house add-ons").parts) == len(report.add_ons)


def test_a_report_document_is_explained_like_its_report(example: Document) -> None:
    report = mc.evaluate(example, stress=True)
    assert mc.explain(report.to_dict()) == mc.explain(report)


def test_what_is_no_report_document_is_refused() -> None:
    with pytest.raises(mc.MissingData) as caught:
        mc.explain({})
    assert caught.value.where == "account_id"
    with pytest.raises(mc.Unsupported) as caught_version:
        mc.explain({"schema": 7})
    assert caught_version.value.where == "schema"


def test_the_text_has_a_line_a_figure(example: Document) -> None:
    tree = mc.explain(mc.evaluate(example, stress=True))
    lines = str(tree).splitlines()
    assert len(lines) == len(list(nodes(tree)))
    assert repr(tree) == str(tree)
    assert "|- net liquidation value 80,000.00  [FINRA 4210(a)(5)]  cash and everything at market" in lines
    assert any("Regulation T excess -20,000.00" in line for line in lines)
    assert "a computation, not a broker's figure" in lines[0]


def test_stress_and_warnings_are_told(example: Document) -> None:
    del example["market"]["instruments"]["NVDA"]["beta"]
    example["policy"]["missing_beta"] = 1.8
    tree = mc.explain(mc.evaluate(example, stress=True))
    text = str(tree)
    assert "SPY -8.00%: excess 1,200.00" in text  # 30,000 less 8 % of 360,000
    assert "market.instruments.NVDA.beta" in text
    assert "down 320.0000, up none" in text  # 120,000 / (500 x 0.75)
    assert "stress" not in str(mc.explain(mc.evaluate(example)))


def test_html_is_a_tree_that_folds(example: Document) -> None:
    html = mc.explain(mc.evaluate(example))._repr_html_()
    assert html.count("<details") == html.count("</details>") > 3
    assert "<b>80,000.00</b>" in html
    assert "FINRA 4210(c)(1)" in html
