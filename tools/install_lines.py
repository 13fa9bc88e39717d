"""The lines of the documentation that install something, and what each of them promises."""

from __future__ import annotations

import itertools
import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

PAGES = ("README.md", "CONTRIBUTING.md", "docs/**/*.md", "examples/*/README.md")
COMMAND = re.compile(r"\bpip install ")
FENCE = re.compile(r"^\s*(?:```|~~~)(?P<language>\w*)")
SPAN = re.compile(r"`([^`]*\bpip install [^`]*)`")
REQUIREMENT = re.compile(r"(?P<name>[./]+|[\w.-]*\w)(?:\[(?P<extras>[^\]]+)\])?")
ABOVE = "../.."
"""The root of the repository, from the folder of an example."""
SHELLS = {"", "sh", "bash", "console"}
OF_FILES = {"-c", "--constraint", "-r", "--requirement"}
"""Options of pip that take a file."""

IMPORTS: Mapping[str, tuple[str, ...]] = {
    "jax": ("jax", "optax", "matplotlib", "jinja2"),
    "torch": ("torch", "matplotlib", "jinja2"),
    "mlx": ("mlx.core", "matplotlib", "jinja2"),
    "ray": ("ray",),
    "report": ("matplotlib", "jinja2"),
    "tensorboard": ("tensorboard",),
    "wandb": ("wandb",),
    "trackio": ("trackio",),
    "mlflow": ("mlflow",),
    "testing": ("hypothesis", "mpmath", "pytest"),
}
"""The modules that can be imported where an extra of `tpo` is installed."""

LISTED = {"jax", "torch", "mlx", "tensorboard", "wandb", "trackio", "mlflow"}
"""The extras that `tpo list` has a row of."""

RUNS: Mapping[str, str] = {"jax": "token-reversal", "torch": "token-reversal", "mlx": "single-context-bandit"}
"""The extras that are backends, each with a task that it runs."""


@dataclass(frozen=True)
class Line:
    """A line that installs something, and where it stands.

    Attributes:
        page: The path of its page from the root of the repository.
        number: Its number in the page, from 1.
        command: The line as written.
    """

    page: str
    number: int
    command: str

    def __str__(self) -> str:
        """The line after its place, as compilers write it."""
        return f"{self.page}:{self.number}: {self.command}"

    @property
    def commands(self) -> str:
        """The commands up to the last that installs: what follows it uses what was installed."""
        parts = self.command.split(" && ")
        last = max(index for index, part in enumerate(parts) if COMMAND.search(part))
        return " && ".join(parts[: last + 1])

    @property
    def own_environment(self) -> bool:
        """Whether it makes the environment `.venv` that it installs to."""
        return "-m venv .venv" in self.command

    @property
    def in_clone(self) -> bool:
        """Whether it names what lies in a clone of the repository."""
        named = any(name.startswith(".") for name in self._requirements())
        return self.own_environment or named or bool(OF_FILES & set(self._words()))

    @property
    def extras(self) -> set[str]:
        """The extras of `tpo` that it names."""
        return {extra for name in ("tpo", ".", ABOVE) for extra in self._requirements().get(name, ())}

    def imports(self, project: str) -> list[str]:
        """The modules that can be imported afterwards.

        Args:
            project: The name of the project in the folder where the line is typed.
        """
        paths = {".": project, ABOVE: "tpo"}
        names = [paths.get(name, name) for name in self._requirements()]
        return [name.replace("-", "_") for name in names] + [
            module for extra in sorted(self.extras) for module in IMPORTS[extra]
        ]

    def _words(self) -> list[str]:
        return shlex.split(self.commands, comments=True)

    def _requirements(self) -> dict[str, list[str]]:
        """The extras of each requirement, by its name; `.` is the project in the folder."""
        words = self._words()
        words = words[len(words) - words[::-1].index("install") :]
        pairs = itertools.pairwise(["", *words])
        named = [word for before, word in pairs if before not in OF_FILES and not word.startswith("-")]
        found = [match for match in map(REQUIREMENT.match, named) if match]
        return {match["name"]: re.findall(r"[\w-]+", match["extras"] or "") for match in found}


def lines_below(root: Path) -> list[Line]:
    """The lines of all pages of the repository at `root`, in the order of `PAGES`."""
    pages = [page for pattern in PAGES for page in sorted(root.glob(pattern))]
    return [
        Line(page.relative_to(root).as_posix(), number, command)
        for page in pages
        for number, command in commands(page.read_text(encoding="utf-8"))
    ]


def without_row(listing: str, names: Iterable[str]) -> list[str]:
    """Those of `names` that begin no row of `listing`, what `tpo list` prints, or are not installed."""
    heads: list[str] = []
    shown = set()
    for words in filter(None, map(str.split, listing.splitlines())):
        if words[0] == "name":
            heads = words
        elif "installed" not in heads or words[heads.index("installed") :][:1] == ["yes"]:
            shown.add(words[0])
    return sorted(set(names) - shown)


def commands(text: str) -> Iterator[tuple[int, str]]:
    """The commands in a page of Markdown that install something, with the numbers of their lines.

    They stand in blocks of shell, fenced or indented, or between backticks in a sentence.
    """
    language: str | None = None
    for number, line in enumerate(text.splitlines(), 1):
        if fence := FENCE.match(line):
            language = fence["language"] if language is None else None
        elif language is not None or line.startswith("    "):
            if COMMAND.search(line) and (language or "") in SHELLS:
                yield number, line.strip()
        else:
            yield from ((number, span) for span in SPAN.findall(line))
