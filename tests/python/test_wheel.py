# SPDX-License-Identifier: Apache-2.0
"""The wheel as a user has it: what is in it, what it needs of the machine, and Python and C++ that use it elsewhere."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

ROOT = Path(__file__).resolve().parents[2]

# What every Linux has that runs a Python of the same architecture.
PLAIN_LIBRARIES = {"libstdc++.so.6", "libm.so.6", "libgcc_s.so.1", "libc.so.6"}
LOADER = re.compile(r"ld-linux[\w-]*\.so\.\d")

# The core, and pricing once for each instruction set that there is a build for.
SETS = ["baseline", "avx2", "avx512"] if platform.machine() == "x86_64" else ["baseline"]
MODULES = ["_core", *(f"_pricing_{name}" for name in SETS)]

# C++ libraries that a build without them downloaded for a test of its own.
DOWNLOADED = ROOT / "build" / "dev" / "tests" / "guards" / "install"


def run(*command: str | Path, cwd: Path) -> str:
    """Run a command and return what it printed; CMake and Ninja may be beside our Python."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    environment["PATH"] = os.pathsep.join([environment.get("PATH", os.defpath), str(Path(sys.executable).parent)])
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel() -> Path:
    """The wheel that the package under test came from, or the one that MARGINCORE_WHEEL names."""
    name = os.environ.get("MARGINCORE_WHEEL")
    if not name:
        origin = importlib.metadata.distribution("margincore").read_text("direct_url.json") or "{}"
        name = unquote(urlsplit(json.loads(origin).get("url", "")).path)
    if not name.endswith(".whl"):
        pytest.skip("the package under test is not of a wheel at hand: ./setup.sh install test builds one")
    return Path(name).resolve()


@pytest.fixture(scope="module")
def installation(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with that wheel, what it asks for, and nothing else."""
    folder = tmp_path_factory.mktemp("installation")
    venv = folder / "venv"
    run(sys.executable, "-m", "venv", "--without-pip", venv, cwd=folder)
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "--python", venv / "bin" / "python")
    run(*pip, "install", wheel, cwd=folder)
    return venv


def package(installation: Path) -> Path:
    (folder,) = installation.glob("lib/python*/site-packages/margincore")
    return folder


def test_it_holds_every_header_and_nothing_of_another_library(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as file:
        names = file.namelist()
    headers = {str(path.relative_to(ROOT)) for path in (ROOT / "include").rglob("*.hpp")}
    assert {name.removeprefix("margincore/") for name in names if "/include/" in name} == headers
    shared = [name for name in names if name.startswith("margincore/share/")]
    assert shared
    assert all(name.startswith("margincore/share/cmake/margincore/") for name in shared)
    assert {name.split("/")[0].split("-")[0] for name in names} == {"margincore"}
    native = sorted(name.split(".")[0] for name in names if name.endswith((".so", ".a", ".dylib")))
    assert native == sorted(f"margincore/{name}" for name in MODULES)


def test_its_cmake_package_names_no_folder_of_the_machine_that_built_it(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as file:
        texts = {name: file.read(name).decode() for name in file.namelist() if name.endswith(".cmake")}
    assert {Path(name).name for name in texts} >= {"margincore-config.cmake", "margincore-targets.cmake"}
    for name, text in texts.items():
        assert re.findall(r"""(?:^|[\s"';])(/\w[^\s"';)]*)""", text) == [], name


@pytest.mark.skipif(sys.platform != "linux", reason="reads ELF")
@pytest.mark.parametrize("name", MODULES)
def test_its_modules_need_what_every_system_has(installation: Path, name: str) -> None:
    (module,) = package(installation).glob(f"{name}.*.so")
    dynamic = run("readelf", "-d", "-W", module, cwd=installation)
    needed = set(re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic))
    assert needed
    assert {name for name in needed if not LOADER.fullmatch(name)} <= PLAIN_LIBRARIES
    assert not re.search(r"\((RPATH|RUNPATH)\)", dynamic)


def test_it_evaluates_a_document_where_nothing_else_is_installed(installation: Path, tmp_path: Path) -> None:
    program = """
import margincore as mc
report = mc.evaluate({
    "account": {"cash": -120000, "positions": [{"symbol": "NVDA", "quantity": 500}]},
    "market": {"valuation_date": "2026-11-20", "instruments": {"NVDA": {"kind": "equity", "price": 400}}},
})
print(mc.__file__, report.requirement.maintenance, mc.price_european("call", 100, 90, 0, 0, 0, 0.2))
"""
    python = installation / "bin" / "python"
    # FINRA 4210(c)(1): 25 % of 200,000; an option that expires is worth what exercise gives.
    expected = f"{package(installation) / '__init__.py'} 50000.0 10.0\n"
    assert run(python, "-W", "error", "-c", program, cwd=tmp_path) == expected


def test_its_command_runs_where_nothing_else_is_installed(installation: Path, tmp_path: Path) -> None:
    command = installation / "bin" / "margincore"
    assert json.loads(run(command, "schema", "account", cwd=tmp_path))
    account = {"account": {"cash": 0, "positions": []}, "market": {"valuation_date": "2026-11-20", "instruments": {}}}
    (tmp_path / "account.json").write_text(json.dumps(account), encoding="utf-8")
    assert "maintenance" in run(command, "evaluate", "account.json", cwd=tmp_path)
    assert run(command, "--include", cwd=tmp_path) == f"{package(installation) / 'include'}\n"
    assert run(command, "--cmake-dir", cwd=tmp_path) == f"{package(installation) / 'share/cmake/margincore'}\n"


def test_a_cpp_project_finds_the_library_in_it(installation: Path, tmp_path: Path) -> None:
    command = installation / "bin" / "margincore"
    places = {
        "MARGINCORE_WAY": "wheel",
        "MARGINCORE_INCLUDE": run(command, "--include", cwd=tmp_path).strip(),
        "margincore_DIR": run(command, "--cmake-dir", cwd=tmp_path).strip(),
        "CMAKE_PREFIX_PATH": DOWNLOADED if DOWNLOADED.is_dir() else "",
        "CMAKE_EXPORT_COMPILE_COMMANDS": "ON",
    }
    defines = [f"-D{name}={value}" for name, value in places.items()]
    run("cmake", "-G", "Ninja", "-S", ROOT / "tests" / "consumer", "-B", "build", *defines, cwd=tmp_path)
    commands = json.loads((tmp_path / "build" / "compile_commands.json").read_text(encoding="utf-8"))
    assert len(commands) == 2
    for entry in commands:
        assert str(package(installation) / "include") in entry["command"]
        assert str(ROOT / "include") not in entry["command"]
    run("cmake", "--build", "build", cwd=tmp_path)
    for program in ("consumer", "consumer_by_hand"):
        printed = run(tmp_path / "build" / program, cwd=tmp_path)
        assert printed == "maintenance 50000.00, from the document 50000.00\n", program
