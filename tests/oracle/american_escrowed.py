# SPDX-License-Identifier: Apache-2.0
"""American options on a spot that is lognormal without its cash dividends' present value: finite differences."""

from __future__ import annotations

from collections.abc import Iterator

import american_dividends
import QuantLib as ql  # noqa: N813

NAME = "american_escrowed"
SEED = 20_260_104
ROWS = 2_000
COLUMNS = american_dividends.COLUMNS


def rows() -> Iterator[tuple[str, ...]]:
    """Yield the rows of the table as text."""
    return american_dividends.rows(SEED, ql.FdBlackScholesVanillaEngine.Escrowed)
