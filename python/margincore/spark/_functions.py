# SPDX-License-Identifier: Apache-2.0
"""Functions of margincore for Spark SQL: Arrow columns in, one call into the core a batch, an Arrow column out."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from margincore.errors import InvalidInput, MarginError
from margincore.spark._columns import FUNCTIONS, Function

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def register(spark: SparkSession) -> list[str]:
    """Register the functions of margincore for SQL in a session, and return their names.

    Each is vectorised: a batch of rows is one call into the native core. A row with a null argument is null. A row that
    cannot be computed fails the query with what is wrong in it; the function of the same name with ``margincore_try_``
    for ``margincore_`` gives null there.

    ==========================================  =======================================================================
    function                                    arguments
    ==========================================  =======================================================================
    ``margincore_european_price``               right, spot, strike, time, rate, dividend_yield, volatility
    ``margincore_american_price``               the same
    ``margincore_european_greeks``              the same; a struct of delta, gamma, vega, theta, rho
    ``margincore_american_greeks``              the same
    ``margincore_implied_volatility``           price, right, spot, strike, time, rate, dividend_yield
    ``margincore_american_implied_volatility``  the same
    ``margincore_stock_maintenance``            kind, quantity, price, valuation_date
    ``margincore_beta_weighted_value``          quantity, price, beta
    ==========================================  =======================================================================

    Units are those of `margincore.price_european`; ``right`` is ``'call'`` or ``'put'``, or 1 or -1; ``kind`` that of
    an instrument without terms of its own, as ``'equity'``; ``valuation_date`` a date; figures are USD. Numbers may be
    of any type, decimals included.

    Parameters
    ----------
    spark : pyspark.sql.SparkSession
        Whose SQL shall know them.

    Returns
    -------
    list of str
        The names, sorted.

    Source
    ------
    As `margincore.price_european`, `margincore.price_american`, `margincore.greeks`, `margincore.implied_volatility`
    and `margincore.evaluate_frame`.
    """
    from pyspark.sql.functions import arrow_udf

    names = []
    for function in FUNCTIONS:
        for prefix, is_try in (("margincore_", False), ("margincore_try_", True)):
            name = prefix + function.name
            spark.udf.register(name, arrow_udf(_vectorised(name, function, is_try=is_try), function.returns))
            names.append(name)
    return sorted(names)


def _vectorised(name: str, function: Function, *, is_try: bool) -> Callable[..., Any]:
    """Return a function of Arrow columns, which knows of its rows only those without nulls."""

    def batch(*columns: Any) -> Any:
        import numpy as np
        import pyarrow as pa

        if len(columns) != len(function.arguments):
            arguments = ", ".join(function.arguments)
            raise InvalidInput(f"{name}: must have the arguments {arguments}, got {len(columns)}", name)
        if any(pa.types.is_null(column.type) for column in columns):
            return pa.nulls(len(columns[0]), function.arrow_type())
        table = pa.table(list(columns), names=list(function.arguments))
        is_given = np.logical_and.reduce([column.is_valid().to_numpy() for column in table.columns])
        given = table.filter(pa.array(is_given))
        rows = np.full(len(table), -1, dtype=np.int64)
        found, is_bad = _computed(name, function, given, is_try=is_try)
        rows[is_given] = np.where(is_bad, -1, np.arange(len(given)))
        return found.take(pa.array(rows, mask=rows < 0))

    from pyarrow import Array  # the types by which Spark knows what kind of function this is

    batch.__annotations__ = {"columns": Array, "return": Array}
    batch.__name__ = name
    return batch


def _computed(name: str, function: Function, rows: Any, *, is_try: bool) -> tuple[Any, Any]:
    """Return a result for each row and whether there is none. Rows that fail are found by halving."""
    import numpy as np
    import pyarrow as pa

    try:
        return function.compute(rows), np.zeros(len(rows), dtype=bool)
    except MarginError as error:
        row = _row(error)
        if row is None:  # not of a row: of the function's use
            raise type(error)(f"{name}: {error}", error.where) from None
        if not is_try:
            raise _error_of_row(name, rows, row, error) from None
        if len(rows) == 1:
            return pa.nulls(1, function.arrow_type()), np.ones(1, dtype=bool)
    half = len(rows) // 2
    parts = [_computed(name, function, part, is_try=True) for part in (rows.slice(0, half), rows.slice(half))]
    return pa.concat_arrays([found for found, _ in parts]), np.concatenate([is_bad for _, is_bad in parts])


def _row(error: MarginError) -> int | None:
    """Return the row that an error is of: ``strike[3]`` or ``instruments[3].price``."""
    digits = error.where.partition("[")[2].partition("]")[0]
    return int(digits) if digits.isdigit() else None


def _error_of_row(name: str, rows: Any, row: int, error: MarginError) -> MarginError:
    """Return an error with the arguments of its row: the number of a row in a batch says nothing to a user."""
    [arguments] = rows.slice(row, 1).to_pylist()
    called = ", ".join(f"{argument}={value!r}" for argument, value in arguments.items())
    where = error.where.replace(f"[{row}]", "")
    return type(error)(f"{name}({called}): {str(error).replace(f'[{row}]', '', 1)}", where)
