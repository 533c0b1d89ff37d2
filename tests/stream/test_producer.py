# SPDX-License-Identifier: Apache-2.0
"""The producer: scenarios in their order, loads of a rate, and what of a load is bad on purpose."""

from __future__ import annotations

import itertools
import json
from collections import Counter

import pytest
from topic_reader import records
from workshop_stream import producer
from workshop_stream.errors import StreamError
from workshop_stream.events import Event, Publisher
from workshop_stream.load_events import LATE_MS, Load, LoadEvents, Raw
from workshop_stream.producer import load_scenario, play_moments
from workshop_stream.topics import INPUTS

NOW = 1_790_000_000_000
NUMBER = 20_000


def events(load: Load) -> list[Event | Raw]:
    return list(itertools.islice(LoadEvents(load, lambda: NOW).events(), NUMBER))


def test_a_scenario_is_in_the_log_as_it_was_sent(topics: str) -> None:
    stream = load_scenario("workshop")
    pauses: list[float] = []
    played = list(play_moments(stream, Publisher(topics), 4.0, pauses.append))
    assert played == list(stream.moments)
    assert pauses == [0.5] * len(stream.scenario.steps)
    sent = [event for moment in stream.moments for event in moment.events]
    for topic in INPUTS:
        got = [(m.partition(), m.key(), m.value()) for m in records(topics, [topic])]
        wanted = [(event.key.encode(), event.encoded) for event in sent if event.topic == topic]
        assert sorted(got_[1:] for got_ in got) == sorted(wanted)
        for key in {key for key, _ in wanted}:
            assert len({partition for partition, got_key, _ in got if got_key == key}) == 1
            assert [v for _, k, v in got if k == key] == [v for k, v in wanted if k == key]


def test_a_load_is_of_its_rates_and_the_same_for_a_seed() -> None:
    load = Load(prices_rate=900, fills_rate=100)
    found = events(load)
    assert found == events(load)
    assert found != events(Load(seed=2))
    shares = Counter(event.topic for event in found)
    assert shares["prices.v1"] / NUMBER == pytest.approx(0.9, abs=0.01)
    assert 0 < shares["cash.v1"] < 0.02 * shares["fills.v1"]
    ids = [event.value["fill_id"] for event in found if event.topic == "fills.v1"]
    assert len(set(ids)) == len(ids)


def test_a_load_starts_with_every_account_opened_and_every_symbol_known() -> None:
    load = Load(accounts=30, positions=4, symbols=10)
    setup = list(LoadEvents(load, lambda: NOW).setup())
    count = Counter(event.topic for event in setup)
    assert count == {"prices.v1": 11, "betas.v1": 11, "volatility.v1": 10, "cash.v1": 30, "fills.v1": 120}
    held = {(event.key, event.value["symbol"]) for event in setup if event.topic == "fills.v1"}
    assert len(held) == 120


def test_what_is_bad_on_purpose_comes_in_its_share() -> None:
    found = events(Load(prices_rate=500, fills_rate=500, duplicates=0.1, late=0.1, malformed=0.05))
    fills = [event.value["fill_id"] for event in found if event.topic == "fills.v1" and isinstance(event, Event)]
    prices = [event for event in found if event.topic == "prices.v1" and isinstance(event, Event)]
    raw = [event for event in found if isinstance(event, Raw)]
    assert (len(fills) - len(set(fills))) / len(fills) == pytest.approx(0.09, abs=0.02)
    late = [event for event in prices if event.value["timestamp"] == NOW - LATE_MS]
    assert len(late) / len(prices) == pytest.approx(0.1, abs=0.02)
    assert len(raw) / len(found) == pytest.approx(0.05, abs=0.01)
    assert {event.topic for event in raw} == {"fills.v1", "prices.v1", "betas.v1", "cash.v1"}


def test_a_load_is_counted_and_all_of_it_is_in_the_log(topics: str, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--accounts", "5", "--symbols", "6", "--seconds", "1", "--malformed", "0.1", "--prices-rate", "300"]
    assert producer.main(["--brokers", topics, "load", *options]) == 0
    counts = json.loads(capsys.readouterr().out)
    assert sum(counts.values()) - counts["malformed"] == 400 + 7 + 7 + 6 + 5 + 25
    assert len(records(topics, list(INPUTS))) == sum(counts.values())


@pytest.mark.parametrize(
    "wrong",
    [{"accounts": 0}, {"positions": 0}, {"symbols": 0}, {"prices_rate": 0, "fills_rate": 0}, {"fills_rate": -1}],
)
def test_a_load_of_nothing_is_one_line(wrong: dict[str, float]) -> None:
    with pytest.raises(StreamError, match=r"must be at least 1, got 0|must not be negative, and one of them above 0"):
        Load(**wrong)
