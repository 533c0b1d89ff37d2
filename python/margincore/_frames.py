# SPDX-License-Identifier: Apache-2.0
"""Columns in, columns out: the frames of NumPy, pandas, polars and Arrow, without a copy where none is needed."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from margincore import _core
from margincore._group_table import policy_with_group_table
from margincore.errors import InvalidInput

if TYPE_CHECKING:
    from margincore._evaluate import Method

FrameT = TypeVar("FrameT")
_MOST_THREADS = 1024


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
        ``__arrow_c_stream__``, for which an Arrow table is returned. Ids and symbols are text, dictionary-encoded
        text, or row numbers into the other two frames. Quantities in shares, contracts, or bonds of 1,000 principal;
        negative when short.
    instruments : frame
        Column ``symbol`` and the keys of ``market.instruments`` of the account document; nested keys with a dot, as
        ``conversion.into``. Prices in USD per unit, percent of principal for a bond.
    accounts : frame
        Columns ``account_id`` and ``cash``, USD, and the keys of ``account`` of the account document.
    market : mapping, optional
        ``valuation_date``, needed whatever is held; ``rate``, ``benchmark``, ``business_days``.
    policy : mapping, optional
        As in the account document; the name of a file for ``group_table`` starts in the working directory.
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
    accounts = _known(accounts, "accounts")
    evaluation = _run(
        positions, instruments, accounts, market, policy, method, stress, threads, progress=progress
    ).evaluation
    result: FrameT = _frame_like(positions, accounts, evaluation)
    return result


def _run(
    positions: Any,
    instruments: Any,
    accounts: Any,
    market: Mapping[str, Any] | None = None,
    policy: Mapping[str, Any] | None = None,
    method: str | None = None,
    stress: bool = False,
    threads: int = 1,
    moves: Sequence[float] | None = None,
    progress: Callable[[int, int], object] | None = None,
    said: Sequence[str] = (),
) -> _core.FrameRun:
    """Return a book evaluated, and warn of what a reader should know: the caller must be what the user called.

    Parameters
    ----------
    said : sequence of str
        Warnings that the user has had already.
    """
    _require_options(threads, method, progress, stress=stress)
    run = _core.FrameRun(
        _columns(_known(positions, "positions"), "positions"),
        _columns(_known(instruments, "instruments"), "instruments"),
        _columns(_known(accounts, "accounts"), "accounts"),
        _plain({} if market is None else market),
        _plain(policy_with_group_table(policy)),
        method,
        stress,
        None if moves is None else [float(move) for move in moves],
        threads,
        progress,
    )
    for message in run.evaluation.warnings:
        if message not in said:
            warnings.warn(message, stacklevel=3)
    return run


def _require_options(threads: Any, method: Any, progress: Any, *, stress: Any) -> None:
    if not isinstance(stress, bool):
        raise InvalidInput(f"stress: must be True or False, got {stress!r}", "stress")
    if isinstance(threads, bool) or not isinstance(threads, int) or not 0 <= threads <= _MOST_THREADS:
        raise InvalidInput(f"threads: must be a whole number from 0 to {_MOST_THREADS}, got {threads!r}", "threads")
    if method is not None and not isinstance(method, str):
        raise InvalidInput(f"method: must be a string, got {type(method).__name__}", "method")
    if progress is not None and not callable(progress):
        raise InvalidInput(f"progress: must be a function, got {type(progress).__name__}", "progress")


def _plain(mapping: Any) -> Any:
    """Return a mapping as the dict that the core reads, anything else as it is: the core says what is wrong."""
    return dict(mapping) if isinstance(mapping, Mapping) else mapping


# --- in ---------------------------------------------------------------------------------------------------------------


def _is(frame: Any, module: str, *names: str) -> bool:
    """Whether a frame is of a library, which is not imported for the question."""
    library = sys.modules.get(module)
    return library is not None and isinstance(frame, tuple(getattr(library, name) for name in names))


def _known(frame: Any, name: str) -> Any:
    """Return a frame as one of a library that is known; anything else with Arrow columns as an Arrow table."""
    if _is(frame, "polars", "LazyFrame"):
        raise InvalidInput(f"{name}: must be a frame that is there, got a LazyFrame; collect it", name)
    if isinstance(frame, Mapping) or _is(frame, "pandas", "DataFrame") or _is(frame, "polars", "DataFrame"):
        return frame
    if _is(frame, "pyarrow", "Table", "RecordBatch"):
        return frame
    if hasattr(frame, "__arrow_c_stream__"):
        pa = _pyarrow(name)
        try:
            return pa.table(frame)
        except (pa.ArrowInvalid, TypeError, ValueError):  # a column, which exports itself as one
            pass
    raise InvalidInput(
        f"{name}: must be a pandas or polars data frame, an Arrow table, or a dict of arrays, "
        f"got {type(frame).__name__}",
        name,
    )


def _columns(frame: Any, name: str) -> dict[str, Any]:
    """Return the columns of a frame by name, each as the core reads it."""
    names = _names(frame)
    for column in names:
        if not isinstance(column, str):
            raise InvalidInput(f"{name}: must have text for names of columns, got {column!r}", name)
    if len(set(names)) < len(names):
        column = min(column for column in names if names.count(column) > 1)
        raise InvalidInput(f"{name}.{column}: must be one column, got {names.count(column)}", f"{name}.{column}")
    if _is(frame, "pyarrow", "Table", "RecordBatch"):
        return dict(zip(names, frame.columns, strict=True))
    return {column: _array(frame[column], f"{name}.{column}") for column in names}


def _names(frame: Any) -> list[Any]:
    if _is(frame, "pyarrow", "Table", "RecordBatch"):
        return list(frame.schema.names)
    return list(getattr(frame, "columns", frame))


def _pyarrow(name: str) -> Any:
    try:
        import pyarrow
    except ImportError:
        raise InvalidInput(f"{name}: must be read with pyarrow, which is not installed", name) from None
    return pyarrow


def _pandas_column(series: Any) -> Any:
    import pandas as pd

    if isinstance(series.dtype, pd.CategoricalDtype):
        return series.array.codes, _pandas_column(series.cat.categories.to_series())
    if isinstance(series.dtype, pd.DatetimeTZDtype):
        return series.dt.tz_localize(None).to_numpy()
    if hasattr(series.array, "__arrow_array__"):  # text, Arrow-backed and nullable columns
        try:
            return series.array.__arrow_array__()
        except ImportError:  # pandas without pyarrow
            pass
    array = series.to_numpy()
    if array.dtype == object:
        array = array.copy()
        array[series.isna().to_numpy()] = None
    return array


def _array(values: Any, place: str) -> Any:
    """Return a column as the core reads it: a NumPy array, codes and their meanings, or what exports Arrow data."""
    import numpy as np

    if _is(values, "pandas", "Series", "Index"):
        return _pandas_column(values.to_series() if _is(values, "pandas", "Index") else values)
    if isinstance(values, np.ma.MaskedArray):
        objects = values.data.astype(object)
        objects[np.ma.getmaskarray(values)] = None
        return objects
    if isinstance(values, np.ndarray) or hasattr(values, "__arrow_c_stream__") or hasattr(values, "__arrow_c_array__"):
        return values
    if isinstance(values, (str, bytes)) or not hasattr(values, "__iter__"):
        raise InvalidInput(f"{place}: must be an array, got {type(values).__name__}", place)
    values = list(values)
    are_numbers = all(type(value) in (int, float) for value in values)
    return np.asarray(values, dtype=None if are_numbers else object)


# --- out --------------------------------------------------------------------------------------------------------------


def _errors(evaluation: _core.FrameEvaluation) -> dict[str, Any]:
    """Return the columns ``error`` and ``where`` as arrays of text and None."""
    import numpy as np

    error = np.full(len(evaluation), None, dtype=object)
    where = np.full(len(evaluation), None, dtype=object)
    rows, messages, places = evaluation.failures()
    error[rows] = messages
    where[rows] = places
    return {"error": error, "where": where}


def _ids(accounts: Any, evaluation: _core.FrameEvaluation, *own: str) -> Any:
    """Return the ids of the accounts: as they came where that is a column of `own` library, else a list or an array."""
    import numpy as np

    if "account_id" not in _names(accounts):
        return evaluation.unknown_accounts or np.arange(len(evaluation))
    column = accounts["account_id"]
    if not evaluation.unknown_accounts and _is(column, *own):
        return column
    to_list = getattr(column, "to_pylist", None) or getattr(column, "to_list", None) or getattr(column, "tolist", None)
    return [*(to_list() if to_list else column), *evaluation.unknown_accounts]


def _pandas_text(values: list[Any]) -> Any:
    """Return text as a pandas column of the type that pandas gives text, whatever is in it."""
    import pandas as pd

    return pd.Series(values, dtype=pd.Series(["text"]).dtype)


def _frame_like(positions: Any, accounts: Any, evaluation: _core.FrameEvaluation) -> Any:
    """Return the figures as a frame of the kind of `positions`. A list of ids is text, even where it is empty."""
    if _is(positions, "polars", "DataFrame"):
        import polars as pl

        ids = _ids(accounts, evaluation, "polars", "Series")
        ids = pl.Series("account_id", ids, dtype=pl.String if isinstance(ids, list) else None)
        return pl.DataFrame(evaluation).insert_column(0, ids)
    if _is(positions, "pandas", "DataFrame"):
        import pandas as pd

        ids = _pandas_ids(accounts, evaluation)
        return pd.DataFrame({"account_id": ids, **evaluation.arrays(), **_errors(evaluation)}, copy=False)
    if isinstance(positions, Mapping):
        return {"account_id": _array_ids(accounts, evaluation), **evaluation.arrays(), **_errors(evaluation)}
    pa = _pyarrow("positions")
    table = pa.table(evaluation).add_column(0, "account_id", _arrow_ids(accounts, evaluation))
    return _record_batch(table) if _is(positions, "pyarrow", "RecordBatch") else table


def _frame_of(
    positions: Any,
    accounts: Any,
    evaluation: _core.FrameEvaluation,
    numbers: Mapping[str, Any],
    texts: Mapping[str, Any],
) -> Any:
    """Return columns of the accounts as a frame of the kind of `positions`.

    Parameters
    ----------
    numbers : mapping
        Arrays, NaN where there is nothing: null in libraries that have it.
    texts : mapping
        Arrays of text and None.
    """
    if _is(positions, "polars", "DataFrame"):
        import polars as pl

        ids = _ids(accounts, evaluation, "polars", "Series")
        return pl.DataFrame(
            [
                pl.Series("account_id", ids, dtype=pl.String if isinstance(ids, list) else None),
                *(pl.Series(name, array).fill_nan(None) for name, array in numbers.items()),
                *(pl.Series(name, list(array), dtype=pl.String) for name, array in texts.items()),
            ]
        )
    if _is(positions, "pandas", "DataFrame"):
        import pandas as pd

        ids = _pandas_ids(accounts, evaluation)
        return pd.DataFrame(
            {"account_id": ids, **numbers, **{name: _pandas_text(list(t)) for name, t in texts.items()}}
        )
    if isinstance(positions, Mapping):
        return {"account_id": _array_ids(accounts, evaluation), **numbers, **texts}
    pa = _pyarrow("positions")
    columns = {
        "account_id": _arrow_ids(accounts, evaluation),
        **{name: pa.array(array, from_pandas=True) for name, array in numbers.items()},
        **{name: pa.array(list(array), pa.string()) for name, array in texts.items()},
    }
    table = pa.table(columns)
    return _record_batch(table) if _is(positions, "pyarrow", "RecordBatch") else table


def _pandas_ids(accounts: Any, evaluation: _core.FrameEvaluation) -> Any:
    import pandas as pd

    ids = _ids(accounts, evaluation, "pandas", "Series")
    if isinstance(ids, pd.Series):
        return ids.reset_index(drop=True).copy()
    return _pandas_text(ids) if isinstance(ids, list) else pd.array(ids)


def _array_ids(accounts: Any, evaluation: _core.FrameEvaluation) -> Any:
    import numpy as np

    ids = _ids(accounts, evaluation, "numpy", "ndarray")
    return np.array(ids, dtype=None if len(ids) else object)


def _arrow_ids(accounts: Any, evaluation: _core.FrameEvaluation) -> Any:
    pa = _pyarrow("positions")
    ids = _ids(accounts, evaluation, "pyarrow", "Array", "ChunkedArray")
    if isinstance(ids, (pa.Array, pa.ChunkedArray)):
        return ids
    return pa.array(ids, pa.string() if isinstance(ids, list) else None)


def _record_batch(table: Any) -> Any:
    columns = [column.combine_chunks() for column in table.columns]
    return _pyarrow("positions").RecordBatch.from_arrays(columns, names=table.schema.names)
