# SPDX-License-Identifier: Apache-2.0
"""Generated documents are judged alike by the schema and the reader."""

from __future__ import annotations

import copy
import datetime
import json
from typing import Any

import margincore as mc
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from support import CALENDAR, OPTION, READER_ONLY, SCHEMA, VALIDATOR, Document, everything_document, properties_in

tickers = st.from_regex(r"\A[A-Z][A-Z0-9.]{0,6}\Z")
betas = st.floats(-100, 100)
dates = st.dates(datetime.date(2026, 6, 4), datetime.date(2199, 12, 31)).map(str)


STOCK = ("equity", "etf", "broad_index_etf")
DEBT = ("treasury", "municipal", "corporate_bond", "money_market_fund")
BONDS = ("treasury", "municipal", "corporate_bond", "convertible")


@st.composite
def entries_without_options(draw: st.DrawFn, symbol: str) -> Document:
    """An instrument of a kind that has a rule, with what the rule needs."""
    others = ("etn", "warrant", "convertible", "mutual_fund", *DEBT)
    kind = draw(st.sampled_from(STOCK) | st.sampled_from(others))
    entry: Document = {"kind": kind, "price": draw(st.floats(0.0001, 1e5))}
    if kind == "treasury":
        entry["maturity"] = draw(dates.filter(lambda date: date >= "2027-01-15"))
    if kind == "corporate_bond":
        entry["rating"] = draw(st.sampled_from(["investment_grade", "other"]))
    if kind in BONDS and (kind == "treasury" or draw(st.booleans())):
        coupon = draw(st.sampled_from([0, 0.0, 0.04, 1]))
        entry.update(draw(st.sampled_from([{"coupon": coupon}, {"zero_coupon": coupon == 0}])))
    if kind in ("warrant", "convertible") and draw(st.booleans()):
        into = draw(tickers.filter(lambda ticker: ticker != symbol) | st.just("SPY"))
        cash = {"cash": draw(st.floats(0, 1e5))} if kind == "warrant" or draw(st.booleans()) else {}
        entry["conversion"] = {"into": into, "ratio": draw(st.floats(0.01, 1e5)), **cash}
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
    if kind in DEBT:
        del optional["marginable"]
    if kind in ("etf", "broad_index_etf"):
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
    instruments = {symbol: draw(entries_without_options(symbol)) for symbol in symbols}
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
