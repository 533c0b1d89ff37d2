# SPDX-License-Identifier: Apache-2.0
"""Least net requirements under other rules than the exchange's, by a mixed-integer solver: `pairing_rules.csv`.

The programs of `pairing.py`, with longs that may exceed shorts inside a spread; and with a variable for every spread of
two to four options that has a name in place of spreads of any number of legs. Takes a minute: `pip install scipy` and
`python tests/oracle/pairing_rules.py`.
"""

from __future__ import annotations

import random
from pathlib import Path

from pairing import Rules, make_book, net_requirement, text_of

SEED = 20261127
RULES = {
    "long_surplus": Rules(long_surplus=True),
    "named-strategies": Rules(any_leg=False),
    "ibkr-like": Rules(any_leg=False, unequal_iron_wings=False, covered_call_on_market=True),
}
SIZES = [*range(1, 17)] * 20  # series; 320 books under each


def main() -> None:
    """Write the table."""
    rng = random.Random(SEED)
    rows = [(name, make_book(size, rng)) for size in SIZES for name in RULES]
    order = random.Random(SEED).sample(range(len(rows)), len(rows))  # so that the first rows are of all sizes
    with Path(__file__).with_name("pairing_rules.csv").open("w", encoding="utf-8") as file:
        file.write("rules,price,shares,series,net_requirement\n")
        for k in order:
            name, book = rows[k]
            try:
                value = f"{net_requirement(book, RULES[name]):.2f}"
            except TimeoutError:
                value = ""  # not solved: no row to compare with
            file.write(f"{name},{text_of(book)},{value}\n")
            file.flush()


if __name__ == "__main__":
    main()
