# SPDX-License-Identifier: Apache-2.0
"""What the functions for SQL compute: a table of rows without nulls in, an Arrow array out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import margincore as mc
from margincore.errors import InvalidInput, MarginError

if TYPE_CHECKING:
    from margincore._pricing import Style

_OPTION = ("right", "spot", "strike", "time", "rate", "dividend_yield")
_GREEKS = ("delta", "gamma", "vega", "theta", "rho")


@dataclass(frozen=True)
class Function:
    """One function for SQL.

    Attributes
    ----------
    name : str
        Without its prefix.
    arguments : tuple of str
        In their order.
    returns : str
        Its type in Spark.
    compute : callable
        Takes an Arrow table of the arguments, returns an Arrow array of that length.
    """

    name: str
    arguments: tuple[str, ...]
    returns: str
    compute: Callable[[Any], Any]

    def arrow_type(self) -> Any:
        """Return the type of what it returns."""
        import pyarrow as pa

        return pa.float64() if self.returns == "double" else pa.struct([(name, pa.float64()) for name in _GREEKS])


def _numbers(rows: Any, name: str) -> Any:
    import pyarrow as pa

    column = rows.column(name)
    kind = column.type
    if not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)):
        raise InvalidInput(f"{name}: must be a number, got {kind}", name)
    return column.cast(pa.float64()).to_numpy()


def _rights(rows: Any) -> Any:
    import pyarrow as pa

    column = rows.column("right")
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return column.to_numpy()
    return _numbers(rows, "right")


def _option(rows: Any, *more: str) -> dict[str, Any]:
    return {"right": _rights(rows)} | {name: _numbers(rows, name) for name in (*_OPTION[1:], *more)}


def _european_price(rows: Any) -> Any:
    import pyarrow as pa

    return pa.array(mc.price_european(**_option(rows, "volatility")))


def _american_price(rows: Any) -> Any:
    import pyarrow as pa

    return pa.array(mc.price_american(**_option(rows, "volatility")))


def _greeks(style: Style, rows: Any) -> Any:
    import pyarrow as pa

    found = mc.greeks(**_option(rows, "volatility"), style=style)
    return pa.StructArray.from_arrays([pa.array(getattr(found, name)) for name in _GREEKS], names=list(_GREEKS))


def _implied_volatility(style: Style, rows: Any) -> Any:
    import pyarrow as pa

    return pa.array(mc.implied_volatility(price=_numbers(rows, "price"), **_option(rows), style=style))


def _one_each(rows: Any, terms: dict[str, Any], market: dict[str, Any], figure: str, *, stress: bool) -> Any:
    """Return a figure of accounts that hold one position each: as many accounts and instruments as rows."""
    import numpy as np
    import pyarrow as pa

    number = np.arange(len(rows))
    figures = mc.evaluate_frame(
        {"account_id": number, "symbol": number, "quantity": _numbers(rows, "quantity")},
        {"symbol": number.astype(str), "price": _numbers(rows, "price"), **terms},
        {"cash": np.zeros(len(rows))},
        market,
        stress=stress,
    )
    for row in np.flatnonzero([error is not None for error in figures["error"]])[:1]:
        where, error = str(figures["where"][row]), str(figures["error"][row])
        column = where.rpartition(".")[2]
        message = error.removeprefix(where) if error.startswith(where) else f": {error}"
        raise InvalidInput(f"{column}[{row}]{message}", f"{column}[{row}]")
    return pa.array(figures[figure])


def _stock_maintenance(rows: Any) -> Any:
    import numpy as np
    import pyarrow as pa

    dates = rows.column("valuation_date")
    if not (pa.types.is_date(dates.type) or pa.types.is_string(dates.type)):
        raise InvalidInput(f"valuation_date: must be a date, got {dates.type}", "valuation_date")
    codes = dates.combine_chunks().dictionary_encode()
    found = np.empty(len(rows))
    for code, date in enumerate(codes.dictionary.to_pylist()):  # few: most queries are of one day
        chosen = np.flatnonzero(codes.indices.to_numpy() == code)
        part = rows.take(chosen)
        terms = {"kind": part.column("kind")}
        try:
            found[chosen] = _one_each(part, terms, {"valuation_date": str(date)}, "maintenance", stress=False)
        except MarginError as error:
            raise _of_row(error, chosen) from None
    return pa.array(found)


def _of_row(error: MarginError, chosen: Any) -> MarginError:
    """Return an error of a row among those chosen as one of all rows."""
    name, _, rest = error.where.partition("[")
    digits = rest.partition("]")[0]
    if not digits:  # the date
        where = f"valuation_date[{chosen[0]}]"
        return type(error)(str(error).replace(error.where, where, 1), where)
    where = f"{name}[{chosen[int(digits)]}]"
    return type(error)(str(error).replace(error.where, where, 1), where)


# Beta-weighted value is the same on any date; this is the first of the rulebook.
_ANY_DATE = "2026-06-04"


def _beta_weighted_value(rows: Any) -> Any:
    import numpy as np

    terms = {"kind": np.full(len(rows), "equity"), "beta": _numbers(rows, "beta")}
    return _one_each(rows, terms, {"valuation_date": _ANY_DATE}, "beta_weighted_exposure", stress=True)


FUNCTIONS = (
    Function("european_price", (*_OPTION, "volatility"), "double", _european_price),
    Function("american_price", (*_OPTION, "volatility"), "double", _american_price),
    Function(
        "european_greeks",
        (*_OPTION, "volatility"),
        "struct<" + ", ".join(f"{name}: double" for name in _GREEKS) + ">",
        partial(_greeks, "european"),
    ),
    Function(
        "american_greeks",
        (*_OPTION, "volatility"),
        "struct<" + ", ".join(f"{name}: double" for name in _GREEKS) + ">",
        partial(_greeks, "american"),
    ),
    Function("implied_volatility", ("price", *_OPTION), "double", partial(_implied_volatility, "european")),
    Function("american_implied_volatility", ("price", *_OPTION), "double", partial(_implied_volatility, "american")),
    Function("stock_maintenance", ("kind", "quantity", "price", "valuation_date"), "double", _stock_maintenance),
    Function("beta_weighted_value", ("quantity", "price", "beta"), "double", _beta_weighted_value),
)
