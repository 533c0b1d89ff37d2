# SPDX-License-Identifier: Apache-2.0
"""The job beside a real broker: its results are those of a batch over the whole log, and outlive a kill."""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("confluent_kafka", reason="the extra `spark` is not installed")
pytest.importorskip("margincore.stream")

from job_process import Job, send, wait_until, written
from margincore.stream import read_kafka_log, replay

SETTINGS = {"policy": {"add_ons": [{"id": "concentration"}]}, "publish_interval_ms": 500, "stress_interval_ms": 1000}
SYMBOLS = ["SPY", "NVDA", "AAPL", "KO"]


@pytest.fixture(scope="module")
def brokers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a broker of these tests alone, with the topics of the workshop."""
    from workshop_stream.broker import Broker, free_port
    from workshop_stream.jars import missing_programs
    from workshop_stream.topics import create_topics

    missing = missing_programs()
    if missing:
        pytest.skip(f"a Kafka broker needs {' and '.join(missing)}: sudo apt-get install {' '.join(missing.values())}")
    with Broker(free_port(), tmp_path_factory.mktemp("broker"), heap="256m") as broker:
        create_topics(broker.brokers)
        yield broker.brokers


def now() -> int:
    return int(time.time() * 1000)


def opening(accounts: int) -> list[tuple[str, Any]]:
    events: list[tuple[str, Any]] = []
    for symbol in SYMBOLS:
        beta = 1.0 if symbol == "SPY" else 1.1  # of the benchmark itself it is 1
        events.append(("betas.v1", {"symbol": symbol, "beta": beta, "timestamp": now()}))
        events.append(("prices.v1", {"symbol": symbol, "price": 100.0, "timestamp": now()}))
    for i in range(accounts):
        cash = {"account_id": f"ACC{i}", "amount": 20_000.0, "type": "OPENING", "cash_id": f"c{i}", "timestamp": now()}
        events.append(("cash.v1", cash))
    return events


def trading(seeded: random.Random, accounts: int, count: int) -> list[tuple[str, Any]]:
    """Return fills, some of them twice, among prices."""
    events: list[tuple[str, Any]] = []
    for _ in range(count):
        symbol = seeded.choice(SYMBOLS)
        fill = {"account_id": f"ACC{seeded.randrange(accounts)}", "symbol": symbol, "qty": seeded.randint(-20, 60)}
        fill |= {"price": 100.0, "timestamp": now(), "fill_id": str(uuid.UUID(int=seeded.getrandbits(128)))}
        events += [("fills.v1", fill)] * seeded.choice([1, 1, 1, 2])
        price = round(seeded.uniform(80, 120), 2)
        events.append(("prices.v1", {"symbol": symbol, "price": price, "timestamp": now()}))
    return [(topic, value) for topic, value in events if topic != "fills.v1" or value["qty"]]


def differences(brokers: str) -> list[str]:
    """Return where the newest results are not those of a batch over the log; (account, version) must name one."""
    newest: dict[str, dict[str, Any]] = {}
    said: dict[tuple[str, int], dict[str, Any]] = {}
    for result in written(brokers, "margin.calc.v1"):
        name, version = result["account_id"], result["version"]
        assert said.setdefault((name, version), result) == result
        if name not in newest or version > newest[name]["version"]:
            newest[name] = result
    return replay(read_kafka_log(brokers), SETTINGS).differences(newest)


def test_results_are_those_of_a_batch_after_a_kill_and_a_restart(brokers: str, tmp_path: Path) -> None:
    seeded = random.Random(20261120)
    send(brokers, opening(12) + trading(seeded, 12, 60))
    with Job(brokers, SETTINGS, tmp_path) as job:
        wait_until("results of the first events", lambda: bool(written(brokers, "margin.calc.v1")), job.log)
        bad: list[tuple[str, Any]] = [
            ("prices.v1", b"no json"),
            ("prices.v1", {"symbol": "KO", "price": -1.0, "timestamp": now()}),
            ("fills.v1", b"\xff"),
            ("fills.v1", {"account_id": "ACC1", "symbol": "KO", "qty": "many", "price": 1.0, "timestamp": now()}),
            ("cash.v1", {"amount": 1.0, "type": "DEPOSIT", "cash_id": "c", "timestamp": now()}),
        ]
        for event in bad:
            send(brokers, [event, *trading(seeded, 12, 10)])
        job.kill()
    send(brokers, trading(seeded, 12, 60))
    with Job(brokers, SETTINGS, tmp_path) as job:
        wait_until("the results of a batch", lambda: differences(brokers) == [], job.log)
        letters = written(brokers, "dead_letter.v1")
        places = {(letter["topic"], letter["partition"], letter["offset"]) for letter in letters}
        assert sorted(topic for topic, _, _ in places) == sorted(topic for topic, _ in bad)
        assert len(letters) <= 2 * len(bad)  # a batch that was killed is written again, and no other
        assert job.stop() == 0
        assert "stopped" in job.log.read_text(encoding="utf-8")


def test_a_checkpoint_keeps_its_number_of_buckets(tmp_path: Path) -> None:
    from margincore.errors import InvalidInput
    from margincore.spark.job import _buckets_of

    checkpoint = str(tmp_path / "checkpoint")
    assert _buckets_of(checkpoint, 3) == 3
    assert _buckets_of(checkpoint, None) == 3
    with pytest.raises(InvalidInput, match=r"buckets: must be 3, as in checkpoint .*, got 4"):
        _buckets_of(checkpoint, 4)
    (tmp_path / "checkpoint" / "margincore.json").write_text("")
    with pytest.raises(InvalidInput, match=r"margincore.json: must say the number of buckets"):
        _buckets_of(checkpoint, None)


def test_a_checkpoint_at_an_address_is_told_its_number_of_buckets() -> None:
    from margincore.errors import InvalidInput
    from margincore.spark.job import _buckets_of

    assert _buckets_of("s3a://bucket/checkpoint", 4) == 4
    with pytest.raises(InvalidInput, match="buckets: must be given, always the same"):
        _buckets_of("s3a://bucket/checkpoint", None)


@pytest.mark.parametrize(
    ("text", "message"),
    [("{", "must be JSON"), ("[]", "must be an object, got list"), ('{"polciy": {}}', "polciy")],
)
def test_wrong_settings_end_in_one_line(tmp_path: Path, capsys: Any, text: str, message: str) -> None:
    import signal

    from margincore.spark.job import main

    (tmp_path / "settings.json").write_text(text, encoding="utf-8")
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        arguments = ["--brokers", "localhost:1", "--settings", str(tmp_path / "settings.json")]
        assert main([*arguments, "--checkpoint", str(tmp_path / "checkpoint")]) == 2
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    said = capsys.readouterr().err
    assert said.startswith("error: ")
    assert message in said
    assert said.count("\n") == 1
