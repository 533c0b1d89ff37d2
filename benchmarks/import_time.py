# SPDX-License-Identifier: Apache-2.0
"""How much longer does `import margincore` take than `import numpy`?

Whole processes in turn, so that both meet the same machine; the answer is checked by what is imported.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

RUNS = 15
HEAVY = ("pandas", "matplotlib", "pyspark", "rich", "jinja2")


def seconds(statement: str) -> float:
    """Wall time of a process that runs a statement."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", statement], check=True)
    return time.perf_counter() - start


def main() -> None:
    """Check what is imported, then time it."""
    subprocess.run(
        [sys.executable, "-c", f"import sys, margincore; assert not set({HEAVY}) & set(sys.modules)"], check=True
    )
    times: dict[str, list[float]] = {"pass": [], "import numpy": [], "import margincore": []}
    for statement in times:  # warm the file cache
        seconds(statement)
    for _ in range(RUNS):
        for statement, taken in times.items():
            taken.append(seconds(statement))
    median = {statement: statistics.median(taken) * 1e3 for statement, taken in times.items()}
    for statement, taken_ms in median.items():
        print(f"{statement:20s} {taken_ms:7.1f} ms, {taken_ms / median['import numpy']:.2f} x import numpy (baseline)")


if __name__ == "__main__":
    main()
