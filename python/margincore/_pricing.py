# SPDX-License-Identifier: Apache-2.0
"""Prices of options, their sensitivities and implied volatilities, over columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Literal, TypeVar, overload

from margincore._option_arguments import option_arguments
from margincore.errors import InvalidInput

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[np.float64]
    Right = Literal["call", "put", 1, -1]

Style = Literal["european"]

Numbers = TypeVar("Numbers")


@dataclass(frozen=True, eq=False)
class Greeks(Generic[Numbers]):
    """The sensitivities of prices, each a float or an array of the shape that the arguments broadcast to.

    Attributes
    ----------
    delta : float or ndarray
        Of the price to the spot.
    gamma : float or ndarray
        Of delta to the spot, per USD.
    vega : float or ndarray
        Of the price to the volatility, per 1.00 of it: a hundredth for a point.
    theta : float or ndarray
        Of the price to the passing of time, USD a year: negative where time costs.
    rho : float or ndarray
        Of the price to the rate, per 1.00 of it: a ten-thousandth for a basis point.
    """

    delta: Numbers
    gamma: Numbers
    vega: Numbers
    theta: Numbers
    rho: Numbers


@overload
def price_european(
    right: Right, spot: float, strike: float, time: float, rate: float, dividend_yield: float, volatility: float
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
) -> Array: ...
def price_european(
    right: ArrayLike,
    spot: ArrayLike,
    strike: ArrayLike,
    time: ArrayLike,
    rate: ArrayLike,
    dividend_yield: ArrayLike,
    volatility: ArrayLike,
) -> float | Array:
    """Return the prices of European options on something with a continuous yield.

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

    Returns
    -------
    float or ndarray
        USD per unit of the underlying, >= 0, within 1e-14 of the greater of spot and strike; without time or volatility
        the discounted intrinsic value of the forward. The shape that the arguments broadcast to; a float for numbers.

    Raises
    ------
    InvalidInput
        Where an argument is not what an option can have, or shapes do not broadcast; `.where` names the argument and
        the element of the result, counted in C order: ``strike[3]``, or ``strike`` where one number stands for all.

    Source
    ------
    Black and Scholes (1973), Merton (1973).
    """
    from margincore import _pricing_native as native

    columns, shape = option_arguments(
        right,
        spot=spot,
        strike=strike,
        time=time,
        rate=rate,
        dividend_yield=dividend_yield,
        volatility=volatility,
    )
    return _shaped(native.price_european(*columns), shape)


@overload
def greeks(
    right: Right,
    spot: float,
    strike: float,
    time: float,
    rate: float,
    dividend_yield: float,
    volatility: float,
    style: Style = "european",
) -> Greeks[float]: ...
@overload
def greeks(
    right: ArrayLike,
    spot: ArrayLike,
    strike: ArrayLike,
    time: ArrayLike,
    rate: ArrayLike,
    dividend_yield: ArrayLike,
    volatility: ArrayLike,
    style: Style = "european",
) -> Greeks[Array]: ...
def greeks(
    right: ArrayLike,
    spot: ArrayLike,
    strike: ArrayLike,
    time: ArrayLike,
    rate: ArrayLike,
    dividend_yield: ArrayLike,
    volatility: ArrayLike,
    style: Style = "european",
) -> Greeks[float] | Greeks[Array]:
    """Return the sensitivities of option prices.

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
    style : {"european"}
        When the options may be exercised.

    Returns
    -------
    Greeks
        ``delta``, ``gamma``, ``vega``, ``theta`` and ``rho``, whose units its own documentation gives, each of the
        shape that the arguments broadcast to; floats for numbers. Without time or volatility those of the discounted
        intrinsic value of the forward.

    Raises
    ------
    InvalidInput
        Where an argument is not what an option can have, or shapes do not broadcast; `.where` names the argument and
        the element of the result, counted in C order: ``strike[3]``, or ``strike`` where one number stands for all.

    Source
    ------
    Derivatives of the prices of Black and Scholes (1973), Merton (1973).
    """
    from margincore import _pricing_native as native

    _require_style(style)
    columns, shape = option_arguments(
        right,
        spot=spot,
        strike=strike,
        time=time,
        rate=rate,
        dividend_yield=dividend_yield,
        volatility=volatility,
    )
    found = native.greeks_european(*columns)
    if shape == ():
        return Greeks(*(float(column[0]) for column in found))
    return Greeks(*(column.reshape(shape) for column in found))


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
    style : {"european"}
        When the options may be exercised.

    Returns
    -------
    float or ndarray
        Annualised, fractions; 0 where the price is what the option is worth without volatility. Relative error below
        1e-11 where the digits of the price determine it. The shape that the arguments broadcast to; a float for
        numbers.

    Raises
    ------
    InvalidInput
        Where an argument is not what an option can have, or shapes do not broadcast; `.where` names the argument and
        the element of the result, counted in C order: ``strike[3]``, or ``strike`` where one number stands for all.
    NumericalFailure
        Where a price is below what the option is worth without volatility, or not below what it is worth at any:
        ``price[3]``.

    Source
    ------
    Jaeckel, Let's be rational (2015), of the prices of Black and Scholes (1973), Merton (1973).
    """
    from margincore import _pricing_native as native

    _require_style(style)
    (sign, prices, *columns), shape = option_arguments(
        right, price=price, spot=spot, strike=strike, time=time, rate=rate, dividend_yield=dividend_yield
    )
    return _shaped(native.implied_volatility_european(prices, sign, *columns), shape)


def _require_style(style: str) -> None:
    if style != "european":
        raise InvalidInput(f"style: must be 'european', got {style!r}", "style")


def _shaped(rows: Array, shape: tuple[int, ...]) -> float | Array:
    return rows.reshape(shape) if shape else float(rows[0])
