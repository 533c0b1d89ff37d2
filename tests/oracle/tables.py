# SPDX-License-Identifier: Apache-2.0
"""Reads and writes the tables of this folder; needs the standard library only, so that tests need no more."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
TEXTS = frozenset({"right", "style", "dividend_model", "quantity", "document", "place", "read_in", "note"})
LISTS = frozenset({"dividend_times", "dividend_days", "dividend_amounts"})

Value = str | float | list[float]


def parse(column: str, text: str) -> Value:
    """Return the value of a cell: a text, a number, or the numbers of a list such as `0.25;0.5`."""
    if column in TEXTS:
        return text
    if column in LISTS:
        return [float(number) for number in text.split(";") if number]
    return float(text)


def read_rows(name: str) -> list[dict[str, Value]]:
    """Return the rows of a table, `read_rows("american")`, each as a dict of its columns."""
    with (FOLDER / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        return [{column: parse(column, text) for column, text in row.items()} for row in csv.DictReader(file)]


def read_columns(name: str) -> dict[str, list[Value]]:
    """Return the columns of a table, each as a list."""
    rows = read_rows(name)
    return {column: [row[column] for row in rows] for column in rows[0]}


def write_rows(name: str, columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Path:
    """Write a table of cells that are text already, and return its path; an unfinished table has another name."""
    path = FOLDER / f"{name}.csv"
    unfinished = path.with_suffix(".part")
    with unfinished.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
    return unfinished.replace(path)
