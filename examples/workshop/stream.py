#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The workshop's streams: run everything (the default), or one tool of it."""

from __future__ import annotations

import importlib
import importlib.util
import sys

TOOLS = {
    "run": ("workshop_stream.launch", "broker, topics, engine, enforcement and a scenario; the default"),
    "broker": ("workshop_stream.serve", "a broker with the topics, until stopped"),
    "observe": ("workshop_stream.observer", "shows messages as they come, with filters"),
    "firm": ("workshop_stream.firm", "adds all accounts up, with an alert above 10 million of beta exposure"),
    "produce": ("workshop_stream.producer", "sends a scenario or a load"),
}
FAILED, BAD, INTERRUPTED = 1, 2, 130


def usage() -> str:
    """Return what the tools are."""
    lines = [f"  {name:<9} {what}" for name, (_, what) in TOOLS.items()]
    return "\n".join([f"usage: stream.py [{'|'.join(TOOLS)}] [options]", *lines, "Each has --help."])


def main(argv: list[str]) -> int:
    """Run a tool and return its exit status."""
    if argv[:1] in (["-h"], ["--help"]):
        print(usage())
        return 0
    if importlib.util.find_spec("confluent_kafka") is None:
        print("error: the streams need confluent-kafka: ./setup.sh install stream", file=sys.stderr)
        return BAD
    name, rest = (argv[0], argv[1:]) if argv and not argv[0].startswith("-") else ("run", argv)
    if name not in TOOLS:
        print(f"error: {name}: not a tool\n{usage()}", file=sys.stderr)
        return BAD
    from workshop_demo.fields import ScenarioError
    from workshop_stream.errors import StreamError

    tool = importlib.import_module(TOOLS[name][0])
    try:
        return int(tool.main(rest))
    except (ScenarioError, StreamError) as error:
        print(f"error: {error}", file=sys.stderr)
        return BAD
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
