# SPDX-License-Identifier: Apache-2.0
"""Every bad row of the accounts that failed: the error of an account names only its first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

import margincore as mc

Evaluate = Callable[[Any, Any], Any]  # positions and accounts in, a table with the error of each account out
_ROWS_AT_ONCE = 1 << 17
_LONGEST_TICKER = 15


def _canonical(symbol: str) -> str:
    """Return a symbol in the one spelling that positions of it have in common."""
    if len(symbol.encode()) <= _LONGEST_TICKER:
        return symbol
    try:
        return str(mc.OsiSymbol(symbol))
    except mc.MarginError:
        return symbol


def _codes(column: Any) -> tuple[Any, Any]:
    """Return a column as codes of a dictionary, -1 where it has nothing, and the dictionary."""
    column = column.combine_chunks()
    if not pa.types.is_dictionary(column.type):
        column = pc.dictionary_encode(column)
    return column.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64), column.dictionary


def _are_repeated(positions: Any) -> Any:
    """Return of each position whether one before it is of its account and symbol."""
    accounts, _ = _codes(positions.column("account_id"))
    symbols, names = _codes(positions.column("symbol"))
    first: dict[str, int] = {}
    same = np.array([first.setdefault(_canonical(name or ""), i) for i, name in enumerate(names.to_pylist())], np.int64)
    keys = accounts * max(len(names), 1) + (same[symbols] if len(same) else 0)
    keys[symbols < 0] = -1 - np.flatnonzero(symbols < 0)  # no symbol is like no other
    order = np.argsort(keys, kind="stable")
    repeated = np.zeros(len(keys), dtype=bool)
    repeated[order[1:]] = keys[order[1:]] == keys[order[:-1]]
    return repeated


def errors_of_positions(positions: Any, rows: Any, evaluate: Evaluate) -> Iterator[tuple[Any, list[str | None]]]:
    """Yield rows of positions and the error of each, some at a time.

    Each is evaluated as an account of its own, so that its error is in the words of any other. One that repeats an
    earlier one is there twice.
    """
    are_repeated = _are_repeated(positions.select(["account_id", "symbol"]).take(pa.array(rows)))
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        some = rows[start : start + _ROWS_AT_ONCE]
        again = np.flatnonzero(are_repeated[start : start + _ROWS_AT_ONCE])
        frame = positions.take(pa.array(np.concatenate([some, some[again]])))
        ids = pa.array(np.concatenate([np.arange(len(some)), again]))
        frame = frame.set_column(frame.schema.get_field_index("account_id"), "account_id", ids)
        accounts = pa.table({"account_id": np.arange(len(some)), "cash": np.zeros(len(some))})
        yield some, evaluate(frame, accounts).column("error").to_pylist()
