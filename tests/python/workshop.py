# SPDX-License-Identifier: Apache-2.0
"""The workshop demo, its data and its scenarios, for the tests of them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

WORKSHOP = Path(__file__).resolve().parents[2] / "examples" / "workshop"
sys.path.insert(0, str(WORKSHOP))

from workshop_demo.play import Playback, play  # noqa: E402
from workshop_demo.scenario import read_accounts, read_scenario, read_universe  # noqa: E402

DATA = WORKSHOP / "data"
SCENARIOS = sorted((DATA / "scenarios").glob("*.json"))
CENT = 0.005

Change = Callable[[Any], None]


def load(file: Path, data: Path = DATA) -> Playback:
    universe = read_universe(data / "universe.json")
    return play(read_scenario(file, universe, read_accounts(data / "accounts.json", universe)), universe)


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, WORKSHOP / "demo.py", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def copy_data(folder: Path) -> Path:
    for file in DATA.rglob("*.json"):
        copy = folder / file.relative_to(DATA)
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes(file.read_bytes())
    return folder


def rewrite(file: Path, change: Change) -> None:
    document = json.loads(file.read_text(encoding="utf-8"))
    change(document)
    file.write_text(json.dumps(document), encoding="utf-8")
