# SPDX-License-Identifier: Apache-2.0
"""A Spark session for the stream: the connector's jars, and the settings that its latency hangs on."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from margincore.errors import InvalidInput

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_POM = Path(__file__).with_name("connector-pom.xml")
_BARE_FILE_SYSTEM = "hadoop-bare-naked-local-fs"
_CONNECTOR = "spark-sql-kafka"


def default_jars_folder() -> Path:
    """Return the folder in which the connector is kept: one for each version of Spark."""
    import pyspark

    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "margincore" / f"spark-{pyspark.__version__}"


def connector_jars(folder: Path) -> list[Path]:
    """Return the jars of Spark's Kafka connector, which Maven downloads into a folder that has none.

    Raises
    ------
    InvalidInput
        Where Maven is missing or fails.
    """
    import pyspark

    if not folder.is_dir():
        maven = shutil.which("mvn")
        if maven is None:
            raise InvalidInput(f"jars: must be there or be downloaded by mvn, which is missing, got {folder}", "jars")
        print(f"downloading Spark's Kafka connector {pyspark.__version__} (10 MB) into {folder}", flush=True)
        partial = folder.with_name(f"{folder.name}.{os.getpid()}")
        command = [maven, "-q", "-B", "-f", str(_POM), f"-Dspark.version={pyspark.__version__}"]
        command += ["dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={partial}"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            shutil.rmtree(partial, ignore_errors=True)
            raise InvalidInput(f"jars: must be downloaded by mvn, got {done.stdout.strip()[-500:]}", "jars")
        partial.replace(folder)
    jars = sorted(folder.glob("*.jar"))
    if not any(jar.name.startswith(_CONNECTOR) for jar in jars):
        raise InvalidInput(f"jars: must hold {_CONNECTOR}, got {folder}; remove it to download it anew", "jars")
    return jars


def stream_session(master: str, buckets: int, jars: list[Path], more: dict[str, str]) -> SparkSession:
    """Return a session of its own for the stream.

    Parameters
    ----------
    more : dict of str to str
        Settings of Spark that go before those here.
    """
    from pyspark.sql import SparkSession

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    settings = {
        "spark.app.name": "margincore",
        "spark.jars": ",".join(str(jar) for jar in jars if not jar.name.startswith(_BARE_FILE_SYSTEM)),
        "spark.sql.shuffle.partitions": str(buckets),
        "spark.sql.adaptive.enabled": "false",
        "spark.sql.streaming.noDataMicroBatches.enabled": "false",
        "spark.sql.streaming.stateStore.providerClass": (
            "org.apache.spark.sql.execution.streaming.state.RocksDBStateStoreProvider"
        ),
        "spark.sql.streaming.stateStore.rocksdb.changelogCheckpointing.enabled": "true",
        # A restart reads the state's last snapshot and the changes since: often enough that they are few.
        "spark.sql.streaming.stateStore.maintenanceInterval": "10s",
        "spark.sql.streaming.minBatchesToRetain": "10",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    if master.startswith("local"):
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    if master.startswith("local["):  # whose executor is the driver
        bare = [str(jar) for jar in jars if jar.name.startswith(_BARE_FILE_SYSTEM)]
        settings |= {
            "spark.driver.extraClassPath": os.pathsep.join(bare),
            "spark.hadoop.fs.file.impl": "com.globalmentor.apache.hadoop.fs.BareLocalFileSystem",
            "spark.sql.streaming.checkpointFileManagerClass": (
                "org.apache.spark.sql.execution.streaming.checkpointing.FileSystemBasedCheckpointFileManager"
            ),
        }
    builder = SparkSession.builder.master(master)
    for name, value in (settings | more).items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    return spark
