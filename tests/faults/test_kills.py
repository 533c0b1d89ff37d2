# SPDX-License-Identifier: Apache-2.0
"""kill -9 at random moments of a stream: the state is that of a batch over the whole log, and nothing is said twice."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any

import pytest

KILLS, KILLS_SHORT = 20, 2


@pytest.mark.parametrize("part", ["service", "enforcement", "broker"])
def test_killed_with_the_service(systems: Callable[..., Any], tell: Any, is_full: bool, part: str) -> None:
    tell(killed(systems("service"), part, KILLS if is_full else KILLS_SHORT, (0.3, 2.5)))


@pytest.mark.parametrize("part", ["job", "broker"])
def test_killed_with_spark(systems: Callable[..., Any], tell: Any, is_full: bool, part: str) -> None:
    pytest.importorskip("pyspark", reason="the extra `spark` is not installed")
    # A kill may come while Spark starts, too; what it has not done by then it has to do again.
    tell(killed(systems("spark"), part, KILLS if is_full else 1, (2.0, 25.0)))


def killed(system: Any, part: str, times: int, pause: tuple[float, float]) -> str:
    """Kill a part at random moments, some of them before it has come up again; return what was seen."""
    rng = random.Random(f"{part} {times}")
    system.wait_for_results()
    system.flow.start()
    for _ in range(times):
        time.sleep(rng.uniform(*pause))
        system.kill(part)
    time.sleep(rng.uniform(*pause))
    return f"{times} kills, {system.check()}"
