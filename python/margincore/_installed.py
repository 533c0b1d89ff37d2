# SPDX-License-Identifier: Apache-2.0
"""Where the installed package keeps what a C++ build needs."""

from __future__ import annotations

from pathlib import Path

from margincore import _core
from margincore.errors import MissingData


def _folder(name: str, what: str) -> str:
    """Return a folder that was installed with the core; an editable install has it nowhere else."""
    folder = Path(_core.__file__).parent / name
    if not folder.is_dir():
        raise MissingData(f"installation: must hold {what}, got no folder {folder}", "installation")
    return str(folder)


def get_include() -> str:
    """Return the folder of the C++ headers, for a compiler's ``-I``.

    With it ``#include <margincore/margincore.hpp>`` works; Eigen and fmt, and nlohmann_json for documents, are the
    caller's own.

    Parameters
    ----------
    None

    Returns
    -------
    str
        The full name of the folder that holds the folder ``margincore``.

    Raises
    ------
    MissingData
        Where the package was installed without its headers.

    Source
    ------
    None: it names a folder.
    """
    return _folder("include", "the C++ headers")


def get_cmake_dir() -> str:
    """Return the folder of the CMake package, for ``-Dmargincore_DIR``.

    Parameters
    ----------
    None

    Returns
    -------
    str
        The full name of the folder that holds ``margincore-config.cmake``.

    Raises
    ------
    MissingData
        Where the package was installed without its CMake package.

    Source
    ------
    None: it names a folder.
    """
    return _folder("share/cmake/margincore", "the CMake package")
