# SPDX-License-Identifier: Apache-2.0
"""Several worker processes that have no margincore but what the job brings."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import margincore as mc
import pytest
from margincore.spark import executor_settings

PROGRAM = """
import sys
from pathlib import Path

from margincore.spark import evaluate_accounts, executor_settings, register
from pyspark.sql import SparkSession
from sample_accounts import MARKET, book

builder = SparkSession.builder.master("local-cluster[2,1,1024]").config("spark.ui.enabled", "false")
settings = {"spark.sql.shuffle.partitions": "6", "spark.ui.showConsoleProgress": "false"}
for name, value in (settings | executor_settings("shipped")).items():
    builder = builder.config(name, value)
spark = builder.getOrCreate()


def where(_):
    import os
    import time
    import margincore
    time.sleep(0.5)  # so that every executor gets one
    return [(os.environ["SPARK_EXECUTOR_DIRS"], margincore.__file__)]


found = spark.sparkContext.parallelize(range(4), 4).mapPartitions(where).collect()
print(len({folder for folder, _ in found}), all("margincore_package" in file for _, file in found))
positions, instruments, accounts = book(300)
frames = spark.createDataFrame(positions), instruments, spark.createDataFrame(accounts)
figures = evaluate_accounts(*frames, MARKET | {"rate": 0.04})
register(spark)
figures.createOrReplaceTempView("figures")
query = "select sum(total) t, count(error) e, max(margincore_european_price('call', 100, 110, 0.5, 0.04, 0, 0.2)) p"
[row] = spark.sql(query + " from figures").collect()
print(row["t"], row["e"], row["p"])
spark.stop()
"""


def test_two_executors_get_the_package_with_the_job(tmp_path: Path) -> None:
    # The driver finds margincore by a path of its own, and Python's -s and an empty PYTHONPATH hide no installed one
    # from executors: where theirs comes from is what they say.
    from sample_accounts import MARKET, book

    (tmp_path / "program.py").write_text(PROGRAM, encoding="utf-8")
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join([str(Path(__file__).parent), *sys.path]))
    done = subprocess.run(
        [sys.executable, "program.py"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    executors, figures = done.stdout.splitlines()[-2:]
    assert executors == "2 True"
    total, errors, price = figures.split()
    positions, instruments, accounts = book(300)
    expected = mc.evaluate_frame(positions, instruments, accounts, MARKET | {"rate": 0.04})
    assert float(total) == pytest.approx(sum(value for value in expected["total"].to_pylist() if value is not None))
    assert int(errors) == sum(error is not None for error in expected["error"].to_pylist())
    assert float(price) == mc.price_european("call", 100, 110.0, 0.5, 0.04, 0.0, 0.2)


def test_the_archive_is_the_package_or_a_wheel(tmp_path: Path) -> None:
    settings = executor_settings(tmp_path)
    archive, _, folder = settings["spark.archives"].partition("#")
    assert settings["spark.executorEnv.PYTHONPATH"] == folder
    with zipfile.ZipFile(archive) as file:
        names = file.namelist()
    assert "margincore/spark/_accounts.py" in names
    assert any(name.startswith("margincore/_core.") and name.endswith(".so") for name in names)
    assert not any("/include/" in name for name in names)
    wheel = tmp_path / "some.whl"
    with zipfile.ZipFile(wheel, "w") as file:
        file.writestr("margincore/__init__.py", "")
    settings = executor_settings(tmp_path / "new", wheel)
    assert Path(settings["spark.archives"].partition("#")[0]).read_bytes() == wheel.read_bytes()
    (tmp_path / "text.whl").write_text("no wheel", encoding="utf-8")
    with pytest.raises(mc.InvalidInput, match="wheel: must be the file of a wheel"):
        executor_settings(tmp_path, tmp_path / "text.whl")
