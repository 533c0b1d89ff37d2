# SPDX-License-Identifier: Apache-2.0
"""A scenario in a terminal: a live table, or plain lines where the output is not a terminal."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING

from rich import box
from rich.columns import Columns
from rich.console import Group
from rich.live import Live
from rich.markup import escape
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from workshop_demo.words import dollars, event_amount, percent, plural

if TYPE_CHECKING:
    import margincore as mc
    from rich.console import Console, RenderableType

    from workshop_demo.play import Playback, Standing

STEP_SECONDS = 0.55
EVENT_SECONDS = 1.0  # a step in which something happens stays longer
LAST_SECONDS = 1.5
WIDE = 100  # columns of a terminal in which there is room for more


def _style(status: str) -> str:
    if status == "ACTIVE":
        return "green"
    if status == "WARNING":
        return "yellow"
    return "bold white on red" if status == "LIQUIDATION" else "bold red"


def _marked(status: str) -> Text:
    mark = {"ACTIVE": "●", "WARNING": "▲"}.get(status, "■")
    return Text(f"{mark} {status}", style=_style(status))


def _amount(amount: float) -> Text:
    return Text(dollars(amount), style="red" if amount < 0 else "")


def _accounts(standings: tuple[Standing, ...], benchmark: str, wide: bool) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0), expand=wide)
    table.add_column("account", no_wrap=True)
    table.add_column("status", no_wrap=True, min_width=18)
    for name in ("equity", "required", "excess"):
        table.add_column(name, justify="right", no_wrap=True, min_width=8)
    if wide:
        table.add_column("of gross value", justify="right", no_wrap=True)
    table.add_column(f"worst {benchmark} stress" if wide else "stress", justify="right", no_wrap=True)
    for standing in standings:
        report, worst = standing.report, standing.worst
        row: list[RenderableType] = [
            standing.account_id,
            _marked(standing.status),
            _amount(report.equity),
            _amount(report.requirement.total),
            _amount(report.excess.total),
        ]
        stressed = _amount(worst.excess)
        if wide:
            row.append(percent(report.excess.total / report.gross_value))
            stressed = Text.assemble((f"{percent(worst.move, 0)} ", "dim"), stressed)
        table.add_row(*row, stressed)
    return table


def _prices(playback: Playback, number: int, wide: bool) -> Columns:
    prices, start = playback.steps[number].step.prices, playback.universe.instruments
    names = [playback.universe.benchmark, *(name for name in prices if name != playback.universe.benchmark)]
    strip = []
    for name in names:
        move = prices[name] / start[name]["price"] - 1
        change = f" {percent(move):>6}" if wide else ""
        strip.append(Text.assemble((f"{name:<5}", "bold"), f" {prices[name]:>6.2f}", (change, "dim")))
    return Columns(strip, padding=(0, 3, 0, 0), equal=True)


def _event(playback: Playback, time_label: str, standing: Standing, event: mc.EnforcementEvent) -> Text:
    status = event.action if event.action in ("ACTIVE", "WARNING") else "MARGIN_CALL"
    good = event.action in ("ACTIVE", "RELEASED", "CALL_MET", "LIQUIDATION_ENDED")
    line = Text(no_wrap=True, overflow="ellipsis")
    line.append(f"{time_label}  ", style="dim")
    line.append(f"{event.action:<18}", style="green" if good else _style(status))
    line.append(f"{standing.account_id}  {event_amount(event, playback.universe.benchmark)}")
    line.append(f"  {event.reason}", style="dim")
    return line


def _frame(playback: Playback, number: int, title: str, console: Console) -> Group:
    wide = console.width >= WIDE
    played = playback.steps[number]
    events = [
        _event(playback, playback.scenario.label(earlier.step), standing, event)
        for earlier in playback.steps[: number + 1]
        for standing in earlier.standings
        for event in standing.events
    ]
    now = Text(no_wrap=True, overflow="ellipsis")
    now.append(f"{playback.scenario.label(played.step)}  ", style="bold")
    now.append(f"step {number + 1} of {len(playback.steps)}  ", style="dim")
    now.append(f"{playback.universe.benchmark} {percent(played.step.move)}  ", style="bold")
    now.append(played.step.note, style="italic")
    top: list[RenderableType] = [
        Rule(f"[bold]{escape(title)}[/bold]", align="left"),
        now,
        _prices(playback, number, wide),
        _accounts(played.standings, playback.universe.benchmark, wide),
    ]
    used = sum(len(console.render_lines(part, pad=False)) for part in top)
    room = max(3, console.height - used - 2)
    shown: list[RenderableType] = [*events[-room:]] or [Text("nothing has happened to any account", style="dim")]
    return Group(*top, *shown)


def show_live(playback: Playback, title: str, console: Console, speed: float | None) -> None:
    """Show a scenario as a live table; ``speed`` 2 is twice as fast, None does not wait at all."""
    with Live(console=console, auto_refresh=False) as live:
        for number, played in enumerate(playback.steps):
            live.update(_frame(playback, number, title, console), refresh=True)
            seconds = EVENT_SECONDS if any(standing.events for standing in played.standings) else STEP_SECONDS
            if number == len(playback.steps) - 1:
                seconds = LAST_SECONDS
            if speed is not None:
                time.sleep(seconds / speed)
    for line in outcome(playback):
        console.print(Padding(Text(line), (0, 0, 0, 2)))
    console.print()


def outcome(playback: Playback) -> list[str]:
    """What a scenario came to, a line for each account that matters."""
    lines = []
    for name in playback.focus:
        actions = playback.actions(name)
        lines.append(f"{name}: {' > '.join(actions) if actions else 'no action'}")
    if playback.not_triggered:
        last = playback.of(playback.focus[0])[-1]
        lines.append(
            f"Announced, and not triggered: {', '.join(playback.not_triggered)}. {last.account_id} ends with equity "
            f"{dollars(last.report.equity)}, requirement {dollars(last.report.requirement.total)}, excess "
            f"{dollars(last.report.excess.total)}; the worst stress leaves {dollars(last.worst.excess)}."
        )
    return lines


def plain_lines(playback: Playback, title: str) -> list[str]:
    """A scenario as lines of text, without escape codes."""
    benchmark = playback.universe.benchmark
    lines = [title]
    for played in playback.steps:
        step = played.step
        counts = Counter(standing.status for standing in played.standings)
        statuses = ", ".join(f"{count} {status}" for status, count in sorted(counts.items()))
        lines.append(
            f"  {playback.scenario.label(step)}  {benchmark} {step.prices[benchmark]:.2f} {percent(step.move):>7}  "
            f"{plural(len(played.standings), 'account')}: {statuses}" + (f"  ({step.note})" if step.note else "")
        )
        for standing in played.standings:
            if standing.account_id in playback.focus:
                report, worst = standing.report, standing.worst
                lines.append(
                    f"    {standing.account_id:<20} {standing.status:<16} equity {dollars(report.equity):>9}  required "
                    f"{dollars(report.requirement.total):>9}  excess {dollars(report.excess.total):>9}  worst stress "
                    f"{dollars(worst.excess):>9} at {percent(worst.move, 0)}"
                )
            lines.extend(
                f"      -> {event.action}: {event_amount(event, benchmark)}; {event.reason}"
                for event in standing.events
            )
    return [*lines, *(f"  {line}" for line in outcome(playback)), ""]
