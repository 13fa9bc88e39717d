"""Sandboxes for trying an installation: a new environment, an empty folder, and a fresh clone on demand."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

SECONDS = 1800
"""Timeout of a command, in seconds."""


class FailedError(Exception):
    """A command that failed, or an installation that does not work as promised."""


@dataclass(frozen=True)
class Source:
    """A fresh clone of the repository, with its wheel and its `constraints.txt` in a folder."""

    clone: Path
    wheels: Path

    @classmethod
    def of(cls, repository: Path, folder: Path) -> Source:
        """Clone `repository` into `folder`, and build the wheel of its last commit."""
        source = cls(folder / "clone", folder / "wheels")
        run(["git", "clone", "--quiet", str(repository), str(source.clone)], folder)
        build = ["-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(source.wheels), str(source.clone)]
        run([sys.executable, *build], folder)
        shutil.copy(source.clone / "constraints.txt", source.wheels)
        return source


@dataclass(frozen=True)
class Place:
    """A sandbox: a folder with a new environment and the other files of one installation."""

    root: Path
    source: Source

    @classmethod
    def new(cls, root: Path, source: Source, *, newest_pip: bool) -> Place:
        """Create the environment, with this Python's own pip or the newest one."""
        place = cls(root, source)
        run([sys.executable, "-m", "venv", str(place.environment)], root)
        if newest_pip:
            place.shell("pip install --quiet --upgrade pip", place.empty)
        return place

    @property
    def environment(self) -> Path:
        """The folder of the environment in which commands run."""
        return self.root / "environment"

    @property
    def clone(self) -> Path:
        """The folder of a clone for this sandbox, created on first access."""
        folder = self.root / "clone"
        if not folder.exists():
            run(["git", "clone", "--quiet", str(self.source.clone), str(folder)], self.root)
        return folder

    @property
    def empty(self) -> Path:
        """An empty folder, for users without a clone."""
        folder = self.root / "empty"
        folder.mkdir(exist_ok=True)
        return folder

    def shell(self, command: str, folder: Path, environment: Path | None = None) -> str:
        """Run a shell command in `folder`, with this or another environment active; return its output.

        Raises:
            FailedError: It failed.
        """
        active = environment or self.environment
        links = " ".join(filter(None, (os.environ.get("PIP_FIND_LINKS"), str(self.source.wheels))))
        variables = {
            "PATH": os.pathsep.join([str(active / "bin"), os.environ["PATH"]]),
            "VIRTUAL_ENV": str(active),
            "PIP_FIND_LINKS": links,
            "PIP_CONSTRAINT": str(self.source.wheels / "constraints.txt"),
        }
        return run(["sh", "-euc", command], folder, variables)


def run(command: list[str], folder: Path, variables: dict[str, str] | None = None) -> str:
    """Run `command` in `folder`, with `variables` added to the environment; return its output.

    Raises:
        FailedError: It failed.
    """
    kept = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "PYTHONHOME"}}
    done = subprocess.run(
        command,
        cwd=folder,
        env=kept | (variables or {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    if done.returncode != 0:
        raise FailedError(f"{command[-1]}\n{done.stdout}")
    return done.stdout
