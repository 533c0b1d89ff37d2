# SPDX-License-Identifier: Apache-2.0
"""Both methods side by side: of one account against its two reports, of a book, and their pictures."""

from __future__ import annotations

import copy
import math
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import margincore as mc
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from margincore._plot_portfolio import hedged, waterfall_steps
from support import Document

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CENT = 0.005
PUT, CALL = "XYZ   270115P00045000", "XYZ   270115C00055000"


def protected_document() -> Document:
    """500 XYZ with five puts and three calls written, two index funds against each other, and a note."""
    return {
        "account": {
            "id": "ACC_2",
            "type": "portfolio_margin",
            "cash": 200_000.0,
            "positions": [
                {"symbol": "XYZ", "quantity": 500},
                {"symbol": PUT, "quantity": 5},
                {"symbol": CALL, "quantity": -3},
                {"symbol": "SPY", "quantity": 100},
                {"symbol": "QQQ", "quantity": -100},
                {"symbol": "NOTE", "quantity": 50},
            ],
        },
        "market": {
            "valuation_date": "2026-11-20",
            "rate": 0.04,
            "instruments": {
                "XYZ": {"kind": "equity", "price": 50.0},
                PUT: {"price": 1.2},
                CALL: {"price": 1.0},
                "SPY": {"kind": "broad_index_etf", "price": 500.0},
                "QQQ": {"kind": "broad_index_etf", "price": 400.0},
                "NOTE": {"kind": "etn", "price": 20.0},
            },
        },
        "policy": {"house_ranges": {"XYZ": {"low": -0.3, "high": 0.2}}},
    }


def refused_document(method: str) -> Document:
    """An account that one method refuses: strategy a future, portfolio margin an unlisted option of a small account."""
    document = protected_document()
    if method == "strategy":
        document["market"]["instruments"]["ESZ26"] = {
            "kind": "future",
            "price": 5000,
            "underlying": "ES",
            "multiplier": 50,
        }
        document["account"]["positions"].append({"symbol": "ESZ26", "quantity": 1})
    else:
        document["market"]["instruments"][PUT]["listed"] = False
    return document


# --- one account ------------------------------------------------------------------------------------------------------


def test_a_comparison_has_the_figures_of_the_two_reports() -> None:
    document = protected_document()
    comparison = mc.compare(document)
    for method, figures in (("strategy", comparison.strategy), ("portfolio", comparison.portfolio)):
        report = mc.evaluate(document, method=method)  # type: ignore[arg-type]
        assert figures is not None
        assert figures.to_dict() == {key: report.to_dict()[key] for key in figures.keys()}  # noqa: SIM118
    assert comparison.account_id == "ACC_2"
    assert comparison.strategy is not None
    assert comparison.portfolio is not None
    assert comparison.difference == comparison.strategy.net_requirement - comparison.portfolio.net_requirement
    assert comparison.lower == "portfolio"
    assert comparison.portfolio.requirement.add_ons > 0  # of the house's ranges, and no part of what is compared


def test_the_groups_and_what_is_between_them_add_up() -> None:
    comparison = mc.compare(protected_document())
    assert [group.id for group in comparison.groups] == ["XYZ", "US_DIVERSIFIED", None]
    assert [len(group.positions) for group in comparison.groups] == [3, 2, 1]
    assert comparison.between_groups is not None
    differences = [group.difference for group in comparison.groups]
    assert None not in differences
    assert sum(filter(None, differences)) + comparison.between_groups == pytest.approx(comparison.difference)
    assert comparison.portfolio is not None
    assert sum(group.portfolio for group in comparison.groups) == pytest.approx(
        comparison.portfolio.requirement.maintenance
    )
    # Each group by strategy is an account of its own without cash.
    for group in comparison.groups:
        alone = protected_document()
        alone["account"].update(
            cash=0,
            positions=[
                {"symbol": symbol, "quantity": quantity}
                for symbol, quantity in zip(group.positions, group.quantities, strict=True)
            ],
        )
        assert group.strategy == pytest.approx(mc.evaluate(alone, method="strategy").net_requirement)


@pytest.mark.parametrize(("refusing", "other"), [("strategy", "portfolio"), ("portfolio", "strategy")])
def test_a_method_that_refuses_is_named_and_the_other_stands(refusing: str, other: str) -> None:
    document = refused_document(refusing)
    comparison = mc.compare(document)
    assert comparison[refusing] is None
    with pytest.raises(mc.MarginError) as caught:
        mc.evaluate(document, method=refusing)  # type: ignore[arg-type]
    assert comparison[f"{refusing}_refused"].to_dict() == {"where": caught.value.where, "message": str(caught.value)}
    assert comparison[other].net_requirement == mc.evaluate(document, method=other).net_requirement  # type: ignore[arg-type]
    assert comparison[f"{other}_refused"] is None
    assert (comparison.lower, comparison.difference, comparison.between_groups) == (None, None, None)


def test_an_account_that_neither_margins_is_an_error() -> None:
    document = protected_document()
    document["account"]["positions"][0]["quantity"] = 0
    with pytest.raises(mc.InvalidInput, match="must not be zero") as caught:
        mc.compare(document)
    assert caught.value.where == "account.positions[0].quantity"


def test_the_type_of_the_account_plays_no_part() -> None:
    document = protected_document()
    first = mc.compare(document)
    document["account"]["type"] = "margin"
    assert mc.compare(document) == first


def test_what_a_notebook_shows() -> None:
    html = mc.compare(protected_document())._repr_html_()
    assert "portfolio margin is lower by " in html
    assert "US_DIVERSIFIED" in html
    assert "between groups" in html
    hostile = protected_document()
    hostile["account"]["id"] = "<script>alert(1)</script>"
    assert "<script" not in mc.compare(hostile)._repr_html_()
    assert "strategy refuses the account" in mc.compare(refused_document("strategy"))._repr_html_()


# --- a book -----------------------------------------------------------------------------------------------------------


def book() -> tuple[dict[str, Any], dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Accounts of one position each, one that strategy refuses and one that both do."""
    held = [("A", "XYZ", 500.0), ("B", "NOTE", 10.0), ("C", "ESZ26", 1.0), ("D", "XYZ", 0.0), ("E", "SPY", -10.0)]
    positions = {
        "account_id": [account for account, _, _ in held],
        "symbol": [symbol for _, symbol, _ in held],
        "quantity": [quantity for _, _, quantity in held],
    }
    instruments = {
        "symbol": ["XYZ", "NOTE", "ESZ26", "SPY"],
        "kind": ["equity", "etn", "future", "broad_index_etf"],
        "price": [50.0, 20.0, 5000.0, 500.0],
        "underlying": [None, None, "ES", None],
        "multiplier": [None, None, 50.0, None],
    }
    accounts = {"account_id": list("ABCDE"), "cash": [100_000.0] * 5}
    return positions, instruments, accounts, {"valuation_date": "2026-11-20", "rate": 0.04}


def test_a_book_is_compared_account_by_account() -> None:
    result = mc.compare_frame(*book())
    assert list(result) == [
        "account_id",
        *(
            f"{m}_{f}"
            for m in ("strategy", "portfolio")
            for f in ("net_requirement", "excess_maintenance", "excess_total")
        ),
        "difference",
        "lower",
        *(f"{m}_{f}" for m in ("strategy", "portfolio") for f in ("error", "where")),
    ]
    # By hand: 25 % against 15 % of the stock, FINRA 4210(c)(1) and (g); 25 % of the note in both; 8 % of the future;
    # of the short fund 30 % against what 6 % up loses.
    assert result["strategy_net_requirement"] == pytest.approx([6250, 50, math.nan, math.nan, 1500], nan_ok=True)
    assert result["portfolio_net_requirement"] == pytest.approx([3750, 50, 20_000, math.nan, 300], nan_ok=True)
    assert result["difference"] == pytest.approx([2500, 0, math.nan, math.nan, 1200], nan_ok=True)
    assert list(result["lower"]) == ["portfolio", "equal", None, None, "portfolio"]
    assert list(result["strategy_where"]) == [None, None, "positions[2].symbol", "positions[3].quantity", None]
    assert list(result["portfolio_where"]) == [None, None, None, "positions[3].quantity", None]
    assert "future" in result["strategy_error"][2]


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, pa.table], ids=["pandas", "polars", "arrow"])
def test_a_frame_comes_out_as_it_went_in(make: Any) -> None:
    positions, instruments, accounts, market = book()
    result: Any = mc.compare_frame(make(positions), make(instruments), make(accounts), market)
    assert type(result) is type(make(positions))
    columns = {name: list(column) for name, column in mc.compare_frame(*book()).items()}
    names = list(getattr(result, "columns", None) if make is not pa.table else result.column_names)
    assert names == list(columns)
    missing = make is pd.DataFrame
    for name, expected in columns.items():
        got = result[name].to_pylist() if make is pa.table else list(result[name])
        if name == "account_id" or expected[0] is None or isinstance(expected[0], str):
            assert [None if one is None or one != one else one for one in got] == expected
        else:
            assert [math.nan if one is None else one for one in got] == pytest.approx(expected, nan_ok=True)
            assert missing or not any(one is not None and math.isnan(one) for one in got)


def test_a_record_batch_and_threads_and_progress() -> None:
    positions, instruments, accounts, market = book()
    seen: list[tuple[int, int]] = []
    batch = pa.RecordBatch.from_pydict(positions)
    result: Any = mc.compare_frame(
        batch, instruments, accounts, market, threads=2, progress=lambda done, of: seen.append((done, of))
    )
    assert type(result) is pa.RecordBatch
    assert {of for _, of in seen} == {10}
    assert max(done for done, _ in seen) == 10
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


def test_a_book_agrees_with_its_accounts() -> None:
    document = protected_document()
    instruments = document["market"]["instruments"]
    keys = sorted({key for entry in instruments.values() for key in entry})
    columns = {"symbol": list(instruments)} | {key: [e.get(key) for e in instruments.values()] for key in keys}
    positions = {
        "account_id": ["A"] * len(document["account"]["positions"]),
        "symbol": [position["symbol"] for position in document["account"]["positions"]],
        "quantity": [float(position["quantity"]) for position in document["account"]["positions"]],
    }
    accounts = {"account_id": ["A"], "cash": [200_000.0]}
    market = {"valuation_date": "2026-11-20", "rate": 0.04}
    result = mc.compare_frame(positions, columns, accounts, market, document["policy"])
    comparison = mc.compare(document)
    for method in ("strategy", "portfolio"):
        figures = comparison[method]
        assert result[f"{method}_net_requirement"][0] == pytest.approx(figures.net_requirement)
        assert result[f"{method}_excess_maintenance"][0] == pytest.approx(figures.excess.maintenance)
        assert result[f"{method}_excess_total"][0] == pytest.approx(figures.excess.total)
    assert result["lower"][0] == comparison.lower


# --- pictures ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def pyplot() -> Iterator[Any]:
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    yield pyplot
    pyplot.close("all")


@pytest.fixture
def report() -> mc.Report:
    return mc.evaluate(protected_document(), method="portfolio")


def legend(axes: Axes) -> list[str]:
    box = axes.get_legend()
    assert box is not None
    return [text.get_text() for text in box.get_texts()]


def heights(axes: Axes) -> list[float]:
    return [bar.get_height() for bar in axes.patches]  # type: ignore[attr-defined]


def test_points_are_those_of_the_group(pyplot: Any, report: mc.Report) -> None:
    axes = mc.plot.points(report, "XYZ")
    (group,) = [group for group in report.groups if group.id == "XYZ"]
    assert heights(axes) == group.points
    hatched = [bar.get_hatch() is not None for bar in axes.patches]
    assert [place for place, marked in enumerate(hatched) if marked] == [group.worst_point]
    assert f"worst at point {group.worst_point}" in axes.get_title(loc="left")
    assert axes.get_ylabel() == "gain, USD"
    assert f"minimum {group.minimum:,.2f} USD" in legend(axes)
    # The top group that asks for most, where none is named.
    top = max(report.groups, key=lambda of: of.requirement or 0.0)
    assert heights(mc.plot.points(report, ax=pyplot.subplots()[1])) == top.points


def test_the_heat_map_has_the_regulatory_points_and_the_model(pyplot: Any, report: mc.Report) -> None:  # noqa: ARG001
    (group,) = [group for group in report.groups if group.id == "XYZ"]
    spot = [-0.15, -0.03, 0.0, 0.15]
    axes = mc.plot.heat_map(protected_document(), PUT, spot, [-0.2, 0.0, 0.2])
    mesh = np.asarray(axes.collections[0].get_array())
    assert mesh.shape == (3, 4)
    assert mesh[1, 0] == pytest.approx(group.points[0], abs=1e-3)
    assert mesh[1, 1] == pytest.approx(group.points[4], abs=1e-3)
    assert mesh[1, 2] == pytest.approx(0.0, abs=1e-3)
    assert mesh[1, 3] == pytest.approx(group.points[9], abs=1e-3)
    (worst,) = [text for text in legend(axes) if "worst" in text]
    assert f"{group.points[group.worst_point]:,.2f} USD" in worst
    assert axes.get_xlabel() == "move of XYZ"
    assert axes.get_ylabel() == "relative move of volatilities"


def test_the_heat_map_moves_volatilities_relatively(pyplot: Any) -> None:  # noqa: ARG001
    # By the model itself: five puts more at a volatility half as high again, five calls apart.
    document = protected_document()
    document["account"]["positions"] = [{"symbol": PUT, "quantity": 5}]
    time = 56 / 365
    volatility = float(mc.implied_volatility(1.2, "put", 50.0, 45.0, time, 0.04, 0.0, style="american"))
    more = float(mc.price_american("put", 45.0, 45.0, time, 0.04, 0.0, 1.5 * volatility))
    axes = mc.plot.heat_map(document, "XYZ", [-0.1, 0.0], [0.0, 0.5])
    assert np.asarray(axes.collections[0].get_array())[1, 0] == pytest.approx(500 * (more - 1.2), abs=0.05)


def test_the_waterfall_ends_at_the_requirement(pyplot: Any, report: mc.Report) -> None:  # noqa: ARG001
    steps = waterfall_steps(report)
    level = 0.0
    for step in steps:
        if step.is_sum:
            assert level == pytest.approx(step.amount) or step is steps[0]
            level = step.amount
        else:
            level += step.amount
    assert [step.label for step in steps if step.is_sum] == [
        "each class at its own worst point",
        "losses of the top groups",
        "maintenance requirement",
        "total requirement",
    ]
    assert steps[-1].amount == pytest.approx(report.requirement.total)
    # By hand: the classes' own worst losses, and 25 % of the note.
    classes = [group for group in report.groups if group.level == "class"]
    assert steps[0].amount == pytest.approx(sum(max(0.0, -min(group.points)) for group in classes))
    (carried,) = [step for step in steps if step.label == "not eligible, by strategy"]
    assert carried.amount == pytest.approx(250)
    assert all(step.amount < 0 for step in steps if step.label.startswith("gains"))
    axes = mc.plot.waterfall(report)
    assert [text.get_text() for text in axes.get_yticklabels()] == [step.label for step in steps]
    assert f"{report.requirement.total:,.2f} USD" in axes.get_title(loc="left")


def test_a_hedge_is_compared_contract_by_contract(pyplot: Any) -> None:  # noqa: ARG001
    document = protected_document()
    shares, multiplier, compared = hedged(document, "XYZ", PUT)
    assert (shares, multiplier, list(compared)) == (500, 100, list(range(11)))
    assert list(hedged(document, "XYZ", CALL)[2]) == [-n for n in range(11)]  # calls are written against stock
    axes = mc.plot.hedge_ratio(document, "XYZ", PUT, range(4))
    strategy, portfolio = axes.lines[:2]
    assert list(strategy.get_xdata()) == [0, 1, 2, 3]
    alone = copy.deepcopy(document)
    alone["account"]["positions"] = [{"symbol": "XYZ", "quantity": 500}, {"symbol": PUT, "quantity": 3}]
    alone["policy"] = {}
    comparison = mc.compare(alone)
    assert comparison.strategy is not None
    assert comparison.portfolio is not None
    assert strategy.get_ydata()[3] == pytest.approx(comparison.strategy.net_requirement)
    assert portfolio.get_ydata()[3] == pytest.approx(comparison.portfolio.net_requirement)
    # By hand: stock alone asks for 25 % and for 15 %.
    assert [strategy.get_ydata()[0], portfolio.get_ydata()[0]] == pytest.approx([6250, 3750])
    assert legend(axes) == ["strategy", "portfolio margin"]


@pytest.mark.parametrize(
    ("draw", "where"),
    [
        (lambda of: mc.plot.points(mc.evaluate(of, method="strategy")), "report"),
        (lambda of: mc.plot.waterfall(mc.evaluate(of, method="strategy")), "report"),
        (lambda of: mc.plot.waterfall(of), "report"),
        (lambda of: mc.plot.points(mc.evaluate(of, method="portfolio"), "ABC"), "group"),
        (lambda of: mc.plot.heat_map(of, "ABC"), "group"),
        (lambda of: mc.plot.heat_map(of, "NOTE"), "group"),
        (lambda of: mc.plot.heat_map(of, "XYZ", [0.1, -0.1]), "spot_moves"),
        (lambda of: mc.plot.heat_map(of, "XYZ", None, [0.0]), "volatility_moves"),
        (lambda of: mc.plot.heat_map(of, "XYZ", None, [-1.0, 0.0]), "volatility_moves[0]"),
        (lambda of: mc.plot.hedge_ratio(of, "ABC", PUT), "stock"),
        (lambda of: mc.plot.hedge_ratio(of, "SPY", PUT), "option"),
        (lambda of: mc.plot.hedge_ratio(of, "XYZ", "SPY"), "option"),
    ],
)
def test_what_cannot_be_drawn_is_refused_by_name(pyplot: Any, draw: Any, where: str) -> None:  # noqa: ARG001
    with pytest.raises(mc.InvalidInput) as caught:
        draw(protected_document())
    assert caught.value.where == where


@pytest.mark.parametrize("name", ["points", "heat_map", "waterfall", "hedge_ratio"])
def test_without_matplotlib_an_error_says_what_to_install(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    arguments = {"heat_map": ("XYZ",), "hedge_ratio": ("XYZ", PUT)}.get(name, ())
    with pytest.raises(ImportError, match=r"pip install 'margincore\[plot\]'"):
        getattr(mc.plot, name)(protected_document(), *arguments)


@pytest.mark.parametrize("function", [mc.compare, mc.compare_frame, *(getattr(mc.plot, n) for n in mc.plot.__all__)])
def test_docstrings_have_their_parts(function: Any) -> None:
    import re

    parts = re.findall(r"^ *(\w+)\n *-+$", function.__doc__ or "", re.MULTILINE)
    assert parts == ["Parameters", "Returns", "Raises", "Source"]
