# SPDX-License-Identifier: Apache-2.0
"""The command line as people and scripts meet it: a process, its output and its exit status."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import margincore as mc
import pytest
from command_line import BAD_PRICE, DISCLAIMER, ENVIRONMENT, LINUX, bad_document, lines_of, margincore, one_error
from margincore import cli
from support import Document, random_document

# --- evaluate ---------------------------------------------------------------------------------------------------------


def test_evaluate_prints_the_figures(file: Path) -> None:
    # Source: the contract's figures of this account.
    done = margincore("evaluate", file)
    assert (done.returncode, done.stderr) == (0, "")
    figures = dict(re.findall(r"^ ?(\w[\w ]*?) {2,}(-?[\d,]+\.\d\d)\s*$", done.stdout, re.MULTILINE))
    assert figures["equity"] == "80,000.00"
    assert figures["initial requirement"] == "100,000.00"
    assert figures["maintenance requirement"] == "50,000.00"
    assert figures["Regulation T excess"] == "-20,000.00"
    assert figures["maintenance excess"] == "30,000.00"
    assert "FINRA 4210(c)(1)" in done.stdout
    assert "25% of 500 x 400.00" in done.stdout
    assert done.stdout.endswith(DISCLAIMER + "\n")


def test_evaluate_writes_the_report_document(file: Path, example: Document) -> None:
    done = margincore("evaluate", file, "--format", "json")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("\n") == 1
    assert json.loads(done.stdout) == mc.evaluate(example).to_dict()


def test_an_account_in_deficit_is_computed_like_any_other(file: Path, example: Document) -> None:
    example["account"]["cash"] = -300_000
    file.write_text(json.dumps(example))
    done = margincore("evaluate", file)
    assert (done.returncode, done.stderr) == (0, "")
    assert "150,000.00" in done.stdout  # equity of -100,000 less 50,000


def test_warnings_are_printed(file: Path, example: Document) -> None:
    example["market"]["valuation_date"] = "2026-01-02"
    file.write_text(json.dumps(example))
    done = margincore("evaluate", file)
    assert done.returncode == 0
    assert "policy.rulebook: applied to a date before 2026-06-04" in done.stdout


def test_a_bad_document_is_one_line_and_status_2(bad_file: Path) -> None:
    done = margincore("evaluate", bad_file)
    one_error(done, BAD_PRICE)
    assert done.stdout == ""


def test_several_files(file: Path, bad_file: Path) -> None:
    done = margincore("evaluate", file, file, "--format", "json")
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == 2
    done = margincore("evaluate", file, bad_file, file, "--format", "json")
    one_error(done, f"{bad_file}: {BAD_PRICE}", status=1)
    assert len(done.stdout.splitlines()) == 2


def test_one_document_a_line(tmp_path: Path) -> None:
    path = tmp_path / "accounts.jsonl"
    path.write_bytes(
        lines_of([random_document(1), bad_document(), "\n", random_document(2), "{\n", "   \n", random_document(3)])
    )
    done = margincore("evaluate", path, "--format", "json")
    assert done.returncode == 1
    reports = [json.loads(line) for line in done.stdout.splitlines()]
    assert reports == [mc.evaluate(random_document(seed)).to_dict() for seed in (1, 2, 3)]
    first, second = done.stderr.splitlines()
    assert first == f"error: {path}:2: {BAD_PRICE}"
    assert second.startswith(f"error: {path}:5: document: must be JSON, got ")


def test_a_file_of_one_line_and_carriage_returns(tmp_path: Path, example: Document) -> None:
    path = tmp_path / "accounts.jsonl"
    path.write_bytes(json.dumps(example).encode() + b"\r\n")
    done = margincore("evaluate", path, "--format", "json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["equity"] == 80_000.0  # the contract's


def test_standard_input_with_a_document_a_line(example: Document) -> None:
    stdin = lines_of([example, bad_document(), example])
    done = margincore("evaluate", "-", "--format", "json", stdin=stdin)
    one_error(done, f"<stdin>:2: {BAD_PRICE}", status=1)
    assert len(done.stdout.splitlines()) == 2


@pytest.mark.parametrize("indent", [None, 2])
def test_standard_input_with_one_document(example: Document, indent: int | None) -> None:
    done = margincore("evaluate", "-", "--format", "json", stdin=json.dumps(example, indent=indent).encode())
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == mc.evaluate(example).to_dict()


def test_a_broken_document_on_several_lines_of_standard_input_is_one_error(example: Document) -> None:
    done = margincore("evaluate", "-", stdin=json.dumps(example, indent=2).encode()[:-10])
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("command", ["evaluate", "compare", "stress", "explain"])
def test_nothing_on_standard_input_is_an_error(command: str) -> None:
    done = margincore(command, "-")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "got " in done.stderr


@pytest.mark.parametrize("command", ["evaluate", "compare", "stress", "explain"])
def test_files_that_cannot_be_read(command: str, tmp_path: Path) -> None:
    missing = tmp_path / "none.json"
    one_error(
        margincore(command, missing), f"{missing}: must be a file that can be read, got No such file or directory"
    )
    one_error(margincore(command, tmp_path), f"{tmp_path}: must be a file that can be read, got Is a directory")


def test_a_file_that_cannot_be_read_among_others(file: Path, tmp_path: Path) -> None:
    done = margincore("evaluate", tmp_path / "none.jsonl", file, "--format", "json")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert len(done.stdout.splitlines()) == 1


@pytest.mark.parametrize("method", ["strategy", "portfolio"])
def test_methods(file: Path, method: str) -> None:
    done = margincore("evaluate", file, "--method", method, "--format", "json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["method"] == method


# --- stress, explain, schema ------------------------------------------------------------------------------------------


def test_stress_prints_the_table(file: Path) -> None:
    # Source: arithmetic on the contract's figures: 360,000 beta-weighted, 30,000 of excess; 360,000 / 670.
    done = margincore("stress", file)
    assert (done.returncode, done.stderr) == (0, "")
    assert "beta-weighted exposure 360,000.00 USD, SPY shares 537.31, leverage 4.50" in done.stdout
    assert re.search(r"-8\.00% +-28,800\.00 +51,200\.00 +1,200\.00", done.stdout)
    assert "excess is zero at a SPY move of: -8.3333% down, none up" in done.stdout
    assert re.search(r"NVDA +200,000\.00 +500\.00 +-50,000\.00 +50,000\.00 +-40\.0000% +none", done.stdout)
    assert re.search(r"all at once +-50,000\.00 +50,000\.00", done.stdout)
    assert len(re.findall(r"^ ?[+-]\d\.00%", done.stdout, re.MULTILINE)) == 8


def test_stress_writes_json(file: Path, example: Document) -> None:
    done = margincore("stress", file, "--format", "json", "--moves=-0.08,0.06")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == mc.stress(example, [-0.08, 0.06]).to_dict()


def test_moves_of_the_caller(file: Path) -> None:
    done = margincore("stress", file, "--moves=-0.1, 0.25")
    assert re.findall(r"^ ?([+-]\d+\.00%)", done.stdout, re.MULTILINE) == ["-10.00%", "+25.00%"]


@pytest.mark.parametrize(
    ("moves", "message"),
    [
        ("a", "moves: must be numbers separated by commas, got 'a'"),
        ("", "moves: must be numbers separated by commas, got ''"),
        ("-0.08,", "moves: must be numbers separated by commas, got '-0.08,'"),
        ("-8%", "moves: must be numbers separated by commas, got '-8%'"),
        ("0.1,-2", "moves[1]: must be between -1 and 10, got -2"),
        ("nan", "moves[0]: must be a finite number, got nan"),
        ("inf", "moves[0]: must be a finite number, got inf"),
        ("1e999", "moves[0]: must be a finite number, got inf"),
    ],
)
def test_bad_moves(file: Path, moves: str, message: str) -> None:
    one_error(margincore("stress", file, f"--moves={moves}"), message)


def test_stress_without_a_beta(file: Path, example: Document) -> None:
    del example["market"]["instruments"]["NVDA"]["beta"]
    file.write_text(json.dumps(example))
    done = margincore("stress", file)
    assert done.returncode == 2
    assert done.stderr.startswith("error: market.instruments.NVDA.beta: must be given")


def test_explain_prints_the_tree(file: Path, example: Document) -> None:
    done = margincore("explain", file)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == str(mc.explain(mc.evaluate(example)))


@pytest.mark.parametrize("command", ["compare", "stress", "explain"])
def test_commands_on_one_document(command: str, example: Document, tmp_path: Path) -> None:
    assert margincore(command, "-", stdin=json.dumps(example, indent=2).encode()).returncode == 0
    path = tmp_path / "two.jsonl"
    path.write_bytes(lines_of([example, example]))
    one_error(margincore(command, path), f"{path}: must hold one document, got 2")


@pytest.mark.parametrize("name", ["account", "report"])
def test_schema_prints_the_schema(name: str) -> None:
    done = margincore("schema", name)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == mc.schema(name)  # type: ignore[arg-type]


# --- usage ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["evaluate"],
        ["evaluat", "x.json"],
        ["evaluate", "x.json", "--method", "tims"],
        ["evaluate", "x.json", "--format", "xml"],
        ["evaluate", "x.json", "--verbose"],
        ["compare"],
        ["compare", "x.json", "--plot", "x.pdf"],
        ["stress"],
        ["stress", "x.json", "y.json"],
        ["stress", "x.json", "--moves"],
        ["stress", "x.json", "--moves", "-0.08,0.06"],
        ["schema"],
        ["schema", "order"],
    ],
    ids=" ".join,
)
def test_usage_errors_are_one_line_and_status_2(arguments: list[str]) -> None:
    done = margincore(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("error: ")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "arguments", [["--help"], ["evaluate", "--help"], ["stress", "--help"], ["--version"]], ids=" ".join
)
def test_help_and_version(arguments: list[str]) -> None:
    done = margincore(*arguments)
    assert (done.returncode, done.stderr) == (0, "")
    assert "margincore" in done.stdout
    if arguments == ["--version"]:
        assert done.stdout == f"margincore {mc.__version__}\n"


@pytest.mark.parametrize(("option", "folder"), [("--include", mc.get_include), ("--cmake-dir", mc.get_cmake_dir)])
def test_what_a_cpp_build_needs_is_named(option: str, folder: Callable[[], str]) -> None:
    done = margincore(option)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{folder()}\n"


@LINUX
@pytest.mark.parametrize("option", ["--include", "--cmake-dir"])
def test_a_folder_that_cannot_be_written_is_an_error(option: str) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "margincore", option],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            env=ENVIRONMENT,
        )
    one_error(done, "output: must be writable, got No space left on device")


def test_an_installation_without_headers_is_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(mc._core, "__file__", str(tmp_path / "_core.so"))
    assert cli.main(["--include"]) == 2
    message = f"installation: must hold the C++ headers, got no folder {tmp_path / 'include'}"
    assert capsys.readouterr().err == f"error: {message}\n"
    with pytest.raises(mc.MissingData, match="must hold the CMake package"):
        mc.get_cmake_dir()


def test_the_installed_script_is_the_same_command(file: Path) -> None:
    script = Path(sys.executable).parent / "margincore"
    done = subprocess.run([script, "evaluate", file], capture_output=True, text=True, check=False, env=ENVIRONMENT)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == margincore("evaluate", file).stdout
