# SPDX-License-Identifier: Apache-2.0
"""The notebooks of the examples run to their end. What they show is for their readers and is not compared."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "examples" / "notebooks").glob("*.ipynb"))

if sys.version_info < (3, 11):
    pytest.skip("ipykernel and matplotlib of the extra test need Python 3.11", allow_module_level=True)


def test_there_are_notebooks() -> None:
    assert NOTEBOOKS != []


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_cell_runs(notebook: Path) -> None:
    # In a process of its own: what event loops and sockets warn of there is not ours to mend.
    environment = {key: value for key, value in os.environ.items() if key not in ("MARGINCORE_PICTURES", "MPLBACKEND")}
    command = [sys.executable, str(ROOT / "tests" / "python" / "run_notebook.py"), str(notebook)]
    result = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert result.returncode == 0, result.stderr
