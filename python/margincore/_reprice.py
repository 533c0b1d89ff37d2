# SPDX-License-Identifier: Apache-2.0
"""Option series of many underlyings, repriced at several moves of their spots."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from numbers import Real
from typing import TYPE_CHECKING, Any, Literal, overload

from margincore._frames import _require_options
from margincore._option_arguments import dividend_pairs, option_arguments, require_choice, require_settings
from margincore._pricing import Accuracy, DividendModel
from margincore.errors import InvalidInput, MissingData

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[np.float64]

VolatilityMode = Literal["sticky_strike", "sticky_moneyness"]

_NUMBERS = ("spot", "strike", "time", "rate", "dividend_yield")
_ABSENT = {"rate": None, "dividend_yield": 0.0}
_KNOWN = {"right", *_NUMBERS, "price", "implied_volatility", "underlying", "style", "dividends"}


@dataclass(frozen=True, eq=False)
class Repriced:
    """What series gain, and what was held.

    Attributes
    ----------
    gains : ndarray
        USD per unit, gain of who is long positive. Shape (n_series, n_moves).
    volatilities : ndarray
        Held, annualised, fractions. Shape (n_series).
    prices : ndarray
        By the model, at the spot, USD per unit. Shape (n_series).
    floored_dividends : list of int
        Rows with a dividend that takes all that is left of the spot, unmoved or after any of the moves.
    """

    gains: Array
    volatilities: Array
    prices: Array
    floored_dividends: list[int]


@overload
def reprice(
    series: Mapping[str, ArrayLike],
    moves: ArrayLike,
    *,
    volatility_mode: VolatilityMode = "sticky_strike",
    dividend_model: DividendModel = "spot",
    accuracy: Accuracy = "fast",
    threads: int = 1,
    progress: Callable[[int, int], None] | None = None,
    details: Literal[False] = False,
) -> Array: ...
@overload
def reprice(
    series: Mapping[str, ArrayLike],
    moves: ArrayLike,
    *,
    volatility_mode: VolatilityMode = "sticky_strike",
    dividend_model: DividendModel = "spot",
    accuracy: Accuracy = "fast",
    threads: int = 1,
    progress: Callable[[int, int], None] | None = None,
    details: Literal[True],
) -> Repriced: ...
def reprice(
    series: Mapping[str, ArrayLike],
    moves: ArrayLike,
    *,
    volatility_mode: VolatilityMode = "sticky_strike",
    dividend_model: DividendModel = "spot",
    accuracy: Accuracy = "fast",
    threads: int = 1,
    progress: Callable[[int, int], None] | None = None,
    details: bool = False,
) -> Array | Repriced:
    """Return what option series gain when their underlyings move and nothing else does.

    Each series is calibrated to its own mark first, and the volatility is held: the gain is the model's price at the
    moved spot less that at the spot. A mark at or below what the option is worth without volatility takes 1 %.

    Parameters
    ----------
    series : mapping of str to array_like
        Columns of one length, a row a series; a pandas or polars data frame serves. ``right``, ``spot``, ``strike``,
        ``time`` and ``rate``, as for `price_american`; ``dividend_yield``, 0 where absent; ``price``, USD per unit, or
        ``implied_volatility``, which is held where it is a number; ``style``, ``"american"`` (where absent) or
        ``"european"``; ``dividends``, of each row None or pairs of a time and an amount; ``underlying``, any label,
        which with ``time`` makes a smile; it may be left out of sticky moneyness where all have one spot.
    moves : array_like
        Of every spot, fractions, > -1. Shape (n_moves).
    volatility_mode : {"sticky_strike", "sticky_moneyness"}
        Whether a series keeps its volatility or moves along the smile of its underlying and expiry.
    dividend_model : {"spot", "escrowed"}
        See `price_american`.
    accuracy : {"fast", "accurate"}
        See `price_american`.
    threads : int
        0 for as many as the machine has. The result is the same.
    progress : callable, optional
        Called with the series done and all of them, each counted twice: calibrated, then repriced.
    details : bool
        Whether to return a `Repriced` with the volatilities held.

    Returns
    -------
    ndarray or Repriced
        USD per unit of the underlying, gain of who is long positive. Shape (n_series, n_moves).

    Raises
    ------
    InvalidInput
        Where a column is unknown or of another length, or a number is not one that a series can have: ``strike[3]``.
    MissingData
        Where a column is missing, or a series has neither a price nor a volatility; at ``underlying`` where
        volatilities follow smiles of series with several spots and nothing tells their underlyings apart.
    Unsupported
        Where exercise is best between two boundaries.
    NumericalFailure
        Where a price is not below what the option is worth at any volatility up to 100, the greatest that is taken.

    Source
    ------
    As `price_european` and `price_american`.
    """
    import numpy as np

    from margincore import _pricing_native as native

    _require_options(threads, None, progress, stress=False)
    require_settings("american", dividend_model, accuracy)  # the styles are a column
    require_choice("volatility_mode", volatility_mode, ("sticky_strike", "sticky_moneyness"))
    names = series.keys() if hasattr(series, "keys") else getattr(series, "columns", None)  # polars has no keys
    if names is None:
        raise InvalidInput(f"series: must be a mapping or a frame of columns, got {type(series).__name__}", "series")
    columns = {str(name): series[name] for name in names}
    for name in columns:
        if name not in _KNOWN:
            raise InvalidInput(f"series.{name}: is not a column of series", f"series.{name}")
    numbers = {}
    for name in _NUMBERS:
        value = columns.get(name, _ABSENT.get(name))
        if value is None:
            raise MissingData(f"series.{name}: must be given, got nothing", f"series.{name}")
        numbers[name] = value
    if "right" not in columns:
        raise MissingData("series.right: must be given, got nothing", "series.right")
    for name in ("price", "implied_volatility"):
        numbers[name] = columns.get(name, np.nan)
    native_columns, shape = option_arguments(columns["right"], **numbers)
    if len(shape) > 1:
        raise InvalidInput(f"series: must be columns of one dimension, got shape {shape}", "series")
    rows = shape[0] if shape else 1
    schedule, schedules = _schedules(columns.get("dividends"), rows)
    try:
        gains, volatilities, prices, floored = native.reprice(
            *native_columns,
            is_european=_european(columns.get("style"), rows),
            underlying=_labels(columns.get("underlying"), rows),
            schedule=schedule,
            schedules=schedules,
            moves=_moves(moves),
            volatility_mode=volatility_mode,
            dividend_model=dividend_model,
            accuracy=accuracy,
            threads=threads,
            progress=progress,
        )
    except InvalidInput as error:
        raise _of_row(error, schedule) from None
    return Repriced(gains, volatilities, prices, floored) if details else gains


def _moves(moves: Any) -> list[float]:
    """Return moves as numbers; one alone is a list of one."""
    import numpy as np

    try:
        array = np.atleast_1d(np.asarray(moves, dtype=None if isinstance(moves, np.ndarray) else object))
    except ValueError:
        array = np.empty((0, 0))
    if array.ndim != 1:
        raise InvalidInput("moves: must be a list of numbers, got more than one dimension", "moves")
    for i, move in enumerate(array):
        if isinstance(move, (bool, np.bool_)) or not isinstance(move, (Real, np.number)):
            raise InvalidInput(f"moves[{i}]: must be a number, got {move!r}", f"moves[{i}]")
    return [float(move) for move in array]


def _of_row(error: InvalidInput, schedule: Any) -> InvalidInput:
    """Return an error with the row of the series that has a list of dividends first, in place of the list's number."""
    found = re.match(r"dividends\[(\d+)\]", error.where)
    if found is None or schedule is None:
        return error
    row = int((schedule == int(found[1])).argmax())
    where = f"dividends[{row}]{error.where[found.end() :]}"
    return InvalidInput(f"{where}{str(error)[len(error.where) :]}", where)


def _of_rows(name: str, value: Any, rows: int) -> NDArray[Any]:
    import numpy as np

    if name == "dividends" and not hasattr(value, "__len__"):
        raise InvalidInput(f"series.{name}: must be a list, got {value!r}", f"series.{name}")
    array = np.empty(len(value), dtype=object) if name == "dividends" else np.asarray(value)
    if name == "dividends":
        array[:] = list(value)
    if array.ndim == 0:
        array = np.broadcast_to(array, (rows,))
    if array.shape != (rows,):
        raise InvalidInput(
            f"series.{name}: must have the {rows} rows of the series, got {len(array)}", f"series.{name}"
        )
    return array


def _european(style: Any, rows: int) -> NDArray[np.uint8] | None:
    if style is None:
        return None
    import numpy as np

    styles = _of_rows("style", style, rows).astype(object)
    european = np.asarray(styles == "european", dtype=bool)
    wrong = ~(european | (styles == "american"))
    if wrong.any():
        row = int(wrong.argmax())
        place = f"style[{row}]"
        raise InvalidInput(f"{place}: must be one of american, european, got {styles[row]!r}", place)
    return european.astype(np.uint8)


def _labels(underlying: Any, rows: int) -> NDArray[np.int64] | None:
    if underlying is None:
        return None
    import numpy as np

    labels = _of_rows("underlying", underlying, rows)
    if labels.dtype != object:
        return np.unique(labels, return_inverse=True)[1].astype(np.int64)
    numbers: dict[Any, int] = {}
    found = np.empty(rows, dtype=np.int64)
    for row, label in enumerate(labels):
        if label is None or label != label:  # NaN is no label
            raise MissingData(f"underlying[{row}]: must be given, got nothing", f"underlying[{row}]")
        found[row] = numbers.setdefault(label, len(numbers))
    return found


def _schedules(dividends: Any, rows: int) -> tuple[NDArray[np.int64] | None, list[list[tuple[float, float]]]]:
    """Return the row of each series among the distinct lists of dividends, -1 for none, and the lists."""
    if dividends is None:
        return None, []
    import numpy as np

    lists: dict[tuple[tuple[float, float], ...], int] = {}
    schedule = np.full(rows, -1, dtype=np.int64)
    for row, cell in enumerate(_of_rows("dividends", dividends, rows)):
        if cell is None or (isinstance(cell, float) and np.isnan(cell)):
            continue
        pairs = tuple(dividend_pairs(cell, f"dividends[{row}]"))
        if pairs:
            schedule[row] = lists.setdefault(pairs, len(lists))
    return schedule, [list(pairs) for pairs in lists]
