# SPDX-License-Identifier: Apache-2.0
"""Group tables from files, and in place of the name of a file in a policy."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import margincore as mc
import pytest
from margincore import cli
from support import SCHEMA, Document

# A class at -8/+6 % instead of +-15 %: what 10 shares at 500 lose tells which table was read.
CSV = """\
#groups: level,id,parent_id,offset_pct_of_gain,low_pct,high_pct
product,P,,90,-8,6
class,XYZ,P,,,
"""
TABLE = {
    "classes": [{"id": "XYZ", "product": "P", "members": []}],
    "products": [{"id": "P", "low": -0.08, "high": 0.06, "offset": 0.9}],
    "portfolios": [],
}
BY_TABLE, BY_ITSELF = 400.0, 750.0  # FINRA 4210(g)(2)(F): 8 % and 15 % of 5,000


def document(group_table: Any = None) -> Document:
    return {
        "account": {
            "type": "portfolio_margin",
            "cash": 1_000_000,
            "positions": [{"symbol": "XYZ", "quantity": 10}],
        },
        "market": {"valuation_date": "2026-11-20", "instruments": {"XYZ": {"kind": "etf", "price": 500}}},
        "policy": {} if group_table is None else {"group_table": group_table},
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "groups.csv").write_text(CSV, encoding="utf-8")
    (tmp_path / "groups.json").write_text(json.dumps(TABLE), encoding="utf-8")
    (tmp_path / "bad.csv").write_text(CSV.replace("-8", "8"), encoding="utf-8")
    (tmp_path / "groups.txt").write_text(CSV, encoding="utf-8")
    return tmp_path


def test_a_file_is_what_it_says(folder: Path) -> None:
    assert mc.read_group_table(folder / "groups.csv") == TABLE
    assert mc.read_group_table(str(folder / "groups.json")) == TABLE


def test_the_built_in_table_is_a_policys_and_what_applies_without_one(folder: Path) -> None:
    built_in = mc.default_group_table()
    assert list(built_in) == list(SCHEMA["$defs"]["group_table"]["properties"])
    assert mc.evaluate(document(built_in)) == mc.evaluate(document())
    (folder / "built_in.json").write_text(json.dumps(built_in), encoding="utf-8")
    assert mc.read_group_table(folder / "built_in.json") == built_in
    built_in["classes"].clear()
    assert mc.default_group_table()["classes"] != []


def test_a_dict_and_bytes_name_a_file_from_the_working_directory(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert mc.evaluate(document()).requirement.maintenance == pytest.approx(BY_ITSELF)
    absolute = document(str(folder / "groups.csv"))
    assert mc.evaluate(absolute).requirement.maintenance == pytest.approx(BY_TABLE)
    assert absolute["policy"]["group_table"] == str(folder / "groups.csv")
    assert mc.evaluate(document(folder / "groups.json")).requirement.maintenance == pytest.approx(BY_TABLE)
    monkeypatch.chdir(folder)
    for source in (document("groups.csv"), json.dumps(document("groups.csv")).encode()):
        assert mc.evaluate(source).requirement.maintenance == pytest.approx(BY_TABLE)


def test_a_file_names_another_from_its_own_folder(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (folder / "elsewhere").mkdir()
    monkeypatch.chdir(folder / "elsewhere")
    (folder / "account.json").write_text(json.dumps(document("groups.csv")), encoding="utf-8")
    (folder / "accounts.jsonl").write_text(json.dumps(document("groups.csv")) + "\n", encoding="utf-8")
    assert mc.evaluate("../account.json").requirement.maintenance == pytest.approx(BY_TABLE)
    for name in ("../account.json", "../accounts.jsonl"):
        assert cli.main(["evaluate", name, "--format", "json"]) == 0
        assert json.loads(capfd.readouterr().out)["requirement"]["maintenance"] == pytest.approx(BY_TABLE)


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("none.csv", "must be a file that can be read, got 'none.csv': No such file or directory"),
        ("a\0.csv", "must be a file that can be read, got 'a\\x00.csv': embedded null byte"),
        ("groups.txt", "must be the name of a .csv or .json file, got 'groups.txt'"),
        ("", "must be the name of a .csv or .json file, got ''"),
        ("bad.csv", "bad.csv: line 2.low_pct: must be between -100 and 0, got 8"),
    ],
)
def test_a_name_of_no_group_table_is_refused_at_the_policy(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, rule: str
) -> None:
    monkeypatch.chdir(folder)
    for source in (document(name), json.dumps(document(name)).encode()):
        with pytest.raises(mc.InvalidInput) as caught:
            mc.evaluate(source)
        assert str(caught.value) == f"policy.group_table: {rule}"
        assert caught.value.where == "policy.group_table"


def test_what_is_no_group_table_is_refused_with_its_file(folder: Path) -> None:
    with pytest.raises(mc.InvalidInput) as caught:
        mc.read_group_table(folder / "bad.csv")
    assert caught.value.where == f"{folder / 'bad.csv'}: line 2.low_pct"
    (folder / "bad.json").write_text('{"classes": [{"id": "XYZ", "product": "P"}]}', encoding="utf-8")
    with pytest.raises(mc.InvalidInput, match="must be the id of a product group, got 'P'") as caught:
        mc.read_group_table(folder / "bad.json")
    assert caught.value.where == f"{folder / 'bad.json'}: classes[0].product"
    with pytest.raises(FileNotFoundError):
        mc.read_group_table(folder / "none.csv")
    wrong: Any = 5
    with pytest.raises(mc.InvalidInput, match=r"^path: must be the name of a file, got int$"):
        mc.read_group_table(wrong)


def test_text_that_repeats_a_key_is_refused_beside_the_name_of_a_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    text = json.dumps(document("groups.csv")).replace('"cash"', '"cash": 1, "cash"')
    with pytest.raises(mc.InvalidInput, match=r"^account\.cash: must stand once in its object"):
        mc.evaluate(text.encode())
