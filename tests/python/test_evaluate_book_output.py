# SPDX-License-Identifier: Apache-2.0
"""The command evaluate-book: the file that it writes is whole or not there."""

from __future__ import annotations

import csv
import gzip
import io
import os
import resource
import signal
import subprocess
import time
from pathlib import Path

import pytest
from book_folder import ACCOUNTS, COMMAND, ENVIRONMENT, LINUX, POSITIONS, Book, errors, refused

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")


def test_outputs_have_the_rows(book: Book) -> None:
    book.write("positions.csv", POSITIONS.replace("-50", "oops"))
    expected = list(book.rows("--stress", status=1).values())
    for name in ("out.parquet", "out.csv", "out.csv.gz"):
        done = book.run("--stress", "--output", name)
        assert done.returncode == 1
        assert f"3 rows in {name}" in done.stdout
        if name.endswith(".parquet"):
            table = pq.read_table(book.folder / name)
            assert table.schema.field("equity").type == pa.float64()
            assert table.to_pylist() == expected
            continue
        data = (book.folder / name).read_bytes()
        rows = list(csv.DictReader(io.StringIO((gzip.decompress(data) if name.endswith("gz") else data).decode())))
        assert [row["account_id"] for row in rows] == ["A", "B", "C"]
        for row, figures in zip(rows, expected, strict=True):
            for key, value in figures.items():
                assert (row[key] or None) == value if isinstance(value, (str, type(None))) else float(row[key]) == value
    assert book.left() == {"out.parquet", "out.csv", "out.csv.gz"}


def test_an_output_takes_the_place_of_the_old_one(book: Book) -> None:
    target = book.write("real.csv", "old")
    target.chmod(0o640)
    (book.folder / "out.csv").symlink_to("real.csv")
    assert book.run("--output", "out.csv").returncode == 0
    assert target.read_text().startswith('"account_id"')
    assert target.stat().st_mode & 0o777 == 0o640
    assert (book.folder / "out.csv").is_symlink()
    umask = os.umask(0o022)
    os.umask(umask)
    assert book.run("--output", "new.csv").returncode == 0
    assert (book.folder / "new.csv").stat().st_mode & 0o777 == 0o666 & ~umask


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("out.txt", "output: must end in .parquet, .csv, .csv.gz, got 'out.txt'"),
        ("none/out.csv", "none/out.csv: must be a file that can be written, got No such file or directory"),
        ("folder.csv", "folder.csv: must be a file that can be written, got Is a directory"),
        ("positions.csv", "positions.csv: must be a file that can be written, got one that is read"),
        ("./x/../positions.csv", "./x/../positions.csv: must be a file that can be written, got one that is read"),
    ],
)
def test_places_where_nothing_can_be_written(book: Book, name: str, message: str) -> None:
    (book.folder / "folder.csv").mkdir()
    refused(book.run("--output", name), message)
    assert book.left() == {"folder.csv"}
    assert (book.folder / "positions.csv").read_text() == POSITIONS


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_folder_that_may_not_be_written(book: Book) -> None:
    (book.folder / "closed").mkdir(mode=0o555)
    refused(
        book.run("--output", "closed/out.csv"),
        "closed/out.csv: must be a file that can be written, got Permission denied",
    )


@LINUX
def test_a_place_that_is_read_only(book: Book) -> None:
    (line,) = errors(book.run("--output", "/proc/out.csv"))
    assert line.startswith("/proc/out.csv: must be a file that can be written, got ")


@LINUX
@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".csv.gz"])
def test_a_disk_that_is_full_leaves_no_half_file(book: Book, suffix: str) -> None:
    name = f"out{suffix}"
    book.write(name, "old")
    book.write("accounts.csv", ACCOUNTS + "".join(f"a{i * 7919 % 100_003},{i}\n" for i in range(50_000)))
    done = subprocess.run(
        [*COMMAND, "--output", name],
        capture_output=True,
        text=True,
        check=False,
        cwd=book.folder,
        env=ENVIRONMENT,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (65_536, 65_536)),
    )
    refused(done, f"{name}: must be a file that can be written, got File too large")
    assert book.left() == {name}
    assert (book.folder / name).read_text() == "old"


@LINUX
def test_a_device_keeps_its_place(book: Book) -> None:
    (book.folder / "null.csv").symlink_to("/dev/null")
    assert book.run("--output", "null.csv").returncode == 0
    assert Path("/dev/null").is_char_device()
    (book.folder / "full.csv").symlink_to("/dev/full")
    refused(
        book.run("--output", "full.csv"), "full.csv: must be a file that can be written, got No space left on device"
    )


def test_json_and_a_file_are_not_both(book: Book) -> None:
    refused(
        book.run("--format", "json", "--output", "out.csv"),
        "output: must be left out beside --format json, which writes the rows itself",
    )


@LINUX
@pytest.mark.parametrize("wait", [0.3, 0.7, 1.2])
def test_an_interruption_leaves_no_half_file(book: Book, wait: float) -> None:
    count = 150_000
    book.write("accounts.csv", "account_id,cash\n" + "".join(f"a{i},1\n" for i in range(count)))
    book.write(
        "positions.csv",
        "account_id,symbol,quantity\n" + "".join(f"a{i},X,1\na{i},Y,1\na{i},Z,x\n" for i in range(count)),
    )
    book.write("out.parquet", "old")
    process = subprocess.Popen(
        [*COMMAND, "--output", "out.parquet"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=book.folder,
        env=ENVIRONMENT,
    )
    time.sleep(wait)
    process.send_signal(signal.SIGINT)
    _, error = process.communicate()
    assert process.returncode == 130
    assert error.splitlines()[-1] == "error: interrupted"
    assert book.left() == {"out.parquet"}
    assert (book.folder / "out.parquet").read_text() == "old"
