"""A click group whose commands are loaded on demand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class LazyGroup(click.Group):
    """A group that can be listed without loading its commands."""

    def __init__(
        self,
        name: str,
        *,
        title: str,
        summaries: Callable[[], Mapping[str, str]],
        load: Callable[[str], click.Command],
        **attributes: Any,
    ) -> None:
        """Create a group.

        Args:
            name: The name on the command line.
            title: The heading of the commands in the help.
            summaries: Returns the names of the commands with their summaries.
            load: Returns the command of a name, or raises an error.
            **attributes: Arguments of `click.Group`.
        """
        super().__init__(name, **attributes)
        self._title = title
        self._summaries = summaries
        self._load = load

    def list_commands(self, ctx: click.Context) -> list[str]:
        """List the names of the commands."""
        del ctx
        return list(self._summaries())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
        """Load the command called `cmd_name`."""
        del ctx
        return self._load(cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands by their summaries."""
        del ctx
        with formatter.section(self._title):
            formatter.write_dl(list(self._summaries().items()))
