# SPDX-License-Identifier: Apache-2.0
"""The way of margincore to executors that have no margincore: a native module cannot be loaded out of a zip file."""

from __future__ import annotations

import zipfile
from pathlib import Path

import margincore
from margincore.errors import InvalidInput

_FOLDER = "margincore_package"
_NOT_NEEDED = ("include", "share", "__pycache__")  # of C++


def executor_settings(folder: str | Path, wheel: str | Path | None = None) -> dict[str, str]:
    """Return the settings of a Spark session whose executors get margincore with the job.

    Spark unpacks the archive in the working directory of every executor, and its Python workers find it by their path.
    The executors need Python of the driver's version, NumPy and PyArrow, as Spark's own Arrow functions do.

    Parameters
    ----------
    folder : str or Path
        Where the archive is written, on the driver.
    wheel : str or Path, optional
        A wheel for the executors' Python and processor; the package as it is installed here when left out.

    Returns
    -------
    dict of str to str
        ``spark.archives`` and ``spark.executorEnv.PYTHONPATH``.

    Raises
    ------
    InvalidInput
        Where the wheel is none.
    """
    archive = Path(folder).resolve() / f"margincore-{margincore.__version__}.zip"
    archive.parent.mkdir(parents=True, exist_ok=True)
    partial = archive.with_suffix(".partial")
    if wheel is None:
        _zip_installed(partial)
    else:
        if not zipfile.is_zipfile(wheel):
            raise InvalidInput(f"wheel: must be the file of a wheel, got {str(wheel)!r}", "wheel")
        partial.write_bytes(Path(wheel).read_bytes())  # a wheel is a zip file, which Spark knows by its suffix
    partial.replace(archive)
    return {"spark.archives": f"{archive}#{_FOLDER}", "spark.executorEnv.PYTHONPATH": _FOLDER}


def _zip_installed(archive: Path) -> None:
    package = Path(margincore.__file__).parent
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for path in sorted(package.rglob("*")):
            inside = path.relative_to(package)
            if path.is_file() and not any(part in _NOT_NEEDED for part in inside.parts):
                file.write(path, Path("margincore") / inside)
