# SPDX-License-Identifier: Apache-2.0
"""What commands write to a terminal or a pipe: errors as one line, and tables."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from margincore import _figures

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    import margincore as mc

DISCLAIMER = "A computation, not a broker's figure."
_LONGEST_QUOTE = 40


class UnreadableError(Exception):
    """A file that cannot be opened; the message is one line for the user."""


def shown(text: str) -> str:
    """Return text with nothing in it that a terminal would act on: names in documents come from anybody."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in text)


def quoted(text: str | bytes) -> str:
    """Return text between single quotes, not too long for a line."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "backslashreplace")
    text = text if len(text) <= _LONGEST_QUOTE else text[: _LONGEST_QUOTE - 3] + "..."
    return f"'{text}'".replace("\n", "\\n").replace("\r", "\\r")


def fail(message: str) -> None:
    """Write an error as one line."""
    print(f"error: {shown(' '.join(message.splitlines()))}", file=sys.stderr)


def new_console() -> Console:
    """Return a console for standard output: colour on a terminal, wide where it is none."""
    from rich.console import Console

    class Pipe(Console):
        def on_broken_pipe(self) -> None:  # rich would exit with status 1
            raise BrokenPipeError

    wide_enough_for_a_table = 160
    console = Pipe(highlight=False)
    return console if console.is_terminal else Pipe(highlight=False, width=wide_enough_for_a_table)


def new_table(*columns: str) -> Table:
    """Return an empty table; a column whose name ends in ``>`` holds numbers, and one in ``*`` may be folded."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1), collapse_padding=True)
    for column in columns:
        table.add_column(
            column.rstrip(">*"),
            justify="right" if column.endswith(">") else "left",
            no_wrap=not column.endswith("*"),
            overflow="fold",  # never an ellipsis: a figure that is cut off is a wrong figure
        )
    return table


def money(amount: float | None) -> str:
    """Return an amount to the cent, in red where it is negative."""
    if amount is None:
        return "-"
    text = f"{amount:,.2f}"
    text = "0.00" if text == "-0.00" else text
    return f"[red]{text}[/red]" if text.startswith("-") else text


def plain(text: str) -> str:
    """Return text for a cell of a table, with nothing in it that means something to rich."""
    from rich.markup import escape

    return escape(shown(text).replace("\n", "\\n"))


def print_report(report: mc.Report) -> None:
    """Print a report as tables."""
    console = new_console()
    title = f"{report.account_id or '(no id)'}  {report.method} method, {report.rulebook}, {report.valuation_date}"
    console.print(f"[bold]{plain(title)}[/bold]", soft_wrap=True)
    figures = new_table("figure", "USD>")
    for name, amount in _figures.figures(report):
        figures.add_row(name, money(amount))
    console.print(figures)
    parts: list[tuple[str, mc.ReportLine | mc.AddOnLine, str, float]] = [
        *((line.rule, line, money(line.initial), line.maintenance) for line in report.lines),
        *((charge.id, charge, "", charge.amount) for charge in report.add_ons),
    ]
    if parts:
        wide_enough_for_reasons = 110
        is_wide = console.width >= wide_enough_for_reasons
        reasons = ("why*", "citation*") if is_wide else ()
        table = new_table("rule", "positions*", "initial>", "maint. or charge>", *reasons)
        for rule, line, initial, amount in parts:
            cells = (rule, plain(_figures.holding(line)), initial, money(amount))
            table.add_row(*cells, *((plain(line.why), plain(line.citation)) if is_wide else ()))
        console.print(table)
        if not is_wide:
            for rule, line, _, _ in parts:
                console.print(plain(f"{rule} {_figures.holding(line)}: {line.why}  [{line.citation}]"), soft_wrap=True)
    if report.pairing:
        table = new_table("group", "positions*", "maintenance>", "worst strike>")
        for group in report.pairing:
            legs = zip(group.quantities, group.positions, strict=True)
            held = ", ".join(f"{quantity:,.15g} {symbol}" for quantity, symbol in legs)
            table.add_row(plain(group.name), plain(held), money(group.maintenance), _figures.strike(group))
        console.print(table)
    prices = _figures.call_prices(report)
    if prices:
        table = new_table("call price of", "below>", "above>")
        for symbol, down, up in prices:
            table.add_row(plain(symbol), down, up)
        console.print(table)
    for warning in report.warnings:
        console.print(f"[yellow]warning[/yellow] {plain(warning.where)}: {plain(warning.message)}", soft_wrap=True)
    console.print(f"[dim]{DISCLAIMER}[/dim]")


def print_stress(table: mc.StressTable) -> None:
    """Print a stress table."""
    console = new_console()
    console.print(plain(_figures.exposure(table.beta_weighted)), soft_wrap=True)
    points = new_table(table.beta_weighted.benchmark, "P&L>", "net liq.>", "excess>", "excess anew>", "")
    for point in table:
        points.add_row(
            f"{point.move:+.2%}",
            money(point.pnl),
            money(point.net_liquidation),
            money(point.excess),
            money(point.excess_remargined),
            "[red]under water[/red]" if point.underwater else "",
        )
    console.print(points)
    for name, down, up in _figures.reverse_stress(table.beta_weighted):
        console.print(f"{name} at a {table.beta_weighted.benchmark} move of: {down} down, {up} up", soft_wrap=True)
    if table.underlyings:
        first, *rest = _figures.UNDERLYING
        alone = new_table(first, *(f"{name}>" for name in rest))
        for name, value, shares, fall, rise, down, up in _figures.underlyings(table.underlyings):
            alone.add_row(plain(name), money(value), shares, money(fall), money(rise), down, up)
        if table.shock is not None:
            alone.add_row("all at once", "", "", money(table.shock[0]), money(table.shock[1]), "", "")
        console.print(alone)
    console.print(f"[dim]excess: the requirement held; anew: at the moved prices. {DISCLAIMER}[/dim]", soft_wrap=True)


def print_comparison(comparison: mc.Comparison) -> None:
    """Print both methods side by side, then group by group."""
    console = new_console()
    title = f"{comparison.account_id or '(no id)'}  {comparison.rulebook}, {comparison.valuation_date}"
    console.print(f"[bold]{plain(title)}[/bold]", soft_wrap=True)
    figures = new_table("USD", "strategy>", "portfolio margin>")
    for name, strategy, portfolio in _figures.compared_figures(comparison):
        figures.add_row(name, money(strategy), money(portfolio))
    console.print(figures)
    console.print(f"[bold]{plain(_figures.verdict(comparison))}[/bold]", soft_wrap=True)
    if comparison.groups:
        table = new_table("group", "positions*", "strategy>", "portfolio margin>", "difference>")
        for group in comparison.groups:
            name, held = _figures.compared_group(group)
            table.add_row(
                plain(name), plain(held), money(group.strategy), money(group.portfolio), money(group.difference)
            )
        if comparison.between_groups is not None:
            between = money(comparison.between_groups)
            table.add_row("between groups", "", between, "", between)
        console.print(table)
        for group in comparison.groups:
            if group.refused is not None and group.refused != comparison.strategy_refused:
                console.print(f"{plain(group.id or 'not eligible')}: {plain(group.refused.message)}", soft_wrap=True)
    for warning in comparison.warnings:
        console.print(f"[yellow]warning[/yellow] {plain(warning.where)}: {plain(warning.message)}", soft_wrap=True)
    console.print(
        f"[dim]difference: strategy less portfolio margin; each group as an account of its own. {DISCLAIMER}[/dim]",
        soft_wrap=True,
    )
