# SPDX-License-Identifier: Apache-2.0
"""The functions of the package: thin, typed doors to the native core."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from importlib.resources import files
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload

from margincore import _core
from margincore._business_days import with_business_days
from margincore._core import (
    BetaWeighted,
    Contributions,
    EnforcementEvent,
    EnforcementState,
    Explanation,
    Ladder,
    Report,
    Standing,
    StressPoint,
    UnderlyingStress,
    Verification,
)
from margincore._group_table import document_with_group_table
from margincore.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    Document = dict[str, Any] | bytes | str | PathLike[str]

Method = Literal["strategy", "portfolio", "cash"]


def _source(document: Document, what: str = "document") -> dict[str, Any] | bytes:
    """Return a document as the core takes it: a dict or bytes, with the group table that its policy names."""
    if isinstance(document, (str, PathLike)):
        name = fspath(document)
        if not name or "\0" in name or name.lstrip().startswith(("{", "[")):
            raise InvalidInput(
                f"{what}: must be a dict, JSON text as bytes, or the name of a file, got a string that names none",
                what,
            )
        return document_with_group_table(Path(name).read_bytes(), Path(name).parent)
    return document_with_group_table(document)


def evaluate(
    document: Document,
    method: Method | None = None,
    stress: bool = False,
    certificate: bool = False,
    alternatives: bool = False,
) -> Report:
    """Return the margin report of one account.

    Parameters
    ----------
    document : dict, bytes, str or path
        An account document: a dict, JSON text as bytes, or the name of a JSON file.
    method : {"strategy", "portfolio", "cash"}, optional
        How the requirement is computed; what the account's type implies when left out.
    stress : bool
        Whether to add the beta-weighted stress table over the policy's moves.
    certificate : bool
        Whether to add a proof that no pairing of the options costs less, ``report.certificate``: for `verify`.
    alternatives : bool
        Whether each group of ``report.pairing`` says what its positions would ask for if it were not allowed
        (``next_best``); it takes as long as computing the account a few times over.

    Returns
    -------
    Report
        Amounts in USD. ``report.to_dict()`` is the report document.

    Raises
    ------
    InvalidInput, MissingData, Unsupported, NumericalFailure
        With ``.where``, the path into the document.

    Source
    ------
    Regulation T (12 CFR 220.12), FINRA 4210(c) and (e)(1); each line of the report names its paragraph.
    """
    if method is not None and not isinstance(method, str):
        raise InvalidInput(f"method: must be a string, got {type(method).__name__}", "method")
    for name, flag in (("stress", stress), ("certificate", certificate), ("alternatives", alternatives)):
        if not isinstance(flag, bool):
            raise InvalidInput(f"{name}: must be True or False, got {flag!r}", name)
    source = _source(document)
    report = _core.evaluate(source, method, stress, None, certificate, alternatives)
    if report.deficiency is not None and report.deficiency.due is None:
        known = json.loads(source) if isinstance(source, bytes) else source
        completed = with_business_days(known)
        if completed is not known:
            return _core.evaluate(completed, method, stress, None, certificate, alternatives)
    return report


def verify(document: Document, certificate: Document) -> Verification:
    """Return whether the certificate of an account's pairing holds, from the document and the certificate alone.

    The check shares no code with the search for the pairing: every group is allowed and costs what is claimed, every
    option is in one, the cases of the proof leave none out, and in none does any pairing cost less.

    Parameters
    ----------
    document : dict, bytes, str or path
        The account document that the certificate was made of, in the same three forms as for `evaluate`.
    certificate : dict, bytes, str or path
        ``report.certificate``, in the same forms.

    Returns
    -------
    Verification
        Its ``status`` is ``proven``, ``stated`` (the groups hold; that no pairing costs less is stated, not proven) or
        ``refused``, with ``where`` and ``what``; amounts in USD. True where it is proven.

    Raises
    ------
    InvalidInput, MissingData, Unsupported, NumericalFailure
        Where the account cannot be margined, or the certificate is no certificate; with ``.where``.

    Source
    ------
    FINRA 4210(f)(2)(A)(xxxii), (E)(i) and (H); the proof is by Lagrangian bounds in exact integers.
    """
    return _core.verify(_source(document), _source(certificate, "certificate"))


def contributions(document: Document, method: Method | None = None) -> Contributions:
    """Return what closing each position of an account would change of its requirement.

    Parameters
    ----------
    document : dict, bytes, str or path
        An account document, in the same three forms as for `evaluate`.
    method : {"strategy", "portfolio"}, optional
        What the account's type implies when left out.

    Returns
    -------
    Contributions
        ``positions``, and under portfolio margin ``groups``. Of each, ``closing`` [USD] is what closing it at market
        changes of the net requirement; ``first_order`` [USD] how fast the requirement grows as it grows by its own
        size, by automatic differentiation: of all positions of class groups these add up to the groups' requirement;
        and ``why`` what sets the requirement.

    Raises
    ------
    InvalidInput, MissingData, Unsupported, NumericalFailure
        With ``.where``, the path into the document.

    Source
    ------
    FINRA 4210(g)(7), (8); derivatives of its aggregation by Euler's theorem on homogeneous functions.
    """
    if method is not None and not isinstance(method, str):
        raise InvalidInput(f"method: must be a string, got {type(method).__name__}", "method")
    return _core.contributions(_source(document), method)


class StressTable(Sequence[StressPoint]):
    """The stress table of one account: one `StressPoint` for each move of the benchmark, in the order asked for.

    Attributes
    ----------
    points : list of StressPoint
        Amounts in USD, gain positive.
    beta_weighted : BetaWeighted
        Exposure, share equivalents, leverage and reverse stress.
    underlyings : list of UnderlyingStress
        Each underlying moving alone, in the order in which the account first has them.
    shock : tuple of float, optional
        Gains (down, up) with every underlying at -25 % and +25 % [USD]; None where it was not computed.
    """

    def __init__(
        self,
        points: Sequence[StressPoint],
        beta_weighted: BetaWeighted,
        underlyings: Sequence[UnderlyingStress] = (),
        shock: tuple[float | None, float | None] | None = None,
    ) -> None:
        self.points = list(points)
        self.beta_weighted = beta_weighted
        self.underlyings = list(underlyings)
        self.shock = shock

    @overload
    def __getitem__(self, index: int) -> StressPoint: ...
    @overload
    def __getitem__(self, index: slice) -> list[StressPoint]: ...
    def __getitem__(self, index: int | slice) -> StressPoint | list[StressPoint]:
        return self.points[index]

    def __len__(self) -> int:
        return len(self.points)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, StressTable)
            and self.points == other.points
            and self.beta_weighted == other.beta_weighted
            and self.underlyings == other.underlyings
            and self.shock == other.shock
        )

    def __hash__(self) -> int:
        raise TypeError("unhashable type: 'StressTable'")

    def to_dict(self) -> dict[str, Any]:
        """Return ``stress``, ``beta_weighted``, ``underlyings`` and ``shock`` as the report document has them."""
        return {
            "stress": [point.to_dict() for point in self],
            "beta_weighted": self.beta_weighted.to_dict(),
            "underlyings": [underlying.to_dict() for underlying in self.underlyings],
            "shock": None if self.shock is None else list(self.shock),
        }

    def __repr__(self) -> str:
        rows = (
            f"{self.beta_weighted.benchmark} {p.move:+.2%}  P&L {p.pnl:,.2f}  excess {p.excess:,.2f}"
            + ("  under water" if p.underwater else "")
            for p in self
        )
        return "\n".join(rows)

    def _repr_html_(self) -> str:
        from margincore._html import stress_html

        return stress_html(self, self.beta_weighted, self.underlyings, self.shock)


def stress(document: Document, moves: Sequence[float] | None = None) -> StressTable:
    """Return the beta-weighted stress table of one account.

    Every underlying moves by its beta times the move of the benchmark and not below worthless; options are repriced at
    the volatility of their marks.

    Parameters
    ----------
    document : dict, bytes, str or path
        An account document; every holding needs a beta, or the policy a ``missing_beta``.
    moves : sequence of float, optional
        Moves of the benchmark, fractions from -1; the policy's, or the workshop's grid, when left out.

    Returns
    -------
    StressTable
        One point for each move, with ``beta_weighted``: exposure, share equivalents and reverse stress; and with
        ``underlyings`` and ``shock``: each underlying moving alone, and all of them by 25 % each way.

    Raises
    ------
    InvalidInput, MissingData, Unsupported, NumericalFailure
        With ``.where``, the path into the document.

    Source
    ------
    Workshop on real-time margin risk, beta-weighted stress.
    """
    if moves is not None and not isinstance(moves, Iterable):
        raise InvalidInput(f"moves: must be a list, got {type(moves).__name__}", "moves")
    report = _core.evaluate(_source(document), None, True, None if moves is None else list(moves), False, False)
    assert report.stress is not None
    assert report.beta_weighted is not None
    return StressTable(report.stress, report.beta_weighted, report.underlyings, report.shock)


def explain(report: Report | Mapping[str, Any]) -> Explanation:
    """Return a report as a tree that prints as text and shows as HTML in a notebook, a paragraph for every number.

    Parameters
    ----------
    report : Report or dict
        What `evaluate` returned, or the report document.

    Returns
    -------
    Explanation
        The root; amounts in USD.

    Raises
    ------
    InvalidInput, MissingData
        Where a dict is not a report document.

    Source
    ------
    None of its own: it walks the lines that the computation emitted.
    """
    return _core.explain(report if isinstance(report, Report) else Report.from_dict(dict(report)))


def enforce(
    state: EnforcementState, report: Report | Standing, time: int, ladder: Ladder | None = None
) -> tuple[EnforcementState, list[EnforcementEvent]]:
    """Return where an account stands on the enforcement ladder after an event, and the steps that it took.

    A pure function: the same arguments give the same result, and no clock is read.

    Parameters
    ----------
    state : EnforcementState
        Where the account stood; ``EnforcementState()`` at first.
    report : Report or Standing
        Of the account at the event, with stress, at least one of whose moves is severe; or what the ladder reads of it.
    time : int
        Of the event, milliseconds since 1970-01-01 UTC.
    ladder : Ladder, optional
        Thresholds; when left out those of the policy that the report was made under, of a standing ``Ladder()``.

    Returns
    -------
    EnforcementState
        The new state; its ``status`` is the highest step that holds.
    list of EnforcementEvent
        Each step once, in order; none for a step that is skipped.

    Raises
    ------
    MissingData
        Where the report has no stress, or no severe move in it.

    Source
    ------
    Workshop on real-time margin risk, enforcement ladder.
    """
    return _core.enforce(state, report, time, ladder)


def historical_volatility(returns: ArrayLike, periods_per_year: float = 252.0) -> NDArray[np.float64]:
    """Return the annualised volatility of each column of returns.

    Parameters
    ----------
    returns : array_like
        Returns a period, fractions. Shape (n_periods, n_assets) or (n_periods,), n_periods >= 2.
    periods_per_year : float
        252 for daily returns.

    Returns
    -------
    ndarray
        Volatility a year, >= 0. Shape (n_assets,) or ().

    Raises
    ------
    InvalidInput
        Where a return is not finite or there are fewer than two periods.

    Source
    ------
    Sample standard deviation with n - 1, times the root of the periods a year.
    """
    import numpy as np

    columns = _columns(returns)
    result = _core.historical_volatility(columns, periods_per_year)
    return result if np.ndim(returns) == 2 else result.reshape(())


def historical_beta(returns: ArrayLike, benchmark_returns: ArrayLike) -> NDArray[np.float64]:
    """Return the beta of each column of returns to the benchmark.

    Parameters
    ----------
    returns : array_like
        Returns a period, fractions. Shape (n_periods, n_assets) or (n_periods,), n_periods >= 2.
    benchmark_returns : array_like
        Over the same periods. Shape (n_periods,).

    Returns
    -------
    ndarray
        cov(r, r_benchmark) / var(r_benchmark). Shape (n_assets,) or ().

    Raises
    ------
    InvalidInput
        Where a return is not finite, lengths differ, or the benchmark does not move.

    Source
    ------
    Definition of beta as the slope of the regression on the benchmark.
    """
    import numpy as np

    benchmark = _numbers(benchmark_returns, "benchmark_returns")
    if benchmark.ndim != 1:
        raise InvalidInput(
            f"benchmark_returns: must have shape (n_periods,), got {benchmark.shape}", "benchmark_returns"
        )
    result = _core.historical_beta(_columns(returns), benchmark)
    return result if np.ndim(returns) == 2 else result.reshape(())


def _numbers(values: ArrayLike, name: str) -> NDArray[np.float64]:
    import numpy as np

    try:
        return np.ascontiguousarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InvalidInput(f"{name}: must be numbers in columns of one length, got {error}", name) from None


def _columns(returns: ArrayLike) -> NDArray[np.float64]:
    array = _numbers(returns, "returns")
    if array.ndim not in (1, 2):
        raise InvalidInput(
            f"returns: must have shape (n_periods, n_assets) or (n_periods,), got {array.shape}", "returns"
        )
    return array.reshape(-1, 1) if array.ndim == 1 else array


def schema(name: Literal["account", "report", "certificate"]) -> dict[str, Any]:
    """Return the JSON Schema of the account document, of the report document or of the certificate.

    Parameters
    ----------
    name : {"account", "report", "certificate"}
        Which document.

    Returns
    -------
    dict
        JSON Schema, draft 2020-12.

    Raises
    ------
    InvalidInput
        Where the name is none of them.

    Source
    ------
    The contract of the documents, docs/documents.md.
    """
    if name not in ("account", "report", "certificate"):
        raise InvalidInput(f"name: must be account, report or certificate, got {name!r}", "name")
    text = files("margincore").joinpath("schemas").joinpath(f"{name}.schema.json").read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text)
    return document
