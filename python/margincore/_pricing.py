# SPDX-License-Identifier: Apache-2.0
"""Prices of options and implied volatilities, over columns."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal, overload

from margincore._option_arguments import dividend_pairs, option_arguments, require_settings
from margincore.errors import FlooredDividends

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[np.float64]
    Column = float | Array
    Right = Literal["call", "put", 1, -1]

Style = Literal["american", "european"]
Accuracy = Literal["fast", "accurate"]
DividendModel = Literal["spot", "escrowed"]
Dividends = Iterable[tuple[float, float]]


@overload
def price_european(
    right: Right,
    spot: float,
    strike: float,
    time: float,
    rate: float,
    dividend_yield: float,
    volatility: float,
    dividends: Dividends | None = None,
    dividend_model: DividendModel = "spot",
    accuracy: Accuracy = "accurate",
) -> float: ...
@overload
def price_european(
    right: ArrayLike,
    spot: ArrayLike,
    strike: ArrayLike,
    time: ArrayLike,
    rate: ArrayLike,
    dividend_yield: ArrayLike,
    volatility: ArrayLike,
    dividends: Dividends | None = None,
    dividend_model: DividendModel = "spot",
    accuracy: Accuracy = "accurate",
) -> Array: ...
def price_european(
    right: ArrayLike,
    spot: ArrayLike,
    strike: ArrayLike,
    time: ArrayLike,
    rate: ArrayLike,
    dividend_yield: ArrayLike,
    volatility: ArrayLike,
    dividends: Dividends | None = None,
    dividend_model: DividendModel = "spot",
    accuracy: Accuracy = "accurate",
) -> float | Array:
    """Return the prices of European options, on a continuous yield or on cash dividends.

    Arguments broadcast as NumPy's do. Columns of doubles in one piece are read where they lie.

    Parameters
    ----------
    right : array_like
        ``"call"`` or ``"put"``, or +1 or -1.
    spot : array_like
        Price of the underlying, USD per unit, >= 0.
    strike : array_like
        USD per unit of the underlying, > 0.
    time : array_like
        To expiry, ACT/365F years, >= 0.
    rate : array_like
        Continuously compounded, ACT/365F, a fraction.
    dividend_yield : array_like
        Continuous, ACT/365F, a fraction.
    volatility : array_like
        Annualised, a fraction, >= 0.
    dividends : iterable of (time, amount), optional
        Cash dividends of the underlying, in the order of time: years to the ex-date and USD per unit. Those at 0 or
        before have left the spot, those after expiry do not matter. `dividend_yield` comes on top of them.
    dividend_model : {"spot", "escrowed"}
        How the spot moves around its dividends: ``"spot"`` falls by them, ``"escrowed"`` is lognormal without their
        present value. They differ by more than any numerical error.
    accuracy : {"accurate", "fast"}
        Of cash dividends, which are on a grid: greatest errors at a spot of $100 about 0.003 and 0.01.

    Returns
    -------
    float or ndarray
        USD per unit of the underlying, >= 0, without cash dividends within 1e-14 of the greater of spot and strike;
        without time or volatility the discounted intrinsic value of the forward. The shape that the arguments broadcast
        to; a float for numbers.

    Raises
    ------
    InvalidInput
        Where an argument is not what an option can have, or shapes do not broadcast; `.where` names the argument and
        the element of the result, counted in C order: ``strike[3]``, or ``strike`` where one number stands for all.
    Unsupported
        With cash dividends, where the volatility is above 5 by the root of time.

    Warns
    -----
    FlooredDividends
        Where a dividend is at least what is left of the spot by its ex-date: it is floored at that.

    Source
    ------
    Black and Scholes (1973), Merton (1973); with cash dividends their equation on a grid.
    """
    from margincore import _pricing_native as native

    require_settings("european", dividend_model, accuracy)
    pairs = None if dividends is None else dividend_pairs(dividends)
    columns, shape = option_arguments(
        right,
        spot=spot,
        strike=strike,
        time=time,
        rate=rate,
        dividend_yield=dividend_yield,
        volatility=volatility,
    )
    if pairs is None:
        return shaped(native.price_european(*columns), shape)
    prices = native.price_with_dividends(
        *columns,
        dividends=pairs,
        style="european",
        dividend_model=dividend_model,
        accuracy=accuracy,
    )
    warn_of_floored(columns[1:], pairs)
    return shaped(prices, shape)


@overload
def price_american(
    right: Right,
    spot: float,
    strike: float,
    time: float,
    rate: float,
    dividend_yield: float,
    volatility: float,
    dividends: Dividends | None = None,
    dividend_model: DividendModel = "spot",
    accuracy: Accuracy = "fast",
) -> float: ...
@overload
def price_american(
    right: ArrayLike,
    spot: ArrayLike,
    strike: ArrayLike,
    time: ArrayLike,
    rate: ArrayLike,
    dividend_yield: ArrayLike,
    volatility: ArrayLike,
    dividends: Dividends | None = None,
    dividend_model: DividendModel = "spot",
    accuracy: Accuracy = "fast",
) -> Array: ...
def price_american(
    right: ArrayLike,
    spot: ArrayLike,
    strike: ArrayLike,
    time: ArrayLike,
    rate: ArrayLike,
    dividend_yield: ArrayLike,
    volatility: ArrayLike,
    dividends: Dividends | None = None,
    dividend_model: DividendModel = "spot",
    accuracy: Accuracy = "fast",
) -> float | Array:
    """Return the prices of American options, on a continuous yield or on cash dividends.

    Arguments broadcast as NumPy's do. Columns of doubles in one piece are read where they lie.

    Parameters
    ----------
    right : array_like
        ``"call"`` or ``"put"``, or +1 or -1.
    spot : array_like
        Price of the underlying, USD per unit, >= 0.
    strike : array_like
        USD per unit of the underlying, > 0.
    time : array_like
        To expiry, ACT/365F years, >= 0.
    rate : array_like
        Continuously compounded, ACT/365F, a fraction.
    dividend_yield : array_like
        Continuous, ACT/365F, a fraction.
    volatility : array_like
        Annualised, a fraction, >= 0.
    dividends : iterable of (time, amount), optional
        Cash dividends of the underlying, in the order of time: years to the ex-date and USD per unit. Those at 0 or
        before have left the spot, those after expiry do not matter. `dividend_yield` comes on top of them.
    dividend_model : {"spot", "escrowed"}
        How the spot moves around its dividends: ``"spot"`` falls by them, ``"escrowed"`` is lognormal without their
        present value. They differ by more than any numerical error.
    accuracy : {"fast", "accurate"}
        Greatest errors at a spot of $100: without cash dividends 0.001 and 0.0001, with them about 0.01 and 0.003.

    Returns
    -------
    float or ndarray
        USD per unit of the underlying, not below the intrinsic value. The shape that the arguments broadcast to; a
        float for numbers.

    Raises
    ------
    InvalidInput
        Where an argument is not what an option can have, or shapes do not broadcast; `.where` names the argument and
        the element of the result, counted in C order: ``strike[3]``, or ``strike`` where one number stands for all.
    Unsupported
        Where exercise is best between two boundaries: a put with a yield below a negative rate, a call with a rate
        below a negative yield.

    Warns
    -----
    FlooredDividends
        Where a dividend is at least what is left of the spot by its ex-date: it is floored at that.

    Source
    ------
    Andersen, Lake and Offengenden (2016); with cash dividends the equation of Black, Scholes and Merton on a grid.
    """
    from margincore import _pricing_native as native

    require_settings("american", dividend_model, accuracy)
    pairs = None if dividends is None else dividend_pairs(dividends)
    columns, shape = option_arguments(
        right,
        spot=spot,
        strike=strike,
        time=time,
        rate=rate,
        dividend_yield=dividend_yield,
        volatility=volatility,
    )
    if pairs is None:
        return shaped(native.price_american(*columns, accuracy=accuracy), shape)
    prices = native.price_with_dividends(
        *columns,
        dividends=pairs,
        style="american",
        dividend_model=dividend_model,
        accuracy=accuracy,
    )
    warn_of_floored(columns[1:], pairs)
    return shaped(prices, shape)


@overload
def implied_volatility(
    price: float,
    right: Right,
    spot: float,
    strike: float,
    time: float,
    rate: float,
    dividend_yield: float,
    style: Style = "european",
    dividends: Dividends | None = None,
    dividend_model: DividendModel = "spot",
    accuracy: Accuracy = "accurate",
) -> float: ...
@overload
def implied_volatility(
    price: ArrayLike,
    right: ArrayLike,
    spot: ArrayLike,
    strike: ArrayLike,
    time: ArrayLike,
    rate: ArrayLike,
    dividend_yield: ArrayLike,
    style: Style = "european",
    dividends: Dividends | None = None,
    dividend_model: DividendModel = "spot",
    accuracy: Accuracy = "accurate",
) -> Array: ...
def implied_volatility(
    price: ArrayLike,
    right: ArrayLike,
    spot: ArrayLike,
    strike: ArrayLike,
    time: ArrayLike,
    rate: ArrayLike,
    dividend_yield: ArrayLike,
    style: Style = "european",
    dividends: Dividends | None = None,
    dividend_model: DividendModel = "spot",
    accuracy: Accuracy = "accurate",
) -> float | Array:
    """Return the volatilities at which options have their prices.

    Arguments broadcast as NumPy's do. Columns of doubles in one piece are read where they lie.

    Parameters
    ----------
    price : array_like
        USD per unit of the underlying.
    right : array_like
        ``"call"`` or ``"put"``, or +1 or -1.
    spot : array_like
        Price of the underlying, USD per unit, > 0.
    strike : array_like
        USD per unit of the underlying, > 0.
    time : array_like
        To expiry, ACT/365F years, > 0.
    rate : array_like
        Continuously compounded, ACT/365F, a fraction.
    dividend_yield : array_like
        Continuous, ACT/365F, a fraction.
    style : {"european", "american"}
        When the options may be exercised.
    dividends : iterable of (time, amount), optional
        Cash dividends of the underlying, in the order of time: years to the ex-date and USD per unit. Those at 0 or
        before have left the spot, those after expiry do not matter. `dividend_yield` comes on top of them.
    dividend_model : {"spot", "escrowed"}
        How the spot moves around its dividends: ``"spot"`` falls by them, ``"escrowed"`` is lognormal without their
        present value. They differ by more than any numerical error.
    accuracy : {"accurate", "fast"}
        Of American options and of cash dividends.

    Returns
    -------
    float or ndarray
        Annualised, fractions; 0 where the price is what the option is worth without volatility. European without cash
        dividends: relative error below 1e-11 where the digits of the price determine it; else an option at it is worth
        the price to 1e-6 of the spot. The shape that the arguments broadcast to; a float for numbers.

    Raises
    ------
    InvalidInput
        Where an argument is not what an option can have, or shapes do not broadcast; `.where` names the argument and
        the element of the result, counted in C order: ``strike[3]``, or ``strike`` where one number stands for all.
    Unsupported
        Where exercise is best between two boundaries: a put with a yield below a negative rate, a call with a rate
        below a negative yield.
    NumericalFailure
        Where a price is below what the option is worth without volatility, or not below what it is worth at any:
        ``price[3]``.

    Warns
    -----
    FlooredDividends
        Where a dividend is at least what is left of the spot by its ex-date: it is floored at that.

    Source
    ------
    Jaeckel, Let's be rational (2015), of the prices of Black and Scholes (1973), Merton (1973).
    """
    from margincore import _pricing_native as native

    require_settings(style, dividend_model, accuracy)
    pairs = None if dividends is None else dividend_pairs(dividends)
    (sign, prices, *columns), shape = option_arguments(
        right, price=price, spot=spot, strike=strike, time=time, rate=rate, dividend_yield=dividend_yield
    )
    if pairs is not None:
        found = native.implied_volatility_with_dividends(
            prices,
            sign,
            *columns,
            dividends=pairs,
            style=style,
            dividend_model=dividend_model,
            accuracy=accuracy,
        )
        warn_of_floored(columns, pairs)
    elif style == "american":
        found = native.implied_volatility_american(prices, sign, *columns, accuracy=accuracy)
    else:
        found = native.implied_volatility_european(prices, sign, *columns)
    return shaped(found, shape)


def warn_of_floored(columns: list[Column], pairs: list[tuple[float, float]]) -> None:
    """Warn once, at the call of the public function, of dividends that are floored; the spot is the first column."""
    from margincore import _pricing_native as native

    spot, _, time, rate, dividend_yield = columns[:5]
    rows = native.floored_dividends(spot, time, rate, dividend_yield, dividends=pairs)
    if rows:
        message = (
            f"dividends: take all that is left of the spot in {len(rows)} rows, the first {rows[0]}; floored there"
        )
        warnings.warn(FlooredDividends(message, rows), stacklevel=3)


def shaped(rows: Array, shape: tuple[int, ...]) -> float | Array:
    """Return rows in the shape that the arguments broadcast to; a float for numbers."""
    return rows.reshape(shape) if shape else float(rows[0])
