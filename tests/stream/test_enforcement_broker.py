# SPDX-License-Identifier: Apache-2.0
"""Enforcement beside a real broker: killed, stopped, lied to, and each message sent once."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from enforcement_process import Enforcement, audited, check, fresh_topics, publish, sent, wait_until
from enforcement_support import WORKSHOP, expected_steps, result, walks


@pytest.fixture
def brokers(broker: Any) -> str:
    fresh_topics(broker.brokers)
    return str(broker.brokers)


def test_killed_at_random_moments_no_step_is_missing_and_none_is_sent_twice(brokers: str, tmp_path: Path) -> None:
    values = walks(accounts=60, steps=100, seed=4)
    rng = random.Random(5)

    def flow() -> None:
        for start in range(0, len(values), 150):
            publish(brokers, values[start : start + 150])
            time.sleep(0.2)

    flowing = threading.Thread(target=flow)
    flowing.start()
    with Enforcement(brokers, tmp_path) as enforcement:
        for _ in range(8):
            time.sleep(rng.uniform(0.3, 1.8))
            enforcement.kill()
            enforcement.start()
        flowing.join()
        expected = expected_steps(values)
        wait_until(lambda: audited(brokers) == expected)
        assert enforcement.stop() == 0, enforcement.log()
        check(brokers, enforcement, values)
        program = [sys.executable, "-m", "workshop_stream.enforcement.verify", str(enforcement.audit)]
        program += ["--store", str(enforcement.store)]
        done = subprocess.run(program, cwd=WORKSHOP, capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "")
        assert f"{len(expected)} records, intact" in done.stdout


KILLED_AT = """
import os, signal, sys
from workshop_stream.enforcement import __main__ as program, audit, sqlite_store
owner, method, moment, calls = {owner}, {method!r}, {moment!r}, {calls}
whole = getattr(owner, method)
def deadly(*arguments):
    global calls
    calls -= 1
    if calls < 0 and moment == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    whole(*arguments)
    if calls < 0:
        os.kill(os.getpid(), signal.SIGKILL)
setattr(owner, method, deadly)
sys.exit(program.main())
"""


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize(
    ("owner", "method", "calls"),
    [
        ("sqlite_store.SqliteStore", "commit", 1),
        ("sqlite_store.SqliteStore", "sent", 2),  # the first call says where the topics ended at the start
        ("audit.FileTrail", "append", 1),
        ("sqlite_store.SqliteStore", "written", 1),
    ],
)
def test_killed_at_the_worst_moments_too(
    brokers: str, tmp_path: Path, owner: str, method: str, calls: int, moment: str
) -> None:
    values = walks(accounts=4, steps=40, seed=8)
    program = KILLED_AT.format(owner=owner, method=method, moment=moment, calls=calls)
    with Enforcement(brokers, tmp_path, program=program) as enforcement:
        for start in (0, 50, 100):
            publish(brokers, values[start : start + 50])
            time.sleep(0.5)
        publish(brokers, values[150:])
        assert enforcement.wait() == -signal.SIGKILL, enforcement.log()
        enforcement.start()
        expected = expected_steps(values)
        wait_until(lambda: audited(brokers) == expected)
        assert enforcement.stop() == 0, enforcement.log()
        check(brokers, enforcement, values)


def test_repeats_and_bad_messages_change_nothing(brokers: str, tmp_path: Path) -> None:
    values = walks(accounts=10, steps=30, seed=6)
    noisy: list[dict[str, Any] | bytes] = []
    for i, value in enumerate(values):
        noisy += [value, value, b"\xff" * 3, values[max(0, i - 50)], f"bad {i}".encode()]
    publish(brokers, noisy)
    with Enforcement(brokers, tmp_path) as enforcement:
        expected = expected_steps(values)
        wait_until(lambda: audited(brokers) == expected)
        assert enforcement.stop() == 0, enforcement.log()
        check(brokers, enforcement, values)
        letters = [json.loads(m.value()) for m in sent(brokers) if m.topic() == "dead_letter.v1"]
        assert len(letters) == 2 * len(values)
        assert {letter["reason"] for letter in letters} >= {"must be JSON in UTF-8, got other bytes"}


def test_stopped_and_started_again_it_goes_on_where_it_was(brokers: str, tmp_path: Path) -> None:
    values = walks(accounts=5, steps=20, seed=7)
    with Enforcement(brokers, tmp_path) as enforcement:
        for start in range(0, 100, 20):
            publish(brokers, values[start : start + 20])
            expected = expected_steps(values[: start + 20])
            wait_until(lambda: audited(brokers) == expected)  # noqa: B023
            assert enforcement.stop() == 0, enforcement.log()
            enforcement.start()
        check(brokers, enforcement, values)


def test_a_trail_that_was_cut_off_is_refused(brokers: str, tmp_path: Path) -> None:
    with Enforcement(brokers, tmp_path) as enforcement:
        publish(brokers, [result("ACC", 1, 0, 99), result("ACC", 2, 1, 93)])
        wait_until(lambda: len(audited(brokers)) == 2)
        assert enforcement.stop() == 0, enforcement.log()
        (file,) = enforcement.audit.glob("*/*/*.jsonl")
        file.write_text("".join(file.read_text().splitlines(keepends=True)[:1]))
        enforcement.start()
        assert enforcement.wait() == 2
        assert "ends at record 1, where the store wrote record 2" in enforcement.log().splitlines()[-1]


@pytest.mark.parametrize(
    ("refusals", "told"), [([500, 503, 429], ["WARNING", "MARGIN_CALL"]), ([500, 400], ["MARGIN_CALL"])]
)
def test_a_webhook_is_told_at_least_once_and_never_in_the_way(
    brokers: str, tmp_path: Path, refusals: list[int], told: list[str]
) -> None:
    posted: list[dict[str, Any]] = []
    answers = iter(refusals)

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = next(answers, 204)
            if status == 204:
                posted.append(json.loads(body))
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Hook) as server:
        url = f"webhook:http://127.0.0.1:{server.server_port}/calls"
        with Enforcement(brokers, tmp_path, "--notify", url) as enforcement:
            publish(brokers, [result("ACC", 1, 0, 99), result("ACC", 2, 1, 93)])
            wait_until(lambda: len(audited(brokers)) == 2)  # while nobody answers the webhook
            threading.Thread(target=server.serve_forever, daemon=True).start()
            wait_until(lambda: len(posted) == len(told))
            server.shutdown()
            assert enforcement.stop() == 0, enforcement.log()
            assert ("notification refused: 400" in enforcement.log()) == (400 in refusals)
    assert [value["action"] for value in posted] == told
