"""A group of commands that are loaded one at a time."""

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
        """Make a group.

        Args:
            name: As typed.
            title: What its commands are called in the help.
            summaries: Gives the names of the commands, and what each does.
            load: Gives the command of that name; raises if there is none.
            **attributes: As `click.Group` takes them.
        """
        super().__init__(name, **attributes)
        self._title = title
        self._summaries = summaries
        self._load = load

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names."""
        del ctx
        return list(self._summaries())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
        """The command called `cmd_name`."""
        del ctx
        return self._load(cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands by their summaries."""
        del ctx
        with formatter.section(self._title):
            formatter.write_dl(list(self._summaries().items()))
