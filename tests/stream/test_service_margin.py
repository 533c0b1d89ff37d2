# SPDX-License-Identifier: Apache-2.0
"""The service against one engine over the whole log: the same results, whatever is killed on the way."""

import json
import random
import time

import pytest
from margincore.stream import MarginEngine, read_kafka_log, replay
from service_events import SYMBOLS, opening, send, trading
from service_process import SETTINGS, Service, make_topics, read_topics, wait_until

RESULTS = {"margin.calc.v1": 3}
# What depends on when an account was evaluated, and not on its state.
MOMENT = {"calc_timestamp", "version"}


@pytest.fixture
def service(broker, tmp_path):
    make_topics(broker.brokers)
    snapshot = str(tmp_path / "snapshot")
    options = ["--snapshot", snapshot, "--snapshot-interval", "1"]
    with Service(broker.brokers, tmp_path, *options, group=f"margin-{tmp_path.name}") as started:
        yield started


def whole_log(broker) -> MarginEngine:
    """Return an engine that has read the log from its beginning."""
    return replay(read_kafka_log(broker.brokers), SETTINGS).engine


def results(broker) -> list[dict]:
    return [json.loads(message.value()) for message in read_topics(broker.brokers, RESULTS)]


def latest(results: list[dict]) -> dict[str, dict]:
    newest: dict[str, dict] = {}
    for result in results:
        if result["version"] >= newest.get(result["account_id"], result)["version"]:
            newest[result["account_id"]] = result
    return newest


def without_moment(result: dict) -> dict:
    return {key: value for key, value in result.items() if key not in MOMENT}


def check_results(broker, service) -> list[dict]:
    """Check that the last result of each account is that of one engine over the whole log; return all results."""
    engine = whole_log(broker)
    expected = {account: without_moment(dict(engine.result(account))) for account in engine.account_ids}
    wait_until(
        "results of the whole log",
        lambda: {a: without_moment(r) for a, r in latest(results(broker)).items()} == expected,
        seconds=20,
    )
    for kind in ("fills", "repeated", "dead_letters"):
        assert service.metric(f'engine_total{{kind="{kind}"}}') == engine.counts[kind]
    written = results(broker)
    named: dict[tuple, dict] = {}
    for result in written:
        assert named.setdefault((result["account_id"], result["version"]), result) == result
    return written


def test_results_are_those_of_one_engine_over_the_log(broker, service):
    rng = random.Random(20260303)
    now = int(time.time() * 1000)
    send(broker.brokers, [*opening(now, rng), *trading(2000, now, rng)])
    service.wait_for_all()
    written = check_results(broker, service)
    assert len({(result["account_id"], result["version"]) for result in written}) == len(written)
    assert len(read_topics(broker.brokers, {"dead_letter.v1": 1})) == service.metric(
        'engine_total{kind="dead_letters"}'
    )


def test_killed_at_random_moments_the_results_are_the_same(broker, service):
    rng = random.Random(20260304)
    now = int(time.time() * 1000)
    send(broker.brokers, opening(now, rng))
    for i in range(8):
        send(broker.brokers, list(trading(400, now + 400 * i, rng)))
        time.sleep(rng.uniform(0, 0.4))
        service.kill()
        service.start()
    service.wait_for_all()
    check_results(broker, service)
    dead = read_topics(broker.brokers, {"dead_letter.v1": 1})
    places = [
        (letter["topic"], letter["partition"], letter["offset"]) for letter in (json.loads(m.value()) for m in dead)
    ]
    assert len(set(places)) == len(places) == service.metric('engine_total{kind="dead_letters"}')


def test_after_a_stop_nothing_is_written_again(broker, service):
    rng = random.Random(20260305)
    now = int(time.time() * 1000)
    send(broker.brokers, [*opening(now, rng), *trading(300, now, rng)])
    service.wait_for_all()
    assert service.stop() == 0
    before = len(results(broker))
    service.start()
    service.wait_for_all()
    assert service.metric("rebuild_messages") == 0, "the snapshot holds everything"
    assert len(results(broker)) == before
    check_results(broker, service)


def test_without_its_snapshot_the_state_comes_from_the_log(broker, service, tmp_path):
    rng = random.Random(20260306)
    now = int(time.time() * 1000)
    events = [*opening(now, rng), *trading(300, now, rng)]
    send(broker.brokers, events)
    service.wait_for_all()
    assert service.stop() == 0
    (tmp_path / "snapshot").write_bytes(b"torn")
    service.start()
    service.wait_for_all()
    assert service.metric("rebuild_messages") == len(events)
    assert "cannot be read, left out" in service.words()
    send(broker.brokers, list(trading(100, now + 300, rng)))
    service.wait_for_all()
    check_results(broker, service)


def test_under_other_settings_every_account_is_published_anew(broker, service, tmp_path):
    rng = random.Random(20260307)
    now = int(time.time() * 1000)
    send(broker.brokers, [*opening(now, rng), *trading(300, now, rng)])
    service.wait_for_all()
    assert service.stop() == 0
    before = latest(results(broker))
    settings = SETTINGS | {"policy": {"house_rates": {symbol: {"long": 1.0, "short": 1.0} for symbol in SYMBOLS}}}
    for now_is in (settings, SETTINGS):  # and back
        (tmp_path / "settings.json").write_text(json.dumps(now_is))
        service.start()
        service.wait_for_all()
        engine = replay(read_kafka_log(broker.brokers), now_is).engine
        expected = {account: without_moment(dict(engine.result(account))) for account in engine.account_ids}

        def is_published(expected=expected) -> bool:
            return {account: without_moment(result) for account, result in latest(results(broker)).items()} == expected

        wait_until("results under the other settings", is_published)
        after = latest(results(broker))
        assert all(after[account]["version"] > before[account]["version"] for account in before)
        before = after
        assert service.stop() == 0
