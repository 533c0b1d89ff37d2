# SPDX-License-Identifier: Apache-2.0
"""What a notebook shows of a report, of a comparison and of an explanation."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from margincore import _figures

if TYPE_CHECKING:
    from collections.abc import Iterable

    from margincore import BetaWeighted, Comparison, Explanation, Report, StressPoint, UnderlyingStress

_NUMBER = ' style="text-align:right;font-variant-numeric:tabular-nums"'


def money(amount: float) -> str:
    """Return an amount to the cent with thousands separated, and no negative zero."""
    text = f"{amount:,.2f}"
    return text[1:] if text == "-0.00" else text


def _amount(amount: float) -> str:
    colour = ";color:#b00020" if amount < 0 else ""
    return f'<td style="text-align:right;font-variant-numeric:tabular-nums{colour}">{money(amount)}</td>'


def _table(head: Iterable[str], rows: Iterable[str]) -> str:
    cells = "".join(f"<th>{escape(name)}</th>" for name in head)
    return f"<table><thead><tr>{cells}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def underlyings_html(underlyings: Iterable[UnderlyingStress], shock: tuple[float | None, float | None] | None) -> str:
    """Return what each underlying moving alone does, and all of them together."""
    rows = [
        f"<tr><td>{escape(name)}</td>{_amount(value)}<td{_NUMBER}>{shares}</td>{_gain(fall)}{_gain(rise)}"
        f"<td{_NUMBER}>{down}</td><td{_NUMBER}>{up}</td></tr>"
        for name, value, shares, fall, rise, down, up in _figures.underlyings(underlyings)
    ]
    if not rows:
        return ""
    if shock is not None:
        none = "<td></td>" * 2
        rows.append(f"<tr><td>all at once</td>{none}{_gain(shock[0])}{_gain(shock[1])}{none}</tr>")
    return _table(_figures.UNDERLYING, rows)


def _gain(amount: float | None) -> str:
    return "<td></td>" if amount is None else _amount(amount)


def stress_html(
    points: Iterable[StressPoint],
    weighted: BetaWeighted,
    underlyings: Iterable[UnderlyingStress],
    shock: tuple[float | None, float | None] | None,
) -> str:
    """Return the stress table, with the account as so much of the benchmark and with each underlying alone."""
    grid = _table(
        (weighted.benchmark, "P&L", "net liquidation", "excess, requirement held", "excess, requirement anew", ""),
        (
            f"<tr><td{_NUMBER}>{point.move:+.2%}</td>{_amount(point.pnl)}{_amount(point.net_liquidation)}"
            f"{_amount(point.excess)}{_amount(point.excess_remargined)}"
            f"<td>{'under water' if point.underwater else ''}</td></tr>"
            for point in points
        ),
    )
    reverse = _table(
        (f"at a {weighted.benchmark} move of", "down", "up"),
        (
            f"<tr><td>{name}</td><td{_NUMBER}>{down}</td><td{_NUMBER}>{up}</td></tr>"
            for name, down, up in _figures.reverse_stress(weighted)
        ),
    )
    return f"<p>{escape(_figures.exposure(weighted))}</p>{grid}{reverse}{underlyings_html(underlyings, shock)}"


def report_html(report: Report) -> str:
    """Return the figures of a report, its lines, and its stress table where it has one."""
    rows = (
        f"<tr><td>{escape(name)}</td>{_amount(amount)}</tr>"
        for name, amount in _figures.figures(report)
        if amount is not None
    )
    lines = [
        f"<tr><td>{escape(line.rule)}</td><td>{escape(_figures.holding(line))}</td>{_amount(line.initial)}"
        f"{_amount(line.maintenance)}<td>{escape(line.why)}</td><td>{escape(line.citation)}</td></tr>"
        for line in report.lines
    ]
    charges = [
        f"<tr><td>{escape(line.id)}</td><td>{escape(_figures.holding(line))}</td><td></td>"
        f"{_amount(line.amount)}<td>{escape(line.why)}</td><td>{escape(line.citation)}</td></tr>"
        for line in report.add_ons
    ]
    warnings = "".join(f"<p>{escape(w.where)}: {escape(w.message)}</p>" for w in report.warnings)
    prices = "".join(
        f"<tr><td>{escape(symbol)}</td><td{_NUMBER}>{down}</td><td{_NUMBER}>{up}</td></tr>"
        for symbol, down, up in _figures.call_prices(report)
    )
    groups = [
        f"<tr><td>{escape(group.name)}</td><td>{escape(', '.join(group.positions))}</td>{_amount(group.maintenance)}"
        f"<td{_NUMBER}>{_figures.strike(group)}</td><td>{escape(_figures.next_best(group))}</td></tr>"
        for group in report.pairing
    ]
    pairing = _table(("group", "positions", "maintenance", "worst strike", "next best"), groups) if groups else ""
    calls = _table(("call price of", "below", "above"), [prices]) if prices else ""
    stress = ""
    if report.stress is not None and report.beta_weighted is not None:
        stress = stress_html(report.stress, report.beta_weighted, report.underlyings, report.shock)
    title = f"{report.account_id or 'account'}, {report.method}, {report.rulebook}, {report.valuation_date}"
    return (
        f"<div><b>{escape(title)}</b>"
        + _table(("figure", "USD"), rows)
        + _table(("rule", "positions", "initial", "maintenance or charge", "why", "citation"), lines + charges)
        + pairing
        + calls
        + stress
        + warnings
        + "<p><small>A computation, not a broker's figure.</small></p></div>"
    )


def _amount_or_dash(amount: float | None) -> str:
    return f"<td{_NUMBER}>-</td>" if amount is None else _amount(amount)


def comparison_html(comparison: Comparison) -> str:
    """Return both methods side by side, which asks for less, and the groups that make the difference."""
    figures = _table(
        ("USD", "strategy", "portfolio margin"),
        (
            f"<tr><td>{escape(name)}</td>{_amount_or_dash(strategy)}{_amount_or_dash(portfolio)}</tr>"
            for name, strategy, portfolio in _figures.compared_figures(comparison)
        ),
    )
    rows = [
        f"<tr><td>{escape(name)}</td><td>{escape(held)}</td>{_amount_or_dash(group.strategy)}"
        f"{_amount(group.portfolio)}{_amount_or_dash(group.difference)}</tr>"
        for group in comparison.groups
        for name, held in [_figures.compared_group(group)]
    ]
    if comparison.between_groups is not None and comparison.groups:
        between = _amount(comparison.between_groups)
        rows.append(f"<tr><td>between groups</td><td></td>{between}<td></td>{between}</tr>")
    groups = _table(("group", "positions", "strategy", "portfolio margin", "difference"), rows) if rows else ""
    warnings = "".join(f"<p>{escape(w.where)}: {escape(w.message)}</p>" for w in comparison.warnings)
    title = f"{comparison.account_id or 'account'}, {comparison.rulebook}, {comparison.valuation_date}"
    return (
        f"<div><b>{escape(title)}</b><p>{escape(_figures.verdict(comparison))}</p>"
        f"{figures}{groups}{warnings}<p><small>A computation, not a broker's figure.</small></p></div>"
    )


def explanation_html(explanation: Explanation) -> str:
    """Return the tree, one nested list item a figure."""
    amount = "" if explanation.amount is None else f" <b>{money(explanation.amount)}</b>"
    citation = f" <small>[{escape(explanation.citation)}]</small>" if explanation.citation else ""
    why = f" <i>{escape(explanation.why)}</i>" if explanation.why else ""
    head = f"{escape(explanation.label)}{amount}{citation}{why}"
    if not explanation.parts:
        return f"<div style='margin-left:1.2em'>{head}</div>"
    parts = "".join(explanation_html(part) for part in explanation.parts)
    return f"<details open style='margin-left:1.2em'><summary>{head}</summary>{parts}</details>"
