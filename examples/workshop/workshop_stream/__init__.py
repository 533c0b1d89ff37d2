# SPDX-License-Identifier: Apache-2.0
"""The workshop's streams: broker, topics, scenarios and load as events, enforcement, what is seen of them."""
