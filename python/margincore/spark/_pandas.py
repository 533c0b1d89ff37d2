# SPDX-License-Identifier: Apache-2.0
"""Spark asks for pandas where it plans Arrow functions, and warns of pandas 3, of which these use next to nothing."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator


@contextlib.contextmanager
def any_pandas() -> Iterator[None]:
    """Plan without Spark's warning of pandas 3: tests hold what is used here to it."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
        yield
