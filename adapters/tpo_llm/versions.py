"""The installed versions of a trainer and what it needs, beside the tested ones."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from tpo import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def installed(package: str) -> str | None:
    """The version of a package that is installed; `None` without one."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def versions(tested: Mapping[str, str]) -> Iterator[Finding]:
    """Compare the installed versions with those that the adapter was tested with, by package."""
    for package, wanted in tested.items():
        found = installed(package)
        if found is None:
            yield Finding(package, ok=False, detail="not installed", remedy=f"pip install {package}=={wanted}")
        else:
            same = found.partition("+")[0] == wanted
            yield Finding(
                package, ok=None if not same else True, detail=found if same else f"{found}; tested: {wanted}"
            )
