# SPDX-License-Identifier: Apache-2.0
"""What to trade so that an account is in compliance again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from margincore import _core
from margincore._evaluate import _source
from margincore.errors import InvalidInput

if TYPE_CHECKING:
    from margincore._core import LiquidationPlan
    from margincore._evaluate import Document


def plan_liquidation(
    document: Document, order: Literal["highest_beta", "least_value"] = "highest_beta", buffer: float = 0.10
) -> LiquidationPlan:
    """Return the stock to close at market so that an account has an excess again.

    Longs are sold and shorts bought back, in whole shares, until the total excess is ``buffer`` times the deficiency.
    What is not stock, options first of all, is left alone, and ``notes`` says so. Commissions, and what the orders do
    to prices, are not in it.

    Parameters
    ----------
    document : dict, bytes, str or path
        An account document, in the same three forms as for `evaluate`.
    order : {"highest_beta", "least_value"}
        One position after the other, by descending beta, in full before the next, of the last the smallest number of
        shares; or whatever trades the least market value.
    buffer : float
        Excess to end with, a fraction of the deficiency, from 0 to 1.

    Returns
    -------
    LiquidationPlan
        ``orders`` with symbol, signed quantity, price, value and beta; ``excess_before`` and ``excess_after`` [USD],
        both evaluated under the policy of the document with its add-ons. Where there is not enough to close,
        ``restored`` is false and ``deficiency`` what remains. ``proven`` says whether the plan is proven to be what
        was asked for: always without add-ons, as far as the search goes; with add-ons where trying shares, or
        ``lower_bound``, proves it.

    Raises
    ------
    InvalidInput, MissingData, Unsupported, NumericalFailure
        With ``.where``: as `evaluate`, where a beta is missing that decides the order, and where the buffer is not
        from 0 to 1.

    Source
    ------
    Workshop on real-time margin risk, exercise 5.
    """
    if not isinstance(order, str):
        raise InvalidInput(f"order: must be a string, got {type(order).__name__}", "order")
    if not isinstance(buffer, (int, float)):
        raise InvalidInput(f"buffer: must be a number, got {type(buffer).__name__}", "buffer")
    return _core.plan_liquidation(_source(document), order, buffer)
