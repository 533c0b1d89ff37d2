# SPDX-License-Identifier: Apache-2.0
"""Enforcement over the streams: the ladder of the core, its state, its messages and its audit trail."""
