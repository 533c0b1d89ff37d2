# SPDX-License-Identifier: Apache-2.0
"""``margincore replay``: a log from a file."""

from __future__ import annotations

import json

from command_line import margincore
from margincore.stream import LogRecord, MarginEngine, write_log_file
from stream_log import SETTINGS, feed, random_log


def test_a_log_file_is_replayed_and_checked(tmp_path) -> None:
    records, ledger = random_log(11)
    engine = MarginEngine(SETTINGS)
    feed(engine, records)
    engine.flush()
    written = [
        LogRecord(topic, 0, number, -1, key.encode(), value.encode())
        for number, (topic, key, value) in enumerate(zip(*engine.take(), strict=True))
    ]
    write_log_file(tmp_path / "log.jsonl", records + written)
    settings = tmp_path / "settings.json"
    settings.write_text(json.dumps(SETTINGS))
    done = margincore("replay", str(tmp_path / "log.jsonl"), "--settings", str(settings), "--check")
    assert done.returncode == 0, done.stderr
    assert f"the stream says the same of all {len(ledger)} accounts" in done.stdout
    assert "must be JSON" in done.stderr  # what could not be read is listed

    reports = margincore("replay", str(tmp_path / "log.jsonl"), "--settings", str(settings), "--format", "json")
    names = [json.loads(line)["account_id"] for line in reports.stdout.splitlines()]
    assert set(names) == {name for name, account in ledger.items() if account["known"]}

    other = {**SETTINGS, "policy": {"base_rates": {"long": 0.5}}}
    settings.write_text(json.dumps(other))
    done = margincore("replay", str(tmp_path / "log.jsonl"), "--settings", str(settings), "--check")
    assert done.returncode == 1
    assert "maintenance_req: must be" in done.stderr


def test_what_cannot_be_replayed_is_one_line(tmp_path) -> None:
    log = tmp_path / "log.jsonl"
    settings = tmp_path / "settings.json"
    settings.write_text("{}")
    for arguments, message in (
        ((str(log), "--settings", str(settings)), "log.jsonl: must be a file that can be read"),
        ((str(settings), "--settings", str(log)), "must be a record with topic"),
    ):
        done = margincore("replay", *arguments)
        assert done.returncode == 2
        assert message in done.stderr
        assert len(done.stderr.splitlines()) == 1
    log.write_text("")
    settings.write_text('{"policies": {}}')
    done = margincore("replay", str(log), "--settings", str(settings))
    assert done.returncode == 2
    assert "settings.policies: must be a known key" in done.stderr
