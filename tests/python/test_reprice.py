# SPDX-License-Identifier: Apache-2.0
"""Option series repriced from Python: frames of each kind, marks, moves, errors."""

import margincore as mc
import numpy as np
import pandas as pd
import polars as pl
import pytest

MOVES = np.array([-0.15, -0.03, 0.0, 0.03, 0.15])
SERIES = {
    "underlying": ["A", "A", "B"],
    "right": ["call", "put", "put"],
    "spot": [100.0, 100.0, 50.0],
    "strike": [100.0, 95.0, 55.0],
    "time": [0.5, 0.5, 0.2],
    "rate": [0.04, 0.04, 0.04],
    "price": [8.0, 3.5, 6.5],
    "style": ["american", "american", "european"],
}


def test_gains_are_differences_of_prices_at_the_volatility_of_the_mark():
    found = mc.reprice(SERIES, MOVES, details=True)
    for row in range(3):
        terms = {name: SERIES[name][row] for name in ("right", "strike", "time", "rate")} | {"dividend_yield": 0.0}
        style = SERIES["style"][row]
        price = mc.price_american if style == "american" else mc.price_european
        spots = SERIES["spot"][row] * np.append(1.0, 1 + MOVES)
        prices = price(**terms, spot=spots, volatility=found.volatilities[row])
        assert found.gains[row] == pytest.approx(prices[1:] - prices[0], abs=2e-3)
        assert prices[0] == pytest.approx(SERIES["price"][row], abs=2e-3)
    assert (found.gains[:, 2] == 0.0).all()
    assert found.floored_dividends == []


@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame])
def test_frames_are_series(frame):
    assert (mc.reprice(frame(SERIES), MOVES) == mc.reprice(SERIES, MOVES)).all()


def test_threads_change_nothing_and_progress_ends():
    told = []
    one = mc.reprice(SERIES, MOVES, progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (6, 6)
    assert (mc.reprice(SERIES, MOVES, threads=2) == one).all()


def test_a_dividend_beyond_the_spot_is_floored_and_told():
    series = {**SERIES, "dividends": [[(0.1, 150.0)], None, []]}
    found = mc.reprice(series, MOVES, details=True)
    assert found.floored_dividends == [0]
    assert np.isfinite(found.gains).all()
    without = mc.reprice(SERIES, MOVES)
    assert (found.gains[2] == without[2]).all()


def test_a_dividend_beyond_a_moved_spot_is_told():
    series = {**SERIES, "dividends": [[(0.1, 90.0)], None, []]}
    assert mc.reprice(series, [-0.15], details=True).floored_dividends == [0]
    assert mc.reprice(series, [0.15], details=True).floored_dividends == []


def test_a_mark_above_its_value_without_volatility_keeps_its_own():
    call = {"right": ["call"], "spot": [100.0], "strike": [102.0], "time": [0.5], "rate": [0.04], "style": "european"}
    found = mc.reprice({**call, "price": [0.15112]}, [0.01], details=True)
    assert found.volatilities[0] == pytest.approx(0.005, rel=1e-4)
    assert found.prices[0] == pytest.approx(0.15112, abs=1e-9)


def test_smiles_of_several_spots_need_their_underlyings():
    series = {"right": ["call"] * 2, "spot": [100.0, 10.0], "strike": [100.0, 10.5], "time": 0.5, "rate": 0.04}
    series["implied_volatility"] = [0.2, 0.8]
    with pytest.raises(mc.MissingData) as raised:
        mc.reprice(series, [-0.1], volatility_mode="sticky_moneyness")
    assert raised.value.where == "underlying"
    gains = mc.reprice({**series, "underlying": ["A", "B"]}, [-0.1], volatility_mode="sticky_moneyness")
    assert (gains < 0).all()
    mc.reprice({**series, "spot": 100.0}, [-0.1], volatility_mode="sticky_moneyness")


def test_volatility_may_be_held_instead_of_a_mark():
    series = {name: value for name, value in SERIES.items() if name != "price"} | {"implied_volatility": 0.25}
    assert (mc.reprice(series, MOVES, details=True).volatilities == 0.25).all()


@pytest.mark.parametrize(
    ("changes", "error", "where"),
    [
        ({"strike": [100.0, -1.0, 55.0]}, mc.InvalidInput, "strike[1]"),
        ({"price": [8.0, np.nan, 6.5]}, mc.MissingData, "price[1]"),
        ({"price": [8.0, 96.0, 6.5]}, mc.NumericalFailure, "price[1]"),
        ({"style": ["american", "bermudan", "european"]}, mc.InvalidInput, "style[1]"),
        ({"dividends": [None, [(0.1,)], None]}, mc.InvalidInput, "dividends[1][0]"),
        ({"volume": [1, 2, 3]}, mc.InvalidInput, "series.volume"),
        ({"underlying": ["A", "B"]}, mc.InvalidInput, "series.underlying"),
        ({"right": ["call", "put", "straddle"]}, mc.InvalidInput, "right[2]"),
    ],
)
def test_what_is_wrong_with_series_has_its_place(changes, error, where):
    with pytest.raises(error) as raised:
        mc.reprice({**SERIES, **changes}, MOVES)
    assert raised.value.where == where


@pytest.mark.parametrize("name", ["right", "spot", "strike", "time", "rate"])
def test_a_column_that_is_missing_is_named(name):
    with pytest.raises(mc.MissingData) as raised:
        mc.reprice({key: value for key, value in SERIES.items() if key != name}, MOVES)
    assert raised.value.where == f"series.{name}"


def test_a_move_below_nothing_is_refused():
    with pytest.raises(mc.InvalidInput, match=r"moves\[0\]: must be"):
        mc.reprice(SERIES, [-1.5])


@pytest.mark.parametrize(
    ("arguments", "where"),
    [
        ({"moves": [[0.1, 0.2], [0.3, 0.4]]}, "moves"),
        ({"moves": [[0.1], 0.2]}, "moves[0]"),
        ({"moves": ["a"]}, "moves[0]"),
        ({"moves": [0.1, True]}, "moves[1]"),
        ({"moves": np.array([True])}, "moves[0]"),
        ({"threads": 1.5}, "threads"),
        ({"threads": None}, "threads"),
        ({"threads": -1}, "threads"),
        ({"threads": 10**12}, "threads"),
        ({"progress": 3}, "progress"),
        ({"series": [1, 2]}, "series"),
        ({"series": None}, "series"),
        ({"series": {**SERIES, "dividends": 5}}, "series.dividends"),
        ({"series": {**SERIES, "dividends": [None, 5, None]}}, "dividends[1]"),
        ({"series": {**SERIES, "dividends": [None, [(0.1, "1")], None]}}, "dividends[1][0].amount"),
        ({"accuracy": None}, "accuracy"),
        ({"dividend_model": "forward"}, "dividend_model"),
        ({"volatility_mode": None}, "volatility_mode"),
    ],
)
def test_arguments_that_are_none_are_refused_by_name(arguments, where):
    with pytest.raises(mc.InvalidInput) as raised:
        mc.reprice(**{"series": SERIES, "moves": MOVES, **arguments})
    assert raised.value.where == where


def test_a_label_that_is_missing_has_its_row():
    with pytest.raises(mc.MissingData) as raised:
        mc.reprice({**SERIES, "underlying": ["A", None, "B"]}, MOVES)
    assert raised.value.where == "underlying[1]"


def test_a_bad_dividend_has_the_row_of_its_series():
    dividends = [[(0.1, 1.0)], [(0.1, 1.0)], [(0.15, 1.0), (0.1, 1.0)]]
    with pytest.raises(mc.InvalidInput) as raised:
        mc.reprice({**SERIES, "dividends": dividends}, MOVES)
    assert raised.value.where == "dividends[2][1].time"


def test_one_move_is_a_list_of_one_and_labels_may_be_objects():
    labels = np.array(["A", "A", "B"], dtype=object)
    assert (mc.reprice({**SERIES, "underlying": labels}, MOVES[0])[:, 0] == mc.reprice(SERIES, MOVES)[:, 0]).all()
