# SPDX-License-Identifier: Apache-2.0
"""Columns are read where they lie, results outlive what came in, and nothing is leaked, from any thread."""

from __future__ import annotations

import gc
import itertools
import os
import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import margincore as mc
import numpy as np
import pytest
from margincore import _core
from test_frames_kinds import CASH, QUANTITY, accounts, column, evaluate, instruments, positions, require_expected

MARKET = {"valuation_date": "2026-11-20"}
NUMBERS = [np.float64, np.float32, np.int64, np.int32, np.int16, np.uint8]


def large_book(n_accounts: int, each: int = 10) -> tuple[Any, Any, Any]:
    draw = np.random.default_rng(11)
    n = n_accounts * each
    p = {
        "account_id": np.repeat(np.arange(n_accounts, dtype=np.int64), each),
        "symbol": (np.arange(n) % 50).astype(np.int32),
        "quantity": draw.integers(1, 100, n).astype(float),
    }
    i = {
        "symbol": [f"S{k}" for k in range(50)],
        "kind": ["equity"] * 50,
        "price": draw.uniform(6, 90, 50),
        "beta": [1.0] * 50,
    }
    return p, i, {"cash": draw.uniform(-1e4, 1e4, n_accounts)}


# --- no copy ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", NUMBERS)
def test_numpy_columns_are_read_where_they_lie(dtype: Any) -> None:
    array = np.arange(100).astype(dtype)
    assert _core.column_address(array) == array.ctypes.data
    assert _core.column_address(array[40:]) == array[40:].ctypes.data
    assert _core.column_address(array[::2]) != array.ctypes.data


def test_pandas_columns_are_read_where_they_lie() -> None:
    pd = pytest.importorskip("pandas")
    from margincore._frames import _columns

    frame = pd.DataFrame({"quantity": np.arange(9.0), "symbol": pd.Categorical(list("abcabcabc"))})
    frame["account_id"] = np.arange(9)
    columns = _columns(frame, "positions")
    assert _core.column_address(columns["quantity"]) == frame["quantity"].to_numpy().ctypes.data
    assert _core.column_address(columns["account_id"]) == frame["account_id"].to_numpy().ctypes.data
    codes = frame["symbol"].array._codes
    assert _core.column_address(columns["symbol"]) == codes.ctypes.data
    pytest.importorskip("pyarrow")
    arrow = frame.astype({"quantity": "float64[pyarrow]"})["quantity"]
    buffer = arrow.array.__arrow_array__().chunk(0).buffers()[1]
    assert _core.column_address(_columns(arrow.to_frame(), "positions")["quantity"]) == buffer.address


def test_arrow_and_polars_columns_are_read_where_they_lie() -> None:
    pa = pytest.importorskip("pyarrow")
    for values in (
        pa.array(np.arange(9.0)),
        pa.array(np.arange(9, dtype=np.int32)),
        pa.array(np.arange(9)),
        pa.array(["a"]),
    ):
        assert _core.column_address(values) == values.buffers()[1].address
        assert _core.column_address(pa.chunked_array([values])) == values.buffers()[1].address
    codes = pa.array(["a", "b", "a"]).dictionary_encode()
    assert _core.column_address(codes) == codes.indices.buffers()[1].address
    pl = pytest.importorskip("polars")
    series = pl.Series(np.arange(9.0))
    assert _core.column_address(series) == series.to_numpy(allow_copy=False).ctypes.data
    series = pl.Series(["a", "b"], dtype=pl.Enum(["a", "b"]))
    assert _core.column_address(series) == series.to_physical().to_numpy(allow_copy=False).ctypes.data


def test_figures_are_handed_out_where_they_lie() -> None:
    result = evaluate(positions(), instruments(), accounts())
    places = sorted(result[name].ctypes.data for name in result if result[name].dtype == float)
    assert {b - a for a, b in itertools.pairwise(places)} == {8 * len(CASH)}
    assert all(result[name].flags.writeable for name in result)
    pd = pytest.importorskip("pandas")
    frame = evaluate(pd.DataFrame(positions()), instruments(), accounts())
    places = sorted(frame[name].to_numpy().ctypes.data for name in frame if frame[name].dtype == float)
    assert {b - a for a, b in itertools.pairwise(places)} == {8 * len(CASH)}


# --- lifetime --------------------------------------------------------------------------------------------------------


def test_results_outlive_what_came_in() -> None:
    for kind in ("pandas", "polars", "pyarrow"):
        library = pytest.importorskip(kind)
        make = library.table if kind == "pyarrow" else library.DataFrame
        plain = [{n: v.tolist() for n, v in frame.items()} for frame in (positions(), instruments(), accounts())]
        result = evaluate(*(make(frame) for frame in plain))
        del plain
        gc.collect()
        np.full(1000, 7.0)
        require_expected(result)


def evaluation(n_accounts: int = 4) -> Any:
    p, i, a = large_book(n_accounts)
    p["quantity"][3] = 0.0
    i = {name: np.array(values) for name, values in i.items()}
    return _core.FrameRun(p, i, a, MARKET, None, None, True, None, 1, None).evaluation


def test_an_exported_stream_may_be_read_twice_later_or_never() -> None:
    pa = pytest.importorskip("pyarrow")
    held = evaluation()
    stream = held.__arrow_c_stream__()
    unread = [held.__arrow_c_stream__() for _ in range(3)]
    one, two = pa.table(held), pa.table(held)
    assert one.equals(two)
    one.validate(full=True)
    del held, unread
    gc.collect()
    later = pa.RecordBatchReader._import_from_c_capsule(stream)
    assert later.schema == one.schema
    batch = later.read_next_batch()
    del later, stream
    gc.collect()
    assert pa.Table.from_batches([batch]).equals(one)
    assert one["error"].null_count == 3
    assert one["error"].to_pylist()[0] == "positions[3].quantity: must not be zero, got 0"
    with pytest.raises(mc.InvalidInput, match="Arrow interface does not work"):
        _core.column_address(Exports(evaluation().__arrow_c_stream__(), read=True))


class Exports:
    """Hands out one capsule, read before or not."""

    def __init__(self, capsule: Any, *, read: bool) -> None:
        self.capsule = capsule
        if read:
            import pyarrow as pa

            pa.RecordBatchReader._import_from_c_capsule(capsule)

    def __arrow_c_stream__(self, requested_schema: object = None) -> Any:
        return self.capsule


def test_what_only_looks_like_arrow_is_refused() -> None:
    with pytest.raises(mc.InvalidInput, match="Arrow interface does not work"):
        _core.column_address(Exports(5, read=False))
    with pytest.raises(mc.InvalidInput, match=r"got the Arrow type '\+s'"):
        _core.column_address(Exports(evaluation().__arrow_c_stream__(), read=False))

    class Fails:
        def __arrow_c_stream__(self, requested_schema: object = None) -> Any:
            raise RuntimeError("not today")

    with pytest.raises(RuntimeError, match="not today"):
        _core.column_address(Fails())


def test_empty_arrow_arrays_without_buffers() -> None:
    pa = pytest.importorskip("pyarrow")
    for dtype in (pa.float64(), pa.string(), pa.large_string(), pa.bool_(), pa.dictionary(pa.int32(), pa.string())):
        assert _core.column_address(pa.chunked_array([], dtype)) == 0
        assert _core.column_address(pa.array([], dtype)) == 0
        assert _core.column_address(pa.array([None, None], dtype)[2:]) == 0


def resident() -> int:
    """Bytes of this process that are in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.parametrize("kind", ["numpy", "pandas", "polars", "pyarrow"])
def test_nothing_is_leaked(kind: str) -> None:
    library = pytest.importorskip(kind)
    p, i, a = large_book(2000)
    p = {**p, "symbol": np.array([f"S{code}" for code in p["symbol"]], dtype=object)}
    p["quantity"][:50] = np.nan
    make = {"numpy": dict, "pyarrow": getattr(library, "table", None)}.get(kind) or library.DataFrame
    plain = {n: v.tolist() if n == "symbol" else v for n, v in p.items()}
    frames = make(plain), make(i), make({**a, "account_id": np.arange(2000)})
    bad = {**i, "price": ["x"] * 50}
    before = 0
    for call in range(220):
        mc.evaluate_frame(*frames, MARKET, stress=True)
        if call % 10 == 0:
            with pytest.raises(mc.MarginError):
                mc.evaluate_frame(frames[0], {**bad, "oops": bad["price"]}, frames[2], MARKET)
        if call == 20:
            gc.collect()
            before = resident()
    gc.collect()
    assert resident() - before < 8_000_000  # a result alone has 0.3 MB, so 200 would be 60


# --- threads and time ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("threads", [1, 3])
def test_progress_never_falls_and_ends_at_all(threads: int) -> None:
    p, i, a = large_book(30_000)
    told: list[tuple[int, int]] = []
    mc.evaluate_frame(p, i, a, MARKET, threads=threads, progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (30_000, 30_000)
    assert len(told) >= 2 or threads > 1
    assert sorted(set(told)) == told
    told.clear()
    none = {name: [] for name in ("account_id", "symbol", "quantity")}
    nobody = {"cash": []}
    mc.evaluate_frame(none, {"symbol": []}, nobody, MARKET, progress=lambda done, total: told.append((done, total)))
    assert told == [(0, 0)]


@pytest.mark.parametrize("threads", [1, 3])
def test_what_progress_raises_stops_and_arrives(threads: int) -> None:
    p, i, a = large_book(30_000)
    told: list[int] = []

    def stop(done: int, _: int) -> None:
        told.append(done)
        raise KeyError("enough")

    with pytest.raises(KeyError, match="enough"):
        mc.evaluate_frame(p, i, a, MARKET, threads=threads, progress=stop)
    assert len(told) == 1
    assert len(mc.evaluate_frame(p, i, a, MARKET)["equity"]) == 30_000


def test_an_interrupt_stops_a_long_run() -> None:
    p, i, a = large_book(60_000)

    def run_for_long() -> None:
        for _ in range(10_000):
            mc.evaluate_frame(p, i, a, MARKET, stress=True)

    def interrupt(_done: int, _total: int) -> None:
        os.kill(os.getpid(), signal.SIGINT)

    timer = threading.Timer(0.2, interrupt, (0, 0))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        run_for_long()
    timer.join()
    with pytest.raises(KeyboardInterrupt):  # within one run
        mc.evaluate_frame(p, i, a, MARKET, progress=interrupt)


def test_other_threads_run_meanwhile() -> None:
    p, i, a = large_book(60_000, 20)
    counted = 0
    stop = threading.Event()

    def count() -> None:
        nonlocal counted
        while not stop.is_set():
            counted += 1
            time.sleep(0)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1000)  # so that the other thread runs only where this one lets go
    other = threading.Thread(target=count)
    try:
        other.start()
        before = counted
        for _ in range(5):
            mc.evaluate_frame(p, i, a, MARKET, stress=True)
        during = counted - before
    finally:
        sys.setswitchinterval(interval)
        stop.set()
        other.join()
    assert during > 100


def test_calls_from_several_threads_do_not_disturb_each_other() -> None:
    books = [large_book(3000), large_book(3000)]
    books[1][0]["quantity"][:] = 1.0
    alone = [mc.evaluate_frame(*book, MARKET, stress=True) for book in books]
    with ThreadPoolExecutor(8) as pool:
        results = list(
            pool.map(lambda k: mc.evaluate_frame(*books[k % 2], MARKET, stress=True, threads=1 + k % 3), range(40))
        )
    for k, result in enumerate(results):
        for name, values in result.items():
            assert column(result, name) == column(alone[k % 2], name), name
            assert len(values) == 3000


def test_what_the_core_hands_out() -> None:
    held = evaluation()
    assert len(held) == 4
    assert held.warnings == []
    assert held.unknown_accounts == []
    rows, messages, places = held.failures()
    assert rows.tolist() == [0]
    assert places == ["positions[3].quantity"]
    assert messages == ["positions[3].quantity: must not be zero, got 0"]
    assert "stress_excess_7" in held.arrays()
    assert len(QUANTITY) == 4
