"""Install commands in the documentation, and what must work after each of them."""

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
"""The root of the repository, seen from the folder of an example."""
SHELLS = {"", "sh", "bash", "console"}
OF_FILES = {"-c", "--constraint", "-r", "--requirement"}
"""Options of pip that take a file name."""

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
    "trl": ("trl", "torch"),
    "tunix": ("tunix", "jax"),
    "verl": ("verl", "transfer_queue", "torch"),
    "rlvr": ("datasets", "pyarrow", "reasoning_gym"),
    "testing": ("hypothesis", "mpmath", "pytest"),
}
"""Modules that each extra of `tpo` makes importable."""

LISTED = {"jax", "torch", "mlx", "tensorboard", "wandb", "trackio", "mlflow"}
"""Extras that have a row in the output of `tpo list`."""

RUNS: Mapping[str, str] = {"jax": "token-reversal", "torch": "token-reversal", "mlx": "single-context-bandit"}
"""Extras that are backends, with a task that each can run."""


@dataclass(frozen=True)
class Line:
    """An install command and its place in the documentation.

    Attributes:
        page: The path of the page, relative to the root of the repository.
        number: The line number in the page, from 1.
        command: The line as written.
    """

    page: str
    number: int
    command: str

    def __str__(self) -> str:
        """Format as `page:number: command`."""
        return f"{self.page}:{self.number}: {self.command}"

    @property
    def commands(self) -> str:
        """The commands up to the last that installs; later ones only use the installation."""
        parts = self.command.split(" && ")
        last = max(index for index, part in enumerate(parts) if COMMAND.search(part))
        return " && ".join(parts[: last + 1])

    @property
    def own_environment(self) -> bool:
        """Whether the line creates the environment `.venv` that it installs into."""
        return "-m venv .venv" in self.command

    @property
    def in_clone(self) -> bool:
        """Whether the line needs files from a clone of the repository."""
        named = any(name.startswith(".") for name in self._requirements())
        return self.own_environment or named or bool(OF_FILES & set(self._words()))

    @property
    def extras(self) -> set[str]:
        """The extras of `tpo` that the line installs."""
        return {extra for name in ("tpo", ".", ABOVE) for extra in self._requirements().get(name, ())}

    def imports(self, project: str) -> list[str]:
        """Return the modules that can be imported after the line.

        Args:
            project: The name of the project in the folder where the line is run.
        """
        paths = {".": project, ABOVE: "tpo"}
        names = [paths.get(name, name) for name in self._requirements()]
        return [name.replace("-", "_") for name in names] + [
            module for extra in sorted(self.extras) for module in IMPORTS[extra]
        ]

    def _words(self) -> list[str]:
        return shlex.split(self.commands, comments=True)

    def _requirements(self) -> dict[str, list[str]]:
        """The extras of each requirement by name; `.` is the project in the folder."""
        words = self._words()
        words = words[len(words) - words[::-1].index("install") :]
        pairs = itertools.pairwise(["", *words])
        named = [word for before, word in pairs if before not in OF_FILES and not word.startswith("-")]
        found = [match for match in map(REQUIREMENT.match, named) if match]
        return {match["name"]: re.findall(r"[\w-]+", match["extras"] or "") for match in found}


def lines_below(root: Path) -> list[Line]:
    """Collect the install commands of all pages of the repository at `root`, in the order of `PAGES`."""
    pages = [page for pattern in PAGES for page in sorted(root.glob(pattern))]
    return [
        Line(page.relative_to(root).as_posix(), number, command)
        for page in pages
        for number, command in commands(page.read_text(encoding="utf-8"))
    ]


def without_row(listing: str, names: Iterable[str]) -> list[str]:
    """Find names that have no row in the output of `tpo list`, or are not installed according to it."""
    heads: list[str] = []
    shown = set()
    for words in filter(None, map(str.split, listing.splitlines())):
        if words[0] == "name":
            heads = words
        elif "installed" not in heads or words[heads.index("installed") :][:1] == ["yes"]:
            shown.add(words[0])
    return sorted(set(names) - shown)


def commands(text: str) -> Iterator[tuple[int, str]]:
    """Find the install commands in a page of Markdown, with their line numbers.

    They are in shell blocks, fenced or indented, or between backticks in a sentence.
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
