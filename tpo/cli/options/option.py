"""An option of a command, as all of ours are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tpo.errors import InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Iterable


class Place(click.Path):
    """A file or folder; an empty text, which Python takes for the current folder, is none."""

    def __init__(self) -> None:
        """Give it as a path."""
        super().__init__(path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path.

        Raises:
            click.BadParameter: The text is empty.
        """
        if value == "":
            self.fail("a file or folder must have a name; got an empty text.", param, ctx)
        return super().convert(value, param, ctx)


def option(*flags: str, **attributes: Any) -> click.Option:
    """An option called like the first of its flags, whose default is shown; an empty text is refused."""
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
    """What can be given, as help shows it."""
    return f"[{'|'.join(known)}]"
