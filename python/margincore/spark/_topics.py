# SPDX-License-Identifier: Apache-2.0
"""The topics that a margin engine reads, and to which buckets of accounts their messages go."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

OF_ACCOUNTS = ("fills.v1", "cash.v1")
CLOCK = "clock.v1"
COPIED = ("prices.v1", "betas.v1", "volatility.v1", CLOCK)
INPUTS = (*OF_ACCOUNTS, *COPIED)
_CANDIDATES = 64  # keys tried for each bucket: far more than a hash needs to hit every partition
_DEAD_LETTERS = "dead_letter.v1"


def is_of_copied_topic(topic: str, key: str) -> bool:
    """Whether an output is the dead letter of a message that every bucket has; its key is topic and partition."""
    return topic == _DEAD_LETTERS and key.rpartition("-")[0] in COPIED


def bucket_labels(spark: SparkSession, buckets: int) -> list[int]:
    """Return a key for each bucket, such that Spark puts each in a partition of its own, of as many."""
    from pyspark.sql import functions as sql

    numbers = spark.range(0, _CANDIDATES * buckets, 1, 1).select(sql.col("id").cast("int").alias("id"))
    placed = numbers.select("id", sql.pmod(sql.hash("id"), sql.lit(buckets)).alias("partition"))
    first = {
        row["partition"]: row["id"] for row in placed.groupBy("partition").agg(sql.min("id").alias("id")).collect()
    }
    return [int(first[partition]) for partition in range(buckets)]


def messages_of_buckets(messages: DataFrame, labels: list[int]) -> DataFrame:
    """Return messages of Kafka, each with the bucket it goes to; once for every bucket what all accounts need.

    What of an account's topics names no account goes to the first bucket, whose engine says what is wrong with it.
    """
    from pyspark.sql import functions as sql

    account = sql.get_json_object(sql.col("value").cast("string"), "$.account_id")
    number = sql.when(account.isNull(), 0).otherwise(sql.pmod(sql.hash(account), sql.lit(len(labels))))
    every = sql.array(*(sql.lit(label) for label in labels))
    own = sql.array(sql.element_at(every, number + 1))
    return messages.select(
        sql.explode(sql.when(sql.col("topic").isin(*OF_ACCOUNTS), own).otherwise(every)).alias("bucket"),
        "topic",
        "partition",
        "offset",
        sql.unix_millis("timestamp").alias("timestamp"),
        "key",
        "value",
    )
