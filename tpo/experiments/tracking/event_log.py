"""The log of a run folder, `events.jsonl`: each step of each run, in JSON, a line each.

One process writes it, the one that was started: it hears of every step anyway, and a single writer needs no lock and
knows what is there. Steps that a cell repeats after a crash are there already, and are not written again. Those that a
killed process did not come to write are told by the cell's checkpoint when it is taken up again.
"""

from __future__ import annotations

import errno
import math
import os
import uuid
from typing import TYPE_CHECKING, Any, BinaryIO

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
"""The end of the names of the files that say how much of the log a tracker has, in bytes."""

BEGINNING = b'{"event": '
"""Of every line."""


def _names_of(cell: Cell, runs: Mapping[str, Cell]) -> str:
    """Of the runs that come to this cell, all in one: panels may have some in common."""
    return " = ".join(name for name, other in runs.items() if other.digest == cell.digest)


class Events:
    """Writes the log of some runs, from where it ends."""

    def __init__(self, folder: Path, runs: Mapping[str, Cell], warn: Callable[[str], None]) -> None:
        """Go on with the log in `folder`, which is created if need be.

        Args:
            folder: The output folder of the runs, which is named after what they belong to.
            runs: What is run, by what tells it from the others in words.
            warn: Called once if the log cannot be written; nothing else comes of it.
        """
        self._folder, self._warn = folder, warn
        self._runs = {cell.digest: (_names_of(cell, runs), cell) for cell in runs.values()}
        self._steps: dict[str, int] = {}
        self._ended: set[str] = set()
        self._file: BinaryIO | None = None
        try:
            self._file = self._open()
        except (OSError, ValueError, LookupError, TypeError) as error:
            self._give_up(error)

    def step(self, digest: str, step: int, metrics: Mapping[str, float]) -> None:
        """The run of the cell with this digest did step number `step`, from 0; ignored where that is known."""
        if step != self.known(digest):
            return
        if digest not in self._steps:
            self._start(digest)
        finite = {name: value if math.isfinite(value) else None for name, value in metrics.items()}
        self._append(Step(**self._about(digest), step=step, metrics=finite))

    def end(self, digest: str) -> None:
        """The run is over."""
        if not self.complete(digest):
            self._append(End(**self._about(digest)))

    def fill(self, digest: str, arrays: Mapping[str, np.ndarray[Any, Any]]) -> None:
        """Complete a run that is done, from what it measured.

        That is `[S, N]` at each step, and `[S, M]` at each evaluation, `evaluated` steps done; seconds are left out.
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
        """Whether all of the run is in the log."""
        return digest in self._ended

    def known(self, digest: str) -> int:
        """How many steps of the run are in the log."""
        return self._steps.get(digest, 0)

    def close(self) -> None:
        """Nothing more comes."""
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
        """Remember what is in the log."""
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
                # Nothing may follow half a line, which goes when the log is opened again.
                self._give_up(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))

    def _give_up(self, error: Exception) -> None:
        self.close()
        self._file = None
        path = str(self._folder / FILE)
        message = f"the log must be one of tpo, and writable; got {path!r} ({type(error).__name__}: {error})."
        self._warn(f"{message} Training goes on; make room or delete the file, and the same command completes it.")


def _check_unfinished(path: Path, end: int) -> None:
    """Refuse a file with something after its last whole line that no killed process left half written.

    Raises:
        ValueError: It is someone else's.
    """
    if not path.exists():
        return
    with path.open("rb") as file:
        file.seek(end)
        # Some file systems leave zeros where the power failed.
        rest = file.read(len(BEGINNING)).rstrip(b"\0")
    if rest != BEGINNING[: len(rest)]:
        raise ValueError("it ends with something else")


def read(path: Path, offset: int = 0) -> Iterator[tuple[Event, int]]:
    """The events in a log from the byte `offset` on, each with where its line ends; an unfinished line is none.

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
