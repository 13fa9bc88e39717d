"""Finding the entry points of plug-ins, beside damaged distributions."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from tpo.errors import PluginError
from tpo.plugins.checks import in_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from importlib.metadata import Distribution, EntryPoint


@dataclass(frozen=True)
class Damaged:
    """Stands for the entry points of a distribution that cannot be read.

    Attributes:
        name: The name of its folder.
        error: The error that names the folder.
    """

    name: str
    error: PluginError

    def load(self) -> NoReturn:
        """Raise the error.

        Raises:
            PluginError: Always.
        """
        raise self.error


def entry_points(*, group: str) -> Sequence[EntryPoint | Damaged]:
    """List the entry points of a group, as `importlib.metadata` does, which fails if any distribution is damaged."""
    try:
        return tuple(metadata.entry_points(group=group))
    except Exception:  # noqa: BLE001 - whatever reading a damaged file raises
        return tuple(_one_by_one(group))


def _one_by_one(group: str) -> Iterator[EntryPoint | Damaged]:
    known: set[str] = set()
    for distribution in metadata.distributions():
        try:
            found = distribution.entry_points.select(group=group)
            name = distribution.name if found else ""
        except Exception as error:  # noqa: BLE001 - as above
            yield Damaged(_folder(distribution).name, unreadable(distribution, error))
            continue
        # The first of a name is the one that is imported.
        if found and name not in known:
            known.add(name)
            yield from found


def unreadable(distribution: Distribution, error: Exception) -> PluginError:
    """Create the error for a distribution whose files cannot be read; it names the folder."""
    folder = _folder(distribution)
    message = f"the metadata of an installed package must be readable; got {in_words(error)}, in {str(folder)!r}."
    caused = PluginError(f"{message} Reinstall the package, or delete the folder.")
    caused.__cause__ = error
    return caused


def _folder(distribution: Distribution) -> Path:
    """The folder of the metadata if it has one, which has no public name, or else that of the package."""
    return Path(str(getattr(distribution, "_path", None) or distribution.locate_file("")))
