# SPDX-License-Identifier: Apache-2.0
"""Totals of a book, and what changed between two runs of one: frames in, frames out."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

from margincore import _core
from margincore._frames import _frame_like, _is, _known, _names, _pandas_text, _pyarrow, _run
from margincore.errors import InvalidInput

_FIRM_ALERT = 10_000_000.0
_RUN_KEYS = ("positions", "instruments", "accounts", "market", "policy", "method", "stress", "threads")


@dataclass(frozen=True)
class BookTotals:
    """The totals of a book. Frames are of the kind of the positions.

    Attributes
    ----------
    firm : dict
        Sums over the accounts that were computed, USD: ``accounts`` and ``failed`` (how many), ``cash``,
        ``net_value``, ``gross_value``, ``net_liquidation``, ``equity``, ``requirement``, ``excess``, ``call`` (sums of
        the deficits alone), ``maintenance_calls`` and ``house_calls`` (how many), ``beta_weighted_exposure`` (all
        accounts netted: a risk figure, never a requirement) and ``exposure_alert``.
    offsets : dict
        What the sums by underlying lack of the firm's ``initial``, ``maintenance`` and ``equity``: offsets between the
        positions of an account.
    by_underlying : frame
        One row an instrument: ``symbol``, ``accounts``, ``net_quantity``, ``long_units``, ``short_units``,
        ``net_value``, ``gross_value``, ``initial``, ``maintenance``, ``beta_weighted_exposure``.
    stress : frame
        One row a move: ``move``, ``pnl``, ``below_zero``, ``accounts_below_zero``, ``house_deficit``, ``underwater``.
    accounts : frame
        What `evaluate_frame` returns.
    """

    firm: dict[str, Any]
    offsets: dict[str, float]
    by_underlying: Any
    stress: Any
    accounts: Any


@dataclass(frozen=True)
class BookDifference:
    """What changed between two runs. Frames are of the kind of the positions after.

    Attributes
    ----------
    accounts : frame
        One row an account that is not what it was: ``account_id``, ``status`` (``changed``, ``added``, ``removed``,
        ``failed_before``, ``failed_after``, ``failed``) and the changes of ``net_liquidation``, ``equity``,
        ``initial``, ``maintenance``, ``add_ons``, ``total``, ``excess_total``, USD; null where a side failed.
    attribution : frame
        The parts that add up to those changes: ``account_id``, ``cause`` (``cash``, ``position``, ``price``,
        ``terms``, ``rule``, ``offset``, ``house``), ``symbol`` (null where no single holding is the cause: of cash,
        offsets, and charges on industries and on the account as a whole), ``net_liquidation``, ``equity``, ``total``,
        ``excess_total``, USD.
    """

    accounts: Any
    attribution: Any


def book_totals(
    positions: Any,
    instruments: Any,
    accounts: Any,
    market: Mapping[str, Any] | None = None,
    policy: Mapping[str, Any] | None = None,
    moves: Sequence[float] | None = None,
    alert: float = _FIRM_ALERT,
    threads: int = 1,
) -> BookTotals:
    """Return the totals of a book: of the firm, by underlying and by account.

    Accounts are margined one by one and their figures summed: no requirement nets customers against each other.

    Parameters
    ----------
    positions : frame
        As for `evaluate_frame`.
    instruments : frame
        As for `evaluate_frame`.
    accounts : frame
        As for `evaluate_frame`.
    market : mapping, optional
        As for `evaluate_frame`.
    policy : mapping, optional
        As for `evaluate_frame`.
    moves : sequence of float, optional
        Moves of the benchmark, fractions; those of the policy when left out. An empty one leaves stress out, and then
        no account needs a beta. Shape (n_moves,).
    alert : float
        Beta-weighted exposure of the firm, either way, above which ``firm["exposure_alert"]`` is true, USD.
    threads : int
        As for `evaluate_frame`.

    Returns
    -------
    BookTotals
        The totals; an account that failed is in none of them.

    Raises
    ------
    InvalidInput, MissingData, Unsupported
        As `evaluate_frame`, and where a move or the alert is not one.

    Source
    ------
    Workshop on real-time margin risk, exercise 7: firm-wide exposure and stress, alert above 10 million USD.
    """
    moves = None if moves is None else _numbers(moves, "moves")
    stress = moves is None or len(moves) > 0
    accounts = _known(accounts, "accounts")
    run = _run(positions, instruments, accounts, market, policy, None, stress, threads, moves)
    totals = run.totals(_number(alert, "alert"))
    symbols = totals["by_underlying"]["symbol"]  # the core calls a row without a symbol of its own by its number
    totals["by_underlying"]["symbol"] = [None if text == f"#{row} " else text for row, text in enumerate(symbols)]
    return BookTotals(
        firm=totals["firm"],
        offsets=totals["offsets"],
        by_underlying=_frame_of(positions, totals["by_underlying"]),
        stress=_frame_of(positions, totals["stress"]),
        accounts=_frame_like(positions, accounts, run.evaluation),
    )


def book_difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> BookDifference:
    """Return which accounts changed between two runs, and why.

    Changes are attributed in steps: cash, positions at the prices before, prices at the quantities after, other facts
    of instruments, then the rules; offsets and the charges of the house are apart. The parts of an account add up.

    Parameters
    ----------
    before : mapping
        The arguments of `evaluate_frame` by name; ``positions``, ``instruments`` and ``accounts`` are needed.
        Accounts are matched by ``account_id``, instruments by ``symbol``.
    after : mapping
        The same of the other run. Its threads are used.

    Returns
    -------
    BookDifference
        The accounts that are not what they were, and the parts of their changes.

    Raises
    ------
    InvalidInput, MissingData, Unsupported
        As `evaluate_frame`, and where a mapping lacks an argument or has another.

    Source
    ------
    None of its own: differences of what the rules say before and after, step by step.
    """
    before, after = _arguments(before, "before"), _arguments(after, "after")
    first, last = _run(**before), _run(**after)
    ids_before, ids_after = _ids_of(before, first), _ids_of(after, last)
    rows = {occurrence: row for row, occurrence in enumerate(_occurrences(ids_before)) if occurrence is not None}
    matched_before, matched_after = [], []
    for row, occurrence in enumerate(_occurrences(ids_after)):
        if occurrence in rows:
            matched_before.append(rows[occurrence])
            matched_after.append(row)
    found = first.difference(last, matched_before, matched_after, after.get("threads", 1))
    ids = [
        ids_before[row] if other is None else ids_after[other]
        for row, other in zip(found["rows_before"], found["rows_after"], strict=True)
    ]
    are_row_numbers = not any("account_id" in _names(side["accounts"]) for side in (before, after))
    of_parts = [ids[row] for row in found["rows"]]
    changes = {"account_id": _account_ids(ids, are_row_numbers), **found["accounts"]}
    parts = {"account_id": _account_ids(of_parts, are_row_numbers), **found["attribution"]}
    return BookDifference(
        accounts=_frame_of(after["positions"], changes), attribution=_frame_of(after["positions"], parts)
    )


def _occurrences(ids: list[Any]) -> list[tuple[Any, int] | None]:
    """Return each id with how often it has stood before, so that repeated ones, which fail, meet their like."""
    seen: Counter[Any] = Counter()
    occurrences: list[tuple[Any, int] | None] = []
    for name in ids:
        occurrences.append(None if name is None else (name, seen[name]))
        seen[name] += 1
    return occurrences


def _arguments(given: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return the arguments of a run."""
    for key in given:
        if key not in _RUN_KEYS:
            raise InvalidInput(f"{name}.{key}: must be one of {', '.join(_RUN_KEYS)}, got {key!r}", f"{name}.{key}")
    for key in _RUN_KEYS[:3]:
        if key not in given:
            raise InvalidInput(f"{name}.{key}: must be given, got nothing", f"{name}.{key}")
    return {**given, "accounts": _known(given["accounts"], "accounts")}


def _ids_of(arguments: Mapping[str, Any], run: _core.FrameRun) -> list[Any]:
    """Return the ids of the accounts of a run, by row; None for what is none."""
    column = _frame_like(arguments["positions"], arguments["accounts"], run.evaluation)["account_id"]
    to_list = getattr(column, "to_pylist", None) or getattr(column, "to_list", None) or column.tolist
    return [None if isinstance(name, float) and math.isnan(name) else name for name in to_list()]


def _number(value: Any, where: str) -> float:
    """Return a number as a float; a flag is none."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise InvalidInput(f"{where}: must be a number, got {value!r}", where)
    return float(value)


def _numbers(values: Any, where: str) -> list[float]:
    """Return a list of numbers, of any library."""
    to_list = getattr(values, "to_pylist", None) or getattr(values, "tolist", None)
    listed = to_list() if to_list else values
    if isinstance(listed, (str, bytes, Mapping)) or not isinstance(listed, Sequence):
        raise InvalidInput(f"{where}: must be a list, got {type(values).__name__}", where)
    return [_number(value, f"{where}[{i}]") for i, value in enumerate(listed)]


def _frame_of(positions: Any, columns: dict[str, Any]) -> Any:
    """Return columns as a frame of the kind of `positions`, null for what is not there where the kind has nulls.

    Lists are text, whatever is in them: the types of a frame are the same for any data, and for none.
    """
    texts = [name for name, column in columns.items() if isinstance(column, list)]
    if _is(positions, "polars", "DataFrame"):
        import polars as pl

        return pl.DataFrame(columns, schema_overrides=dict.fromkeys(texts, pl.String), nan_to_null=True)
    if _is(positions, "pandas", "DataFrame"):
        import pandas as pd

        return pd.DataFrame(columns | {name: _pandas_text(columns[name]) for name in texts})
    if isinstance(positions, Mapping):
        import numpy as np

        return columns | {name: np.array(columns[name], dtype=object) for name in texts}
    pa = _pyarrow("positions")
    types = {name: pa.string() if name in texts else None for name in columns}
    arrays = {name: pa.array(column, types[name], from_pandas=True) for name, column in columns.items()}
    return pa.RecordBatch.from_pydict(arrays) if _is(positions, "pyarrow", "RecordBatch") else pa.table(arrays)


def _account_ids(ids: list[Any], are_row_numbers: bool) -> Any:
    """Return ids of accounts as a column: text, or an array of row numbers where no account has an id."""
    if are_row_numbers:
        import numpy as np

        return np.array(ids, dtype=np.int64)
    return [None if name is None else str(name) for name in ids]
