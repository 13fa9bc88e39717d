"""A queue of messages for a remote reader, kept until the reader acknowledges them."""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

ItemT = TypeVar("ItemT")


class Mailbox(Generic[ItemT]):
    """An ordered queue that keeps items until the reader acknowledges them, since an answer may get lost."""

    def __init__(self) -> None:
        """Create an empty queue."""
        self._changed = threading.Condition()
        self._items: list[ItemT] = []
        self._arrived = 0

    def put(self, item: ItemT) -> None:
        """Append `item`."""
        with self._changed:
            self._items.append(item)
            self._changed.notify_all()

    def after(self, arrived: int) -> list[ItemT]:
        """Drop the first `arrived` items, wait until there are later ones, and return them."""
        with self._changed:
            self._changed.wait_for(lambda: self._arrived + len(self._items) > arrived)
            forgotten = max(arrived - self._arrived, 0)
            del self._items[:forgotten]
            self._arrived += forgotten
            return list(self._items)
