# SPDX-License-Identifier: Apache-2.0
"""Documents of bonds, funds, notes, warrants and convertibles, each figure worked by hand from its paragraph."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import margincore as mc
import pytest
from margincore import cli
from support import VALIDATOR, Document

if TYPE_CHECKING:
    from pathlib import Path


def document(instruments: Document, *positions: Document, cash: float = 20_000.0) -> Document:
    return {
        "account": {"id": "KINDS", "cash": cash, "positions": list(positions)},
        "market": {"valuation_date": "2026-11-20", "instruments": instruments},
    }


def of_one(entry: Document, quantity: float) -> Document:
    return document({"X": entry}, {"symbol": "X", "quantity": quantity})


TREASURY = {"kind": "treasury", "price": 99.5, "coupon": 0.04}
CONVERTIBLE = {"kind": "convertible", "price": 104.0, "conversion": {"into": "XYZ", "ratio": 25}}
WARRANT = {"kind": "warrant", "price": 12.0, "conversion": {"into": "XYZ", "ratio": 1, "cash": 30.0}}
STOCK = {"kind": "equity", "price": 40.0}


@pytest.mark.parametrize(
    ("entry", "quantity", "maintenance", "initial", "citation"),
    [
        ({**TREASURY, "maturity": "2027-11-19"}, 10, 99.50, 99.50, "FINRA 4210(e)(2)(A)"),  # 1 % of 9,950
        ({**TREASURY, "maturity": "2027-11-20"}, -10, 199.00, 199.00, "FINRA 4210(e)(2)(A)"),  # 2 %
        ({**TREASURY, "maturity": "2029-11-20"}, 10, 298.50, 298.50, "FINRA 4210(e)(2)(A)"),  # 3 %
        ({**TREASURY, "maturity": "2031-11-20"}, 10, 398.00, 398.00, "FINRA 4210(e)(2)(A)"),  # 4 %
        ({**TREASURY, "maturity": "2036-11-20"}, 10, 497.50, 497.50, "FINRA 4210(e)(2)(A)"),  # 5 %
        ({**TREASURY, "maturity": "2046-11-20"}, 10, 597.00, 597.00, "FINRA 4210(e)(2)(A)"),  # 6 %
        # 3 % of 10,000 principal is more than 4 % of 5,000
        (
            {"kind": "treasury", "price": 50.0, "maturity": "2031-11-20", "zero_coupon": True},
            10,
            300.0,
            300.0,
            "FINRA 4210(e)(2)(A)",
        ),
        ({"kind": "municipal", "price": 101.0}, 20, 1414.0, 1414.0, "FINRA 4210(e)(2)(B)"),  # 7 % of 20,200
        (
            {"kind": "corporate_bond", "price": 98.0, "rating": "investment_grade"},
            10,
            980.0,
            980.0,
            "FINRA 4210(e)(2)(C)(i)",
        ),  # 10 % of 9,800
        (
            {"kind": "corporate_bond", "price": 80.0, "rating": "other"},
            10,
            1600.0,
            1600.0,
            "FINRA 4210(e)(2)(C)(ii)",
        ),  # 20 % of 8,000
        (
            {"kind": "corporate_bond", "price": 30.0, "rating": "other"},
            -10,
            700.0,
            700.0,
            "FINRA 4210(e)(2)(C)(ii)",
        ),  # 7 % of 10,000 principal is more than 20 % of 3,000
        ({"kind": "money_market_fund", "price": 1.0}, 50_000, 500.0, 500.0, "FINRA 4210(e)(2)"),  # 1 % of 50,000
        ({"kind": "mutual_fund", "price": 500.0}, 10, 1250.0, 2500.0, "FINRA 4210(c)(1)"),  # 25 %, 50 % of 5,000
        ({"kind": "etn", "price": 40.0}, -100, 1200.0, 2000.0, "FINRA 4210(c)(3)"),  # 30 %, 50 % of 4,000
        ({"kind": "warrant", "price": 0.4}, -1000, 2500.0, 2500.0, "FINRA 4210(c)(2)"),  # 2.50 a warrant
        ({"kind": "convertible", "price": 104.0}, 10, 2600.0, 5200.0, "FINRA 4210(c)(1)"),  # 25 %, 50 % of 10,400
        ({"kind": "convertible", "price": 15.0}, -10, 500.0, 750.0, "FINRA 4210(c)(4)"),  # 5 % of 10,000 principal
        ({"kind": "etn", "price": 40.0, "marginable": False}, 100, 4000.0, 4000.0, "FINRA 4210(c)(5)"),
    ],
)
def test_one_position_of_each_kind(
    entry: Document, quantity: float, maintenance: float, initial: float, citation: str
) -> None:
    VALIDATOR.validate(of_one(entry, quantity))
    report = mc.evaluate(of_one(entry, quantity))
    in_percent = entry["kind"] in ("treasury", "municipal", "corporate_bond", "convertible")
    value = quantity * entry["price"] * (10 if in_percent else 1)
    assert report.net_liquidation == pytest.approx(20_000 + value)
    assert report.equity == report.net_liquidation
    assert report.requirement.maintenance == pytest.approx(maintenance)
    assert report.requirement.initial == pytest.approx(initial)
    assert [line.citation for line in report.lines] == [citation]


def test_a_boxed_bond_asks_for_5_percent() -> None:
    treasury = {**TREASURY, "maturity": "2027-01-15"}
    report = mc.evaluate(document({"T": treasury}, {"symbol": "T", "long": 10, "short": 10}))
    assert report.requirement.maintenance == pytest.approx(497.50)  # FINRA 4210(e)(1): 5 % of 9,950
    assert report.net_liquidation == 20_000


def test_a_convertible_beside_its_short() -> None:
    # FINRA 4210(e)(1): 10 % of 10,400. 12 CFR 220.12(a), (c)(2): 50 % of 10,400 and nothing for the short.
    positions: list[Document] = [{"symbol": "C", "quantity": 10}, {"symbol": "XYZ", "quantity": -300}]
    report = mc.evaluate(document({"C": CONVERTIBLE, "XYZ": STOCK}, *positions))
    offset, alone = report.lines
    assert (offset.rule, offset.positions, offset.quantities) == ("stock.converted", ["C", "XYZ"], [10, -250])
    assert (offset.maintenance, offset.initial) == (pytest.approx(1040), pytest.approx(5200))
    assert (offset.citation, offset.initial_citation) == ("FINRA 4210(e)(1)", "12 CFR 220.12(c)(2)")
    assert (alone.positions, alone.quantities) == (["XYZ"], [-50])
    assert alone.maintenance == pytest.approx(600)  # (c)(3): 30 % of 2,000
    assert report.equity == report.net_liquidation
    assert dict(report.call_prices) == {}


def test_a_warrant_beside_its_short_counts_net_of_the_payment() -> None:
    # FINRA 4210(e)(1): 10 of 12 count, 40 - 30; 10 % of 1,000. Alone it would be 25 % of 1,200 and 30 % of 4,000.
    positions: list[Document] = [{"symbol": "W", "quantity": 100}, {"symbol": "XYZ", "quantity": -100}]
    report = mc.evaluate(document({"W": WARRANT, "XYZ": STOCK}, *positions))
    assert report.requirement.maintenance == pytest.approx(100)
    assert report.net_liquidation == pytest.approx(20_000 + 1200 - 4000)
    assert report.net_liquidation - report.equity == pytest.approx(200)
    assert report.net_requirement == pytest.approx(300)
    assert report.lower_bound == report.net_requirement


def test_call_prices_of_a_bond_are_in_percent() -> None:
    treasury = {**TREASURY, "maturity": "2034-05-15"}
    report = mc.evaluate(document({"T": treasury}, {"symbol": "T", "quantity": 100}, cash=-90_000))
    assert report.call_prices == {"T": (pytest.approx(93.75), None)}  # 96 p = 90,000, FINRA 4210(e)(2)(A)


def test_a_call_price_that_depends_on_a_coupon_nobody_said_is_left_out_with_a_warning() -> None:
    treasury = {"kind": "treasury", "price": 70.0, "maturity": "2036-11-20"}
    report = mc.evaluate(document({"T": treasury}, {"symbol": "T", "quantity": 10}, cash=-5000))
    assert report.requirement.maintenance == pytest.approx(350)  # 5 % of 7,000, more than 3 % of principal
    assert report.call_prices == {}
    assert [warning.where for warning in report.warnings] == ["market.instruments.T.zero_coupon"]


@pytest.mark.parametrize(
    ("entry", "error", "where"),
    [
        ({"kind": "treasury", "price": 99.0}, mc.MissingData, "maturity"),
        ({"kind": "treasury", "price": 55.0, "maturity": "2036-11-20"}, mc.MissingData, "zero_coupon"),
        ({"kind": "corporate_bond", "price": 99.0}, mc.MissingData, "rating"),
        ({"kind": "municipal", "price": 99.0, "marginable": False}, mc.Unsupported, "marginable"),
        ({"kind": "municipal", "price": 99.0, "maturity": "2026-11-19"}, mc.InvalidInput, "maturity"),
        ({"kind": "warrant", "price": 9.0, "conversion": {"into": "Y", "ratio": 1}}, mc.MissingData, "conversion.cash"),
    ],
)
def test_what_a_rule_needs_is_refused_at_its_key(entry: Document, error: Any, where: str) -> None:
    with pytest.raises(error) as caught:
        mc.evaluate(of_one(entry, 10))
    assert caught.value.where == f"market.instruments.X.{where}"


def test_the_command_line_shows_bonds_and_offsets(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    instruments = {
        "T_2034": {**TREASURY, "maturity": "2034-05-15"},
        "JUNK": {"kind": "corporate_bond", "price": 30.0, "rating": "other"},
        "WARR": WARRANT,
        "XYZ": STOCK,
    }
    positions: list[Document] = [
        {"symbol": "T_2034", "quantity": 100},
        {"symbol": "JUNK", "quantity": 10},
        {"symbol": "WARR", "quantity": 105},
        {"symbol": "XYZ", "quantity": -100},
    ]
    file = tmp_path / "account.json"
    file.write_text(json.dumps(document(instruments, *positions, cash=-95_000)), encoding="utf-8")
    assert cli.main(["evaluate", str(file)]) == 0
    out = " ".join(capfd.readouterr().out.split())
    assert "debt.long T_2034 3,980.00 3,980.00 4% of 100 x 995.00 FINRA 4210(e)(2)(A)" in out
    assert "debt.long JUNK 700.00 700.00 70.00 a bond x 10, more than 20% of 300.00" in out
    assert "stock.converted WARR, XYZ 600.00 100.00 10% of 100 x 10.00 valued net of the payment to convert" in out
    assert "stock.long WARR 30.00 15.00 25% of 5 x 12.00 FINRA 4210(c)(1)" in out
    assert cli.main(["explain", str(file)]) == 0
    assert "debt.long: 100 T_2034" in capfd.readouterr().out
