# SPDX-License-Identifier: Apache-2.0
"""Margin figures of accounts in Spark frames: accounts are brought together by hash, then evaluated as one frame."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import margincore as mc
from margincore._group_table import policy_with_group_table
from margincore.errors import InvalidInput
from margincore.spark._pandas import any_pandas

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame

    from margincore._evaluate import Method

_ROW = re.compile(r"^(positions|accounts)\[(\d+)\]")
_NAMED_BY = {"positions": "symbol", "accounts": "account_id"}


def evaluate_accounts(
    positions: DataFrame,
    instruments: Any,
    accounts: DataFrame,
    market: Mapping[str, Any] | None = None,
    policy: Mapping[str, Any] | None = None,
    method: Method | None = None,
    stress: bool = False,
    partitions: int | None = None,
) -> DataFrame:
    """Return the margin figures of every account, one row an account, as `margincore.evaluate_frame` computes them.

    Positions and accounts are shuffled once, by the hash of ``account_id``; each partition is then one call of
    `margincore.evaluate_frame`. An account that cannot be computed is a row without figures, with the reason in
    ``error`` and its place in ``where``, which names a position by its symbol: Spark's rows have no numbers.

    Parameters
    ----------
    positions : pyspark.sql.DataFrame
        Columns ``account_id`` and ``symbol``, text, and ``quantity``, or ``long`` and ``short``; in any order. Shares,
        contracts, or bonds of 1,000 principal; negative when short.
    instruments : frame or pyspark.sql.DataFrame
        As for `margincore.evaluate_frame`; a Spark frame is collected. It goes to every executor.
    accounts : pyspark.sql.DataFrame
        Columns ``account_id``, text, and ``cash``, USD, and the keys of ``account`` of the account document.
    market : mapping, optional
        ``valuation_date``, needed whatever is held; ``rate``, ``benchmark``, ``business_days``.
    policy : mapping, optional
        As in the account document; the name of a file for ``group_table`` starts in the driver's working directory.
    method : {"strategy", "portfolio", "cash"}, optional
        How the requirement is computed; what the type of each account implies when left out.
    stress : bool
        Whether to add the beta exposure and the excess after each move of the policy.
    partitions : int, optional
        How many partitions, each held in the memory of one Python worker as a whole: about 60 bytes a position.
        ``spark.sql.shuffle.partitions`` when left out.

    Returns
    -------
    pyspark.sql.DataFrame
        Columns of `margincore.evaluate_frame`; rows in no order. Evaluated when Spark runs it.

    Raises
    ------
    InvalidInput, MissingData, Unsupported
        Where a column is missing, unknown or of a wrong type, or the market or the policy is wrong: here, before Spark
        runs anything. A position without ``account_id`` fails the Spark job: it could be anybody's.

    Source
    ------
    As `margincore.evaluate`.
    """
    from pyspark.sql import functions as sql

    if partitions is None:
        partitions = int(positions.sparkSession.conf.get("spark.sql.shuffle.partitions"))
    if type(partitions) is not int or partitions < 1:
        raise InvalidInput(f"partitions: must be a whole number of at least 1, got {partitions!r}", "partitions")
    _require_text(positions, "positions", "account_id", "symbol")
    _require_text(accounts, "accounts", "account_id")
    instruments = _arrow(instruments)
    policy = policy_with_group_table(policy)
    options: dict[str, Any] = {"market": market, "policy": policy, "method": method, "stress": stress}
    nobody = mc.evaluate_frame(positions.limit(0).toArrow(), instruments, accounts.limit(0).toArrow(), **options)

    # One shuffle for both: the columns of the other kind are null. Their own names may be the same.
    p_names, a_names = positions.columns, accounts.columns
    p_columns = [sql.col(_quoted(name)).alias(f"p{i}") for i, name in enumerate(p_names)]
    a_columns = [sql.col(_quoted(name)).alias(f"a{i}") for i, name in enumerate(a_names)]
    rows = positions.select("account_id", sql.lit(False).alias("is_account"), *p_columns).unionByName(
        accounts.select("account_id", sql.lit(True).alias("is_account"), *a_columns), allowMissingColumns=True
    )
    schema = ", ".join(f"`{field.name}` {'double' if _is_double(field.type) else 'string'}" for field in nobody.schema)
    # With a number, which adaptive execution leaves alone, so that every account is whole in one partition.
    whole = rows.repartition(partitions, "account_id")
    with any_pandas():
        return whole.mapInArrow(_evaluation(p_names, a_names, instruments, options), schema)


def _evaluation(
    p_names: list[str], a_names: list[str], instruments: Any, options: dict[str, Any]
) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """Return what evaluates one partition in a Python worker: the instruments travel in it."""

    def evaluate(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa
        from pyarrow import compute

        positions: list[pa.RecordBatch] = []
        accounts: list[pa.RecordBatch] = []
        for batch in batches:
            is_account = batch.column("is_account")
            for parts, mask, prefix, names in (
                (positions, compute.invert(is_account), "p", p_names),
                (accounts, is_account, "a", a_names),
            ):
                part = batch.select([f"{prefix}{i}" for i in range(len(names))]).filter(mask)
                parts.append(part.rename_columns(names))
        if positions:
            yield from _figures(pa.Table.from_batches(positions), instruments, pa.Table.from_batches(accounts), options)

    return evaluate


def _figures(positions: Any, instruments: Any, accounts: Any, options: dict[str, Any]) -> Iterator[pa.RecordBatch]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the driver has warned
        figures = mc.evaluate_frame(positions, instruments, accounts, **options)
    for name in ("error", "where"):
        index = figures.schema.get_field_index(name)
        figures = figures.set_column(index, name, _named(figures.column(index), positions, accounts))
    yield from figures.to_batches()


def _named(texts: Any, positions: Any, accounts: Any) -> Any:
    """Return texts as strings whose rows of positions and accounts are named, as ``positions[NVDA].quantity``."""
    import pyarrow as pa

    if texts.null_count == len(texts):
        return pa.nulls(len(texts), pa.string())
    frames = {"positions": positions, "accounts": accounts}

    def name(match: re.Match[str]) -> str:
        kind, row = match.group(1), int(match.group(2))
        return f"{kind}[{frames[kind].column(_NAMED_BY[kind])[row].as_py()}]"

    return pa.array([None if text is None else _ROW.sub(name, text) for text in texts.to_pylist()], pa.string())


def _arrow(instruments: Any) -> Any:
    """Return instruments as what a worker can be sent: a frame of Spark is collected."""
    return instruments.toArrow() if hasattr(instruments, "sparkSession") else instruments


def _require_text(frame: Any, name: str, *columns: str) -> None:
    """Refuse numbers for ids: to `evaluate_frame` they are rows, and a Spark frame has no rows to count."""
    types = dict(frame.dtypes)
    for column in columns:
        if column not in types:
            raise InvalidInput(f"{name}.{column}: must be a column, got {', '.join(types)}", f"{name}.{column}")
        if types[column] != "string":
            where = f"{name}.{column}"
            raise InvalidInput(f"{where}: must be text, got {types[column]}; cast it to string", where)


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _is_double(kind: Any) -> bool:
    return str(kind) == "double"
