# SPDX-License-Identifier: Apache-2.0
"""The command evaluate-book: what it prints, and what it needs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from book_folder import COMMAND, ENVIRONMENT, LINUX, SAMPLE, Book, errors

pytest.importorskip("pyarrow")


def test_the_summary(book: Book) -> None:
    # Source: by hand. Account C: equity 50 against 100, the only call.
    done = book.run()
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("3 accounts computed, 0 failed, 4 positions\n")
    assert "\x1b" not in done.stdout
    figures = dict(re.findall(r"^ ?(\w[\w -]*?) {2,}(-?[\d,]+\.\d\d +\d+)\s*$", done.stdout, re.MULTILINE))
    assert re.split(" +", figures["equity"]) == ["5,550.00", "3"]
    assert re.split(" +", figures["maintenance requirement"]) == ["1,775.00", "3"]
    assert re.split(" +", figures["maintenance deficits"]) == ["50.00", "1"]
    assert re.search(r"^ ?C +50\.00 +50\.00 +100\.00 +50\.00", done.stdout, re.MULTILINE)
    assert done.stdout.endswith("A computation, not a broker's figure.\n")
    assert "under water" in book.run("--stress").stdout


def test_the_readme_shows_what_the_command_prints() -> None:
    readme = (SAMPLE.parents[1] / "README.md").read_text(encoding="utf-8")
    shown = readme.split("--market market.json\n", 1)[1].split("\n```", 1)[0]
    assert [line.rstrip() for line in Book(SAMPLE).run().stdout.splitlines()] == shown.splitlines()


def test_threads_change_nothing(book: Book) -> None:
    rng = range(5_000)
    book.write("accounts.csv", "account_id,cash\n" + "".join(f"a{i},{i % 97}\n" for i in rng))
    book.write("positions.csv", "account_id,symbol,quantity\n" + "".join(f"a{i},X,{i % 13 - 6.5}\n" for i in rng))
    one = book.run("--format", "json", "--threads", 1)
    assert one.returncode == 0
    assert book.run("--format", "json", "--threads", 0).stdout == one.stdout
    for bad in ("-1", "two", "1.5", "99999"):
        (line,) = errors(book.run("--threads", bad))
        assert line.startswith("command line: argument --threads: must be a whole number from 0 to ")


def test_without_pyarrow_it_says_what_to_install() -> None:
    code = """
import sys
sys.modules["pyarrow"] = None
from margincore.cli import main
sys.exit(main(["evaluate-book", "p", "i", "a", "--market", "m"]))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=ENVIRONMENT)
    assert done.returncode == 2
    assert done.stderr == (
        "error: pyarrow: must be installed to read files of columns, got none; pip install 'margincore[files]'\n"
    )


def test_other_commands_do_not_load_pyarrow() -> None:
    code = "import sys, margincore.cli as c; c._parser(); print('pyarrow' in sys.modules, 'numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False False\n"


def on_a_terminal(command: list[str], folder: Path) -> Iterator[bytes]:
    import pty

    leader, follower = pty.openpty()
    process = subprocess.Popen(
        command, stdout=follower, stderr=follower, cwd=folder, env=ENVIRONMENT | {"TERM": "xterm", "COLUMNS": "120"}
    )
    os.close(follower)
    while True:
        try:
            part = os.read(leader, 65536)
        except OSError:
            break
        if not part:
            break
        yield part
    os.close(leader)
    assert process.wait() == 0


@LINUX
def test_a_terminal_sees_progress_and_the_summary(book: Book) -> None:
    book.write("accounts.csv", "account_id,cash\n" + "".join(f"a{i},1\n" for i in range(200_000)))
    book.write("positions.csv", "account_id,symbol,quantity\n" + "".join(f"a{i},X,1\n" for i in range(200_000)))
    text = b"".join(on_a_terminal([*map(str, COMMAND)], book.folder)).decode()
    assert "reading positions.csv" in text
    assert "200,000 accounts computed" in text
