# SPDX-License-Identifier: Apache-2.0
"""The programs that compute and enforce: the command of each, and the C++ service built where it is missing."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from workshop_stream.errors import StreamError, tail
from workshop_stream.jars import Say

WORKSHOP = Path(__file__).resolve().parent.parent
ROOT = WORKSHOP.parent.parent
BUILD = ROOT / "build" / "stream"
TARGET = "margin_service"
APT = "sudo apt-get install cmake g++ pkg-config librdkafka-dev libcpp-httplib-dev"
ENGINES = ("service", "spark")


def _run(command: Sequence[str], log: Path, what: str) -> None:
    with log.open("ab") as output:
        status = subprocess.run(
            list(command), stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, cwd=ROOT, check=False
        ).returncode
    if status:
        raise StreamError(f"{what} failed; the end of {log}:{tail(log, 30)}")


def service_program(say: Say) -> Path:
    """Return the C++ service, built where its sources are newer; MARGIN_SERVICE names one that is built already."""
    given = os.environ.get("MARGIN_SERVICE")
    if given:
        return Path(given)
    if shutil.which("cmake") is None:
        raise StreamError(f"the C++ service needs CMake, a compiler and librdkafka: {APT}")
    build, log = BUILD / "service", BUILD / "service_build.log"
    build.mkdir(parents=True, exist_ok=True)
    log.unlink(missing_ok=True)
    generator = ["-G", "Ninja"] if shutil.which("ninja") else []
    if not (build / "CMakeCache.txt").exists():
        say(f"building the C++ service into {build} (minutes the first time; log: {log})")
        options = ["-DCMAKE_BUILD_TYPE=Release", "-DMARGINCORE_BUILD_EXAMPLES=ON", "-DMARGINCORE_BUILD_TESTS=OFF"]
        try:
            _run(["cmake", "-S", str(ROOT), "-B", str(build), *generator, *options], log, "configuring the C++ service")
        except StreamError:
            (build / "CMakeCache.txt").unlink(missing_ok=True)
            raise
    _run(["cmake", "--build", str(build), "--target", TARGET], log, f"building the C++ service (it needs: {APT})")
    found = [file for file in build.rglob(TARGET) if file.is_file() and os.access(file, os.X_OK)]
    if not found:
        raise StreamError(f"the build left no {TARGET} below {build}; its log: {log}")
    return found[0]


def engine_command(engine: str, brokers: str, settings: Path, checkpoint: Path, say: Say) -> list[str]:
    """Return the command of an engine, after whatever it needs is there."""
    if engine == "service":
        return [str(service_program(say)), "--brokers", brokers, "--settings", str(settings)]
    if importlib.util.find_spec("pyspark") is None:
        raise StreamError("ENGINE=spark needs pyspark: pip install 'margincore[spark]'")
    say("starting Spark (half a minute until it takes its first events)")
    options = ["--brokers", brokers, "--settings", str(settings), "--checkpoint", str(checkpoint)]
    return [sys.executable, "-m", "margincore.spark.job", *options]


def enforcement_command(brokers: str, folder: Path, settings: Path) -> list[str]:
    """Return the command of enforcement: store and trail in a folder, the ladder that of the engine's settings."""
    store, audit = str(folder / "enforcement.sqlite"), str(folder / "audit")
    return [
        sys.executable,
        "-m",
        "workshop_stream.enforcement",
        "--brokers",
        brokers,
        "--store",
        store,
        "--audit",
        audit,
        "--policy-ladder",
        str(settings),
    ]


def environment() -> dict[str, str]:
    """Return what the programs' environment needs besides ours."""
    path = [str(WORKSHOP), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {"PYTHONPATH": os.pathsep.join(path), "PYTHONUNBUFFERED": "1"}
