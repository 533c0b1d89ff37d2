# SPDX-License-Identifier: Apache-2.0
"""The disk of the audit trail is full for a while: that is said, calls go on, and no record is lost."""

from __future__ import annotations

import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest
from enforcement_process import Enforcement, audited, check, fresh_topics, publish, wait_until
from enforcement_support import expected_steps, walks
from workshop_stream.broker import Broker, free_port

ACCOUNTS, ACCOUNTS_SHORT = 60, 20
# Enforcement with its trail on a disk of 64 KiB of its own. SIGUSR1 makes the disk larger; at the end the trail is
# copied to where the test sees it.
PROGRAM = """
import os, shutil, signal, subprocess, sys
if "ON_SMALL_DISK" not in os.environ:
    os.environ["ON_SMALL_DISK"] = "1"
    os.execvp("unshare", ["unshare", "-rm", sys.executable, "-c", {program!r}, *sys.argv[1:]])
audit = sys.argv[sys.argv.index("--audit") + 1]
os.makedirs(audit)
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", audit], check=True)
grow = ["mount", "-o", "remount,size=64m", audit]
signal.signal(signal.SIGUSR1, lambda *_: subprocess.run(grow, check=True))
from workshop_stream.enforcement.__main__ import main
status = main()
shutil.copytree(audit, audit + "-copy")
sys.exit(status)
"""


def may_mount() -> bool:
    probe = ["unshare", "-rm", "sh", "-c", "mount -t tmpfs tmpfs /tmp"]
    return bool(shutil.which("unshare")) and subprocess.run(probe, capture_output=True, check=False).returncode == 0


def program() -> str:
    """The program, which holds itself once, to run in a namespace of its own."""
    inner = PROGRAM.replace("{program!r}", "''")
    return PROGRAM.replace("{program!r}", repr(inner))


@pytest.mark.skipif(not may_mount(), reason="a disk of our own needs unshare and user namespaces")
def test_full_disk_for_the_audit(tmp_path: Path, tell: Any, is_full: bool) -> None:
    values = walks(accounts=ACCOUNTS if is_full else ACCOUNTS_SHORT, steps=100, seed=9)
    expected = expected_steps(values)
    with Broker(free_port(), tmp_path / "kafka", say=lambda _: None) as broker:
        fresh_topics(broker.brokers)
        publish(broker.brokers, values)
        with Enforcement(broker.brokers, tmp_path, program=program()) as enforcement:
            wait_until(lambda: audited(broker.brokers) == expected)  # said to all, though the trail is full
            wait_until(lambda: "error: audit: " in enforcement.log())
            assert "No space left on device; kept in the store and tried again" in enforcement.log()
            enforcement.signal(signal.SIGUSR1)
            wait_until(lambda: "audit: all done again" in enforcement.log())
            assert enforcement.stop() == 0, enforcement.log()
            enforcement.audit = enforcement.audit.with_name("audit-copy")
            check(broker.brokers, enforcement, values)
    tell(f"{len(expected)} steps of the ladder, all said while the disk was full, all in the trail afterwards")
