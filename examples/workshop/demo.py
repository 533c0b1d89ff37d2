#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The workshop demo: plays scenarios through margincore, in the terminal and on one HTML page."""

from __future__ import annotations

import argparse
import math
import sys
from pathlib import Path

from rich.console import Console
from workshop_demo import methods
from workshop_demo.fields import ScenarioError
from workshop_demo.page import write_page
from workshop_demo.play import Playback, play
from workshop_demo.scenario import read_accounts, read_scenario, read_universe
from workshop_demo.terminal import plain_lines, show_live
from workshop_demo.words import DISCLAIMER

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"
METHODS = "methods.json"
PAGE = HERE.parent.parent / "build" / "demo.html"

COMPUTED, BAD, INTERRUPTED = 0, 2, 130


def shown(path: Path) -> Path:
    """Return a path as a reader wants it: relative to the folder they are in, where it is below it."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def load(scenarios: list[Path], data: Path) -> list[Playback]:
    """Read and play scenarios: those named, or all that the data folder has."""
    universe = read_universe(data / "universe.json")
    accounts = read_accounts(data / "accounts.json", universe)
    files = scenarios or sorted((data / "scenarios").glob("*.json"))
    if not files:
        raise ScenarioError(f"{data / 'scenarios'}: must hold at least one .json file, got none")
    return [play(read_scenario(file, universe, accounts), universe) for file in files]


def speed(text: str) -> float:
    """Read the option --speed."""
    value = float(text)
    if not (math.isfinite(value) and value > 0):
        raise ValueError
    return value


def parser() -> argparse.ArgumentParser:
    """Return the options of the demo."""
    options = argparse.ArgumentParser(
        description="Play margin scenarios in the terminal and on one page.", epilog=DISCLAIMER
    )
    add = options.add_argument
    add("scenarios", nargs="*", type=Path, metavar="SCENARIO.json", help="default: all in the data folder")
    add("--data", type=Path, default=DATA, help="folder of universe.json, accounts.json, scenarios/ and methods.json")
    add("--output", type=Path, default=PAGE, help="the page to write (default: build/demo.html)")
    add("--speed", type=speed, default=1.0, help="of the live table: 2 is twice as fast (default: 1)")
    add("--fast", action="store_true", help="do not wait at all")
    return options


def run(arguments: argparse.Namespace) -> None:
    """Play, show and write the page."""
    playbacks = load([shown(file) for file in arguments.scenarios], shown(arguments.data))
    hedged = arguments.data / METHODS
    both = methods.read_methods(shown(hedged)) if hedged.exists() else None
    console = Console(highlight=False)
    live = sys.stdout.isatty() and console.is_terminal and not console.is_dumb_terminal
    for number, playback in enumerate(playbacks, start=1):
        title = f"{number} of {len(playbacks)}  {playback.scenario.title}"
        if live:
            show_live(playback, title, console, None if arguments.fast else arguments.speed)
        else:
            print("\n".join(plain_lines(playback, title)))
    if both is not None:
        print("\n".join(methods.plain_lines(both)))
    write_page(playbacks, arguments.output, both)
    print(DISCLAIMER)
    print(f"Page: {shown(arguments.output.resolve())}")


def main(argv: list[str] | None = None) -> int:
    """Run the demo and return its exit status."""
    arguments = parser().parse_args(argv)
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    try:
        run(arguments)
        sys.stdout.flush()
    except ScenarioError as error:
        print(f"error: {error}", file=sys.stderr)
        return BAD
    except BrokenPipeError:
        sys.stderr.close()
        return COMPUTED
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    return COMPUTED


if __name__ == "__main__":
    raise SystemExit(main())
