"""Long computations that Ctrl-C can leave at once."""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ItemT = TypeVar("ItemT")

WORKER = "tpo interruptible"

POLL_SECONDS = 0.1
"""Where the system hands Ctrl-C to another thread, or to none, a waiting thread hears of it only when it wakes."""


class _End:
    """Comes after the last item."""


def interruptible(items: Iterable[ItemT]) -> Iterator[ItemT]:
    """Yields `items`, which are computed in a thread of their own.

    Python answers Ctrl-C in the main thread between two of its instructions. While a library compiles there, that
    is half a minute later, and may be inside a callback that swallows the KeyboardInterrupt. The main thread of
    this generator only waits, so it is left at once; the other thread ends with the item it is at.

    Args:
        items: Iterated over in the other thread, and nowhere else.

    Yields:
        Each item. An error raised in between is raised here.
    """
    results: queue.SimpleQueue[ItemT | Exception | _End] = queue.SimpleQueue()
    abandoned = threading.Event()

    def produce() -> None:
        try:
            for item in items:
                if abandoned.is_set():
                    return
                results.put(item)
            results.put(_End())
        except Exception as error:  # noqa: BLE001 - raised again by the thread that waits
            results.put(error)

    threading.Thread(target=produce, name=WORKER, daemon=True).start()
    try:
        while not isinstance(item := _wait(results), _End):
            if isinstance(item, Exception):
                raise item
            yield item
    finally:
        abandoned.set()


def _wait(results: queue.SimpleQueue[ItemT]) -> ItemT:
    while True:
        try:
            return results.get(timeout=POLL_SECONDS)
        except queue.Empty:
            continue


def at_work() -> bool:
    """Whether a thread of `interruptible` is still at an item that nobody waits for any more."""
    return any(thread.name == WORKER for thread in threading.enumerate())
