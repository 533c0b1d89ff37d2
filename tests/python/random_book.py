# SPDX-License-Identifier: Apache-2.0
"""A seeded random book of every kind of security, as documents of one account each and as columns."""

from __future__ import annotations

import random
from typing import Any

import numpy as np

Columns = dict[str, Any]
DATE = "2026-11-20"
FIGURES = (
    "net_liquidation",
    "equity",
    "initial",
    "maintenance",
    "add_ons",
    "total",
    "excess_initial",
    "excess_maintenance",
    "excess_total",
    "net_requirement",
    "lower_bound",
)
POLICY = {
    "house_rates": {"E0": {"long": 0.4, "short": 0.5}, "E1": {"long": 0.9}, "F0": {"short": 0.6}},
    "base_rates": {"long": 0.3},
    "add_ons": [
        {"id": "concentration"},
        {"id": "volatility"},
        {"id": "beta_leverage"},
        {"id": "liquidity", "bands": [{"above": 0.1, "rate": 0.05}]},
        {"id": "ownership", "bands": [{"above": 0.001, "rate": 0.05}]},
        {"id": "industry", "bands": [{"above": 0.25, "rate": 0.03}]},
        {"id": "low_price", "bands": [{"above": 0, "rate": 0.2}, {"above": 5, "rate": 0}]},
    ],
    "missing_beta": 1.0,
    "stress_moves": [-0.9, -0.4, -0.1, 0.0, 0.25, 1.5],
}


def random_instruments(draw: random.Random) -> dict[str, Any]:
    """Entries of `market.instruments` by symbol; those that start with X cannot be margined."""

    def listed(kind: str, **keys: Any) -> Columns:
        entry: Columns = {
            "kind": kind,
            "price": round(draw.choice([draw.uniform(0.01, 8), draw.uniform(5, 900)]), 2),
            "beta": round(draw.uniform(-1.5, 3), 3),
            "volatility": round(draw.uniform(0.05, 1.2), 3),
            "average_daily_volume": draw.choice([0, 1000, 5000, 1_000_000]),
            "shares_outstanding": draw.choice([100_000, 5_000_000]),
            "industry": draw.choice(["banks", "energy"]),
        }
        return {**entry, **keys}

    def bond(kind: str, **keys: Any) -> Columns:
        return {"kind": kind, "price": round(draw.uniform(20, 120), 3), "beta": 0.1, "volatility": 0.1, **keys}

    entries: dict[str, Any] = {}
    for i in range(12):
        entries[f"E{i}"] = listed("equity")
        entries[f"N{i}"] = listed("equity", marginable=False)
    for i in range(8):
        kind = draw.choice(["etf", "broad_index_etf"])
        entries[f"F{i}"] = listed(kind, leverage=draw.choice([1, 2, 3, -1, -2, -3, 1.5]))
        entries[f"ETN{i}"] = listed("etn")
        into = {"into": f"E{i}", "ratio": draw.choice([0.5, 1, 2]), "cash": round(draw.uniform(0, 60), 2)}
        entries[f"W{i}"] = listed("warrant", price=round(draw.uniform(0.1, 30), 2), conversion=into)
        into = {"into": f"E{i}", "ratio": draw.choice([1, 12.5, 25])}
        entries[f"C{i}"] = bond("convertible", coupon=0.02, maturity="2031-06-01", conversion=into)
        entries[f"T{i}"] = bond("treasury", maturity=f"{draw.randint(2026, 2056)}-12-15", coupon=0.04)
        entries[f"Z{i}"] = bond("treasury", maturity=f"{draw.randint(2027, 2056)}-02-15", zero_coupon=True)
        entries[f"M{i}"] = bond("municipal", coupon=0.03, maturity="2040-01-01")
        rating = draw.choice(["investment_grade", "other"])
        entries[f"B{i}"] = bond("corporate_bond", coupon=0.05, maturity="2033-03-01", rating=rating)
        entries[f"P{i}"] = listed(draw.choice(["money_market_fund", "mutual_fund"]))
    entries["SPY"] = {"kind": "broad_index_etf", "price": 670.0, "volatility": 0.2}
    for key in ("average_daily_volume", "shares_outstanding", "industry"):
        entries["SPY"][key] = entries["E0"][key]
    entries["XPRICE"] = listed("equity", price=None)
    entries["XNEGATIVE"] = listed("equity", price=-1.0)
    entries["XBETA"] = listed("equity", beta=None)
    entries["XVOLATILITY"] = listed("equity", volatility=None)
    entries["XINDUSTRY"] = listed("etf", industry=None)
    entries["XINDEX"] = listed("broad_index")
    entries["XKIND"] = listed("share")
    entries["XMATURITY"] = bond("treasury", coupon=0.03)
    entries["XMATURED"] = bond("treasury", coupon=0.03, maturity="2020-01-01")
    entries["XLEVERAGE"] = listed("equity", leverage=2)
    entries["NVDA  270115C00450000"] = {"price": 31.2}
    return {
        symbol: {key: value for key, value in entry.items() if value is not None} for symbol, entry in entries.items()
    }


class RandomBook:
    """Accounts over one table of instruments; about one in six cannot be computed, for one reason each."""

    def __init__(self, seed: int, size: int, policy: Columns, *, sides: bool) -> None:
        draw = random.Random(seed)
        self.policy = policy
        self.sides = sides
        self.instruments = random_instruments(draw)
        self.accounts: list[Columns] = []
        good = [symbol for symbol in self.instruments if not symbol.startswith(("X", "NVDA"))]
        bad = [symbol for symbol in self.instruments if symbol not in good]
        for number in range(size):
            symbols = draw.sample(good, draw.choice([0, 1, 2, 5, 12, 30]))
            positions = [self._position(draw, symbol) for symbol in symbols]
            if draw.random() < 0.3:  # a conversion into shares that are held short
                i = draw.randrange(8)
                held = {f"E{i}", f"W{i}", f"C{i}"}
                positions = [position for position in positions if position["symbol"] not in held]
                positions.append(self._units(f"E{i}", -draw.randint(1, 3000), 0))
                positions += [self._units(f"{what}{i}", draw.randint(1, 100), 0) for what in "WC"]
                draw.shuffle(positions)
            cash: Any = round(draw.uniform(-300_000, 600_000), 2)
            what = draw.random()
            if what < 0.08:
                positions.insert(draw.randint(0, len(positions)), self._units(draw.choice(bad), 10, 0))
            elif what < 0.11:
                positions.append(self._units("SPY2", draw.choice([0, 1e13, float("inf"), -float("inf")]), 0))
                positions[-1]["symbol"] = next(symbol for symbol in good if symbol not in symbols)
                positions = [p for p in positions[:-1] if p["symbol"] != positions[-1]["symbol"]] + positions[-1:]
            elif what < 0.12:
                cash = draw.choice([1e14, float("inf"), -float("inf")])
            elif what < 0.13 and positions:
                positions.append(self._units(positions[0]["symbol"], 5, 0))
            elif what < 0.14:
                positions.append(self._units("ABSENT", 5, 0))
            elif what < 0.15:
                positions.append(self._units("NOT A TICKER", 5, 0))
            account: Columns = {"id": f"A{number}", "cash": cash, "positions": positions}
            if what > 0.98:
                account["type"] = draw.choice(["margin", "cash", "portfolio_margin"])
            self.accounts.append(account)

    def _position(self, draw: random.Random, symbol: str) -> Columns:
        quantity = draw.choice([-1, 1, 1]) * (draw.randint(1, 900) + draw.choice([0, 0, 0.25, 1 / 3]))
        return self._units(symbol, quantity, draw.randint(1, 300) if draw.random() < 0.2 else 0)

    def _units(self, symbol: str, quantity: float, boxed: float) -> Columns:
        if not self.sides:
            return {"symbol": symbol, "quantity": quantity}
        return {"symbol": symbol, "long": max(quantity, 0) + boxed, "short": max(-quantity, 0) + boxed}

    def document(self, number: int) -> Columns:
        account = self.accounts[number]
        held = {position["symbol"] for position in account["positions"]} | {"SPY"}
        # Portfolio margin takes a convertible for what it becomes.
        held |= {self.instruments[s]["conversion"]["into"] for s in held if "conversion" in self.instruments.get(s, {})}
        instruments = {symbol: self.instruments[symbol] for symbol in sorted(held) if symbol in self.instruments}
        market = {"valuation_date": DATE, "instruments": instruments}
        return {"account": account, "market": market, "policy": self.policy}

    def instrument_columns(self) -> Columns:
        rows = []
        for symbol, entry in self.instruments.items():
            row = {"symbol": symbol, **entry}
            row.update({f"conversion.{key}": value for key, value in row.pop("conversion", {}).items()})
            rows.append(row)
        names = sorted({name for row in rows for name in row})
        return {name: np.array([row.get(name) for row in rows], dtype=object) for name in names}

    def account_columns(self) -> Columns:
        return {
            "account_id": np.array([account["id"] for account in self.accounts], dtype=object),
            "cash": np.array([account["cash"] for account in self.accounts], dtype=float),
            "type": np.array([account.get("type") for account in self.accounts], dtype=object),
        }

    def position_columns(self) -> Columns:
        rows = [(account["id"], position) for account in self.accounts for position in account["positions"]]
        columns: Columns = {
            "account_id": np.array([account for account, _ in rows], dtype=object),
            "symbol": np.array([position["symbol"] for _, position in rows], dtype=object),
        }
        for name in ("long", "short") if self.sides else ("quantity",):
            columns[name] = np.array([position[name] for _, position in rows], dtype=float)
        return columns


def same_figures(left: Any, right: Any) -> bool:
    """Whether two columns of doubles are the same to the bit, NaN apart."""
    left, right = np.asarray(left, dtype=float), np.asarray(right, dtype=float)
    return bool(np.array_equal(np.isnan(left), np.isnan(right))) and (
        np.nan_to_num(left).tobytes() == np.nan_to_num(right).tobytes()
    )
