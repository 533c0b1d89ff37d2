# SPDX-License-Identifier: Apache-2.0
"""The command line at terminals, pipes and other ends."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import ENVIRONMENT, LINUX, lines_of, margincore
from support import Document


def on_a_terminal(*arguments: object, **environment: str) -> str:
    """What a command writes to a terminal."""

    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "margincore", *map(str, arguments)],
        stdout=follower,
        stderr=follower,
        env=ENVIRONMENT | {"TERM": "xterm-256color", "COLUMNS": "160"} | environment,
    )
    os.close(follower)
    parts = []
    while True:
        try:
            part = os.read(leader, 65536)
        except OSError:  # what Linux says when the other end is closed
            break
        if not part:
            break
        parts.append(part)
    os.close(leader)
    assert process.wait() == 0
    return b"".join(parts).decode()


RED = re.compile(r"\x1b\[[\d;]*31m")
ANY_COLOUR = re.compile(r"\x1b\[[\d;]*[349]\d")


@LINUX
@pytest.mark.parametrize("command", ["evaluate", "stress"])
def test_a_terminal_gets_colour_and_none_with_no_color(command: str, file: Path, example: Document) -> None:
    example["account"]["cash"] = -145_000  # a deficit in the stress table, to be shown in red
    file.write_text(json.dumps(example))
    assert RED.search(on_a_terminal(command, file))
    assert not ANY_COLOUR.search(on_a_terminal(command, file, NO_COLOR="1"))


@pytest.mark.parametrize("command", ["evaluate", "stress", "explain"])
def test_a_pipe_gets_no_escape_codes(command: str, file: Path) -> None:
    for environment in ({}, {"TERM": "xterm-256color"}, {"NO_COLOR": "1"}):
        assert "\x1b" not in margincore(command, file, **environment).stdout


@pytest.mark.parametrize("command", ["evaluate", "stress", "explain"])
def test_names_in_documents_cannot_act_on_a_terminal(command: str, file: Path, example: Document) -> None:
    example["account"]["id"] = "\x1b[2J[red]ACC[/red]\x07"
    instruments = example["market"]["instruments"]
    instruments["[bold]"] = instruments.pop("NVDA")
    example["account"]["positions"][0]["symbol"] = "[bold]"
    file.write_text(json.dumps(example))
    out = margincore(command, file).stdout
    assert "\x1b" not in out
    assert "\x07" not in out
    if command != "stress":
        assert "[red]ACC[/red]" in out
        assert "[bold]" in out


@pytest.mark.parametrize("command", ["evaluate", "explain"])
def test_a_terminal_that_cannot_show_a_letter_is_no_error(command: str, file: Path, example: Document) -> None:
    example["account"]["id"] = "Müller"
    file.write_text(json.dumps(example))
    done = margincore(command, file, PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")
    assert "M\\xfcller" in done.stdout


def test_json_is_utf_8_wherever_it_goes(file: Path, example: Document) -> None:
    example["account"]["id"] = "Müller"
    file.write_text(json.dumps(example))
    done = margincore("evaluate", file, "--format", "json", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["account_id"] == "Müller"


@pytest.mark.parametrize("command", ["evaluate", "stress"])
def test_eighty_columns_cut_nothing_off(command: str, example: Document, tmp_path: Path) -> None:
    example["policy"] = {"add_ons": [{"id": "beta_leverage"}, {"id": "concentration"}]}
    path = tmp_path / "account.json"
    path.write_text(json.dumps(example), encoding="utf-8")
    code = f"import margincore.cli as c; raise SystemExit(c.main([{command!r}, {str(path)!r}]))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        check=True,
        env=ENVIRONMENT | {"FORCE_COLOR": "1", "COLUMNS": "80"},
    )
    text = done.stdout.decode()
    assert "\N{HORIZONTAL ELLIPSIS}" not in text
    figures = (
        ["FINRA 4210(c)(1)", "25% of 500 x 400.00", "100,000.00"] if command == "evaluate" else ["-28,800.00", "-8.00%"]
    )
    assert [figure for figure in figures if figure not in text] == []


@LINUX
@pytest.mark.parametrize("output", ["text", "json"])
def test_a_pipe_that_is_closed_early_is_quiet(output: str, tmp_path: Path, example: Document) -> None:
    path = tmp_path / "many.jsonl"
    path.write_bytes(lines_of([example] * 500))  # more than a pipe holds
    process = subprocess.Popen(
        [sys.executable, "-m", "margincore", "evaluate", str(path), "--format", output],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=ENVIRONMENT,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait() == 0


@LINUX
@pytest.mark.parametrize("output", ["text", "json"])
def test_a_full_disk_is_one_line(output: str, file: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "margincore", "evaluate", str(file), "--format", output],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            env=ENVIRONMENT,
        )
    assert done.stderr == "error: output: must be writable, got No space left on device\n"
    assert done.returncode == 2


@LINUX
def test_a_file_name_that_is_no_text_is_named(tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/\xff\x1b[31m\n.json"
    done = subprocess.run(
        [sys.executable, "-m", "margincore", "evaluate", name], capture_output=True, check=False, env=ENVIRONMENT
    )
    assert done.returncode == 2
    assert done.stderr.count(b"\n") == 1
    assert b"\x1b" not in done.stderr
