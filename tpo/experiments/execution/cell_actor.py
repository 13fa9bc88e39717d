"""A cell in an actor of Ray: what happens on the worker.

A worker shares no folder with the machine that `tpo` runs on: checkpoints come with the cell, and every file that is
written is told. Nothing here needs Ray.
"""

from __future__ import annotations

import tempfile
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tpo.experiments.execution.mailbox import Mailbox
from tpo.experiments.execution.messages import News
from tpo.experiments.execution.work import work
from tpo.experiments.spec.cell import Cell
from tpo.experiments.storage.cells import CellStore


@dataclass(frozen=True)
class Started:
    """The cell has found a place to run."""


@dataclass(frozen=True)
class Written:
    """A file was written.

    Attributes:
        name: In the library.
        content: Of the file.
    """

    name: str
    content: bytes


@dataclass(frozen=True)
class Exited:
    """The cell runs no more.

    Attributes:
        how: In words, for when there is no result.
    """

    how: str


WorkerMessage = Started | News | Written | Exited


class CellActor:
    """Runs one cell in a process of its own, and tells what happens to whoever asks."""

    def __init__(self) -> None:
        """Begin with nothing to tell."""
        self._mailbox: Mailbox[WorkerMessage] = Mailbox()
        self._stop = threading.Event()

    def run(self, values: dict[str, Any], digest: str, shown: str, checkpoint: bytes | None) -> None:
        """Run the cell that `values` describe, from `checkpoint`, the content of a file `shown` to the user, if any."""
        self._mailbox.put(Started())
        try:
            self._run(values, digest, shown, checkpoint)
        except Exception as error:  # noqa: BLE001 - told to whoever started it
            self._mailbox.put(News(digest, failure=f"{type(error).__name__}: {error}"))
        self._mailbox.put(Exited("no result"))

    def _run(self, values: dict[str, Any], digest: str, shown: str, checkpoint: bytes | None) -> None:
        cell = _cell_of(values)
        if cell is None or cell.digest != digest:
            message = "workers must have the version of tpo that started them; got another one. Install the same."
            self._mailbox.put(News(digest, failure=message))
            return
        with tempfile.TemporaryDirectory() as folder:
            library = CellStore(Path(folder))
            path = library.checkpoint(cell)
            if checkpoint is not None:
                path.write_bytes(checkpoint)

            def tell(news: News) -> None:
                failure = news.failure and news.failure.replace(str(path), shown)
                self._mailbox.put(replace(news, failure=failure))

            work(cell, library.path(cell), tell, stop=self._stop.is_set, on_file=self._send)

    def _send(self, path: Path) -> None:
        self._mailbox.put(Written(path.name, path.read_bytes()))

    def hear(self, arrived: int) -> list[WorkerMessage]:
        """Wait until there is more to tell than the `arrived` items that have arrived; the rest."""
        return self._mailbox.after(arrived)

    def stop(self) -> None:
        """Leave the cell after its step."""
        self._stop.set()


def _cell_of(values: dict[str, Any]) -> Cell | None:
    """The cell that `values` describe; `None` where they are of a version whose cells have other fields."""
    try:
        return Cell.from_json(values)
    except (TypeError, LookupError):
        return None
