"""The worker's side of running a cell in a Ray actor.

A worker shares no folder with the machine that `tpo` runs on: checkpoints come with the cell, and every file written
is sent back as a message. Nothing here needs Ray.
"""

from __future__ import annotations

import tempfile
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from traceback import format_exc
from typing import Any

from tpo.experiments.execution.mailbox import Mailbox
from tpo.experiments.execution.messages import News
from tpo.experiments.execution.run_cell import work
from tpo.experiments.spec.cell import Cell
from tpo.experiments.storage.cells import CellStore


@dataclass(frozen=True)
class Started:
    """Message: the cell has started on a worker."""


@dataclass(frozen=True)
class Written:
    """Message: a file was written.

    Attributes:
        name: The name of the file in the cell store.
        content: The content of the file.
    """

    name: str
    content: bytes


@dataclass(frozen=True)
class Exited:
    """Message: the cell has ended.

    Attributes:
        how: The way it ended, in words, in case there is no result.
    """

    how: str


WorkerMessage = Started | News | Written | Exited


class CellActor:
    """An actor that runs one cell in its own process and keeps messages for the caller."""

    def __init__(self) -> None:
        """Create the actor without messages."""
        self._mailbox: Mailbox[WorkerMessage] = Mailbox()
        self._stop = threading.Event()

    def run(self, values: dict[str, Any], digest: str, shown: str, checkpoint: bytes | None) -> None:
        """Run the cell described by `values`; resume from the content of `checkpoint`, which errors call `shown`."""
        self._mailbox.put(Started())
        try:
            self._run(values, digest, shown, checkpoint)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - told to whoever started it
            failure = f"{type(error).__name__}: {error}"
            self._mailbox.put(News(digest, failure=failure, traceback=format_exc()))
        self._mailbox.put(Exited("no result"))

    def _run(self, values: dict[str, Any], digest: str, shown: str, checkpoint: bytes | None) -> None:
        cell = Cell.from_stored(values)
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
        """Wait for messages beyond the first `arrived`, which the caller has received, and return them."""
        return self._mailbox.after(arrived)

    def stop(self) -> None:
        """Stop the cell after its current step."""
        self._stop.set()
