# SPDX-License-Identifier: Apache-2.0
"""One local Spark session for the tests of a run; without Java or PySpark there are none."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")


@pytest.fixture(scope="session", autouse=True)
def what_spark_needs() -> None:
    """Say why there are no tests of Spark where there can be none."""
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java, which is missing: sudo apt-get install openjdk-17-jre-headless")
    pytest.importorskip("pyspark", reason="the extra `spark` is not installed")


@pytest.fixture(scope="session")
def spark(what_spark_needs: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    from pyspark.sql import SparkSession

    del what_spark_needs
    folder: Path = tmp_path_factory.mktemp("spark")
    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.sql.shuffle.partitions", "3")
        .config("spark.sql.warehouse.dir", str(folder))
        .config(
            "spark.sql.streaming.stateStore.providerClass",
            "org.apache.spark.sql.execution.streaming.state.RocksDBStateStoreProvider",
        )
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()
