# SPDX-License-Identifier: Apache-2.0
"""Values of a JSON file that know their place in it, so that an error can name file, place and value."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from pathlib import Path


class ScenarioError(Exception):
    """What is wrong with a file, in one line: ``<file>: <place>: <what must hold>, got <value>``."""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys: dict[str, Any] = {}
    for key, value in pairs:
        if key in keys:
            raise ValueError(f"the key {key!r} stands twice in one object")
        keys[key] = value
    return keys


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    longest = 60
    return text if len(text) <= longest else text[: longest - 3] + "..."


@dataclass(frozen=True)
class Field:
    """A value, with the file and the place it came from."""

    file: Path
    place: str
    value: Any

    @classmethod
    def read(cls, file: Path) -> Field:
        """Return what a JSON file holds."""
        try:
            return cls(file, "", json.loads(file.read_text(encoding="utf-8"), object_pairs_hook=_unique))
        except OSError as error:
            raise ScenarioError(f"{file}: must be a file that can be read, got {error.strerror}") from None
        except json.JSONDecodeError as error:
            place = f"line {error.lineno}, column {error.colno}"
            raise ScenarioError(f"{file}: {place}: must be JSON, got: {error.msg}") from None
        except (ValueError, RecursionError) as error:  # not UTF-8, a key twice, too deep
            raise ScenarioError(f"{file}: must be JSON in UTF-8, got: {error}") from None

    def fail(self, must: str, got: str | None = None) -> NoReturn:
        """Raise the error of this place."""
        place = f"{self.place}: " if self.place else ""
        raise ScenarioError(f"{self.file}: {place}{must}, got {_short(self.value) if got is None else got}")

    def _at(self, key: str, value: Any) -> Field:
        return Field(self.file, f"{self.place}.{key}" if self.place else key, value)

    def fields(self) -> dict[str, Field]:
        """Return the members of an object, which must not be empty."""
        if not isinstance(self.value, dict) or not self.value:
            self.fail("must be an object with at least one key")
        return {key: self._at(key, value) for key, value in self.value.items()}

    def object(self, required: tuple[str, ...], optional: tuple[str, ...] = ()) -> dict[str, Field]:
        """Return the members of an object whose keys are known; one that is not known is refused by name."""
        if not isinstance(self.value, dict):
            self.fail("must be an object")
        known = required + optional
        for key, value in self.value.items():
            if key not in known:
                self._at(key, value).fail(f"must be a known key ({', '.join(known)})", repr(key))
        for key in required:
            if key not in self.value:
                self._at(key, None).fail("must be given", "nothing")
        return {key: self._at(key, value) for key, value in self.value.items()}

    def items(self) -> list[Field]:
        """Return the items of a list, which must not be empty."""
        if not isinstance(self.value, list) or not self.value:
            self.fail("must be a list with at least one item")
        return [Field(self.file, f"{self.place}[{index}]", value) for index, value in enumerate(self.value)]

    def text(self) -> str:
        """Return a text that is not blank."""
        if not isinstance(self.value, str) or not self.value.strip():
            self.fail("must be a text")
        return self.value

    def number(self) -> float:
        """Return a finite number."""
        try:
            number = math.nan if isinstance(self.value, (bool, str)) else float(self.value)
        except (TypeError, OverflowError):
            number = math.nan
        if not math.isfinite(number):
            self.fail("must be a number")
        return number

    def one_of(self, choices: tuple[str, ...], what: str) -> str:
        """Return a text that is one of the choices."""
        if self.value not in choices:
            self.fail(f"must be {what} ({', '.join(choices)})")
        return self.text()
