# SPDX-License-Identifier: Apache-2.0
"""JSON read as strictly as the core reads it: each key once, and no NaN."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any


def strict_json(text: bytes) -> Any:
    """Return what JSON text says.

    Raises
    ------
    ValueError, RecursionError
        Where it is not JSON, or an object has a key more than once.
    """
    return json.loads(text.decode("utf-8-sig"), object_pairs_hook=_unique, parse_constant=_refuse)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        key = Counter(key for key, _ in pairs).most_common(1)[0][0]
        raise ValueError(f"the key {key!r} more than once")
    return result


def _refuse(constant: str) -> None:
    raise ValueError(constant)
