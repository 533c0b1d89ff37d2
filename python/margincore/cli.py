# SPDX-License-Identifier: Apache-2.0
"""The command ``margincore``: evaluate, compare, evaluate-book, stress, explain, verify, replay and schema."""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TextIO

import margincore as mc
from margincore._group_table import document_with_group_table
from margincore._terminal import (
    DISCLAIMER,
    UnreadableError,
    fail,
    print_comparison,
    print_report,
    print_stress,
    shown,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_COMPUTED, _SOME_BAD, _BAD = 0, 1, 2
_DOES_NOT_HOLD = 1
_MOST_THREADS = 1024
_INTERRUPTED = 130  # as a shell says of a command that its user stopped


@dataclass(frozen=True)
class _Item:
    """One document to read.

    Attributes
    ----------
    place : str
        To name when it is bad; empty for a file that is one document.
    text : bytes
        JSON.
    folder : Path
        Where the names of files in it start.
    """

    place: str
    text: bytes
    folder: Path

    def document(self) -> dict[str, Any] | bytes:
        """Return the document with what it names of other files."""
        return document_with_group_table(self.text, self.folder)


def _read(name: str) -> bytes:
    if name == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise UnreadableError(f"{name}: must be a file that can be read, got {error.strerror}") from None


def _is_one_document(text: bytes) -> bool:
    """Whether standard input is one JSON document over several lines and not one document a line."""
    if text.lstrip().split(b"\n", maxsplit=1)[0].strip() == b"{":
        return True  # pretty-printed, whole or broken
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _documents(name: str) -> list[_Item]:
    """Return the documents of a file: one, or one a line of ``.jsonl`` and of standard input."""
    text = _read(name)
    folder = Path() if name == "-" else Path(name).parent
    if not (name == "-" or name.endswith((".jsonl", ".ndjson"))) or (name == "-" and _is_one_document(text)):
        return [_Item("", text, folder)]
    place = "<stdin>" if name == "-" else name
    lines = enumerate(text.split(b"\n"), start=1)
    return [_Item(f"{place}:{number}", line, folder) for number, line in lines if line.strip()]


def _print_json(text: str) -> None:
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")  # what JSON is, whatever the terminal is
    print(text)


def _one_document(name: str) -> dict[str, Any] | bytes:
    """Return the only document of a file."""
    items = _documents(name)
    if len(items) != 1:
        raise UnreadableError(f"{name}: must hold one document, got {len(items)}")
    return items[0].document()


class _Folder(argparse.Action):
    """An option that prints the folder which a function names, and ends, as ``--version`` does."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        assert callable(self.const)
        print(self.const(), flush=True)
        parser.exit()


class _Parser(argparse.ArgumentParser):
    """A parser whose complaints are one line, like every other error."""

    def error(self, message: str) -> NoReturn:
        fail(f"command line: {message}; see {self.prog} --help")
        raise SystemExit(_BAD)


# --- commands ---------------------------------------------------------------------------------------------------------


def _each_document(names: list[str], compute: Callable[[_Item], None]) -> int:
    """Compute every document that can be; report each that cannot, and return the exit status."""
    count = failures = 0

    def items() -> Iterator[_Item]:
        nonlocal count, failures
        for name in names:
            try:
                documents = _documents(name)
            except UnreadableError as error:
                count, failures = count + 1, failures + 1
                fail(str(error))
                continue
            for item in documents:
                yield item if item.place or len(names) == 1 else replace(item, place=name)

    for item in items():
        count += 1
        try:
            compute(item)
        except mc.MarginError as error:
            failures += 1
            fail(f"{item.place}: {error}" if item.place else str(error))
    if count == 0:
        fail(f"{', '.join(names)}: must hold at least one document, got none")
        return _BAD
    if failures == 0:
        return _COMPUTED
    return _SOME_BAD if count > 1 else _BAD


class _CertificateFile:
    """The certificates, a line for each document as it is computed; no file where none could be."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._unwritten = ""
        self._file: TextIO | None = None

    def __enter__(self) -> _CertificateFile:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._put(self._unwritten)
            self._file.close()

    def skip(self) -> None:
        """Leave a line for a document that cannot be computed."""
        self._unwritten += "null\n"

    def add(self, certificate: object) -> None:
        """Write the certificate of a document."""
        if self._file is None:
            try:
                self._file = Path(self._name).open("w", encoding="utf-8")  # noqa: SIM115  closed in __exit__
            except OSError as error:
                raise self._refused(error) from None
        self._put(self._unwritten + json.dumps(certificate, separators=(",", ":")) + "\n")
        self._unwritten = ""

    def _put(self, text: str) -> None:
        assert self._file is not None
        try:
            self._file.write(text)
            self._file.flush()  # what is printed next may find nobody reading
        except OSError as error:
            raise self._refused(error) from None

    def _refused(self, error: OSError) -> UnreadableError:
        return UnreadableError(f"{self._name}: must be a file that can be written, got {error.strerror}")


def _evaluate(arguments: argparse.Namespace) -> int:
    name: str | None = arguments.certificate
    with contextlib.nullcontext() if name is None else _CertificateFile(name) as certificates:

        def compute(item: _Item) -> None:
            try:
                report = mc.evaluate(item.document(), method=arguments.method, certificate=certificates is not None)
            except mc.MarginError:
                if certificates is not None:
                    certificates.skip()
                raise
            if certificates is not None:
                certificates.add(report.certificate)
            if arguments.format == "json":
                _print_json(report.to_json())
            else:
                print_report(report)

        return _each_document(arguments.files, compute)


def _compare(arguments: argparse.Namespace) -> int:
    document = _one_document(arguments.file)
    comparison = mc.compare(document)
    if arguments.format == "json":
        _print_json(json.dumps(comparison.to_dict()))
    else:
        print_comparison(comparison)
    if arguments.plot is not None:
        from margincore._comparison_page import write_pictures

        write_pictures(document, arguments.plot)
    return _COMPUTED


def _picture_name(text: str) -> str:
    if not text.lower().endswith((".html", ".png")):
        raise argparse.ArgumentTypeError(f"must end in .html or .png, got {text!r}")
    return text


def _verify(arguments: argparse.Namespace) -> int:
    document = _one_document(arguments.file)
    result = mc.verify(document, _one_document(arguments.certificate))
    if result:
        print(f"proven: net requirement {result.net_requirement:,.2f}, and no pairing of the options costs less")
        return _COMPUTED
    fail(f"{result.where}: {result.what}")
    if result.status == "stated":
        print(
            f"stated: net requirement {result.net_requirement:,.2f}; that no pairing asks for less than "
            f"{result.lower_bound:,.2f} is not proven"
        )
    return _DOES_NOT_HOLD


def _stress(arguments: argparse.Namespace) -> int:
    moves = None
    if arguments.moves is not None:
        try:
            moves = [float(move) for move in arguments.moves.split(",")]
        except ValueError:
            fail(f"moves: must be numbers separated by commas, got {arguments.moves!r}")
            return _BAD
    table = mc.stress(_one_document(arguments.file), moves)
    if arguments.format == "json":
        _print_json(json.dumps(table.to_dict()))
    else:
        print_stress(table)
    return _COMPUTED


def _explain(arguments: argparse.Namespace) -> int:
    print(shown(str(mc.explain(mc.evaluate(_one_document(arguments.file), alternatives=True)))), end="")
    return _COMPUTED


def _evaluate_book(arguments: argparse.Namespace) -> int:
    try:
        import pyarrow  # noqa: F401
    except ImportError:
        raise UnreadableError(
            "pyarrow: must be installed to read files of columns, got none; pip install 'margincore[files]'"
        ) from None
    from margincore import _evaluate_book

    return _evaluate_book.run(
        _evaluate_book.BookCommand(
            files={
                "instruments": arguments.instruments,
                "accounts": arguments.accounts,
                "positions": arguments.positions,
            },
            market=arguments.market,
            policy=arguments.policy,
            output=arguments.output,
            format=arguments.format,
            stress=arguments.stress,
            threads=arguments.threads,
        )
    )


def _replay(arguments: argparse.Namespace) -> int:
    from margincore import _replay_command

    return _replay_command.run(
        arguments.log, arguments.settings, arguments.format, check=arguments.check, save=arguments.save
    )


def _schema(arguments: argparse.Namespace) -> int:
    print(json.dumps(mc.schema(arguments.name), indent=2))
    return _COMPUTED


def _thread_count(text: str) -> int:
    count = int(text) if text.isascii() and text.isdigit() else -1
    if not 0 <= count <= _MOST_THREADS:
        raise argparse.ArgumentTypeError(f"must be a whole number from 0 to {_MOST_THREADS}, got {text!r}")
    return count


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="margincore", description="US margin requirements, every number with its paragraph.", epilog=DISCLAIMER
    )
    parser.add_argument("--version", action="version", version=f"margincore {mc.__version__}")
    for option, folder, text in (
        ("--include", mc.get_include, "print the folder of the C++ headers"),
        ("--cmake-dir", mc.get_cmake_dir, "print the folder for -Dmargincore_DIR, where CMake finds the package"),
    ):
        parser.add_argument(option, action=_Folder, nargs=0, const=folder, help=text)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    evaluate = commands.add_parser("evaluate", help="reports of account documents")
    evaluate.add_argument("files", nargs="+", metavar="FILE", help="JSON; .jsonl and - hold one document a line")
    evaluate.add_argument(
        "--method", choices=("strategy", "portfolio"), help="default: what the account's type implies"
    )
    evaluate.add_argument("--format", choices=("text", "json"), default="text")
    evaluate.add_argument("--certificate", metavar="OUT", help="write the proof of the pairing")
    evaluate.set_defaults(run=_evaluate)

    compare = commands.add_parser("compare", help="strategy against portfolio margin, side by side")
    compare.add_argument("file", metavar="FILE")
    compare.add_argument("--format", choices=("text", "json"), default="text")
    compare.add_argument("--plot", type=_picture_name, metavar="OUT", help="draw both methods, to .html or .png")
    compare.set_defaults(run=_compare)

    book = commands.add_parser("evaluate-book", help="the figures of every account of a book, from files of columns")
    for name, columns in (
        ("positions", "account_id, symbol, quantity; or long and short"),
        ("instruments", "symbol, kind, price, ..."),
        ("accounts", "account_id, cash, ..."),
    ):
        book.add_argument(name, metavar=name.upper(), help=f"CSV, Parquet or Arrow file with {columns}")
    book.add_argument("--market", required=True, metavar="FILE", help="JSON: valuation_date, rate, benchmark")
    book.add_argument("--policy", metavar="FILE", help="JSON: the policy of an account document")
    book.add_argument("--output", metavar="FILE", help="write a row an account to .parquet, .csv or .csv.gz")
    book.add_argument(
        "--format", choices=("text", "json"), default="text", help="text: a summary; json: a row an account, one a line"
    )
    book.add_argument("--stress", action="store_true", help="add the beta exposure and the excess after each move")
    book.add_argument("--threads", type=_thread_count, default=1, metavar="N", help="0 for as many as there are")
    book.set_defaults(run=_evaluate_book)

    stress = commands.add_parser("stress", help="the benchmark stress table")
    stress.add_argument("file", metavar="FILE")
    stress.add_argument("--moves", metavar="M,...", help="moves of the benchmark as fractions: --moves=-0.08,0.06")
    stress.add_argument("--format", choices=("text", "json"), default="text")
    stress.set_defaults(run=_stress)

    explain = commands.add_parser("explain", help="the report as a tree, a paragraph for every number")
    explain.add_argument("file", metavar="FILE")
    explain.set_defaults(run=_explain)

    verify = commands.add_parser("verify", help="check the proof of a pairing")
    verify.add_argument("file", metavar="FILE", help="the account document")
    verify.add_argument("certificate", metavar="CERTIFICATE", help="what evaluate --certificate wrote of it")
    verify.set_defaults(run=_verify)

    replay = commands.add_parser("replay", help="what the log of a stream comes to, as a batch")
    replay.add_argument("log", metavar="LOG", help="kafka:HOST:PORT, or a file that --save wrote")
    replay.add_argument("--settings", required=True, metavar="FILE", help="JSON: the settings of the stream's engine")
    replay.add_argument("--check", action="store_true", help="compare with the newest results that the stream wrote")
    replay.add_argument("--save", metavar="FILE", help="write the log to a file, a record a line")
    replay.add_argument("--format", choices=("text", "json"), default="text")
    replay.set_defaults(run=_replay)

    schema = commands.add_parser("schema", help="the JSON Schema of a document")
    schema.add_argument("name", choices=("account", "report", "certificate"))
    schema.set_defaults(run=_schema)
    return parser


def _discard_output() -> None:
    """Let what is still buffered go nowhere, so that the interpreter has nothing to complain of when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def main(argv: list[str] | None = None) -> int:
    """Run the command line and return its exit status.

    0: computed; 1: some of several documents were bad, a certificate is not proven, or a stream said something else;
    2: bad input, unsupported, or usage.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal that cannot show a letter is no error
    try:
        arguments = _parser().parse_args(argv)
        status: int = arguments.run(arguments)
        if sys.stdout is not None:  # closed by the caller
            sys.stdout.flush()
    except (UnreadableError, mc.MarginError) as error:
        fail(str(error))
        return _BAD
    except BrokenPipeError:  # the reader of a pipe left: nothing is wrong
        _discard_output()
        return _COMPUTED
    except OSError as error:  # a full disk
        _discard_output()
        fail(f"output: must be writable, got {error.strerror}")
        return _BAD
    except KeyboardInterrupt:
        fail("interrupted")
        return _INTERRUPTED
    return status
