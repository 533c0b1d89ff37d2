# SPDX-License-Identifier: Apache-2.0
"""`margincore compare`: both methods side by side, and their pictures."""

from __future__ import annotations

import json
import re
from pathlib import Path

import margincore as mc
import pytest
from command_line import BAD_PRICE, DISCLAIMER, margincore, one_error
from support import Document


def test_compare_prints_both_methods(file: Path) -> None:
    # Source: 25 % and 15 % of 500 x 400.00, FINRA 4210(c)(1) and (g)(2)(F).
    done = margincore("compare", file)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"net requirement +50,000\.00 +30,000\.00", done.stdout)
    assert "portfolio margin is lower by 20,000.00 USD of net requirement" in done.stdout
    assert re.search(r"NVDA +500 NVDA +50,000\.00 +30,000\.00 +20,000\.00", done.stdout)
    assert re.search(r"between groups +0\.00 +0\.00", done.stdout)
    assert done.stdout.endswith(DISCLAIMER + "\n")


def test_compare_writes_json(file: Path, example: Document) -> None:
    done = margincore("compare", file, "--format", "json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == mc.compare(example).to_dict()


def test_compare_shows_the_method_that_stands_where_one_refuses(file: Path, example: Document) -> None:
    future = {"kind": "future", "price": 5000, "underlying": "ES", "multiplier": 50}
    example["market"]["instruments"]["ESZ26"] = future
    example["account"]["positions"].append({"symbol": "ESZ26", "quantity": 1})
    file.write_text(json.dumps(example))
    done = margincore("compare", file)
    assert (done.returncode, done.stderr) == (0, "")
    assert "strategy refuses the account: account.positions[1].symbol: margin of kind 'future'" in done.stdout
    assert re.search(r"net requirement +- +50,000\.00", done.stdout)  # 30,000 and 8 % of 250,000


def test_compare_of_a_bad_document_is_one_line_and_status_2(bad_file: Path) -> None:
    one_error(margincore("compare", bad_file), BAD_PRICE)


@pytest.mark.parametrize("name", ["both.html", "both.PNG"])
def test_compare_draws(file: Path, tmp_path: Path, name: str) -> None:
    done = margincore("compare", file, "--plot", tmp_path / name)
    assert (done.returncode, done.stderr) == (0, "")
    drawn = (tmp_path / name).read_bytes()
    if name.endswith("PNG"):
        assert drawn.startswith(b"\x89PNG")
        return
    page = drawn.decode()
    assert page.count("data:image/svg+xml;base64,") == 3  # there is no option to hedge with
    assert not re.search(r"(src|href)=\"(?!data:)", page)
    assert "portfolio margin is lower by 20,000.00 USD" in page
    assert margincore("compare", file, "--plot", tmp_path / "again.html").returncode == 0
    assert (tmp_path / "again.html").read_bytes() == drawn


def test_compare_draws_under_a_group_table_of_a_file(file: Path, example: Document, tmp_path: Path) -> None:
    table = {"classes": [{"id": "CHIPS", "members": ["NVDA"]}]}
    (tmp_path / "table.json").write_text(json.dumps(table))
    example["policy"]["group_table"] = "table.json"
    file.write_text(json.dumps(example))
    done = margincore("compare", file, "--plot", tmp_path / "both.html")
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"CHIPS +500 NVDA", done.stdout)
    assert (tmp_path / "both.html").read_text(encoding="utf-8").count("data:image/svg+xml;base64,") == 3


def test_a_picture_that_cannot_be_written_is_an_error(file: Path, tmp_path: Path) -> None:
    done = margincore("compare", file, "--plot", tmp_path / "none" / "both.html")
    missing = tmp_path / "none" / "both.html"
    one_error(done, f"{missing}: must be a file that can be written, got No such file or directory")
