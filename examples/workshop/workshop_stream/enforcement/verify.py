# SPDX-License-Identifier: Apache-2.0
"""Whether an audit trail is what was written: ``python -m workshop_stream.enforcement.verify DIR``.

Any record that was changed, removed, inserted or moved breaks the chain. Records removed from the end, or a chain that
was computed anew, show where the trail is compared with what the store or the topic audit.v1 says of its end.
"""

from __future__ import annotations

import argparse
import contextlib
import sqlite3
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workshop_stream.enforcement.audit import trail_files
from workshop_stream.enforcement.chain import Head, hash_of, partition_of, read_record

INTACT, BROKEN, UNREADABLE = 0, 1, 2


@dataclass
class Verification:
    """What a trail turned out to be."""

    head: Head = field(default_factory=Head)
    findings: list[str] = field(default_factory=list)


def verify(folder: Path) -> Verification:
    """Return the end of the trail of a folder, and where it is not what was written, a line each."""
    result = Verification()
    records: list[tuple[int, str, dict[str, Any]]] = []
    for file in trail_files(folder):
        name = file.relative_to(folder).as_posix()
        last = 0
        data = file.read_bytes()
        if data and not data.endswith(b"\n"):
            result.findings.append(f"{name}: ends within a line")
        for number, line in enumerate(data.splitlines(), 1):
            place = f"{name}:{number}"
            record = read_record(line)
            if record is None:
                result.findings.append(f"{place}: is not a record as they are written")
                continue
            if partition_of(record) != file.parent.relative_to(folder).as_posix():
                result.findings.append(f"{place}: belongs to {partition_of(record)}")
            if record["sequence"] <= last:
                result.findings.append(f"{place}: record {record['sequence']} stands after record {last}")
            last = record["sequence"]
            records.append((last, place, record))
    head = Head()
    for sequence, place, record in sorted(records, key=lambda entry: entry[0]):
        if sequence != head.sequence + 1:
            missing = f"records {head.sequence + 1} to {sequence - 1} are missing before it"
            result.findings.append(f"{place}: " + (missing if sequence > head.sequence else f"record {sequence} again"))
        if record["previous_hash"] != head.hash:
            result.findings.append(f"{place}: record {sequence} does not follow from the record before it")
        if hash_of(record["previous_hash"], record) != record["hash"]:
            result.findings.append(f"{place}: record {sequence} was changed")
        head = Head(sequence, record["hash"])
    result.head = head
    return result


def store_head(file: Path) -> Head:
    """Return the end of the trail that a store says was written."""
    with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        row = connection.execute("SELECT sequence, hash FROM chain WHERE name = 'written'").fetchone()
    return Head(*row) if row else Head()


def main(arguments: list[str] | None = None) -> int:
    """Verify a trail; the status is 0 where it is intact, 1 where it is not, 2 where it cannot be read."""
    options = argparse.ArgumentParser(prog="workshop_stream.enforcement.verify", description="Verify an audit trail.")
    options.add_argument("folder", type=Path, metavar="DIR")
    options.add_argument("--store", type=Path, metavar="FILE", help="of enforcement: also compare the end of the trail")
    options.add_argument("--head", metavar="HASH", help="the hash of the last record, as audit.v1 says it")
    chosen = options.parse_args(arguments)
    if not chosen.folder.is_dir():
        print(f"error: {chosen.folder}: must be a folder", file=sys.stderr)
        return UNREADABLE
    try:
        result = verify(chosen.folder)
        written = store_head(chosen.store) if chosen.store else None
    except (OSError, sqlite3.Error) as error:
        print(f"error: {chosen.store or chosen.folder}: {error}", file=sys.stderr)
        return UNREADABLE
    findings = result.findings
    if written is not None and written.sequence > result.head.sequence:
        findings.append(f"ends at record {result.head.sequence}, but the store wrote record {written.sequence}")
    elif written is not None and written.sequence == result.head.sequence and written.hash != result.head.hash:
        findings.append(f"record {written.sequence} is not the one that the store wrote")
    if chosen.head is not None and chosen.head != result.head.hash:
        findings.append(f"ends with the hash {result.head.hash}")
    for finding in findings:
        print(finding)
    print(f"{result.head.sequence} records, {'broken' if findings else 'intact'}, last hash {result.head.hash}")
    return BROKEN if findings else INTACT


if __name__ == "__main__":
    sys.exit(main())
