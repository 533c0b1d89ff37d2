# SPDX-License-Identifier: Apache-2.0
"""Producers and consumers written with kafka-python, as today's scripts of the workshop are, against our topics."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from topic_reader import records
from workshop_stream.events import Publisher

kafka = pytest.importorskip("kafka", reason="kafka-python is not installed")
pytestmark = pytest.mark.filterwarnings(
    "ignore:.*:DeprecationWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)

TIME = 1_790_000_000_000
# What the demo producer and the sample generator send, by topic: key and fields.
SENT = [
    ("betas.v1", "NVDA", {"symbol": "NVDA", "beta": 1.8, "timestamp": TIME}),
    (
        "fills.v1",
        "ACC_DEMO_001",
        {
            "account_id": "ACC_DEMO_001",
            "symbol": "NVDA",
            "qty": 500,
            "price": 400.0,
            "timestamp": TIME,
            "fill_id": str(uuid.UUID(int=1)),
        },
    ),
    ("prices.v1", "NVDA", {"symbol": "NVDA", "price": 400.0, "timestamp": TIME}),
    ("prices.v1", "SPY", {"symbol": "SPY", "price": 445.5, "timestamp": TIME}),
]


def test_what_a_script_sends_is_in_our_topics_where_we_would_put_it(topics: str) -> None:
    producer = kafka.KafkaProducer(
        bootstrap_servers=topics.split(","),
        value_serializer=lambda v: json.dumps(v).encode("utf-8"),
        key_serializer=lambda k: k.encode("utf-8") if k else None,
    )
    for topic, key, value in SENT:
        producer.send(topic, key=key, value=value)
    producer.flush()
    producer.close()
    ours = Publisher(topics)
    for topic, key, value in SENT:
        ours.send_bytes(topic, key.encode(), json.dumps(value).encode())
    ours.flush()
    for topic in {topic for topic, _, _ in SENT}:
        got = [(m.partition(), m.key(), m.value()) for m in records(topics, [topic])]
        assert len(got) == 2 * sum(topic == name for name, _, _ in SENT)
        assert len(set(got)) == len(got) / 2  # the same bytes in the same partition


def seen_by_the_observer(topic: str, value: dict[str, Any]) -> str:
    """Format a message as the workshop's observer does, field by field."""
    if topic == "fills.v1":
        return f"{value['account_id']} {value['qty']:+d} {value['symbol']} @ ${value['price']:.2f}"
    if topic == "prices.v1":
        return f"{value['symbol']} = ${value['price']:.2f}"
    return f"{value['symbol']} = {value['beta']:.2f}"


def test_what_we_send_a_script_can_read(topics: str) -> None:
    from workshop_stream.producer import load_scenario

    moments = load_scenario("workshop").moments
    publisher = Publisher(topics)
    for moment in moments:
        publisher.send_all(moment.events)
    names = ["fills.v1", "prices.v1", "betas.v1"]
    wanted = sum(event.topic in names for moment in moments for event in moment.events)
    consumer = kafka.KafkaConsumer(
        *names,
        bootstrap_servers=topics.split(","),
        value_deserializer=lambda m: json.loads(m.decode("utf-8")),
        auto_offset_reset="earliest",
        enable_auto_commit=True,
        group_id=f"observer-{uuid.uuid4()}",
        consumer_timeout_ms=20_000,
    )
    lines = []
    for message in consumer:
        lines.append(seen_by_the_observer(message.topic, message.value))
        if len(lines) == wanted:
            break
    consumer.close()
    assert len(lines) == wanted
    assert "ACC_BEVERAGE_001 +5000 KO @ $60.00" in lines
    assert "ACC_HEDGED_001 -200 MSFT @ $380.00" in lines
