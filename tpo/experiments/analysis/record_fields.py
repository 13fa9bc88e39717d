"""The record of an exhibit as it is stored: one type per format version, decoded strictly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from tpo.experiments.storage.decoding import Count, Number, Strict, from_json, plain
from tpo.experiments.storage.header import CellFields, ProvenanceFields

if TYPE_CHECKING:
    from collections.abc import Mapping

Label = Annotated[str, msgspec.Meta(max_length=2000)]
"""A text that is drawn."""

Shown = Number | str | None
"""A number, a word in place of one, or nothing."""


class Curve(Strict):
    """A measured quantity over steps: means over seeds, and standard errors if there are several."""

    steps: Annotated[list[Count], msgspec.Meta(min_length=1)]
    mean: list[Number | None]
    se: list[Number | None] | None

    def __post_init__(self) -> None:
        """Refuse curves whose lists differ in length."""
        _check_lengths(len(self.steps), self.mean, self.se)


class Band(Strict):
    """Numbers at positions that the record's profile has: means over seeds, and standard errors."""

    mean: list[Number | None]
    se: list[Number | None] | None

    def __post_init__(self) -> None:
        """Refuse lists that differ in length."""
        _check_lengths(len(self.mean), self.mean, self.se)


class FinalError(Strict):
    """The last error, from 0 to 1."""

    mean: Number | None
    se: Number | None
    median: Number | None


class Steps(Strict):
    """Steps until the error is low; `None` for never."""

    of_mean: Number | None
    median: Number | None


class Ours(Strict):
    """The statistic of the table."""

    of_mean: Shown
    median: Shown
    spread: Number | None


class ArmFields(Strict):
    """What an arm of a panel came to."""

    final_error: FinalError
    steps_to_1pct: Steps
    seconds_per_step: Number | None
    seeds: Count
    seeds_planned: Count
    ours: Ours
    published: Shown
    difference: Number | None
    curves: dict[Label, Curve]
    profile: Band | None = None


class ProfileFields(Strict):
    """The positions of numbers that are drawn against something else than steps."""

    label: Label
    quantity: Label
    positions: list[Number]
    names: list[Label]


class RecordOne(Strict):
    """Format 1. The first of its records had no task, profile, wall seconds or version of the numbers."""

    format: int
    exhibit: Label
    title: Label
    source: Label
    note: Label
    statistic: Label
    scale: Label
    backend: Label
    deviations: list[Label]
    completed: bool
    panels: dict[Label, dict[Label, ArmFields]]
    settings: dict[str, CellFields]
    provenance: list[ProvenanceFields]
    cpu_seconds: Number | None
    peak_memory_mb: Number | None
    task: Label | None = None
    profile: ProfileFields | None = None
    numbers: Count = 1
    wall_seconds: Number | None = None


class _Version(msgspec.Struct):
    """Only the version, of whatever format the rest is in."""

    format: Any


DECODERS: Mapping[int, type[Strict]] = {1: RecordOne}
"""The type of a record, by its format."""


def decode(content: bytes) -> dict[str, Any]:
    """The record as plain data; of a format that is not known, that alone.

    Raises:
        ValueError: It is damaged or foreign; the message says where.
    """
    found = from_json(content, _Version).format
    known = isinstance(found, int) and found in DECODERS
    return plain(from_json(content, DECODERS[found])) if known else {"format": found}


def _check_lengths(length: int, *columns: list[Number | None] | None) -> None:
    if any(column is not None and len(column) != length for column in columns):
        raise ValueError("a curve has more steps than means, or fewer")
