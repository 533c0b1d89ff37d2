# SPDX-License-Identifier: Apache-2.0
"""Every malformed document is refused by Python, the command line and the schema, at the right place.

The documents, with what must be said of each, are data: tests/data/malformed_documents.json. The C++ tests read the
same file.
"""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import margincore as mc
import pytest
from margincore import cli
from support import CALENDAR, READER_ONLY, VALIDATOR

DATA = Path(__file__).parent.parent / "data" / "malformed_documents.json"
ENTRIES: list[dict[str, Any]] = json.loads(DATA.read_text(encoding="utf-8"))["documents"]

# What the JSON parser says after this differs from version to version of the library that is found.
NOT_JSON = re.compile(r"document: must be JSON, got (parse error at line \d+, column \d+|number overflow)")


class RepeatedKeyError(Exception):
    """A key stands twice in an object, which Python's own parser does not say."""


def text_of(entry: dict[str, Any]) -> bytes:
    if "base64" in entry:
        return base64.b64decode(entry["base64"])
    text: str = entry["text"]
    return text.encode()


def _unrepeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key for key, _ in pairs}) != len(pairs):
        raise RepeatedKeyError
    return dict(pairs)


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def parsed(entry: dict[str, Any]) -> Any:
    """The document as Python's parser reads it; raises where it is not JSON, repeats a key, or is no text."""
    document = json.loads(text_of(entry).decode(), object_pairs_hook=_unrepeated, parse_constant=_no_constant)
    json.dumps(document, ensure_ascii=False).encode()  # a lone surrogate is no text
    return document


def is_json(entry: dict[str, Any]) -> bool:
    try:
        parsed(entry)
    except (ValueError, RepeatedKeyError):
        return False
    return True


def comparable(message: str) -> str:
    """The part of a message that is the library's own."""
    found = NOT_JSON.match(message)
    return found.group() if found else message


by_name = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["name"])
json_by_name = pytest.mark.parametrize("entry", [*filter(is_json, ENTRIES)], ids=lambda entry: entry["name"])


def test_there_are_documents_of_every_kind() -> None:
    assert len(ENTRIES) >= 75
    assert len({entry["name"] for entry in ENTRIES}) == len(ENTRIES)
    assert {entry["error"] for entry in ENTRIES} == {"InvalidInput", "MissingData", "Unsupported", "NumericalFailure"}


def test_the_file_has_one_entry_a_line() -> None:
    lines = DATA.read_text(encoding="utf-8").splitlines()
    assert [json.loads(line.rstrip(",")) for line in lines[1:-1]] == ENTRIES


@by_name
def test_the_message_is_one_printable_line_that_begins_with_the_place(entry: dict[str, Any]) -> None:
    assert entry["message"].startswith(entry["where"] + ": ")
    assert entry["message"].isprintable()
    assert entry["message"].isascii()


@by_name
def test_bytes_are_refused(entry: dict[str, Any]) -> None:
    with pytest.raises(mc.MarginError) as caught:
        mc.evaluate(text_of(entry))
    assert type(caught.value) is getattr(mc, entry["error"])
    assert caught.value.where == entry["where"]
    assert comparable(str(caught.value)) == comparable(entry["message"])


@pytest.mark.parametrize(
    "entry",
    [entry for entry in ENTRIES if is_json(entry) and not isinstance(parsed(entry), str)],  # a string names a file
    ids=lambda entry: entry["name"],
)
def test_a_dict_is_refused_in_the_same_words(entry: dict[str, Any]) -> None:
    document = parsed(entry)
    with pytest.raises(mc.MarginError) as caught:
        mc.evaluate(document)
    number_beyond_json = entry["message"].startswith("document: must be JSON, got number overflow")
    if number_beyond_json:  # Python's parser makes an infinity, or a whole number without an end, of it
        assert type(caught.value) is mc.InvalidInput
        return
    assert type(caught.value) is getattr(mc, entry["error"])
    assert caught.value.where == entry["where"]
    assert str(caught.value) == entry["message"]


@json_by_name
def test_the_schema_refuses_what_a_schema_can(entry: dict[str, Any]) -> None:
    document = parsed(entry)
    only_the_reader_can = any(words in entry["message"] for words in READER_ONLY)
    errors = [error.message for error in VALIDATOR.iter_errors(document)]
    if isinstance(document, dict) and only_the_reader_can:
        assert errors == []
    elif CALENDAR not in entry["message"]:
        assert errors


@by_name
def test_the_command_line_says_it_in_one_line(
    entry: dict[str, Any], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "account.json"
    file.write_bytes(text_of(entry))
    assert cli.main(["evaluate", str(file)]) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert err.endswith("\n")
    assert err.count("\n") == 1
    assert comparable(err.removeprefix("error: ").rstrip("\n")) == comparable(entry["message"])


def test_the_installed_command_says_each_in_one_line_and_computes_none(tmp_path: Path) -> None:
    files = []
    for i, entry in enumerate(ENTRIES):
        file = tmp_path / f"{i}.json"
        file.write_bytes(text_of(entry))
        files.append(str(file))
    done = subprocess.run(
        [sys.executable, "-m", "margincore", "evaluate", *files], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    expected = [f"error: {file}: {entry['where']}: " for file, entry in zip(files, ENTRIES, strict=True)]
    assert len(lines) == len(expected)
    assert [line[: len(start)] for line, start in zip(lines, expected, strict=True)] == expected
