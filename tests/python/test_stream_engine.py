# SPDX-License-Identifier: Apache-2.0
"""The engine of the streams against ledgers kept in plain Python, and documents evaluated one by one."""

from __future__ import annotations

import json
import random

import margincore as mc
import pytest
from margincore.stream import LogRecord, MarginEngine, read_log_file, replay, write_log_file
from margincore.stream._replay import newest_results
from stream_log import NOON, SETTINGS, document, feed, random_log


@pytest.mark.parametrize("seed", range(40))
def test_a_random_log_comes_to_what_a_plain_ledger_says(seed: int) -> None:
    records, ledger = random_log(seed)
    engine = MarginEngine(SETTINGS)
    feed(engine, records)
    engine.flush()
    assert set(engine.account_ids) == set(ledger)
    for name, account in ledger.items():
        result = engine.result(name)
        if not account["known"]:
            assert result["status"] == "incomplete"
            assert result["equity"] is None
            continue
        report = mc.evaluate(document(name, account), stress=True)
        scale = max(1.0, report.gross_value)
        assert result["status"] == "complete", result["reasons"]
        assert result["cash"] == account["cash"] / 1e6
        assert result["equity"] == pytest.approx(report.equity, abs=1e-9 * scale)
        assert result["maintenance_req"] == pytest.approx(report.requirement.total, abs=1e-9 * scale)
        assert result["excess"] == pytest.approx(report.excess.total, abs=1e-9 * scale)
        add_ons = sum(line.amount for line in report.add_ons)
        assert result["concentration_addon"] + result["beta_leverage_addon"] == pytest.approx(add_ons, abs=1e-9 * scale)
        worst = min((p for p in report.stress if abs(p.move) >= 0.06), key=lambda p: p.excess)
        assert result["worst_stress"]["excess_stressed"] == pytest.approx(worst.excess, abs=1e-9 * scale)


@pytest.mark.parametrize("seed", range(15))
def test_fills_and_cash_in_any_order_come_to_the_same(seed: int) -> None:
    records, _ = random_log(seed)
    whole = MarginEngine(SETTINGS)
    feed(whole, records)
    quotes = [r for r in records if r.topic not in ("fills.v1", "cash.v1")]
    others = [r for r in records if r.topic in ("fills.v1", "cash.v1")]
    random.Random(seed).shuffle(others)
    shuffled = MarginEngine(SETTINGS)
    for record in others[::2]:
        feed(shuffled, [record])
    feed(shuffled, quotes)
    for record in others[1::2]:
        feed(shuffled, [record])
    for engine in (whole, shuffled):
        engine.flush()
    for name in whole.account_ids:
        a, b = whole.result(name), shuffled.result(name)
        assert {k: v for k, v in a.items() if k != "calc_timestamp"} == {
            k: v for k, v in b.items() if k != "calc_timestamp"
        }
    assert whole.counts["repeated"] == shuffled.counts["repeated"]


@pytest.mark.parametrize("seed", range(10))
def test_batches_and_restarts_do_not_show(seed: int) -> None:
    records, _ = random_log(seed)
    rng = random.Random(seed)
    results = []
    for restarts in (False, True):
        engine = MarginEngine(SETTINGS)
        outputs: list[tuple[str, str]] = []
        for first in range(0, len(records), 16):  # the same batches: what is merged is a batch
            feed(engine, records[first : first + 16])
            topics, _, values = engine.take()
            outputs += zip(topics, values, strict=True)
            if restarts and rng.random() < 0.5:
                engine = MarginEngine.load(SETTINGS, engine.save())
        engine.flush()
        topics, _, values = engine.take()
        outputs += zip(topics, values, strict=True)
        results.append((outputs, engine.save()))
    assert results[0] == results[1]


def test_versions_name_results() -> None:
    records, _ = random_log(3)
    engine = MarginEngine(SETTINGS)
    newest: dict[str, int] = {}
    for record in records:
        feed(engine, [record])
        for topic, key, value in zip(*engine.take(), strict=True):
            if topic == "margin.calc.v1":
                version = json.loads(value)["version"]
                assert version > newest.get(key, -1)
                newest[key] = version
    engine.settle()
    engine.flush()
    for topic, key, value in zip(*engine.take(), strict=True):
        if topic == "margin.calc.v1":
            assert json.loads(value)["version"] > newest[key]


def test_columns_of_other_lengths_are_refused() -> None:
    with pytest.raises(mc.InvalidInput, match="values: must be as many as topics, 1, got 0"):
        MarginEngine({}).apply(["fills.v1"], [0], [0], [0], [None], [])


@pytest.mark.parametrize(
    ("column", "wrong", "message"),
    [
        (0, 1, r"topics\[0\]: must be a string, got int"),
        (1, "0", r"partitions\[0\]: must be an integer of 32 bits, got str"),
        (1, 2**40, r"partitions\[0\]: must be an integer of 32 bits, got int"),
        (2, 1.5, r"offsets\[0\]: must be an integer of 64 bits, got float"),
        (4, "key", r"keys\[0\]: must be bytes or None, got str"),
        (5, {}, r"values\[0\]: must be bytes or None, got dict"),
    ],
)
def test_an_element_of_another_type_is_named(column: int, wrong: object, message: str) -> None:
    columns: list[list] = [["fills.v1"], [0], [0], [0], [None], [b"{}"]]
    columns[column] = [wrong]
    with pytest.raises(mc.InvalidInput, match=message):
        MarginEngine({}).apply(*columns)


def test_a_log_of_cash_alone_is_replayed() -> None:
    opening = {"account_id": "A", "amount": 100, "type": "OPENING", "cash_id": "c", "timestamp": NOON}
    replayed = replay([LogRecord("cash.v1", 0, 0, NOON, None, json.dumps(opening).encode())], {})
    assert replayed.reports["A"].equity == 100
    opening["timestamp"] = 1_600_000_000_000  # 2020: before the rulebook
    replayed = replay([LogRecord("cash.v1", 0, 0, NOON, None, json.dumps(opening).encode())], {})
    assert "must not be before 2026-06-04" in replayed.incomplete["A"][0]


def test_a_log_in_a_file_is_the_log(tmp_path) -> None:
    records, _ = random_log(5)
    path = tmp_path / "log.jsonl"
    assert write_log_file(path, records) == len(records)
    assert list(read_log_file(path)) == records
    path.write_text(path.read_text() + '{"topic": 1, "partition": 0, "offset": 0, "timestamp": 0}\n')
    with pytest.raises(mc.InvalidInput, match=f"log.jsonl:{len(records) + 1}: must be a record"):
        list(read_log_file(path))


def test_a_replay_says_what_the_stream_said_and_finds_what_it_did_not() -> None:
    records, _ = random_log(7)
    engine = MarginEngine(SETTINGS)
    for first in range(0, len(records), 7):  # other batches than the replay's one
        feed(engine, records[first : first + 7])
    engine.flush()
    written = [
        LogRecord(topic, 0, number, -1, key.encode(), value.encode())
        for number, (topic, key, value) in enumerate(zip(*engine.take(), strict=True))
    ]
    replayed = replay(records + written, SETTINGS)
    results = newest_results(written)
    assert replayed.differences(results) == []
    assert len(replayed.dead_letters) == engine.counts["dead_letters"] > 0
    name = next(iter(replayed.reports))
    wrong = {**results, name: {**results[name], "excess": results[name]["excess"] + 0.01}}
    assert replayed.differences(wrong)[0].startswith(f"{name}.excess: must be ")
    del wrong[name]
    assert replayed.differences(wrong) == [f"{name}: must have a result, got none"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"\xff\xfe", "UnicodeDecodeError"),
        (
            b'{"topic": "fills.v1", "partition": 99999999999, "offset": 0, "timestamp": 0}',
            "partition 99999999999 beyond",
        ),
        (b'{"topic": "fills.v1", "partition": 0, "offset": 1e30, "timestamp": 0}', "beyond 64 bits"),
        (b"{}", "KeyError"),
    ],
)
def test_a_line_that_is_no_record_is_named(tmp_path, line: bytes, message: str) -> None:
    file = tmp_path / "log.jsonl"
    file.write_bytes(b"\n" + line + b"\n")
    with pytest.raises(mc.InvalidInput, match=f"log.jsonl:2: must be a record .*{message}"):
        list(read_log_file(file))
