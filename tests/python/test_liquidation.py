# SPDX-License-Identifier: Apache-2.0
"""Plans of liquidation, against the re-evaluated account. Source: workshop, exercise 5."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import margincore as mc
import pytest


def account(cash: float, **policy: Any) -> dict[str, Any]:
    return {
        "account": {
            "id": "ACC",
            "cash": cash,
            "positions": [{"symbol": "NVDA", "quantity": 300}, {"symbol": "KO", "quantity": 500}],
        },
        "market": {
            "valuation_date": "2026-11-20",
            "rate": 0.04,
            "instruments": {
                "NVDA": {"kind": "equity", "price": 336.0, "beta": 1.8, "volatility": 0.4},
                "KO": {"kind": "equity", "price": 60.0, "beta": 0.6, "volatility": 0.14},
            },
        },
        "policy": policy,
    }


def after(document: dict[str, Any], plan: mc.LiquidationPlan) -> mc.Report:
    document = copy.deepcopy(document)
    for order in plan.orders:
        position = next(p for p in document["account"]["positions"] if p["symbol"] == order.symbol)
        position["quantity"] += order.quantity
        document["account"]["cash"] -= order.quantity * order.price
    document["account"]["positions"] = [p for p in document["account"]["positions"] if p["quantity"] != 0]
    return mc.evaluate(document)


@pytest.mark.parametrize("order", ["highest_beta", "least_value"])
@pytest.mark.parametrize("add_ons", [[], [{"id": "concentration"}]])
def test_a_plan_restores_the_account_as_it_is_evaluated_after_it(order: Any, add_ons: list[Any]) -> None:
    document = account(-105_000, add_ons=add_ons)
    before = mc.evaluate(document)
    plan = mc.plan_liquidation(document, order)
    assert plan.planner == order
    assert plan.excess_before == before.excess.total < 0
    assert plan.target == pytest.approx(-0.1 * before.excess.total)
    assert plan.restored
    assert plan.excess_after == pytest.approx(after(document, plan).excess.total)
    assert plan.excess_after >= plan.target
    assert plan.value == pytest.approx(sum(o.value for o in plan.orders))


def test_the_highest_beta_is_sold_first_and_no_share_too_many() -> None:
    # Value 130,800 and a debit of 105,000: 25,800 less 32,700. 1.1 x 6,900 / (0.25 x 336) = 90.4 shares.
    (order,) = mc.plan_liquidation(account(-105_000)).orders
    assert (order.symbol, order.quantity, order.price, order.beta) == ("NVDA", -91, 336.0, 1.8)
    # 7,590 / 0.25 = 30,360 = 506 x 60, of which there are 500; 6 x 336 + 473 x 60 = 30,396 is the least above it.
    least = mc.plan_liquidation(account(-105_000), "least_value")
    assert least.proven
    assert 30_360 <= least.value <= order.value


def test_options_are_left_alone_and_named() -> None:
    document = account(-105_000)
    document["account"]["positions"].append({"symbol": "NVDA  270115C00350000", "quantity": -1})
    document["market"]["instruments"]["NVDA  270115C00350000"] = {"price": 20.0, "volatility": 0.4}
    plan = mc.plan_liquidation(document)
    assert any(note.startswith("NVDA  270115C00350000: left alone") for note in plan.notes)
    assert all(order.symbol in {"NVDA", "KO"} for order in plan.orders)
    assert plan.restored
    assert plan.excess_after == pytest.approx(after(document, plan).excess.total)


def test_an_account_under_portfolio_margin_is_planned_by_its_method() -> None:
    document = account(-120_000)
    document["account"]["type"] = "portfolio_margin"
    plan = mc.plan_liquidation(document)
    assert plan.excess_before == mc.evaluate(document).excess.total < 0
    assert plan.restored
    assert plan.excess_after == pytest.approx(after(document, plan).excess.total)


def test_an_account_without_a_deficiency_trades_nothing() -> None:
    plan = mc.plan_liquidation(account(0))
    assert (plan.orders, plan.restored, plan.proven, plan.value) == ([], True, True, 0.0)


def test_what_cannot_be_restored_says_what_remains() -> None:
    plan = mc.plan_liquidation(account(-140_000))
    assert not plan.restored
    assert [order.quantity for order in plan.orders] == [-300, -500]
    assert plan.deficiency == pytest.approx(9_200)
    assert plan.notes


def test_a_plan_is_a_value() -> None:
    plan = mc.plan_liquidation(account(-105_000))
    assert mc.LiquidationPlan.from_dict(plan.to_dict()) == plan == pickle.loads(pickle.dumps(plan))


@pytest.mark.parametrize(
    ("arguments", "where"),
    [
        ({"order": "lowest_beta"}, "order"),
        ({"order": 1}, "order"),
        ({"buffer": 10.0}, "buffer"),
        ({"buffer": "a"}, "buffer"),
    ],
)
def test_bad_arguments_are_refused(arguments: dict[str, Any], where: str) -> None:
    with pytest.raises(mc.InvalidInput) as caught:
        mc.plan_liquidation(account(-105_000), **arguments)
    assert caught.value.where == where
