# SPDX-License-Identifier: Apache-2.0
"""Every row of the tables of tests/oracle: QuantLib's prices, and published values with their sources."""

import sys
from pathlib import Path

import margincore as mc
import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "oracle"))
from tables import read_rows

TERMS = ("right", "spot", "strike", "time", "rate", "dividend_yield")
DAYS_PER_YEAR = 365


def columns(name, keys):
    rows = read_rows(name)
    return {key: np.array([row[key] for row in rows]) for key in keys}


def is_wide(count):
    """Each fifth row of american.csv is of ranges that the settings are not chosen for."""
    return np.arange(count) % 5 == 0


# --- European --------------------------------------------------------------------------------------------------------


def test_european_prices_are_exact_to_rounding():
    rows = columns("european", (*TERMS, "volatility", "exact_price"))
    prices = mc.price_european(*(rows[key] for key in (*TERMS, "volatility")))
    scale = np.maximum(rows["spot"], rows["strike"])
    assert (np.abs(prices - rows["exact_price"]) / scale).max() < 1e-14


def test_european_implied_volatility_is_the_one_priced_with_where_the_price_determines_it():
    rows = columns("european", (*TERMS, "volatility", "exact_price", "vega"))
    # What a rounding of the price moves the volatility by, relative: it is determined where that is far below 1e-9.
    rounding = 1e-16 * rows["spot"] / (rows["vega"] * rows["volatility"] + 1e-300)
    forward = rows["spot"] * np.exp((rows["rate"] - rows["dividend_yield"]) * rows["time"])
    is_out = np.where(rows["right"] == "call", forward <= rows["strike"], forward >= rows["strike"])
    determined = (rounding < 1e-12) & is_out
    assert determined.sum() > 4_000
    found = mc.implied_volatility(rows["exact_price"][determined], *(rows[key][determined] for key in TERMS))
    assert np.abs(found / rows["volatility"][determined] - 1).max() < 1e-9


# --- American --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accuracy", "greatest", "mean_square", "wide"), [("fast", 1e-3, 5e-5, 1e-2), ("accurate", 1e-4, 5e-6, 5e-4)]
)
def test_american_prices_are_within_their_setting(accuracy, greatest, mean_square, wide):
    rows = columns("american", (*TERMS, "volatility", "price"))
    errors = mc.price_american(*(rows[key] for key in (*TERMS, "volatility")), accuracy=accuracy) - rows["price"]
    usual = errors[~is_wide(len(errors))]
    assert np.abs(usual).max() < greatest
    assert np.sqrt((usual**2).mean()) < mean_square
    assert np.abs(errors[is_wide(len(errors))]).max() < wide


@pytest.mark.parametrize(("accuracy", "greatest", "in_hundred"), [("fast", 6e-3, 2e-4), ("accurate", 2e-4, 2e-5)])
def test_american_prices_of_low_volatilities(accuracy, greatest, in_hundred):
    rows = columns("american_low_volatility", (*TERMS, "volatility", "price"))
    errors = mc.price_american(*(rows[key] for key in (*TERMS, "volatility")), accuracy=accuracy) - rows["price"]
    assert len(errors) >= 4_000
    assert np.abs(errors).max() < greatest
    assert np.quantile(np.abs(errors), 0.99) < in_hundred


def test_american_implied_volatility_gives_back_the_price():
    rows = columns("american", (*TERMS, "volatility", "price"))
    exercise = np.where(rows["right"] == "call", 1.0, -1.0) * (rows["spot"] - rows["strike"])
    held = (~is_wide(len(exercise))) & (rows["price"] > exercise + 1e-3) & (rows["price"] > 1e-3)
    terms = {key: rows[key][held] for key in TERMS}
    found = mc.implied_volatility(rows["price"][held], **terms, style="american")
    assert np.isfinite(found).all()
    again = mc.price_american(**terms, volatility=found, accuracy="accurate")
    assert np.abs(again - rows["price"][held]).max() < 1e-4


# --- cash dividends --------------------------------------------------------------------------------------------------


def dividend_errors(name, model, accuracy, price_of=mc.price_american):
    """Return the errors of a table of options with cash dividends, and of which the reference can be trusted.

    Where the spot may fall to nothing by its dividends, QuantLib's grid, which ends above nothing, is off: by 2 cents
    for a European put whose exact price quadrature has (tests/oracle/README.md).
    """
    errors, trusted = [], []
    for row in read_rows(name):
        days, amounts = row["dividend_days"], row["dividend_amounts"]
        time = row["days"] / DAYS_PER_YEAR
        price = price_of(
            row["right"],
            row["spot"],
            row["strike"],
            time,
            row["rate"],
            row["dividend_yield"],
            row["volatility"],
            dividends=[(day / DAYS_PER_YEAR, amount) for day, amount in zip(days, amounts, strict=True)],
            dividend_model=model,
            **accuracy,
        )
        errors.append(price - row["price"])
        deviations = np.log(row["spot"] / sum(amounts)) / (row["volatility"] * np.sqrt(time))
        trusted.append(deviations > 3)
    return np.abs(errors), np.array(trusted)


@pytest.mark.parametrize(("accuracy", "greatest", "in_hundred"), [("fast", 2.5e-2, 5e-3), ("accurate", 5e-3, 1e-3)])
def test_american_prices_on_a_spot_that_pays_dividends(accuracy, greatest, in_hundred):
    errors, trusted = dividend_errors("american_dividends", "spot", {"accuracy": accuracy})
    assert len(errors) >= 20_000
    assert trusted.mean() > 0.97
    assert errors[trusted].max() < greatest
    assert np.quantile(errors[trusted], 0.99) < in_hundred
    if accuracy == "accurate":
        assert (errors[trusted] > 3e-3).sum() <= 3  # puts whose exercise is decided five deviations below the strike
    assert errors.max() < 2.5e-2  # the others', which are the reference's


def test_american_prices_with_escrowed_dividends():
    errors, _ = dividend_errors("american_escrowed", "escrowed", {"accuracy": "accurate"})
    assert len(errors) >= 2_000
    assert np.quantile(errors, 0.99) < 1e-3
    assert errors.max() < 5e-3


def test_european_prices_on_a_spot_that_pays_dividends():
    errors, trusted = dividend_errors("european_dividends", "spot", {}, mc.price_european)
    assert len(errors) >= 20_000
    assert trusted.mean() > 0.97
    assert errors[trusted].max() < 3e-3
    assert np.quantile(errors[trusted], 0.99) < 1e-3
    assert errors.max() < 3e-2  # the others', which are the reference's


# --- published -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", read_rows("published"), ids=lambda row: f"{row['document'][:12]}-{row['quantity']}")
def test_published_values(row):
    terms = {key: row[key] for key in (*TERMS, "volatility")}
    dividends = list(zip(row["dividend_times"], row["dividend_amounts"], strict=True))
    if dividends:  # escrowed, as published: the spot without their present value
        terms["spot"] -= sum(amount * np.exp(-row["rate"] * time) for time, amount in dividends)
    if row["quantity"] == "early_exercise_premium":
        value = mc.price_american(**terms, accuracy="accurate") - mc.price_european(**terms)
    elif row["quantity"] == "price" and row["style"] == "american":
        value = mc.price_american(**terms, accuracy="accurate")
    elif row["quantity"] == "price":
        value = mc.price_european(**terms)
    else:
        value = getattr(mc.greeks(**terms), row["quantity"])
    assert value == pytest.approx(row["value"], abs=row["tolerance"], rel=0), f"{row['document']}, {row['place']}"
