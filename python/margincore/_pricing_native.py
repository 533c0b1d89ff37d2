# SPDX-License-Identifier: Apache-2.0
"""The native functions of pricing, of the instruction set in use; importing this settles which, so do it late."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # each build has the same
    from margincore._pricing_baseline import *  # noqa: F403
else:
    from importlib import import_module

    from margincore._instruction_set import instruction_set

    _build = import_module(f"margincore._pricing_{instruction_set()}")
    globals().update({name: value for name, value in vars(_build).items() if not name.startswith("_")})
