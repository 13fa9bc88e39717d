"""What one thread says to whoever asks from afar, until it has surely arrived."""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

ItemT = TypeVar("ItemT")


class Mailbox(Generic[ItemT]):
    """Items in order. They are kept until whoever takes them says that they have arrived: an answer may get lost."""

    def __init__(self) -> None:
        """Begin empty."""
        self._changed = threading.Condition()
        self._items: list[ItemT] = []
        self._arrived = 0

    def put(self, item: ItemT) -> None:
        """Add `item`."""
        with self._changed:
            self._items.append(item)
            self._changed.notify_all()

    def after(self, arrived: int) -> list[ItemT]:
        """Wait until more than `arrived` items were put in; those after them. The `arrived` first are forgotten."""
        with self._changed:
            self._changed.wait_for(lambda: self._arrived + len(self._items) > arrived)
            forgotten = max(arrived - self._arrived, 0)
            del self._items[:forgotten]
            self._arrived += forgotten
            return list(self._items)
