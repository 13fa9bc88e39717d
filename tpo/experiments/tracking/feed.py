"""Feeding trackers from the event log, each in its own thread, from its last position.

Trackers run in the main process, not in those that train: a slow, hanging or failing tracker does not hold up training,
its library is imported once, and it survives a worker that is killed. They read the log instead of receiving calls:
what could not be reported is reported by the next run of the command, a tracker added later gets everything, and a
tracker that has everything is not opened.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from tpo.experiments.tracking import event_log
from tpo.experiments.tracking.cursor import Cursor
from tpo.experiments.tracking.event import End, Start, Step
from tpo.plugins import registry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from tpo.experiments.tracking.event import Event
    from tpo.experiments.tracking.tracker import Tracker
    from tpo.plugins.hookspecs import TrackerInfo

POLL_SECONDS = 1.0
"""Seconds between two reads of the log."""

PATIENCE_SECONDS = 60.0
"""Timeout for trackers after the end of training, in seconds."""

FAILURES = (Exception, SystemExit)
"""What a stranger's library raises; some leave the program."""


def find_trackers(names: Sequence[str]) -> list[TrackerInfo]:
    """Look up trackers by name, each once; check that their libraries are installed, without importing them.

    Raises:
        UnknownNameError: No tracker has that name.
        NotInstalledError: Its library is missing.
    """
    host = registry.host()
    found = [host.find("tracker", host.trackers(), name) for name in dict.fromkeys(names)]
    for info in found:
        registry.check_installed("tracker", info)
    return found


@contextmanager
def reporting(infos: Sequence[TrackerInfo], folder: Path, warn: Callable[[str], None]) -> Iterator[None]:
    """Feed trackers from the log in `folder` while the scope is open, and wait for them at its end."""
    reports = [Report(info, folder, warn) for info in infos]
    try:
        yield
    except KeyboardInterrupt:
        # After a second Ctrl-C trackers are not waited for; the same command reports the rest.
        raise
    except BaseException:
        _close(reports)
        raise
    _close(reports)


def _close(reports: Sequence[Report]) -> None:
    for report in reports:
        report.close()


class Report:
    """The thread that feeds one tracker."""

    def __init__(self, info: TrackerInfo, folder: Path, warn: Callable[[str], None]) -> None:
        """Start reading the log in a thread."""
        self._info, self._folder, self._warn = info, folder, warn
        self._offset = 0
        self._began: dict[str, int] = {}
        self._configs: dict[str, Any] = {}
        self._open: dict[str, Tracker] = {}
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._work, name=f"tpo reports to {info.name}", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Wait until the tracker has all of the log, at most for the timeout."""
        self._closing.set()
        self._thread.join(PATIENCE_SECONDS)
        if self._thread.is_alive():
            message = f"the tracker {self._info.name!r} must keep up; got no answer for {PATIENCE_SECONDS:.0f} s."
            self._warn(f"{message} What it lacks is in {self._folder / event_log.FILE}.")

    def _work(self) -> None:
        try:
            self._cursor = Cursor(self._folder / f".{self._info.name}{event_log.REPORTED}")
            closing = False
            while not closing:
                closing = self._closing.wait(POLL_SECONDS)
                self._catch_up()
            while self._open:
                self._finish(next(reversed(self._open)))
        except FAILURES as error:
            self._give_up(error)

    def _give_up(self, error: BaseException) -> None:
        lost = {digest: self._cursor.lost[digest] for digest in self._open if digest in self._cursor.lost}
        for digest in list(self._open):
            with suppress(*FAILURES):
                self._finish(digest)
        if lost:
            # The lost runs were being reported again, and did not get to their end.
            self._cursor.lost |= lost
            self._cursor.save()
        message = f"the tracker {self._info.name!r} must take what is reported; got {type(error).__name__}: {error}."
        self._warn(f"{message} Training goes on; the same command reports the rest.")

    def _catch_up(self) -> None:
        """Report all new events in the log."""
        before = self._cursor.reached
        try:
            for event, end in event_log.read(self._folder / event_log.FILE, self._offset):
                self._take(event, end)
                self._offset = end
                self._cursor.reached = max(end, self._cursor.reached)
        finally:
            if self._cursor.reached > before:
                self._cursor.save()

    def _take(self, event: Event, end: int) -> None:
        if isinstance(event, Start):
            self._configs[event.digest] = event.config
        elif self._cursor.is_new(event.digest, self._offset, end):
            self._report(event)

    def _report(self, event: Step | End) -> None:
        # The tracker may be opened only to finish: if the process was killed after all steps were reported.
        tracker = self._opened(event)
        if isinstance(event, End):
            self._finish(event.digest)
        else:
            tracker.log(event.step, {name: value for name, value in event.metrics.items() if value is not None})

    def _opened(self, event: Step | End) -> Tracker:
        digest = event.digest
        if digest not in self._open:
            tracker: Tracker = registry.load("tracker", self._info)(folder=self._folder)
            tracker.start(event.run, self._configs[digest])
            self._open[digest], self._began[digest] = tracker, self._offset
        return self._open[digest]

    def _finish(self, digest: str) -> None:
        """Finish a run; if that fails, all its reports count as lost, since the tracker may have buffered them."""
        began = self._began.pop(digest)
        lost = self._cursor.lost
        try:
            self._open.pop(digest).finish()
        except FAILURES:
            lost[digest] = min(began, lost.get(digest, began))
            self._cursor.save()
            raise
        if lost.pop(digest, None) is not None:
            self._cursor.save()
