# SPDX-License-Identifier: Apache-2.0
"""Files that hold one JSON object."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from margincore._strict_json import strict_json
from margincore._terminal import UnreadableError


def read_object(name: str) -> dict[str, Any]:
    """Return the object of a JSON file, read as strictly as an account document."""
    try:
        value = strict_json(Path(name).read_bytes())
    except OSError as error:
        raise UnreadableError(f"{name}: must be a file that can be read, got {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise UnreadableError(f"{name}: must be JSON, got {error}") from None
    if not isinstance(value, dict):
        raise UnreadableError(f"{name}: must be a JSON object, got {type(value).__name__}")
    return value
