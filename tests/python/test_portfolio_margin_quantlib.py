# SPDX-License-Identifier: Apache-2.0
"""Portfolio margin of random accounts against QuantLib and NumPy: tests/oracle/portfolio_margin_quantlib.jsonl."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import margincore as mc
import pytest

TABLE = Path(__file__).resolve().parents[1] / "oracle" / "portfolio_margin_quantlib.jsonl"
ROWS: list[dict[str, Any]] = [json.loads(line) for line in TABLE.read_text(encoding="utf-8").splitlines()]


def test_the_table_is_all_there() -> None:
    assert len(ROWS) == 300


@pytest.mark.parametrize("row", ROWS, ids=[row["document"]["account"]["id"] for row in ROWS])
def test_the_requirement_is_that_of_quantlibs_prices(row: dict[str, Any]) -> None:
    # The tolerance is what docs/pricing.md says that prices are off by, for every contract of the account.
    report = mc.evaluate(row["document"])
    assert report.requirement.maintenance == pytest.approx(row["requirement"], rel=0, abs=row["tolerance"])


def test_most_requirements_are_far_nearer() -> None:
    # The tolerance adds up the greatest errors of all prices; most are a thousandth of it.
    shares = sorted(
        abs(mc.evaluate(row["document"]).requirement.maintenance - row["requirement"]) / row["tolerance"]
        for row in ROWS
    )
    assert shares[len(shares) * 95 // 100] < 0.05
