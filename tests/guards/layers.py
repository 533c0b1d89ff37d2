# SPDX-License-Identifier: Apache-2.0
"""Keeps the headers in layers: layers.py ROOT. A header includes its own folder and lower ranks only."""

import re
import sys
from pathlib import Path

RANKS = {
    "core": 0, "optimization": 0.5, "instrument": 1, "market": 2, "pricing": 3, "scenario": 4, "requirement": 5,
    "requirement/stock": 6, "requirement/strategy": 7, "requirement/portfolio_margin": 7, "add_on": 8, "account": 9,
    "explain": 10, "document": 11, "stream": 12,
}  # fmt: skip
LONGEST = 300
REFUSED = {"iostream": "too costly for a header", "Eigen/Dense": "Eigen/Core will do"}
UMBRELLA = "margincore.hpp"
NEEDS_JSON = ("document/", "stream/")

root = Path(sys.argv[1]) / "include" / "margincore"
texts = {path.relative_to(root).as_posix(): path.read_text() for path in sorted(root.rglob("*.hpp"))}
ours = {name: re.findall(r"^#include <margincore/(.+?)>", text, re.MULTILINE) for name, text in texts.items()}
wrong = [] if UMBRELLA in texts else [f"{UMBRELLA}: is not there"]

for name, text in texts.items():
    folder = name.rpartition("/")[0]
    if name != UMBRELLA and folder not in RANKS:
        wrong.append(f"{name}: folder '{folder}' has no rank")
        continue
    for include in ours[name]:
        other = include.rpartition("/")[0]
        if include not in texts:
            wrong.append(f"{name}: includes {include}, which is not there")
        elif name != UMBRELLA and other != folder and RANKS.get(other, 99) >= RANKS[folder]:
            wrong.append(f"{name}: includes {include}, which is not of a lower layer")
    if not text.startswith("// SPDX-License-Identifier: Apache-2.0\n#pragma once\n"):
        wrong.append(f"{name}: must begin with the SPDX line and #pragma once")
    if text.count("\n") > LONGEST:
        wrong.append(f"{name}: has {text.count(chr(10))} lines, which is two concepts; {LONGEST} are allowed")
    if quoted := re.findall(r'^#include "(.+?)"', text, re.MULTILINE):
        wrong.append(f"{name}: includes {quoted} in quotes; write <margincore/...>")
    for include in re.findall(r"^#include <(.+?)>", text, re.MULTILINE):
        if include in REFUSED:
            wrong.append(f"{name}: includes <{include}>: {REFUSED[include]}")

reached, queue = set(), [UMBRELLA]
while queue:
    if (name := queue.pop()) not in reached:
        reached.add(name)
        queue += ours.get(name, [])
wrong += [
    f"{name}: {UMBRELLA} does not reach it" for name in texts if name not in reached and not name.startswith(NEEDS_JSON)
]
wrong += [f"{UMBRELLA}: reaches {name}" for name in sorted(reached) if name.startswith(NEEDS_JSON)]

version = re.search(r"project\(margincore VERSION ([0-9.]+)", (Path(sys.argv[1]) / "CMakeLists.txt").read_text())
if version and f'version = "{version[1]}"' not in texts.get("core/version.hpp", ""):
    wrong.append(f"core/version.hpp: is not {version[1]}, the version of CMakeLists.txt")

print("\n".join(wrong) or f"{len(texts)} headers in order")
sys.exit(bool(wrong))
