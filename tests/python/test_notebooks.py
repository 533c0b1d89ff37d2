# SPDX-License-Identifier: Apache-2.0
"""The notebooks of the examples run to their end. What they show is for their readers and is not compared."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "examples" / "notebooks").glob("*.ipynb"))

for package in ("ipykernel", "matplotlib", "nbclient", "nbformat"):
    pytest.importorskip(package, reason="the notebooks need the extra test on Python 3.11 or later")

# In a process of its own: an event loop and sockets that warn would not be ours to mend.
RUN = """
import sys
import nbformat
from nbclient import NotebookClient

notebook = nbformat.read(sys.argv[1], as_version=4)
nbformat.validate(notebook)
NotebookClient(notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": sys.argv[2]}}).execute()
"""


def test_there_are_notebooks() -> None:
    assert NOTEBOOKS != []


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_cell_runs(notebook: Path, tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "JUPYTER_PREFER_ENV_PATH": "1",
    }
    environment.pop("MARGINCORE_PICTURES", None)
    run = subprocess.run(
        [sys.executable, "-c", RUN, str(notebook), str(tmp_path)], capture_output=True, text=True, env=environment
    )
    assert run.returncode == 0, run.stderr
