"""`tpo run TASK`: one command per registered task, made when it is asked for."""

from __future__ import annotations

import inspect
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tpo.cli import INTERRUPTED
from tpo.cli.commands.exhibit import all_command, exhibit_command, spec_command
from tpo.cli.lazy import LazyGroup
from tpo.cli.options.flags import flags_of
from tpo.cli.options.running import CELLS, runner
from tpo.cli.options.shared import EXAMPLES, common_options
from tpo.cli.options.task_spec import spec_of
from tpo.cli.rendering.result_table import show
from tpo.errors import InvalidArgumentError, PluginError, unknown_name
from tpo.experiments import toml_file
from tpo.experiments.analysis import store
from tpo.experiments.analysis.result import Result, result_of
from tpo.experiments.catalogue import ALL, catalogue, runnable_tasks
from tpo.experiments.spec.backends import usable_backends
from tpo.experiments.storage.cells import CellStore
from tpo.experiments.tracking.event_log import FILE
from tpo.experiments.tracking.feed import find_trackers
from tpo.plugins import registry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tpo.experiments.spec.run_spec import RunSpec

SPEC = "--spec"
WITHOUT_OVERWRITE = ", without --overwrite"

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
    """The command of the task or exhibit called `name`, or of the file.

    Raises:
        UnknownNameError: There is none of them.
        TPOError: The file makes no sense.
    """
    makers = (
        {ALL: all_command}
        | {exhibit: partial(exhibit_command, exhibit) for exhibit in catalogue()}
        | {task: partial(task_command, task) for task in runnable_tasks()}
    )
    if name.endswith(toml_file.SUFFIX):
        return spec_command(name)
    if name not in makers:
        raise unknown_name("task or exhibit", name, makers)
    return makers[name]()


def task_command(name: str) -> click.Command:
    """The command that trains on the task called `name`.

    Raises:
        UnknownNameError: There is no such task.
        PluginError: A field of the task cannot be a flag.
    """
    info = registry.host().find("task", registry.host().tasks(), name)
    cls = registry.task(name)
    own, common = flags_of(cls), common_options(info, usable_backends(cls))
    taken = {option.name for option in own} & {option.name for option in common}
    if taken:
        message = f"a task's field must not be called like an option of every task; got {taken.pop()!r} in {name!r}."
        raise PluginError(f"{message} Rename it.")
    return click.Command(
        name,
        params=[*own, *common],
        callback=partial(train, name, [option.name for option in own]),
        help=inspect.cleandoc(cls.__doc__ or info.summary).partition("\n\n")[0],
        epilog=EXAMPLES.format(task=name),
    )


class RunGroup(LazyGroup):
    """`tpo run NAME [OPTIONS]`, and `tpo run [OPTIONS] --spec FILE [OPTIONS]`, which is `tpo run FILE [OPTIONS]`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take the file for the name, where no name comes first."""
        named = not "".join(args[:1]).startswith("-")
        return super().parse_args(ctx, args if named else _file_first(args))


def _file_first(args: Sequence[str]) -> list[str]:
    """The arguments with the file that follows `--spec` in front, and without `--spec`; as they are if it is not there.

    Raises:
        InvalidArgumentError: What follows is no file of that kind.
    """
    for place, argument in enumerate(args):
        flag, equals, file = argument.partition("=")
        if flag == SPEC:
            file, *after = [file, *args[place + 1 :]] if equals else [*args[place + 1 :]] or [""]
            if not file.endswith(toml_file.SUFFIX):
                message = f"`{SPEC}` must be followed by a {toml_file.SUFFIX} file; got {file!r}."
                raise InvalidArgumentError(f"{message} Such as {SPEC} my.toml.")
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


def train(task: str, task_fields: list[str], **values: Any) -> None:
    """Run what is missing of what the command line asks for, and show all of it."""
    spec = spec_of(task, {name: values[name] for name in task_fields}, values)
    spec.validate()
    trackers = find_trackers(values["report_to"])
    folder, cells = Path(values["output"]), spec.cells()
    library = CellStore(folder / CELLS)
    overwrite = values["overwrite"]
    result = stored = store.prepare_output(folder, spec, overwrite=overwrite)
    if result is None or not library.missing(list(cells.values())):
        with runner(library, trackers, values) as runs:
            # Again, since another tpo may have been at work here until now.
            result = stored = store.prepare_output(folder, spec, overwrite=overwrite)
            if overwrite:
                _discard(folder, library, spec)
            runs.run(cells, folder)
            if result is None:
                result = result_of(spec, library)
                store.save(folder, result)
            show(result, folder, stored=stored is not None)
            if result.completed:
                runs.check_finite(cells)
    else:
        show(result, folder, stored=True)
    if not result.completed:
        _say_interrupted(result, folder, WITHOUT_OVERWRITE if overwrite else "")
        raise click.exceptions.Exit(INTERRUPTED)


def _discard(folder: Path, library: CellStore, spec: RunSpec) -> None:
    """Remove what the folder holds of this run and of the one before it; what else is in the library stays."""
    stored = store.load_if_whole(folder)
    for run in (spec, *([] if stored is None else [stored.spec])):
        library.discard(run.cells().values())
    for name in (store.RESULT, FILE):
        (folder / name).unlink(missing_ok=True)


def _say_interrupted(result: Result, folder: Path, how: str) -> None:
    done = sum(curves.steps for curves in result.arms.values())
    total = len(result.spec.arms) * result.spec.steps
    where = folder / store.RESULT
    text = f"interrupted after {done} of {total} steps; go on with the same command{how}. What was measured: {where}"
    click.echo(text, err=True)
