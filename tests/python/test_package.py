# SPDX-License-Identifier: Apache-2.0
"""The package as it is installed: names, docstrings, types, version, and what importing it costs."""

from __future__ import annotations

import importlib.metadata
import inspect
import os
import re
import subprocess
import sys
import textwrap
from importlib.resources import files
from pathlib import Path
from types import ModuleType

import margincore as mc
import pytest
from margincore import _core
from margincore._instruction_set import available

FUNCTIONS = sorted(name for name in mc.__all__ if inspect.isroutine(getattr(mc, name)))
CLASSES = sorted(name for name in mc.__all__ if inspect.isclass(getattr(mc, name)))
ERRORS = sorted(name for name in CLASSES if issubclass(getattr(mc, name), Exception) and name != "FlooredDividends")


def test_all_is_sorted_and_complete() -> None:
    assert mc.__all__ == sorted(mc.__all__)
    public = {
        name for name, value in vars(mc).items() if not name.startswith("_") and not isinstance(value, ModuleType)
    }
    assert public - {"annotations", "cli", "errors"} == set(mc.__all__) - {"__version__"}


def test_every_class_of_the_core_is_public() -> None:
    classes = {name for name, value in vars(_core).items() if inspect.isclass(value)}
    classes -= {"FrameEvaluation", "FrameRun"}  # of which the functions of frames make frames
    classes -= {"MarginEngine"}  # which is public in margincore.stream
    assert classes <= set(mc.__all__)
    assert all(getattr(mc, name) is getattr(_core, name) for name in classes)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_are_documented_with_sources(name: str) -> None:
    function = getattr(mc, name)
    text = inspect.getdoc(function)
    assert text
    summary, *_ = text.splitlines()
    assert summary.startswith("Return ")
    assert summary.endswith(".")
    sections = re.findall(r"^(\w+)\n-+$", text, re.MULTILINE)
    assert [name for name in sections if name != "Warns"] == ["Parameters", "Returns", "Raises", "Source"]
    documented = re.findall(r"^(\w+) : ", text.split("Returns\n")[0], re.MULTILINE)
    assert documented == list(inspect.signature(function).parameters)


@pytest.mark.parametrize("name", CLASSES)
def test_classes_and_their_members_are_documented(name: str) -> None:
    cls = getattr(mc, name)
    assert inspect.getdoc(cls)
    for member, value in vars(cls).items():
        if isinstance(value, property):
            text = inspect.getdoc(value)
            assert text, member
            assert text.endswith("."), member
        elif inspect.isroutine(value) and not member.startswith("_"):
            assert inspect.getdoc(value), member


def test_errors_have_one_base() -> None:
    assert ERRORS == ["InvalidInput", "MarginError", "MissingData", "NumericalFailure", "Unsupported"]
    assert all(issubclass(getattr(mc, name), mc.MarginError) for name in ERRORS)


def test_the_version_is_that_of_the_distribution() -> None:
    assert mc.__version__ == importlib.metadata.version("margincore")
    assert mc.__version__ == _core.__version__


def test_types_are_shipped() -> None:
    package = files("margincore")
    assert package.joinpath("py.typed").is_file()
    for stub in ("_core.pyi", "_pricing_baseline.pyi"):
        assert package.joinpath(stub).is_file()


def test_schemas_are_shipped() -> None:
    schemas = {file.name for file in files("margincore").joinpath("schemas").iterdir()}
    assert schemas == {"account.schema.json", "certificate.schema.json", "report.schema.json"}


def test_the_headers_and_the_cmake_package_are_shipped() -> None:
    assert Path(mc.get_include(), "margincore", "margincore.hpp").is_file()
    assert Path(mc.get_cmake_dir(), "margincore-config.cmake").is_file()
    assert Path(mc.get_include()).is_relative_to(str(files("margincore")))


def python(program: str, *flags: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *flags, "-c", textwrap.dedent(program)], capture_output=True, text=True, check=False, cwd=cwd
    )


def test_importing_and_evaluating_loads_no_more_than_it_needs() -> None:
    done = python(
        """
        import sys
        import margincore as mc
        mc.evaluate({"account": {"cash": 0, "positions": []},
                     "market": {"valuation_date": "2026-11-20", "instruments": {}}})
        heavy = {"pandas", "polars", "pyarrow", "matplotlib", "pyspark", "rich", "jinja2", "IPython", "numpy"}
        heavy |= {"exchange_calendars"}
        heavy |= {f"margincore._pricing_{name}" for name in ("native", "baseline", "avx2", "avx512")}
        print(sorted(heavy & set(sys.modules)))
        """
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_the_package_runs_without_warnings_and_with_optimised_bytecode() -> None:
    program = """
        import margincore as mc
        document = {"account": {"cash": 0, "positions": []},
                    "market": {"valuation_date": "2026-11-20", "instruments": {}}}
        print(len(mc.stress(document)), mc.evaluate(document).equity)
        """
    for flags in (["-W", "error"], ["-OO"], ["-I", "-X", "dev"]):
        done = python(program, *flags)
        assert (done.stdout, done.stderr) == ("8 0.0\n", ""), flags


def mypy(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,  # not in the checkout, whose sources are not what is installed
        env=os.environ | {"MYPY_CACHE_DIR": str(cwd / "cache")},
    )


def test_the_stubs_are_those_of_the_modules(tmp_path: Path) -> None:
    modules = ["margincore._core", *(f"margincore._pricing_{name}" for name in available())]
    done = mypy("mypy.stubtest", *modules, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_types_are_precise(tmp_path: Path) -> None:
    (tmp_path / "user.py").write_text(
        textwrap.dedent(
            """
            from __future__ import annotations

            from pathlib import Path

            import margincore as mc
            import numpy as np
            from numpy.typing import NDArray

            report: mc.Report = mc.evaluate(Path("account.json"), method="strategy", stress=True)
            equity: float = report.equity
            name: str | None = report.account_id
            down: float | None = report.call_prices["NVDA"][0]
            first: mc.StressPoint = mc.stress({"account": {}})[0]
            state, events = mc.enforce(mc.EnforcementState(), report, 0, mc.Ladder(severe_move=0.08))
            since: int | None = state.call_issued_at
            actions: list[str] = [event.action for event in events]
            include: str = mc.get_include()
            parts: list[mc.Explanation] = mc.explain(report).parts
            next_best: mc.NextBest | None = report.pairing[0].next_best
            price: float = mc.price_european("call", 100, 110.0, 0.5, 0.04, 0.0, 0.2)
            spots = np.linspace(90.0, 110.0, 5)
            prices: NDArray[np.float64] = mc.price_european(["call"] * 5, spots, 110.0, 0.5, 0.04, 0.0, 0.2)
            delta: NDArray[np.float64] = mc.greeks(1, spots, 110.0, 0.5, 0.04, 0.0, 0.2).delta
            gamma: float = mc.greeks("put", 100.0, 110.0, 0.5, 0.04, 0.0, 0.2).gamma
            implied: NDArray[np.float64] = mc.implied_volatility(prices, "call", spots, 110.0, 0.5, 0.04, 0.0)
            chosen: str = mc.instruction_set()
            report.equty  # type: ignore[attr-defined]
            report.equity = 1.0  # type: ignore[misc]
            report.buying_power + 1.0  # type: ignore[operator]
            mc.evaluate(b"", method="tims")  # type: ignore[arg-type]
            mc.greeks(1, spots, 110.0, 0.5, 0.04, 0.0, 0.2, style="asian")  # type: ignore[call-overload]
            mc.Requirement(1.0)  # type: ignore[arg-type]
            """
        ),
        encoding="utf-8",
    )
    done = mypy("mypy", "--strict", "--warn-unused-ignores", "user.py", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
