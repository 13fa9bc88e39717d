"""The lines of the event log, decoded strictly: a run starts, makes steps, and ends."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from tpo.experiments.storage.decoding import Count, Number, Strict, check_plain, from_json

LONGEST = 2**24
"""Bytes of a line; that of a run of a million seeds has 8 million."""


class Start(Strict, tag_field="event", tag="start"):
    """A run begins; its settings, and an id like no other."""

    run: str
    digest: str
    config: dict[str, Any]


class Step(Strict, tag_field="event", tag="step"):
    """Means over seeds of what one step measured, counted from 0; `None` for numbers that are not finite."""

    run: str
    digest: str
    step: Count
    metrics: dict[str, Number | None]


class End(Strict, tag_field="event", tag="end"):
    """A run is complete."""

    run: str
    digest: str


Event = Start | Step | End


def encode(event: Event) -> bytes:
    """The event as a line; halves of characters, which names of folders can have, are replaced."""
    text = json.dumps(msgspec.to_builtins(event), allow_nan=False, ensure_ascii=False)
    return f"{text}\n".encode(errors="replace")


def decode(line: bytes) -> Event:
    """The event that a line describes.

    Raises:
        ValueError: It describes none.
    """
    event: Event = from_json(line, Event)  # type: ignore[arg-type]
    if isinstance(event, Start):
        check_plain(event.config)
    return event
