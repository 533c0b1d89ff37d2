# SPDX-License-Identifier: Apache-2.0
"""Types of the pricing modules, which are the same for each instruction set; a test compares them with each."""

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
