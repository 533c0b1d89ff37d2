# SPDX-License-Identifier: Apache-2.0
"""Run a notebook to its end, and keep its outputs in it on request.

`python tests/python/run_notebook.py NOTEBOOK [--keep]`. Notebooks write pictures where `MARGINCORE_PICTURES` names
a folder: `$PWD/docs/pictures`.
"""

from __future__ import annotations

import sys
import tempfile

import nbformat
from nbclient import NotebookClient

METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def run(path: str, keep: bool) -> None:
    """Run a notebook; a cell that fails raises."""
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    with tempfile.TemporaryDirectory() as folder:
        place = {"metadata": {"path": folder}}  # not its own folder, so that it leaves nothing there
        NotebookClient(notebook, timeout=300, kernel_name="python3", record_timing=False, resources=place).execute()
    if keep:
        notebook["metadata"] = METADATA  # no version of whoever ran it
        nbformat.write(notebook, path)


if __name__ == "__main__":
    run(sys.argv[1], keep="--keep" in sys.argv[2:])
