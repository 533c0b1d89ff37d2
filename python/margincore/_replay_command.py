# SPDX-License-Identifier: Apache-2.0
"""The command ``margincore replay``: a log in, the report of every account out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from margincore._object_file import read_object
from margincore._terminal import UnreadableError, fail, shown
from margincore.stream import INPUT_TOPICS, read_kafka_log, read_log_file, replay, write_log_file
from margincore.stream._replay import RESULTS_TOPIC, newest_results

if TYPE_CHECKING:
    from margincore.stream import LogRecord
    from margincore.stream._replay import Replayed

_KAFKA = "kafka:"
_COMPUTED, _DIFFERS, _BAD = 0, 1, 2


def run(log: str, settings: str, output: str, check: bool, save: str | None) -> int:
    """Replay a log and return the exit status.

    0: computed; 1: results of the stream say something else; 2: bad input, which is raised.
    """
    records = _read(log)
    if save is not None:
        try:
            write_log_file(save, records)
        except OSError as error:
            raise UnreadableError(f"{save}: must be a file that can be written, got {error.strerror}") from None
    replayed = replay(records, read_object(settings))
    if output == "json":
        for report in replayed.reports.values():
            print(report.to_json())
    else:
        _print_summary(replayed)
    for name, reasons in replayed.incomplete.items():
        fail(f"{name}: incomplete: {'; '.join(reasons)}")
    for letter in replayed.dead_letters:
        fail(f"{letter['topic']}[{letter['partition']}] offset {letter['offset']}: {letter['reason']}")
    if not check:
        return _COMPUTED
    differences = replayed.differences(newest_results(records))
    for line in differences:
        fail(line)
    if not differences:
        print(f"the stream says the same of all {len(replayed.engine.account_ids):,} accounts")
    return _DIFFERS if differences else _COMPUTED


def _read(log: str) -> list[LogRecord]:
    if not log.startswith(_KAFKA):
        try:
            return list(read_log_file(log))
        except OSError as error:
            raise UnreadableError(f"{log}: must be a file that can be read, got {error.strerror}") from None
    try:
        return list(read_kafka_log(log.removeprefix(_KAFKA), (*INPUT_TOPICS, RESULTS_TOPIC)))
    except ImportError:
        raise UnreadableError(
            "confluent-kafka: must be installed to read from a broker, got none; pip install 'margincore[stream]'"
        ) from None


def _print_summary(replayed: Replayed) -> None:
    counts = replayed.engine.counts
    print(
        f"{counts['messages']:,} messages: {counts['fills']:,} fills, {counts['movements']:,} cash movements, "
        f"{counts['repeated']:,} repeated, {counts['late']:,} late, {counts['dead_letters']:,} unreadable"
    )
    width = max((len(name) for name in replayed.reports), default=0)
    for name, report in sorted(replayed.reports.items()):
        figures: dict[str, Any] = report.to_dict()
        print(
            f"{shown(name):<{width}}  equity {figures['equity']:>16,.2f}  "
            f"requirement {figures['requirement']['total']:>16,.2f}  excess {figures['excess']['total']:>16,.2f}"
        )
