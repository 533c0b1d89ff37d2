# SPDX-License-Identifier: Apache-2.0
"""Valid documents are read, the schema and the reader judge alike, and Python's own values are taken."""

from __future__ import annotations

import copy
import datetime
import decimal
import fractions
import json
import math
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import margincore as mc
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from support import CALENDAR, READER_ONLY, Document, example_document

if TYPE_CHECKING:
    from collections.abc import Callable

SCHEMA = mc.schema("account")
VALIDATOR = Draft202012Validator(SCHEMA)
OPTION = "NVDA  270115C00450000"
EXAMPLE_POLICIES = Path(__file__).resolve().parents[2] / "examples" / "policies"


def everything_document() -> Document:
    """Every key that the schema names, each in a place where it may stand; only stock is held."""
    return {
        "schema": 1,
        "account": {
            "id": "ACC_1",
            "type": "margin",
            "cash": 1_000_000.0,
            "currency": "USD",
            "positions": [
                {"symbol": "NVDA", "quantity": 500},
                {"symbol": "TQQQ", "long": 300, "short": 100},
                {"symbol": "SPY", "quantity": -10.5},
            ],
        },
        "market": {
            "valuation_date": "2026-11-20",
            "rate": 0.043,
            "benchmark": "SPY",
            "currency": "USD",
            "instruments": {
                "NVDA": {
                    "kind": "equity",
                    "price": 400.0,
                    "currency": "USD",
                    "beta": 1.8,
                    "volatility": 0.42,
                    "dividends": [{"ex_date": "2026-12-01", "amount": 0.01}],
                    "marginable": True,
                    "average_daily_volume": 2e8,
                    "shares_outstanding": 2.4e10,
                    "market_cap": 9.6e12,
                    "industry": "semiconductors",
                    "class_group": "NVDA",
                },
                "TQQQ": {
                    "kind": "etf",
                    "price": 90.0,
                    "beta": 3.6,
                    "volatility": 0.6,
                    "leverage": 3,
                    "average_daily_volume": 0,
                    "shares_outstanding": 2e8,
                    "industry": "funds",
                },
                "SPY": {
                    "kind": "broad_index_etf",
                    "price": 670.0,
                    "beta": 1,
                    "volatility": 0.16,
                    "dividend_yield": 0.012,
                    "average_daily_volume": 7e7,
                    "shares_outstanding": 9e8,
                    "industry": "funds",
                    "covers": {"index": "SPX", "units_per_contract": 1000},
                },
                OPTION: {
                    "price": 0,
                    "implied_volatility": 0.45,
                    "underlying": "NVDA",
                    "right": "call",
                    "strike": 450,
                    "expiry": "2027-01-15",
                    "style": "american",
                    "multiplier": 100,
                    "settlement": "physical",
                    "settlement_time": "pm",
                    "listed": True,
                    "guaranteed": False,
                },
                "AAPL1 270115P00100000": {
                    "price": 3.1,
                    "underlying": "AAPL",
                    "deliverable": [{"symbol": "AAPL", "units": 90}, {"cash": 12.5}],
                },
                "SPXW270115C06000000": {"price": 55.0},
                "SPX": {"kind": "broad_index", "price": 6700.0},
                "SOX": {"kind": "narrow_index", "price": 5000.0},
                "VIX": {"kind": "volatility_index", "price": 18.0},
                "VXX": {"kind": "etn", "price": 40.0},
                "ESZ6": {
                    "kind": "future",
                    "price": 6710.0,
                    "underlying": "SPX",
                    "expiry": "2026-12-18",
                    "multiplier": 50,
                    "settlement": "cash",
                    "settlement_time": "am",
                },
                "ES_C6800": {
                    "kind": "future_option",
                    "price": 0,
                    "underlying": "ESZ6",
                    "right": "call",
                    "strike": 6800,
                    "expiry": "2026-12-18",
                },
                "WARR": {"kind": "warrant", "price": 2.0, "conversion": {"into": "NVDA", "ratio": 1, "cash": 11.5}},
                "CONV": {"kind": "convertible", "price": 104.0, "conversion": {"into": "NVDA", "ratio": 2.5}},
                "T_2030": {"kind": "treasury", "price": 98.0, "maturity": "2030-11-15", "coupon": 0.04},
                "MUNI": {"kind": "municipal", "price": 101.0, "rating": "investment_grade"},
                "CORP": {"kind": "corporate_bond", "price": 80.0, "rating": "other", "zero_coupon": True},
                "VMFXX": {"kind": "money_market_fund", "price": 1.0},
                "VFINX": {"kind": "mutual_fund", "price": 500.0},
            },
        },
        "policy": {
            "rulebook": "finra-2026",
            "house_rates": {"NVDA": {"long": 0.4, "short": 0.5}, "TQQQ": {"long": 0.9}, OPTION: {"short": 0.3}},
            "base_rates": {"long": 0.3, "short": 0.35},
            "add_ons": [
                {"id": "concentration", "bands": [{"above": 0.3, "rate": 0.1}, {"above": 0.6, "rate": 0.2}]},
                {"id": "volatility", "short_bands": [{"above": 0.1, "rate": 0.05}]},
                {"id": "liquidity"},
                {"id": "ownership"},
                {"id": "low_price", "bands": [{"above": 5, "rate": 0}, {"above": 0, "rate": 1}]},
                {"id": "industry", "largest_position": 1},
                {"id": "beta_leverage"},
                {"id": "none"},
            ],
            "missing_beta": 1.5,
            "long_option_loan_value": True,
            "spread_balance": "equal",
            "covered_call_rate_base": "capped",
            "collar_put_otm": "market",
            "pairing": "optimal",
            "offset_carry": "haircut",
            "minimum_level": "class",
            "minimum_per_contract": 0.375,
            "volatility_mode": "sticky_strike",
            "dividend_model": "spot",
            "accuracy": "fast",
            "stress_moves": [-0.1, 0, 0.1],
            "ladder": {
                "warning_excess": 0.05,
                "restrict_after_minutes": 30,
                "severe_move": 0.06,
                "liquidate_deficiency": 0.5,
            },
        },
    }


def keys_in(value: object) -> set[str]:
    if isinstance(value, dict):
        return set(value).union(*(keys_in(member) for member in value.values()))
    if isinstance(value, list):
        return set().union(*(keys_in(member) for member in value))
    return set()


def properties_in(schema: object) -> set[str]:
    """Every key that the schema gives a meaning."""
    if isinstance(schema, dict):
        own = {key for key, value in schema.get("properties", {}).items() if isinstance(value, dict)}
        return own.union(*(properties_in(member) for member in schema.values()))
    if isinstance(schema, list):
        return set().union(*(properties_in(member) for member in schema))
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


# --- the schema -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["account", "report"])
def test_schemas_are_schemas_and_describe_every_key(name: str) -> None:
    schema = mc.schema(name)  # type: ignore[arg-type]
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"urn:margincore:schema:{name}:1"
    assert descriptions_missing(schema) == []


def test_a_schema_of_another_name_is_refused() -> None:
    with pytest.raises(mc.InvalidInput, match=r"^name: must be account or report, got 'order'$"):
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


# --- generated documents ----------------------------------------------------------------------------------------------

tickers = st.from_regex(r"\A[A-Z][A-Z0-9.]{0,6}\Z")
betas = st.floats(-100, 100)
dates = st.dates(datetime.date(2026, 6, 4), datetime.date(2199, 12, 31)).map(str)


@st.composite
def stock_entries(draw: st.DrawFn) -> Document:
    kind = draw(st.sampled_from(["equity", "etf", "broad_index_etf"]))
    entry: Document = {"kind": kind, "price": draw(st.floats(0.0001, 1e5))}
    optional: Document = {
        "beta": betas,
        "volatility": st.floats(0, 20),
        "dividend_yield": st.floats(-1, 1),
        "marginable": st.booleans(),
        "average_daily_volume": st.floats(0, 1e12),
        "shares_outstanding": st.integers(1, 10**12),
        "market_cap": st.floats(1e-3, 9e13),
        "industry": st.text(max_size=8),
        "class_group": tickers,
        "currency": st.just("USD"),
    }
    if kind != "equity":
        optional["leverage"] = st.sampled_from([-10, -3, -0.5, 0.5, 1, 2, 3, 10])
        optional["covers"] = st.fixed_dictionaries({"index": tickers, "units_per_contract": st.floats(0.1, 1e4)})
    for key in draw(st.lists(st.sampled_from(sorted(optional)), unique=True)):
        entry[key] = draw(optional[key])
    if "dividend_yield" not in entry and draw(st.booleans()):
        dividend = st.fixed_dictionaries({"ex_date": dates, "amount": st.floats(0, 1e3)})
        entry["dividends"] = draw(st.lists(dividend, max_size=2))
    return entry


@st.composite
def documents(draw: st.DrawFn) -> Document:
    symbols = draw(st.lists(tickers.filter(lambda symbol: symbol != "SPY"), max_size=5, unique=True))
    instruments = {symbol: draw(stock_entries()) for symbol in symbols}
    if draw(st.booleans()):
        instruments["NVDA" + draw(st.sampled_from(["", " ", "  "])) + "270115C00450000"] = {
            "price": draw(st.floats(0, 1e3)),
            "style": draw(st.sampled_from(["american", "european"])),
        }
    valuation_date = draw(st.dates(datetime.date(2026, 6, 4), datetime.date(2027, 1, 15))).isoformat()
    quantities = st.floats(-1e5, 1e5).filter(bool) | st.integers(-(10**5), 10**5).filter(bool)
    positions: list[Document] = []
    for symbol in draw(st.permutations(symbols)):
        if draw(st.booleans()):
            positions.append({"symbol": symbol, "quantity": draw(quantities)})
        else:
            sides = {"long": draw(st.integers(0, 10**5)), "short": draw(st.integers(1, 10**5))}
            positions.append({"symbol": symbol, **sides})
    bands = st.lists(st.floats(0, 5), min_size=1, max_size=3, unique=True).map(
        lambda rates: [{"above": i / 4, "rate": rate} for i, rate in enumerate(sorted(rates))]
    )
    policy = draw(
        st.fixed_dictionaries(
            {},
            optional={
                "rulebook": st.just("finra-2026"),
                "missing_beta": betas,
                "stress_moves": st.lists(st.floats(-1, 10), min_size=1, max_size=4),
                "add_ons": st.lists(st.fixed_dictionaries({"bands": bands}), max_size=1).map(
                    lambda entries: [{"id": "concentration", **entry} for entry in entries]
                ),
                "house_rates": st.dictionaries(tickers, st.fixed_dictionaries({"long": st.floats(0, 10)}), max_size=2),
                "ladder": st.fixed_dictionaries(
                    {},
                    optional={
                        "warning_excess": st.floats(0, 1),
                        "restrict_after_minutes": st.floats(0, 525_600),
                        "severe_move": st.floats(1e-6, 1),
                        "liquidate_deficiency": st.floats(0, 10),
                    },
                ),
            },
        )
    )
    account: Document = {"cash": draw(st.floats(-1e9, 1e9)), "positions": positions}
    if draw(st.booleans()):
        account["id"] = draw(st.text(max_size=10))
    document: Document = {
        "account": account,
        "market": {"valuation_date": valuation_date, "instruments": instruments},
    }
    if draw(st.booleans()):
        document["policy"] = policy
    return document


@given(documents())
@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
def test_generated_documents_are_accepted_by_schema_and_reader_in_every_form(document: Document) -> None:
    VALIDATOR.validate(document)
    report = mc.evaluate(document)
    assert mc.evaluate(json.dumps(document).encode()) == report
    Draft202012Validator(mc.schema("report")).validate(report.to_dict())


def places_in(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Every place in a document that can be changed, the document itself apart."""
    members: list[tuple[str | int, object]] = []
    if isinstance(value, dict):
        members = list(value.items())
    elif isinstance(value, list):
        members = list(enumerate(value))
    places = [path] if path else []
    for key, member in members:
        places += places_in(member, (*path, key))
    return places


def refused(document: Document) -> str:
    """What the reader says of a document that it refuses; nothing of one that it accepts."""
    try:
        mc.evaluate(document)
    except mc.MarginError as error:
        return str(error)
    return ""


odd_values = st.sampled_from(
    [
        *(None, True, False, 0, -0.0, 1, -1, 3, 1e9, 1.1e9, -1e13, 2e13, 2**70, 0.5, "", "SPY", "A B", "2026-11-20"),
        *("2026-13-01", "USD", "EUR", "equity", "etf", "none", OPTION, [], {}, [[]], [{}], {"long": 1}, {"price": 1}),
        *([0.1], {"id": "concentration"}, [{"id": "concentration"}], [{"above": 1, "rate": 0.5}], [{"cash": 1}]),
    ]
)


@given(documents() | st.builds(everything_document), st.data())
@settings(max_examples=600, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
def test_changed_documents_are_judged_alike_by_schema_and_reader(document: Document, data: st.DataObject) -> None:
    document = copy.deepcopy(document)
    for _ in range(data.draw(st.integers(1, 2))):
        *path, last = data.draw(st.sampled_from(places_in(document)))
        at: Any = document
        for key in path:
            at = at[key]
        change = data.draw(st.sampled_from(["replace", "remove", "rename", "add"]))
        if change == "replace":
            at[last] = copy.deepcopy(data.draw(odd_values))
        elif change == "remove":
            del at[last]
        elif isinstance(at, dict):
            known = [*sorted(properties_in(SCHEMA)), "x", "nvda", "AAPL270115P00100000", "BAD 270115P00100000"]
            name = data.draw(st.sampled_from(known))
            at[name] = at.pop(last) if change == "rename" else copy.deepcopy(data.draw(odd_values))
        if not places_in(document):
            break
    message = refused(document)
    seen_by_the_schema = not any(words in message for words in (*READER_ONLY, CALENDAR))
    if VALIDATOR.is_valid(document):
        assert message == "" or not seen_by_the_schema
    else:
        assert message != ""


# --- Python's own values ----------------------------------------------------------------------------------------------


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


def test_a_certificate_and_methods_not_built_are_refused(example: Document) -> None:
    with pytest.raises(mc.Unsupported) as caught:
        mc.evaluate(example, certificate=True)
    assert caught.value.where == "certificate"
    for method in ("portfolio", "cash"):
        with pytest.raises(mc.Unsupported) as caught:
            mc.evaluate(example, method=method)  # type: ignore[arg-type]
        assert caught.value.where == "method"
    with pytest.raises(mc.InvalidInput, match=r"^method: must be one of strategy, portfolio, cash, got 'tims'$"):
        mc.evaluate(example, method="tims")  # type: ignore[arg-type]
