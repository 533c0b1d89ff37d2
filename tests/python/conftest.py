# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
from support import Document, example_document


@pytest.fixture
def example() -> Document:
    """A fresh copy of the contract's example."""
    return example_document()
