# SPDX-License-Identifier: Apache-2.0
"""Makes the tables of this folder: python tests/oracle/make_tables.py [NAME ...]. Needs QuantLib, NumPy and mpmath."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable, Iterator
from importlib import import_module
from itertools import islice
from types import ModuleType

from tables import write_rows

NAMES = (
    "european",
    "american",
    "american_low_volatility",
    "american_dividends",
    "american_escrowed",
    "european_dividends",
    "portfolio_margin_gains",
    "portfolio_margin",
)
EVERY = 500  # rows between two lines of progress


def watched(table: ModuleType, rows: Iterable[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    """Yield the rows of a table and say how far it is."""
    started = time.monotonic()
    for done, row in enumerate(rows, start=1):
        yield row
        if done % EVERY == 0 or done == table.ROWS:
            print(f"{table.NAME}: {done:,} of {table.ROWS:,} rows, {time.monotonic() - started:.0f} s", flush=True)


def main(arguments: list[str]) -> None:
    """Make the tables that are named, or all of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}; all when absent")
    for name in parser.parse_args(arguments).names or NAMES:
        if name not in NAMES:
            parser.error(f"no table is named '{name}'; there are {', '.join(NAMES)}")
        table = import_module(name)
        path = write_rows(table.NAME, table.COLUMNS, watched(table, islice(table.rows(), table.ROWS)))
        print(f"{path}: {path.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main(sys.argv[1:])
