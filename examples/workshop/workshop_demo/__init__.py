# SPDX-License-Identifier: Apache-2.0
"""The workshop demo: scenarios from files, played through margincore, shown in a terminal and on one page."""
