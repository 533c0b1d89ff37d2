# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from pathlib import Path

import pytest
from book_folder import Book, new_book
from command_line import bad_document
from support import Document, example_document


@pytest.fixture
def example() -> Document:
    """A fresh copy of the contract's example."""
    return example_document()


@pytest.fixture
def book(tmp_path: Path) -> Book:
    """A book in a folder, without anything wrong in it."""
    return new_book(tmp_path)


@pytest.fixture
def file(example: Document, tmp_path: Path) -> Path:
    path = tmp_path / "account.json"
    path.write_text(json.dumps(example, indent=2), encoding="utf-8")
    return path


@pytest.fixture
def bad_file(tmp_path: Path) -> Path:
    path = tmp_path / "bad.json"
    path.write_text(json.dumps(bad_document()), encoding="utf-8")
    return path
