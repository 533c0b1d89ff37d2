# SPDX-License-Identifier: Apache-2.0
"""Faults of the whole system: a short form of each in every test run, all of it with ``--full``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / folder) for folder in ("examples/workshop", "tests/stream", "tests/spark", "tests/faults")]

from workshop_stream.jars import missing_programs  # noqa: E402

_told: list[str] = []


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full", action="store_true", help="as often and as long as `make faults` does")


def pytest_terminal_summary(terminalreporter: Any) -> None:
    for line in _told:
        terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def is_full(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--full"))


@pytest.fixture
def tell(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Say at the end of the run what a fault came to."""
    return lambda text: _told.append(f"{request.node.name}: {text}")


@pytest.fixture(autouse=True, scope="session")
def what_a_broker_needs() -> None:
    if missing := missing_programs():
        packages = " ".join(missing.values())
        pytest.skip(f"no {' and no '.join(missing)} here for a Kafka broker: sudo apt-get install {packages}")


@pytest.fixture
def systems(tmp_path: Path, what_a_broker_needs: None) -> Iterator[Callable[..., Any]]:
    """Start systems, and end them with the test."""
    from contextlib import ExitStack

    from system import System

    del what_a_broker_needs
    with ExitStack() as ends:
        yield lambda engine="service", **options: ends.enter_context(System(tmp_path, engine, **options))
