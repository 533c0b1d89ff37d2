# SPDX-License-Identifier: Apache-2.0
"""Load for the stream benchmarks: events from a seed, a process that sends them at a rate, one that reads results."""

from __future__ import annotations

import json
import multiprocessing
import random
import time
from collections import defaultdict
from dataclasses import dataclass, field

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

INPUTS = {"betas.v1": 1, "volatility.v1": 1, "clock.v1": 1, "prices.v1": 3, "cash.v1": 3, "fills.v1": 3}
OUTPUTS = {"margin.calc.v1": 3, "stress.beta_spy.v1": 3, "dead_letter.v1": 1, "echo.v1": 3}
SETTINGS = {"policy": {}, "benchmark": "SPY"}  # conflation: 1 s, stress 5 s


@dataclass(frozen=True)
class Size:
    """How large the firm is."""

    accounts: int
    positions: int
    symbols: int

    def held(self, account: int) -> list[int]:
        """Return the symbols of an account."""
        step = self.symbols // self.positions
        return [(account + i * step) % self.symbols for i in range(self.positions)]


def symbol(number: int) -> str:
    """Return the name of a symbol; the first is the benchmark."""
    return "SPY" if number == 0 else f"S{number:03d}"


def base_price(number: int) -> float:
    """Return where the price of a symbol begins."""
    return 20.0 + number * 7 % 480


def now_ms() -> int:
    """Return the time in ms."""
    return time.time_ns() // 1_000_000


def fill(account: int, of: int, quantity: int, fill_id: str) -> tuple[str, str, bytes]:
    """Return a fill as a message: topic, key, value."""
    account_id = f"ACC_{account:06d}"
    text = (
        f'{{"account_id":"{account_id}","symbol":"{symbol(of)}","qty":{quantity},"price":{base_price(of)},'
        f'"timestamp":{now_ms()},"fill_id":"{fill_id}"}}'
    )
    return "fills.v1", account_id, text.encode()


def price(of: int, rng: random.Random) -> tuple[str, str, bytes]:
    """Return a price as a message."""
    value = round(base_price(of) * rng.uniform(0.97, 1.03), 2)
    return "prices.v1", symbol(of), f'{{"symbol":"{symbol(of)}","price":{value},"timestamp":{now_ms()}}}'.encode()


def make_topics(brokers: str) -> None:
    """Create the topics anew, empty."""
    admin = AdminClient({"bootstrap.servers": brokers})
    topics = {**INPUTS, **OUTPUTS}
    old = [name for name in admin.list_topics(timeout=30).topics if name in topics]
    for deleted in admin.delete_topics(old).values() if old else ():
        deleted.result()
    while set(topics) & set(admin.list_topics(timeout=30).topics):
        time.sleep(0.1)
    config = {"message.timestamp.type": "LogAppendTime", "retention.ms": "-1"}
    new = [NewTopic(name, count, 1, config=config if name in INPUTS else {}) for name, count in topics.items()]
    for created in admin.create_topics(new).values():
        created.result()
    time.sleep(1)


def send(brokers: str, events) -> int:
    """Write events as fast as the broker takes them; return how many."""
    producer = Producer({"bootstrap.servers": brokers, "linger.ms": 5, "queue.buffering.max.messages": 200_000})
    count = 0
    for topic, key, value in events:
        while True:
            try:
                producer.produce(topic, value, key)
                break
            except BufferError:
                producer.poll(0.05)
        producer.poll(0)
        count += 1
    producer.flush()
    return count


def opening(size: Size):
    """Yield what the market and the accounts begin with."""
    rng = random.Random(1)
    for number in range(size.symbols):
        beta = {"symbol": symbol(number), "beta": 1.0 if number == 0 else 0.5 + number % 16 / 10, "timestamp": now_ms()}
        yield "betas.v1", symbol(number), json.dumps(beta).encode()
        yield price(number, rng)
    for account in range(size.accounts):
        cash = {"account_id": f"ACC_{account:06d}", "amount": 1_000_000, "type": "OPENING", "timestamp": now_ms()}
        yield "cash.v1", cash["account_id"], json.dumps({**cash, "cash_id": f"C{account}"}).encode()


def holdings(size: Size, fills: int):
    """Yield that many fills: each account its positions, then more of them."""
    for i in range(fills):
        account, turn = i % size.accounts, i // size.accounts
        yield fill(account, size.held(account)[turn % size.positions], 10 + i % 90, f"H{i}")


def commit_ends(brokers: str, group: str) -> None:
    """Commit the ends of the inputs for a group, as if it had answered everything that is there."""
    consumer = Consumer({"bootstrap.servers": brokers, "group.id": group, "enable.auto.commit": False})
    at = [TopicPartition(topic, number) for topic, count in INPUTS.items() for number in range(count)]
    for partition in at:
        partition.offset = consumer.get_watermark_offsets(partition, timeout=30)[1]
    consumer.commit(offsets=at, asynchronous=False)
    consumer.close()


def _send_at_rate(brokers, size, prices, fills, seconds, start, sent_to, tag):
    rng = random.Random(tag)
    producer = Producer({"bootstrap.servers": brokers, "linger.ms": 0, "socket.nagle.disable": True})
    sent, rate = [], prices + fills
    every = max(1, rate // fills) if fills else 0
    time.sleep(max(0.0, start - time.time()))
    for i in range(int(rate * seconds)):
        ahead = start + i / rate - time.time()
        if ahead > 0.001:
            producer.poll(0)
            time.sleep(ahead)
        if every and i % every == 0:
            account = rng.randrange(size.accounts)
            topic, key, value = fill(account, rng.choice(size.held(account)), rng.choice([-5, 5]), f"{tag}-{i}")
            sent.append((key, f"{tag}-{i}", time.time()))
        else:
            topic, key, value = price(rng.randrange(size.symbols), rng)
        producer.produce(topic, value, key)
    producer.flush()
    sent_to.put((sent, time.time()))


def _number_after(mark: bytes, value: bytes) -> int:
    place = value.index(mark) + len(mark)
    return int(value[place : value.index(b",", place)])


def _read(brokers, topic, silence, ready, stop, read_to):
    consumer = Consumer(
        {
            "bootstrap.servers": brokers,
            "group.id": "benchmark-reader",
            "isolation.level": "read_committed",
            "enable.auto.commit": False,
            "fetch.wait.max.ms": 10,
            "socket.nagle.disable": True,
        }
    )
    at = [TopicPartition(topic, number) for number in range(OUTPUTS[topic])]
    for partition in at:
        partition.offset = consumer.get_watermark_offsets(partition, timeout=30)[1]
    consumer.assign(at)
    consumer.consume(1, 0.5)
    ready.set()
    times, latest, ages = defaultdict(list), {}, []
    last = time.time()
    while not stop.is_set() or time.time() - last < silence:
        messages = consumer.consume(2000, 0.02)
        now = time.time()
        last = now if messages else last
        for message in messages:
            value, key = message.value(), message.key().decode()
            if topic == "echo.v1":
                times[key].append(now)
                ages.append(0.0)
                continue
            version = _number_after(b'"version":', value)
            ages.append(now - _number_after(b'"calc_timestamp":', value) / 1000)
            if version >= latest.get(key, (0, b""))[0]:
                latest[key] = (version, value)
            if version % 2 == 0:  # the answer to an event of the account's own
                times[key].append(now)
    consumer.close()
    read_to.put((dict(times), latest, ages))


def quantile(ascending: list[float], fraction: float) -> float:
    """Return a quantile of times in s [ms]."""
    return 1000 * ascending[min(len(ascending) - 1, int(fraction * len(ascending)))]


@dataclass
class Reading:
    """What came of a load."""

    answers: list[tuple[float, float]] = field(default_factory=list)  # of each fill: when it was sent, s to its result
    ages: list[float] = field(default_factory=list)  # s, ascending: of the newest event in each result
    latest: dict[str, bytes] = field(default_factory=dict)  # result of each account with the highest version
    behind: float = 0.0  # s the sender ended late

    def quantile(self, fraction: float, first: float = 0.0, last: float = 1.0) -> float:
        """Return a quantile of the latencies [ms] of the fills sent in a part of the time."""
        times = [at for at, _ in self.answers]
        start, length = min(times), max(times) - min(times)
        return quantile(
            sorted(s for at, s in self.answers if start + first * length <= at <= start + last * length), fraction
        )


class Load:
    """A sender and a reader, in processes of their own."""

    def __init__(
        self,
        brokers: str,
        size: Size,
        topic: str,
        prices: int,
        fills: int,
        seconds: float,
        tag: int,
        silence: float = 0.4,
    ) -> None:
        context = multiprocessing.get_context("spawn")
        ready, self._stop = context.Event(), context.Event()
        self._read, self._sent = context.Queue(), context.Queue()
        self._reader = context.Process(target=_read, args=(brokers, topic, silence, ready, self._stop, self._read))
        self._reader.start()
        assert ready.wait(60)
        self.start = time.time() + 2
        self.end = self.start + seconds
        self._sender = context.Process(
            target=_send_at_rate, args=(brokers, size, prices, fills, seconds, self.start, self._sent, tag)
        )
        self._sender.start()

    def sent(self) -> None:
        """Wait until everything is sent."""
        self._events, ended = self._sent.get()
        self._behind = ended - self.end
        self._sender.join()

    def finish(self) -> Reading:
        """Stop to read, match each fill with its answer and return what was seen.

        An account's fills are answered in their order, each once.
        """
        self._stop.set()
        times, latest, ages = self._read.get()
        self._reader.join()
        sent = defaultdict(list)
        for key, _, at in self._events:
            sent[key].append(at)
        assert {key: len(at) for key, at in sent.items()} == {key: len(at) for key, at in times.items()}, (
            "each fill must be answered once"
        )
        answers = [(a, b - a) for key, at in sent.items() for a, b in zip(at, times[key], strict=True)]
        return Reading(answers, sorted(ages), {key: value for key, (_, value) in latest.items()}, self._behind)
