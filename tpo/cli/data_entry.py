"""A data set on the command line: its state, and its command of `tpo data`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    import click


class DataEntry(NamedTuple):
    """A data set on the command line.

    Attributes:
        summary: A description in a few words.
        state: Returns the folder it is in, or how to get it.
        command: Creates its command.
    """

    summary: str
    state: Callable[[], str]
    command: Callable[[], click.Command]
