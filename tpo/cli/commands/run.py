"""`tpo run NAME`: a command per task, table and figure, created on demand."""

from __future__ import annotations

import pkgutil
from typing import TYPE_CHECKING

import click

from tpo.cli.lazy import LazyGroup
from tpo.errors import InvalidArgumentError
from tpo.experiments import toml_file
from tpo.experiments.catalogue import ALL, catalogue, runnable_tasks
from tpo.plugins import registry

if TYPE_CHECKING:
    from collections.abc import Sequence

SPEC = "--spec"

GROUP_EXAMPLES = """\b
Examples:
  tpo run token-reversal --steps 100
  tpo run table1 --scale laptop
  tpo run --spec my.toml --backend torch
"""


def _summaries() -> dict[str, str]:
    tasks = {name: info.summary for name, info in runnable_tasks().items()}
    exhibits = {name: f"{exhibit.title} ({exhibit.source})" for name, exhibit in catalogue().items()}
    return tasks | exhibits | {ALL: "every table and figure"}


def command(name: str) -> click.Command:
    """Create the command of the task or exhibit called `name`, or of the spec file.

    Raises:
        UnknownNameError: Nothing has that name.
        TPOError: The file is invalid.
    """
    if name.endswith(toml_file.SUFFIX):
        return _made("exhibit:spec_command", name)
    if name == ALL:
        return _made("exhibit:all_command")
    if name in catalogue():
        return _made("exhibit:exhibit_command", name)
    if name not in runnable_tasks():
        known = [ALL, *catalogue(), *runnable_tasks()]
        raise registry.host().unknown("task or exhibit", name, known)
    return _made("task:task_command", name)


def _made(maker: str, *name: str) -> click.Command:
    """Create a command by a function of a neighbouring module."""
    command: click.Command = pkgutil.resolve_name(f"tpo.cli.commands.{maker}")(*name)
    return command


class RunGroup(LazyGroup):
    """`tpo run NAME [OPTIONS]`, and `tpo run [OPTIONS] --spec FILE [OPTIONS]`, which is `tpo run FILE [OPTIONS]`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Use the spec file as the name if no name comes first."""
        named = not "".join(args[:1]).startswith("-")
        return super().parse_args(ctx, args if named else _file_first(args))


def _file_first(args: Sequence[str]) -> list[str]:
    """Move the file after `--spec` to the front and drop `--spec`; return arguments without it unchanged.

    Raises:
        InvalidArgumentError: `--spec` is not followed by a TOML file.
    """
    for place, argument in enumerate(args):
        flag, equals, file = argument.partition("=")
        if flag == SPEC:
            file, *after = [file, *args[place + 1 :]] if equals else [*args[place + 1 :]] or [""]
            if not file.endswith(toml_file.SUFFIX):
                message = f"`{SPEC}` must be followed by a {toml_file.SUFFIX} file; got {file!r}."
                raise InvalidArgumentError(f"{message} For example: {SPEC} my.toml.")
            return [file, *args[:place], *after]
    return list(args)


run = RunGroup(
    "run",
    title="Tasks, tables and figures",
    summaries=_summaries,
    load=command,
    help="Train on a task, or run a table or figure of the paper. Each has options of its own: tpo run NAME --help.",
    epilog=GROUP_EXAMPLES,
    params=[click.Option([SPEC], metavar="FILE", help="Run an experiment of your own, a TOML file.")],
    callback=lambda **_: None,
    subcommand_metavar="NAME [OPTIONS]",
)
