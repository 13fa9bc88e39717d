"""The event log of an output folder, `events.jsonl`: one line of JSON for each step of each run.

Only the main process writes it: it hears of every step anyway, and a single writer needs no lock and knows which steps
are there. Steps that a cell repeats after a crash are not written again. Steps that a killed process did not write are
completed from the cell's checkpoint when the cell is resumed.
"""

from __future__ import annotations

import errno
import math
import os
import uuid
from typing import TYPE_CHECKING, Any, BinaryIO

from tpo.experiments.spec.shared_cells import named_once
from tpo.experiments.storage.layout import EVALUATED
from tpo.experiments.tracking.event import LONGEST, End, Event, Start, Step, decode, encode
from tpo.files import check_readable, check_writable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    import numpy as np

    from tpo.experiments.spec.cell import Cell

FILE = "events.jsonl"

REPORTED = ".reported"
"""Suffix of the files with a tracker's position in the log."""

BEGINNING = b'{"event": '
"""The first bytes of every line."""


class Events:
    """Appends the events of some runs to the log."""

    def __init__(self, folder: Path, runs: Mapping[str, Cell], warn: Callable[[str], None]) -> None:
        """Open the log in `folder`, which is created if necessary.

        Args:
            folder: The output folder of the runs, whose name is their group.
            runs: The cells to run, by a name that distinguishes them.
            warn: Called once if the log cannot be written; runs continue without it.
        """
        self._folder, self._warn = folder, warn
        self._runs = {cell.digest: (name, cell) for name, cell in named_once(runs).items()}
        self._steps: dict[str, int] = {}
        self._ended: set[str] = set()
        self._file: BinaryIO | None = None
        try:
            self._file = self._open()
        except (OSError, ValueError, LookupError, TypeError) as error:
            self._give_up(error)

    def step(self, digest: str, step: int, metrics: Mapping[str, float]) -> None:
        """Log a step, counted from 0, of the cell with this digest; ignored if the log has it."""
        if step != self.known(digest):
            return
        if digest not in self._steps:
            self._start(digest)
        finite = {name: value if math.isfinite(value) else None for name, value in metrics.items()}
        self._append(Step(**self._about(digest), step=step, metrics=finite))

    def end(self, digest: str) -> None:
        """Log the end of a run."""
        if not self.complete(digest):
            self._append(End(**self._about(digest)))

    def fill(self, digest: str, arrays: Mapping[str, np.ndarray[Any, Any]]) -> None:
        """Complete the log of a finished run from its result.

        Arrays are `[S, N]` for steps, and `[S, M]` for evaluations after `evaluated` steps; seconds are left out.
        """
        means = {name: values.mean(axis=0) for name, values in arrays.items() if values.ndim > 1}
        steps = len(arrays["seconds"])
        places = {int(done) - 1: number for number, done in enumerate(arrays.get(EVALUATED, ()))}
        for step in range(self.known(digest), steps):
            metrics = {name: float(values[step]) for name, values in means.items() if len(values) == steps}
            if step in places:
                others = {name: values for name, values in means.items() if name not in metrics}
                metrics |= {name: float(values[places[step]]) for name, values in others.items()}
            self.step(digest, step, metrics)
        self.end(digest)

    def complete(self, digest: str) -> bool:
        """Whether the log has all of a run."""
        return digest in self._ended

    def known(self, digest: str) -> int:
        """The number of steps of a run in the log."""
        return self._steps.get(digest, 0)

    def close(self) -> None:
        """Close the log."""
        if self._file:
            self._file.close()

    def _open(self) -> BinaryIO:
        self._folder.mkdir(parents=True, exist_ok=True)
        path, end = self._folder / FILE, 0
        check_writable(path)
        if not path.exists():
            for reported in self._folder.glob(f".*{REPORTED}"):
                reported.unlink()
        for event, after in read(path):
            self._note(event)
            end = after
        _check_unfinished(path, end)
        file = path.open("ab", buffering=0)
        file.truncate(end)
        return file

    def _note(self, event: Event) -> None:
        """Update the record of what is in the log."""
        if isinstance(event, Start):
            self._steps[event.digest] = 0
        elif isinstance(event, Step):
            self._steps[event.digest] = event.step + 1
        else:
            self._ended.add(event.digest)

    def _start(self, digest: str) -> None:
        more = {"group": self._folder.name, "id": uuid.uuid4().hex[:12]}
        config = {**self._runs[digest][1].to_json(), **more}
        self._append(Start(**self._about(digest), config=config))

    def _about(self, digest: str) -> dict[str, str]:
        return {"run": self._runs[digest][0], "digest": digest}

    def _append(self, event: Event) -> None:
        if not self._file:
            return
        line = encode(event)
        try:
            written = self._file.write(line)
        except OSError as error:
            self._give_up(error)
        else:
            if written == len(line):
                self._note(event)
            else:
                # Nothing may follow an incomplete line; it is removed when the log is opened again.
                self._give_up(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))

    def _give_up(self, error: Exception) -> None:
        self.close()
        self._file = None
        path = str(self._folder / FILE)
        message = f"the log must be one of tpo, and writable; got {path!r} ({type(error).__name__}: {error})."
        self._warn(f"{message} Training goes on; make room or delete the file, and the same command completes it.")


def _check_unfinished(path: Path, end: int) -> None:
    """Check that anything after the last complete line is the beginning of an event, left by a killed process.

    Raises:
        ValueError: It is not, so the file is not a log of `tpo`.
    """
    if not path.exists():
        return
    with path.open("rb") as file:
        file.seek(end)
        # Some file systems leave zeros after a power failure.
        rest = file.read(len(BEGINNING)).rstrip(b"\0")
    if rest != BEGINNING[: len(rest)]:
        raise ValueError("it ends with something else")


def read(path: Path, offset: int = 0) -> Iterator[tuple[Event, int]]:
    """Read the events from the byte `offset` on, each with the end of its line; an incomplete line is skipped.

    Raises:
        ValueError: It is no log of tpo.
    """
    if not path.exists():
        return
    check_readable(path)
    with path.open("rb") as file:
        file.seek(offset)
        while (line := file.readline(LONGEST)).endswith(b"\n"):
            yield decode(line), file.tell()
        if len(line) == LONGEST:
            raise ValueError("a line is too long")
