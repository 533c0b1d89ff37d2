# SPDX-License-Identifier: Apache-2.0
"""The streaming query: one source over all topics, one stateful operator, one sink."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from margincore.spark._pandas import any_pandas
from margincore.spark._topics import INPUTS, bucket_labels, messages_of_buckets

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.streaming import StreamingQuery

_LARGEST = "8000000"  # bytes of a result with the document of an account of many positions
_FETCH_WAIT_MS = "10"  # Kafka's own 500 ms would be part of every event's latency


def margin_stream(messages: DataFrame, settings: dict[str, Any], buckets: int) -> DataFrame:
    """Return what the margin engine writes for a stream of Kafka messages: ``topic``, ``key``, ``value``.

    Parameters
    ----------
    messages : pyspark.sql.DataFrame
        Columns of Spark's Kafka source, of the topics of margincore.
    settings : dict
        Of `margincore.stream.MarginEngine`.
    buckets : int
        Accounts are spread over them by hash; ``spark.sql.shuffle.partitions`` should be as many.

    Returns
    -------
    pyspark.sql.DataFrame
        For Spark's Kafka sink, in append mode.
    """
    from margincore.spark._operator import OUTPUT, MarginProcessor

    labels = bucket_labels(messages.sparkSession, buckets)
    keyed = messages_of_buckets(messages, labels).groupBy("bucket")
    processor = MarginProcessor(settings, labels[0])
    with any_pandas():
        result: DataFrame = keyed.transformWithStateInPandas(processor, OUTPUT, "Append", "None")
    return result


def start_query(
    spark: SparkSession, brokers: str, settings: dict[str, Any], checkpoint: str, buckets: int, most_messages: int
) -> StreamingQuery:
    """Start the query from its checkpoint, or from the beginning of the topics where there is none."""
    source = {
        "kafka.bootstrap.servers": brokers,
        "subscribe": ",".join(INPUTS),
        "startingOffsets": "earliest",
        "maxOffsetsPerTrigger": str(most_messages),
        "kafka.fetch.max.wait.ms": _FETCH_WAIT_MS,
        "failOnDataLoss": "true",  # the log is the record of fills
    }
    messages = spark.readStream.format("kafka").options(**source).load()
    sink = {"kafka.bootstrap.servers": brokers, "checkpointLocation": checkpoint, "kafka.max.request.size": _LARGEST}
    writer = margin_stream(messages, settings, buckets).writeStream.format("kafka").options(**sink)
    return writer.outputMode("append").trigger(processingTime="0 seconds").start()
