# SPDX-License-Identifier: Apache-2.0
"""What several tests need: the contract's example account, one of everything, seeded random ones, the schema, and what
no schema can say."""

from __future__ import annotations

import random
from typing import Any

import margincore as mc
from jsonschema import Draft202012Validator

Document = dict[str, Any]

SCHEMA = mc.schema("account")
VALIDATOR = Draft202012Validator(SCHEMA)
OPTION = "NVDA  270115C00450000"


def example_document() -> Document:
    """The example of the document contract without its option: 500 NVDA at 400.00 against a debit of 120,000."""
    return {
        "schema": 1,
        "account": {
            "id": "ACC_1",
            "type": "margin",
            "cash": -120_000.00,
            "positions": [{"symbol": "NVDA", "quantity": 500}],
        },
        "market": {
            "valuation_date": "2026-11-20",
            "rate": 0.043,
            "benchmark": "SPY",
            "instruments": {
                "NVDA": {"kind": "equity", "price": 400.00, "beta": 1.8, "volatility": 0.42},
                "SPY": {"kind": "broad_index_etf", "price": 670.00},
            },
        },
        "policy": {"rulebook": "finra-2026"},
    }


def everything_document() -> Document:
    """Every key that the schema names, where it may stand; one of every kind that has a rule is held."""
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
                {"symbol": "VXX", "quantity": -20},
                {"symbol": "AMD", "quantity": -200},
                {"symbol": "WARR", "quantity": 100},
                {"symbol": "CONV", "quantity": 10},
                {"symbol": "T_2030", "long": 30, "short": 10},
                {"symbol": "MUNI", "quantity": 20},
                {"symbol": "CORP", "quantity": -5},
                {"symbol": "VMFXX", "quantity": 40_000},
                {"symbol": "VFINX", "quantity": 12.345},
            ],
        },
        "market": {
            "valuation_date": "2026-11-20",
            "rate": 0.043,
            "benchmark": "SPY",
            "business_days": ["2026-11-20", "2026-11-23", "2026-11-24", "2026-11-25", "2026-11-27"],
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
                "VXX": {
                    "kind": "etn",
                    "price": 40.0,
                    "volatility": 0.7,
                    "average_daily_volume": 1e6,
                    "shares_outstanding": 1e8,
                    "industry": "notes",
                },
                "AMD": {
                    "kind": "equity",
                    "price": 160.0,
                    "volatility": 0.5,
                    "average_daily_volume": 1e6,
                    "shares_outstanding": 1e8,
                    "industry": "semiconductors",
                },
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
                "WARR": {
                    "kind": "warrant",
                    "price": 52.0,
                    "volatility": 0.8,
                    "average_daily_volume": 1e5,
                    "shares_outstanding": 1e7,
                    "industry": "semiconductors",
                    "conversion": {"into": "AMD", "ratio": 1, "cash": 110.0},
                },
                "CONV": {
                    "kind": "convertible",
                    "price": 104.0,
                    "volatility": 0.3,
                    "conversion": {"into": "AMD", "ratio": 6.25},
                },
                "T_2030": {
                    "kind": "treasury",
                    "price": 98.0,
                    "volatility": 0.05,
                    "maturity": "2030-11-15",
                    "coupon": 0.04,
                },
                "MUNI": {"kind": "municipal", "price": 101.0, "volatility": 0.05, "rating": "investment_grade"},
                "CORP": {
                    "kind": "corporate_bond",
                    "price": 80.0,
                    "volatility": 0.1,
                    "rating": "other",
                    "zero_coupon": True,
                },
                "VMFXX": {"kind": "money_market_fund", "price": 1.0, "volatility": 0},
                "VFINX": {"kind": "mutual_fund", "price": 500.0, "volatility": 0.16},
            },
        },
        "policy": {
            "rulebook": "finra-2026",
            "house_rates": {"NVDA": {"long": 0.4, "short": 0.5}, "TQQQ": {"long": 0.9}},
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
            "node_limit": 1000,
            "spread_balance": "equal",
            "covered_call_rate_base": "capped",
            "collar_put_otm": "market",
            "pairing": "designated",
            "groups": [[{"symbol": "NVDA", "quantity": 100}], [{"symbol": "VXX", "quantity": -20}]],
            "offset_carry": "haircut",
            "minimum_level": "class",
            "minimum_per_contract": 0.375,
            "volatility_mode": "sticky_strike",
            "dividend_model": "spot",
            "accuracy": "fast",
            "group_table": {
                "classes": [
                    {"id": "SPX", "product": "BROAD", "members": ["SPY", {"symbol": "UPRO", "leverage": 3}]},
                    {"id": "XYZ"},
                ],
                "products": [
                    {
                        "id": "BROAD",
                        "name": "Broad-based",
                        "low": -0.08,
                        "high": 0.06,
                        "offset": 0.9,
                        "portfolio": "US",
                        "minimum_per_unit": 0.375,
                    }
                ],
                "portfolios": [{"id": "US", "name": "US indices", "offset": 0.5}],
            },
            "house_ranges": {"NVDA": {"low": -0.3, "high": 0.3}},
            "equity_tier": 100_000,
            "baskets": [{"index": "SPX", "capitalization": 0.6, "positions": [{"symbol": "NVDA", "quantity": 100}]}],
            "stress_moves": [-0.1, 0, 0.1],
            "ladder": {
                "warning_excess": 0.05,
                "restrict_after_minutes": 30,
                "severe_move": 0.06,
                "liquidate_deficiency": 0.5,
            },
        },
    }


def properties_in(schema: object) -> set[str]:
    """Every key that the schema gives a meaning."""
    if isinstance(schema, dict):
        own = {key for key, value in schema.get("properties", {}).items() if isinstance(value, dict)}
        return own.union(*(properties_in(member) for member in schema.values()))
    if isinstance(schema, list):
        return set().union(*(properties_in(member) for member in schema))
    return set()


def _random_entry(draw: random.Random, symbol: str) -> Document:
    """An instrument of any kind that has a rule, with what the rule needs."""
    kind = draw.choice(["equity", "etf", "broad_index_etf"])
    if draw.random() < 0.4:
        others = ("etn", "warrant", "convertible", "mutual_fund", "treasury", "municipal", "corporate_bond")
        kind = draw.choice(others)
    entry: Document = {
        "kind": kind,
        "price": round(draw.choice([draw.uniform(0.01, 10), draw.uniform(10, 900)]), 2),
        "beta": round(draw.uniform(-1, 3), 2),
        "volatility": round(draw.uniform(0.05, 0.9), 2),
    }
    if kind in ("etf", "broad_index_etf") and draw.random() < 0.5:
        entry["leverage"] = draw.choice([-3, -2, -1, 2, 3])
    if kind == "treasury":
        entry.update(maturity=f"{draw.randint(2027, 2060)}-05-15", coupon=draw.choice([0, 0.04]))
    elif kind == "corporate_bond":
        entry["rating"] = draw.choice(["investment_grade", "other"])
    elif kind != "municipal" and draw.random() < 0.1:
        entry["marginable"] = False
    if kind in ("warrant", "convertible"):
        into = f"S{(int(symbol[1:]) + 1) % 12}"  # not always there
        entry["conversion"] = {"into": into, "ratio": draw.randint(1, 30), "cash": draw.choice([0, 5, 200])}
    return entry


def random_document(seed: int, *, add_ons: bool = False) -> Document:
    """A valid account of every kind: both sides, boxed positions, leveraged funds, low prices, no loan value."""
    draw = random.Random(seed)
    instruments: Document = {"SPY": {"kind": "broad_index_etf", "price": 670.0, "volatility": 0.18}}
    positions = []
    for i in range(draw.randint(0, 12)):
        symbol = f"S{i}"
        instruments[symbol] = _random_entry(draw, symbol)
        if draw.random() < 0.15:
            positions.append({"symbol": symbol, "long": draw.randint(1, 500), "short": draw.randint(0, 500)})
        else:
            positions.append({"symbol": symbol, "quantity": draw.choice([-1, 1]) * draw.randint(1, 1000)})
    policy: Document = {}
    if add_ons:
        policy["add_ons"] = [{"id": "concentration"}, {"id": "volatility"}, {"id": "beta_leverage"}]
        policy["house_rates"] = {"S0": {"long": 0.4, "short": 0.5}, "S1": {"long": 0.3}}
    return {
        "account": {"id": f"R{seed}", "cash": round(draw.uniform(-200_000, 500_000), 2), "positions": positions},
        "market": {"valuation_date": "2026-11-20", "instruments": instruments},
        "policy": policy,
    }


# What no schema can say, by what the reader's message says: rules between two values, and what evaluating needs or
# does not compute yet.
READER_ONLY = (
    "must have an underlying with a price",
    "must stand once in positions",
    "must name each symbol once",
    "must name each add-on once",
    "must have one band for each threshold",
    "must not have a lower rate in a higher band",
    "must not have a higher rate in a higher band",
    "must have a band above 0 where rates run down",
    "must be given for what the account holds",
    "must not have expired before the valuation date",
    "must agree with the option symbol",
    "must be 1 for the benchmark itself",
    "must not be before",
    "must be whole contracts",
    "must be what one rule of the rulebook",
    "must be held",
    "must stand once in a group",
    "must have the sign of the position",
    "must be at most what is held",
    "method is not built yet",
    "margin of kind",
    "must be given where",
    "must be given, the rate depends on it",
    "must be another instrument",
    "must be after the day before it",
    "must name one group",
    "must be the id of a",
    "must lead to a group above",
    "must be no member of another class",
    "must be the name of a .csv or .json file",
    "must have figures up to",
)

# A schema sees a month 13, and no February 30.
CALENDAR = "a day of the calendar"
