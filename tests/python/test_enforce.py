# SPDX-License-Identifier: Apache-2.0
"""The enforcement ladder, walked with real reports. Source: workshop, Figures, Ladder."""

from __future__ import annotations

import pickle
from dataclasses import dataclass, field
from typing import Any

import margincore as mc
import pytest

MINUTE = 60_000
START = 1_795_190_400_000  # 2026-11-20, milliseconds


def report_at(price: float, *, cash: float = -70_000, beta: float = 0.5, **policy: Any) -> mc.Report:
    """1,000 shares against a debit. Gross value G is 1,000 p; the excess E is 750 p + cash (25 % of a long)."""
    return mc.evaluate(
        {
            "account": {"id": "ACC", "cash": cash, "positions": [{"symbol": "XYZ", "quantity": 1000}]},
            "market": {
                "valuation_date": "2026-11-20",
                "instruments": {
                    "XYZ": {"kind": "equity", "price": price, "beta": beta},
                    "SPY": {"kind": "broad_index_etf", "price": 670.0},
                },
            },
            "policy": policy,
        },
        stress=True,
    )


@dataclass
class Walk:
    """An account on the ladder."""

    state: mc.EnforcementState = field(default_factory=mc.EnforcementState)

    def step(self, price: float, minutes: float, ladder: mc.Ladder | None = None, **account: Any) -> list[str]:
        before = self.state.to_dict()
        time = START + round(minutes * MINUTE)
        report = report_at(price, **account)
        after, events = mc.enforce(self.state, report, time, ladder)
        assert self.state.to_dict() == before  # a state is a value
        assert mc.enforce(self.state, report, time, ladder) == (after, events)  # and enforcing is pure
        assert all(event.time == time for event in events)
        assert all(event.excess == report.excess.total for event in events)
        assert all(event.deficiency == max(0.0, -report.excess.total) for event in events)
        assert mc.enforce(after, report, time, ladder) == (after, [])  # each step once
        self.state, self.events = after, events
        return [event.action for event in events]


def test_an_account_walks_every_step_and_back() -> None:
    # E and G as the docstring of `report_at` says; the worst severe move, -8 % at beta 0.5, loses 4 % of G.
    walk = Walk()
    assert walk.state.status == "ACTIVE"
    assert walk.step(100, 0) == []  # E = 5,000 is not below 5 % of G = 5,000
    assert walk.state.status == "ACTIVE"
    assert walk.step(99, 1) == ["WARNING"]  # 0 <= 4,250 < 4,950; 4,250 - 3,960 >= 0
    assert walk.state.status == "WARNING"
    assert walk.step(98.9, 2) == []
    assert walk.step(93, 3) == ["MARGIN_CALL"]  # E = -250
    assert walk.state.status == "MARGIN_CALL"
    assert walk.state.call_issued_at == START + 3 * MINUTE
    assert walk.events[0].deficiency == pytest.approx(250)
    assert walk.step(92, 33) == []  # outstanding for 30 minutes, not for more
    assert walk.step(92, 33.001) == ["CLOSE_ONLY"]
    assert walk.state.status == "RESTRICTED"
    assert walk.events[0].scenario is None
    assert "30 minutes" in walk.events[0].reason
    assert walk.step(80, 40) == []  # E = -10,000 is not beyond half of 20,000
    assert walk.step(79, 41) == ["SEVERE_DEFICIENCY"]  # 10,750 > 9,875
    assert walk.state.status == "LIQUIDATION"
    assert walk.step(70, 42) == []  # one trigger
    assert walk.step(94, 50) == ["LIQUIDATION_ENDED", "CALL_MET"]  # E = 500; 500 - 3,760 < 0 keeps the restriction
    assert walk.state.status == "RESTRICTED"
    assert walk.state.call_issued_at is None
    assert walk.step(99, 51) == ["RELEASED", "WARNING"]  # 4,250 - 3,960 >= 0
    assert walk.state.status == "WARNING"
    assert walk.step(101, 52) == ["ACTIVE"]
    assert walk.state == mc.EnforcementState()


def test_a_new_call_after_recovery_is_a_new_call() -> None:
    walk = Walk()
    walk.step(93, 0)
    assert walk.step(100, 20) == ["CALL_MET"]
    assert walk.step(93, 25) == ["MARGIN_CALL"]
    assert walk.state.call_issued_at == START + 25 * MINUTE
    assert walk.step(93, 50) == []  # 25 minutes of this call
    assert walk.step(93, 56) == ["CLOSE_ONLY"]


def test_a_skipped_step_emits_nothing() -> None:
    walk = Walk()
    assert walk.step(93, 0) == ["MARGIN_CALL"]  # no warning on the way


def test_a_large_exposure_meets_the_stress_restriction_first() -> None:
    # E = 750 p - 60,000; -8 % at beta 1.8 loses 14.4 % of G: 14,250 - 14,256 at 99.
    walk = Walk()
    high_beta = {"cash": -60_000, "beta": 1.8}
    assert walk.step(100, 0, **high_beta) == []  # 15,000 - 14,400
    assert walk.step(99, 1, **high_beta) == ["CLOSE_ONLY"]
    assert walk.state.status == "RESTRICTED"
    assert walk.state.call_issued_at is None
    (event,) = walk.events
    assert event.scenario == -0.08
    assert event.excess_stressed == pytest.approx(-6)
    assert walk.step(79, 2, **high_beta) == ["MARGIN_CALL"]  # the call is a fact of its own, the restriction shows
    assert walk.state.status == "RESTRICTED"
    assert walk.step(101, 3, **high_beta) == ["CALL_MET", "RELEASED"]
    assert walk.state.status == "ACTIVE"


def test_no_stress_restriction_while_a_call_is_outstanding() -> None:
    walk = Walk()
    walk.step(93, 0)
    assert walk.step(92, 5) == []  # under water in every severe scenario, and called already


def test_a_rise_restricts_a_short_account() -> None:
    # Short 1,000 at 100 with 135,000: equity 35,000 less 30 % is 5,000; +6 % at beta 1.8 loses 10,800.
    report = mc.evaluate(
        {
            "account": {"cash": 135_000, "positions": [{"symbol": "XYZ", "quantity": -1000}]},
            "market": {
                "valuation_date": "2026-11-20",
                "instruments": {"XYZ": {"kind": "equity", "price": 100.0, "beta": 1.8}},
            },
        },
        stress=True,
    )
    state, (event,) = mc.enforce(mc.EnforcementState(), report, START)
    assert state.restricted
    assert event.scenario == 0.06
    assert event.excess_stressed == pytest.approx(-5_800)


def test_thresholds_are_policy() -> None:
    walk = Walk()
    ladder = mc.Ladder(warning_excess=0.2, restrict_after_minutes=0, liquidate_deficiency=0.01)
    assert walk.step(100, 0, ladder) == ["WARNING"]
    assert walk.step(93, 1, ladder) == ["MARGIN_CALL"]
    assert walk.step(93, 1.001, ladder) == ["CLOSE_ONLY", "SEVERE_DEFICIENCY"]  # 250 > 1 % of 23,250


def test_only_severe_moves_restrict() -> None:
    # At 95: E = 1,250; -2 % loses 950 and is under water only from about -2.6 %.
    walk = Walk()
    assert walk.step(95, 0, mc.Ladder(severe_move=0.02), stress_moves=[-0.02, 0.02]) == ["WARNING"]
    assert Walk().step(95, 0, mc.Ladder(severe_move=0.02), stress_moves=[-0.03, 0.02]) == ["CLOSE_ONLY"]


# --- values -----------------------------------------------------------------------------------------------------------


def test_defaults_of_the_ladder_are_the_contracts() -> None:
    # Source: the document contract, policy.ladder: 0.05, 30, 0.06, 0.50.
    assert mc.Ladder().to_dict() == {
        "warning_excess": 0.05,
        "restrict_after_minutes": 30,
        "severe_move": 0.06,
        "liquidate_deficiency": 0.50,
    }


@pytest.mark.parametrize(
    ("thresholds", "where"),
    [
        ({"warning_excess": -0.1}, "ladder.warning_excess"),
        ({"warning_excess": 5}, "ladder.warning_excess"),
        ({"restrict_after_minutes": -1}, "ladder.restrict_after_minutes"),
        ({"severe_move": 0}, "ladder.severe_move"),
        ({"severe_move": -0.06}, "ladder.severe_move"),
        ({"severe_move": 6}, "ladder.severe_move"),
        ({"liquidate_deficiency": 50}, "ladder.liquidate_deficiency"),
        ({"warning_excess": float("nan")}, "ladder.warning_excess"),
    ],
)
def test_a_ladder_of_other_thresholds_is_refused(thresholds: dict[str, float], where: str) -> None:
    with pytest.raises(mc.InvalidInput) as caught:
        mc.Ladder(**thresholds)
    assert caught.value.where == where


def test_a_ladder_takes_keywords_only() -> None:
    with pytest.raises(TypeError):
        mc.Ladder(0.05)  # type: ignore[misc]
    with pytest.raises(TypeError):
        mc.Ladder(severe_moves=0.06)  # type: ignore[call-arg]


def test_a_ladder_from_a_dict_is_checked_as_one_from_keywords() -> None:
    data = mc.Ladder().to_dict() | {"severe_move": -1.0}
    with pytest.raises(mc.InvalidInput):
        mc.Ladder.from_dict(data)


def test_a_state_survives_the_process_that_made_it() -> None:
    walk = Walk()
    walk.step(93, 0)
    walk.state = pickle.loads(pickle.dumps(walk.state))
    assert walk.step(93, 31) == ["CLOSE_ONLY"]
    walk.state = mc.EnforcementState.from_dict(walk.state.to_dict())
    assert walk.state.status == "RESTRICTED"


def test_times_beyond_32_bits_are_kept() -> None:
    state, events = mc.enforce(mc.EnforcementState(), report_at(93), 2**62)
    assert state.call_issued_at == events[0].time == 2**62


def test_a_report_without_stress_is_refused() -> None:
    report = mc.Report.from_dict(report_at(100).to_dict() | {"stress": None, "beta_weighted": None})
    with pytest.raises(mc.MissingData) as caught:
        mc.enforce(mc.EnforcementState(), report, START)
    assert caught.value.where == "stress"


def test_a_report_without_a_severe_move_is_refused() -> None:
    with pytest.raises(mc.MissingData, match=r"at least 0\.06"):
        mc.enforce(mc.EnforcementState(), report_at(100, stress_moves=[-0.05, 0.05]), START)
    with pytest.raises(mc.MissingData, match=r"at least 0\.5"):
        mc.enforce(mc.EnforcementState(), report_at(100), START, mc.Ladder(severe_move=0.5))


# --- standings --------------------------------------------------------------------------------------------------------


def standing_of(report: mc.Report) -> mc.Standing:
    severe = min((point for point in report.stress if abs(point.move) >= 0.06), key=lambda point: point.excess)
    return mc.Standing(
        excess=report.excess.total,
        requirement=report.requirement.total,
        gross_value=report.gross_value,
        severe_move=severe.move,
        excess_stressed=severe.excess,
    )


@pytest.mark.parametrize("price", [100, 99, 94, 93, 79, 70])
def test_a_standing_takes_the_steps_of_the_report_that_it_is_made_of(price: float) -> None:
    report = report_at(price)
    for state in (mc.EnforcementState(), mc.EnforcementState(call_issued_at=START, restricted=True)):
        assert mc.enforce(state, standing_of(report), START) == mc.enforce(state, report, START)


def test_a_standing_is_a_value() -> None:
    standing = mc.Standing(excess=-1, requirement=25, gross_value=100, severe_move=-0.08, excess_stressed=-9)
    assert mc.Standing.from_dict(standing.to_dict()) == standing == pickle.loads(pickle.dumps(standing))


@pytest.mark.parametrize(
    ("figure", "where"),
    [
        ({"excess": float("nan")}, "Standing.excess"),
        ({"excess_stressed": float("inf")}, "Standing.excess_stressed"),
        ({"requirement": -1.0}, "Standing.requirement"),
        ({"gross_value": -1.0}, "Standing.gross_value"),
    ],
)
def test_a_standing_of_other_figures_is_refused(figure: dict[str, float], where: str) -> None:
    good = {"excess": 1.0, "requirement": 25.0, "gross_value": 100.0, "severe_move": -0.08, "excess_stressed": 0.0}
    with pytest.raises(mc.InvalidInput) as caught:
        mc.Standing(**(good | figure))
    assert caught.value.where == where


def test_a_standing_whose_move_is_not_severe_is_refused() -> None:
    mild = mc.Standing(excess=1, requirement=25, gross_value=100, severe_move=-0.05, excess_stressed=-9)
    with pytest.raises(mc.MissingData, match=r"at least 0\.06"):
        mc.enforce(mc.EnforcementState(), mild, START)
