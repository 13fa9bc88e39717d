"""Options of commands, with shared defaults."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tpo.errors import InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Iterable


class Place(click.Path):
    """The type of options that are paths. An empty text, which Python takes for the current folder, is refused."""

    def __init__(self) -> None:
        """Create a type that converts to `pathlib.Path`."""
        super().__init__(path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Convert a text to a path.

        Raises:
            click.BadParameter: The text is empty.
        """
        if value == "":
            self.fail("a file or folder must have a name; got an empty text.", param, ctx)
        return super().convert(value, param, ctx)


def option(*flags: str, **attributes: Any) -> click.Option:
    """Create an option named by its first flag, with its default in the help; an empty text is refused."""
    name = flags[0].removeprefix("--").replace("-", "_")
    usual: dict[str, Any] = {"show_default": True, "callback": _refuse_empty}
    return click.Option([*flags, name], **(usual | attributes))


def _refuse_empty(ctx: click.Context, param: click.Parameter, value: Any) -> Any:
    del ctx
    if "" in (value if isinstance(value, tuple) else (value,)):
        message = f"`{param.opts[0]}` must not be empty; got ''."
        raise InvalidArgumentError(f"{message} Leave it out for what is usual.")
    return value


def choices(known: Iterable[str]) -> str:
    """Format the possible values for the help."""
    return f"[{'|'.join(known)}]"
