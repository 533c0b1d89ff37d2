# SPDX-License-Identifier: Apache-2.0
"""Margin from streams: the engine behind the C++ service and the Spark job, and logs to replay through it."""

from margincore._core import MarginEngine
from margincore.stream._log import INPUT_TOPICS, LogRecord, read_kafka_log, read_log_file, write_log_file
from margincore.stream._replay import Replayed, replay

__all__ = [
    "INPUT_TOPICS",
    "LogRecord",
    "MarginEngine",
    "Replayed",
    "read_kafka_log",
    "read_log_file",
    "replay",
    "write_log_file",
]
