# SPDX-License-Identifier: Apache-2.0
"""One real broker for all tests of the streams."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path[:0] = [str(Path(__file__).resolve().parents[2] / "examples" / "workshop"), str(Path(__file__).parent)]

from workshop_stream.jars import missing_programs  # noqa: E402

SECONDS = 60.0


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A broker on a free port, with its log in a folder of its own and no topic."""
    missing = missing_programs()
    if missing:
        packages = " ".join(missing.values())
        pytest.skip(f"no {' and no '.join(missing)} here for a Kafka broker: sudo apt-get install {packages}")
    from workshop_stream.broker import Broker, free_port

    with Broker(free_port(), tmp_path_factory.mktemp("kafka")) as running:
        yield running


@pytest.fixture
def topics(broker: Any) -> str:
    """The brokers, with the workshop's topics new and empty."""
    from confluent_kafka.admin import AdminClient
    from topic_reader import wait_until
    from workshop_stream.broker import client_settings
    from workshop_stream.topics import TOPICS, create_topics

    admin = AdminClient(client_settings(broker.brokers))
    old = [name for name in admin.list_topics(timeout=SECONDS).topics if name in TOPICS]
    for future in admin.delete_topics(old).values() if old else ():
        future.result(SECONDS)
    wait_until(lambda: not TOPICS.keys() & admin.list_topics(timeout=SECONDS).topics.keys())
    create_topics(broker.brokers)
    return str(broker.brokers)
