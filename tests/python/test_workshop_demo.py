# SPDX-License-Identifier: Apache-2.0
"""The workshop demo: the figures and the sequences of its scenarios, its page, and how it runs."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from workshop import CENT, DATA, SCENARIOS, WORKSHOP, copy_data, load, rewrite, run
from workshop_demo import methods as both_methods
from workshop_demo.fields import ScenarioError
from workshop_demo.methods import Methods, read_methods
from workshop_demo.page import render_page, write_page
from workshop_demo.play import Playback
from workshop_demo.scenario import read_universe
from workshop_demo.terminal import plain_lines


@pytest.fixture(scope="module")
def playbacks() -> list[Playback]:
    return [load(file) for file in SCENARIOS]


@pytest.fixture(scope="module")
def original(playbacks: list[Playback]) -> Playback:
    return playbacks[0]


@pytest.fixture(scope="module")
def ladder(playbacks: list[Playback]) -> Playback:
    return playbacks[1]


@pytest.fixture(scope="module")
def high_beta(playbacks: list[Playback]) -> Playback:
    return playbacks[2]


@pytest.fixture(scope="module")
def page(playbacks: list[Playback]) -> str:
    return render_page(playbacks)


# --- the original scenario and the sample accounts ----------------------------------------------------------------

# SPY and NVDA as the workshop's demo script sends them; 500 NVDA and 50,000 in cash.
# Source: workshop on real-time margin risk, demo scenario.
ORIGINAL_PRICES = [(450.0, 400.0), (445.5, 392.0), (441.0, 384.0), (432.0, 368.0), (423.0, 352.0), (414.0, 336.0)]
MOVES = (-0.08, -0.06, -0.04, -0.02, 0.0, 0.02, 0.04, 0.06)


@pytest.mark.parametrize(("index", "spy", "nvda"), [(i, *prices) for i, prices in enumerate(ORIGINAL_PRICES)])
def test_original_scenario_has_the_workshops_figures(original: Playback, index: int, spy: float, nvda: float) -> None:
    standing = original.of("ACC_DEMO_001")[index]
    report = standing.report
    assert original.steps[index].step.prices["SPY"] == pytest.approx(spy)
    assert original.steps[index].step.prices["NVDA"] == nvda
    assert report.equity == pytest.approx(50_000 + 500 * nvda, abs=CENT)
    assert report.requirement.total == pytest.approx(0.25 * 500 * nvda, abs=CENT)
    assert report.excess.total == pytest.approx(50_000 + 0.75 * 500 * nvda, abs=CENT)
    assert report.stress is not None
    assert [point.move for point in report.stress] == list(MOVES)
    for point in report.stress:
        assert point.pnl == pytest.approx(500 * nvda * 1.8 * point.move, abs=CENT)
        assert point.excess == pytest.approx(report.excess.total + point.pnl, abs=CENT)
        assert not point.underwater


def test_original_scenario_announces_four_actions_and_triggers_none(original: Playback) -> None:
    assert original.not_triggered == ("WARNING", "MARGIN_CALL", "CLOSE_ONLY", "SEVERE_DEFICIENCY")
    for name in original.account_ids:
        assert original.actions(name) == ()
        assert {standing.status for standing in original.of(name)} == {"ACTIVE"}
    text = "\n".join(plain_lines(original, "title"))
    assert "Announced, and not triggered: WARNING, MARGIN_CALL, CLOSE_ONLY, SEVERE_DEFICIENCY" in text
    assert "equity 218,000, requirement 42,000, excess 176,000; the worst stress leaves 151,808" in text


# By hand: cash, long and short market value, value x beta, at the universe's prices. Maintenance is 25% of longs and
# 30% of shorts, FINRA 4210(c). Source of the holdings: workshop on real-time margin risk, sample accounts.
SAMPLE = {
    "ACC_CONSERVATIVE_001": (100_000, 32_000 + 29_000 + 18_000 + 15_000, 0, 22_400 + 17_400 + 10_800 + 15_000),
    "ACC_MODERATE_001": (200_000, 35_000 + 38_000 + 22_500 + 16_000, 0, 42_000 + 41_800 + 22_500 + 11_200),
    "ACC_AGGRESSIVE_001": (150_000, 80_000 + 60_000 + 31_000, 0, 144_000 + 120_000 + 40_300),
    "ACC_HEDGED_001": (300_000, 87_500 + 42_000, 76_000 + 15_500, 105_000 + 48_300 - 83_600 - 20_150),
    "ACC_CONCENTRATED_001": (50_000, 200_000, 0, 360_000),
}


@pytest.mark.parametrize("name", SAMPLE)
def test_sample_accounts_have_their_totals(original: Playback, name: str) -> None:
    cash, long, short, exposure = SAMPLE[name]
    report = original.of(name)[0].report
    assert report.gross_value == pytest.approx(long + short, abs=CENT)
    assert report.equity == pytest.approx(cash + long - short, abs=CENT)
    assert report.requirement.total == pytest.approx(0.25 * long + 0.30 * short, abs=CENT)
    assert report.beta_weighted is not None
    assert report.beta_weighted.exposure == pytest.approx(exposure, abs=CENT)


def test_universe_is_the_workshops() -> None:
    universe = read_universe(DATA / "universe.json")
    assert universe.benchmark == "SPY"
    assert {name: (row["price"], row["beta"], row["volatility"]) for name, row in universe.instruments.items()} == {
        "AAPL": (175, 1.2, 0.25),
        "MSFT": (380, 1.1, 0.22),
        "GOOGL": (140, 1.15, 0.24),
        "AMZN": (155, 1.3, 0.28),
        "NVDA": (400, 1.8, 0.40),
        "TSLA": (200, 2.0, 0.50),
        "META": (350, 1.25, 0.30),
        "JPM": (150, 1.0, 0.20),
        "JNJ": (160, 0.7, 0.15),
        "PG": (145, 0.6, 0.12),
        "KO": (60, 0.6, 0.14),
        "SPY": (450, 1.0, 0.18),
    }


# --- our scenarios ------------------------------------------------------------------------------------------------


def actions_by_step(playback: Playback, name: str) -> list[tuple[str, list[str], str]]:
    """Time, actions and status of every step in which something happened."""
    return [
        (playback.scenario.label(played.step), [event.action for event in standing.events], standing.status)
        for played, standing in zip(playback.steps, playback.of(name), strict=True)
        if standing.events
    ]


def test_debit_account_walks_every_step(ladder: Playback) -> None:
    assert actions_by_step(ladder, "ACC_STAPLES_001") == [
        ("02 Oct 16:00", ["WARNING"], "WARNING"),
        ("05 Oct 09:45", ["MARGIN_CALL"], "MARGIN_CALL"),
        ("05 Oct 10:20", ["CLOSE_ONLY"], "RESTRICTED, CALL"),
        ("12 Oct 16:00", ["SEVERE_DEFICIENCY"], "LIQUIDATION"),
        ("16 Oct 16:00", ["LIQUIDATION_ENDED", "CALL_MET"], "RESTRICTED"),
        ("22 Oct 16:00", ["RELEASED", "WARNING"], "WARNING"),
        ("26 Oct 16:00", ["ACTIVE"], "ACTIVE"),
    ]


def test_debit_account_is_restricted_after_more_than_30_minutes(ladder: Playback) -> None:
    statuses = {
        ladder.scenario.label(p.step): s.status for p, s in zip(ladder.steps, ladder.of("ACC_STAPLES_001"), strict=True)
    }
    assert statuses["05 Oct 10:15"] == "MARGIN_CALL"  # 30 minutes after the call
    assert statuses["05 Oct 10:20"] == "RESTRICTED, CALL"
    (event,) = next(s.events for s in ladder.of("ACC_STAPLES_001") if s.status == "RESTRICTED, CALL")
    assert event.scenario is None  # the call's age, not a stress scenario
    assert "30 minutes" in event.reason


def test_debit_account_has_an_exposure_below_the_limit_and_figures_by_hand(ladder: Playback) -> None:
    for played, standing in zip(ladder.steps, ladder.of("ACC_STAPLES_001"), strict=True):
        value = 295_000 * (1 + 0.6 * played.step.move)  # 1,000 PG at 145 and 2,500 KO at 60, both of beta 0.6
        report = standing.report
        assert report.gross_value == pytest.approx(value, abs=CENT)
        assert report.equity == pytest.approx(value - 205_000, abs=CENT)
        assert report.excess.total == pytest.approx(0.75 * value - 205_000, abs=CENT)
        assert report.beta_weighted is not None
        assert report.beta_weighted.exposure < 0.625 * value


def test_high_beta_account_is_restricted_before_it_is_called(high_beta: Playback) -> None:
    assert actions_by_step(high_beta, "ACC_TECH_001") == [
        ("11 Nov 16:00", ["CLOSE_ONLY"], "RESTRICTED"),
        ("16 Nov 16:00", ["MARGIN_CALL"], "RESTRICTED, CALL"),
        ("18 Nov 16:00", ["CALL_MET"], "RESTRICTED"),
        ("20 Nov 16:00", ["RELEASED"], "ACTIVE"),
    ]
    restricted = next(s for s in high_beta.of("ACC_TECH_001") if s.events)
    assert restricted.report.excess.total > 0
    assert restricted.events[0].scenario == -0.08


def test_twin_without_add_ons_is_restricted_and_never_called(high_beta: Playback) -> None:
    assert actions_by_step(high_beta, "ACC_TECH_002") == [
        ("16 Nov 16:00", ["CLOSE_ONLY"], "RESTRICTED"),
        ("18 Nov 16:00", ["RELEASED"], "ACTIVE"),
    ]


def test_house_add_ons_show_in_the_requirement(high_beta: Playback) -> None:
    first = high_beta.of("ACC_TECH_001")[0].report
    # NVDA 160,000 is 47% of 340,750 at 10%; TSLA 80,000 has a volatility of 50% at 5%; leverage 3.4 on 340,750 at 5%.
    assert {line.id: line.amount for line in first.add_ons} == {
        "concentration": pytest.approx(16_000),
        "volatility": pytest.approx(4_000),
        "beta_leverage": pytest.approx(17_037.5),
    }
    concentrations = [
        sum(line.id == "concentration" for line in standing.report.add_ons) for standing in high_beta.of("ACC_TECH_001")
    ]
    assert concentrations == [1, 1, 1, 2, 2, 2, 2, 2, 2, 1, 1]  # AMZN from -4% on
    assert all(standing.report.requirement.add_ons == 0 for standing in high_beta.of("ACC_TECH_002"))


def test_sample_accounts_stay_active_in_every_scenario(playbacks: list[Playback]) -> None:
    for playback in playbacks:
        for name in SAMPLE:
            assert playback.actions(name) == ()


def test_prices_follow_the_benchmark_by_beta(ladder: Playback) -> None:
    for played in ladder.steps:
        for name, row in ladder.universe.instruments.items():
            assert played.step.prices[name] == pytest.approx(row["price"] * (1 + row["beta"] * played.step.move))


# --- both methods -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def methods() -> Methods:
    return read_methods(DATA / "methods.json")


def test_hedged_account_is_margined_by_both_methods(methods: Methods) -> None:
    comparison = methods.comparison
    assert [group.id for group in comparison.groups] == ["NVDA", "AAPL", "US_DIVERSIFIED"]
    assert comparison.lower == "portfolio"
    assert comparison.difference is not None
    assert methods.verdict == f"Portfolio margin asks for {comparison.difference:,.2f} USD less."
    nvda, aapl, indices = comparison.groups
    # By hand, FINRA 4210(f)(2)(H)(v): 500 NVDA at 400 with puts at 380: 10% of the strike and the 20 out of the money,
    # below 25%; the puts, worth 19.81, have no value in equity and are in the net liquidation value.
    assert nvda.strategy == pytest.approx(500 * (38 + 20) + 500 * 19.81, abs=CENT)
    # 25% of the stock; the calls written, worth 4.66, are owed.
    assert aapl.strategy == pytest.approx(0.25 * 300 * 175 - 300 * 4.66, abs=CENT)
    # 25% of SPY and 30% of QQQ by strategy; -8% and -10% meet, half of QQQ's 75% gain counts: 4210(g)(2)(F), (g)(8).
    assert indices.strategy == pytest.approx(0.25 * 90_000 + 0.30 * 39_000, abs=CENT)
    assert indices.portfolio < 0.10 * 90_000


def test_hedge_starts_with_the_stock_alone(methods: Methods) -> None:
    hedge = methods.hedge
    assert (hedge.stock, hedge.shares, hedge.held, hedge.contracts) == ("NVDA", 500, 5, tuple(range(11)))
    assert (hedge.strategy[0], hedge.portfolio[0]) == pytest.approx((0.25 * 200_000, 0.15 * 200_000))
    assert hedge.strategy[5] == pytest.approx(methods.comparison.groups[0].strategy)
    assert hedge.portfolio[5] == pytest.approx(methods.comparison.groups[0].portfolio)


def test_page_and_terminal_show_both_methods(playbacks: list[Playback], methods: Methods) -> None:
    html = render_page(playbacks, methods)
    assert html == render_page(playbacks, methods)
    assert methods.title in html
    assert methods.verdict in html
    assert html.count('class="plot wide"') == html.count('class="plot narrow"') == 5
    test_page_is_self_contained(html)
    lines = both_methods.plain_lines(methods)
    assert any(line.split()[:1] == ["US_DIVERSIFIED"] for line in lines)
    assert methods.verdict in "\n".join(lines)
    assert "\n".join(lines).isascii()


def test_methods_may_be_left_out(tmp_path: Path) -> None:
    data = copy_data(tmp_path)
    (data / "methods.json").unlink()
    result = run(data / "scenarios" / "1_original.json", "--data", data, "--output", tmp_path / "demo.html")
    assert result.returncode == 0, result.stderr
    assert "Both methods" not in result.stdout
    assert 'id="methods"' not in (tmp_path / "demo.html").read_text(encoding="utf-8")


# --- the page -----------------------------------------------------------------------------------------------------


class _Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_page_is_self_contained(page: str) -> None:
    assert not re.search(r"https?://", page)
    assert "url(" not in re.sub(r"url\(#", "", page)
    assert "@import" not in page
    elements = _Elements()
    elements.feed(page)
    assert not {tag for tag, _ in elements.found} & {"script", "link", "img", "iframe", "object", "embed", "base"}
    ids = [attributes["id"] for _, attributes in elements.found if "id" in attributes]
    assert len(ids) == len(set(ids))
    for _, attributes in elements.found:
        assert "src" not in attributes
        target = attributes.get("href") or ""
        assert not target or (target.startswith("#") and target[1:] in ids)


def test_page_shows_what_happened(page: str) -> None:
    assert page.count("A computation, not a broker&#39;s figure.") == 2
    for name in ("ACC_DEMO_001", "ACC_STAPLES_001", "ACC_TECH_001", "ACC_TECH_002"):
        assert f"<h3>{name}</h3>" in page
    assert page.count('class="plot wide"') == page.count('class="plot narrow"') == 4
    assert page.count('class="heat"') == 4
    assert page.count("Where the call comes from") == 2  # staples and tech; neither the demo account nor the twin
    assert "31,540.00" in page
    assert "margin call outstanding for more than 30 minutes" in page
    assert "Announced, and not triggered" in page


def test_page_is_the_same_every_time(playbacks: list[Playback], page: str) -> None:
    assert render_page(playbacks) == page


def test_page_escapes_what_comes_from_files(tmp_path: Path) -> None:
    data = copy_data(tmp_path)
    rewrite(data / "scenarios" / "2_ladder.json", lambda s: s.update(title="<b>&</b>", story=["<script>1</script>"]))
    html = render_page([load(data / "scenarios" / "2_ladder.json", data)])
    assert "<script>" not in html
    assert "&lt;b&gt;&amp;&lt;/b&gt;" in html


def test_page_that_cannot_be_written_is_one_error(original: Playback, tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="must be a file that can be written"):
        write_page([original], tmp_path)


# --- running it ---------------------------------------------------------------------------------------------------


def test_piped_run_has_no_escape_codes_and_names_the_page(tmp_path: Path) -> None:
    result = run("--output", tmp_path / "new" / "demo.html")
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    assert "\x1b" not in result.stdout
    assert result.stdout.isascii()
    assert "ACC_STAPLES_001: WARNING > MARGIN_CALL > CLOSE_ONLY > SEVERE_DEFICIENCY" in result.stdout
    assert result.stdout.splitlines()[-2:] == [
        "A computation, not a broker's figure.",
        f"Page: {(tmp_path / 'new' / 'demo.html').resolve()}",
    ]
    assert "</html>" in (tmp_path / "new" / "demo.html").read_text(encoding="utf-8")


def test_terminal_shows_the_live_table(tmp_path: Path) -> None:
    main, child = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "120", "LINES": "40"}
    environment.pop("NO_COLOR", None)
    command = [sys.executable, WORKSHOP / "demo.py", "--fast", "--output", tmp_path / "demo.html"]
    with subprocess.Popen(command, stdout=child, stderr=child, env=environment) as process:
        os.close(child)
        chunks = []
        while True:
            try:
                chunk = os.read(main, 65536)
            except OSError:  # the other end is closed
                break
            if not chunk:
                break
            chunks.append(chunk)
    os.close(main)
    text = b"".join(chunks).decode()
    assert process.returncode == 0
    assert "\x1b[32m" in text  # green
    assert "\x1b[33m" in text  # yellow
    assert "\x1b[1;31m" in text  # red
    assert "LIQUIDATION_ENDED" in text


@pytest.mark.parametrize("value", ["0", "-1", "nan", "fast"])
def test_speed_must_be_above_zero(value: str) -> None:
    result = run(f"--speed={value}")
    assert result.returncode == 2
    assert "speed" in result.stderr
