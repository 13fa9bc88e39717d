"""An option of a command, as all of ours are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Iterable


def option(*flags: str, **attributes: Any) -> click.Option:
    """An option called like the first of its flags, whose default is shown."""
    name = flags[0].removeprefix("--").replace("-", "_")
    return click.Option([*flags, name], **({"show_default": True} | attributes))


def choices(known: Iterable[str]) -> str:
    """What can be given, as help shows it."""
    return f"[{'|'.join(known)}]"
