# SPDX-License-Identifier: Apache-2.0
"""Rulebook profiles and designated groups, from documents and frames alike."""

from __future__ import annotations

from typing import Any

import margincore as mc
import pytest

PRICES = {
    "XYZ   261218P00450000": 3.50,
    "XYZ   261218P00445000": 2.80,
    "XYZ   261218C00550000": 3.60,
    "XYZ   261218C00560000": 2.50,
}
QUANTITIES = dict(zip(PRICES, (-1, 1, -1, 1), strict=True))
SHORT_PUT, LONG_PUT, SHORT_CALL, LONG_CALL = PRICES


def unequal_iron_condor(policy: dict[str, Any]) -> dict[str, Any]:
    """An iron condor of wings of 5 and 10, USD 500 and 1,000."""
    positions = [{"symbol": symbol, "quantity": quantity} for symbol, quantity in QUANTITIES.items()]
    instruments = {"XYZ": {"kind": "equity", "price": 500.0}} | {s: {"price": price} for s, price in PRICES.items()}
    return {
        "account": {"id": "A", "cash": 0, "positions": positions},
        "market": {"valuation_date": "2026-11-20", "instruments": instruments},
        "policy": policy,
    }


def group(*symbols: str) -> list[dict[str, Any]]:
    return [{"symbol": symbol, "quantity": QUANTITIES[symbol]} for symbol in symbols]


# FINRA 4210(f)(2)(H)(i): the wider wing; IBKR Knowledge Base, node 600: both.
@pytest.mark.parametrize(
    ("rulebook", "maintenance"),
    [
        ("finra-2026", 1000.0),
        ("exchange", 1000.0),
        ("named-strategies", 1000.0),
        ("ibkr-like", 1500.0),
        ("tastytrade-like", 1000.0),
    ],
)
def test_a_profile_says_what_is_one_spread_in_documents_and_frames(rulebook: str, maintenance: float) -> None:
    policy = {"rulebook": rulebook}
    report = mc.evaluate(unequal_iron_condor(policy))
    assert report.rulebook == rulebook
    assert report.requirement.maintenance == maintenance
    assert report.lower_bound == report.net_requirement
    rows = mc.evaluate_frame(
        {"account_id": ["A"] * 4, "symbol": list(QUANTITIES), "quantity": list(QUANTITIES.values())},
        {"symbol": ["XYZ", *PRICES], "kind": ["equity", *[None] * 4], "price": [500.0, *PRICES.values()]},
        {"account_id": ["A"], "cash": [0.0]},
        {"valuation_date": "2026-11-20"},
        policy,
    )
    assert rows["error"][0] is None
    assert rows["maintenance"][0] == maintenance


def test_designated_groups_are_margined_as_they_are_named() -> None:
    two = {"pairing": "designated", "groups": [group(SHORT_PUT, LONG_PUT), group(LONG_CALL, SHORT_CALL)]}
    report = mc.evaluate(unequal_iron_condor(two))
    assert report.requirement.maintenance == 1500.0
    assert report.lower_bound == pytest.approx(report.net_requirement - 500.0)  # as one, the wider wing
    assert [set(line.positions) for line in report.lines] == [{SHORT_PUT, LONG_PUT}, {LONG_CALL, SHORT_CALL}]

    one = {"pairing": "designated", "groups": [group(*PRICES)]}
    assert mc.evaluate(unequal_iron_condor(one)).requirement.maintenance == 1000.0
    with pytest.raises(mc.InvalidInput, match="must be what one rule of the rulebook 'ibkr-like' margins") as refused:
        mc.evaluate(unequal_iron_condor({**one, "rulebook": "ibkr-like"}))
    assert refused.value.where == "policy.groups[0]"


def test_what_no_group_names_stands_alone() -> None:
    # 3.50 + 50 and 3.60 + 50: 20 % of 500 less 50 out of the money
    report = mc.evaluate(unequal_iron_condor({"pairing": "designated"}))
    assert report.requirement.maintenance == pytest.approx(5350 + 5360)
