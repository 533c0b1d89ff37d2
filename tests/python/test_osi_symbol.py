# SPDX-License-Identifier: Apache-2.0
"""Option symbols. Source: OCC, Options Symbology Initiative: root (6), YYMMDD, C or P, strike in thousandths (8)."""

from __future__ import annotations

import datetime

import margincore as mc
import pytest
from hypothesis import given
from hypothesis import strategies as st


def test_the_fields_of_the_contracts_example() -> None:
    symbol = mc.OsiSymbol("NVDA  270115C00450000")
    assert symbol.root == "NVDA"
    assert symbol.expiry == datetime.date(2027, 1, 15)
    assert symbol.right == "call"
    assert symbol.strike == 450.0
    assert not symbol.is_adjusted
    assert str(symbol) == "NVDA  270115C00450000"
    assert repr(symbol) == "OsiSymbol('NVDA  270115C00450000')"


@pytest.mark.parametrize(
    "text", ["NVDA  270115C00450000", "NVDA 270115C00450000", "NVDA270115C00450000"], ids=["padded", "one", "squeezed"]
)
def test_inner_spaces_may_be_squeezed_out(text: str) -> None:
    symbol = mc.OsiSymbol(text)
    assert symbol == mc.OsiSymbol("NVDA  270115C00450000")
    assert hash(symbol) == hash(mc.OsiSymbol("NVDA  270115C00450000"))
    assert str(symbol) == "NVDA  270115C00450000"


def test_a_digit_at_the_end_of_the_root_is_an_adjusted_contract() -> None:
    assert mc.OsiSymbol("NVDA1 270115C00450000").is_adjusted


@given(
    root=st.from_regex(r"\A[A-Z][A-Z0-9]{0,5}\Z"),
    expiry=st.dates(datetime.date(2000, 1, 1), datetime.date(2099, 12, 31)),
    right=st.sampled_from(["call", "put"]),
    mills=st.integers(1, 99_999_999),
    squeezed=st.booleans(),
)
def test_every_symbol_reads_back(root: str, expiry: datetime.date, right: str, mills: int, squeezed: bool) -> None:
    # Source: the symbol written by the layout of the initiative, here with Python's own formatting.
    text = f"{root:6}{expiry:%y%m%d}{right[0].upper()}{mills:08}"
    symbol = mc.OsiSymbol(text.replace(" ", "") if squeezed else text)
    assert str(symbol) == text
    assert len(text) == 21
    assert (symbol.root, symbol.expiry, symbol.right) == (root, expiry, right)
    assert symbol.strike == mills / 1000


@given(st.text(max_size=24))
def test_any_other_text_is_refused_in_one_line(text: str) -> None:
    try:
        symbol = mc.OsiSymbol(text)
    except mc.InvalidInput as error:
        message = str(error)
    else:
        message = "symbol: "
        assert str(symbol).replace(" ", "") == text.replace(" ", "")
    assert message.startswith("symbol: ")
    assert message.isprintable()


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("", "16 characters"),
        ("NVDA", "16 characters"),
        ("NVDA  271315C00450000", "day of the calendar"),
        ("NVDA  270230C00450000", "day of the calendar"),
        ("NVDA  270115X00450000", "C or P"),
        ("NVDA  270115C0045O000", "strike of eight digits"),
        ("NVDA  270115C00000000", "strike above zero"),
        ("nvda  270115C00450000", "root"),
        ("NVIDIAX270115C00450000", "root"),
        ("1VDA  270115C00450000", "root"),
        ("      270115C00450000", "root"),
        ("NV DA 270115C00450000", "nothing but spaces between"),
        ("NVDA  2701l5C00450000", "YYMMDD"),
    ],
)
def test_the_field_that_is_wrong_is_named(text: str, field: str) -> None:
    with pytest.raises(mc.InvalidInput) as caught:
        mc.OsiSymbol(text)
    assert caught.value.where == "symbol"
    assert field in str(caught.value)
    assert f"'{text}'" in str(caught.value)


@pytest.mark.parametrize("value", [None, 5, ["NVDA  270115C00450000"]])
def test_only_text_is_a_symbol(value: object) -> None:
    with pytest.raises(TypeError):
        mc.OsiSymbol(value)  # type: ignore[arg-type]
