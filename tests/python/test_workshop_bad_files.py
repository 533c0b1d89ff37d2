# SPDX-License-Identifier: Apache-2.0
"""The workshop demo given files that are wrong: one line that names the file, the place and the value."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from workshop import Change, copy_data, load, rewrite, run
from workshop_demo.fields import ScenarioError
from workshop_demo.methods import read_methods


def test_bad_scenario_file_is_one_line_that_names_file_place_and_value(tmp_path: Path) -> None:
    file = copy_data(tmp_path) / "scenarios" / "2_ladder.json"
    rewrite(file, lambda s: s["steps"][3].update(move="-8%"))
    result = run(file, "--output", tmp_path / "demo.html")
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr == f'error: {file}: steps[3].move: must be a number, got "-8%"\n'
    assert not (tmp_path / "demo.html").exists()


def _set(*path: str | int, value: object) -> Change:
    def change(document: Any) -> None:
        for key in path[:-1]:
            document = document[key]
        document[path[-1]] = copy.deepcopy(value)

    return change


BAD = [
    (_set("steps", 2, "mvoe", value=1), "steps[2].mvoe: must be a known key (time, move, prices, note), got 'mvoe'"),
    (_set("steps", 0, value=7), "steps[0]: must be an object, got 7"),
    (_set("steps", 0, value={"move": 0}), "steps[0].time: must be given, got nothing"),
    (_set("steps", value=[]), "steps: must be a list with at least one item, got []"),
    (_set("steps", 1, "move", value=True), "steps[1].move: must be a number, got true"),
    (_set("steps", 1, "move", value=float("nan")), "steps[1].move: must be a number, got NaN"),
    (_set("steps", 1, "move", value=-0.5), "steps[1].move: must leave every price above 0, got -0.5: TSLA at 0.00"),
    (
        _set("steps", 1, "prices", value={"NVDX": 1}),
        "steps[1].prices.NVDX: must be a symbol of universe.json, got 'NVDX'",
    ),
    (_set("steps", 1, "prices", value={"NVDA": 0}), "steps[1].prices.NVDA: must be above 0, got 0"),
    (_set("steps", 1, "time", value="noon"), 'steps[1].time: must be a time like 2026-10-05T09:45-04:00, got "noon"'),
    (
        _set("steps", 1, "time", value="2026-10-02T16:00"),
        'steps[1].time: must say its offset from UTC, like -04:00, got "2026-10-02T16:00"',
    ),
    (
        _set("steps", 1, "time", value="2026-10-01T16:00-04:00"),
        'steps[1].time: must be later than the step before, got "2026-10-01T16:00-04:00"',
    ),
    (_set("accounts", 0, "id", value="ACC_X"), "accounts[0].id: must be an account of accounts.json (ACC_"),
    (_set("accounts", 0, "id", value=[]), "accounts[0].id: must be an account of accounts.json (ACC_"),
    (_set("accounts", 1, "id", value="ACC_STAPLES_001"), 'accounts[1].id: must stand once, got "ACC_STAPLES_001"'),
    (_set("accounts", 0, "policy", value=1), "accounts[0].policy: must be an object, got 1"),
    (
        _set("accounts", 0, "policy", value={"add_ons": [{"id": "conc"}]}),
        "accounts[0].policy.add_ons[0].id: must be the name of an add-on, got 'conc'",
    ),
    (
        _set("accounts", 0, "policy", value={"ladder": {"minutes": 1}}),
        "accounts[0].policy.ladder.minutes: must be a known",
    ),
    (
        _set("accounts", 0, "policy", value={"stress_moves": [0.01]}),
        "accounts[0].policy.stress_moves: must have a benchmark move of at least 0.06, got none",
    ),
    (_set("announces", value=["CALL"]), "announces[0]: must be an action (WARNING, "),
    (_set("title", value=" "), 'title: must be a text, got " "'),
    (_set("steps", 0, "time", value="2026-01-01T16:00-04:00"), "steps[0].time: must not be before 2026-06-04"),
]


@pytest.mark.parametrize(("change", "message"), BAD, ids=[message[:40] for _, message in BAD])
def test_bad_scenarios_name_their_place(tmp_path: Path, change: Change, message: str) -> None:
    file = copy_data(tmp_path) / "scenarios" / "2_ladder.json"
    rewrite(file, change)
    with pytest.raises(ScenarioError) as caught:
        load(file, tmp_path)
    text = str(caught.value)
    assert text.startswith(f"{file}: {message}")
    assert "\n" not in text


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("universe.json", _set("benchmark", value="QQQ"), "benchmark: must be a symbol of the universe (AAPL, "),
        (
            "universe.json",
            _set("instruments", "KO", "price", value=-1),
            "instruments.KO.price: must be above 0, got -1",
        ),
        ("universe.json", _set("instruments", "KO", "kind", value="stock"), "instruments.KO.kind: must be"),
        ("accounts.json", _set("accounts", 6, "cash", value=None), "accounts[6].cash: must be a number, got null"),
        (
            "accounts.json",
            _set("accounts", 6, "positions", "PEP", value=1),
            "accounts[6].positions.PEP: must be a symbol of universe.json, got 'PEP'",
        ),
        ("accounts.json", _set("accounts", 6, "positions", "PG", value=0), "accounts[6].positions.PG: must not be 0"),
        ("accounts.json", _set("accounts", 1, "id", value="ACC_CONSERVATIVE_001"), "accounts[1].id: must stand once"),
    ],
)
def test_bad_universe_and_accounts_name_their_place(tmp_path: Path, name: str, change: Change, message: str) -> None:
    rewrite(copy_data(tmp_path) / name, change)
    with pytest.raises(ScenarioError) as caught:
        load(tmp_path / "scenarios" / "2_ladder.json", tmp_path)
    assert str(caught.value).startswith(f"{tmp_path / name}: {message}")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "line 1, column 2: must be JSON"),
        ('{"title": "a", "title": "b"}', "must be JSON in UTF-8, got: the key 'title' stands twice in one object"),
        ("[" * 100_000, "must be JSON"),
        ("7", "must be an object, got 7"),
    ],
)
def test_files_that_are_not_a_scenario_are_one_error(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "scenario.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        load(file)
    assert str(caught.value).startswith(f"{file}: {message}")


def test_missing_file_is_one_error(tmp_path: Path) -> None:
    result = run(tmp_path / "nowhere.json")
    assert result.returncode == 2
    assert (
        result.stderr
        == f"error: {tmp_path / 'nowhere.json'}: must be a file that can be read, got No such file or directory\n"
    )


BAD_METHODS: list[tuple[Change, str]] = [
    (lambda m: m["document"]["account"]["positions"][0].update(quantity=0), "document.account.positions[0].quantity: "),
    (lambda m: m["document"]["market"]["instruments"].pop("SPY"), "document.market.instruments.SPY: must be given"),
    (lambda m: m["hedge"].update(option="SPX"), "hedge.option: must be a position of the account"),
    (lambda m: m.update(document=[]), "document: must be an account document, got []"),
    (lambda m: m.pop("hedge"), "hedge: must be given, got nothing"),
]


@pytest.mark.parametrize(("change", "message"), BAD_METHODS)
def test_bad_methods_file_is_named_with_its_place(change: Change, message: str, tmp_path: Path) -> None:
    file = copy_data(tmp_path) / "methods.json"
    rewrite(file, change)
    with pytest.raises(ScenarioError) as caught:
        read_methods(file)
    assert str(caught.value).startswith(f"{file}: {message}")
