# SPDX-License-Identifier: Apache-2.0
"""The arguments of pricing, broadcast: columns of doubles as they lie, and one number where one stands for all."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import repeat
from numbers import Real
from typing import TYPE_CHECKING, Any

from margincore.errors import InvalidInput

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[np.float64]
    Column = float | Array

_SIGNS: dict[object, float] = {"call": 1.0, "put": -1.0, 1: 1.0, -1: -1.0}
_RIGHTS = "must be 'call' or 'put', or 1 or -1"


def option_arguments(right: ArrayLike, **numbers: ArrayLike) -> tuple[list[Column], tuple[int, ...]]:
    """Return the columns that the native functions take, `right` first, and the shape that they are broadcast to.

    Each column is a float or an array of shape (n_rows), where the rows are the elements of that shape in C order.
    """
    rights = _rights(right)
    columns = {name: _numbers(name, value) for name, value in numbers.items()}
    shape = _broadcast_shape({"right": rights, **columns})
    sign = rights if isinstance(rights, float) else _signs(rights, shape)
    return [_rows(column, shape) for column in (sign, *columns.values())], shape


def require_choice(name: str, value: object, choices: Iterable[str]) -> None:
    """Refuse what is not one of the names that an argument takes."""
    names = tuple(choices)
    if not isinstance(value, str) or value not in names:
        raise InvalidInput(f"{name}: must be one of {', '.join(names)}, got {value!r}", name)


def require_settings(style: object, dividend_model: object, accuracy: object) -> None:
    """Refuse names of settings that there are not, whether or not the options make use of them."""
    require_choice("style", style, ("american", "european"))
    require_choice("dividend_model", dividend_model, ("spot", "escrowed"))
    require_choice("accuracy", accuracy, ("fast", "accurate"))


def dividend_pairs(dividends: object, where: str = "dividends") -> list[tuple[float, float]]:
    """Return cash dividends as the native functions take them: pairs of a time and an amount."""
    if isinstance(dividends, (str, bytes)) or not isinstance(dividends, Iterable):
        raise InvalidInput(f"{where}: must be pairs of a time and an amount, got {dividends!r}", where)
    pairs: list[tuple[float, float]] = []
    for i, pair in enumerate(dividends):
        place = f"{where}[{i}]"
        numbers = list(pair) if isinstance(pair, Iterable) and not isinstance(pair, (str, bytes)) else []
        if len(numbers) != 2:
            raise InvalidInput(f"{place}: must be a pair of a time and an amount, got {pair!r}", place)
        pairs.append((_number(numbers[0], f"{place}.time"), _number(numbers[1], f"{place}.amount")))
    return pairs


def _number(value: Any, where: str) -> float:
    """Return a real number, of Python or NumPy, as a double."""
    if not isinstance(value, bool) and isinstance(value, Real):  # NumPy's booleans are no Real
        try:
            return float(value)
        except OverflowError:
            pass
    raise InvalidInput(f"{where}: must be a number, got {value!r}", where)


def _array(name: str, value: Any) -> NDArray[Any]:
    import numpy as np

    if isinstance(value, np.ma.MaskedArray):  # of which NumPy would take what lies below the mask
        mask, value = np.ma.getmaskarray(value), np.array(value.data, dtype=object)
        value[mask] = None
    try:
        return np.asarray(value)
    except (TypeError, ValueError) as error:  # rows of different lengths
        raise InvalidInput(f"{name}: must be an array or broadcast to one, got {error}", name) from None


def _numbers(name: str, value: Any) -> Column:
    if isinstance(value, float):
        return value
    import numpy as np

    array = _array(name, value)
    if array.dtype == np.float64:
        return array
    if array.dtype.kind not in "fiuO":
        raise InvalidInput(f"{name}: must be numbers, got {array.dtype}", name)
    try:
        if array.dtype.kind == "O" and any(isinstance(item, (str, bytes)) for item in array.flat):
            raise TypeError("text")  # which NumPy would read
        return array.astype(np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise InvalidInput(f"{name}: must be numbers, got {error}", name) from None


def _rights(value: ArrayLike) -> float | NDArray[Any]:
    """Return +1 or -1 for the name of one right, anything else as an array."""
    sign = _SIGNS.get(value) if isinstance(value, str) else None
    return _array("right", value) if sign is None else sign


def _signs(rights: NDArray[Any], shape: tuple[int, ...]) -> Array:
    """Return +1 for calls and -1 for puts; numbers as they are, which the native functions check."""
    import numpy as np

    if rights.dtype.kind in "fiu":
        return rights.astype(np.float64, copy=False)
    if rights.dtype.kind in "UT":
        signs = np.where(rights == "call", 1.0, np.where(rights == "put", -1.0, np.nan))
    elif rights.dtype.kind == "O":
        try:
            found = map(_SIGNS.get, rights.flat, repeat(np.nan))
            signs = np.fromiter(found, np.float64, rights.size).reshape(rights.shape)
        except TypeError as error:  # what has no hash
            raise InvalidInput(f"right: {_RIGHTS}, got {error}", "right") from None
    else:
        raise InvalidInput(f"right: {_RIGHTS}, got {rights.dtype}", "right")
    wrong = np.isnan(signs)
    if wrong.any():
        row = int(np.broadcast_to(wrong, shape).argmax())
        where = f"right[{row}]" if rights.ndim else "right"
        got = np.broadcast_to(rights.astype(object), shape).flat[row]
        raise InvalidInput(f"{where}: {_RIGHTS}, got {got!r}", where)
    return signs


def _broadcast_shape(columns: dict[str, float | NDArray[Any]]) -> tuple[int, ...]:
    shape: tuple[int, ...] = ()
    for name, column in columns.items():
        if isinstance(column, float) or column.shape == shape:
            continue
        import numpy as np

        try:
            shape = np.broadcast_shapes(shape, column.shape)
        except ValueError:
            message = f"{name}: must have a shape that broadcasts with {shape}, got {column.shape}"
            raise InvalidInput(message, name) from None
    return shape


def _rows(column: Column, shape: tuple[int, ...]) -> Column:
    """Return an array as the native functions take it: as it lies where it can be, else copied."""
    if isinstance(column, float):
        return column
    import numpy as np

    if column.shape == shape and shape:
        return np.require(column, requirements=["C", "A"]).reshape(-1)
    if column.size == 1:
        return float(column.item())
    return np.broadcast_to(column, shape).reshape(-1)
