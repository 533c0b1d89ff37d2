# SPDX-License-Identifier: Apache-2.0
"""The report: the contract's figures, typed attributes, the report document, copies, threads, and HTML."""

from __future__ import annotations

import copy
import json
import math
import pickle
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import margincore as mc
import pytest
from jsonschema import Draft202012Validator
from support import OPTION, Document, example_document, random_document

VALIDATOR = Draft202012Validator(mc.schema("report"))
SEEDS = range(60)
CENT = 0.005  # "lines add up ... to the cent"


def rich_report() -> mc.Report:
    """A report with something in every part of it."""
    document = example_document()
    document["policy"].update(
        add_ons=[{"id": "concentration"}, {"id": "volatility"}, {"id": "beta_leverage"}],
        house_rates={"NVDA": {"long": 0.3}},
        missing_beta=1.0,
    )
    document["market"]["instruments"]["XYZ"] = {"kind": "equity", "price": 4.0, "volatility": 0.3}
    document["account"]["positions"].append({"symbol": "XYZ", "long": 30, "short": 100})
    return mc.evaluate(document, stress=True)


def covered_document() -> Document:
    """The contract's example as it stands, with its option."""
    document = example_document()
    document["account"]["positions"].append({"symbol": OPTION, "quantity": -5})
    document["market"]["instruments"][OPTION] = {"price": 31.20}
    return document


def lacking_document() -> Document:
    """An account under portfolio margin whose equity is below its requirement."""
    document = example_document()
    document["account"].update(type="portfolio_margin", cash=-190_000.0)
    document["market"]["business_days"] = ["2026-11-23", "2026-11-24", "2026-11-25", "2026-11-27"]
    return document


def future_document() -> Document:
    """The contract's example with an index future, which the strategy method refuses."""
    document = example_document()
    document["account"]["positions"].append({"symbol": "ESZ26", "quantity": 1})
    future = {"kind": "future", "price": 5000, "underlying": "ES", "multiplier": 50}
    document["market"]["instruments"]["ESZ26"] = future
    return document


# --- the contract's figures -------------------------------------------------------------------------------------------


def test_figures_of_the_contracts_example(example: Document) -> None:
    # Source: the report of the document contract, whose stock line this is; 25 % and 50 % of 500 x 400.00.
    report = mc.evaluate(example)
    assert report.net_liquidation == 80_000.0
    assert report.equity == 80_000.0
    assert report.gross_value == 200_000.0
    assert report.requirement.initial == 100_000.0
    assert report.requirement.maintenance == 50_000.0
    assert report.requirement.add_ons == 0.0
    assert report.requirement.total == 50_000.0
    assert report.excess.initial == -20_000.0
    assert report.excess.maintenance == 30_000.0
    assert report.excess.total == 30_000.0
    assert report.net_requirement == 50_000.0
    assert report.lower_bound == 50_000.0
    assert (report.call.maintenance, report.call.house) == (0.0, 0.0)
    assert report.withdrawable == 0.0
    assert report.buying_power == 0.0
    # FINRA 4210(c)(1): 500 p - 120,000 = 25 % of 500 p at p = 120,000 / (500 x 0.75).
    assert report.call_prices == {"NVDA": (320.0, None)}


def test_the_line_of_the_contracts_example(example: Document) -> None:
    # Source: the first line of the contract's report.
    (line,) = mc.evaluate(example).lines
    assert line.rule == "stock.long"
    assert line.citation == "FINRA 4210(c)(1)"
    assert line.positions == ["NVDA"]
    assert line.quantities == [500]
    assert (line.initial, line.maintenance) == (100_000.0, 50_000.0)
    assert line.why == "25% of 500 x 400.00"


def test_the_report_document_of_the_contracts_example(example: Document) -> None:
    # Source: the contract's report, less the option's figures; keys in its order, later ones after those they explain.
    later = ("gross_value", "ladder", "underlyings", "shock", "deficiency")
    report = mc.evaluate(example).to_dict()
    assert [key for key in report if key not in later] == [
        *("schema", "account_id", "method", "rulebook", "valuation_date", "net_liquidation", "equity", "requirement"),
        *("excess", "net_requirement", "lower_bound", "call", "withdrawable", "buying_power", "lines", "add_ons"),
        *("stress", "beta_weighted", "call_prices", "warnings", "pairing", "groups"),
    ]
    assert report["schema"] == 1
    assert report["account_id"] == "ACC_1"
    assert report["method"] == "strategy"
    assert report["rulebook"] == "finra-2026"
    assert report["valuation_date"] == "2026-11-20"
    assert report["requirement"] == {"initial": 100_000.0, "maintenance": 50_000.0, "add_ons": 0.0, "total": 50_000.0}
    assert report["excess"] == {"initial": -20_000.0, "maintenance": 30_000.0, "total": 30_000.0}
    assert report["call_prices"] == {"NVDA": [320.0, None]}
    assert report["add_ons"] == report["pairing"] == report["groups"] == report["warnings"] == []
    assert report["stress"] is None
    assert report["beta_weighted"] is None


def test_default_add_ons_charge_what_the_workshop_says(example: Document) -> None:
    # Source: workshop exercises 1 and 2 and the lecture on beta. NVDA is 100 % of gross value: 10 % of 200,000; its
    # volatility of 42 % is above 40 %: 5 %; 360,000 beta-weighted / 80,000 is above 2: 5 % of gross value.
    example["policy"]["add_ons"] = [{"id": "concentration"}, {"id": "volatility"}, {"id": "beta_leverage"}]
    report = mc.evaluate(example)
    assert {line.id: line.amount for line in report.add_ons} == {
        "concentration": 20_000.0,
        "volatility": 10_000.0,
        "beta_leverage": 10_000.0,
    }
    assert report.requirement.total == 90_000.0
    assert report.excess.total == -10_000.0
    assert (report.call.maintenance, report.call.house) == (0.0, 10_000.0)


def test_figures_of_the_workshops_worked_check() -> None:
    # Source: the workshop's worked check: AAPL 100 at 150, NVDA 50 at 400, KO 200 at 60, cash 10,000: value 47,000.
    prices = {"AAPL": (100, 150.0), "NVDA": (50, 400.0), "KO": (200, 60.0)}
    report = mc.evaluate(
        {
            "account": {
                "cash": 10_000,
                "positions": [{"symbol": symbol, "quantity": quantity} for symbol, (quantity, _) in prices.items()],
            },
            "market": {
                "valuation_date": "2026-11-20",
                "instruments": {symbol: {"kind": "equity", "price": price} for symbol, (_, price) in prices.items()},
            },
        }
    )
    assert report.gross_value == 47_000.0
    assert report.net_liquidation == 57_000.0
    assert report.requirement.maintenance == 11_750.0  # 25 % of 47,000


# --- identities of the contract ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("with_add_ons", [False, True])
@pytest.mark.parametrize("stress", [False, True])
@pytest.mark.parametrize("seed", SEEDS)
def test_random_reports_keep_the_contract(seed: int, stress: bool, with_add_ons: bool) -> None:
    # Source: the identities that the contract states of every report.
    report = mc.evaluate(random_document(seed, add_ons=with_add_ons), stress=stress)
    document = report.to_dict()
    VALIDATOR.validate(document)
    assert json.loads(report.to_json()) == document

    requirement, excess = report.requirement, report.excess
    assert requirement.total == pytest.approx(requirement.maintenance + requirement.add_ons, abs=CENT)
    assert excess.initial == pytest.approx(report.equity - requirement.initial, abs=CENT)
    assert excess.maintenance == pytest.approx(report.equity - requirement.maintenance, abs=CENT)
    assert excess.total == pytest.approx(report.equity - requirement.total, abs=CENT)
    assert report.net_requirement == pytest.approx(report.net_liquidation - excess.maintenance, abs=CENT)
    assert report.lower_bound == report.net_requirement
    assert report.call.maintenance == max(0.0, -excess.maintenance)
    assert report.call.house == max(0.0, -excess.total)
    assert report.buying_power == pytest.approx(max(0.0, min(excess.initial / 0.5, excess.total / 0.25)), abs=CENT)
    assert sum(line.maintenance for line in report.lines) == pytest.approx(requirement.maintenance, abs=CENT)
    assert sum(line.initial for line in report.lines) == pytest.approx(requirement.initial, abs=CENT)
    assert sum(line.amount for line in report.add_ons) == pytest.approx(requirement.add_ons, abs=CENT)
    assert requirement.initial >= requirement.maintenance - CENT
    assert (report.stress is None) == (report.beta_weighted is None) == (not stress)
    for point in report.stress or []:
        assert point.excess == pytest.approx(excess.total + point.pnl, abs=CENT)
        assert point.net_liquidation == pytest.approx(report.net_liquidation + point.pnl, abs=CENT)
        assert point.underwater == (point.excess < 0)
        if point.move == 0:
            assert point.pnl == 0
            assert point.excess_remargined == pytest.approx(excess.total, abs=CENT)


@pytest.mark.parametrize("seed", SEEDS)
def test_at_a_call_price_the_maintenance_excess_is_zero(seed: int) -> None:
    # Source: the contract: "the nearest price each side, all else fixed, at which excess.maintenance is 0".
    document = random_document(seed)
    for symbol, prices in mc.evaluate(document).call_prices.items():
        now = document["market"]["instruments"][symbol]["price"]
        down, up = prices
        assert down is None or down < now
        assert up is None or up > now
        for price in filter(None, prices):
            moved = copy.deepcopy(document)
            moved["market"]["instruments"][symbol]["price"] = price
            report = mc.evaluate(moved)
            assert report.excess.maintenance == pytest.approx(0, abs=CENT)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_withdrawable_can_be_withdrawn_and_a_cent_more_cannot(seed: int) -> None:
    # Source: the contract's definition of `withdrawable`.
    document = random_document(seed, add_ons=True)
    report = mc.evaluate(document)

    def allowed(amount: float) -> bool:
        after = copy.deepcopy(document)
        after["account"]["cash"] -= amount
        left = mc.evaluate(after)
        holds_shorts = any(quantity < 0 for line in left.lines for quantity in line.quantities)
        minimum = 2_000.0 if after["account"]["cash"] < -CENT / 10 or holds_shorts else -math.inf
        return min(left.excess.initial, left.excess.total, left.equity - minimum) >= -CENT

    if report.withdrawable > 0:
        assert allowed(report.withdrawable)
    assert not allowed(report.withdrawable + 3 * CENT)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_order_of_positions_changes_nothing(seed: int) -> None:
    document = random_document(seed, add_ons=True)
    reversed_document = copy.deepcopy(document)
    reversed_document["account"]["positions"].reverse()
    ahead, back = mc.evaluate(document), mc.evaluate(reversed_document)
    assert back.requirement.total == pytest.approx(ahead.requirement.total, abs=CENT)
    assert back.excess.total == pytest.approx(ahead.excess.total, abs=CENT)
    assert set(back.call_prices) == set(ahead.call_prices)


# --- objects ----------------------------------------------------------------------------------------------------------


def test_attributes_have_their_types() -> None:
    report = rich_report()
    assert type(report.account_id) is str
    assert type(report.equity) is float
    assert type(report.requirement) is mc.Requirement
    assert type(report.excess) is mc.Excess
    assert type(report.call) is mc.MarginCall
    assert type(report.lines) is list
    assert {type(line) for line in report.lines} == {mc.ReportLine}
    assert {type(line) for line in report.add_ons} == {mc.AddOnLine}
    assert report.stress is not None
    assert {type(point) for point in report.stress} == {mc.StressPoint}
    assert type(report.stress[0].underwater) is bool
    assert report.beta_weighted is not None
    assert type(report.beta_weighted) is mc.BetaWeighted
    assert type(report.beta_weighted.reverse) is mc.ReverseStresses
    assert type(report.beta_weighted.reverse.excess_zero) is tuple
    assert type(report.call_prices) is dict
    assert type(report.call_prices["NVDA"]) is tuple
    assert {type(warning) for warning in report.warnings} == {mc.Warning}


def test_a_report_has_something_in_every_part() -> None:
    report = rich_report()
    assert {line.rule for line in report.lines} == {"stock.long", "stock.short", "stock.against_the_box"}
    assert {line.id for line in report.add_ons} == {"house_rates", "concentration", "volatility", "beta_leverage"}
    assert [warning.where for warning in report.warnings] == ["market.instruments.XYZ.beta"]


@pytest.mark.parametrize("name", ["equity", "requirement", "lines", "account_id"])
def test_reports_are_read_only(name: str) -> None:
    report = rich_report()
    with pytest.raises(AttributeError):
        setattr(report, name, None)
    with pytest.raises(AttributeError):
        report.equty = 1  # type: ignore[attr-defined]


def test_changing_a_list_that_a_report_gave_changes_no_report() -> None:
    report = rich_report()
    before = report.to_dict()
    report.lines.clear()
    report.call_prices.clear()
    report.to_dict()["lines"].clear()
    assert report.to_dict() == before


def deficient_document() -> Document:
    document = example_document()
    document["account"]["cash"] = -165_000
    return document


def every_object() -> dict[str, Any]:
    report = rich_report()
    assert report.beta_weighted is not None
    assert report.stress is not None
    state, events = mc.enforce(mc.EnforcementState(), report, 1_795_000_000_000)
    covered = mc.evaluate(covered_document(), alternatives=True)
    portfolio = mc.evaluate(lacking_document())
    contributions = mc.contributions(lacking_document())
    comparison = mc.compare(future_document())
    plan = mc.plan_liquidation(deficient_document())
    return {
        "Report": report,
        "Requirement": report.requirement,
        "Excess": report.excess,
        "MarginCall": report.call,
        "ReportLine": report.lines[0],
        "AddOnLine": report.add_ons[0],
        "Warning": report.warnings[0],
        "PairedPositions": covered.pairing[0],
        "NextBest": covered.pairing[0].next_best,
        "GroupReport": portfolio.groups[0],
        "Deficiency": portfolio.deficiency,
        "Contributions": contributions,
        "Contribution": contributions.positions[0],
        "StressPoint": report.stress[0],
        "UnderlyingStress": report.underlyings[0],
        "ReverseStresses": report.beta_weighted.reverse,
        "BetaWeighted": report.beta_weighted,
        "Ladder": mc.Ladder(severe_move=0.08),
        "EnforcementState": state,
        "EnforcementEvent": events[0],
        "Standing": mc.Standing(excess=1.0, requirement=2.0, gross_value=8.0, severe_move=-0.08, excess_stressed=-0.5),
        "LiquidationPlan": plan,
        "LiquidationOrder": plan.orders[0],
        "Explanation": mc.explain(report),
        "OsiSymbol": mc.OsiSymbol("NVDA270115C00450000"),
        "StressTable": mc.stress(example_document()),
        "Comparison": comparison,
        "ComparedGroup": comparison.groups[0],
        "MethodFigures": comparison.portfolio,
        "MethodRefusal": comparison.strategy_refused,
        "Verification": mc.verify(
            covered_document(), mc.evaluate(covered_document(), certificate=True).certificate or {}
        ),
    }


@pytest.mark.parametrize("name", sorted(every_object()))
class TestEveryObject:
    def test_there_is_one_of_each_public_class(self, name: str) -> None:
        assert type(every_object()[name]) is getattr(mc, name)
        classes = {
            n for n in mc.__all__ if isinstance(getattr(mc, n), type) and not issubclass(getattr(mc, n), Exception)
        }
        of_frames_and_arrays = {"BookDifference", "BookTotals", "Greeks", "Repriced"}  # which compare in their own way
        assert set(every_object()) == classes - of_frames_and_arrays

    def test_equality(self, name: str) -> None:
        one, same = every_object()[name], every_object()[name]
        assert one == same
        assert not one != same  # noqa: SIM202
        assert one != "something else"
        assert one is not None
        others = [other for key, other in every_object().items() if key != name]
        assert all(one != other for other in others)

    @pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
    def test_pickling(self, name: str, protocol: int) -> None:
        one = every_object()[name]
        again = pickle.loads(pickle.dumps(one, protocol))
        assert again == one
        assert type(again) is type(one)

    def test_copies(self, name: str) -> None:
        one = every_object()[name]
        assert copy.copy(one) == one
        assert copy.deepcopy(one) == one
        assert copy.copy(one) is not one

    def test_repr(self, name: str) -> None:
        text = repr(every_object()[name])
        assert text
        assert "0x" not in text  # no addresses

    def test_hashing(self, name: str) -> None:
        one, same = every_object()[name], every_object()[name]
        if name == "OsiSymbol":
            assert hash(one) == hash(same)
        else:
            with pytest.raises(TypeError, match="unhashable"):
                hash(one)

    def test_dicts(self, name: str) -> None:
        one = every_object()[name]
        if name == "OsiSymbol":
            return
        data = one.to_dict()
        assert json.loads(json.dumps(data)) == data  # nothing but what JSON has
        if name == "StressTable":
            assert list(data) == ["stress", "beta_weighted", "underlyings", "shock"]
            return
        assert type(one).from_dict(data) == one
        keys = [key for key in data if key != "schema"]
        assert list(one.keys()) == keys
        for key in keys:
            assert one[key] == getattr(one, key)
        with pytest.raises(KeyError):
            one["nothing"]


def test_a_report_of_other_figures_is_not_equal(example: Document) -> None:
    report = mc.evaluate(example)
    example["account"]["cash"] += 0.01
    assert mc.evaluate(example) != report


def test_repr_names_account_and_figures(example: Document) -> None:
    assert repr(mc.evaluate(example)) == (
        "<Report ACC_1 2026-11-20: equity 80000.00, requirement 50000.00, excess 30000.00>"
    )
    assert repr(mc.evaluate(example).call) == "MarginCall(maintenance=0.0, house=0.0)"


@pytest.mark.parametrize(
    ("change", "error", "where"),
    [
        (lambda report: report.pop("equity"), mc.MissingData, "equity"),
        (lambda report: report.update(equity="80000"), mc.InvalidInput, "equity"),
        (lambda report: report.update(equity=math.nan), mc.InvalidInput, "equity"),
        (lambda report: report["requirement"].pop("total"), mc.MissingData, "requirement.total"),
        (lambda report: report["lines"][0].update(quantities=["5"]), mc.InvalidInput, "lines[0].quantities[0]"),
        (lambda report: report.update(schema=7), mc.Unsupported, "schema"),
        (lambda report: report["call_prices"].update(NVDA=[1.0]), mc.InvalidInput, "call_prices.NVDA"),
    ],
)
def test_what_is_no_report_document_is_refused(change: Any, error: type[mc.MarginError], where: str) -> None:
    document = rich_report().to_dict()
    change(document)
    with pytest.raises(error) as caught:
        mc.Report.from_dict(document)
    assert caught.value.where == where


# --- threads ----------------------------------------------------------------------------------------------------------


def test_eight_threads_that_evaluate_one_dict_get_equal_reports() -> None:
    document = random_document(7, add_ons=True)
    expected = mc.evaluate(document, stress=True)
    with ThreadPoolExecutor(8) as pool:
        reports = list(pool.map(lambda _: mc.evaluate(document, stress=True), range(400)))
    assert all(report == expected for report in reports)


def test_threads_get_the_errors_of_their_own_documents() -> None:
    def place(i: int) -> str:
        document = example_document()
        document["market"]["instruments"][f"BAD{i}"] = {"kind": "equity", "price": -1}
        with pytest.raises(mc.InvalidInput) as caught:
            mc.evaluate(document)
        return caught.value.where

    with ThreadPoolExecutor(8) as pool:
        places = list(pool.map(place, range(200)))
    assert places == [f"market.instruments.BAD{i}.price" for i in range(200)]


# --- HTML -------------------------------------------------------------------------------------------------------------


def test_html_shows_the_figures() -> None:
    html = rich_report()._repr_html_()
    report = rich_report()
    figures = [report.equity, report.requirement.total, report.excess.total, *(c.amount for c in report.add_ons)]
    for figure in figures:
        assert f"{figure:,.2f}" in html
    assert "FINRA 4210(c)(1)" in html
    assert "under water" in html
    assert "not a broker's figure" in html or "not a broker&#x27;s figure" in html


def test_html_escapes_what_documents_say(example: Document) -> None:
    hostile = "<script>alert(1)</script>"
    example["account"]["id"] = hostile
    instruments = example["market"]["instruments"]
    instruments["<b>&x</b>"] = instruments.pop("NVDA")
    example["account"]["positions"][0]["symbol"] = "<b>&x</b>"
    example["market"]["benchmark"] = "<i>SPY</i>"
    report = mc.evaluate(example, stress=True)
    for html in (report._repr_html_(), mc.explain(report)._repr_html_(), mc.stress(example)._repr_html_()):
        assert "<script" not in html
        assert "<b>&x" not in html
        assert "<i>SPY" not in html
    assert "&lt;script&gt;" in report._repr_html_()
