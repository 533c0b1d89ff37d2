# SPDX-License-Identifier: Apache-2.0
"""The command line as a process, for the tests of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from support import Document, example_document

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="needs the files and terminals of Linux")
ENVIRONMENT = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "TERM")}
DISCLAIMER = "A computation, not a broker's figure."


def margincore(*arguments: object, stdin: bytes = b"", **environment: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "margincore", *map(str, arguments)],
        input=stdin,
        capture_output=True,
        check=False,
        env=ENVIRONMENT | environment,
    )
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def bad_document() -> Document:
    document = example_document()
    document["market"]["instruments"]["NVDA"]["price"] = 0
    return document


BAD_PRICE = "market.instruments.NVDA.price: must be more than zero, got 0"


def lines_of(documents: list[Any]) -> bytes:
    return "".join(d if isinstance(d, str) else json.dumps(d) + "\n" for d in documents).encode()


def one_error(done: subprocess.CompletedProcess[str], message: str, status: int = 2) -> None:
    assert done.stderr == f"error: {message}\n"
    assert done.returncode == status
