# SPDX-License-Identifier: Apache-2.0
"""Programs that run beside the launcher: started with a log, watched, and ended."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from workshop_stream.errors import StreamError, tail
from workshop_stream.jars import Say

STOP_SECONDS = 20.0


class Child:
    """A program with its output in a log."""

    def __init__(
        self, name: str, command: Sequence[str], log: Path, *, environment: Mapping[str, str] | None = None
    ) -> None:
        self.name = name
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:
            try:
                # A session of its own: Ctrl+C in the terminal is the launcher's, which ends all in their order.
                self._process = subprocess.Popen(
                    list(command),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    env={**os.environ, **(environment or {})},
                    start_new_session=True,
                )
            except OSError as error:
                raise StreamError(f"{name} could not be started: {command[0]}: {error.strerror}") from None

    @property
    def pid(self) -> int:
        """The program's process."""
        return self._process.pid

    def check(self) -> None:
        """Raise StreamError, with the end of the log, where the program has ended by itself."""
        status = self._process.poll()
        if status is not None:
            how = f"signal {-status}" if status < 0 else f"status {status}"
            raise StreamError(f"{self.name} ended ({how}); the end of {self.log}:{tail(self.log)}")

    def stop(self, say: Say) -> None:
        """End the program: asked first, made to after a while, with what it started itself."""
        if self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            say(f"{self.name} did not stop in {STOP_SECONDS:.0f} s: killed")
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
