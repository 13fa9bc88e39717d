"""Execute every line of the documentation that installs something, as written, each in a new environment.

Pages and what they install are those of a fresh clone, so of the last commit. A line that names what lies in a clone
is typed in one: in its root, or in the folder of the example that its page belongs to. Any other is typed in an empty
folder, where `tpo`, which is on no index yet, is a wheel built from the clone. pip is told of that, and of the version
of PyTorch in `constraints.txt`, by its environment alone. The commands that `tpo run` prints where it cannot draw are
tried, too.
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
"""Installations without the libraries that draw."""

RUN = "tpo run {task} --algorithms tpo --steps 3 --seeds 1 --output run --overwrite"
BARE = RUN.format(task="single-context-bandit")
FIGURE = re.compile("^figure: ", re.MULTILINE)
REMEDY = re.compile(r"^no figure: .* Install it: (?P<command>.+)\.$", re.MULTILINE)


class Attempt(NamedTuple):
    """Something to try: what is shown of it, whether with the newest pip, and how it is done."""

    title: str
    newest_pip: bool
    act: Callable[[Place], None]


def attempts(lines: Iterable[Line]) -> list[Attempt]:
    """Everything that is tried; a line that makes an environment of its own has the pip that comes with Python."""
    return [
        Attempt(str(line), newest, functools.partial(act, line))
        for act, given in ((try_line, lines), (try_remedy, REMEDIES))
        for line in given
        for newest in ((False,) if line.own_environment else (False, True))
    ]


def try_line(line: Line, place: Place) -> None:
    """Type `line` where it belongs, and hold it to what it promises.

    Raises:
        FailedError: It failed, or something that it promised is not so.
    """
    folder = folder_of(line, place)
    place.shell(line.commands, folder)
    environment = folder / ".venv" if line.own_environment else place.environment
    project, offers = project_in(folder)
    place.shell(f'python -c "import {", ".join(line.imports(project))}"', place.empty, environment)
    # What `tpo` itself offers needs its extras.
    rows = line.extras & LISTED if folder == place.clone else line.extras & LISTED | offers
    lacking = without_row(place.shell("tpo list", place.empty), rows) if rows else []
    if lacking:
        raise FailedError(f"tpo list\ndoes not show as installed: {', '.join(lacking)}")
    for extra in sorted(line.extras & set(RUNS)):
        needs_figure(place.shell(f"{RUN.format(task=RUNS[extra])} --backend {extra}", place.empty))


def try_remedy(line: Line, place: Place) -> None:
    """Install `tpo` by `line`, run an experiment, and do what it says for a figure.

    Raises:
        FailedError: It failed, says nothing, or there is no figure afterwards.
    """
    place.shell(line.commands, folder_of(line, place))
    printed = place.shell(BARE, place.empty)
    remedy = REMEDY.search(printed)
    if remedy is None:
        raise FailedError(f"{BARE}\nnames no command that brings a figure:\n{printed}")
    place.shell(remedy["command"], place.empty)
    needs_figure(place.shell(BARE, place.empty))


def needs_figure(printed: str) -> None:
    """Refuse what a run has printed if it drew no figure.

    Raises:
        FailedError: It drew none.
    """
    if not FIGURE.search(printed):
        raise FailedError(f"tpo run\nended without a figure:\n{printed}")


def folder_of(line: Line, place: Place) -> Path:
    """The folder that `line` is typed in."""
    if not line.in_clone:
        return place.empty
    page = Path(line.page)
    return place.clone / page.parent if page.parts[0] == "examples" else place.clone


def project_in(folder: Path) -> tuple[str, set[str]]:
    """The name of the project in `folder`, and the names of what it offers to `tpo`; none if there is no project."""
    file = folder / "pyproject.toml"
    if not file.exists():
        return "", set()
    project = tomllib.loads(file.read_text(encoding="utf-8"))["project"]
    return project["name"], set(project["entry-points"]["tpo"])


def outcome(attempt: Attempt, source: Source) -> str:
    """What went wrong; nothing if it went well. Prints a row of the table."""
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
    """Print a line at once, also where it is written to a file."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main(arguments: Sequence[str] | None = None) -> int:
    """Try what is asked for; how many failed, 1 at most."""
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
