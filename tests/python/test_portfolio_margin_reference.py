# SPDX-License-Identifier: Apache-2.0
"""The independent program of tests/oracle/portfolio_margin.py by hand checks: what the tables have is worth that much.

Sources: arithmetic on FINRA 4210(g)(7), (8) and 15c3-1a(b)(1)(iv), in each test.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "oracle"))

from portfolio_margin import Group, Policy, Position, Product, Table, margin

PRODUCT = Table({"A": "P", "B": "P"}, {"P": Product(0.9)})
PORTFOLIO = Table({"A": "P1", "B": "P1", "C": "P2"}, {"P1": Product(0.9, "F"), "P2": Product(0.9, "F")}, {"F": 0.5})


def position(name: str, gains: float | list[float], *, is_basket: bool = False) -> Position:
    return Position(name, 1.0, 1.0, np.broadcast_to(np.array(gains, float), 10), 0.0, is_basket=is_basket)


def of(gains: dict[str, float], table: Table, **policy: str) -> tuple[float, dict[str, Group]]:
    requirement, groups = margin([position(name, gain) for name, gain in gains.items()], table, Policy(**policy))
    return requirement, {group.id: group for group in groups}


@pytest.mark.parametrize(("gain", "left", "used", "cut"), [(80, -28, 72, 8), (200, 80, 100, 20)])
def test_ninety_percent_of_a_gain_offsets_a_loss(gain: float, left: float, used: float, cut: float) -> None:
    # -100 + 0.9 x 80 = -28, -100 + 0.9 x 200 = 80.
    requirement, groups = of({"A": -100, "B": gain}, PRODUCT)
    group = groups["P"]
    assert requirement == pytest.approx(max(0, -left))
    assert group.points == pytest.approx([left] * 10)
    assert (group.gain_used, group.gain_cut) == pytest.approx((used, cut))


@pytest.mark.parametrize(("carry", "requirement", "second_cut"), [("haircut", 10, 4), ("residual", 8, 0)])
def test_a_class_by_itself_in_its_product_is_cut_by_a_haircut_alone(
    carry: str, requirement: float, second_cut: float
) -> None:
    # -28 + 0.5 x (0.9 x 40) and -28 + 0.5 x 40.
    found, groups = of({"A": -100, "B": 80, "C": 40}, PORTFOLIO, offset_carry=carry)
    assert found == pytest.approx(requirement)
    assert groups["P2"].gain_cut == pytest.approx(second_cut)


@pytest.mark.parametrize(
    ("carry", "passed", "requirement"), [("haircut", 80, 20), ("residual", 80 / 0.9, 60 - 40 / 0.9)]
)
def test_a_gain_that_is_left_over_goes_up(carry: str, passed: float, requirement: float) -> None:
    # 0.9 x 100 - 10 = 80, whole 80 / 0.9; half of it meets a loss of 60.
    found, groups = of({"A": -10, "B": 100, "C": -60}, PORTFOLIO, offset_carry=carry)
    assert groups["P1"].points == pytest.approx([passed] * 10)
    assert found == pytest.approx(requirement)
    for group in groups.values():  # used, cut and passed up are all that there is
        below = [one.points[0] for one in groups.values() if one.parent == group.id]
        if group.level != "class":
            gains = sum(gain for gain in below if gain > 0)
            used_of_gain = gains - group.gain_cut - max(group.points[0], 0)
            assert group.gain_used == pytest.approx(used_of_gain)


def test_points_are_combined_before_the_worst_is_taken() -> None:
    # -100 + 0.9 x 100 at either half: 10, where the sum of the worst would be 200.
    ends = [[-100.0] * 5 + [100.0] * 5, [100.0] * 5 + [-100.0] * 5]
    requirement, groups = margin([position("A", ends[0]), position("B", ends[1])], PRODUCT, Policy())
    assert requirement == pytest.approx(10)
    assert groups[-1].worst_point == 0


@pytest.mark.parametrize(("contracts", "minimum"), [(10, 50), (-10, 375)])
def test_the_minimum_of_long_contracts_is_at_most_their_value(contracts: float, minimum: float) -> None:
    # 10 x min(37.50, 5.00) and 10 x 37.50.
    option = Position("A", contracts, 100.0, np.zeros(10), 0.05, is_contract=True)
    requirement, groups = margin([option], Table({"A": None}), Policy())
    assert requirement == pytest.approx(minimum)
    assert groups[0].binding == "minimum"


@pytest.mark.parametrize(("level", "requirement"), [("class", 137.5), ("top_group", 100)])
def test_minima_are_compared_by_class_or_at_the_top(level: str, requirement: float) -> None:
    # A loses 100 beside a minimum of 37.50 of B, which loses nothing: 100 + 37.50, or the greater.
    held = [position("A", -100), Position("B", -1.0, 100.0, np.zeros(10), 1.0, is_contract=True)]
    assert margin(held, PRODUCT, Policy(minimum_level=level))[0] == pytest.approx(requirement)


@pytest.mark.parametrize(("gain", "left"), [(80, -24), (200, (200 * 0.95 - 100) / 0.95)])
def test_ninety_five_percent_of_what_a_basket_gains_meets_losses_of_its_class(gain: float, left: float) -> None:
    # 0.95 x 80 - 100; of 200 the part that meets 100 is cut, 100 / 0.95, and no more.
    _, groups = margin([position("A", -100), position("A", gain, is_basket=True)], Table({"A": None}), Policy())
    assert groups[0].points == pytest.approx([left] * 10)
