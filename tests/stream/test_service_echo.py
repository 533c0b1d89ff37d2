# SPDX-License-Identifier: Apache-2.0
"""The loop of the service with an echo for an engine: each fill comes out once, whatever is killed on the way."""

import json
import random
import time
from collections import Counter

import pytest
from service_events import ACCOUNTS, event, send
from service_process import Service, make_topics, read_topics

ECHO = {"echo.v1": 3}


@pytest.fixture
def echo(broker, tmp_path):
    make_topics(broker.brokers)
    with Service(broker.brokers, tmp_path, "--echo", group=f"echo-{tmp_path.name}") as service:
        yield service


def fills(count: int, first: int = 0) -> list:
    """Return fills whose ids are numbers."""
    now = int(time.time() * 1000)
    return [
        event("fills.v1", ACCOUNTS[i % 40], account_id=ACCOUNTS[i % 40], timestamp=now, fill_id=i)
        for i in range(first, first + count)
    ]


def echoed(broker) -> Counter:
    return Counter(json.loads(message.value())["fill_id"] for message in read_topics(broker.brokers, ECHO))


def test_every_fill_comes_out_once_with_its_key(broker, echo):
    sent = fills(200)
    send(broker.brokers, sent)
    echo.wait_for_all()
    got = read_topics(broker.brokers, ECHO)
    assert sorted((m.key().decode(), m.value()) for m in got) == sorted((key, value) for _, key, value in sent)


def test_killed_at_random_moments_nothing_is_lost_or_written_twice(broker, echo):
    rng = random.Random(20260302)
    for i in range(8):
        send(broker.brokers, fills(300, first=300 * i))
        time.sleep(rng.uniform(0, 0.4))
        echo.kill()
        echo.start()
    echo.wait_for_all()
    assert echoed(broker) == Counter(range(8 * 300))


def test_a_second_instance_shuts_the_first_one_out(broker, echo, tmp_path):
    echo.wait_for_health()
    with Service(broker.brokers, tmp_path / "..", "--echo", group=f"echo-{tmp_path.name}") as second:
        second.wait_for_health()
        send(broker.brokers, fills(100))
        second.wait_for_all()
        assert echo._process.wait(60) == 1
        assert "fenced" in echo.words()
    assert echoed(broker) == Counter(range(100))


def test_broker_killed_and_back_nothing_is_lost(broker, echo):
    send(broker.brokers, fills(300))
    echo.wait_for_all()
    broker.kill()
    echo.wait_for_health(503)
    broker.start()
    send(broker.brokers, fills(300, first=300))
    echo.wait_for_all()
    assert echoed(broker) == Counter(range(600))


def test_stop_commits_what_was_read(broker, echo):
    send(broker.brokers, fills(50))
    echo.wait_for_all()
    assert echo.stop() == 0
    echo.start()
    send(broker.brokers, fills(50, first=50))
    echo.wait_for_all()
    assert echoed(broker) == Counter(range(100))
