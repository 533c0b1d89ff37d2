# SPDX-License-Identifier: Apache-2.0
"""Scenarios as events, and opening balances. No broker."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime, timezone
from pathlib import Path

import pytest
from workshop_demo.fields import ScenarioError
from workshop_demo.scenario import read_accounts, read_universe
from workshop_stream.expected import pure, pure_figures, pure_ladder
from workshop_stream.house import engine_settings, read_policy
from workshop_stream.opening import read_opening
from workshop_stream.scenario_events import DATA, HOUSE, OPENING, RULE, StreamScenario, stream_scenario

UNIVERSE = read_universe(DATA / "universe.json")
LATE = datetime(2030, 1, 1, tzinfo=timezone.utc)


@pytest.fixture(scope="module")
def workshop() -> StreamScenario:
    return stream_scenario("workshop", read_policy(HOUSE, UNIVERSE))


@pytest.fixture(scope="module")
def original() -> StreamScenario:
    return stream_scenario("original", read_policy(RULE, UNIVERSE), read_opening(OPENING))


def test_events_are_in_order_of_time_and_of_one_time_in_a_moment(workshop: StreamScenario) -> None:
    times = [moment.timestamp for moment in workshop.moments]
    assert times == sorted(set(times))
    for moment in workshop.moments:
        assert {event.value["timestamp"] for event in moment.events} == {moment.timestamp}
    assert [moment.note for moment in workshop.moments[:4]] == [
        "betas and volatilities",
        "opening balances",
        "prices",
        "fills",
    ]


def test_cash_after_the_fills_is_that_of_the_accounts(workshop: StreamScenario) -> None:
    cash: Counter[str] = Counter()
    for moment in workshop.moments:
        for event in moment.events:
            if event.topic == "cash.v1":
                assert event.value["type"] == "OPENING"
                assert event.value["cash_id"] == f"opening:{event.key}"
                cash[event.key] += event.value["amount"]
            if event.topic == "fills.v1":
                assert isinstance(event.value["qty"], int)
                cash[event.key] -= event.value["qty"] * event.value["price"]
    accounts = read_accounts(DATA / "accounts.json", UNIVERSE)
    assert cash == {name: accounts[name].cash for name in cash}


def test_a_rerun_has_the_same_events(workshop: StreamScenario) -> None:
    again = stream_scenario("workshop", read_policy(HOUSE, UNIVERSE), now=LATE)
    assert again.moments == workshop.moments
    ids = [e.value["fill_id"] for moment in again.moments for e in moment.events if e.topic == "fills.v1"]
    assert len(ids) == len(set(ids)) == 20


def test_a_scenario_of_the_future_is_played_whole_weeks_earlier(workshop: StreamScenario) -> None:
    last = workshop.scenario.steps[-1].time
    early = stream_scenario("workshop", {}, now=last.replace(day=last.day - 1))
    week = 7 * 24 * 3_600_000
    assert [m.timestamp for m in early.moments] == [m.timestamp - week for m in workshop.moments]


def test_one_account_walks_every_step_and_one_is_restricted_before_any_warning(workshop: StreamScenario) -> None:
    ladder = {name: [event.action for event in events] for name, events in pure_ladder(pure(workshop)).items()}
    # Source: the order of the ladder's steps in the workshop, down and up again.
    assert ladder.pop("ACC_BEVERAGE_001") == [
        "WARNING",
        "MARGIN_CALL",
        "CLOSE_ONLY",
        "SEVERE_DEFICIENCY",
        "LIQUIDATION_ENDED",
        "CALL_MET",
        "RELEASED",
        "WARNING",
        "ACTIVE",
    ]
    assert ladder.pop("ACC_TECH_001")[:2] == ["CLOSE_ONLY", "MARGIN_CALL"]
    assert set(map(tuple, ladder.values())) == {()}


def test_the_ladder_account_has_the_figures_of_the_readme(workshop: StreamScenario) -> None:
    figures = pure_figures(pure(workshop))
    steps = {step.move: step.milliseconds for step in workshop.scenario.steps}
    # Source: by hand; value 300,000 x (1 + 0.6 x move), equity value - 178,500, requirement 25 % and 10 % of the value
    # for the concentration, 5 % more where the exposure, 0.6 x value, is above twice the equity.
    for move, rate in ((-0.15, 0.35), (-0.30, 0.40), (-0.44, 0.40), (-0.12, 0.35)):
        value = 300_000 * (1 + 0.6 * move)
        got = figures["ACC_BEVERAGE_001", steps[move]]
        assert got == pytest.approx((value - 178_500, rate * value, value - 178_500 - rate * value), abs=1e-6)


# Source: the original demo: 500 NVDA at 400.00 and 50,000 in cash; equity, 25 % of the value, excess.
ORIGINAL = [
    (400.0, 250_000, 50_000, 200_000),
    (392.0, 246_000, 49_000, 197_000),
    (384.0, 242_000, 48_000, 194_000),
    (368.0, 234_000, 46_000, 188_000),
    (352.0, 226_000, 44_000, 182_000),
    (336.0, 218_000, 42_000, 176_000),
]


def test_the_original_has_its_events_and_figures(original: StreamScenario) -> None:
    topics = [[(event.topic, event.key) for event in moment.events] for moment in original.moments]
    step = [("prices.v1", "NVDA"), ("prices.v1", "SPY")]
    betas = [("betas.v1", "NVDA"), ("betas.v1", "SPY")]
    assert topics[0] == betas
    assert topics[2:] == [[("prices.v1", "NVDA")], [("fills.v1", "ACC_DEMO_001")], *[step] * 6]
    figures = pure_figures(pure(original))
    for (price, *expected), scenario_step in zip(ORIGINAL, original.scenario.steps, strict=True):
        assert scenario_step.prices["NVDA"] == price
        assert figures["ACC_DEMO_001", scenario_step.milliseconds] == tuple(expected)
    assert pure_ladder(pure(original)) == {"ACC_DEMO_001": []}


def test_opening_balances_leave_the_cash_of_the_workshop(original: StreamScenario) -> None:
    # Source: the workshop's accounts, cash after the first fills.
    left = {
        "ACC_DEMO_001": 50_000,
        "ACC_CONSERVATIVE_001": 100_000,
        "ACC_MODERATE_001": 200_000,
        "ACC_AGGRESSIVE_001": 150_000,
        "ACC_HEDGED_001": 300_000,
        "ACC_CONCENTRATED_001": 50_000,
    }
    balances = read_opening(OPENING)
    accounts = read_accounts(DATA / "accounts.json", UNIVERSE)
    assert balances.keys() == left.keys()
    for name, cash in left.items():
        cost = sum(n * UNIVERSE.instruments[symbol]["price"] for symbol, n in accounts[name].positions.items())
        assert balances[name] - cost == cash
    assert {event.key: event.value["amount"] for event in original.moments[1].events} == balances


def test_opening_balances_replace_those_of_the_scenario() -> None:
    stream = stream_scenario("workshop", {}, {"ACC_BEVERAGE_001": 200_000.0})
    (beverage,) = (p.account for p in stream.scenario.participants if p.account.id == "ACC_BEVERAGE_001")
    assert beverage.cash == 200_000 - 300_000
    assert stream.moments[1].events[0].value["amount"] == 200_000


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"schema": 2, "accounts": [{"account_id": "A", "cash": 1}]}', "schema: must be 1, got 2"),
        ('{"schema": 1, "accounts": []}', "accounts: must be a list with at least one item"),
        ('{"schema": 1, "accounts": [{"account_id": "A"}]}', "accounts[0].cash: must be given"),
        (
            '{"schema": 1, "accounts": [{"account_id": "A", "cash": 1}, {"account_id": "A", "cash": 2}]}',
            "accounts[1].account_id: must stand once",
        ),
        ('{"schema": 1, "accounts": [{"account_id": "A", "cash": NaN}]}', "accounts[0].cash: must be a number"),
    ],
)
def test_bad_opening_balances_name_file_and_place(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "opening.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError) as error:
        read_opening(file)
    assert f"{file}: {message}" in str(error.value)


@pytest.mark.parametrize(
    ("policy", "message"),
    [({"add_ons": [{"id": "none_such"}]}, "add_ons[0].id"), ([], "must be an object"), ({"add_on": []}, "add_on")],
)
def test_a_bad_policy_names_file_and_place(tmp_path: Path, policy: object, message: str) -> None:
    file = tmp_path / "policy.json"
    file.write_text(json.dumps(policy), encoding="utf-8")
    with pytest.raises(ScenarioError) as error:
        read_policy(file, UNIVERSE)
    assert str(error.value).startswith(f"{file}: ")
    assert message in str(error.value)


def test_settings_have_no_prices() -> None:
    settings = engine_settings(UNIVERSE, read_policy(HOUSE, UNIVERSE))
    assert settings["instruments"]["SPY"] == {"kind": "broad_index_etf"}
    assert settings["instruments"]["KO"] == {"kind": "equity"}
    assert [add_on["id"] for add_on in settings["policy"]["add_ons"]] == [
        "concentration",
        "volatility",
        "beta_leverage",
    ]
