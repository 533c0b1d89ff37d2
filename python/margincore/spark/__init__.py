# SPDX-License-Identifier: Apache-2.0
"""margincore in Spark: margin of many accounts, functions for SQL, and margin over streams.

Needs the extra ``spark``. Every call into the native core takes a whole Arrow batch.
"""

from __future__ import annotations

from margincore.spark._accounts import evaluate_accounts
from margincore.spark._functions import register
from margincore.spark._ship import executor_settings

__all__ = ["evaluate_accounts", "executor_settings", "register"]
