# SPDX-License-Identifier: Apache-2.0
"""The Docker file has the topics and the port of the broker that we start."""

from __future__ import annotations

from pathlib import Path

import pytest
from workshop_stream.broker import PORT
from workshop_stream.topics import INPUT_CONFIG, INPUTS, OUTPUT_CONFIG, OUTPUTS

yaml = pytest.importorskip("yaml", reason="PyYAML is not installed")
FILE = Path(__file__).resolve().parents[2] / "examples" / "workshop" / "docker-compose.yml"


def test_topics_ports_and_options_are_those_of_the_broker_that_we_start() -> None:
    services = yaml.safe_load(FILE.read_text(encoding="utf-8"))["services"]
    assert services["kafka"]["ports"] == [f"127.0.0.1:{PORT}:{PORT}"]
    assert f"OUTSIDE://localhost:{PORT}" in services["kafka"]["environment"]["KAFKA_ADVERTISED_LISTENERS"]
    assert services["kafka"]["environment"]["KAFKA_AUTO_CREATE_TOPICS_ENABLE"] == "false"
    topics = services["topics"]
    for name, expected in (("INPUTS", INPUTS), ("OUTPUTS", OUTPUTS)):
        pairs = (word.split(":") for word in topics["environment"][name].split())
        assert {topic: int(partitions) for topic, partitions in pairs} == expected
    (script,) = topics["command"]
    for key, value in (INPUT_CONFIG | OUTPUT_CONFIG).items():
        assert f"--config {key}={value}" in script
