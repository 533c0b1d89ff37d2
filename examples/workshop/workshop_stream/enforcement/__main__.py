# SPDX-License-Identifier: Apache-2.0
"""Enforcement from the command line: ``python -m workshop_stream.enforcement``."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from pathlib import Path
from urllib.parse import urlsplit

import margincore as mc
from confluent_kafka import Consumer

from workshop_stream.enforcement.audit import AuditError, FileTrail
from workshop_stream.enforcement.handler import Handler
from workshop_stream.enforcement.ladder import read_ladder
from workshop_stream.enforcement.notify import WEBHOOK, Notices, log_notifier, webhook_notifier
from workshop_stream.enforcement.sender import Sender, quiet_logger
from workshop_stream.enforcement.service import LostError, Service
from workshop_stream.enforcement.sqlite_store import SqliteStore
from workshop_stream.enforcement.store import StoreError

DONE, FAILED, UNDELIVERED = 0, 2, 3


def say(text: str) -> None:
    """Print a line at once."""
    print(text, flush=True)


def ladder(text: str) -> mc.Ladder:
    """Read the option --policy-ladder."""
    try:
        return read_ladder(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text}: {error}") from None


def notification(text: str) -> str:
    """Read the option --notify."""
    if text == "log":
        return text
    url = urlsplit(text.removeprefix(WEBHOOK))
    if not text.startswith(WEBHOOK) or url.scheme not in ("http", "https") or not url.netloc:
        raise argparse.ArgumentTypeError(f"must be log or webhook:URL, got {text}")
    return text


def parser() -> argparse.ArgumentParser:
    """Return the options of enforcement."""
    options = argparse.ArgumentParser(
        prog="workshop_stream.enforcement", description="Walk every account along the enforcement ladder."
    )
    add = options.add_argument
    add("--brokers", default="localhost:9092", help="default: %(default)s")
    add("--store", type=Path, required=True, metavar="FILE", help="SQLite file of states and of what is to be sent")
    add("--audit", type=Path, required=True, metavar="DIR", help="folder of the audit trail")
    add("--notify", type=notification, default="log", metavar="log|webhook:URL", help="default: %(default)s")
    add("--planner", choices=("highest_beta", "least_value"), default="highest_beta", help="default: %(default)s")
    add("--group", default="margincore-enforcement", metavar="ID", help="consumer group that shows the lag")
    add("--policy-ladder", type=ladder, default=mc.Ladder(), metavar="JSON|FILE", help="thresholds of the ladder")
    return options


def main(arguments: list[str] | None = None) -> int:
    """Enforce until SIGTERM or SIGINT; the status is 0 where everything was delivered."""
    chosen = parser().parse_args(arguments)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    notify = log_notifier(say) if chosen.notify == "log" else webhook_notifier(chosen.notify.removeprefix(WEBHOOK))
    try:
        store = SqliteStore(chosen.store)
    except StoreError as error:
        print(f"error: {error}", file=sys.stderr)
        return FAILED
    consumer = Consumer(
        {
            "bootstrap.servers": chosen.brokers,
            "group.id": chosen.group,
            "enable.auto.commit": False,
            "auto.offset.reset": "error",
            "fetch.wait.max.ms": 10,
            "allow.auto.create.topics": False,
            "logger": quiet_logger(),
        }
    )
    sender, notices = Sender(chosen.brokers, store), Notices(notify, say)
    handler, trail = Handler(chosen.policy_ladder, chosen.planner), FileTrail(chosen.audit)
    try:
        say(f"enforcement reads {chosen.brokers}, store {chosen.store}, audit trail {chosen.audit}")
        is_done = Service(consumer, handler, store, trail, sender, notices, say, stopping.is_set).run()
        if not is_done:
            print("error: not everything is delivered; it is in the store, for the next start", file=sys.stderr)
        return DONE if is_done else UNDELIVERED
    except (AuditError, LostError, StoreError) as error:
        print(f"error: {error}", file=sys.stderr)
        return FAILED
    finally:
        notices.stop(1.0)
        sender.close()
        consumer.close()
        store.close()


if __name__ == "__main__":
    sys.exit(main())
