# SPDX-License-Identifier: Apache-2.0
"""The broker gone for a minute, while events go on: all of them arrive, and everybody goes on by itself."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

GONE, GONE_SHORT = 60.0, 5.0  # s


@pytest.mark.parametrize("engine", ["service", "spark"])
def test_broker_gone(systems: Callable[..., Any], tell: Any, is_full: bool, engine: str) -> None:
    if engine == "spark":
        pytest.importorskip("pyspark", reason="the extra `spark` is not installed")
    system, gone = systems(engine), GONE if is_full else GONE_SHORT
    system.wait_for_results()
    system.flow.start()
    time.sleep(3.0)
    system.broker.stop()
    time.sleep(gone)
    system.broker.start()
    time.sleep(3.0)
    tell(f"{gone:.0f} s without a broker, {system.check()}")
