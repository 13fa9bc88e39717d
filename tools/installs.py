"""Run every install command of the documentation as written, each in a new environment.

Pages and packages are those of a fresh clone, that is, of the last commit. A command that needs files of the clone
runs in a clone: in its root, or in the folder of the example that the page belongs to. Any other command runs in an
empty folder. `tpo` is on no index yet, so it is installed there from a wheel built from the clone; pip learns of the
wheel, and of the version of PyTorch in `constraints.txt`, only by environment variables. The commands that `tpo run`
prints when it cannot draw figures are tried, too.
"""

from __future__ import annotations

import argparse
import functools
import re
import sys
import tempfile
import time
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tools.install_lines import LISTED, RUNS, Line, lines_below, without_row
from tools.install_place import FailedError, Place, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

ROOT = Path(__file__).parents[1]
REMEDIES = tuple(Line("tpo run", number, f"pip install {what}") for number, what in enumerate((".", "-e .", "tpo"), 1))
"""Installations without the libraries for figures."""

RUN = "tpo run {task} --algorithms tpo --steps 3 --seeds 1 --output run --overwrite"
BARE = RUN.format(task="single-context-bandit")
FIGURE = re.compile("^figure: ", re.MULTILINE)
REMEDY = re.compile(r"^no figure: .* Install it: (?P<command>.+)\.$", re.MULTILINE)


class Attempt(NamedTuple):
    """An installation to try: its title, whether it uses the newest pip, and the function that tries it."""

    title: str
    newest_pip: bool
    act: Callable[[Place], None]


def attempts(lines: Iterable[Line]) -> list[Attempt]:
    """List all attempts; a line that creates its own environment uses Python's own pip only."""
    return [
        Attempt(str(line), newest, functools.partial(act, line))
        for act, given in ((try_line, lines), (try_remedy, REMEDIES))
        for line in given
        for newest in ((False,) if line.own_environment else (False, True))
    ]


def try_line(line: Line, place: Place) -> None:
    """Run `line` in its folder, and check what it should have installed.

    Raises:
        FailedError: It failed, or something is not installed as promised.
    """
    folder = folder_of(line, place)
    place.shell(line.commands, folder)
    environment = folder / ".venv" if line.own_environment else place.environment
    project, offers = project_in(folder)
    place.shell(f'python -c "import {", ".join(line.imports(project))}"', place.empty, environment)
    # Plug-ins of `tpo` itself need its extras.
    rows = line.extras & LISTED if folder == place.clone else line.extras & LISTED | offers
    lacking = without_row(place.shell("tpo list", place.empty), rows) if rows else []
    if lacking:
        raise FailedError(f"tpo list\ndoes not show as installed: {', '.join(lacking)}")
    for extra in sorted(line.extras & set(RUNS)):
        needs_figure(place.shell(f"{RUN.format(task=RUNS[extra])} --backend {extra}", place.empty))


def try_remedy(line: Line, place: Place) -> None:
    """Install `tpo` by `line`, run an experiment, and follow its advice for getting a figure.

    Raises:
        FailedError: It failed, gave no advice, or there is no figure afterwards.
    """
    place.shell(line.commands, folder_of(line, place))
    printed = place.shell(BARE, place.empty)
    remedy = REMEDY.search(printed)
    if remedy is None:
        raise FailedError(f"{BARE}\nnames no command that brings a figure:\n{printed}")
    place.shell(remedy["command"], place.empty)
    needs_figure(place.shell(BARE, place.empty))


def needs_figure(printed: str) -> None:
    """Check the output of a run for a figure.

    Raises:
        FailedError: It drew none.
    """
    if not FIGURE.search(printed):
        raise FailedError(f"tpo run\nended without a figure:\n{printed}")


def folder_of(line: Line, place: Place) -> Path:
    """Return the folder in which `line` runs."""
    if not line.in_clone:
        return place.empty
    page = Path(line.page)
    return place.clone / page.parent if page.parts[0] == "examples" else place.clone


def project_in(folder: Path) -> tuple[str, set[str]]:
    """Return the name of the project in `folder`, and the names of its plug-ins; none if there is no project."""
    file = folder / "pyproject.toml"
    if not file.exists():
        return "", set()
    project = tomllib.loads(file.read_text(encoding="utf-8"))["project"]
    return project["name"], set(project["entry-points"]["tpo"])


def outcome(attempt: Attempt, source: Source) -> str:
    """Run an attempt and print a row of the table; return its error, empty on success."""
    began, failure, version = time.monotonic(), "", "?"
    with tempfile.TemporaryDirectory(prefix="installs-") as folder:
        try:
            place = Place.new(Path(folder), source, newest_pip=attempt.newest_pip)
            version = place.shell("pip --version", place.empty).split()[1]
            attempt.act(place)
        except FailedError as error:
            failure = f"{attempt.title}\n{error}"
    result = "failed" if failure else "ok"
    say(f"{result:6}  {time.monotonic() - began:7.0f}  {version:8}  {attempt.title}")
    return failure


def say(text: str) -> None:
    """Print a line without buffering, also into a file."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the chosen attempts; return the exit status, 1 if any failed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", metavar="TEXT", default="", help="only lines that hold TEXT, their place included")
    only = parser.parse_args(arguments).only
    with tempfile.TemporaryDirectory(prefix="installs-") as folder:
        source = Source.of(ROOT, Path(folder))
        chosen = [attempt for attempt in attempts(lines_below(source.clone)) if only in attempt.title]
        say("result  seconds  pip       line")
        failures = list(filter(None, [outcome(attempt, source) for attempt in chosen]))
    for failure in failures:
        say(f"\n{failure}")
    return bool(failures) or not chosen


if __name__ == "__main__":
    sys.exit(main())
