# SPDX-License-Identifier: Apache-2.0
"""The arguments of pricing, broadcast: columns of doubles as they lie, and one number where one stands for all."""

from __future__ import annotations

from itertools import repeat
from typing import TYPE_CHECKING, Any

from margincore.errors import InvalidInput

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[np.float64]
    Column = float | Array

_SIGNS = {"call": 1.0, "put": -1.0, 1: 1.0, -1: -1.0}
_RIGHTS = "must be 'call' or 'put', or 1 or -1"


def option_arguments(right: ArrayLike, **numbers: ArrayLike) -> tuple[list[Column], tuple[int, ...]]:
    """Return the columns that the native functions take, `right` first, and the shape that they are broadcast to.

    Each column is a float or an array of shape (n_rows), where the rows are the elements of that shape in C order.
    """
    rights = _array("right", right)
    arrays = {name: _numbers(name, value) for name, value in numbers.items()}
    shape = _broadcast_shape({"right": rights, **arrays})
    columns = [_rows(_signs(rights, shape), shape)]
    columns += [_rows(array, shape) for array in arrays.values()]
    return columns, shape


def _array(name: str, value: ArrayLike) -> NDArray[Any]:
    import numpy as np

    if isinstance(value, np.ma.MaskedArray):  # of which NumPy would take what lies below the mask
        value = value.astype(object).filled(None)
    try:
        return np.asarray(value)
    except (TypeError, ValueError) as error:  # rows of different lengths
        raise InvalidInput(f"{name}: must be an array or broadcast to one, got {error}", name) from None


def _numbers(name: str, value: ArrayLike) -> Array:
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


def _signs(rights: NDArray[Any], shape: tuple[int, ...]) -> Array:
    """Return +1 for calls and -1 for puts; numbers as they are, which the native functions check."""
    import numpy as np

    if rights.dtype.kind in "fiu":
        return rights.astype(np.float64, copy=False)
    if rights.dtype.kind in "UT":
        signs = np.where(rights == "call", 1.0, np.where(rights == "put", -1.0, np.nan))
    elif rights.dtype.kind == "O":
        try:
            found = map(_SIGNS.get, rights.ravel().tolist(), repeat(np.nan))
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


def _broadcast_shape(arrays: dict[str, NDArray[Any]]) -> tuple[int, ...]:
    import numpy as np

    shape: tuple[int, ...] = ()
    for name, array in arrays.items():
        if array.shape != shape and array.ndim:
            try:
                shape = np.broadcast_shapes(shape, array.shape)
            except ValueError:
                message = f"{name}: must have a shape that broadcasts with {shape}, got {array.shape}"
                raise InvalidInput(message, name) from None
    return shape


def _rows(array: Array, shape: tuple[int, ...]) -> Column:
    import numpy as np

    if array.shape == shape and array.ndim:
        return np.require(array, requirements=["C", "A"]).reshape(-1)
    if array.size == 1:
        return float(array.item())
    return np.broadcast_to(array, shape).reshape(-1)
