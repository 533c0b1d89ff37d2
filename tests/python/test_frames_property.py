# SPDX-License-Identifier: Apache-2.0
"""[property] A book gives each account what it gets alone, to the bit, however the book is cut and ordered."""

from __future__ import annotations

import itertools
import random
from typing import Any

import margincore as mc
import numpy as np
import pytest
from random_book import DATE, FIGURES, POLICY, Columns, RandomBook, same_figures

# Random futures are on indices of no table; that is said, and is not what is tested here.
pytestmark = pytest.mark.filterwarnings("ignore:.*broad index that the group table does not have:UserWarning")

ACCOUNTS = 2500
MARKET = {"valuation_date": DATE}
# What the places of a document and of a frame make different in the words.
ABSENT = ("must be given for what the account holds, got nothing", "must have a row in the instruments, got none for ")


def evaluate_columns(book: RandomBook, positions: Columns, accounts: Columns, **options: Any) -> Columns:
    return mc.evaluate_frame(
        positions, book.instrument_columns(), accounts, MARKET, book.policy, stress=True, **options
    )


def alone(book: RandomBook, number: int) -> tuple[list[float], str]:
    try:
        report = mc.evaluate(book.document(number), stress=True)
    except mc.MarginError as error:
        return [], str(error).removeprefix(f"{error.where}: ")
    requirement, excess = report.requirement, report.excess
    figures = [report.net_liquidation, report.equity]
    figures += [requirement.initial, requirement.maintenance, requirement.add_ons, requirement.total]
    figures += [excess.initial, excess.maintenance, excess.total, report.net_requirement, report.lower_bound]
    assert report.beta_weighted is not None
    assert report.stress is not None
    return [*figures, report.beta_weighted.exposure, *(point.excess for point in report.stress)], ""


@pytest.mark.parametrize(
    ("seed", "policy", "sides"),
    [(1, {}, False), (2, {"missing_beta": 0.5}, True), (3, POLICY, False), (4, POLICY, True)],
)
def test_each_account_gets_what_it_gets_alone_to_the_bit(seed: int, policy: Columns, sides: bool) -> None:
    book = RandomBook(seed, ACCOUNTS, policy, sides=sides)
    result = evaluate_columns(book, book.position_columns(), book.account_columns())
    names = [*FIGURES, "beta_weighted_exposure"]
    names += [name for name in result if name.startswith("stress_excess_")]
    figures = np.stack([result[name] for name in names], axis=1)
    failed = 0
    for number in range(ACCOUNTS):
        expected, message = alone(book, number)
        if not message:
            assert result["error"][number] is None, result["error"][number]
            if book.accounts[number].get("type") == "portfolio_margin":
                # Its sums go in the order of the instruments, which the document has in another: last bits may differ.
                assert figures[number] == pytest.approx(expected, rel=1e-12, abs=1e-7), book.accounts[number]
                continue
            assert figures[number].tobytes() == np.array(expected).tobytes(), book.accounts[number]
            continue
        failed += 1
        said = result["error"][number]
        assert said is not None, (message, book.accounts[number])
        assert np.isnan(figures[number]).all()
        where = result["where"][number]
        assert where.split("[")[0] in ("positions", "instruments", "accounts")
        said = said.removeprefix(f"{where}: ")
        assert said == message or (message == ABSENT[0] and said.startswith(ABSENT[1])), (message, said)
    assert ACCOUNTS / 10 < failed < ACCOUNTS / 3


def shuffled(draw: random.Random, book: RandomBook) -> tuple[Columns, Columns]:
    """The columns of a book with accounts and positions in random order, those of one account as they were."""
    positions, accounts = book.position_columns(), book.account_columns()
    of = [int(name[1:]) for name in positions["account_id"]]
    keys = [0.0] * len(of)
    for number in range(len(book.accounts)):
        rows = [row for row, account in enumerate(of) if account == number] if number < 40 else []
        for row, key in zip(rows, sorted(draw.random() for _ in rows), strict=True):
            keys[row] = key
    rank = {number: draw.random() for number in range(len(book.accounts))}
    order = sorted(range(len(of)), key=lambda row: (keys[row] or rank[of[row]], row))
    account_order = draw.sample(range(len(book.accounts)), len(book.accounts))
    return (
        {name: column[order] for name, column in positions.items()},
        {name: column[account_order] for name, column in accounts.items()},
    )


@pytest.mark.parametrize("sides", [False, True])
@pytest.mark.parametrize("threads", [1, 2, 4])
def test_order_batches_and_threads_change_nothing(sides: bool, threads: int) -> None:
    book = RandomBook(7, 600, POLICY, sides=sides)
    expected = evaluate_columns(book, book.position_columns(), book.account_columns())
    draw = random.Random(threads)
    positions, accounts = shuffled(draw, book)
    parts: list[Columns] = []
    cuts = [0, *sorted(draw.sample(range(601), 4)), 600]
    for first, last in itertools.pairwise(cuts):
        part = {name: column[first:last] for name, column in accounts.items()}
        mine = np.isin(positions["account_id"].astype(str), part["account_id"].astype(str))
        parts.append(evaluate_columns(book, {name: c[mine] for name, c in positions.items()}, part, threads=threads))
    row = {name: i for i, name in enumerate(expected["account_id"])}
    result = {name: np.concatenate([part[name] for part in parts]) for name in expected}
    where_it_was = [row[name] for name in result["account_id"]]
    assert sorted(where_it_was) == list(range(600))
    for name in expected:
        if name in ("account_id", "error", "where"):
            continue
        assert same_figures(result[name], expected[name][where_it_was]), name
    for said, was, where in zip(result["error"], expected["error"][where_it_was], result["where"], strict=True):
        assert (said is None) == (was is None)
        assert said is None or (said.startswith(f"{where}: ") and said.split(": ", 1)[1] == was.split(": ", 1)[1])


@pytest.mark.parametrize("threads", [2, 4, 0])
def test_threads_change_nothing_in_a_book_of_many_pieces(threads: int) -> None:
    draw = np.random.default_rng(5)
    n = 20_000
    book = RandomBook(3, 0, {"missing_beta": 1.0}, sides=False)
    positions = {
        "account_id": np.sort(draw.integers(0, n, 5 * n)),
        "symbol": draw.integers(0, len(book.instruments), 5 * n).astype(np.int32),
        "quantity": draw.integers(-50, 50, 5 * n).astype(float),
    }
    accounts = {"cash": draw.uniform(-1e5, 1e6, n)}
    one = evaluate_columns(book, positions, accounts)
    many = evaluate_columns(book, positions, accounts, threads=threads)
    assert 0 < sum(error is not None for error in one["error"]) < n
    for name, column in one.items():
        if name in ("error", "where"):
            assert list(column) == list(many[name])
        else:
            assert same_figures(column, many[name]), name
