# SPDX-License-Identifier: Apache-2.0
"""``python -m margincore``: the command line."""

from margincore.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
