# SPDX-License-Identifier: Apache-2.0
"""How long does the umbrella header take to compile at -O1?

Baseline in the same run: the headers that it needs anyway (<Eigen/Core>, <fmt/format.h>). Both must compile.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from pathlib import Path

RUNS = 3
INCLUDE = Path(__file__).resolve().parent.parent / "include"
EIGEN = next((p for p in (Path("/usr/include/eigen3"), Path("/usr/local/include/eigen3")) if p.is_dir()), INCLUDE)


def seconds(source: str) -> float:
    """Best wall time of compiling a source."""
    best = float("inf")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "unit.cpp"
        file.write_text(source, encoding="utf-8")
        for _ in range(RUNS):
            includes = [f"-I{INCLUDE}", "-isystem", str(EIGEN)]
            command = [os.environ.get("CXX", "g++"), "-std=c++20", "-O1", *includes, "-c", str(file), "-o", f"{file}.o"]
            start = time.perf_counter()
            subprocess.run(command, check=True)
            best = min(best, time.perf_counter() - start)
    return best


def main() -> None:
    """Time the umbrella header and what it needs."""
    baseline = seconds("#include <Eigen/Core>\n#include <fmt/format.h>\n")
    for name, source in (
        ("<Eigen/Core> and <fmt/format.h> (baseline)", "#include <Eigen/Core>\n#include <fmt/format.h>\n"),
        ("<margincore/margincore.hpp>", "#include <margincore/margincore.hpp>\n"),
        ("<margincore/document/document.hpp>", "#include <margincore/document/document.hpp>\n"),
    ):
        taken = seconds(source)
        print(f"{name:45s} {taken:5.2f} s  {taken / baseline:5.2f} x baseline")


if __name__ == "__main__":
    main()
