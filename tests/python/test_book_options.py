# SPDX-License-Identifier: Apache-2.0
"""Books of accounts with options: house charges, totals and differences, from columns."""

from __future__ import annotations

import random
from typing import Any

import margincore as mc
import pytest

MARKET = {"valuation_date": "2026-11-20"}
CALL, PUT = "XYZ   270115C00110000", "XYZ   270115P00090000"
LEAPS = "ABC   280121C00100000"
PRICES = {"XYZ": 100.0, "ABC": 100.0, CALL: 5.0, PUT: 3.0, LEAPS: 20.0}
FIGURES = ("net_liquidation", "equity", "net_requirement", "lower_bound")
HOUSE = {
    "house_rates": {"XYZ": {"long": 0.4, "short": 0.5}},
    "add_ons": [{"id": "concentration"}, {"id": "volatility"}, {"id": "industry"}, {"id": "liquidity"}],
}
Accounts = dict[str, tuple[float, dict[str, float]]]


def book(
    accounts: Accounts, policy: dict[str, Any] | None = None, prices: dict[str, float] | None = None
) -> dict[str, Any]:
    held = [(name, symbol, float(units)) for name, (_, holds) in accounts.items() for symbol, units in holds.items()]
    stock = [symbol in ("XYZ", "ABC") for symbol in PRICES]
    return {
        "positions": {
            "account_id": [name for name, _, _ in held],
            "symbol": [symbol for _, symbol, _ in held],
            "quantity": [units for _, _, units in held],
        },
        "instruments": {
            "symbol": list(PRICES),
            "kind": ["equity" if is_stock else None for is_stock in stock],
            "price": [(prices or {}).get(symbol, price) for symbol, price in PRICES.items()],
            "volatility": [0.7 if is_stock else None for is_stock in stock],
            "industry": ["banks" if is_stock else None for is_stock in stock],
            "average_daily_volume": [150.0 if is_stock else None for is_stock in stock],
        },
        "accounts": {"account_id": list(accounts), "cash": [float(cash) for cash, _ in accounts.values()]},
        "market": MARKET,
        "policy": policy or {},
    }


def document(cash: float, holds: dict[str, float], policy: dict[str, Any]) -> dict[str, Any]:
    instruments: dict[str, Any] = {symbol: {"price": price} for symbol, price in PRICES.items()}
    for symbol in ("XYZ", "ABC"):
        instruments[symbol] |= {
            "kind": "equity", "volatility": 0.7, "industry": "banks", "average_daily_volume": 150.0
        }  # fmt: skip
    return {
        "account": {
            "id": "A", "cash": cash,
            "positions": [{"symbol": symbol, "quantity": units} for symbol, units in holds.items()],
        },
        "market": MARKET | {"instruments": instruments},
        "policy": policy,
    }  # fmt: skip


def random_accounts(seed: int, count: int) -> Accounts:
    draw = random.Random(seed)
    accounts: Accounts = {}
    for number in range(count):
        holds = {
            symbol: (draw.choice((-300, -100, 100, 250)) if symbol in ("XYZ", "ABC") else draw.choice((-4, -1, 2, 3)))
            for symbol in PRICES
            if draw.random() < 0.6
        }
        accounts[f"A{number}"] = (round(draw.uniform(-1e4, 1e5), 2), holds)
    return accounts


def test_charges_of_a_covered_call_worked_by_hand() -> None:
    # docs/rules/house.md: 40 % of 10,000 less 25 %; 10 % of 9,500 above 60 % volatility.
    policy = {"house_rates": {"XYZ": {"long": 0.4}}, "add_ons": [{"id": "volatility"}]}
    report = mc.evaluate(document(0.0, {"XYZ": 100, CALL: -1}, policy))
    assert report.requirement.maintenance == pytest.approx(2_500)
    assert [(line.id, line.amount) for line in report.add_ons] == [
        ("house_rates", pytest.approx(1_500)),
        ("volatility", pytest.approx(950)),
    ]
    assert list(report.add_ons[1].positions) == ["XYZ", CALL]


def test_each_account_gets_what_it_gets_alone_to_the_bit() -> None:
    accounts = random_accounts(1, 300)
    result = mc.evaluate_frame(**book(accounts, HOUSE))
    assert set(result["error"]) == {None}
    for row, (cash, holds) in enumerate(accounts.values()):
        report = mc.evaluate(document(cash, holds, HOUSE))
        assert result["add_ons"][row] == report.requirement.add_ons
        assert result["total"][row] == report.requirement.total
        assert result["excess_total"][row] == report.excess.total
        for name in FIGURES:
            assert result[name][row] == getattr(report, name)
    assert sum(result["add_ons"]) > 0


def test_beta_leverage_sees_options_by_their_deltas() -> None:
    # 40 calls on $400,000 of stock for $20,000: with any delta above 0.025 they are more than twice the $5,000 of A,
    # and ask for 5 % of the gross value. B is not leveraged.
    policy = {"add_ons": [{"id": "beta_leverage"}], "missing_beta": 1.0}
    given = book({"A": (-15_000.0, {CALL: 40}), "B": (0.0, {"XYZ": 1})}, policy)
    result = mc.evaluate_frame(**given)
    assert result["where"][0] == "market.rate"
    assert result["error"][1] is None
    result = mc.evaluate_frame(**given | {"market": MARKET | {"rate": 0.04}})
    assert list(result["error"]) == [None, None]
    assert list(result["add_ons"]) == [pytest.approx(1_000), 0.0]
    alone = document(-15_000.0, {CALL: 40}, policy)
    alone["market"]["rate"] = 0.04
    assert mc.evaluate(alone).requirement.add_ons == result["add_ons"][0]


def test_a_house_rate_of_an_option_is_refused() -> None:
    with pytest.raises(mc.InvalidInput) as refused:
        mc.evaluate(document(0.0, {CALL: 1}, {"house_rates": {CALL: {"long": 0.5}}}))
    assert refused.value.where == f"policy.house_rates.{CALL}"


def test_totals_hold_series_by_themselves_and_pairing_in_the_offsets() -> None:
    # FINRA 4210(f)(2)(H)(iv), (E)(i), (D): covered, the call asks for nothing; by itself for its 500 and 1,000.
    accounts: Accounts = {"covered": (0.0, {"XYZ": 100, CALL: -1}), "long": (1_000.0, {CALL: 2})}
    totals = mc.book_totals(**book(accounts), moves=[])
    assert totals.firm["requirement"]["maintenance"] == pytest.approx(2_500)
    assert totals.firm["gross_value"] == pytest.approx(11_500)
    assert totals.firm["equity"] == pytest.approx(11_000)
    series = list(totals.by_underlying["symbol"]).index(CALL)
    assert totals.by_underlying["maintenance"][series] == pytest.approx(1_500)
    assert totals.by_underlying["net_quantity"][series] == 1
    assert totals.offsets == {
        "initial": pytest.approx(-1_500), "maintenance": pytest.approx(-1_500), "equity": pytest.approx(-500)
    }  # fmt: skip


def test_differences_hold_an_option_by_itself_and_pairing_in_the_offset() -> None:
    before: Accounts = {"A": (0.0, {"XYZ": 100}), "B": (0.0, {CALL: -1})}
    after: Accounts = {"A": (500.0, {"XYZ": 100, CALL: -1}), "B": (0.0, {CALL: -1})}
    difference = mc.book_difference(book(before), book(after))
    names = ("account_id", "cause", "symbol", "net_liquidation", "equity", "total")
    parts = list(zip(*(difference.attribution[name] for name in names), strict=True))
    assert parts == [
        ("A", "cash", None, 500, 500, 0),
        ("A", "position", CALL, -500, 0, pytest.approx(1_500)),
        ("A", "offset", None, 0, 0, pytest.approx(-1_500)),
    ]
    moved = mc.book_difference(book(before), book(before, prices={CALL: 6.0}))
    parts = list(zip(*(moved.attribution[name] for name in names), strict=True))
    assert parts == [("B", "price", CALL, pytest.approx(-100), pytest.approx(0), pytest.approx(100))]


@pytest.mark.parametrize("policies", [({}, HOUSE), (HOUSE, HOUSE), (HOUSE, {"long_option_loan_value": False})])
def test_parts_add_up_beside_options(policies: tuple[dict[str, Any], dict[str, Any]]) -> None:
    before, after = random_accounts(2, 200), random_accounts(3, 200)
    moved = {"XYZ": 93.0, CALL: 2.5, LEAPS: 22.0}
    difference = mc.book_difference(book(before, policies[0]), book(after, policies[1], moved))
    found = difference.accounts
    assert set(found["status"]) == {"changed"}
    for figure in ("net_liquidation", "equity", "total", "excess_total"):
        sums = dict.fromkeys(found["account_id"], 0.0)
        for name, amount in zip(difference.attribution["account_id"], difference.attribution[figure], strict=True):
            sums[name] += amount
        for name, amount in zip(found["account_id"], found[figure], strict=True):
            assert sums[name] == pytest.approx(amount, abs=0.005)
