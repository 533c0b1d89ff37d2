# SPDX-License-Identifier: Apache-2.0
"""Which columns the files of a book may have, and what stands in each."""

from __future__ import annotations

from typing import Any, Literal

import margincore as mc
from margincore._terminal import UnreadableError, quoted

Role = Literal["positions", "instruments", "accounts"]
Cell = Literal["text", "number", "boolean", "date"]

KEYS: dict[Role, str] = {"positions": "account_id", "instruments": "symbol", "accounts": "account_id"}


def _cells_of_entry() -> dict[str, Cell]:
    """Return what stands in each column of instruments, nested keys with a dot, as the schema of documents says."""
    definitions = mc.schema("account")["$defs"]

    def cells(properties: dict[str, Any], prefix: str) -> dict[str, Cell]:
        found: dict[str, Cell] = {}
        for key, value in properties.items():
            type_of = value.get("type")
            if type_of == "object":
                found |= cells(value["properties"], f"{prefix}{key}.")
            elif value.get("$ref", "").endswith("/date"):
                found[prefix + key] = "date"
            elif type_of == "number":
                found[prefix + key] = "number"
            elif type_of == "boolean":
                found[prefix + key] = "boolean"
            elif type_of != "array":  # a list does not fit into a cell
                found[prefix + key] = "text"
        return found

    return {"symbol": "text", **cells(definitions["entry"]["properties"], "")}


def cells_of(role: Role) -> dict[str, Cell]:
    """Return what stands in each column that a frame may have."""
    if role == "positions":
        return {"account_id": "text", "symbol": "text", "quantity": "number", "long": "number", "short": "number"}
    if role == "accounts":
        return {"account_id": "text", "cash": "number", "type": "text", "sma": "number", "currency": "text"}
    return _cells_of_entry()


def require_columns(names: list[str], role: Role, place: str) -> None:
    """Refuse columns that are unknown, missing or there twice, before anything else is read."""
    cells = cells_of(role)
    for name in names:
        if name not in cells:
            known = ", ".join(cells)
            raise UnreadableError(f"{place}: must have known columns ({known}), got {quoted(name)}")
        if names.count(name) > 1:
            raise UnreadableError(f"{place}: {name}: must be one column, got {names.count(name)}")
    needed = {"positions": ["account_id", "symbol"], "instruments": ["symbol"], "accounts": ["account_id", "cash"]}[
        role
    ]
    if role == "positions":
        has_sides = "long" in names or "short" in names
        if has_sides and "quantity" in names:
            raise UnreadableError(f"{place}: quantity: must not be given beside long and short, got both")
        needed = [*needed, *(("long", "short") if has_sides else ("quantity",))]
    for name in needed:
        if name not in names:
            raise UnreadableError(f"{place}: {name}: must be a column, got none of that name")
