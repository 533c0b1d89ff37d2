# SPDX-License-Identifier: Apache-2.0
"""The builds of pricing: they agree, the fastest that runs is used or the one that is asked for, and none leaks."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import margincore as mc
import numpy as np
import pytest
from margincore import _core
from margincore._instruction_set import available
from option_sample import random_options

SETS = available()
PROGRAM = "import margincore as mc; print(mc.instruction_set(), mc.price_european('call', 100, 100, 1, 0.05, 0, 0.2))"


def build(name: str) -> Any:
    return import_module(f"margincore._pricing_{name}")


def run(program: str, wanted: str | None) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "MARGINCORE_INSTRUCTION_SET"}
    if wanted is not None:
        environment["MARGINCORE_INSTRUCTION_SET"] = wanted
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, env=environment)


def test_what_this_machine_runs_is_what_its_system_says() -> None:
    # Source: the flags that the kernel shows, which it clears where it does not save the registers.
    if sys.platform != "linux" or os.uname().machine != "x86_64":
        assert _core.instruction_sets() == ["baseline"]
        return
    flags = set(re.findall(r"^flags\s*:(.*)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.M)[0].split())
    expected = ["baseline"]
    if flags >= {"avx2", "fma"}:
        expected.append("avx2")
        if flags >= {"avx512f", "avx512dq", "avx512vl", "avx512bw"}:
            expected.append("avx512")
    assert _core.instruction_sets() == expected
    assert expected == SETS  # a wheel for x86-64 has them all


@pytest.mark.parametrize("name", SETS)
def test_the_sets_agree(name: str) -> None:
    # 1e-13 of the spot: sums are rounded once where there is an instruction for a x b + c, twice where there is none.
    options = random_options(5_003)
    columns = list(options.values())
    near = 1e-13 * 150
    prices = build("baseline").price_european(*columns)
    np.testing.assert_allclose(build(name).price_european(*columns), prices, rtol=0, atol=near)
    greeks = build("baseline").greeks_european(*columns)
    for mine, others in zip(build(name).greeks_european(*columns), greeks, strict=True):
        np.testing.assert_allclose(mine, others, rtol=1e-10, atol=near)
    given = prices, *columns[:-1]
    volatilities = build(name).implied_volatility_european(*given)
    np.testing.assert_allclose(build(name).price_european(*columns[:-1], volatilities), prices, rtol=0, atol=near)


DIVIDENDS = [(-0.1, 1.0), (0.05, 0.5), (0.3, 0.7), (0.55, 0.5), (1.2, 2.0), (2.0, 1.0)]  # as many as time is left for


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("accuracy", ["fast", "accurate"])
def test_american_prices_of_the_sets_agree(name: str, accuracy: str) -> None:
    options = random_options(1_003)
    options["rate"] = np.abs(options["rate"])  # below a negative rate there are two boundaries
    columns = list(options.values())
    near = 1e-13 * np.maximum(options["spot"], options["strike"])
    difference = build(name).price_american(*columns, accuracy=accuracy) - build("baseline").price_american(
        *columns, accuracy=accuracy
    )
    assert (np.abs(difference) < near).all()


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("style", ["american", "european"])
@pytest.mark.parametrize("model", ["spot", "escrowed"])
@pytest.mark.parametrize("accuracy", ["fast", "accurate"])
def test_prices_of_the_sets_agree_under_dividends(name: str, style: str, model: str, accuracy: str) -> None:
    # Lanes of a pack have other numbers of dividends than their neighbours, and sets have other numbers of lanes.
    options = random_options(1_003)
    options["rate"] = np.abs(options["rate"])
    columns = list(options.values())
    near = 1e-13 * np.maximum(options["spot"], options["strike"])
    policy = {"dividends": DIVIDENDS, "style": style, "dividend_model": model, "accuracy": accuracy}
    difference = build(name).price_with_dividends(*columns, **policy) - build("baseline").price_with_dividends(
        *columns, **policy
    )
    assert (np.abs(difference) < near).all()


@pytest.mark.parametrize("name", SETS)
def test_a_price_is_the_same_to_the_bit_in_any_company(name: str) -> None:
    options = random_options(203)
    options["rate"] = np.abs(options["rate"])
    columns = list(options.values())
    cut = [[np.ascontiguousarray(column[first : first + 3]) for column in columns] for first in range(0, 203, 3)]

    def check(function: Any, **policy: Any) -> None:
        whole = function(*columns, **policy)
        parts = [function(*part, **policy) for part in cut]
        if isinstance(whole, tuple):
            for k, column in enumerate(whole):
                np.testing.assert_array_equal(column, np.concatenate([part[k] for part in parts]))
        else:
            np.testing.assert_array_equal(whole, np.concatenate(parts))

    check(build(name).price_european)
    check(build(name).price_american, accuracy="fast")
    for model in ("spot", "escrowed"):
        policy = {"dividends": DIVIDENDS, "style": "american", "dividend_model": model, "accuracy": "fast"}
        check(build(name).price_with_dividends, **policy)
        check(build(name).greeks_with_dividends, **policy)


@pytest.mark.parametrize("name", SETS)
def test_errors_are_the_packages_whichever_set(name: str) -> None:
    price_european = build(name).price_european
    with pytest.raises(mc.InvalidInput) as caught:
        price_european(1.0, np.array([1.0, -2.0]), 1.0, 1.0, 0.0, 0.0, 0.2)
    assert caught.value.where == "spot[1]"
    with pytest.raises(mc.NumericalFailure) as failed:
        build(name).implied_volatility_european(200.0, 1.0, 100.0, 100.0, 1.0, 0.0, 0.0)
    assert failed.value.where == "price"


@pytest.mark.parametrize("name", SETS)
def test_native_functions_take_no_column_that_they_would_have_to_copy(name: str) -> None:
    price_european = build(name).price_european
    spot = np.array([90.0, 100.0, 110.0])
    for column in (spot[::2], spot.astype(np.float32), spot.tolist(), spot.astype(">f8")):
        with pytest.raises(TypeError):
            price_european(1.0, column, 1.0, 1.0, 0.0, 0.0, 0.2)
    with pytest.raises(mc.InvalidInput, match="strike: must have the 3 rows of 'spot', got 2"):
        price_european(1.0, spot, spot[:2], 1.0, 0.0, 0.0, 0.2)


@pytest.mark.parametrize("name", SETS)
def test_the_set_that_the_environment_names_is_used(name: str) -> None:
    program = f"{PROGRAM}; import sys; print(sorted(m for m in sys.modules if m.startswith('margincore._pricing_')))"
    done = run(program, name)
    assert done.stderr == ""
    first, modules = done.stdout.splitlines()
    assert first.split()[0] == name
    assert float(first.split()[1]) == pytest.approx(10.450583572185565, abs=1e-11)  # by erfc, as option_sample has it
    assert modules == str(sorted([f"margincore._pricing_{name}", "margincore._pricing_native"]))


def test_the_fastest_is_used_where_nothing_is_asked_for() -> None:
    for wanted in (None, ""):
        assert run(PROGRAM, wanted).stdout.split()[0] == SETS[-1]
    if "MARGINCORE_INSTRUCTION_SET" not in os.environ:
        assert mc.instruction_set() == SETS[-1]


@pytest.mark.parametrize("wanted", ["sse9", "AVX2", "native"])
def test_a_set_that_there_is_not_is_refused_when_an_option_is_priced(wanted: str) -> None:
    program = """
import margincore as mc
for ask in (mc.instruction_set, lambda: mc.price_european("call", 100, 100, 1, 0, 0, 0.2)):
    for _ in range(2):
        try:
            ask()
        except mc.InvalidInput as error:
            print(error.where, error)
"""
    where = "MARGINCORE_INSTRUCTION_SET"
    sets = ", ".join(SETS)
    line = f"{where} {where}: must be one of {sets}, which are built and run on this machine, got {wanted!r}\n"
    done = run(program, wanted)
    assert (done.stdout, done.stderr) == (line * 4, "")


def test_a_set_that_this_machine_does_not_run_is_refused() -> None:
    program = """
import margincore as mc
from margincore import _core
_core.instruction_sets = lambda: ["baseline"]
try:
    mc.instruction_set()
except ValueError as error:
    print(error)
"""
    done = run(program, "avx2")
    assert "must be one of baseline, which are built and run on this machine, got 'avx2'" in done.stdout


def test_a_set_that_was_not_built_is_not_used() -> None:
    program = """
from importlib.util import find_spec
import margincore as mc
import margincore._instruction_set as chooser
chooser.find_spec = lambda name: find_spec(name) if name.endswith("_baseline") else None
print(mc.instruction_set(), mc.price_european("call", 100, 100, 1, 0, 0, 0))
"""
    assert run(program, None).stdout == "baseline 0.0\n"


@pytest.mark.skipif(sys.platform != "linux" or shutil.which("readelf") is None, reason="reads ELF")
@pytest.mark.parametrize("name", SETS)
def test_a_build_shows_nothing_that_another_module_could_take(name: str) -> None:
    command = ["readelf", "--dyn-syms", "-W", build(name).__file__]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    symbols = [line.split() for line in lines if re.match(r"\s*\d+:", line)]
    shown = {fields[7] for fields in symbols if len(fields) > 7 and fields[6] != "UND" and fields[4] != "LOCAL"}
    assert shown == {f"PyInit__pricing_{name}"}
