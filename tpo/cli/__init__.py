"""The command line. Importing it imports nothing but click: every command is loaded when it is called."""

from __future__ import annotations

import pkgutil
import sys
from typing import TYPE_CHECKING

import click

import tpo
from tpo.cli.lazy import LazyGroup
from tpo.errors import TPOError, unknown_name

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMANDS = {
    "check-loss": ("tpo.cli.commands.check_loss:check", "Check the laws of group losses on a function of yours."),
    "compare": ("tpo.cli.commands.compare:compare", "Show two runs of a table or figure side by side."),
    "data": ("tpo.cli.commands.data:data", "Fetch the images that a task needs."),
    "list": ("tpo.cli.commands.list:list_names", "Show what is registered: algorithms, tasks, backends and more."),
    "report": ("tpo.cli.commands.report:report", "Make one page of all tables and figures that were run."),
    "run": ("tpo.cli.commands.run:run", "Train on a task, or run a table or figure of the paper."),
    "show": ("tpo.cli.commands.show:show", "Show stored results; nothing is trained."),
}
"""Where each command is, and what it does."""

BAD_INPUT = 2
INTERRUPTED = 130

EXAMPLES = """\b
Examples:
  tpo list
  tpo run token-reversal --algorithms tpo,grpo --steps 100
  tpo run table1 --scale laptop
  tpo check-loss my_losses:group_loss
"""


def _load(name: str) -> click.Command:
    if name not in COMMANDS:
        raise unknown_name("command", name, COMMANDS)
    command: click.Command = pkgutil.resolve_name(COMMANDS[name][0])
    return command


cli = LazyGroup(
    "tpo",
    title="Commands",
    summaries=lambda: {name: summary for name, (_, summary) in COMMANDS.items()},
    load=_load,
    help="Target Policy Optimization: train a policy on groups of scored candidates.",
    epilog=EXAMPLES,
)
click.version_option(tpo.__version__, prog_name="tpo")(cli)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line on `arguments`, those of the process if `None`, and exit.

    Raises:
        SystemExit: With 0 when all went well, 2 after bad input, 130 after Ctrl-C.
    """
    sys.exit(_exit_code(arguments))


def _exit_code(arguments: Sequence[str] | None) -> int:
    try:
        return cli.main(arguments, prog_name="tpo", standalone_mode=False) or 0
    except TPOError as error:
        click.echo(f"error: {error}", err=True)
        return BAD_INPUT
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return INTERRUPTED
