"""A digest of the source code of plug-ins, so that results are not taken for those of other code."""

from __future__ import annotations

import functools
import hashlib
import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from importlib.machinery import ModuleSpec

    from tpo.plugins.hookspecs import Info

MOST_FILES = 2000
"""Limit on the files of a package that are read."""


def package_of(reference: str) -> str:
    """The top-level package of an object reference, such as `package.module:name`."""
    return reference.partition(":")[0].partition(".")[0]


def code_digests(infos: Iterable[Info | None], own: Iterable[str]) -> dict[str, str]:
    """Digests of the packages that `infos` are from, by package, without those of this project.

    Args:
        infos: Descriptions of what a run uses; `None` for what is not registered.
        own: The top-level packages of this project.
    """
    packages = {package_of(info.load) for info in infos if info is not None} - {*own}
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
    files = _files(spec)
    if not files:
        return None
    digest = hashlib.sha256()
    for name, file in files[:MOST_FILES]:
        content = file.read_bytes()
        digest.update(f"{name} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()[:20]


def _files(spec: ModuleSpec) -> list[tuple[str, Path]]:
    """The Python files of a package, or the one of a module, each with its name in the package."""
    if spec.submodule_search_locations is None:
        origin = Path(spec.origin or "")
        return [(origin.name, origin)] if origin.is_file() else []
    folders = map(Path, spec.submodule_search_locations)
    return [(file.relative_to(folder).as_posix(), file) for folder in folders for file in sorted(folder.rglob("*.py"))]
