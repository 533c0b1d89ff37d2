# SPDX-License-Identifier: Apache-2.0
"""Which of the builds of pricing is used: that of the fastest instruction set that the machine runs."""

from __future__ import annotations

import os
from functools import cache
from importlib.util import find_spec
from typing import Literal, cast

from margincore import _core
from margincore.errors import InvalidInput

InstructionSet = Literal["baseline", "avx2", "avx512"]

VARIABLE = "MARGINCORE_INSTRUCTION_SET"


def available() -> list[InstructionSet]:
    """Return the sets that were built and that this machine runs, slowest first."""
    sets = cast("list[InstructionSet]", _core.instruction_sets())
    return [name for name in sets if find_spec(f"margincore._pricing_{name}")]


@cache  # so that what is loaded and what is said to be stay the same when the environment changes
def instruction_set() -> InstructionSet:
    """Return the instruction set that options are priced with.

    The fastest of those that this package was built for and this machine runs, or the one that the environment variable
    ``MARGINCORE_INSTRUCTION_SET`` names. It is settled when it is first asked for or an option is first priced. Prices
    of two sets differ by rounding, below 1e-13 of the spot; everything but pricing is the same to the bit.

    Parameters
    ----------
    None

    Returns
    -------
    {"baseline", "avx2", "avx512"}
        Of x86-64: SSE2, AVX2 with FMA, AVX-512 (F, DQ, VL, BW). Elsewhere always "baseline".

    Raises
    ------
    InvalidInput
        Where ``MARGINCORE_INSTRUCTION_SET`` names none, or one that is not built or that this machine does not run.

    Source
    ------
    None: it names a build.
    """
    sets = available()
    wanted = os.environ.get(VARIABLE)
    if not wanted:
        return sets[-1]
    for name in sets:
        if name == wanted:
            return name
    raise InvalidInput(
        f"{VARIABLE}: must be one of {', '.join(sets)}, which are built and run on this machine, got {wanted!r}",
        VARIABLE,
    )
