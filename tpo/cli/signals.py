"""Signals that end a process: a scheduler's SIGTERM, and the SIGHUP of a closed terminal, count as a Ctrl-C."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tpo.experiments.execution.ending_signals import ENDING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def ending_like_ctrl_c() -> Iterator[None]:
    """Open a scope in which these signals raise KeyboardInterrupt, so that runs leave checkpoints and no processes.

    Signals that are ignored, as under `nohup`, stay so. Outside of the main thread, which alone can handle signals,
    nothing changes.
    """
    before = {}
    for name in ENDING:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) == signal.SIG_DFL:
            try:
                before[number] = signal.signal(number, _interrupt)
            except ValueError:  # not in the main thread
                break
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _interrupt(_number: int, _frame: Any) -> None:
    raise KeyboardInterrupt
