# SPDX-License-Identifier: Apache-2.0
"""The broker and the topics that the tools make."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic, ResourceType
from topic_reader import records
from workshop_stream import jars
from workshop_stream.broker import Broker, client_settings, free_port, listens
from workshop_stream.errors import StreamError
from workshop_stream.events import Publisher, price
from workshop_stream.topics import INPUTS, OUTPUTS, TOPICS, create_topics, input_messages

# Source: the workshop's table of topics, and the topics that the streams add to it.
PARTITIONS = {
    "fills.v1": 3,
    "prices.v1": 3,
    "betas.v1": 1,
    "margin.calc.v1": 3,
    "stress.beta_spy.v1": 3,
    "margin.calls.v1": 3,
    "restrictions.v1": 3,
    "liquidations.v1": 3,
    "audit.v1": 3,
    "cash.v1": 3,
    "volatility.v1": 1,
    "clock.v1": 1,
    "liquidation.orders.v1": 3,
    "firm.risk.v1": 1,
    "dead_letter.v1": 1,
}


def test_topics_have_their_partitions_and_inputs_are_kept(topics: str) -> None:
    admin = AdminClient(client_settings(topics))
    found = admin.list_topics(timeout=30).topics
    assert {name: len(found[name].partitions) for name in PARTITIONS} == PARTITIONS == TOPICS
    resources = [ConfigResource(ResourceType.TOPIC, name) for name in PARTITIONS]
    for resource, future in admin.describe_configs(resources).items():
        config = future.result(30)
        kept = (config["message.timestamp.type"].value, config["retention.ms"].value)
        assert (kept == ("LogAppendTime", "-1")) == (resource.name in INPUTS), resource.name
    assert not INPUTS.keys() & OUTPUTS.keys()


def test_what_exists_is_left_with_a_word_where_it_differs(topics: str) -> None:
    said: list[str] = []
    assert create_topics(topics, said.append) == []
    assert said == []


def test_partitions_that_differ_are_told(topics: str) -> None:
    admin = AdminClient(client_settings(topics))
    for future in admin.delete_topics(["clock.v1"]).values():
        future.result(30)
    said: list[str] = []
    made = False
    while not made:  # the name is free a moment after the deletion
        future = admin.create_topics([NewTopic("clock.v1", 2)])["clock.v1"]
        made = future.exception(30) is None
    assert create_topics(topics, said.append) == []
    assert said == [
        "topic clock.v1 has 2 partitions instead of 1: left as it is",
        "topic clock.v1 has message.timestamp.type=CreateTime instead of LogAppendTime: left as it is",
        "topic clock.v1 has retention.ms=604800000 instead of -1: left as it is",
    ]


def test_a_misspelt_topic_is_no_new_topic(topics: str) -> None:
    publisher = Publisher(topics)
    publisher.send_bytes("prizes.v1", b"SPY", b"{}")
    with pytest.raises(StreamError, match=r"did not take everything: .*[Uu]nknown topic"):
        publisher.flush()


def test_nobody_there_is_one_line() -> None:
    with pytest.raises(StreamError, match="no Kafka broker answers at localhost:1:"):
        create_topics("localhost:1")


@pytest.mark.usefixtures("broker")  # which skips where there can be none
def test_killed_and_started_again_it_has_its_log(tmp_path: Path) -> None:
    said: list[str] = []
    with Broker(free_port(), tmp_path, say=said.append) as other:
        create_topics(other.brokers)
        Publisher(other.brokers).send_all(price("SPY", 450.0 + number, number) for number in range(1000))
        other.kill()
        assert not other.runs
        assert not listens(other.port)
        other.start()
        assert input_messages(other.brokers) == 1000
        assert len(records(other.brokers, ["prices.v1"])) == 1000
        assert create_topics(other.brokers, said.append) == []
    assert not listens(other.port)
    assert said == [f"starting a Kafka broker on {other.brokers} (log: {other.log})"] * 2


def test_a_taken_port_names_the_way_out(broker: Any, tmp_path: Path) -> None:
    with pytest.raises(StreamError, match=f"port {broker.port} .* is taken.*KAFKA_BROKERS={broker.brokers}"):
        Broker(broker.port, tmp_path).start()


def test_without_java_and_maven_one_line_says_how_to_get_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StreamError, match="needs java and mvn: sudo apt-get install default-jre-headless maven"):
        jars.kafka_jars(build=tmp_path)
