# SPDX-License-Identifier: Apache-2.0
"""Writes a header that includes every header our headers include and that is not ours: prelude.py ROOT OUTPUT."""

import re
import sys
from pathlib import Path

headers = Path(sys.argv[1], "include", "margincore").rglob("*.hpp")
names = {name for header in headers for name in re.findall(r"^#include <(.+?)>", header.read_text(), re.MULTILINE)}
lines = [f"#include <{name}>" for name in sorted(names) if not name.startswith("margincore/")]
Path(sys.argv[2]).write_text("#pragma once\n" + "\n".join(lines) + "\n")
