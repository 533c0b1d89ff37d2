# SPDX-License-Identifier: Apache-2.0
"""Prices, sensitivities and implied volatilities over columns: figures, shapes, types, errors, memory and threads."""

from __future__ import annotations

import copy
import dataclasses
import math
import pickle
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import margincore as mc
import numpy as np
import pytest
from margincore._option_arguments import option_arguments
from option_sample import book_price, random_options, rows_of

NAMES = ("right", "spot", "strike", "time", "rate", "dividend_yield", "volatility")
OPTION: dict[str, Any] = dict(zip(NAMES, ("call", 100.0, 110.0, 0.5, 0.04, 0.01, 0.25), strict=True))
GREEKS = ("delta", "gamma", "vega", "theta", "rho")

Pricer = Callable[..., Any]


def implied_of(**option: Any) -> Any:
    """The volatility that the price of an option implies; takes what the other functions take."""
    volatility = option.pop("volatility")
    return mc.implied_volatility(mc.price_european(**option, volatility=volatility), **option)


def all_of(**option: Any) -> list[Any]:
    """Every figure of options, the implied volatility last."""
    greeks = mc.greeks(**option)
    return [mc.price_european(**option), *(getattr(greeks, name) for name in GREEKS), implied_of(**option)]


def require_same(found: list[Any], expected: list[Any]) -> None:
    """To the bit, but for implied volatilities: a search ends when all that are side by side have ended."""
    for figure, other in zip(found[:-1], expected[:-1], strict=True):
        np.testing.assert_array_equal(figure, other)
    np.testing.assert_allclose(found[-1], expected[-1], rtol=1e-11)


# --- figures -------------------------------------------------------------------------------------------------------


def test_prices_are_those_of_the_books() -> None:
    # Source: the formula of Black, Scholes and Merton with the C library's erfc; 1e-13 of the spot, both rounded.
    options = random_options(2_000)
    expected = [book_price(**option) for option in rows_of(options)]
    np.testing.assert_allclose(mc.price_european(**options), expected, rtol=0, atol=150 * 1e-13)


@pytest.mark.parametrize(
    ("option", "price"),
    [
        # Source: Hull, Options, Futures and Other Derivatives, the example of the Black-Scholes-Merton formulas.
        (("call", 42.0, 40.0, 0.5, 0.10, 0.0, 0.20), 4.76),
        (("put", 42.0, 40.0, 0.5, 0.10, 0.0, 0.20), 0.81),
        # Source: Haug, The Complete Guide to Option Pricing Formulas, the example of the Merton formula.
        (("put", 100.0, 95.0, 0.5, 0.10, 0.05, 0.20), 2.4648),
    ],
)
def test_published_prices(option: tuple[Any, ...], price: float) -> None:
    printed = len(str(price).split(".")[1])
    assert round(mc.price_european(*option), printed) == price


def test_sensitivities_are_the_slopes_of_prices() -> None:
    # Source: central differences of the prices; their error is the step squared and 1e-14 of the spot by the step.
    options = random_options(500)
    found = mc.greeks(**options)

    def slope(name: str, step: float) -> Any:
        up, down = ({**options, name: options[name] + sign * step} for sign in (1, -1))
        return (mc.price_european(**up) - mc.price_european(**down)) / (2 * step)

    spot, step = options["spot"], 1e-2
    bend = mc.price_european(**{**options, "spot": spot + step}) - 2 * mc.price_european(**options)
    bend += mc.price_european(**{**options, "spot": spot - step})
    np.testing.assert_allclose(found.delta, slope("spot", 1e-3), rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(found.gamma, bend / step**2, rtol=1e-4, atol=1e-7)
    np.testing.assert_allclose(found.vega, slope("volatility", 1e-5), rtol=1e-6, atol=1e-5)
    np.testing.assert_allclose(found.theta, -slope("time", 1e-6), rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(found.rho, slope("rate", 1e-5), rtol=1e-6, atol=1e-5)


def test_implied_volatilities_give_the_prices_again() -> None:
    # Source: the round trip; a price is known to 1e-14 of the spot, and so is what is inverted.
    options = random_options(2_000)
    prices = mc.price_european(**options)
    given = {name: column for name, column in options.items() if name != "volatility"}
    found = mc.implied_volatility(prices, **given)
    np.testing.assert_allclose(mc.price_european(**given, volatility=found), prices, rtol=0, atol=150 * 1e-13)
    solid = mc.greeks(**options).vega > 1.0
    assert solid.sum() > 1_000
    np.testing.assert_allclose(found[solid], options["volatility"][solid], rtol=1e-10)


def test_without_time_or_volatility_the_forwards_intrinsic_value() -> None:
    # Source: the limit of the formula.
    assert mc.price_european("put", 90, 100, 0, 0.05, 0, 0.2) == 10
    forward = 100 * math.exp(-0.01) - 90 * math.exp(-0.05)
    assert mc.price_european("call", 100, 90, 1, 0.05, 0.01, 0) == pytest.approx(forward, rel=1e-14)
    assert mc.greeks("call", 100, 90, 1, 0.05, 0.01, 0).gamma == 0


# --- shapes and types ------------------------------------------------------------------------------------------------


def test_numbers_in_a_number_out() -> None:
    for figure in all_of(**OPTION):
        assert type(figure) is float
    for nothing in (np.float64, np.array, np.float32):
        assert type(mc.price_european(**{**OPTION, "spot": nothing(100.0)})) is float
    assert mc.price_european(1, 100, 110, 1, 0, 0, np.array(0.25)) == mc.price_european("call", 100, 110, 1, 0, 0, 0.25)


@pytest.mark.parametrize("name", NAMES)
def test_each_argument_may_be_the_only_column(name: str) -> None:
    column = ["call", "put", "call"] if name == "right" else [OPTION[name] * k for k in (0.9, 1.0, 1.1)]
    found = all_of(**{**OPTION, name: column})
    alone = [all_of(**{**OPTION, name: value}) for value in column]
    for figure in found:
        assert figure.shape == (3,)
        assert figure.dtype == np.float64
    require_same(found, list(zip(*alone, strict=True)))


@pytest.mark.parametrize(
    ("spot", "strike", "shape"),
    [
        ((1,), (), (1,)),
        ((4, 1), (3,), (4, 3)),
        ((2, 1, 3), (5, 1), (2, 5, 3)),
        ((2, 3), (2, 3), (2, 3)),
        ((1, 1), (), (1, 1)),
        ((0,), (), (0,)),
        ((0,), (1,), (0,)),
        ((3, 0), (3, 1), (3, 0)),
    ],
)
def test_shapes_broadcast(spot: tuple[int, ...], strike: tuple[int, ...], shape: tuple[int, ...]) -> None:
    draw = np.random.default_rng(1)
    options = {**OPTION, "spot": draw.uniform(90, 110, spot), "strike": draw.uniform(90, 110, strike)}
    expected = np.array(
        [
            mc.price_european(**{**OPTION, "spot": s, "strike": k})
            for s, k in zip(*(a.ravel() for a in np.broadcast_arrays(options["spot"], options["strike"])), strict=True)
        ]
    ).reshape(shape)
    np.testing.assert_array_equal(mc.price_european(**options), expected)
    for figure in all_of(**options):
        assert figure.shape == shape
        assert figure.flags.c_contiguous
        assert figure.flags.writeable


def test_every_number_of_rows_and_every_tail_of_lanes() -> None:
    options = random_options(70)
    whole = all_of(**options)
    for rows in range(1, 70):
        require_same(all_of(**{n: c[:rows] for n, c in options.items()}), [figure[:rows] for figure in whole])


@pytest.mark.parametrize(
    "view",
    [
        lambda a: a.tolist(),
        lambda a: tuple(a.tolist()),
        lambda a: a[::-1][::-1],
        lambda a: np.repeat(a, 2)[::2],
        lambda a: np.asfortranarray(np.tile(a, (3, 1)))[1],
        lambda a: a.astype(">f8"),
        lambda a: a.astype(object),
        lambda a: np.frombuffer(b"\0" + a.tobytes(), np.uint8)[1:].view(np.float64),
        lambda a: np.ma.masked_array(a, False),
        lambda a: [Decimal(x) for x in a],
        lambda a: a.astype(np.longdouble),
    ],
    ids=[
        "list",
        "tuple",
        "reversed",
        "strided",
        "column-major",
        "big-endian",
        "objects",
        "not aligned",
        "masked array",
        "decimals",
        "long double",
    ],
)
def test_numbers_of_every_layout_are_taken(view: Callable[[Any], Any]) -> None:
    options = random_options(40)
    seen = {name: view(column) for name, column in options.items()}
    np.testing.assert_array_equal(mc.price_european(**seen), mc.price_european(**options))


@pytest.mark.parametrize("dtype", [np.float32, np.float16, np.int64, np.int8, np.uint16])
def test_numbers_of_other_types_are_converted(dtype: Any) -> None:
    spot = np.array([90, 100, 110]).astype(dtype)
    expected = mc.price_european("call", [90.0, 100.0, 110.0], 100, 1, 0, 0, 0.5)
    np.testing.assert_array_equal(mc.price_european("call", spot, 100, 1, 0, 0, 0.5), expected)


def test_frames_columns_are_taken() -> None:
    options = random_options(40)
    names = np.where(options["right"] > 0, "call", "put")
    expected = mc.price_european(**options)
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame({**options, "right": names}, index=np.arange(40)[::-1])
    for right in (frame["right"], frame["right"].astype("category"), frame["right"].astype(object)):
        np.testing.assert_array_equal(mc.price_european(**{**dict(frame.items()), "right": right}), expected)
    np.testing.assert_array_equal(mc.price_european(**dict(frame.convert_dtypes().items())), expected)
    pl = pytest.importorskip("polars")
    polars = pl.DataFrame({**options, "right": names})
    columns = {column.name: column for column in polars}
    np.testing.assert_array_equal(mc.price_european(**columns), expected)
    columns["right"] = columns["right"].cast(pl.Categorical)
    np.testing.assert_array_equal(mc.price_european(**columns), expected)


def test_rights_of_every_kind() -> None:
    call, put = (mc.price_european(**{**OPTION, "right": right}) for right in ("call", "put"))
    for right in (
        ["call", "put"],
        [1, -1],
        [1.0, -1.0],
        np.array(["call", "put"]),
        np.array(["call", "put"], dtype=object),
        np.array(["call", -1], dtype=object),
        np.array([1, -1], dtype=np.int8),
    ):
        np.testing.assert_array_equal(mc.price_european(**{**OPTION, "right": right}), [call, put])
    for right in ("call", 1, 1.0, np.str_("call"), np.int8(1), np.array("call")):
        assert mc.price_european(**{**OPTION, "right": right}) == call


# --- errors ----------------------------------------------------------------------------------------------------------

BAD = [
    ("right", 0.5, "got 0.5"),
    ("right", math.nan, "got nan"),
    ("right", "Call", "must be 'call' or 'put', or 1 or -1, got 'Call'"),
    ("right", None, "must be 'call' or 'put', or 1 or -1, got None"),
    ("spot", -1.0, "must be zero or more, got -1"),
    ("spot", math.inf, "must be a finite number, got inf"),
    ("strike", 0.0, "must be more than zero, got 0"),
    ("strike", None, "must be a finite number, got nan"),
    ("time", -0.1, "must be zero or more, got -0.1"),
    ("time", 101.0, "got 101"),
    ("rate", math.nan, "must be a finite number, got nan"),
    ("rate", 6.0, "got 6"),
    ("dividend_yield", -6.0, "got -6"),
    ("volatility", -0.2, "must be zero or more, got -0.2"),
    ("volatility", 1e3, "got 1000"),
]


@pytest.mark.parametrize(("name", "value", "words"), BAD)
@pytest.mark.parametrize("function", [mc.price_european, mc.greeks])
def test_what_no_option_can_have_is_refused_with_its_place(function: Pricer, name: str, value: Any, words: str) -> None:
    good: Any = "put" if name == "right" else OPTION[name]
    cases: list[tuple[Any, str]] = [
        (value, name),
        (np.array([value], dtype=object), f"{name}[0]"),
        (np.array([good] * 11 + [value], dtype=object), f"{name}[11]"),
        (np.array([[good] * 6, [good] * 5 + [value]], dtype=object), f"{name}[11]"),
    ]
    if isinstance(value, float):
        cases.append((np.array([1.0 if name == "right" else good] * 20 + [value]), f"{name}[20]"))
    for argument, where in cases:
        with pytest.raises(mc.InvalidInput) as caught:
            function(**{**OPTION, name: argument})
        assert caught.value.where == where
        assert str(caught.value).startswith(f"{where}: ")
        assert words in str(caught.value)


def test_places_are_rows_of_the_result() -> None:
    for right in ([["call"], ["x"]], [[1], [2]]):
        with pytest.raises(mc.InvalidInput) as caught:
            mc.price_european(**{**OPTION, "right": right, "spot": np.full((3,), 100.0)})
        assert caught.value.where == "right[3]"
    with pytest.raises(mc.InvalidInput) as caught:
        mc.price_european(**{**OPTION, "strike": [[100.0], [-1.0]], "spot": np.full((3,), 100.0)})
    assert caught.value.where == "strike[3]"


@pytest.mark.parametrize(
    ("change", "where", "words"),
    [
        ({"spot": "100"}, "spot", "must be numbers, got <U3"),
        ({"spot": np.array(["100", 1], dtype=object)}, "spot", "must be numbers, got text"),
        ({"strike": [1j]}, "strike", "must be numbers, got complex128"),
        ({"strike": [True]}, "strike", "must be numbers, got bool"),
        ({"time": np.array(["2026-01-01"], "M8[D]")}, "time", "must be numbers, got datetime64"),
        ({"rate": object()}, "rate", "must be numbers, got "),
        ({"rate": 10**400}, "rate", "must be numbers, got int too large"),
        ({"volatility": [[0.1], [0.1, 0.2]]}, "volatility", "must be an array or broadcast to one, got "),
        ({"right": True}, "right", "must be 'call' or 'put', or 1 or -1, got bool"),
        ({"right": b"call"}, "right", "must be 'call' or 'put', or 1 or -1, got |S4"),
        ({"right": [{}]}, "right", "must be 'call' or 'put', or 1 or -1, got unhashable"),
        ({"spot": [1.0, 2.0], "strike": [1.0] * 3}, "strike", "a shape that broadcasts with (2,), got (3,)"),
        ({"spot": [1.0, 2.0], "volatility": []}, "volatility", "a shape that broadcasts with (2,), got (0,)"),
        ({"spot": np.ma.masked_array([90.0, 91.0], [False, True])}, "spot[1]", "must be a finite number, got nan"),
        ({"right": np.ma.masked_array(["call", "put"], [False, True])}, "right[1]", "got None"),
    ],
)
def test_what_is_no_column_is_refused(change: dict[str, Any], where: str, words: str) -> None:
    for function in (mc.price_european, mc.greeks):
        with pytest.raises(mc.InvalidInput) as caught:
            function(**{**OPTION, **change})
        assert caught.value.where == where
        assert words in str(caught.value)


@pytest.mark.parametrize(
    ("change", "error", "where", "words"),
    [
        ({"price": -1.0}, mc.InvalidInput, "price", "must be zero or more, got -1"),
        ({"price": [2.0, math.nan]}, mc.InvalidInput, "price[1]", "must be a finite number, got nan"),
        ({"price": "2"}, mc.InvalidInput, "price", "must be numbers"),
        ({"time": [0.5, 0.0]}, mc.InvalidInput, "time[1]", "must be more than zero, got 0"),
        ({"spot": 0.0}, mc.InvalidInput, "spot", "must be more than zero, got 0"),
        ({"strike": -1.0}, mc.InvalidInput, "strike", "must be more than zero, got -1"),
        ({"right": 0}, mc.InvalidInput, "right", "must be 1 for a call or -1 for a put, got 0"),
        ({"style": "bermudan"}, mc.InvalidInput, "style", "must be one of american, european, got 'bermudan'"),
        ({"price": [2.0, 2.0, 120.0]}, mc.NumericalFailure, "price[2]", "which no volatility reaches, got 120"),
        ({"price": 1.0, "strike": 50.0}, mc.NumericalFailure, "price", "what the option is worth without volatility"),
    ],
)
def test_prices_without_a_volatility_are_refused(
    change: dict[str, Any], error: type[mc.MarginError], where: str, words: str
) -> None:
    given = {name: value for name, value in OPTION.items() if name != "volatility"}
    with pytest.raises(error) as caught:
        mc.implied_volatility(**{"price": 2.0, **given, **change})
    assert caught.value.where == where
    assert words in str(caught.value)


def test_a_style_of_sensitivities_that_there_is_not_is_refused() -> None:
    with pytest.raises(mc.InvalidInput, match="style: must be one of american, european, got 'asian'"):
        mc.greeks(**OPTION, style="asian")


# --- memory and threads ----------------------------------------------------------------------------------------------


def test_columns_in_one_piece_are_read_where_they_lie() -> None:
    options = random_options(100)
    for shape in ((100,), (4, 25), (2, 5, 10)):
        given = {name: column.reshape(shape) for name, column in options.items()}
        for column in given.values():
            column.setflags(write=False)
        columns, found = option_arguments(**given)
        assert found == shape
        for column, original in zip(columns, options.values(), strict=True):
            assert np.shares_memory(column, original)
    columns, _ = option_arguments("call", **{**dict.fromkeys(NAMES[1:], 1.0), "spot": options["spot"]})
    assert [type(column) for column in columns] == [float, np.ndarray] + [float] * 5


@pytest.mark.skipif(sys.platform != "linux", reason="limits the memory of a process as Linux does")
def test_columns_in_one_piece_are_not_copied_and_numbers_take_no_memory() -> None:
    # 7 columns of 32 MB, and a limit that leaves room for a result of 32 MB and half a column more.
    program = textwrap.dedent(
        """
        import resource
        import numpy as np
        import margincore as mc

        rows = 4_000_000
        columns = [np.full(rows, value) for value in (1.0, 100.0, 110.0, 0.5, 0.04, 0.01, 0.25)]
        mc.price_european(*(column[:10] for column in columns))
        prices = np.full(rows, 5.0)
        with open("/proc/self/statm") as statm:
            used = int(statm.read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + 48_000_000, resource.RLIM_INFINITY))
        assert mc.price_european(*columns).shape == (rows,)
        assert mc.price_european("put", columns[1], 110, 0.5, 0.04, 0.01, 0.25).shape == (rows,)
        assert mc.implied_volatility(prices, *columns[:-1]).shape == (rows,)
        try:
            mc.price_european(columns[0][::-1], *columns[1:])
        except MemoryError:
            print("as expected")
        """
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("as expected\n", "")


def test_calls_from_several_threads_do_not_disturb_each_other() -> None:
    samples = [random_options(20_000, seed) for seed in range(4)]
    expected = [all_of(**sample) for sample in samples]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda k: all_of(**samples[k % 4]), range(24)))
    for k, figures in enumerate(found):
        for figure, figure_expected in zip(figures, expected[k % 4], strict=True):
            np.testing.assert_array_equal(figure, figure_expected)


def test_other_threads_run_meanwhile() -> None:
    options = random_options(300_000)
    counted = 0
    stop = threading.Event()

    def count() -> None:
        nonlocal counted
        while not stop.is_set():
            counted += 1
            time.sleep(0)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1000)  # so that the other thread runs only where this one lets go
    other = threading.Thread(target=count)
    try:
        other.start()
        before = counted
        for _ in range(3):
            all_of(**options)
        during = counted - before
    finally:
        sys.setswitchinterval(interval)
        stop.set()
        other.join()
    assert during > 100


# --- Greeks ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("spot", [100.0, [90.0, 100.0]])
def test_sensitivities_are_pickled_and_copied(spot: Any) -> None:
    greeks = mc.greeks(**{**OPTION, "spot": spot})
    for other in (pickle.loads(pickle.dumps(greeks)), copy.deepcopy(greeks)):
        assert type(other) is mc.Greeks
        for name in GREEKS:
            np.testing.assert_array_equal(getattr(other, name), getattr(greeks, name))


def test_sensitivities_have_names_and_cannot_be_replaced() -> None:
    greeks = mc.greeks(**OPTION)
    assert tuple(vars(greeks)) == GREEKS
    with pytest.raises(dataclasses.FrozenInstanceError):
        greeks.delta = 1.0  # type: ignore[misc]
