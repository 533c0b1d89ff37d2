# SPDX-License-Identifier: Apache-2.0
"""What is common to all accounts of a book: the market and the policy, from their files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import margincore as mc
from margincore._group_table import policy_with_group_table
from margincore._object_file import read_object
from margincore._terminal import UnreadableError


class BookTerms:
    """The market, the policy and the moves of a stress, checked before anything long is read.

    Raises
    ------
    UnreadableError
        Where one of them is none.
    """

    def __init__(self, market: str, policy: str | None, instruments: str) -> None:
        self._names = {"market": market, "policy": policy}
        self.market = read_object(market)
        if "instruments" in self.market:
            raise UnreadableError(f"{market}: instruments: must be left out beside {instruments}, got both")
        self.policy = None if policy is None else self._read_policy(policy)
        document = {
            "account": {"cash": 0, "positions": []},
            "market": {**self.market, "instruments": {}},
            **({} if self.policy is None else {"policy": self.policy}),
        }
        try:
            self.moves = [point.move for point in mc.stress(document)]
        except mc.MarginError as error:
            raise UnreadableError(self.by_file(str(error))) from None

    def _read_policy(self, name: str) -> dict[str, Any]:
        read = read_object(name)
        try:
            policy: dict[str, Any] = policy_with_group_table(read, Path(name).parent)
        except mc.MarginError as error:
            raise UnreadableError(self.by_file(str(error))) from None
        return policy

    def by_file(self, message: str) -> str:
        """Return a message with the name of a file where it is about what that holds."""
        for prefix, name in self._names.items():
            if message.startswith(f"{prefix}."):
                return f"{name}: {message[len(prefix) + 1 :]}"
            if message.startswith(f"{prefix}:"):
                return f"{name}:{message[len(prefix) + 1 :]}"
        return message
