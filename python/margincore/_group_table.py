# SPDX-License-Identifier: Apache-2.0
"""Group tables of portfolio margin: from files, and in place of the name of a file in a policy."""

from __future__ import annotations

import re
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any

from margincore import _core
from margincore._strict_json import strict_json
from margincore.errors import InvalidInput, MarginError

if TYPE_CHECKING:
    from collections.abc import Mapping

_WHERE = "policy.group_table"
_NAMES_A_FILE = re.compile(rb'"group_table"\s*:\s*"')  # most documents need no second look


def default_group_table() -> dict[str, Any]:
    """Return the group table that applies where a policy gives none, as a policy's ``group_table``.

    Parameters
    ----------
    None

    Returns
    -------
    dict
        ``classes``, ``products`` and ``portfolios``; ranges and offsets are fractions.

    Raises
    ------
    None

    Source
    ------
    Ours, not OCC's, whose tables are for its members: ranges of FINRA 4210(g)(2)(F), offsets of SEC Rule
    15c3-1a(b)(1)(iv)(B); docs/rules/group_table.md.
    """
    return _core.default_group_table()


def read_group_table(path: str | PathLike[str]) -> dict[str, Any]:
    """Return the group table of a file, as a policy's ``group_table``.

    Parameters
    ----------
    path : str or path
        A ``.csv`` file, the neutral CSV of docs/rules/group_table.md, or a ``.json`` file.

    Returns
    -------
    dict
        ``classes``, ``products`` and ``portfolios``; ranges and offsets are fractions.

    Raises
    ------
    InvalidInput, MissingData
        With ``.where``: the file with its line and column, or the path into its JSON.
    OSError
        Where the file cannot be read.

    Source
    ------
    None of its own: what the file says, checked.
    """
    if not isinstance(path, (str, PathLike)):
        raise InvalidInput(f"path: must be the name of a file, got {type(path).__name__}", "path")
    name = fspath(path)
    suffix = Path(name).suffix.lower()
    if suffix not in (".csv", ".json"):
        raise InvalidInput(f"path: must be the name of a .csv or .json file, got {name!r}", "path")
    try:
        return _core.read_group_table(Path(name).read_bytes(), "csv" if suffix == ".csv" else "json")
    except MarginError as error:
        raise type(error)(f"{name}: {error}", f"{name}: {error.where}") from None


def policy_with_group_table(policy: Any, folder: Path | None = None) -> Any:
    """Return a policy with the group table itself, where it has the name of a file.

    Parameters
    ----------
    policy : mapping
        As in the account document; whatever it is, it is returned where it names no file.
    folder : Path, optional
        Where the name starts; the working directory when left out.
    """
    name = policy.get("group_table") if hasattr(policy, "get") else None
    if not isinstance(name, (str, PathLike)):
        return policy
    try:
        table = read_group_table(Path(folder or "", name) if fspath(name) else name)
    except MarginError as error:
        rule = str(error).removeprefix("path: ")
        raise type(error)(f"{_WHERE}: {rule}", _WHERE) from None
    except (OSError, ValueError) as error:  # no such file; a name that none can have
        got = f"{fspath(name)!r}: {getattr(error, 'strerror', None) or error}"
        raise InvalidInput(f"{_WHERE}: must be a file that can be read, got {got}", _WHERE) from None
    return {**policy, "group_table": table}


def document_with_group_table(document: dict[str, Any] | bytes, folder: Path | None = None) -> dict[str, Any] | bytes:
    """Return an account document with its policy's group table itself, where that is the name of a file.

    Parameters
    ----------
    document : dict or bytes
        What it is not sure of is left to the core, which says what is wrong with it.
    folder : Path, optional
        Where the name starts; the working directory when left out.
    """
    read: Any = document
    if isinstance(document, bytes):
        if not _NAMES_A_FILE.search(document):
            return document
        try:
            read = strict_json(document)
        except (ValueError, RecursionError):
            return document
    if not isinstance(read, dict):
        return document
    policy: Mapping[str, Any] | None = read.get("policy")
    resolved = policy_with_group_table(policy, folder)
    return document if resolved is policy else {**read, "policy": resolved}
