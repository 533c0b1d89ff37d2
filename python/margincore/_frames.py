# SPDX-License-Identifier: Apache-2.0
"""Columns in, columns out: the frames of NumPy, pandas, polars and Arrow, without a copy where none is needed."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from margincore import _core
from margincore.errors import InvalidInput

if TYPE_CHECKING:
    from margincore._evaluate import Method

FrameT = TypeVar("FrameT")


def evaluate_frame(
    positions: FrameT,
    instruments: Any,
    accounts: Any,
    market: Mapping[str, Any] | None = None,
    policy: Mapping[str, Any] | None = None,
    method: Method | None = None,
    stress: bool = False,
    threads: int = 1,
    progress: Callable[[int, int], object] | None = None,
) -> FrameT:
    """Return the margin figures of every account of a book, one row an account.

    Each account is computed as `evaluate` computes it alone, to the bit. An account that cannot be computed is a row
    without figures, with the reason in ``error`` and its place in ``where``; the others are computed.

    Parameters
    ----------
    positions : frame
        Columns ``account_id``, ``symbol`` and ``quantity``, or ``long`` and ``short``; in any order. A pandas or
        polars data frame, an Arrow table or record batch, a dict of NumPy arrays, or anything with
        ``__arrow_c_stream__``. Ids and symbols are text, dictionary-encoded text, or row numbers into the other two
        frames. Quantities in shares, contracts, or bonds of 1,000 principal; negative when short.
    instruments : frame
        Column ``symbol`` and the keys of ``market.instruments`` of the account document; nested keys with a dot, as
        ``conversion.into``. Prices in USD per unit, percent of principal for a bond.
    accounts : frame
        Columns ``account_id`` and ``cash``, USD, and the keys of ``account`` of the account document.
    market : mapping, optional
        ``valuation_date``, needed whatever is held; ``rate``, ``benchmark``.
    policy : mapping, optional
        As in the account document.
    method : {"strategy", "portfolio", "cash"}, optional
        How the requirement is computed; what the type of each account implies when left out.
    stress : bool
        Whether to add the beta exposure and the excess after each move of the policy.
    threads : int
        How many threads compute; 0 for as many as there are. The figures are the same for any number.
    progress : callable, optional
        Called with the number of accounts done and of all; may raise to stop.

    Returns
    -------
    frame
        Of the kind of `positions`. Columns, USD: ``account_id``, ``net_liquidation``, ``equity``, ``initial``,
        ``maintenance``, ``add_ons``, ``total``, ``excess_initial``, ``excess_maintenance``, ``excess_total``,
        ``net_requirement``, ``lower_bound``; with stress ``beta_weighted_exposure`` and ``stress_excess_<i>`` for
        each move; ``error`` and ``where``. Accounts in the order of `accounts`, then those that positions name and
        `accounts` lacks.

    Raises
    ------
    InvalidInput, MissingData, Unsupported
        Where a column is missing, unknown or of a wrong type, or nobody can know whose a position is.

    Source
    ------
    As `evaluate`.
    """
    if isinstance(threads, bool) or not isinstance(threads, int) or threads < 0:
        raise InvalidInput(f"threads: must be a whole number, zero or more, got {threads!r}", "threads")
    account_columns = _columns(accounts, "accounts")
    evaluation = _core.evaluate_frame(
        _columns(positions, "positions"),
        _columns(instruments, "instruments"),
        account_columns,
        {} if market is None else dict(market),
        None if policy is None else dict(policy),
        method,
        bool(stress),
        threads,
        progress,
    )
    for message in evaluation.warnings:
        warnings.warn(message, stacklevel=2)
    return _frame_like(positions, accounts, evaluation)


# --- in ---------------------------------------------------------------------------------------------------------------


def _is(frame: Any, module: str, *names: str) -> bool:
    """Whether a frame is of a library, which is not imported for the question."""
    library = sys.modules.get(module)
    return library is not None and isinstance(frame, tuple(getattr(library, name) for name in names))


def _columns(frame: Any, name: str) -> dict[str, Any]:
    """Return the columns of a frame by name, each as the core reads it."""
    if _is(frame, "pandas", "DataFrame"):
        _require_names(list(frame.columns), name)
        return {column: _pandas_column(frame[column]) for column in frame.columns}
    if _is(frame, "polars", "DataFrame"):
        return {column.name: column for column in frame.get_columns()}
    if _is(frame, "polars", "LazyFrame"):
        raise InvalidInput(f"{name}: must be a frame that is there, got a LazyFrame; collect it", name)
    if _is(frame, "pyarrow", "Table", "RecordBatch"):
        _require_names(frame.schema.names, name)
        return dict(zip(frame.schema.names, frame.columns, strict=True))
    if isinstance(frame, Mapping):
        return {column: _array(values, f"{name}.{column}") for column, values in frame.items()}
    if hasattr(frame, "__arrow_c_stream__"):
        return _columns(_pyarrow(name).table(frame), name)
    raise InvalidInput(
        f"{name}: must be a pandas or polars data frame, an Arrow table, or a dict of arrays, "
        f"got {type(frame).__name__}",
        name,
    )


def _require_names(names: list[Any], frame: str) -> None:
    repeated = {column for column in names if names.count(column) > 1}
    if repeated:
        column = min(map(str, repeated))
        raise InvalidInput(f"{frame}.{column}: must be one column, got {names.count(column)}", f"{frame}.{column}")


def _pyarrow(name: str) -> Any:
    try:
        import pyarrow
    except ImportError:
        raise InvalidInput(f"{name}: must be read with pyarrow, which is not installed", name) from None
    return pyarrow


def _pandas_column(series: Any) -> Any:
    import pandas as pd

    if isinstance(series.dtype, pd.CategoricalDtype):
        return series.cat.codes.to_numpy(), _pandas_column(series.cat.categories.to_series())
    if isinstance(series.dtype, pd.DatetimeTZDtype):
        return series.dt.tz_localize(None).to_numpy()
    if hasattr(series.array, "__arrow_array__"):  # text, Arrow-backed and nullable columns
        try:
            return series.array.__arrow_array__()
        except ImportError:  # pandas without pyarrow
            pass
    array = series.to_numpy()
    if array.dtype == object:
        return series.where(series.notna(), None).to_numpy(dtype=object)
    return array


def _array(values: Any, place: str) -> Any:
    import numpy as np

    if isinstance(values, np.ndarray) or hasattr(values, "__arrow_c_stream__") or hasattr(values, "__arrow_c_array__"):
        return values
    if isinstance(values, (str, bytes)) or not hasattr(values, "__iter__"):
        raise InvalidInput(f"{place}: must be an array, got {type(values).__name__}", place)
    array = np.asarray(values)
    return np.asarray(values, dtype=object) if array.dtype.kind in "SUV" else array


# --- out --------------------------------------------------------------------------------------------------------------


def _ids(accounts: Any, evaluation: _core.FrameEvaluation) -> list[Any]:
    """Return the ids of the accounts as a list: where they cannot be handed on as they came."""
    column = accounts["account_id"] if "account_id" in _names(accounts) else range(len(evaluation))
    to_list = getattr(column, "to_pylist", None) or getattr(column, "to_list", None) or getattr(column, "tolist", None)
    return [*(to_list() if to_list else column), *evaluation.unknown_accounts]


def _names(frame: Any) -> list[str]:
    if _is(frame, "pyarrow", "Table", "RecordBatch"):
        return list(frame.schema.names)
    return list(getattr(frame, "columns", frame))


def _errors(evaluation: _core.FrameEvaluation) -> tuple[Any, Any]:
    """Return the columns ``error`` and ``where`` as arrays of text and None."""
    import numpy as np

    error = np.full(len(evaluation), None, dtype=object)
    where = np.full(len(evaluation), None, dtype=object)
    rows, messages, places = evaluation.failures()
    error[rows] = messages
    where[rows] = places
    return error, where


def _frame_like(positions: Any, accounts: Any, evaluation: _core.FrameEvaluation) -> Any:
    """Return the figures as a frame of the kind of `positions`."""
    if _is(positions, "polars", "DataFrame"):
        import polars as pl

        frame = pl.DataFrame(evaluation)
        keeps = _is(accounts, "polars", "DataFrame") and "account_id" in accounts.columns
        keeps = keeps and not evaluation.unknown_accounts
        ids = accounts["account_id"] if keeps else pl.Series("account_id", _ids(accounts, evaluation))
        return frame.insert_column(0, ids.alias("account_id"))
    if _is(positions, "pandas", "DataFrame"):
        import pandas as pd

        keeps = _is(accounts, "pandas", "DataFrame") and "account_id" in accounts.columns
        keeps = keeps and not evaluation.unknown_accounts
        ids = accounts["account_id"].array if keeps else pd.array(_ids(accounts, evaluation))
        error, where = _errors(evaluation)
        columns = {"account_id": ids, **evaluation.arrays(), "error": error, "where": where}
        return pd.DataFrame(columns, copy=False)
    if isinstance(positions, Mapping):
        import numpy as np

        keeps = isinstance(accounts, Mapping) and isinstance(accounts.get("account_id"), np.ndarray)
        keeps = keeps and not evaluation.unknown_accounts
        ids = accounts["account_id"] if keeps else np.asarray(_ids(accounts, evaluation))
        error, where = _errors(evaluation)
        return {"account_id": ids, **evaluation.arrays(), "error": error, "where": where}
    pa = _pyarrow("positions")
    table = pa.table(evaluation)
    keeps = _is(accounts, "pyarrow", "Table", "RecordBatch") and "account_id" in accounts.schema.names
    keeps = keeps and not evaluation.unknown_accounts
    ids = accounts["account_id"] if keeps else pa.array(_ids(accounts, evaluation))
    table = table.add_column(0, "account_id", ids)
    return table.combine_chunks().to_batches()[0] if _is(positions, "pyarrow", "RecordBatch") and len(table) else table
