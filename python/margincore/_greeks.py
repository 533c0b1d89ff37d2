# SPDX-License-Identifier: Apache-2.0
"""Sensitivities of option prices, over columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar, overload

from margincore._option_arguments import dividend_pairs, option_arguments, require_settings
from margincore._pricing import Accuracy, DividendModel, Dividends, Style, warn_of_floored

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from margincore._pricing import Array, Right

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
def greeks(
    right: Right,
    spot: float,
    strike: float,
    time: float,
    rate: float,
    dividend_yield: float,
    volatility: float,
    style: Style = "european",
    dividends: Dividends | None = None,
    dividend_model: DividendModel = "spot",
    accuracy: Accuracy = "accurate",
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
    dividends: Dividends | None = None,
    dividend_model: DividendModel = "spot",
    accuracy: Accuracy = "accurate",
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
    dividends: Dividends | None = None,
    dividend_model: DividendModel = "spot",
    accuracy: Accuracy = "accurate",
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
    Greeks
        ``delta``, ``gamma``, ``vega``, ``theta`` and ``rho``, whose units its own documentation gives, each of the
        shape that the arguments broadcast to; floats for numbers. Without time or volatility those of the discounted
        intrinsic value of the forward.

    Raises
    ------
    InvalidInput
        Where an argument is not what an option can have, or shapes do not broadcast; `.where` names the argument and
        the element of the result, counted in C order: ``strike[3]``, or ``strike`` where one number stands for all.

    Warns
    -----
    FlooredDividends
        Where a dividend is at least what is left of the spot by its ex-date: it is floored at that.

    Source
    ------
    Derivatives of the prices of Black and Scholes (1973), Merton (1973).
    """
    from margincore import _pricing_native as native

    require_settings(style, dividend_model, accuracy)
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
    if pairs is not None:
        found = native.greeks_with_dividends(
            *columns,
            dividends=pairs,
            style=style,
            dividend_model=dividend_model,
            accuracy=accuracy,
        )
        warn_of_floored(columns[1:], pairs)
    elif style == "american":
        found = native.greeks_american(*columns, accuracy=accuracy)
    else:
        found = native.greeks_european(*columns)
    if shape == ():
        return Greeks(*(float(column[0]) for column in found))
    return Greeks(*(column.reshape(shape) for column in found))
