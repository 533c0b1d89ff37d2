# SPDX-License-Identifier: Apache-2.0
"""What results lead to, and that it is stored as a whole or not at all."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import margincore as mc
import pytest
from enforcement_support import HANDLER, START, Record, document, expected_steps, records, result, walks
from workshop_stream.enforcement.chain import Head
from workshop_stream.enforcement.ladder import read_ladder
from workshop_stream.enforcement.sqlite_store import SqliteStore
from workshop_stream.enforcement.store import StoreError


@pytest.fixture
def store(tmp_path: Path) -> Any:
    store = SqliteStore(tmp_path / "store.sqlite")
    yield store
    store.close()


def take(store: SqliteStore, *values: dict[str, Any], first: int = 0) -> list[tuple[str, dict[str, Any]]]:
    """Handle and commit some results; return what there is to send of them."""
    before = len(store.unsent(10**6))
    store.commit(HANDLER.handle(store, records(list(values), first)))
    return [(output.topic, json.loads(output.value)) for _, output in store.unsent(10**6)[before:]]


def test_every_step_has_its_message_and_its_audit_event(store: SqliteStore) -> None:
    walk = [(99, 1), (93, 3), (92, 34), (79, 41), (94, 50), (99, 51), (101, 52)]
    sent = take(store, *(result("ACC", i, minutes, price) for i, (price, minutes) in enumerate(walk)))
    said = [(topic, value.get("action") or value.get("trigger")) for topic, value in sent if topic != "audit.v1"]
    assert said == [
        ("margin.calls.v1", "WARNING"),
        ("margin.calls.v1", "MARGIN_CALL"),
        ("restrictions.v1", "CLOSE_ONLY"),
        ("liquidations.v1", "SEVERE_DEFICIENCY"),
        ("liquidation.orders.v1", None),
        ("margin.calls.v1", "CALL_MET"),
        ("restrictions.v1", "RELEASED"),
        ("margin.calls.v1", "WARNING"),
    ]
    audit = [value for topic, value in sent if topic == "audit.v1"]
    assert [value["event_type"] for value in audit] == [
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
    assert [value["sequence"] for value in audit] == list(range(1, 10))
    assert len({value["event_id"] for value in audit}) == 9


def test_fields_are_those_of_the_workshop(store: SqliteStore) -> None:
    sent = take(store, result("ACC", 1, 3, 93), result("ACC", 2, 34, 92), result("ACC", 3, 41, 79))
    call, restriction, liquidation, orders = (value for topic, value in sent if topic != "audit.v1")
    assert call["deficiency"] == pytest.approx(250)
    assert call["excess"] == pytest.approx(-250)
    assert call["equity"] == pytest.approx(23_000)
    assert call["maintenance_req"] == pytest.approx(23_250)
    assert call["timestamp"] == "2026-11-20T16:03:00.000+00:00"
    assert restriction["reason"] == "margin call outstanding for more than 30 minutes"
    assert restriction["deficiency"] == pytest.approx(1_000)
    assert liquidation["trigger"] == "SEVERE_DEFICIENCY"
    assert liquidation["deficiency"] == pytest.approx(10_750)
    # 1.1 x 10,750 / (0.25 x 79) = 598.7
    assert [(order["symbol"], order["quantity"], order["side"]) for order in orders["orders"]] == [
        ("XYZ", -599, "SELL")
    ]
    assert orders["correlation_id"] == liquidation["correlation_id"]
    assert orders["restored"]


def test_a_stress_restriction_names_its_scenario(store: SqliteStore) -> None:
    worst = {"scenario": -0.08, "excess_stressed": -6.0}
    (_, restriction), _ = take(store, result("ACC", 1, 0, 120, worst_stress=worst))
    assert (restriction["action"], restriction["scenario"], restriction["excess_stressed"]) == (
        "CLOSE_ONLY",
        -0.08,
        -6.0,
    )
    assert "deficiency" not in restriction


def test_a_liquidation_without_a_document_says_so(store: SqliteStore) -> None:
    sent = take(store, result("ACC", 1, 0, 79), result("ACC", 2, 31, 79, document=None))
    (orders,) = (value for topic, value in sent if topic == "liquidation.orders.v1")
    assert orders["orders"] == []
    assert "document" in orders["refused"]


def test_a_repeated_or_older_version_is_dropped(store: SqliteStore) -> None:
    assert len(take(store, result("ACC", 5, 0, 93))) == 2
    assert take(store, result("ACC", 5, 1, 120), result("ACC", 4, 2, 120)) == []
    assert store.account("ACC").version == 5
    assert store.account("ACC").state.call_issued_at == START


def test_an_incomplete_result_takes_no_step_and_counts_as_seen(store: SqliteStore) -> None:
    incomplete = {"account_id": "ACC", "version": 7, "calc_timestamp": START, "status": "incomplete", "excess": None}
    assert take(store, incomplete) == []
    assert store.account("ACC").version == 7


@pytest.mark.parametrize(
    ("value", "where", "reason"),
    [
        (None, "", "must be a JSON object, got nothing"),
        (b"\xff\xfe", "", "must be JSON in UTF-8, got other bytes"),
        (b"{", "", "must be JSON, got: Expecting property name"),
        (b"[1]", "", "must be a JSON object, got list"),
        (b'{"a":' * 100_000, "", "must be JSON, got"),
        ({"account_id": ""}, "account_id", "must be a text that is not empty, got ''"),
        ({"version": -1}, "version", "must be a whole number"),
        ({"version": True}, "version", "must be a whole number"),
        ({"version": 2**64}, "version", "must be a whole number"),
        ({"calc_timestamp": 1e12}, "calc_timestamp", "must be a whole number"),
        ({"calc_timestamp": 10**18}, "calc_timestamp", "must be a whole number"),
        ({"status": "done"}, "status", "must be complete or incomplete"),
        ({"excess": None}, "excess", "must be a finite number, got None"),
        ({"excess": 10**400}, "excess", "must be a finite number"),
        ({"gross_mv": -1}, "gross_mv", "must be zero or more"),
        ({"worst_stress": None}, "worst_stress", "must be an object, got None"),
        (
            {"worst_stress": {"scenario": 0.01, "excess_stressed": 1}},
            "stress",
            "must have a benchmark move of at least",
        ),
        ({"document": 3}, "document", "must be an object, got 3"),
    ],
)
def test_what_cannot_be_read_is_a_dead_letter_and_the_stream_goes_on(
    store: SqliteStore, value: Any, where: str, reason: str
) -> None:
    content = json.dumps(result("ACC", 1, 0, 93) | value).encode() if isinstance(value, dict) else value
    good = records([result("ACC", 2, 0, 93)], first=5)
    store.commit(HANDLER.handle(store, [Record(content, 4), *good]))
    (_, letter), *steps = store.unsent(100)
    said = json.loads(letter.value)
    assert letter.topic == "dead_letter.v1"
    assert (said["topic"], said["partition"], said["offset"], said["key"]) == ("margin.calc.v1", 0, 4, "ACC")
    assert said["where"] == where
    assert said["reason"].startswith(reason)
    assert "value" in said or "value_base64" in said
    assert len(steps) == 2
    assert store.offsets() == {("margin.calc.v1", 0): 6}


def test_not_a_number_is_a_dead_letter(store: SqliteStore) -> None:
    content = json.dumps(result("ACC", 1, 0, 93) | {"excess": float("nan")}).encode()
    store.commit(HANDLER.handle(store, [Record(content)]))
    assert [output.topic for _, output in store.unsent(9)] == ["dead_letter.v1"]


def test_steps_over_restarts_in_batches_of_any_size_are_those_of_the_pure_ladder(tmp_path: Path) -> None:
    values = walks(accounts=5, steps=60, seed=1)
    sizes = [1, 7, 40, 3]
    start = number = 0
    while start < len(values):
        store = SqliteStore(tmp_path / "store.sqlite")  # as after a restart
        size = sizes[number % len(sizes)]
        store.commit(HANDLER.handle(store, records(values[start : start + size], start)))
        start, number = start + size, number + 1
        audit = [json.loads(output.value) for _, output in store.unsent(10**6) if output.topic == "audit.v1"]
        store.close()
    steps = {value["correlation_id"]: (value["account_id"], value["event_type"]) for value in audit}
    assert len(audit) == len(steps)
    assert steps == expected_steps(values)


def test_a_batch_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "store.sqlite")
    store._connection.execute("PRAGMA max_page_count = 25")  # as on a full disk
    with pytest.raises(StoreError, match="full"):
        store.commit(HANDLER.handle(store, records(walks(accounts=40, steps=20, seed=2))))
    assert (store.offsets(), store.unsent(9), store.unwritten(9), store.written_head()) == ({}, [], [], Head())
    store.commit(HANDLER.handle(store, records([result("ACC", 1, 0, 93)])))
    assert len(store.unsent(9)) == 2
    store.close()


@pytest.mark.usefixtures("store")
def test_one_process_has_a_store_at_a_time(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "store.sqlite", timeout=0) as other, pytest.raises(sqlite3.OperationalError):
        other.execute("BEGIN IMMEDIATE")
    other.close()


@pytest.mark.parametrize(
    "text",
    [
        '{"warning_excess": 0.1}',
        '{"ladder": {"warning_excess": 0.1}, "add_ons": []}',
        '{"policy": {"ladder": {"warning_excess": 0.1}}, "benchmark": "SPY"}',
    ],
)
def test_a_ladder_is_read_from_what_has_one(text: str, tmp_path: Path) -> None:
    (tmp_path / "policy.json").write_text(text)
    assert read_ladder(text) == read_ladder(str(tmp_path / "policy.json")) == mc.Ladder(warning_excess=0.1)


@pytest.mark.parametrize("text", ["{", "/no/such/file", '{"warning_excess": 9}', '{"warning_excess": 0.1, "other": 1}'])
def test_another_ladder_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(ValueError, match="must") as caught:
        read_ladder(text)
    assert "\n" not in str(caught.value)


def test_the_sample_document_is_the_sample_result() -> None:
    report = mc.evaluate(document(93))
    assert report.excess.total == result("ACC", 0, 0, 93)["excess"]
