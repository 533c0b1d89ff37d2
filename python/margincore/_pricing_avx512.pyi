# SPDX-License-Identifier: Apache-2.0
from margincore._pricing_baseline import *  # noqa: F403
