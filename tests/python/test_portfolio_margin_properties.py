# SPDX-License-Identifier: Apache-2.0
"""What portfolio margin has to be of any account: FINRA 4210(g)(7) and (8), on seeded random documents."""

from __future__ import annotations

import copy
import random
from typing import Any

import margincore as mc
import pytest

Document = dict[str, Any]

UNDERLYINGS: dict[str, tuple[str, float, float, float]] = {  # kind, price, volatility of its options, leverage
    "SPX": ("broad_index", 6700.0, 0.17, 1),
    "SPY": ("broad_index_etf", 668.0, 0.17, 1),
    "SSO": ("etf", 110.0, 0.34, 2),
    "SH": ("etf", 38.0, 0.17, -1),
    "DIA": ("broad_index_etf", 470.0, 0.15, 1),
    "QQQ": ("broad_index_etf", 598.0, 0.22, 1),
    "IWM": ("broad_index_etf", 240.0, 0.24, 1),
    "AAA": ("equity", 55.0, 0.45, 1),
    "BBB": ("equity", 320.0, 0.3, 1),
}
EXPIRIES = {"261218": 28, "270115": 56, "270319": 119}  # days from the valuation date
RATE = 0.04
SEEDS = range(60)
ROUNDING = 1e-9


def series(draw: random.Random, on: str) -> tuple[str, Document]:
    """An option and what it is worth at its implied volatility, which is held."""
    _, spot, volatility, _ = UNDERLYINGS[on]
    right = draw.choice(["call", "put"])
    expiry, days = draw.choice(list(EXPIRIES.items()))
    strike = float(max(1, round(spot * draw.uniform(0.8, 1.2))))
    price = mc.price_european if on == "SPX" else mc.price_american
    worth = float(price(right, spot, strike, days / 365, RATE, 0.0, volatility))
    symbol = f"{on:<6}{expiry}{right[0].upper()}{round(strike * 1000):08d}"
    return symbol, {"price": worth, "implied_volatility": volatility}


def random_document(seed: int, *, long_options_only: bool = False, **policy: Any) -> Document:
    draw = random.Random(seed)
    chosen = draw.sample(list(UNDERLYINGS), draw.randint(1, 6))
    instruments: Document = {}
    quantities: dict[str, int] = {}
    for on in chosen:
        kind, price, _, leverage = UNDERLYINGS[on]
        instruments[on] = {"kind": kind, "price": price} | ({} if leverage == 1 else {"leverage": leverage})
        if kind != "broad_index" and not long_options_only and draw.random() < 0.6:
            quantities[on] = draw.choice([-1, 1]) * draw.randint(1, 500)
        for _ in range(draw.randint(1, 4)):
            symbol, entry = series(draw, on)
            instruments[symbol] = entry
            quantities[symbol] = draw.randint(1, 5) * (1 if long_options_only else draw.choice([-1, 1]))
    return {
        "account": {
            "id": f"P{seed}",
            "type": "portfolio_margin",
            "cash": 1_000_000.0,
            "positions": [{"symbol": symbol, "quantity": quantity} for symbol, quantity in quantities.items()],
        },
        "market": {"valuation_date": "2026-11-20", "rate": RATE, "instruments": instruments},
        "policy": policy,
    }


def margin(document: Document) -> float:
    return mc.evaluate(document).requirement.maintenance


def about(amount: float) -> Any:
    return pytest.approx(amount, rel=ROUNDING, abs=1e-6)


POLICIES = [
    {"offset_carry": carry, "minimum_level": level}
    for carry in ("haircut", "residual")
    for level in ("class", "top_group")
]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_requirement_is_not_negative_and_is_the_sum_of_its_top_groups(seed: int) -> None:
    report = mc.evaluate(random_document(seed, **POLICIES[seed % 4]))
    tops = [group.requirement for group in report.groups if group.requirement is not None]
    assert min(tops) >= 0
    assert report.requirement.maintenance == about(sum(tops))
    assert report.requirement.initial == report.requirement.maintenance
    assert report.equity == report.net_liquidation
    assert report.excess.maintenance == about(report.equity - report.requirement.maintenance)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_group_is_worst_where_its_gains_are_least(seed: int) -> None:
    report = mc.evaluate(random_document(seed, **POLICIES[seed % 4]))
    for group in report.groups:
        assert len(group.points) == 10
        assert group.worst_point == group.points.index(min(group.points))
        assert group.gain_used >= 0
        assert group.gain_cut >= -1e-6
        if group.requirement is not None:
            assert group.requirement >= max(0.0, -min(group.points)) - 1e-6


@pytest.mark.parametrize("seed", SEEDS)
def test_twice_the_positions_ask_for_twice_as_much(seed: int) -> None:
    document = random_document(seed, **POLICIES[seed % 4])
    doubled = copy.deepcopy(document)
    for position in doubled["account"]["positions"]:
        position["quantity"] *= 2
    assert margin(doubled) == 2 * margin(document)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_order_of_positions_changes_nothing(seed: int) -> None:
    document = random_document(seed, **POLICIES[seed % 4])
    shuffled = copy.deepcopy(document)
    random.Random(seed).shuffle(shuffled["account"]["positions"])
    instruments = list(shuffled["market"]["instruments"].items())
    random.Random(seed + 1).shuffle(instruments)
    shuffled["market"]["instruments"] = dict(instruments)
    assert margin(shuffled) == pytest.approx(margin(document), rel=1e-12)


def group_table(offset: float, *, one_class: bool = False, alone: bool = False) -> Document:
    """The two stocks and the index with its funds, in one product group, in one class, or each class by itself."""
    members = [["AAA"], ["BBB"], ["SPX", "SPY", {"symbol": "SSO", "leverage": 2}, {"symbol": "SH", "leverage": -1}]]
    if one_class:
        members = [[member for each in members for member in each]]
    classes = [{"id": f"C{i}", "members": each} | ({} if alone else {"product": "P"}) for i, each in enumerate(members)]
    products = [] if alone else [{"id": "P", "low": -0.15, "high": 0.15, "offset": offset}]
    return {"classes": classes, "products": products, "portfolios": []}


def of_the_table(seed: int, **policy: Any) -> Document:
    """A random account of what the table names."""
    document = random_document(seed, **policy)
    named = ("SPX", "SPY", "SSO", "SH", "AAA", "BBB")
    positions = [one for one in document["account"]["positions"] if one["symbol"][:6].strip() in named]
    if not positions:
        return of_the_table(seed + 1000, **policy)
    document["account"]["positions"] = positions
    return document


@pytest.mark.parametrize("seed", SEEDS)
def test_without_an_offset_groups_ask_for_at_most_the_sum_of_classes(seed: int) -> None:
    policy = POLICIES[seed % 4]
    document = of_the_table(seed, **policy)
    document["policy"] = policy | {"group_table": group_table(0.0)}
    together = margin(document)
    document["policy"] = policy | {"group_table": group_table(0.0, alone=True)}
    separate = mc.evaluate(document)
    assert together <= separate.requirement.maintenance * (1 + ROUNDING)
    each = 0.0
    for group in separate.groups:
        single = copy.deepcopy(document)
        symbols = [
            member if isinstance(member, str) else member["symbol"]
            for one in group_table(0.0)["classes"]
            if one["id"] == group.id
            for member in one["members"]
        ]
        single["account"]["positions"] = [
            one for one in single["account"]["positions"] if one["symbol"][:6].strip() in symbols
        ]
        each += margin(single)
    assert separate.requirement.maintenance == about(each)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("carry", ["haircut", "residual"])
def test_with_all_of_a_gain_offset_classes_are_one(seed: int, carry: str) -> None:
    policy = {"offset_carry": carry, "minimum_level": "top_group"}
    document = of_the_table(seed)
    document["policy"] = policy | {"group_table": group_table(1.0)}
    together = mc.evaluate(document)
    document["policy"] = policy | {"group_table": group_table(1.0, one_class=True)}
    one = mc.evaluate(document)
    assert together.requirement.maintenance == about(one.requirement.maintenance)
    top = next(group for group in together.groups if group.requirement is not None)
    assert top.points == pytest.approx(next(g for g in one.groups if g.level == "class").points, rel=1e-9, abs=1e-6)
    assert top.gain_cut == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("seed", SEEDS)
def test_haircuts_ask_for_at_least_what_residuals_do(seed: int) -> None:
    haircut = margin(random_document(seed, offset_carry="haircut", minimum_level="top_group"))
    residual = margin(random_document(seed, offset_carry="residual", minimum_level="top_group"))
    assert haircut >= residual * (1 - ROUNDING)


def test_haircuts_ask_for_more_where_a_gain_passes_two_levels() -> None:
    # 100,000 long of the Nasdaq-100 and short of the Russell 2000: at -10 % half of what the short gains offsets what
    # the long loses, and a haircut cuts a fourth of it first.
    requirements = {}
    for carry in ("haircut", "residual"):
        document = random_document(0, offset_carry=carry)
        document["market"]["instruments"] = {
            "QQQ": {"kind": "broad_index_etf", "price": 500.0},
            "IWM": {"kind": "broad_index_etf", "price": 250.0},
        }
        document["account"]["positions"] = [{"symbol": "QQQ", "quantity": 200}, {"symbol": "IWM", "quantity": -400}]
        requirements[carry] = margin(document)
    assert requirements["haircut"] == about(10_000 - 0.5 * 0.75 * 10_000)
    assert requirements["residual"] == about(10_000 - 0.5 * 10_000)


@pytest.mark.parametrize("seed", SEEDS)
def test_another_short_option_never_lowers_the_minimum(seed: int) -> None:
    document = random_document(seed, **POLICIES[seed % 4])
    draw = random.Random(seed)
    held = {one["symbol"] for one in document["account"]["positions"]}
    on = draw.choice([symbol for symbol in document["market"]["instruments"] if symbol in UNDERLYINGS])
    symbol, entry = next(one for one in iter(lambda: series(draw, on), None) if one[0] not in held)
    more = copy.deepcopy(document)
    more["market"]["instruments"][symbol] = entry
    more["account"]["positions"].append({"symbol": symbol, "quantity": -3})

    def minimum(of: Document) -> float:
        return sum(group.minimum for group in mc.evaluate(of).groups if group.requirement is not None)

    assert minimum(more) == about(minimum(document) + 3 * 37.5)


@pytest.mark.parametrize("seed", SEEDS)
def test_long_options_ask_for_at_most_what_they_are_worth(seed: int) -> None:
    document = random_document(seed, long_options_only=True, **POLICIES[seed % 4])
    instruments = document["market"]["instruments"]
    value = sum(one["quantity"] * 100 * instruments[one["symbol"]]["price"] for one in document["account"]["positions"])
    assert margin(document) <= value * (1 + 1e-4)  # prices of two functions


@pytest.mark.parametrize(("long", "price"), [("SH", 40.0), ("SDS", 20.0)])
def test_an_inverse_fund_nets_with_the_fund_of_its_index(long: str, price: float) -> None:
    leverage = {"SH": -1, "SDS": -2}[long]
    instruments = {
        "SPY": {"kind": "broad_index_etf", "price": 640.0},
        long: {"kind": "etf", "price": price, "leverage": leverage},
    }
    document = random_document(0)
    document["market"]["instruments"] = instruments
    document["account"]["positions"] = [
        {"symbol": "SPY", "quantity": 100},
        {"symbol": long, "quantity": 64_000 / price / -leverage},
    ]
    report = mc.evaluate(document)
    assert report.requirement.maintenance == pytest.approx(0, abs=1e-6)
    for group in report.groups:
        assert group.points == pytest.approx([0.0] * 10, abs=1e-6)
