"""A digest of the source code of plug-ins, so that results are not taken for those of other code."""

from __future__ import annotations

import functools
import hashlib
import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tpo.plugins.hookspecs import Info

MOST_FILES = 2000
"""Limit on the files of a package that are read."""


def package_of(info: Info) -> str:
    """The top-level package of the object that `info` describes."""
    return info.load.partition(":")[0].partition(".")[0]


def code_digests(infos: Iterable[Info | None], own: Iterable[str]) -> dict[str, str]:
    """Digests of the packages that `infos` are from, by package, without those of this project.

    Args:
        infos: Descriptions of what a run uses; `None` for what is not registered.
        own: The top-level packages of this project.
    """
    packages = {package_of(info) for info in infos if info is not None} - {*own}
    found: Mapping[str, str | None] = {package: code_digest(package) for package in sorted(packages)}
    return {package: digest for package, digest in found.items() if digest is not None}


@functools.cache
def code_digest(package: str) -> str | None:
    """Hash the Python files of a top-level package or module; `None` if they are not found. Imports nothing."""
    if package == "__main__":  # a script, which other processes do not have
        return None
    try:
        spec = importlib.util.find_spec(package)
    except (ImportError, ValueError):
        return None
    if spec is None:
        return None
    folders = [Path(folder) for folder in spec.submodule_search_locations or ()]
    files = [(file.relative_to(folder), file) for folder in folders for file in sorted(folder.rglob("*.py"))]
    if not folders and spec.origin is not None and Path(spec.origin).is_file():
        files = [(Path(Path(spec.origin).name), Path(spec.origin))]
    return _hashed(files[:MOST_FILES]) if files else None


def _hashed(files: Iterable[tuple[Path, Path]]) -> str:
    digest = hashlib.sha256()
    for name, file in files:
        content = file.read_bytes()
        digest.update(f"{name.as_posix()} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()[:20]
