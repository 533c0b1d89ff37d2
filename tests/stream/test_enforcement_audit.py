# SPDX-License-Identifier: Apache-2.0
"""The audit trail: files, chain, repair, and what verifying finds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from enforcement_support import HANDLER, records, result, walks
from workshop_stream.enforcement.audit import AuditError, FileTrail, Line, trail_files
from workshop_stream.enforcement.chain import Head, link
from workshop_stream.enforcement.sqlite_store import SqliteStore, head_of
from workshop_stream.enforcement.verify import main, verify


def lines_of(count: int, head: Head = Head()) -> list[Line]:  # noqa: B008
    lines = []
    for i in range(count):
        event = {"event_id": f"e{i}", "timestamp": f"2026-11-20T{14 + i // 4:02}:00:0{i % 10}.000+00:00", "é": i / 3}
        head, text = link(head, event)
        lines.append(Line(head.sequence, text))
    return lines


@pytest.fixture
def trail(tmp_path: Path) -> Path:
    """Ten records in three hours, the first hour in two files."""
    folder = tmp_path / "audit"
    lines = lines_of(10)
    FileTrail(folder).append(lines[:3])
    FileTrail(folder, file_bytes=1).append(lines[3:4])
    FileTrail(folder).append(lines[4:])
    return folder


def test_records_are_in_the_files_of_their_hours(trail: Path) -> None:
    names = [file.relative_to(trail).as_posix() for file in trail_files(trail)]
    assert names == [
        "date=2026-11-20/hour=14/0001.jsonl",
        "date=2026-11-20/hour=14/0002.jsonl",
        "date=2026-11-20/hour=15/0001.jsonl",
        "date=2026-11-20/hour=16/0001.jsonl",
    ]
    checked = verify(trail)
    assert checked.findings == []
    assert checked.head == FileTrail(trail).head() == head_of(lines_of(10)[-1])


def test_an_event_of_an_earlier_hour_goes_to_its_hour(trail: Path) -> None:
    FileTrail(trail).append(lines_of(1, FileTrail(trail).head()))
    assert verify(trail).findings == []
    assert FileTrail(trail).head().sequence == 11


def _edit(file: Path, change: Callable[[list[str]], object]) -> None:
    lines = file.read_text().splitlines(keepends=True)
    change(lines)
    file.write_text("".join(lines))


CHANGES = {
    "a changed character": lambda lines: lines.__setitem__(1, lines[1].replace('"e', '"f')),
    "a removed record": lambda lines: lines.pop(1),
    "a repeated record": lambda lines: lines.insert(1, lines[1]),
    "two records swapped": lambda lines: lines.__setitem__(slice(0, 2), lines[1::-1]),
    "another record": lambda lines: lines.insert(1, link(Head(5, "0" * 64), json.loads(lines[0]))[1] + "\n"),
    "a line of something else": lambda lines: lines.insert(0, "hello\n"),
    "other spaces": lambda lines: lines.__setitem__(0, lines[0].replace(":", ": ", 1)),
    "a blank line": lambda lines: lines.insert(1, "\n"),
    "a torn end": lambda lines: lines.append('{"event_id"'),
    "a changed hash": lambda lines: lines.__setitem__(0, lines[0].replace('"hash":"', '"hash":"0')),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("number", [0, 2])
def test_a_change_shows(trail: Path, change: str, number: int) -> None:
    _edit(trail_files(trail)[number], CHANGES[change])
    assert verify(trail).findings
    assert main([str(trail)]) == 1


def test_a_whole_file_or_hour_that_is_gone_shows(trail: Path) -> None:
    trail_files(trail)[1].unlink()
    place = "date=2026-11-20/hour=15/0001.jsonl:1"
    assert verify(trail).findings == [
        f"{place}: records 4 to 4 are missing before it",
        f"{place}: record 5 does not follow from the record before it",
    ]


def test_a_file_in_another_hour_shows(trail: Path) -> None:
    file = trail_files(trail)[2]
    file.rename(file.parent.parent / "hour=14" / "0003.jsonl")
    assert any("belongs to date=2026-11-20/hour=15" in finding for finding in verify(trail).findings)


def test_a_record_removed_from_the_end_shows_against_the_head(trail: Path, capsys: pytest.CaptureFixture[str]) -> None:
    head = verify(trail).head
    assert main([str(trail), "--head", head.hash]) == 0
    _edit(trail_files(trail)[-1], lambda lines: lines.pop())
    assert main([str(trail)]) == 0  # the files alone cannot tell
    assert main([str(trail), "--head", head.hash]) == 1
    assert "9 records, broken" in capsys.readouterr().out


def test_a_torn_last_line_is_cut_off_and_written_again(trail: Path) -> None:
    last = trail_files(trail)[-1]
    whole = last.read_bytes()
    for cut in (1, 20, len(whole.splitlines()[-1])):
        last.write_bytes(whole[:-cut])
        repaired = FileTrail(trail)
        assert repaired.head().sequence == 9
        repaired.append(lines_of(10)[9:])
        assert last.read_bytes() == whole
        assert verify(trail).findings == []


def test_a_last_line_that_is_no_record_is_not_repaired(trail: Path) -> None:
    with trail_files(trail)[-1].open("a") as file:
        file.write("hello\n")
    with pytest.raises(AuditError, match="is not a record"):
        FileTrail(trail).head()


def test_the_store_keeps_records_until_the_trail_has_them(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "store.sqlite")
    store.commit(HANDLER.handle(store, records(walks(accounts=3, steps=30, seed=3))))
    lines = store.unwritten(10**6)
    assert [line.sequence for line in lines] == list(range(1, len(lines) + 1))
    FileTrail(tmp_path / "audit").append(lines)
    assert verify(tmp_path / "audit").findings == []
    store.written(head_of(lines[4]))
    assert store.unwritten(10**6) == lines[5:]
    store.written(head_of(lines[-1]))
    store.commit(HANDLER.handle(store, records([result("NEW", 1, 0, 93)], 90)))
    (line,) = store.unwritten(9)
    FileTrail(tmp_path / "audit").append([line])
    store.written(head_of(line))
    store.close()
    assert main([str(tmp_path / "audit"), "--store", str(tmp_path / "store.sqlite")]) == 0
    _edit(trail_files(tmp_path / "audit")[-1], lambda written: written.pop())
    assert main([str(tmp_path / "audit"), "--store", str(tmp_path / "store.sqlite")]) == 1


FULL_DISK = """
import os, sys
from pathlib import Path
from enforcement_support import WORKSHOP
from test_enforcement_audit import lines_of
from workshop_stream.enforcement.audit import AuditError, FileTrail
folder = Path(sys.argv[1])
trail = FileTrail(folder / "audit")
lines = lines_of(10)
trail.append(lines[:3])
filler = folder / "filler"
with filler.open("wb") as file:
    try:
        while True:
            os.write(file.fileno(), b"x" * 4096)
    except OSError as error:
        print(error.strerror)
big = "y" * 20_000
from workshop_stream.enforcement.chain import link
from workshop_stream.enforcement.audit import Line
head, text = link(trail.head(), {"timestamp": "2026-11-20T14:00:00.000+00:00", "big": big})
for _ in range(3):
    try:
        trail.append([Line(head.sequence, text)])
        print("written")
    except AuditError as error:
        print("AuditError:", error)
print(trail.head().sequence)
filler.unlink()
trail.append([Line(head.sequence, text)])
from workshop_stream.enforcement.verify import verify
print(verify(folder / "audit").findings, trail.head().sequence)
"""


def test_a_full_disk_is_an_error_and_leaves_the_chain_intact(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    program = tmp_path / "full.py"
    program.write_text(FULL_DISK)
    here = Path(__file__).parent
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(here), *filter(None, sys.path)])}
    # A mount of its own: as root in a namespace that ends with the process.
    mount = f"mount -t tmpfs -o size=64k tmpfs {disk} && exec {sys.executable} {program} {disk}"
    done = subprocess.run(
        ["unshare", "--mount", "--map-root-user", "sh", "-c", mount], capture_output=True, text=True, env=environment
    )
    if "unshare" in done.stderr or "mount:" in done.stderr:
        pytest.skip(f"a small disk cannot be mounted here: {done.stderr.strip()}")
    full, *errors, reached, verified = done.stdout.splitlines()
    assert full == "No space left on device"
    assert len(errors) == 3
    assert all(line.startswith("AuditError: /") and line.endswith("No space left on device") for line in errors)
    assert (reached, verified) == ("3", "[] 4"), done.stderr
