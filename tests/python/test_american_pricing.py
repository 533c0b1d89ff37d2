# SPDX-License-Identifier: Apache-2.0
"""American options and cash dividends from Python, against tables of an independent implementation and identities."""

import csv
import warnings
from pathlib import Path

import margincore as mc
import numpy as np
import pytest

ORACLE = Path(__file__).resolve().parents[1] / "oracle"
OPTION = {
    "right": "put",
    "spot": 100.0,
    "strike": 105.0,
    "time": 0.5,
    "rate": 0.05,
    "dividend_yield": 0.01,
    "volatility": 0.2,
}
TERMS = {name: value for name, value in OPTION.items() if name != "volatility"}


def table(name):
    with (ORACLE / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {key: np.array([row[key] if key == "right" else float(row[key]) for row in rows]) for key in rows[0]}


@pytest.mark.parametrize(("accuracy", "greatest"), [("fast", 1e-3), ("accurate", 1e-4)])
def test_american_prices_are_within_their_setting_of_the_table(accuracy, greatest):
    rows = table("american")
    errors = np.abs(mc.price_american(*(rows[key] for key in OPTION), accuracy=accuracy) - rows["price"])
    is_wide = np.arange(len(errors)) % 5 == 0  # of ranges that the settings are not chosen for
    assert errors[~is_wide].max() < greatest


def test_european_prices_and_greeks_are_those_of_the_table():
    rows = table("european")
    arguments = [rows[key] for key in OPTION]
    scale = np.maximum(rows["spot"], rows["strike"])
    assert (np.abs(mc.price_european(*arguments) - rows["exact_price"]) / scale).max() < 1e-14
    greeks = mc.greeks(*arguments)
    for name in ("delta", "gamma", "vega", "theta", "rho"):
        expected = rows[name]
        assert np.abs(getattr(greeks, name) - expected).max() < 1e-8 * max(1.0, np.abs(expected).max()), name


def test_greeks_of_american_options_are_slopes_of_their_prices():
    greeks = mc.greeks(**OPTION, style="american")

    def price(**changes):
        return mc.price_american(**{**OPTION, **changes}, accuracy="accurate")

    assert greeks.delta == pytest.approx((price(spot=100.5) - price(spot=99.5)) / 1.0, abs=1e-3)
    assert greeks.gamma == pytest.approx((price(spot=101) - 2 * price() + price(spot=99)), abs=2e-3)
    assert greeks.vega == pytest.approx((price(volatility=0.205) - price(volatility=0.195)) / 0.01, rel=1e-2)
    assert greeks.theta == pytest.approx((price(time=0.49) - price(time=0.51)) / 0.02, rel=2e-2)
    assert greeks.rho == pytest.approx((price(rate=0.051) - price(rate=0.049)) / 0.002, rel=1e-2)


def test_without_cash_dividends_before_expiry_the_grid_is_the_boundary():
    for dividends in ([], [(-0.1, 3.0)], [(0.0, 3.0)], [(0.7, 3.0)]):
        on_grid = mc.price_american(**OPTION, dividends=dividends, accuracy="accurate")
        assert on_grid == pytest.approx(mc.price_american(**OPTION, accuracy="accurate"), abs=2e-3)


def test_the_dividend_model_is_a_choice_that_shows():
    call = {**OPTION, "right": "call", "strike": 100.0, "time": 1.0, "dividend_yield": 0.0, "volatility": 0.3}
    dividends = [(0.1, 1.0), (0.35, 1.0), (0.6, 1.0), (0.85, 1.0)]
    spot, escrowed = (
        mc.price_american(**call, dividends=dividends, dividend_model=model, accuracy="accurate")
        for model in ("spot", "escrowed")
    )
    assert 0.05 < spot - escrowed < 0.6
    assert mc.price_american(**call) > spot > 0


@pytest.mark.parametrize("style", ["american", "european"])
@pytest.mark.parametrize("dividends", [None, [(0.2, 1.0)]])
def test_implied_volatility_gives_back_what_the_price_was_made_with(style, dividends):
    strikes = np.linspace(90, 115, 11)
    terms = {**TERMS, "strike": strikes}
    made = {"style": style, "dividends": dividends}
    if dividends is None and style == "american":
        prices = mc.price_american(**terms, volatility=0.3, accuracy="accurate")
    elif dividends is None:
        prices = mc.price_european(**terms, volatility=0.3)
    elif style == "american":
        prices = mc.price_american(**terms, volatility=0.3, dividends=dividends, accuracy="accurate")
    else:  # by the sum of its sensitivities nothing is priced: the escrowed European option is one without dividends
        present = np.exp(-(terms["rate"] - terms["dividend_yield"]) * 0.2)
        prices = mc.price_european(**{**terms, "spot": 100.0 - present}, volatility=0.3)
        made["dividend_model"] = "escrowed"
    found = mc.implied_volatility(prices, **terms, **made)
    assert found == pytest.approx(0.3, abs=1e-3)


@pytest.mark.parametrize(
    ("changes", "error", "where"),
    [
        ({"accuracy": "exact"}, mc.InvalidInput, "accuracy"),
        ({"dividend_model": "forward", "dividends": [(0.1, 1.0)]}, mc.InvalidInput, "dividend_model"),
        ({"dividends": [(0.1, -1.0)]}, mc.InvalidInput, "dividends[0].amount"),
        ({"dividends": [(0.3, 1.0), (0.1, 1.0)]}, mc.InvalidInput, "dividends[1].time"),
        ({"dividends": [0.1]}, mc.InvalidInput, "dividends[0]"),
        ({"strike": [100.0, 0.0]}, mc.InvalidInput, "strike[1]"),
        ({"rate": -0.01, "dividend_yield": -0.02}, mc.Unsupported, "dividend_yield"),
    ],
)
def test_what_cannot_be_priced_is_refused_with_its_place(changes, error, where):
    with pytest.raises(error) as raised:
        mc.price_american(**{**OPTION, **changes})
    assert raised.value.where == where


def test_a_price_that_no_volatility_gives_is_refused_by_name():
    with pytest.raises(mc.NumericalFailure, match=r"price: must be at least 5"):
        mc.implied_volatility(4.9, **TERMS, style="american")
    with pytest.raises(mc.NumericalFailure, match=r"price: must be below 105"):
        mc.implied_volatility(105.0, **TERMS, style="american")


@pytest.mark.parametrize(("price", "dividends"), [(99.05, [(0.2, 1.0)]), (99.9, [(0.2, 1.0)]), (60.0, [(0.2, 50.0)])])
def test_an_escrowed_european_call_is_never_worth_what_is_set_aside(price, dividends):
    # It is a call on the spot less its dividends: below 99.008 and 50.4.
    with pytest.raises(mc.NumericalFailure, match=r"price: must be below (99.0079|50.3984)") as refused:
        mc.implied_volatility(
            price, "call", 100, 100, 1, 0.04, 0, style="european", dividends=dividends, dividend_model="escrowed"
        )
    assert refused.value.where == "price"


@pytest.mark.parametrize(("spot", "time", "rate", "volatility"), [(176.41, 10, 0.05, 5), (100, 1, 0.04, 14.81)])
def test_a_volatility_that_is_too_much_for_a_grid_is_refused_by_name(spot, time, rate, volatility):
    # Of these the grid would be wrong by 1.9 and 0.5.
    arguments = ("call", spot, 100, time, rate, 0, volatility)
    for price in (mc.price_american, mc.greeks):
        with pytest.raises(mc.Unsupported) as refused:
            price(*arguments, dividends=[(0.2, 1.0)])
        assert refused.value.where == "volatility"
    with pytest.raises(mc.Unsupported) as refused:
        mc.price_american("put", 100, 100, 1, 0.04, 0, [0.2, 5.1], dividends=[(0.2, 1.0)])
    assert refused.value.where == "volatility[1]"


def test_a_price_so_high_that_no_volatility_is_found_is_refused_by_name():
    with pytest.raises(mc.NumericalFailure, match="price: must have a volatility") as refused:
        mc.implied_volatility(99.9, "call", 100, 100, 1, 0.04, 0, style="american", dividends=[(0.2, 1.0)])
    assert refused.value.where == "price"


@pytest.mark.parametrize("style", ["european", "american"])
@pytest.mark.parametrize("right", ["call", "put"])
def test_greeks_of_a_worthless_spot_with_dividends_are_numbers(style, right):
    with pytest.warns(mc.FlooredDividends):
        greeks = mc.greeks(right, 0, 100, 1, 0.05, 0.02, 0.2, style=style, dividends=[(0.3, 2.0)])
    assert np.isfinite([greeks.delta, greeks.gamma, greeks.vega, greeks.theta, greeks.rho]).all()


# --- European with cash dividends, and where the slope of a price has a kink ------------------------------------------

DIVIDENDS = [(0.2, 1.5), (0.6, 1.5), (3.0, 9.0)]  # the last goes ex after expiry


def test_european_prices_with_escrowed_dividends_are_those_of_the_spot_without_them():
    strikes = np.array([80.0, 95.0, 100.0, 120.0])
    present = 1.5 * np.exp(-0.05 * 0.2) + 1.5 * np.exp(-0.05 * 0.6)
    for right in ("call", "put"):
        prices = mc.price_european(right, 100, strikes, 1, 0.05, 0, 0.3, dividends=DIVIDENDS, dividend_model="escrowed")
        np.testing.assert_allclose(
            prices, mc.price_european(right, 100 - present, strikes, 1, 0.05, 0, 0.3), atol=3e-4, rtol=0
        )


def test_european_prices_with_dividends_of_the_spot_keep_parity_and_are_no_american_ones():
    strikes = np.array([80.0, 95.0, 100.0, 120.0])
    arguments = (100, strikes, 1, 0.05, 0.01, 0.3)
    call, put = (mc.price_european(right, *arguments, dividends=DIVIDENDS) for right in ("call", "put"))
    # A dividend of a certain amount is worth its present value, less the yield that the spot is held for until then.
    forward = 100 * np.exp(-0.01) - sum(d * np.exp(-0.05 * t - 0.01 * (1 - t)) for t, d in DIVIDENDS[:2])
    np.testing.assert_allclose(call - put, forward - strikes * np.exp(-0.05), atol=1e-3, rtol=0)
    assert (mc.price_american("put", *arguments, dividends=DIVIDENDS, accuracy="accurate") > put).all()


@pytest.mark.parametrize("style", ["european", "american"])
@pytest.mark.parametrize("dividends", [None, [(3.0, 1.0)]])
def test_expiring_at_the_strike_every_style_has_the_mean_of_both_deltas(style, dividends):
    for right, delta in (("call", 0.5), ("put", -0.5)):
        greeks = mc.greeks(right, 100, 100, 0, 0.05, 0.02, 0.2, style=style, dividends=dividends)
        assert greeks.delta == pytest.approx(delta, abs=1e-9)


@pytest.mark.parametrize(("right", "rate", "dividend_yield"), [("put", -0.01, -0.02), ("call", -0.02, -0.01)])
def test_two_boundaries_of_exercise_are_refused_under_dividends_too(right, rate, dividend_yield):
    terms = (right, 100.0, 105.0, 0.5, rate, dividend_yield)
    cash = {"dividends": [(0.2, 1.0)]}
    for ask in (
        lambda: mc.price_american(*terms, 0.25, **cash),
        lambda: mc.greeks(*terms, 0.25, style="american", **cash),
        lambda: mc.implied_volatility(9.0, *terms, style="american", **cash),
        lambda: mc.price_american(*terms, 0.25),
    ):
        with pytest.raises(mc.Unsupported) as caught:
            ask()
        assert caught.value.where == "dividend_yield"
    assert mc.price_european(*terms, 0.25, **cash) > 0


@pytest.mark.parametrize("dividends", [None, [(0.2, 1.0)]])
def test_what_has_expired_has_no_boundary_to_refuse(dividends):
    assert mc.price_american("put", 100.0, 105.0, 0.0, -0.01, -0.02, 0.25, dividends=dividends) == 5.0


def test_a_dividend_of_nothing_changes_no_price_however_deep_in_the_money():
    # The boundary method is independent of the grid; yields above the rate move exercise far below the strike.
    draw = np.random.default_rng(1984)
    for _ in range(200):
        time = float(np.exp(draw.uniform(np.log(0.02), np.log(2))))
        terms = (
            *("put" if draw.random() < 0.5 else "call", 100.0, float(100 * np.exp(draw.uniform(-1, 1))), time),
            *(float(x) for x in (draw.uniform(0, 0.08), draw.uniform(0, 0.08), np.exp(draw.uniform(np.log(0.02), 0)))),
        )
        price = mc.price_american(*terms, dividends=[(time / 2, 1e-9)], accuracy="accurate")
        assert price == pytest.approx(mc.price_american(*terms, accuracy="accurate"), abs=5e-3, rel=0), terms


def test_rho_under_dividends_is_not_noise():
    # An independent solver of finite differences: -62.518 with 3,200 points and steps, -62.527 with half of both.
    rho = mc.greeks(
        *("put", 100.0, 121.39, 0.9, 0.04, 0.02, 0.534),
        style="american",
        dividends=[(time, 0.5) for time in (0.1, 0.35, 0.6, 0.85)],
    ).rho
    assert rho == pytest.approx(-62.518, abs=0.02, rel=0)


# --- what is wrong with dividends and settings, in every function -----------------------------------------------------

FUNCTIONS = {
    "price_european": lambda **settings: mc.price_european(**OPTION, **settings),
    "price_american": lambda **settings: mc.price_american(**OPTION, **settings),
    "greeks": lambda **settings: mc.greeks(**OPTION, **settings),
    "implied_volatility": lambda **settings: mc.implied_volatility(9.0, **TERMS, **settings),
}


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)
@pytest.mark.parametrize(
    ("settings", "where"),
    [
        ({"dividends": 5}, "dividends"),
        ({"dividends": "none"}, "dividends"),
        ({"dividends": [(0.1, "1")]}, "dividends[0].amount"),
        ({"dividends": [(0.1, True)]}, "dividends[0].amount"),
        ({"dividends": [(0.1, np.True_)]}, "dividends[0].amount"),
        ({"dividends": [(0.1, 1.0), (None, 1.0)]}, "dividends[1].time"),
        ({"dividends": [(0.1, 10**400)]}, "dividends[0].amount"),
        ({"dividends": ["ab"]}, "dividends[0]"),
        ({"accuracy": None}, "accuracy"),
        ({"accuracy": "exact"}, "accuracy"),
        ({"dividend_model": "forward"}, "dividend_model"),
        ({"dividend_model": 1, "dividends": [(0.1, 1.0)]}, "dividend_model"),
    ],
)
def test_dividends_and_settings_that_are_none_are_refused_by_name(function, settings, where):
    with pytest.raises(mc.InvalidInput) as raised:
        function(**settings)
    assert raised.value.where == where


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)
@pytest.mark.parametrize("model", ["spot", "escrowed"])
def test_a_dividend_that_takes_all_of_the_spot_is_warned_of_once(function, model):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            function(dividends=[(0.1, 150.0)], dividend_model=model)
        except mc.NumericalFailure:  # 9 is no price of such an option: told instead
            assert function is FUNCTIONS["implied_volatility"]
            return
    assert [warning.category for warning in caught] == [mc.FlooredDividends]
    assert caught[0].filename == __file__
    assert caught[0].message.rows == [0]
    function(dividends=[(0.1, 50.0)] if function is not FUNCTIONS["implied_volatility"] else [(0.1, 1.0)])


def test_a_warning_of_dividends_has_the_rows_and_an_implied_volatility_has_it_too():
    arguments = {"right": "put", "strike": 100.0, "time": 1.0, "rate": 0.0, "dividend_yield": 0.0}
    dividends = [(0.5, 60.0), (1.5, 60.0)]  # the second goes ex after expiry
    spots = [100.0, 60.0, 59.0, 61.0]
    with pytest.warns(mc.FlooredDividends, match="in 2 rows, the first 1") as caught:
        prices = mc.price_european(**arguments, spot=spots, volatility=0.2, dividends=dividends)
    assert caught[0].message.rows == [1, 2]
    found = mc.price_european(**arguments, spot=[55.0, 65.0], volatility=0.5, dividends=[(0.5, 50.0)])
    assert np.isfinite(prices).all()
    assert np.isfinite(found).all()
    with pytest.warns(mc.FlooredDividends):
        price = mc.price_american(**arguments, spot=59.0, volatility=0.9, dividends=dividends, accuracy="accurate")
    assert 0 < price <= 100
