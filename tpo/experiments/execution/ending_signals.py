"""Signals that end a process, and putting them off while something must not be torn apart."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ENDING = ("SIGTERM", "SIGHUP")
"""Names of the signals of a scheduler and of a closed terminal; Windows has the first only."""

NUMBERS = frozenset(getattr(signal, name) for name in ("SIGINT", *ENDING) if hasattr(signal, name))
"""The signals that end a process, with that of Ctrl-C."""


@contextmanager
def without_ending_signals() -> Iterator[None]:
    """Put off the signals that end a process to the end of the scope; processes started in it block them for ever."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, NUMBERS)
    try:
        with _handlers_put_off():
            yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _handlers_put_off() -> Iterator[None]:
    """Call Python's handlers of these signals at the end of the scope.

    A signal that this thread blocks is delivered to another one that does not, such as that of a tracker or of the
    progress bar, and its handler is called in the main thread nevertheless.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    handlers = {number: handler for number in NUMBERS if callable(handler := signal.getsignal(number))}
    for number in handlers:
        signal.signal(number, lambda number, _: came.append(number))
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        for number in came:
            signal.raise_signal(number)
