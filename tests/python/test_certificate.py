# SPDX-License-Identifier: Apache-2.0
"""Certificates of pairings: made, read, checked, and refused."""

from __future__ import annotations

import copy
import json
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import margincore as mc
import pytest
from jsonschema import Draft202012Validator
from support import Document
from test_cli import margincore, one_error

Change = Callable[[dict[str, Any]], object]

VALIDATOR = Draft202012Validator(mc.schema("certificate"))


def options(price: float = 100.0) -> Document:
    """A covered call, spreads, a surplus long, and calls that pair in several ways."""
    quantities = {
        ("C", 105): -3,
        ("C", 110): 2,
        ("P", 95): -2,
        ("P", 90): 3,
        ("C", 150): -2,
        ("C", 145): 1,
        ("C", 170): 1,
    }
    positions: list[dict[str, Any]] = [{"symbol": "XYZ", "quantity": 150}]
    instruments: dict[str, Any] = {"XYZ": {"kind": "equity", "price": price}}
    for (right, strike), quantity in quantities.items():
        symbol = f"XYZ   261218{right}{strike * 1000:08d}"
        positions.append({"symbol": symbol, "quantity": quantity})
        instruments[symbol] = {"price": 0.1}
    return {
        "account": {"id": "A", "cash": 10_000, "positions": positions},
        "market": {"valuation_date": "2026-11-20", "instruments": instruments},
    }


@pytest.fixture
def document() -> Document:
    return options()


@pytest.fixture
def certificate(document: Document) -> dict[str, Any]:
    found = mc.evaluate(document, certificate=True).certificate
    assert found is not None
    return found


def test_a_certificate_is_proven_and_says_what_the_report_says(document: Document, certificate: dict[str, Any]) -> None:
    report = mc.evaluate(document)
    result = mc.verify(document, certificate)
    assert result
    assert (result.status, result.where, result.what) == ("proven", "", "")
    assert result.net_requirement == pytest.approx(report.net_requirement, rel=1e-12)
    assert result.lower_bound == result.net_requirement
    VALIDATOR.validate(certificate)
    assert json.loads(json.dumps(certificate)) == certificate


def test_a_certificate_is_there_only_when_it_is_asked_for(document: Document) -> None:
    report = mc.evaluate(document)
    assert report.certificate is None
    assert "certificate" not in report.to_dict()
    proven = mc.evaluate(document, certificate=True)
    assert proven.to_dict() == report.to_dict() | {"certificate": proven.certificate}
    assert json.loads(proven.to_json())["certificate"] == proven.certificate
    assert mc.Report.from_dict(proven.to_dict()) == proven
    assert pickle.loads(pickle.dumps(proven)).certificate == proven.certificate
    Draft202012Validator(mc.schema("report")).validate(proven.to_dict())


def test_an_account_without_options_has_nothing_to_prove(example: Document) -> None:
    report = mc.evaluate(example, certificate=True)
    assert report.certificate == {"schema": 1, "pairings": []}
    assert mc.verify(example, report.certificate).net_requirement == report.net_requirement


def test_documents_and_certificates_come_as_dicts_bytes_and_files(
    document: Document, certificate: dict[str, Any], tmp_path: Path
) -> None:
    files = [tmp_path / "document.json", tmp_path / "certificate.json"]
    for file, content in zip(files, (document, certificate), strict=True):
        file.write_text(json.dumps(content), encoding="utf-8")
    assert mc.verify(*files)
    assert mc.verify(*map(str, files))
    assert mc.verify(*(file.read_bytes() for file in files))


def test_a_certificate_holds_whatever_the_order_of_the_positions(
    document: Document, certificate: dict[str, Any]
) -> None:
    document["account"]["positions"].reverse()
    assert mc.verify(document, certificate)


def lower_the_claim(certificate: dict[str, Any]) -> None:
    pairing = certificate["pairings"][0]
    pairing["cost"] -= 1_000_000
    pairing["lower_bound"] -= 1_000_000


def first_leaf(certificate: dict[str, Any]) -> dict[str, Any]:
    nodes: list[dict[str, Any]] = certificate["pairings"][0]["proof"]["nodes"]
    return next(node for node in nodes if node.get("multipliers"))


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (lower_the_claim, "certificate.pairings[0].cost"),
        (lambda c: c["pairings"][0]["groups"][0].update(requirement=0), "certificate.pairings[0].groups[0]"),
        (lambda c: c["pairings"][0]["groups"].pop(), "certificate.pairings[0].groups"),
        (lambda c: c["pairings"][0]["series"].reverse(), "certificate.pairings[0]"),
        (lambda c: first_leaf(c).update(multipliers=[]), "certificate.pairings[0].proof.nodes[0]"),
        (lambda c: c["pairings"][0]["proof"]["nodes"].append({"multipliers": []}), "certificate.pairings[0].proof"),
        (lambda c: c["pairings"].clear(), "certificate.pairings"),
        (lambda c: c["pairings"][0].update(underlying="ABC"), "certificate.pairings"),
    ],
)
def test_what_is_not_so_is_refused_by_name(
    document: Document, certificate: dict[str, Any], change: Change, where: str
) -> None:
    change(certificate)
    result = mc.verify(document, certificate)
    assert not result
    assert result.status == "refused"
    assert result.where.startswith(where)
    assert result.what.startswith("must ")
    assert result.net_requirement == 0


def test_a_certificate_of_another_document_is_refused(certificate: dict[str, Any]) -> None:
    assert mc.verify(options(price=101.0), certificate).status == "refused"


def test_without_a_proof_the_bound_is_stated(document: Document, certificate: dict[str, Any]) -> None:
    del certificate["pairings"][0]["proof"]
    certificate["pairings"][0]["lower_bound"] -= 5_000_000
    result = mc.verify(document, certificate)
    assert not result
    assert (result.status, result.where) == ("stated", "certificate.pairings[0]")
    assert result.net_requirement - result.lower_bound == pytest.approx(5.0)


PAIRING = "certificate.pairings[0]"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c.update(schema=2), "certificate.schema: must be 1, got 2"),
        (lambda c: c.update(pairs=[]), "certificate.pairs: must be a known key (schema, pairings), got 'pairs'"),
        (lambda c: c.pop("pairings"), "certificate.pairings: must be given, got nothing"),
        (lambda c: c["pairings"][0].update(cost=1.5), f"{PAIRING}.cost: must be a whole number from "),
        (lambda c: c["pairings"][0].update(cost=2**63), f"{PAIRING}.cost: must be a whole number from "),
        (lambda c: c["pairings"][0].update(cost=True), f"{PAIRING}.cost: must be a whole number from "),
        (lambda c: c["pairings"][0].pop("cost"), f"{PAIRING}.cost: must be given, got nothing"),
        (lambda c: c["pairings"][0]["groups"][0].update(form="condor"), f"{PAIRING}.groups[0].form: must be one of "),
        (
            lambda c: c["pairings"][0]["groups"][0].update(series=[-1]),
            f"{PAIRING}.groups[0].series[0]: must be a whole",
        ),
        (lambda c: first_leaf(c)["multipliers"].append(0), f"{PAIRING}.proof.nodes[0].multipliers: must have a number"),
        (lambda c: c["pairings"][0]["proof"].update(nodes=[]), f"{PAIRING}.proof.nodes: must have at least one"),
        (lambda c: c["pairings"][0]["proof"].update(nodes=[{}]), f"{PAIRING}.proof.nodes[0].variable: must be given"),
        (lambda c: c["pairings"][0]["proof"].update(rows=[{"kind": "cut"}]), f"{PAIRING}.proof.rows[0].kind: must be"),
    ],
)
def test_what_is_no_certificate_is_an_error(
    document: Document, certificate: dict[str, Any], change: Change, message: str
) -> None:
    change(certificate)
    with pytest.raises(mc.MarginError) as caught:
        mc.verify(document, certificate)
    assert str(caught.value).startswith(message)
    assert caught.value.where == message.partition(":")[0]


def test_texts_that_are_no_certificate_are_errors(document: Document) -> None:
    with pytest.raises(mc.InvalidInput, match=r"^certificate: must be JSON"):
        mc.verify(document, b"{")
    with pytest.raises(mc.InvalidInput, match=r"^certificate: must be an object, got a list$"):
        mc.verify(document, b"[]")
    with pytest.raises(mc.InvalidInput, match=r"^certificate: must be a dict"):
        mc.verify(document, "{}")


def test_numbers_as_large_as_can_be_are_refused_or_change_nothing(
    document: Document, certificate: dict[str, Any]
) -> None:
    def each_number(value: Any, change: Callable[[Any, Any], None]) -> None:
        for key, member in value.items() if isinstance(value, dict) else enumerate(value):
            if isinstance(member, int):
                change(value, key)
            elif isinstance(member, (dict, list)):
                each_number(member, change)

    def check(holder: Any, key: Any) -> None:
        before = holder[key]
        for number in (2**63 - 1, -(2**63), 2**62, 2**31, 0):
            holder[key] = number
            try:
                result = mc.verify(document, copy.deepcopy(certificate))
            except mc.MarginError:
                continue
            finally:
                holder[key] = before
            assert not result or result.net_requirement == proven

    proven = mc.verify(document, certificate).net_requirement
    each_number(certificate["pairings"], check)


def test_designated_groups_have_no_certificate(document: Document) -> None:
    document["policy"] = {"pairing": "designated"}
    with pytest.raises(mc.Unsupported) as caught:
        mc.evaluate(document, certificate=True)
    assert caught.value.where == "policy.pairing"


def test_a_profile_of_named_spreads_has_a_certificate(document: Document) -> None:
    document["policy"] = {"rulebook": "named-strategies"}
    found = mc.evaluate(document, certificate=True).certificate
    assert found is not None
    VALIDATOR.validate(found)
    assert mc.verify(document, found)
    document["policy"] = {"rulebook": "exchange"}  # another problem, under which it may cost less
    assert mc.verify(document, found).status == "refused"


# --- command line -----------------------------------------------------------------------------------------------------


def test_a_certificate_is_written_and_verified(document: Document, tmp_path: Path) -> None:
    file, out = tmp_path / "account.json", tmp_path / "certificate.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    assert margincore("evaluate", file, "--certificate", out).returncode == 0
    found = json.loads(out.read_text(encoding="utf-8"))
    assert found == mc.evaluate(document, certificate=True).certificate
    done = margincore("verify", file, out)
    assert (done.returncode, done.stderr) == (0, "")
    net = mc.evaluate(document).net_requirement
    assert done.stdout == f"proven: net requirement {net:,.2f}, and no pairing of the options costs less\n"

    lower_the_claim(found)
    out.write_text(json.dumps(found), encoding="utf-8")
    done = margincore("verify", file, out)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error: certificate.pairings[0].cost: must be what the groups cost, ")

    del found["pairings"][0]["proof"]
    lower_the_claim(found)
    found["pairings"][0]["cost"] += 2_000_000
    out.write_text(json.dumps(found), encoding="utf-8")
    done = margincore("verify", file, out)
    assert done.returncode == 1
    assert done.stdout.startswith("stated: net requirement ")
    assert "not proven" in done.stdout
    assert "has no proof" in done.stderr

    out.write_text("{}", encoding="utf-8")
    one_error(margincore("verify", file, out), "certificate.pairings: must be given, got nothing")
    one_error(
        margincore("verify", file, tmp_path / "none"),
        f"{tmp_path / 'none'}: must be a file that can be read, got No such file or directory",
    )


def test_certificates_of_several_documents_are_a_line_each(document: Document, tmp_path: Path) -> None:
    bad = copy.deepcopy(document)
    bad["market"]["instruments"]["XYZ"]["price"] = 0
    file, out = tmp_path / "accounts.jsonl", tmp_path / "certificates.jsonl"
    file.write_text("".join(json.dumps(one) + "\n" for one in (document, bad, options(101.0))), encoding="utf-8")
    assert margincore("evaluate", file, "--certificate", out).returncode == 1
    first, second, third = map(json.loads, out.read_text(encoding="utf-8").splitlines())
    assert second is None
    assert mc.verify(document, first)
    assert mc.verify(options(101.0), third)


def test_a_certificate_that_cannot_be_written_names_the_file(document: Document, tmp_path: Path) -> None:
    file, out = tmp_path / "account.json", tmp_path / "none" / "certificate.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    one_error(
        margincore("evaluate", file, "--certificate", out),
        f"{out}: must be a file that can be written, got No such file or directory",
    )


def test_a_certificate_is_there_though_nobody_reads_the_report(document: Document, tmp_path: Path) -> None:
    file, out = tmp_path / "account.json", tmp_path / "certificate.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as closed:
        command = [sys.executable, "-m", "margincore", "evaluate", str(file), "--certificate", str(out)]
        assert subprocess.run(command, stdout=closed, stderr=subprocess.PIPE, check=False, timeout=60).stderr == b""
    assert mc.verify(document, out.read_bytes())


@pytest.mark.parametrize("name", ["stress", "certificate", "alternatives"])
def test_flags_that_are_none_are_refused_by_name(document: Document, name: str) -> None:
    with pytest.raises(mc.InvalidInput, match=f"^{name}: must be True or False, got 'yes'$") as refused:
        mc.evaluate(document, **{name: "yes"})
    assert refused.value.where == name


def test_no_certificate_is_written_of_a_bad_document(bad_document: Document, tmp_path: Path) -> None:
    file, out = tmp_path / "account.json", tmp_path / "certificate.json"
    file.write_text(json.dumps(bad_document), encoding="utf-8")
    assert margincore("evaluate", file, "--certificate", out).returncode == 2
    assert not out.exists()


@pytest.fixture
def bad_document(document: Document) -> Document:
    document["market"]["instruments"]["XYZ"]["price"] = 0
    return document
