# SPDX-License-Identifier: Apache-2.0
"""Tells somebody of calls, restrictions and liquidations: at least once, and never in the way of enforcement.

A webhook that refuses a notice (4xx) does so for ever: that is said, and the next notice goes on.
"""

from __future__ import annotations

import http.client
import json
import queue
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Protocol

Say = Callable[[str], None]
WEBHOOK = "webhook:"
LATER = (408, 425, 429)  # answers of 4xx that ask to be tried again: RFC 9110, 8470, 6585


class RefusedError(Exception):
    """Whoever is told does not take this notice, however often."""


class Notifier(Protocol):
    """Delivers the value of a message, as JSON.

    Raises OSError where it failed and is to be tried again, RefusedError where that is of no use.
    """

    def __call__(self, value: str) -> None: ...


def log_notifier(say: Say) -> Notifier:
    """Return a notifier that says one line."""

    def notify(value: str) -> None:
        said = json.loads(value)
        parts = [said["timestamp"], said["account_id"], said.get("action") or said.get("trigger")]
        parts += [f"{key} {said[key]:.2f}" for key in ("deficiency", "excess", "excess_stressed") if key in said]
        say(" ".join([*map(str, parts), f"({said['reason']})"]))

    return notify


def webhook_notifier(url: str, seconds: float = 5.0) -> Notifier:
    """Return a notifier that posts the message; an answer of 2xx says that it arrived."""

    def notify(value: str) -> None:
        headers = {"Content-Type": "application/json", "Idempotency-Key": json.loads(value)["correlation_id"]}
        request = urllib.request.Request(url, value.encode(), headers, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=seconds):
                pass
        except urllib.error.HTTPError as error:
            if 400 <= error.code < 500 and error.code not in LATER:
                raise RefusedError(f"{error.code} {error.reason}") from None
            raise
        except http.client.HTTPException as error:
            raise OSError(str(error) or type(error).__name__) from None

    return notify


class Notices:
    """A thread that delivers notices in order, trying each until it arrived."""

    def __init__(self, notify: Notifier, say: Say, retry_seconds: float = 1.0) -> None:
        self._notify = notify
        self._say = say
        self._retry_seconds = retry_seconds
        self._given: queue.SimpleQueue[tuple[int, str]] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[int] = queue.SimpleQueue()
        self._last = 0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="notices", daemon=True)
        self._thread.start()

    def give(self, number: int, value: str) -> None:
        """Take a notice that was not given before."""
        if number > self._last:
            self._last = number
            self._given.put((number, value))

    def delivered(self) -> list[int]:
        """Return the numbers of what arrived since the last call."""
        numbers = []
        while not self._done.empty():
            numbers.append(self._done.get())
        return numbers

    def stop(self, seconds: float) -> None:
        """End the thread, leaving what has not arrived."""
        self._stopping.set()
        self._given.put((0, ""))
        self._thread.join(seconds)

    def _run(self) -> None:
        longest = 60.0
        while True:
            number, value = self._given.get()
            wait, was_said = self._retry_seconds, False
            while not self._stopping.is_set():
                try:
                    self._notify(value)
                    self._done.put(number)
                    break
                except RefusedError as error:
                    self._say(f"error: notification refused: {error}: {value}")
                    self._done.put(number)
                    break
                except (OSError, ValueError) as error:
                    if not was_said:
                        self._say(f"notification failed, tried again: {error}")
                        was_said = True
                    self._stopping.wait(wait)
                    wait = min(2 * wait, longest)
            if self._stopping.is_set():
                return
