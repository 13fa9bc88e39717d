"""Whether tracebacks of errors are shown, as an environment variable says."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterable

TRACEBACK = "TPO_TRACEBACK"
"""Environment variable that makes errors show their traceback: unexpected ones, and those that have a cause."""


def are_wanted() -> bool:
    """Whether the environment variable is set."""
    return bool(os.environ.get(TRACEBACK))


def show(errors: Iterable[BaseException]) -> None:
    """Print the tracebacks of `errors` to stderr, if they are wanted."""
    # Imported here: it is rarely needed, and every command waits for what this module imports.
    import traceback  # noqa: PLC0415

    for error in errors if are_wanted() else ():
        click.echo("".join(traceback.format_exception(error)), err=True, nl=False)
