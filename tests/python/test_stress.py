# SPDX-License-Identifier: Apache-2.0
"""The beta-weighted stress table, against the workshop's worked checks and against evaluating anew."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import margincore as mc
import numpy as np
import pytest
from support import Document, random_document

CENT = 0.005
SEEDS = range(40)


def workshop_document() -> Document:
    """The workshop's worked check: AAPL 100 at 150, NVDA 50 at 400, KO 200 at 60, cash 10,000."""
    holdings = {"AAPL": (100, 150.0, 1.2), "NVDA": (50, 400.0, 1.8), "KO": (200, 60.0, 0.6)}
    return {
        "account": {
            "cash": 10_000,
            "positions": [{"symbol": symbol, "quantity": quantity} for symbol, (quantity, _, _) in holdings.items()],
        },
        "market": {
            "valuation_date": "2026-11-20",
            "instruments": {
                "SPY": {"kind": "broad_index_etf", "price": 450.0},
                **{s: {"kind": "equity", "price": price, "beta": beta} for s, (_, price, beta) in holdings.items()},
            },
        },
    }


# --- worked checks ----------------------------------------------------------------------------------------------------


def test_the_workshops_worked_check() -> None:
    # Source: workshop, worked check: beta-weighted 61,200; SPY -8 % loses 4,896; excess after it 40,354.
    table = mc.stress(workshop_document())
    assert table.beta_weighted.exposure == pytest.approx(61_200, abs=CENT)
    assert table[0].move == -0.08
    assert table[0].pnl == pytest.approx(-4_896, abs=CENT)
    assert table[0].excess == pytest.approx(40_354, abs=CENT)
    assert not table[0].underwater


def test_the_grid_is_the_workshops() -> None:
    # Source: workshop, SPY stress grid: -8, -6, -4, -2, 0, +2, +4, +6 %.
    assert [point.move for point in mc.stress(workshop_document())] == [-0.08, -0.06, -0.04, -0.02, 0, 0.02, 0.04, 0.06]


def test_the_demo_account() -> None:
    # Source: workshop, ACC_DEMO_001: 500 NVDA at 400.00, beta 1.8, cash 50,000, SPY 450.00;
    # share equivalents are quantity x beta x price / benchmark price = 500 x 1.8 x 400 / 450.
    document = workshop_document()
    document["account"] = {"id": "ACC_DEMO_001", "cash": 50_000, "positions": [{"symbol": "NVDA", "quantity": 500}]}
    weighted = mc.stress(document).beta_weighted
    assert weighted.benchmark == "SPY"
    assert weighted.exposure == 360_000
    assert weighted.shares == pytest.approx(800)
    assert weighted.leverage == pytest.approx(360_000 / 250_000)


def test_reverse_stress_of_the_contracts_example(example: Document) -> None:
    # Source: arithmetic on the contract's figures: 30,000 and 80,000 over a beta-weighted exposure of 360,000.
    reverse = mc.stress(example).beta_weighted.reverse
    assert reverse.excess_zero == (pytest.approx(-30_000 / 360_000), None)
    assert reverse.equity_zero == (pytest.approx(-80_000 / 360_000), None)


def test_reverse_stress_of_a_short_account_is_a_rise(example: Document) -> None:
    # Source: arithmetic: short 500 at 400 with 300,000 cash: equity 100,000, 30 % is 60,000, 40,000 over 360,000.
    example["account"].update(cash=300_000, positions=[{"symbol": "NVDA", "quantity": -500}])
    reverse = mc.stress(example).beta_weighted.reverse
    assert reverse.excess_zero == (None, pytest.approx(40_000 / 360_000))
    assert reverse.equity_zero == (None, pytest.approx(100_000 / 360_000))


def test_an_account_that_outlives_every_fall_has_no_reverse_stress() -> None:
    # Source: arithmetic: with every share at its worst at -100 %, 15,000 + 20,000 + 0.6 x 12,000 = 42,200 < 45,250.
    assert mc.stress(workshop_document()).beta_weighted.reverse.excess_zero == (None, None)


def test_nothing_falls_below_worthless(example: Document) -> None:
    # Source: the contract: each underlying moves by beta x move, not below -100 %.
    (point,) = mc.stress(example, [-1.0])
    assert point.pnl == -200_000.0


# --- identities -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("with_add_ons", [False, True])
@pytest.mark.parametrize("seed", SEEDS)
def test_the_remargined_excess_is_that_of_an_account_at_the_moved_prices(seed: int, with_add_ons: bool) -> None:
    # Source: the contract: `excess_remargined` has the requirement anew at the moved prices.
    document = random_document(seed, add_ons=with_add_ons)
    for point in mc.stress(document, [-0.2, 0.05, 0.3]):
        moved = copy.deepcopy(document)
        for entry in moved["market"]["instruments"].values():
            entry["price"] *= 1 + max(-1.0, entry.get("beta", 1.0) * point.move)
        report = mc.evaluate(moved)
        assert point.excess_remargined == pytest.approx(report.excess.total, abs=CENT)
        assert point.net_liquidation == pytest.approx(report.net_liquidation, abs=CENT)


@pytest.mark.parametrize("seed", SEEDS)
def test_at_a_reverse_stress_nothing_is_left(seed: int) -> None:
    # Source: the contract: the nearest move at which excess.total (net_liquidation) + P&L is 0.
    document = random_document(seed)
    reverse = mc.stress(document).beta_weighted.reverse
    for field, pair in (("excess", reverse.excess_zero), ("net_liquidation", reverse.equity_zero)):
        down, up = pair
        assert down is None or -1 <= down < 0
        assert up is None or 0 < up <= 3
        for move in filter(None, pair):
            (point,) = mc.stress(document, [move])
            assert getattr(point, field) == pytest.approx(0, abs=CENT)
    # and no grid point changes sign where there is none
    if reverse.equity_zero == (None, None):
        signs = {p.net_liquidation > 0 for p in mc.stress(document, np.linspace(-1, 3, 81).tolist())}
        assert len(signs) == 1


def test_the_report_has_the_same_table(example: Document) -> None:
    report = mc.evaluate(example, stress=True)
    table = mc.stress(example)
    assert report.stress == table.points
    assert report.beta_weighted == table.beta_weighted
    assert table.underlyings == report.underlyings
    assert table.shock == report.shock
    keys = ("stress", "beta_weighted", "underlyings", "shock")
    assert table.to_dict() == {key: report.to_dict()[key] for key in keys}


# --- underlyings ------------------------------------------------------------------------------------------------------


def test_an_underlying_alone_and_its_point_of_no_return(example: Document) -> None:
    # Source: arithmetic on the contract's figures: 80,000 of net liquidation value over 200,000 of NVDA at 400.
    (nvda,) = mc.stress(example).underlyings
    assert (nvda.underlying, nvda.net_value, nvda.delta_shares) == ("NVDA", 200_000, 500)
    assert nvda.pnl == (-50_000, 50_000)
    assert nvda.point_of_no_return == (pytest.approx(-0.4, abs=1e-6), None)
    assert mc.stress(example).shock == (-50_000, 50_000)


def test_other_names_do_not_move_with_an_underlying(example: Document) -> None:
    # Source: spec: the point of no return is per underlying and ignores other names. Net liquidation value 80,000 +
    # 30,000, of which SPY, long 30,000, can take no more than 30,000.
    example["market"]["instruments"]["SPY"]["price"] = 600.0
    example["account"]["positions"].append({"symbol": "SPY", "quantity": 50})
    nvda, spy = mc.stress(example).underlyings
    assert nvda.point_of_no_return == (pytest.approx(-110_000 / 200_000, abs=1e-6), None)
    assert spy.point_of_no_return == (None, None)
    assert mc.stress(example).shock == (-57_500, 57_500)


def test_a_straddle_has_two_points_of_no_return(example: Document) -> None:
    # Source: brute force over the stress table, where NVDA alone moves with a benchmark of beta 1.
    example["market"]["rate"] = 0.04
    example["market"]["instruments"]["NVDA"]["beta"] = 1.0
    example["market"]["instruments"] |= {
        "NVDA  270115C00400000": {"price": 24.0},
        "NVDA  270115P00400000": {"price": 22.0},
    }
    example["account"].update(
        cash=150_000,
        positions=[
            {"symbol": "NVDA  270115C00400000", "quantity": -10},
            {"symbol": "NVDA  270115P00400000", "quantity": -10},
        ],
    )
    table = mc.stress(example, np.round(np.arange(-1, 3.0001, 0.005), 3).tolist())
    (nvda,) = table.underlyings
    assert nvda.net_value == -46_000
    assert nvda.point_of_no_return == pytest.approx(table.beta_weighted.reverse.equity_zero, abs=2e-6)
    below = [point.move for point in table if point.net_liquidation < 0]
    down, up = nvda.point_of_no_return
    assert down is not None
    assert up is not None
    nearest_fall = max(move for move in below if move < 0)
    nearest_rise = min(move for move in below if move > 0)
    assert nearest_fall <= down <= nearest_fall + 0.005
    assert nearest_rise - 0.005 <= up <= nearest_rise


# --- moves ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "moves",
    [[-0.05, 0.1], (-0.05, 0.1), np.array([-0.05, 0.1]), [np.float32(-0.05), 0.1]],
    ids=["list", "tuple", "array", "scalars"],
)
def test_moves_are_taken_in_their_order(example: Document, moves: Sequence[float]) -> None:
    assert [p.move for p in mc.stress(example, moves)] == pytest.approx([-0.05, 0.1])
    assert [p.move for p in mc.stress(example, moves[::-1])] == pytest.approx([0.1, -0.05])


def test_moves_of_the_policy_and_of_the_caller(example: Document) -> None:
    example["policy"]["stress_moves"] = [-0.3]
    assert [point.move for point in mc.stress(example)] == [-0.3]
    assert [point.move for point in mc.stress(example, [0.2, 0.2])] == [0.2, 0.2]


@pytest.mark.parametrize(
    ("moves", "message"),
    [
        ([], "moves: must have at least one move, got none"),
        ([0.1, -1.5], "moves[1]: must be between -1 and 10, got -1.5"),
        ([11], "moves[0]: must be between -1 and 10, got 11"),
        ([float("nan")], "moves[0]: must be a finite number, got nan"),
        ([float("-inf")], "moves[0]: must be a finite number, got -inf"),
    ],
)
def test_bad_moves_are_refused(example: Document, moves: list[float], message: str) -> None:
    with pytest.raises(mc.InvalidInput) as caught:
        mc.stress(example, moves)
    assert str(caught.value) == message


# --- what is missing --------------------------------------------------------------------------------------------------


def test_a_missing_beta_is_refused_by_name(example: Document) -> None:
    del example["market"]["instruments"]["NVDA"]["beta"]
    mc.evaluate(example)  # without stress nobody needs it
    for compute in (mc.stress, lambda document: mc.evaluate(document, stress=True)):
        with pytest.raises(mc.MissingData) as caught:
            compute(example)
        assert caught.value.where == "market.instruments.NVDA.beta"


def test_a_stated_default_is_used_and_reported(example: Document) -> None:
    # Source: the contract: unless policy.missing_beta states a value; the report says who used it.
    del example["market"]["instruments"]["NVDA"]["beta"]
    example["policy"]["missing_beta"] = 1.5
    report = mc.evaluate(example, stress=True)
    assert report.beta_weighted is not None
    assert report.beta_weighted.exposure == 300_000
    (warning,) = report.warnings
    assert warning.where == "market.instruments.NVDA.beta"
    assert "1.5" in warning.message
    assert mc.evaluate(example).warnings == []  # nobody used it


def test_the_benchmarks_own_beta_is_one(example: Document) -> None:
    # Source: the contract: the benchmark's own is 1.
    example["account"]["positions"] = [{"symbol": "SPY", "quantity": 100}]
    report = mc.evaluate(example, stress=True)
    assert report.beta_weighted is not None
    assert report.beta_weighted.exposure == 67_000
    assert report.beta_weighted.shares == pytest.approx(100)
    assert report.warnings == []


def test_without_a_price_of_the_benchmark_there_are_no_share_equivalents(example: Document) -> None:
    del example["market"]["instruments"]["SPY"]
    report = mc.evaluate(example, stress=True)
    assert report.beta_weighted is not None
    assert report.beta_weighted.shares is None
    assert [warning.where for warning in report.warnings] == ["market.instruments.SPY"]


def test_leverage_is_nothing_where_net_liquidation_is_not_positive(example: Document) -> None:
    example["account"]["cash"] = -200_000
    assert mc.stress(example).beta_weighted.leverage is None


def test_an_empty_account(example: Document) -> None:
    example["account"]["positions"] = []
    table = mc.stress(example)
    assert {point.pnl for point in table} == {0.0}
    assert table.beta_weighted.exposure == 0
    assert table.beta_weighted.reverse.excess_zero == (None, None)


# --- the table as a sequence ------------------------------------------------------------------------------------------


def test_a_stress_table_is_a_sequence(example: Document) -> None:
    table: Any = mc.stress(example)
    assert isinstance(table, Sequence)
    assert len(table) == 8
    assert table[-1] == table[7] == list(table)[-1]
    assert table[2:4] == [table[2], table[3]]
    assert table[0] in table
    assert next(reversed(table)) == table[7]
    assert table.index(table[3]) == 3
    with pytest.raises(IndexError):
        table[8]
    assert table != list(table)


def test_a_stress_table_prints_a_line_a_move(example: Document) -> None:
    lines = repr(mc.stress(example)).splitlines()
    assert len(lines) == 8
    # Source: arithmetic: 360,000 x 8 % = 28,800; 30,000 - 28,800.
    assert lines[0] == "SPY -8.00%  P&L -28,800.00  excess 1,200.00"


def test_a_stress_table_shows_as_html(example: Document) -> None:
    example["account"]["cash"] = -145_000  # 5,000 of excess
    html = mc.stress(example)._repr_html_()
    assert "-28,800.00" in html
    assert "under water" in html
    assert "equity 0 down" in html
    assert "all at once" in html
