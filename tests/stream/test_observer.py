# SPDX-License-Identifier: Apache-2.0
"""What the observer shows of a message, and its filters."""

from __future__ import annotations

import json
from typing import Any

import pytest
from rich.console import Console
from workshop_stream import observer
from workshop_stream.errors import StreamError
from workshop_stream.events import Publisher
from workshop_stream.lines import LABELS, format_event, status_of
from workshop_stream.observer import wanted
from workshop_stream.topics import TOPICS

TIME = 1_780_603_200_000  # 2026-06-04T20:00:00Z
MARGIN = {
    "account_id": "ACC_1",
    "total_mv": 100_000.0,
    "gross_mv": 100_000.0,
    "equity": 29_000.0,
    "maintenance_req": 25_000.0,
    "excess": 4_000.0,
    "calc_timestamp": TIME,
    "version": 3,
    "status": "complete",
}
ROWS: list[tuple[str, dict[str, Any], str, str]] = [
    (
        "fills.v1",
        {"account_id": "ACC_1", "symbol": "KO", "qty": -5, "price": 60.0, "timestamp": TIME, "fill_id": "f"},
        "",
        "04 Jun 20:00:00  fill         ACC_1                 -5 KO at 60.00",
    ),
    ("prices.v1", {"symbol": "KO", "price": 60.0, "timestamp": TIME}, "", "04 Jun 20:00:00  price        KO 60.00"),
    ("betas.v1", {"symbol": "KO", "beta": 0.6, "timestamp": TIME}, "", "04 Jun 20:00:00  beta         KO 0.60"),
    (
        "cash.v1",
        {"account_id": "ACC_1", "amount": -500.0, "type": "WITHDRAWAL", "timestamp": TIME, "cash_id": "c"},
        "",
        "04 Jun 20:00:00  cash         ACC_1                 WITHDRAWAL -500.00",
    ),
    (
        "margin.calc.v1",
        MARGIN,
        "thin",
        "04 Jun 20:00:00  margin       ACC_1                 equity    29,000  required    25,000  excess     4,000",
    ),
    (
        "margin.calc.v1",
        {**MARGIN, "status": "incomplete", "excess": None, "reasons": ["no price of KO"]},
        "incomplete",
        "04 Jun 20:00:00  margin       ACC_1                 incomplete: no price of KO",
    ),
    (
        "stress.beta_spy.v1",
        {
            "account_id": "ACC_1",
            "scenario": -0.08,
            "excess_stressed": -4_640.0,
            "underwater": True,
            "calc_timestamp": TIME,
        },
        "underwater",
        "04 Jun 20:00:00  stress       ACC_1                  -8%  excess    -4,640  UNDER WATER",
    ),
    (
        "margin.calls.v1",
        {
            "account_id": "ACC_1",
            "action": "MARGIN_CALL",
            "deficiency": 1050.0,
            "timestamp": "2026-06-04T20:00:00+00:00",
        },
        "MARGIN_CALL",
        "04 Jun 20:00:00  call         ACC_1                 MARGIN_CALL deficiency 1,050.00",
    ),
    (
        "restrictions.v1",
        {
            "account_id": "ACC_1",
            "action": "CLOSE_ONLY",
            "reason": "stress",
            "excess_stressed": -898.0,
            "scenario": -0.08,
            "timestamp": "2026-06-04T20:00:00Z",
        },
        "CLOSE_ONLY",
        "04 Jun 20:00:00  restriction  ACC_1                 CLOSE_ONLY excess_stressed -898.00 at -8% (stress)",
    ),
    (
        "dead_letter.v1",
        {
            "topic": "fills.v1",
            "partition": 2,
            "offset": 7,
            "reason": "must be JSON",
            "where": "value",
            "timestamp": TIME,
        },
        "",
        "04 Jun 20:00:00  dead letter  fills.v1[2] at 7: value: must be JSON",
    ),
]


@pytest.mark.parametrize(("topic", "value", "status", "line"), ROWS)
def test_a_message_is_a_line(topic: str, value: dict[str, Any], status: str, line: str) -> None:
    assert format_event(topic, value).plain == line
    assert status_of(topic, value) == status


def test_every_topic_has_a_label_and_survives_whatever_is_in_it() -> None:
    assert LABELS.keys() == TOPICS.keys()
    for topic in TOPICS:
        for value in ({}, {"timestamp": "soon", "scenario": "x", "price": None}, [], None, "text", 1e400):
            line = format_event(topic, value)
            assert "\n" not in line.plain


@pytest.mark.parametrize(
    ("accounts", "statuses", "passes"),
    [
        ([], [], True),
        (["acc_1"], [], True),
        (["ACC_2"], [], False),
        (["ACC_2", "ACC_1"], ["THIN"], True),
        ([], ["good", "deficient"], False),
    ],
)
def test_filters(accounts: list[str], statuses: list[str], passes: bool) -> None:
    assert wanted("margin.calc.v1", MARGIN, accounts, statuses) is passes


def test_colours_are_for_terminals_alone() -> None:
    line = format_event("margin.calls.v1", ROWS[7][1])
    for terminal in (True, False):
        console = Console(force_terminal=terminal, color_system="standard" if terminal else None, width=200)
        with console.capture() as captured:
            console.print(line)
        assert ("\x1b[" in captured.get()) is terminal


def test_it_shows_what_the_topics_hold(topics: str, capsys: pytest.CaptureFixture[str]) -> None:
    publisher = Publisher(topics)
    for account, excess in (("ACC_1", 4_000.0), ("ACC_2", -1.0)):
        value = json.dumps({**MARGIN, "account_id": account, "excess": excess}).encode()
        publisher.send_bytes("margin.calc.v1", account.encode(), value)
    publisher.send_bytes("prices.v1", b"KO", b"not json")
    publisher.flush()
    idle = ["--brokers", topics, "--beginning", "--until-idle", "2"]
    assert observer.main([*idle, "--status", "deficient"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert "ACC_2" in line
    assert observer.main([*idle, "--topic", "prices.v1"]) == 0
    assert capsys.readouterr().out.split("  ")[-1] == "not an object: 'not json'\n"


def test_nobody_there_is_one_line() -> None:
    with pytest.raises(StreamError, match="no Kafka broker answers at localhost:1"):
        observer.main(["--brokers", "localhost:1"])
