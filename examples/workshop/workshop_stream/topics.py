# SPDX-License-Identifier: Apache-2.0
"""The topics of the workshop: created where they are missing, left as they are where they exist."""

from __future__ import annotations

import time

from confluent_kafka import KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic, OffsetSpec, ResourceType

from workshop_stream.broker import answers, client_settings
from workshop_stream.errors import StreamError
from workshop_stream.jars import Say

INPUTS = {"fills.v1": 3, "cash.v1": 3, "prices.v1": 3, "betas.v1": 1, "volatility.v1": 1, "clock.v1": 1}
OUTPUTS = {
    "margin.calc.v1": 3,
    "stress.beta_spy.v1": 3,
    "margin.calls.v1": 3,
    "restrictions.v1": 3,
    "liquidations.v1": 3,
    "audit.v1": 3,
    "liquidation.orders.v1": 3,
    "firm.risk.v1": 1,
    "dead_letter.v1": 1,
}
TOPICS = {**INPUTS, **OUTPUTS}
"""Partitions by topic."""
# The log is the record of fills, so nothing of it may expire. The broker's time is what an event's own time is
# measured against, so a producer must not choose it.
INPUT_CONFIG = {"message.timestamp.type": "LogAppendTime", "retention.ms": "-1"}
OUTPUT_CONFIG = {"max.message.bytes": "8388608"}  # a result with the document of an account of many positions
SECONDS = 30.0
ANSWER_SECONDS = 10.0  # of a broker that runs


def create_topics(brokers: str, say: Say = print) -> list[str]:
    """Create the topics that are missing and return their names; say where one that exists is not as it should be."""
    admin = AdminClient(client_settings(brokers))
    try:
        existing = admin.list_topics(timeout=ANSWER_SECONDS).topics
    except KafkaException as error:
        raise StreamError(f"no Kafka broker answers at {brokers}: {error.args[0].str()}") from None
    for name, partitions in TOPICS.items():
        if name in existing and len(existing[name].partitions) != partitions:
            say(f"topic {name} has {len(existing[name].partitions)} partitions instead of {partitions}: left as it is")
    _check_inputs(admin, [name for name in INPUTS if name in existing], say)
    created = _create(admin, [name for name in TOPICS if name not in existing])
    deadline = time.monotonic() + SECONDS
    while not answers(brokers):  # a new topic is known before anybody leads its partitions
        if time.monotonic() > deadline:
            raise StreamError(f"the broker at {brokers} leads not all partitions after {SECONDS:.0f} s")
        time.sleep(0.05)
    return created


def _create(admin: AdminClient, names: list[str]) -> list[str]:
    if not names:
        return []
    topics = [
        NewTopic(name, TOPICS[name], replication_factor=1, config=INPUT_CONFIG if name in INPUTS else OUTPUT_CONFIG)
        for name in names
    ]
    created = []
    for name, future in admin.create_topics(topics, operation_timeout=SECONDS).items():
        try:
            future.result(SECONDS)
            created.append(name)
        except KafkaException as error:
            if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:  # somebody else was faster
                raise StreamError(f"topic {name} could not be created: {error.args[0].str()}") from None
    return created


def _check_inputs(admin: AdminClient, names: list[str], say: Say) -> None:
    resources = [ConfigResource(ResourceType.TOPIC, name) for name in names]
    for resource, future in admin.describe_configs(resources).items() if resources else ():
        config = future.result(SECONDS)
        for key, wanted in INPUT_CONFIG.items():
            if config[key].value != wanted:
                say(f"topic {resource.name} has {key}={config[key].value} instead of {wanted}: left as it is")


def input_messages(brokers: str) -> int:
    """Return how many messages the input topics have had."""
    asked = {
        TopicPartition(name, number): OffsetSpec.latest() for name, count in INPUTS.items() for number in range(count)
    }
    admin = AdminClient(client_settings(brokers))
    try:
        ends = admin.list_offsets(asked, request_timeout=SECONDS)
        return sum(future.result(SECONDS).offset for future in ends.values())
    except KafkaException as error:
        raise StreamError(
            f"the broker at {brokers} does not say how long its topics are: {error.args[0].str()}"
        ) from None
