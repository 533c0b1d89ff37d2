# SPDX-License-Identifier: Apache-2.0
"""The schemas, and documents that they and the reader accept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import margincore as mc
import pytest
from jsonschema import Draft202012Validator
from support import SCHEMA, VALIDATOR, everything_document, example_document, properties_in

EXAMPLE_POLICIES = Path(__file__).resolve().parents[2] / "examples" / "policies"


def keys_in(value: object) -> set[str]:
    if isinstance(value, dict):
        return set(value).union(*(keys_in(member) for member in value.values()))
    if isinstance(value, list):
        return set().union(*(keys_in(member) for member in value))
    return set()


def descriptions_missing(schema: object, path: str = "") -> list[str]:
    if not isinstance(schema, dict):
        return []
    missing = []
    for key, value in schema.get("properties", {}).items():
        if isinstance(value, dict) and not ({"description", "$ref"} & set(value)) and "if" not in path.split("/"):
            missing.append(f"{path}/{key}")
    for key, value in schema.items():
        if key not in ("if", "then", "else", "not", "oneOf", "allOf"):  # repeat keys that are described elsewhere
            members = value if isinstance(value, dict) else {}
            missing += descriptions_missing(value, f"{path}/{key}")
            for name, member in members.items():
                missing += (
                    descriptions_missing(member, f"{path}/{key}/{name}") if key in ("properties", "$defs") else []
                )
    return sorted(set(missing))


@pytest.mark.parametrize("name", ["account", "report", "certificate"])
def test_schemas_are_schemas_and_describe_every_key(name: str) -> None:
    schema = mc.schema(name)  # type: ignore[arg-type]
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"urn:margincore:schema:{name}:1"
    assert descriptions_missing(schema) == []


def test_a_schema_of_another_name_is_refused() -> None:
    with pytest.raises(mc.InvalidInput, match=r"^name: must be account, report or certificate, got 'order'$"):
        mc.schema("order")  # type: ignore[arg-type]


def test_every_key_of_the_schema_is_accepted_by_schema_and_reader() -> None:
    document = everything_document()
    assert properties_in(SCHEMA) <= keys_in(document)
    VALIDATOR.validate(document)
    report = mc.evaluate(document, stress=True)
    assert report.account_id == "ACC_1"
    assert [point.move for point in report.stress or []] == [-0.1, 0, 0.1]


@pytest.mark.parametrize("file", sorted(EXAMPLE_POLICIES.glob("*.json")), ids=lambda file: file.stem)
def test_every_example_policy_is_accepted_by_schema_and_reader(file: Path) -> None:
    document = everything_document()
    document["policy"] = json.loads(file.read_text(encoding="utf-8"))
    VALIDATOR.validate(document)
    assert mc.evaluate(document).requirement.add_ons > 0


def test_a_house_rate_of_a_symbol_that_the_market_does_not_have_is_reported() -> None:
    document = example_document()
    document["policy"] = {"house_rates": {"NVDIA": {"long": 0.9}}}
    report = mc.evaluate(document)
    assert report.requirement.total == 50_000.0  # the contract's example
    assert [warning.where for warning in report.warnings] == ["policy.house_rates.NVDIA"]


@pytest.mark.parametrize("name", ["", "\0", '{"schema": 1}', " [1]"])
def test_a_string_that_is_no_name_of_a_file_is_refused(name: str) -> None:
    with pytest.raises(mc.InvalidInput, match="JSON text as bytes") as caught:
        mc.evaluate(name)
    assert caught.value.where == "document"


def test_a_method_and_moves_of_another_type_are_refused_without_the_document() -> None:
    wrong: Any = 5
    with pytest.raises(mc.InvalidInput, match=r"^method: must be a string, got int$"):
        mc.evaluate(example_document(), method=wrong)
    with pytest.raises(mc.InvalidInput, match=r"^moves: must be a list, got int$"):
        mc.stress(example_document(), wrong)
    with pytest.raises(mc.InvalidInput, match=r"^moves\[1\]: must be a number, got 'x'$"):
        mc.stress(example_document(), [0.1, *["x"]])  # type: ignore[list-item]


def test_the_minimum_is_accepted() -> None:
    document = {
        "account": {"cash": 0, "positions": []},
        "market": {"valuation_date": "2026-11-20", "instruments": {}},
    }
    VALIDATOR.validate(document)
    report = mc.evaluate(document)
    assert report.account_id is None
    assert report.requirement.total == 0


@pytest.mark.parametrize("kind", ["margin", "portfolio_margin", "cash"])
def test_the_strategy_method_compares_accounts_of_every_type(kind: str) -> None:
    document = example_document()
    document["account"]["type"] = kind
    VALIDATOR.validate(document)
    assert mc.evaluate(document, method="strategy").requirement.maintenance == 50_000.0  # the contract's example


def test_a_date_before_the_rulebook_computes_with_a_warning_where_the_policy_names_it() -> None:
    document = example_document()
    document["market"]["valuation_date"] = "2026-06-03"
    report = mc.evaluate(document)
    assert [warning.where for warning in report.warnings] == ["policy.rulebook"]
    document["market"]["valuation_date"] = "2026-06-04"  # in force from this day, says the contract
    del document["policy"]
    assert mc.evaluate(document).warnings == []
