# SPDX-License-Identifier: Apache-2.0
"""Types of the pricing modules, which are the same for each instruction set; a test compares them with each."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

_Array: TypeAlias = NDArray[np.float64]
_Column: TypeAlias = float | _Array

def greeks_european(
    right: _Column,
    spot: _Column,
    strike: _Column,
    time: _Column,
    rate: _Column,
    dividend_yield: _Column,
    volatility: _Column,
) -> tuple[_Array, _Array, _Array, _Array, _Array]: ...
def implied_volatility_european(
    price: _Column,
    right: _Column,
    spot: _Column,
    strike: _Column,
    time: _Column,
    rate: _Column,
    dividend_yield: _Column,
) -> _Array: ...
def price_european(
    right: _Column,
    spot: _Column,
    strike: _Column,
    time: _Column,
    rate: _Column,
    dividend_yield: _Column,
    volatility: _Column,
) -> _Array: ...
def time_price_european(
    right: _Column,
    spot: _Column,
    strike: _Column,
    time: _Column,
    rate: _Column,
    dividend_yield: _Column,
    volatility: _Column,
    repeats: int,
) -> float: ...
def price_american(
    right: _Column,
    spot: _Column,
    strike: _Column,
    time: _Column,
    rate: _Column,
    dividend_yield: _Column,
    volatility: _Column,
    *,
    accuracy: str,
) -> _Array: ...
def greeks_american(
    right: _Column,
    spot: _Column,
    strike: _Column,
    time: _Column,
    rate: _Column,
    dividend_yield: _Column,
    volatility: _Column,
    *,
    accuracy: str,
) -> tuple[_Array, _Array, _Array, _Array, _Array]: ...
def implied_volatility_american(
    price: _Column,
    right: _Column,
    spot: _Column,
    strike: _Column,
    time: _Column,
    rate: _Column,
    dividend_yield: _Column,
    *,
    accuracy: str,
) -> _Array: ...
def price_with_dividends(
    right: _Column,
    spot: _Column,
    strike: _Column,
    time: _Column,
    rate: _Column,
    dividend_yield: _Column,
    volatility: _Column,
    *,
    dividends: Sequence[tuple[float, float]],
    style: str,
    dividend_model: str,
    accuracy: str,
) -> _Array: ...
def greeks_with_dividends(
    right: _Column,
    spot: _Column,
    strike: _Column,
    time: _Column,
    rate: _Column,
    dividend_yield: _Column,
    volatility: _Column,
    *,
    dividends: Sequence[tuple[float, float]],
    style: str,
    dividend_model: str,
    accuracy: str,
) -> tuple[_Array, _Array, _Array, _Array, _Array]: ...
def implied_volatility_with_dividends(
    price: _Column,
    right: _Column,
    spot: _Column,
    strike: _Column,
    time: _Column,
    rate: _Column,
    dividend_yield: _Column,
    *,
    dividends: Sequence[tuple[float, float]],
    style: str,
    dividend_model: str,
    accuracy: str,
) -> _Array: ...
def floored_dividends(
    spot: _Column,
    time: _Column,
    rate: _Column,
    dividend_yield: _Column,
    *,
    dividends: Sequence[tuple[float, float]],
) -> list[int]: ...
def reprice(
    right: _Column,
    spot: _Column,
    strike: _Column,
    time: _Column,
    rate: _Column,
    dividend_yield: _Column,
    price: _Column,
    implied_volatility: _Column,
    *,
    is_european: NDArray[np.uint8] | None,
    underlying: NDArray[np.int64] | None,
    schedule: NDArray[np.int64] | None,
    schedules: Sequence[Sequence[tuple[float, float]]],
    moves: Sequence[float],
    volatility_mode: str,
    dividend_model: str,
    accuracy: str,
    threads: int,
    progress: Callable[[int, int], None] | None,
) -> tuple[_Array, _Array, _Array, list[int]]: ...
