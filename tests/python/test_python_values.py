# SPDX-License-Identifier: Apache-2.0
"""Python's own values are taken for a document, or refused with their place."""

from __future__ import annotations

import datetime
import decimal
import fractions
import json
import math
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import margincore as mc
import numpy as np
import pytest
from support import Document, example_document

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.mark.parametrize(
    "number",
    [
        np.float64(400),
        np.float32(400),
        np.float16(400),
        np.int64(400),
        np.int16(400),
        np.uint64(400),
        decimal.Decimal("400.00"),
        fractions.Fraction(1200, 3),
        400,
        400.0,
    ],
    ids=lambda number: type(number).__name__,
)
def test_numbers_of_every_type_are_numbers(example: Document, number: object) -> None:
    expected = mc.evaluate(example)
    example["market"]["instruments"]["NVDA"]["price"] = number
    assert mc.evaluate(example) == expected


def test_a_decimal_is_read_as_the_nearest_double(example: Document) -> None:
    example["account"]["cash"] = decimal.Decimal("-120000.10")
    assert mc.evaluate(example).net_liquidation == 500 * 400.0 + float("-120000.10")


def test_dates_tuples_and_ordered_dicts_are_taken(example: Document) -> None:
    expected = mc.evaluate(example)
    example["market"]["valuation_date"] = datetime.date(2026, 11, 20)
    example["account"]["positions"] = tuple(example["account"]["positions"])
    assert mc.evaluate(OrderedDict(example)) == expected


def test_bytes_and_names_of_files_are_taken(example: Document, tmp_path: Path) -> None:
    expected = mc.evaluate(example)
    text = json.dumps(example, indent=2).encode()
    file = tmp_path / "account.json"
    file.write_bytes(text)
    assert mc.evaluate(text) == expected
    assert mc.evaluate(str(file)) == expected
    assert mc.evaluate(file) == expected


def test_a_byte_order_mark_is_passed_over(example: Document) -> None:
    assert mc.evaluate(json.dumps(example).encode("utf-8-sig")) == mc.evaluate(example)


def test_text_of_every_language_is_kept(example: Document) -> None:
    example["account"]["id"] = "Müller 口座 🏦 \x00 \x1b[31m"
    assert mc.evaluate(example).account_id == example["account"]["id"]
    assert mc.evaluate(json.dumps(example).encode()).account_id == example["account"]["id"]
    assert mc.evaluate(json.dumps(example, ensure_ascii=False).encode()).account_id == example["account"]["id"]


def test_a_document_is_not_changed(example: Document) -> None:
    mc.evaluate(example, stress=True)
    assert example == example_document()


def test_a_file_that_is_not_there_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        mc.evaluate(tmp_path / "none.json")


def refusal(change: Callable[[Document], object], error: type[mc.MarginError] = mc.InvalidInput) -> mc.MarginError:
    """The error of the example document after a change."""
    document = example_document()
    change(document)
    with pytest.raises(error) as caught:
        mc.evaluate(document)
    return caught.value


def at_price(value: object) -> Callable[[Document], object]:
    return lambda document: document["market"]["instruments"]["NVDA"].update(price=value)


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf, np.float64("nan"), decimal.Decimal("Infinity")])
def test_numbers_that_are_not_finite_are_refused_with_their_place(number: Any) -> None:
    error = refusal(at_price(number))
    assert error.where == "market.instruments.NVDA.price"
    assert "must be a finite number, got " + str(float(number)) in str(error)


def test_whole_numbers_beyond_64_bits_are_numbers() -> None:
    assert str(refusal(at_price(2**70))).startswith("market.instruments.NVDA.price: must be at most 1e+09, got 1")
    assert refusal(at_price(10**400)).where == "market.instruments.NVDA.price"
    assert refusal(at_price(fractions.Fraction(10**400))).where == "market.instruments.NVDA.price"


@pytest.mark.parametrize(
    "value",
    [b"400", bytearray(b"400"), {400}, object(), 400j, np.array([400.0]), np.str_, datetime.datetime(2026, 11, 20)],
    ids=lambda value: type(value).__name__,
)
def test_values_of_other_types_are_refused_with_their_place(value: object) -> None:
    error = refusal(at_price(value))
    assert error.where == "market.instruments.NVDA.price"
    assert "must be" in str(error)


def test_numpy_strings_and_bools() -> None:
    assert refusal(lambda document: document["account"].update(cash=np.True_)).where == "account.cash"
    document = example_document()
    document["account"]["id"] = np.str_("ACC_1")
    assert mc.evaluate(document).account_id == "ACC_1"


def test_keys_that_are_no_strings_are_refused() -> None:
    error = refusal(lambda document: document["market"]["instruments"].update({7: {"kind": "equity", "price": 1}}))
    assert error.where == "market.instruments"
    assert str(error) == "market.instruments: must have strings for keys, got int"


def test_lone_surrogates_are_refused() -> None:
    value = refusal(lambda document: document["account"].update(id="\ud800"))
    assert str(value) == "account.id: must be text that UTF-8 can carry, got lone surrogates"
    assert refusal(lambda document: document["account"].update({"\udfff": 1})).where == "account"


def test_a_dict_that_contains_itself_is_refused() -> None:
    def close(document: Document) -> None:
        document["account"]["positions"].append(document)

    error = refusal(close)
    assert error.where.startswith("account.positions[1].account.positions[1]")
    assert "must not be nested deeper than 32 levels" in str(error)


def test_a_list_that_contains_itself_is_refused() -> None:
    def close(document: Document) -> None:
        positions = document["account"]["positions"]
        positions.append(positions)

    assert refusal(close).where.startswith("account.positions[1][1][1]")


@pytest.mark.parametrize("document", [None, [], (), 5, 1.5, True])
def test_what_is_no_document_is_refused(document: Any) -> None:
    with pytest.raises(mc.InvalidInput, match=r"^document: must be an object, got "):
        mc.evaluate(document)


def test_errors_are_the_python_errors_of_their_kind() -> None:
    assert issubclass(mc.InvalidInput, ValueError)
    assert issubclass(mc.MissingData, LookupError)
    assert issubclass(mc.Unsupported, NotImplementedError)
    assert issubclass(mc.NumericalFailure, ArithmeticError)
    for error in (mc.InvalidInput, mc.MissingData, mc.Unsupported, mc.NumericalFailure):
        assert issubclass(error, mc.MarginError)


def test_methods_not_built_are_refused(example: Document) -> None:
    with pytest.raises(mc.Unsupported) as caught:
        mc.evaluate(example, method="cash")
    assert caught.value.where == "method"
    with pytest.raises(mc.InvalidInput, match=r"^method: must be one of strategy, portfolio, cash, got 'tims'$"):
        mc.evaluate(example, method="tims")  # type: ignore[arg-type]
