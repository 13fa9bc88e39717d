"""`tpo data gsm8k`: generating or loading problems for training language models."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import click
from rich.progress import MofNCompleteColumn

from tpo.cli.data_entry import DataEntry
from tpo.cli.options.option import Place, check_distinct, flags_of, option, options_by_field
from tpo.cli.rendering.file_progress import file_progress
from tpo.data.problems import folder_for, folder_of, has_some, known_problems, write
from tpo.errors import TPOError
from tpo.plugins import registry
from tpo.plugins.checks import said
from tpo.plugins.contracts import Contract

if TYPE_CHECKING:
    from pathlib import Path

    from tpo.plugins.hookspecs import ProblemsInfo

EXAMPLES = """\b
Examples:
  tpo data {command}
  tpo data {command} --output data/{name}
"""


def entries() -> dict[str, DataEntry]:
    """The registered problems, by name."""
    return {
        name: DataEntry(info.summary, partial(_state, info), partial(_command, info))
        for name, info in known_problems().items()
    }


def _state(info: ProblemsInfo) -> str:
    folder = folder_of(info.name)
    if has_some(folder):
        return str(folder)
    try:
        typed = _shortest(info.name, flags_of(registry.problems(info)))
    except TPOError:
        # The command itself says what is missing or wrong.
        typed = info.name
    return f"not here; write it: tpo data {typed}"


def _command(info: ProblemsInfo) -> click.Command:
    """Create the command of the problems that `info` describes.

    Raises:
        NotInstalledError: A library that they need is missing.
        PluginError: They cannot be loaded, or a field cannot be a flag.
    """
    cls = registry.problems(info)
    usual = "in the folder of all data"
    output = option("--output", type=Place(), metavar="FOLDER", show_default=usual, help="Where the files are written.")
    own = flags_of(cls)
    check_distinct(own, [output], "data set", info.name)
    return click.Command(
        info.name,
        params=[*own, output],
        callback=partial(_write, info.name, cls),
        help=_help(cls, info),
        epilog=EXAMPLES.format(name=info.name, command=_shortest(info.name, own)),
    )


def _shortest(name: str, own: list[click.Option]) -> str:
    """The command with the options that it must have."""
    return " ".join([name, *(f"{flag.opts[0]} {flag.opts[0][2:].upper()}" for flag in own if flag.required)])


def _help(cls: Any, info: ProblemsInfo) -> str:
    summary = inspect.cleandoc(cls.__doc__ or info.summary).partition("\n\n")[0]
    return f"{summary}\n\nWrites train.parquet and test.parquet, in the layout that verl reads."


def _write(name: str, cls: Any, output: Path | None, **values: Any) -> None:
    """Generate or load the problems, and write them to `output`."""
    fields = {field: values[flag] for field, flag in options_by_field(cls).items()}
    contract = Contract("data set", name, "return the rows of each of its splits, by name")
    with file_progress(MofNCompleteColumn(), "loading") as on_row, contract.calling():
        problems = cls(**fields)
        folder = output or folder_for(name, problems)
        splits = problems.splits(on_row)
    if not _are_splits(splits):
        raise contract.refusal(said(splits))
    write(splits, folder)
    counts = ", ".join(f"{len(rows)} in {split}.parquet" for split, rows in splits.items())
    click.echo(f"{name}: {counts}: {folder}")


def _are_splits(found: Any) -> bool:
    """Whether problems returned splits; `write` checks which, and their rows."""
    return isinstance(found, Mapping) and all(
        isinstance(name, str) and isinstance(rows, Sequence) for name, rows in found.items()
    )
