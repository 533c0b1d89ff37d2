# SPDX-License-Identifier: Apache-2.0
"""Random logs of the streams, and what they come to by a ledger in plain Python."""

from __future__ import annotations

import json
import random
import uuid

from margincore.stream import LogRecord, MarginEngine

NOON = 1_790_870_400_000  # 2026-10-01, 12:00 in New York
SYMBOLS = {"AAPL": 1.2, "MSFT": 1.1, "KO": 0.6, "NVDA": 1.8, "SPY": 1.0}
SETTINGS = {
    "policy": {"add_ons": [{"id": "concentration"}, {"id": "beta_leverage"}]},
    "instruments": {"SPY": {"kind": "broad_index_etf"}},
}


def random_log(seed: int) -> tuple[list[LogRecord], dict[str, dict]]:
    """Return a log with repeated, late and unreadable messages, and what the accounts come to by a plain ledger."""
    rng = random.Random(seed)
    ledger: dict[str, dict] = {}
    prices: dict[str, tuple[int, float]] = {}
    records: list[LogRecord] = []
    offsets: dict[tuple[str, int], int] = {}

    def add(topic: str, key: str, value: object, partitions: int = 3) -> None:
        partition = sum(key.encode()) % partitions
        offset = offsets.setdefault((topic, partition), 0)
        offsets[topic, partition] += 1
        data = value if isinstance(value, bytes) else json.dumps(value).encode()
        records.append(LogRecord(topic, partition, offset, NOON + 10**9, key.encode(), data))

    for symbol, beta in SYMBOLS.items():
        add("betas.v1", symbol, {"symbol": symbol, "beta": beta, "timestamp": NOON}, 1)
    for step in range(150):
        time = NOON + 37 * step
        kind = rng.choice(["price", "price", "fill", "fill", "cash", "repeat", "late", "bad"])
        name = f"ACC_{rng.randrange(6)}"
        symbol = rng.choice(list(SYMBOLS))
        if kind == "price" or step < len(SYMBOLS):
            symbol = list(SYMBOLS)[step] if step < len(SYMBOLS) else symbol
            price = round(rng.uniform(5, 500), 2)
            prices[symbol] = (time, price)
            add("prices.v1", symbol, {"symbol": symbol, "price": price, "timestamp": time})
        elif kind == "fill":
            quantity, price = rng.choice([-1, 1]) * rng.randint(1, 400) / rng.choice([1, 1, 4]), rng.uniform(5, 500)
            account = ledger.setdefault(name, {"cash": 0, "known": False, "positions": {}})
            account["positions"][symbol] = account["positions"].get(symbol, 0) + quantity
            account["cash"] -= round(quantity * price * 1e6)  # whole millionths
            fill = {
                "account_id": name, "symbol": symbol, "qty": quantity, "price": price,
                "timestamp": time - rng.choice([0, 0, 90_000]), "fill_id": str(uuid.UUID(int=rng.getrandbits(128))),
            }  # fmt: skip
            add("fills.v1", name, fill)
        elif kind == "cash":
            amount = round(rng.uniform(-5e4, 2e5), 2)
            account = ledger.setdefault(name, {"cash": 0, "known": False, "positions": {}})
            account["cash"] += round(amount * 1e6)
            account["known"] = True
            add("cash.v1", name, {
                "account_id": name, "amount": amount, "type": "OPENING", "cash_id": f"c{step}", "timestamp": time,
            })  # fmt: skip
        elif kind == "repeat":
            again = rng.choice(records)
            if again.topic in ("fills.v1", "cash.v1"):
                add(again.topic, again.key.decode(), again.value)
        elif kind == "late" and symbol in prices:
            add("prices.v1", symbol, {"symbol": symbol, "price": 1.0, "timestamp": prices[symbol][0] - 1})
        elif kind == "bad":
            add("prices.v1", "?", rng.choice([b"{", b"\xff", b"[]", b'{"symbol":"KO","price":-1,"timestamp":1}']))
    for account in ledger.values():
        account["positions"] = {s: q for s, q in account["positions"].items() if q}
        account["prices"] = {symbol: price for symbol, (_, price) in prices.items()}
    return records, ledger


def feed(engine: MarginEngine, records: list[LogRecord]) -> None:
    engine.apply(*(list(column) for column in zip(*records, strict=True)))


def document(name: str, account: dict) -> dict:
    return {
        "account": {
            "id": name, "cash": account["cash"] / 1e6,
            "positions": [{"symbol": s, "quantity": q} for s, q in sorted(account["positions"].items())],
        },
        "market": {
            "valuation_date": "2026-10-01",
            "instruments": {
                symbol: {"kind": "broad_index_etf" if symbol == "SPY" else "equity", "price": price,
                         "beta": SYMBOLS[symbol]}
                for symbol, price in account["prices"].items()
            },
        },
        "policy": SETTINGS["policy"],
    }  # fmt: skip
