# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import pytest
from book_folder import Book, new_book
from support import Document, example_document


@pytest.fixture
def example() -> Document:
    """A fresh copy of the contract's example."""
    return example_document()


@pytest.fixture
def book(tmp_path: Path) -> Book:
    """A book in a folder, without anything wrong in it."""
    return new_book(tmp_path)
