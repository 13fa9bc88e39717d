"""The command line. Importing it imports only click: each command is loaded when it is called."""

from __future__ import annotations

import errno
import pkgutil
import sys
from typing import TYPE_CHECKING

import click

import tpo
from tpo.cli import tracebacks
from tpo.cli.exit_codes import BAD_INPUT, FAILED, INTERRUPTED
from tpo.cli.lazy import LazyGroup
from tpo.cli.signals import ending_like_ctrl_c
from tpo.cli.streams import ReaderGoneError, abandon, replacing_characters
from tpo.errors import TPOError, calls_of, reason_of, root_of, unknown_name

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMANDS = {
    "check": ("tpo.cli.commands.check:check", "Check that an adapter works in this installation."),
    "check-loss": (
        "tpo.cli.commands.check_loss:check",
        "Check a loss function of yours against the laws of group losses.",
    ),
    "compare": ("tpo.cli.commands.compare:compare", "Show two runs of a table or figure side by side."),
    "data": ("tpo.cli.commands.data:data", "Fetch images, or make problems for language models."),
    "doctor": ("tpo.cli.commands.doctor:doctor", "Audit the rollouts of any trainer of language models."),
    "explain-batch": (
        "tpo.cli.commands.explain_batch:explain_batch",
        "Show how a trainer's settings divide a batch.",
    ),
    "list": ("tpo.cli.commands.list:list_names", "Show what is registered: algorithms, tasks, backends."),
    "report": ("tpo.cli.commands.report:report", "Make one page of all tables and figures that were run."),
    "run": ("tpo.cli.commands.run:run", "Train on a task, or run a table or figure of the paper."),
    "show": ("tpo.cli.commands.show:show", "Show stored results; nothing is trained."),
}
"""The commands: where each is defined, and its summary."""

UNUSABLE = {errno.EACCES, errno.EPERM, errno.ENAMETOOLONG, errno.ELOOP, errno.ENOTDIR, errno.EROFS}
"""Errors of the operating system that are those of a path, and not of what happens to it."""

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
        SystemExit: With 0 when all went well, 1 when something failed, 2 after bad input, 130 after Ctrl-C.
    """
    with replacing_characters(), ending_like_ctrl_c():
        try:
            code = _exit_code(arguments)
        except SystemExit as error:
            # rich exits like this when the reader of the output is gone; otherwise somebody else's code does.
            code = FAILED if isinstance(error.__context__, OSError) else _unexpected(error)
        except ReaderGoneError:
            code = _unread()
        try:
            # It is None if the process was started with its output closed.
            if sys.stdout is not None:
                sys.stdout.flush()
        except ReaderGoneError:
            code = _unread()
        except OSError as error:
            code = code or _lost(error)
    sys.exit(code)


def _exit_code(arguments: Sequence[str] | None) -> int:
    try:
        return cli.main(arguments, prog_name="tpo", standalone_mode=False) or 0
    except TPOError as error:
        if tracebacks.are_wanted() and error.__cause__ is not None:
            raise
        return _told(f"error: {error}", BAD_INPUT)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return _told("interrupted", INTERRUPTED)
    except OSError as error:
        return _lost(error)
    except ReaderGoneError:
        raise
    except Exception as error:
        if tracebacks.are_wanted():
            raise
        return _unexpected(error)


def _unread() -> int:
    """Drop all further standard output, without a word: whoever closed it knows."""
    abandon(sys.stdout)
    return FAILED


def _unexpected(error: BaseException) -> int:
    how = f"Report it, with what {tracebacks.TRACEBACK}=1 shows"
    return _told(f"error: unexpected: {root_of(error)!r}, raised in {calls_of(error)}. {how}.", FAILED)


def _told(message: str, code: int) -> int:
    click.echo(message, err=True)
    return code


def _lost(error: OSError) -> int:
    """Report an I/O error, and drop all further standard output."""
    if error.errno in UNUSABLE and error.filename is not None:
        message = f"error: a file or folder must be accessible; got {error.filename!r} ({reason_of(error)})."
        return _told(f"{message} Choose another one, or change its permissions.", BAD_INPUT)
    where = "" if error.filename is None else f", at {error.filename!r}"
    abandon(sys.stdout)
    message = f"error: files must be readable and writable, with room on the disk; got {reason_of(error)}{where}."
    return _told(message, FAILED)
