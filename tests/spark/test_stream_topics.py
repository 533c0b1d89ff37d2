# SPDX-License-Identifier: Apache-2.0
"""Where messages go: an account to one bucket, quotes to all, what names no account to the first."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest
from margincore.spark._topics import bucket_labels, is_of_copied_topic, messages_of_buckets

COLUMNS = "key binary, value binary, topic string, partition int, offset long, timestamp timestamp, timestampType int"
TIME = datetime.datetime(2026, 11, 20, 15, 0, 0, 250_000, tzinfo=datetime.timezone.utc)


def messages(spark: Any, *pairs: tuple[str, bytes | None]) -> Any:
    rows = [(None, value, topic, 0, i, TIME, 1) for i, (topic, value) in enumerate(pairs)]
    return spark.createDataFrame(rows, COLUMNS)


@pytest.mark.parametrize("buckets", [1, 2, 5, 16])
def test_every_bucket_is_alone_in_its_partition(spark: Any, buckets: int) -> None:
    from pyspark.sql import functions as sql

    labels = bucket_labels(spark, buckets)
    assert len(labels) == buckets
    frame = spark.createDataFrame([(label,) for label in labels], "bucket int").repartition(buckets, "bucket")
    placed = [row["partition"] for row in frame.select(sql.spark_partition_id().alias("partition")).collect()]
    assert sorted(placed) == list(range(buckets))


def test_an_account_has_one_bucket_for_its_fills_and_its_cash(spark: Any) -> None:
    labels = bucket_labels(spark, 4)
    accounts = [json.dumps({"account_id": f"ACC{i}"}).encode() for i in range(100)]
    pairs = [(topic, account) for account in accounts for topic in ("fills.v1", "cash.v1")]
    rows = messages_of_buckets(messages(spark, *pairs), labels).collect()
    assert len(rows) == 200
    bucket_of: dict[bytes, set[int]] = {}
    for row in rows:
        bucket_of.setdefault(bytes(row["value"]), set()).add(row["bucket"])
    assert all(len(found) == 1 for found in bucket_of.values())
    assert set.union(*bucket_of.values()) == set(labels)


def test_quotes_and_ticks_go_to_every_bucket(spark: Any) -> None:
    labels = bucket_labels(spark, 3)
    pairs = [(topic, b"{}") for topic in ("prices.v1", "betas.v1", "volatility.v1", "clock.v1")]
    rows = messages_of_buckets(messages(spark, *pairs), labels).collect()
    assert sorted((row["topic"], row["bucket"]) for row in rows) == sorted(
        (topic, label) for topic, _ in pairs for label in labels
    )
    assert {row["timestamp"] for row in rows} == {int(TIME.timestamp() * 1000)}


@pytest.mark.parametrize(
    "value", [None, b"", b"not json", b"\xff\xfe", b"[]", b'{"account_id": null}', b'{"accountid": "A"}']
)
def test_what_names_no_account_goes_to_the_first_bucket(spark: Any, value: bytes | None) -> None:
    labels = bucket_labels(spark, 3)
    [row] = messages_of_buckets(messages(spark, ("fills.v1", value)), labels).collect()
    assert row["bucket"] == labels[0]


def test_a_dead_letter_of_a_copied_topic_is_known_by_its_key() -> None:
    assert is_of_copied_topic("dead_letter.v1", "prices.v1-2")
    assert not is_of_copied_topic("dead_letter.v1", "fills.v1-0")
    assert not is_of_copied_topic("margin.calc.v1", "prices.v1-2")
