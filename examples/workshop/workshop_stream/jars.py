# SPDX-License-Identifier: Apache-2.0
"""The jars of a Kafka broker, from Maven's repository: downloaded once into build/kafka."""

from __future__ import annotations

import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path

from workshop_stream.errors import StreamError, tail

WORKSHOP = Path(__file__).resolve().parent.parent
BUILD = WORKSHOP.parent.parent / "build" / "kafka"
POM = WORKSHOP / "kafka" / "pom.xml"
PACKAGES = {"java": "default-jre-headless", "mvn": "maven"}

Say = Callable[[str], None]


def missing_programs() -> dict[str, str]:
    """Return the programs that a broker needs and that are not here, with the Debian package of each."""
    return {program: package for program, package in PACKAGES.items() if shutil.which(program) is None}


def require_programs() -> None:
    """Raise StreamError where Java or Maven is missing; it says how to get them."""
    missing = missing_programs()
    if missing:
        raise StreamError(
            f"a Kafka broker needs {' and '.join(missing)}: sudo apt-get install {' '.join(missing.values())}"
            " (or KAFKA_BROKERS=host:port for a broker that runs already)"
        )


def kafka_version() -> str:
    """Return the version of Kafka that the pom names."""
    name = "{http://maven.apache.org/POM/4.0.0}"
    version = ElementTree.parse(POM).findtext(f"{name}properties/{name}kafka.version")
    if version is None:
        raise StreamError(f"{POM}: must have a property kafka.version")
    return version


def kafka_jars(say: Say = print, build: Path = BUILD) -> Path:
    """Return the folder of the jars, after a download where they are not there yet."""
    require_programs()
    version = kafka_version()
    jars = build / f"jars-{version}"
    if jars.is_dir():
        return jars
    say(f"downloading Kafka {version} with Maven (45 jars, 43 MB) into {jars}")
    part, log = build / f"jars-{version}.part", build / "download.log"
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    command = ["mvn", "-q", "-B", "-f", str(POM), "dependency:copy-dependencies", "-DincludeScope=runtime"]
    with log.open("wb") as output:
        status = subprocess.run(
            [*command, f"-DoutputDirectory={part}"],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        ).returncode
    if status or not any(part.glob("kafka_*.jar")):
        raise StreamError(f"Maven could not download Kafka {version}; the end of {log}:{tail(log)}")
    part.rename(jars)  # whole or not there
    return jars
