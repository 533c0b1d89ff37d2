# SPDX-License-Identifier: Apache-2.0
"""Volatility and beta of returns, against NumPy."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import margincore as mc
import numpy as np
import pytest

# Both sum squares of numbers of one size, in another order than NumPy: a few units in the last place.
NEAR = 1e-12


@pytest.fixture
def returns() -> np.ndarray:
    return np.random.default_rng(4210).normal(0.0005, 0.02, size=(250, 7))


@pytest.fixture
def benchmark() -> np.ndarray:
    return np.random.default_rng(220).normal(0.0003, 0.01, size=250)


def test_volatility_is_numpys_sample_deviation_a_year(returns: np.ndarray) -> None:
    # Source: numpy.std with ddof=1, times the root of 252.
    expected = returns.std(axis=0, ddof=1) * np.sqrt(252)
    np.testing.assert_allclose(mc.historical_volatility(returns), expected, rtol=NEAR)
    np.testing.assert_allclose(mc.historical_volatility(returns, 52), expected / np.sqrt(252) * np.sqrt(52), rtol=NEAR)


def test_volatility_of_thirty_days_by_hand() -> None:
    # Source: fifteen returns of +1 % and fifteen of -1 % have mean 0 and variance 30 x 0.0001 / 29.
    returns = np.tile([0.01, -0.01], 15)
    assert mc.historical_volatility(returns) == pytest.approx(np.sqrt(252 * 0.003 / 29), rel=NEAR)


def test_beta_is_numpys_covariance_over_variance(returns: np.ndarray, benchmark: np.ndarray) -> None:
    # Source: numpy.cov(r, b)[0, 1] / numpy.var(b, ddof=1).
    expected = [np.cov(column, benchmark)[0, 1] / benchmark.var(ddof=1) for column in returns.T]
    np.testing.assert_allclose(mc.historical_beta(returns, benchmark), expected, rtol=1e-10)


def test_beta_of_multiples_of_the_benchmark_is_the_multiple(benchmark: np.ndarray) -> None:
    # Source: the slope of a line.
    multiples = np.array([-1.0, 0.0, 1.0, 1.8])
    columns = benchmark[:, None] * multiples + 0.001
    np.testing.assert_allclose(mc.historical_beta(columns, benchmark), multiples, atol=1e-12)


def test_shapes(returns: np.ndarray, benchmark: np.ndarray) -> None:
    assert mc.historical_volatility(returns).shape == (7,)
    assert mc.historical_volatility(returns[:, :1]).shape == (1,)
    assert mc.historical_volatility(returns[:, 0]).shape == ()
    assert mc.historical_volatility(returns[:, :0]).shape == (0,)
    assert mc.historical_beta(returns, benchmark).shape == (7,)
    assert mc.historical_beta(returns[:, 0], benchmark).shape == ()
    assert mc.historical_volatility(returns).dtype == np.float64


@pytest.mark.parametrize(
    "view",
    [
        lambda a: np.asfortranarray(a),
        lambda a: a[::2],
        lambda a: a[:, ::-1],
        lambda a: a.astype(np.float32),
        lambda a: np.round(a * 100).astype(np.int64),
        lambda a: a.tolist(),
        lambda a: tuple(map(tuple, a)),
    ],
    ids=["column-major", "every second row", "columns reversed", "float32", "int64", "list", "tuple"],
)
def test_arrays_of_every_layout_are_taken(returns: np.ndarray, view: object) -> None:
    seen = view(returns)  # type: ignore[operator]
    expected = np.asarray(seen, dtype=np.float64).std(axis=0, ddof=1) * np.sqrt(252)
    np.testing.assert_allclose(mc.historical_volatility(seen), expected, rtol=NEAR)


def test_arrays_that_may_not_be_written_are_taken(returns: np.ndarray, benchmark: np.ndarray) -> None:
    before = returns.copy()
    returns.setflags(write=False)
    benchmark.setflags(write=False)
    mc.historical_volatility(returns)
    mc.historical_beta(returns, benchmark)
    np.testing.assert_array_equal(returns, before)


@pytest.mark.parametrize(
    ("call", "where", "words"),
    [
        (lambda: mc.historical_volatility([[0.1], [np.nan]]), "returns[1][0]", "must be a finite number, got nan"),
        (lambda: mc.historical_volatility([0.1, 0.2, -np.inf]), "returns[2][0]", "must be a finite number, got -inf"),
        (lambda: mc.historical_volatility([[0.1, 0.2]]), "returns", "must have at least 2 periods, got 1"),
        (lambda: mc.historical_volatility(np.zeros((0, 3))), "returns", "must have at least 2 periods, got 0"),
        (lambda: mc.historical_volatility(np.zeros((2, 2, 2))), "returns", "must have shape"),
        (lambda: mc.historical_volatility([0.1, 0.2], 0), "periods_per_year", "must be more than zero, got 0"),
        (lambda: mc.historical_volatility([0.1, 0.2], np.nan), "periods_per_year", "must be a finite number"),
        (lambda: mc.historical_beta([0.1, 0.2], [0.1]), "benchmark_returns", "for each of 2 periods, got 1"),
        (lambda: mc.historical_beta([0.1, 0.2], [0.1, np.nan]), "benchmark_returns[1]", "must be a finite number"),
        (lambda: mc.historical_beta([0.1, 0.2], [0.1, 0.1]), "benchmark_returns", "must move"),
        (lambda: mc.historical_beta([0.1, 0.2, 0.3], [0.1] * 3), "benchmark_returns", "must move"),  # mean is not 0.1
        (lambda: mc.historical_beta([0.1, 0.2] * 3, [0.1] * 6), "benchmark_returns", "must move"),
        (lambda: mc.historical_volatility(["a", "b"]), "returns", "must be numbers"),
        (lambda: mc.historical_beta([0.1, 0.2], [[0.1], [0.2]]), "benchmark_returns", "must have shape"),
        (lambda: mc.historical_beta([[np.nan], [0.2]], [0.1, 0.2]), "returns[0][0]", "must be a finite number"),
        (lambda: mc.historical_beta([0.1], [0.1]), "returns", "must have at least 2 periods, got 1"),
    ],
)
def test_what_has_no_answer_is_refused_with_its_place(call: object, where: str, words: str) -> None:
    with pytest.raises(mc.InvalidInput) as caught:
        call()  # type: ignore[operator]
    assert caught.value.where == where
    assert words in str(caught.value)


@pytest.mark.skipif(sys.platform != "linux", reason="limits the memory of a process as Linux does")
def test_a_row_major_array_is_not_copied() -> None:
    # 64 MB of returns under a limit that leaves 16 MB: a copy would fail, as the one of the column-major array does.
    program = textwrap.dedent(
        """
        import resource
        import numpy as np
        import margincore as mc

        returns = np.zeros((2_000, 4_000))
        returns[::2] = 0.01
        benchmark = returns[:, 0].copy()
        mc.historical_volatility(returns[:4])
        mc.historical_beta(returns[:4], benchmark[:4])
        with open("/proc/self/statm") as statm:
            used = int(statm.read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + 16_000_000, resource.RLIM_INFINITY))
        assert mc.historical_volatility(returns).shape == (4_000,)
        assert mc.historical_beta(returns, benchmark).shape == (4_000,)
        try:
            mc.historical_volatility(returns.T)
        except MemoryError:
            print("as expected")
        """
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("as expected\n", "")
