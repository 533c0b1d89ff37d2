# SPDX-License-Identifier: Apache-2.0
"""What ends a tool of the streams with one line."""

from __future__ import annotations

from pathlib import Path


class StreamError(Exception):
    """What is wrong outside the program, in one line that says what to do."""


def tail(file: Path, lines: int = 15) -> str:
    """Return the end of a log, indented; a log that is not there is empty."""
    try:
        text = file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return "".join(f"\n    {line}" for line in text.splitlines()[-lines:])
