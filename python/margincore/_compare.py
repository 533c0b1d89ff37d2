# SPDX-License-Identifier: Apache-2.0
"""The strategy method and portfolio margin side by side: of one account, and of a book."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from margincore import _core
from margincore._evaluate import _source
from margincore._frames import FrameT, _errors, _frame_of, _known, _run

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from margincore._core import Comparison
    from margincore._evaluate import Document

_HALF_A_CENT = 0.005  # margincore::half_a_cent
_METHODS = ("strategy", "portfolio")
_FIGURES = ("net_requirement", "excess_maintenance", "excess_total")


def compare(document: Document) -> Comparison:
    """Return one account under the strategy method and under portfolio margin, and which groups make the difference.

    What compares is the net requirement, net liquidation value less maintenance excess: options count toward equity
    under portfolio margin only, so that the requirements alone do not compare.

    Parameters
    ----------
    document : dict, bytes, str or path
        An account document, in the same three forms as for `evaluate`; its ``account.type`` plays no part.

    Returns
    -------
    Comparison
        ``strategy`` and ``portfolio`` with the figures of the two reports, ``lower`` (``strategy``, ``portfolio`` or,
        to the cent, ``equal``) and ``difference``, strategy less portfolio. ``groups`` has every position once, by top
        group of portfolio margin, margined both ways as an account of its own; their differences and
        ``between_groups`` add up to ``difference``. Amounts in USD. A method that refuses the account is None, and
        ``strategy_refused`` or ``portfolio_refused`` says where and why.

    Raises
    ------
    InvalidInput, MissingData, Unsupported, NumericalFailure
        Where neither method can margin the account, what `evaluate` by strategy raises; with ``.where``.

    Source
    ------
    None of its own: the two reports, FINRA 4210(e), (f) and FINRA 4210(g).
    """
    return _core.compare(_source(document))


def compare_frame(
    positions: FrameT,
    instruments: Any,
    accounts: Any,
    market: Mapping[str, Any] | None = None,
    policy: Mapping[str, Any] | None = None,
    threads: int = 1,
    progress: Callable[[int, int], object] | None = None,
) -> FrameT:
    """Return every account of a book under the strategy method and under portfolio margin, one row an account.

    Two runs of `evaluate_frame`, joined. An account that one method refuses has the figures of the other.

    Parameters
    ----------
    positions : frame
        As for `evaluate_frame`.
    instruments : frame
        As for `evaluate_frame`.
    accounts : frame
        As for `evaluate_frame`; their types play no part.
    market : mapping, optional
        As for `evaluate_frame`.
    policy : mapping, optional
        As for `evaluate_frame`.
    threads : int
        How many threads compute; 0 for as many as there are.
    progress : callable, optional
        Called with the number of accounts done and of all, each counted once for each method; may raise to stop.

    Returns
    -------
    frame
        Of the kind of `positions`. ``account_id``; USD ``strategy_net_requirement``, ``strategy_excess_maintenance``,
        ``strategy_excess_total``, the same of ``portfolio_``, and ``difference``, strategy's net requirement less that
        of portfolio margin; ``lower`` (``strategy``, ``portfolio`` or, to the cent, ``equal``; null where a method
        refuses); ``strategy_error``, ``strategy_where``, ``portfolio_error`` and ``portfolio_where``. Accounts in the
        order of `evaluate_frame`.

    Raises
    ------
    InvalidInput, MissingData, Unsupported
        As `evaluate_frame` does.

    Source
    ------
    As `compare`.
    """
    accounts = _known(accounts, "accounts")

    def progress_of(run: int) -> Callable[[int, int], object] | None:
        if progress is None or not callable(progress):
            return progress
        return lambda done, of: progress(run * of + done, 2 * of)

    runs: dict[str, _core.FrameEvaluation] = {}
    for run, method in enumerate(_METHODS):
        said = [message for earlier in runs.values() for message in earlier.warnings]
        runs[method] = _run(
            positions, instruments, accounts, market, policy, method, False, threads, None, progress_of(run), said
        ).evaluation
    columns: dict[str, Any] = {}
    texts: dict[str, NDArray[np.object_]] = {}
    for method, evaluation in runs.items():
        arrays = evaluation.arrays()
        columns |= {f"{method}_{figure}": arrays[figure] for figure in _FIGURES}
        texts |= {f"{method}_{name}": text for name, text in _errors(evaluation).items()}
    difference = columns["strategy_net_requirement"] - columns["portfolio_net_requirement"]
    columns["difference"] = difference
    result: FrameT = _frame_of(positions, accounts, runs["strategy"], columns, {"lower": _lower(difference)} | texts)
    return result


def _lower(difference: NDArray[np.float64]) -> NDArray[np.object_]:
    """Return whose net requirement is less, None where one is not there."""
    import numpy as np

    lower = np.full(len(difference), None, dtype=object)
    lower[difference >= _HALF_A_CENT] = "portfolio"
    lower[difference <= -_HALF_A_CENT] = "strategy"
    lower[np.abs(difference) < _HALF_A_CENT] = "equal"
    return lower
