"""The events of the log, decoded strictly: start, step and end of a run."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from tpo.experiments.storage.decoding import Count, Number, Strict, check_plain, from_json

LONGEST = 2**24
"""Limit on the length of a line, in bytes; that of a run of a million seeds has 8 million."""


class Start(Strict, tag_field="event", tag="start"):
    """The start of a run: its settings and a unique id."""

    run: str
    digest: str
    config: dict[str, Any]


class Step(Strict, tag_field="event", tag="step"):
    """The metrics of a step, counted from 0, as means over seeds; `None` for numbers that are not finite."""

    run: str
    digest: str
    step: Count
    metrics: dict[str, Number | None]


class End(Strict, tag_field="event", tag="end"):
    """The end of a run."""

    run: str
    digest: str


Event = Start | Step | End


def encode(event: Event) -> bytes:
    """Encode an event as a line; lone surrogates, which folder names can contain, are replaced."""
    text = json.dumps(msgspec.to_builtins(event), allow_nan=False, ensure_ascii=False)
    return f"{text}\n".encode(errors="replace")


def decode(line: bytes) -> Event:
    """Decode a line.

    Raises:
        ValueError: It is not an event.
    """
    event: Event = from_json(line, Event)  # type: ignore[arg-type]
    if isinstance(event, Start):
        check_plain(event.config)
    return event
