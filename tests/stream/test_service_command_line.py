# SPDX-License-Identifier: Apache-2.0
"""What the service says where it cannot run."""

import subprocess

from service_process import find_program


def run(*arguments: str) -> tuple[int, str]:
    done = subprocess.run([find_program(), *arguments], capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stderr


def test_usage_names_the_argument():
    status, words = run("--brokers", "localhost:1", "--fast", "yes")
    assert status == 2
    assert "--fast yes: not known" in words
    assert "usage: margin_service" in words


def test_bad_settings_are_named_before_it_connects(tmp_path):
    settings = tmp_path / "settings.json"
    settings.write_text('{"publish_interval_ms": "soon"}')
    status, words = run("--brokers", "localhost:1", "--settings", str(settings), "--http", "none")
    assert status == 2
    assert "settings.publish_interval_ms" in words


def test_an_address_that_is_taken_is_named(tmp_path):
    settings = tmp_path / "settings.json"
    settings.write_text("{}")
    status, words = run("--brokers", "localhost:1", "--settings", str(settings), "--http", "192.0.2.1:80")
    assert status == 1
    assert "cannot listen on 192.0.2.1:80" in words
