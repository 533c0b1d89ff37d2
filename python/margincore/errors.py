# SPDX-License-Identifier: Apache-2.0
"""The errors and warnings of margincore. Errors say where in the caller's data: ``account.positions[3].quantity``."""

from __future__ import annotations


class MarginError(Exception):
    """What went wrong, as ``<where>: <what must hold>, got <value>``.

    Attributes
    ----------
    where : str
        The path into the caller's document; empty where there is none.
    """

    where: str

    def __init__(self, message: str, where: str = "") -> None:
        super().__init__(message, where)
        self.where = where

    def __str__(self) -> str:
        return str(self.args[0])


class InvalidInput(MarginError, ValueError):  # noqa: N818
    """The data is there and breaks a rule."""


class MissingData(MarginError, LookupError):  # noqa: N818
    """The data that a computation needs is not there."""


class Unsupported(MarginError, NotImplementedError):  # noqa: N818
    """The data is right and asks for something that this version does not compute."""


class NumericalFailure(MarginError, ArithmeticError):  # noqa: N818
    """The figures cannot be carried in double arithmetic."""


class FlooredDividends(UserWarning):
    """A cash dividend is at least what is left of the spot by its ex-date, and is floored at that.

    Warned of once a call of `price_european`, `price_american`, `greeks` and `implied_volatility`; `reprice` has the
    rows in `Repriced.floored_dividends`.

    Attributes
    ----------
    rows : list of int
        The elements of the result that it bears on, counted in C order.
    """

    rows: list[int]

    def __init__(self, message: str, rows: list[int]) -> None:
        super().__init__(message, rows)
        self.rows = rows

    def __str__(self) -> str:
        return str(self.args[0])
