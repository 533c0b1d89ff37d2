# SPDX-License-Identifier: Apache-2.0
"""A log evaluated as a batch: what every account comes to after all of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import margincore as mc
from margincore._core import MarginEngine
from margincore.stream._log import INPUT_TOPICS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from margincore.stream._log import LogRecord

RESULTS_TOPIC = "margin.calc.v1"
_FIGURES = {"equity": ("equity",), "maintenance_req": ("requirement", "total"), "excess": ("excess", "total")}
_CLOSE = 1e-9  # of the gross value: sums in another order


@dataclass(frozen=True)
class Replayed:
    """What a log comes to.

    Attributes
    ----------
    engine : MarginEngine
        After the whole log; its `counts` say what was in it.
    reports : dict of str to Report
        By account, each with its stress table, from `margincore.evaluate` of the account's document.
    incomplete : dict of str to list of str
        By account: why there is no report.
    dead_letters : list of dict
        What could not be read, with the reasons.
    """

    engine: MarginEngine
    reports: dict[str, mc.Report]
    incomplete: dict[str, list[str]]
    dead_letters: list[dict[str, Any]]

    def differences(self, results: Mapping[str, Mapping[str, Any]]) -> list[str]:
        """Return where results of a stream say something else, a line each; empty where all agree.

        Parameters
        ----------
        results : mapping of str to mapping
            By account, the value of its newest message of margin.calc.v1.
        """
        lines = [f"{name}: must have a result, got none" for name in self.engine.account_ids if name not in results]
        for name, result in results.items():
            if name in self.incomplete:
                if result["status"] != "incomplete":
                    lines.append(f"{name}: must be incomplete ({'; '.join(self.incomplete[name])}), got figures")
            elif name not in self.reports:
                lines.append(f"{name}: must be an account of the log, got a result of one that is not")
            else:
                lines += _unlike(name, self.reports[name].to_dict(), result)
        return lines


def _unlike(name: str, report: Mapping[str, Any], result: Mapping[str, Any]) -> list[str]:
    lines = []
    scale = max(1.0, abs(report["gross_value"]))
    for key, path in _FIGURES.items():
        expected: Any = report
        for part in path:
            expected = expected[part]
        got = result[key]
        if got is None or abs(got - expected) > _CLOSE * scale:
            lines.append(f"{name}.{key}: must be {expected}, got {got}")
    return lines


def replay(records: Iterable[LogRecord], settings: Mapping[str, Any]) -> Replayed:
    """Return what a log comes to, account by account.

    Parameters
    ----------
    records : iterable of LogRecord
        Each partition in the order of its offsets. Topics that no engine reads are passed over.
    settings : mapping
        Of the engine, as `MarginEngine` takes them.

    Raises
    ------
    InvalidInput, MissingData, Unsupported
        Where the settings are wrong; of an account it is its `incomplete`.
    """
    engine = MarginEngine(dict(settings))
    columns = list(zip(*(record for record in records if record.topic in INPUT_TOPICS), strict=True))
    if columns:
        engine.apply(*(list(column) for column in columns))
    engine.flush()
    topics, _, values = engine.take()
    dead = [json.loads(value) for topic, value in zip(topics, values, strict=True) if topic == "dead_letter.v1"]
    reports: dict[str, mc.Report] = {}
    incomplete: dict[str, list[str]] = {}
    for name in engine.account_ids:
        result = engine.result(name)
        if result["status"] == "complete":
            reports[name] = mc.evaluate(engine.document(name), stress=True)
        else:
            incomplete[name] = list(result["reasons"])
    return Replayed(engine, reports, incomplete, dead)


def newest_results(records: Iterable[LogRecord]) -> dict[str, dict[str, Any]]:
    """Return the newest result of every account, by version, among records of margin.calc.v1."""
    newest: dict[str, dict[str, Any]] = {}
    for record in records:
        if record.topic == RESULTS_TOPIC and record.value is not None:
            result = json.loads(record.value)
            before = newest.get(result["account_id"])
            if before is None or result["version"] > before["version"]:
                newest[result["account_id"]] = result
    return newest
