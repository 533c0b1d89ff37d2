# SPDX-License-Identifier: Apache-2.0
"""The pairing of a report: names, worst strikes, what is next best, and their pictures.

Amounts by hand from FINRA 4210(f)(2), an underlying at 100.
"""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import margincore as mc
import pytest
from jsonschema import Draft202012Validator
from support import Document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matplotlib.axes import Axes

CENT = 0.005
JANUARY, FEBRUARY = "270115", "270219"


def option(right: str, strike: float, expiry: str = JANUARY) -> str:
    return f"XYZ   {expiry}{right}{round(strike * 1000):08d}"


def document_of(*held: tuple[str, float, float], kind: str = "equity") -> Document:
    """An account of XYZ at 100 and options on it: symbols, quantities and prices."""
    instruments: Document = {"XYZ": {"kind": kind, "price": 100.0}}
    instruments.update({symbol: {"price": price} for symbol, _, price in held if symbol != "XYZ"})
    positions = [{"symbol": symbol, "quantity": quantity} for symbol, quantity, _ in held]
    return {
        "account": {"id": "ACC_1", "cash": 50_000.0, "positions": positions},
        "market": {"valuation_date": "2026-11-20", "instruments": instruments},
    }


def iron_condor() -> Document:
    return document_of(
        (option("P", 85), 2, 0.80),
        (option("P", 90), -2, 1.50),
        (option("C", 110), -2, 1.60),
        (option("C", 117.5), 2, 0.50),
    )


def covered_call() -> Document:
    return document_of(("XYZ", 250, 100.0), (option("C", 110), -2, 1.00))


def calendar() -> Document:
    return document_of((option("C", 100), -1, 3.00), (option("C", 100, FEBRUARY), 1, 4.00))


def any_leg_spread() -> Document:
    """The gain of the bull spread pays for two of the three bear spreads: no part can go."""
    return document_of(
        (option("C", 85), 1, 19.0),
        (option("C", 95), -1, 7.0),
        (option("C", 110), -3, 3.0),
        (option("C", 115), 3, 2.0),
    )


def random_options(seed: int) -> Document:
    draw = random.Random(seed)
    held: dict[str, tuple[str, float, float]] = {}
    if draw.random() < 0.5:
        held["XYZ"] = ("XYZ", draw.choice([-200, 100, 350]), 100.0)
    for _ in range(draw.randint(1, 9)):
        symbol = option(draw.choice("CP"), 80 + 2.5 * draw.randint(0, 16), draw.choice([JANUARY, FEBRUARY, "280121"]))
        held[symbol] = (symbol, draw.choice([-3, -2, -1, 1, 2, 3]), 0.05 * draw.randint(1, 200))
    return document_of(*held.values())


# --- the report -------------------------------------------------------------------------------------------------------


def test_the_pairing_of_an_iron_condor() -> None:
    # The wider side, 7.50; apart 5 and 7.50.
    (group,) = mc.evaluate(iron_condor(), alternatives=True).to_dict()["pairing"]
    assert group == {
        "name": "iron condor 85/90/110/117.5",
        "rule": "strategy.spread",
        "positions": [option("P", 85), option("P", 90), option("C", 110), option("C", 117.5)],
        "quantities": [2.0, -2.0, -2.0, 2.0],
        "maintenance": 1_500.0,
        "worst_strike": 117.5,
        "next_best": {"rule": "strategy.spread", "amount": 2_500.0},
    }


def test_what_is_next_best_is_computed_where_it_is_asked_for() -> None:
    asked, not_asked = mc.evaluate(covered_call(), alternatives=True), mc.evaluate(covered_call())
    # 25 % of 200 shares; 1.00 + (20 - 10) beside them
    assert asked.pairing[0].next_best is not None
    assert dict(asked.pairing[0].next_best) == {"rule": "option.short", "amount": 7_200.0}
    assert not_asked.pairing[0].next_best is None
    assert asked.requirement == not_asked.requirement
    assert mc.evaluate(document_of((option("C", 110), -1, 1.0)), alternatives=True).pairing[0].next_best is None


def test_a_spread_without_a_name_says_how_many_series_it_has() -> None:
    # 10 of gain against 15 of loss; in spreads of two series 15.
    (group,) = mc.evaluate(any_leg_spread(), alternatives=True).pairing
    assert (group.name, group.maintenance, group.worst_strike) == ("any-leg spread of 4 series", 500.0, 115.0)
    assert group.next_best is not None
    assert group.next_best.amount == 1_500.0


def test_stock_alone_has_no_pairing(example: Document) -> None:
    assert mc.evaluate(example, alternatives=True).pairing == []


@pytest.mark.parametrize("seed", range(60))
def test_groups_and_stock_add_up_and_hold_every_option_once(seed: int) -> None:
    document = random_options(seed)
    report = mc.evaluate(document, alternatives=True)
    Draft202012Validator(mc.schema("report")).validate(report.to_dict())
    assert mc.Report.from_dict(json.loads(report.to_json())) == report
    stock = [line for line in report.lines if line.rule.startswith("stock.")]
    asked = [part.maintenance for part in (*report.pairing, *stock)]
    assert sum(asked) == pytest.approx(report.requirement.maintenance, abs=CENT)
    held: dict[str, float] = {}
    for part in (*report.pairing, *stock):
        for symbol, quantity in zip(part.positions, part.quantities, strict=True):
            held[symbol] = held.get(symbol, 0.0) + quantity
    assert held == {p["symbol"]: p["quantity"] for p in document["account"]["positions"]}
    for group in report.pairing:
        assert group.next_best is None or group.next_best.amount >= group.maintenance - 1e-6


def test_the_explanation_names_the_groups() -> None:
    tree = mc.explain(mc.evaluate(iron_condor(), alternatives=True))
    (pairing,) = [part for part in tree.parts if part.label == "pairing"]
    (group,) = pairing.parts
    assert group.label.startswith("iron condor 85/90/110/117.5: 2 ")
    assert (group.amount, group.citation) == (1_500.0, "FINRA 4210(f)(2)(H)(i)")
    assert group.why.startswith("worst at 117.5 or above: long 2 puts 85 nothing, short 2 puts 90 nothing, ")
    assert "short 2 calls 110 lose 1,500.00" in group.why
    assert group.why.endswith("; next best strategy.spread, 2,500.00, 1,000.00 more")
    assert "iron condor 85/90/110/117.5" in tree._repr_html_()


def test_the_command_explains_with_what_is_next_best(tmp_path: Path) -> None:
    file = tmp_path / "account.json"
    file.write_text(json.dumps(iron_condor()))
    command = [sys.executable, "-m", "margincore"]
    done = subprocess.run([*command, "explain", file], capture_output=True, text=True, check=True)
    assert "next best strategy.spread, 2,500.00" in done.stdout
    done = subprocess.run([*command, "evaluate", file], capture_output=True, text=True, check=True)
    assert re.search(r"iron condor 85/90/110/117\.5 .*1,500\.00 +117\.5", done.stdout)


def test_html_shows_the_groups() -> None:
    html = mc.evaluate(iron_condor(), alternatives=True)._repr_html_()
    assert "iron condor 85/90/110/117.5" in html
    assert "2,500.00 (strategy.spread)" in html
    assert "worst strike" not in mc.evaluate(document_of(("XYZ", 10, 100.0)))._repr_html_()


# --- pictures ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def pyplot() -> Iterator[Any]:
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    yield pyplot
    pyplot.close("all")


def curve(axes: Axes) -> dict[float, float]:
    """The points of the payoff."""
    (line,) = [line for line in axes.lines if line.get_linewidth() == 2.0]
    return dict(zip(map(float, line.get_xdata()), map(float, line.get_ydata()), strict=True))  # type: ignore[arg-type]


def legend(axes: Axes) -> list[str]:
    box = axes.get_legend()
    assert box is not None
    return [text.get_text() for text in box.get_texts()]


def test_the_payoff_of_an_iron_condor(pyplot: Any) -> None:
    axes = mc.plot.payoff(iron_condor())
    points = curve(axes)
    # What exercise brings of 2: -5 a unit below, -7.50 above, nothing between the short strikes.
    expected = {85: -1_000, 90: 0, 100: 0, 110: 0, 117.5: -1_500}
    assert {price: points[price] for price in expected} == pytest.approx(expected)
    assert points[min(points)] == pytest.approx(-1_000)
    assert points[max(points)] == pytest.approx(-1_500)
    assert "worst at 117.5: -1,500.00 USD" in legend(axes)
    assert "XYZ at 100" in legend(axes)
    assert axes.get_title(loc="left") == "iron condor 85/90/110/117.5: maintenance 1,500.00 USD"
    assert axes.get_xlabel() == "price of XYZ on 2027-01-15, USD"
    assert axes.get_ylabel() == "value at exercise, premiums apart, USD"
    assert axes.figure is not None
    assert len(pyplot.get_fignums()) == 1


def test_the_payoff_of_a_covered_call_has_the_stock_in_it(pyplot: Any) -> None:  # noqa: ARG001
    points = curve(mc.plot.payoff(covered_call(), "covered call 110"))
    assert points[110] == pytest.approx(2_000)  # 200 shares, 10 up
    assert points[max(points)] == pytest.approx(2_000)
    assert points[100] == pytest.approx(0)
    assert points[min(points)] == pytest.approx(200 * (min(points) - 100))


def test_the_payoff_of_two_expiries_says_when(pyplot: Any) -> None:  # noqa: ARG001
    axes = mc.plot.payoff(calendar())
    assert set(curve(axes).values()) == {0.0}
    assert axes.get_xlabel() == "price of XYZ on 2027-01-15, USD; intrinsic value of longs that live to 2027-02-19"
    assert "no loss at any strike" in legend(axes)


def test_the_payoff_counts_what_the_document_says_of_a_contract(pyplot: Any) -> None:  # noqa: ARG001
    document = document_of((option("P", 90), -2, 1.5))
    document["market"]["instruments"][option("P", 90)]["multiplier"] = 10
    points = curve(mc.plot.payoff(document))
    assert points[min(points)] == pytest.approx(-2 * 10 * (90 - min(points)))


def test_the_payoff_is_drawn_where_the_caller_wants_it(pyplot: Any, tmp_path: Path) -> None:
    figure, axes = pyplot.subplots()
    assert mc.plot.payoff(any_leg_spread(), ax=axes) is axes
    figure.savefig(tmp_path / "payoff.png")
    assert (tmp_path / "payoff.png").stat().st_size > 10_000


def test_the_page_of_options_draws_its_picture(pyplot: Any) -> None:  # noqa: ARG001
    page = Path(__file__).resolve().parents[2] / "docs" / "rules" / "options.md"
    (code,) = re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.S)
    names: dict[str, Any] = {}
    exec(code, names)
    assert legend(names["axes"]) == ["XYZ at 100", "worst at 117.5: -1,500.00 USD"]


@pytest.mark.parametrize("seed", range(10))
def test_every_group_can_be_drawn_and_loses_what_it_is_charged(pyplot: Any, seed: int) -> None:
    document = random_options(seed)
    for place, group in enumerate(mc.evaluate(document).pairing):
        _, axes = pyplot.subplots()
        points = curve(mc.plot.payoff(document, place, ax=axes))
        if group.rule == "strategy.spread":
            assert -min(0.0, *points.values()) == pytest.approx(group.maintenance, abs=CENT)
        if group.worst_strike is not None:
            assert points[group.worst_strike] == pytest.approx(-group.maintenance, abs=CENT)


@pytest.mark.parametrize("group", [1, -1, "iron condor", True, None, 0.0])
def test_a_group_that_is_not_there_is_refused(pyplot: Any, group: Any) -> None:  # noqa: ARG001
    with pytest.raises(mc.InvalidInput) as caught:
        mc.plot.payoff(iron_condor(), group)
    assert caught.value.where == "group"


def test_a_report_is_refused_because_it_does_not_know_contract_sizes(pyplot: Any) -> None:  # noqa: ARG001
    report: Any = mc.evaluate(iron_condor())
    with pytest.raises(mc.InvalidInput, match="contract sizes") as caught:
        mc.plot.payoff(report)
    assert caught.value.where == "document"


def test_without_matplotlib_an_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match=r"pip install 'margincore\[plot\]'"):
        mc.plot.payoff(iron_condor())


def test_the_payoff_is_documented_with_its_source() -> None:
    text = mc.plot.payoff.__doc__ or ""
    assert re.findall(r"^ *(\w+)\n *-+$", text, re.MULTILINE) == ["Parameters", "Returns", "Raises", "Source"]
