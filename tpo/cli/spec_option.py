"""`tpo run --spec FILE`: a command made from a file instead of a name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tpo.cli.exhibit import spec_command
from tpo.cli.lazy import LazyGroup


def _spec_option() -> click.Option:
    return click.Option(["--spec"], metavar="FILE", help="Run an experiment of your own, in TOML, instead of NAME.")


FINDER = click.Command(
    "run",
    params=[_spec_option()],
    add_help_option=False,
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
)
"""Finds `--spec` among the options of the command that the file stands for."""


class RunGroup(LazyGroup):
    """A group of commands by name, and of all those that files describe."""

    def __init__(self, name: str, **attributes: Any) -> None:
        """Make a group; the arguments are those of `LazyGroup`."""
        super().__init__(name, params=[_spec_option()], **attributes)

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """The context of the file's command where there is a file, and otherwise of this group."""
        found = FINDER.make_context(info_name, list(args), parent=parent)
        spec = found.params["spec"]
        if spec is None:
            return super().make_context(info_name, args, parent, **extra)
        return spec_command(Path(spec)).make_context(f"{info_name} --spec {spec}", found.args, parent, **extra)
