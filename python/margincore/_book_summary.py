# SPDX-License-Identifier: Apache-2.0
"""What the accounts of a book look like to a person, and to the next program."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from margincore._terminal import DISCLAIMER, money, new_console, new_table, plain

_MOST_CALLS_SHOWN = 10
_ROWS_A_BATCH = 10_000


def print_rows(table: Any) -> None:
    """Print the rows, one JSON object a line."""
    for batch in table.to_batches(max_chunksize=_ROWS_A_BATCH):
        print("\n".join(json.dumps(row) for row in batch.to_pylist()))


def print_summary(table: Any, positions: int, moves: list[float] | None, output: str | None) -> None:
    """Print what a person wants to know of a book first.

    Parameters
    ----------
    table : pyarrow.Table
        What came of the accounts.
    positions : int
        How many there are.
    moves : list of float, optional
        Those of the stress.
    output : str, optional
        The file that has the rows.
    """
    console = new_console()
    computed = table.filter(pc.is_null(table.column("error")))
    failed = len(table) - len(computed)
    console.print(
        f"[bold]{len(computed):,} accounts computed[/bold], "
        f"{f'[red]{failed:,} failed[/red]' if failed else '0 failed'}, {positions:,} positions",
        soft_wrap=True,
    )
    figures = {name: computed.column(name).to_numpy() for name in computed.schema.names[1:-2]}
    calls = {name: np.maximum(0.0, -figures[f"excess_{name}"]) for name in ("maintenance", "total")}
    totals = new_table("all accounts", "USD>", "accounts>")
    for label, amounts in (
        ("net liquidation", figures["net_liquidation"]),
        ("equity", figures["equity"]),
        ("initial requirement", figures["initial"]),
        ("maintenance requirement", figures["maintenance"]),
        ("add-ons", figures["add_ons"]),
        ("total requirement", figures["total"]),
    ):
        totals.add_row(label, money(float(amounts.sum())), f"{len(computed):,}")
    totals.add_row("maintenance deficits", *_calls(calls["maintenance"]))
    totals.add_row("total deficits", *_calls(calls["total"]))
    console.print(totals)
    if moves is not None:
        stress = new_table("move", "excess>", "deficits>", "accounts under water>")
        for i, move in enumerate(moves):
            excess = figures[f"stress_excess_{i}"]
            stress.add_row(f"{move:+.2%}", money(float(excess.sum())), *_calls(np.maximum(0.0, -excess)))
        console.print(stress)
    order = np.argsort(-calls["total"], kind="stable")[:_MOST_CALLS_SHOWN]
    order = order[calls["total"][order] > 0]
    if len(order):
        ids = computed.column("account_id").take(pa.array(order)).to_pylist()
        largest = new_table("largest calls", "call>", "equity>", "requirement>", "net liquidation>")
        for row, account in zip(order.tolist(), ids, strict=True):
            amounts = (calls["total"], figures["equity"], figures["total"], figures["net_liquidation"])
            largest.add_row(plain(str(account)), *(money(float(column[row])) for column in amounts))
        console.print(largest)
    if output is not None:
        console.print(plain(f"{len(table):,} rows in {output}"), soft_wrap=True)
    console.print(f"[dim]{DISCLAIMER}[/dim]")


def _calls(amounts: Any) -> tuple[str, str]:
    return money(float(amounts.sum())), f"{np.count_nonzero(amounts):,}"
