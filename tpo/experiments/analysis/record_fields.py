"""The fields of stored records: one type per format version, decoded strictly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from tpo.experiments.storage.decoding import LARGEST, Count, Label, Number, Strict, Version, from_version
from tpo.experiments.storage.header import CellFields, ProvenanceFields

if TYPE_CHECKING:
    from collections.abc import Mapping

Shown = Number | str | None
"""A number, a word instead of one, or nothing."""

Spread = Annotated[int, msgspec.Meta(ge=0, le=2**53)] | Annotated[float, msgspec.Meta(ge=0, le=LARGEST)] | None
"""A standard error; `None` for too few seeds."""


class Curve(Strict):
    """A metric over steps: means over seeds, and standard errors if there are several."""

    steps: Annotated[list[Count], msgspec.Meta(min_length=1)]
    mean: list[Number | None]
    se: list[Number | None] | None

    def __post_init__(self) -> None:
        """Check that all lists have one length."""
        _check_lengths(len(self.steps), self.mean, self.se)


class Band(Strict):
    """Numbers at the positions of the record's profile: means over seeds, and standard errors."""

    mean: list[Number | None]
    se: list[Number | None] | None

    def __post_init__(self) -> None:
        """Check that both lists have one length."""
        _check_lengths(len(self.mean), self.mean, self.se)


class FinalError(Strict):
    """The final error, from 0 to 1."""

    mean: Number | None
    se: Spread
    median: Number | None


class Steps(Strict):
    """Steps to 1 % error; `None` for never."""

    of_mean: Number | None
    median: Number | None


class Ours(Strict):
    """The statistic of the table."""

    of_mean: Shown
    median: Shown
    spread: Spread


class BySeed(Strict):
    """The statistic of the table, the mean error over the second half of the steps, and steps to errors, per seed."""

    statistic: list[Number | None]
    second_half: list[Number | None]
    steps_to: dict[Label, list[Number | None]]

    def __post_init__(self) -> None:
        """Check that all lists have one length."""
        if {len(numbers) for numbers in (self.second_half, *self.steps_to.values())} - {len(self.statistic)}:
            raise ValueError("an arm has more seeds in one list than in another")


class Cost(Strict):
    """Seconds and memory of an arm, with the names that a record has for those of all arms."""

    wall_seconds: Number
    cpu_seconds: Number
    peak_memory_mb: Number


class ArmFields(Strict):
    """The results of an arm of a panel; earlier records lack the last four."""

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
    by_seed: BySeed | None = None
    cost: Cost | None = None
    not_finite_from: Count | None = None

    def __post_init__(self) -> None:
        """Check that a finished arm has a number for each seed."""
        is_finished = self.seeds == self.seeds_planned
        if self.by_seed is not None and is_finished and len(self.by_seed.statistic) != self.seeds:
            raise ValueError("a finished arm has a number for some of its seeds only")


class ProfileFields(Strict):
    """The positions of numbers that are not drawn against steps."""

    label: Label
    quantity: Label
    positions: list[Number]
    names: list[Label]


class RecordOne(Strict):
    """Format 1. Its first records had no task, profile, wall seconds, results version or number of panels."""

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
    panels_in_exhibit: Count = 1
    wall_seconds: Number | None = None

    def __post_init__(self) -> None:
        """Check that profiles have a number for each position."""
        bands = (arm.profile for arms in self.panels.values() for arm in arms.values() if arm.profile is not None)
        if self.profile is not None and any(len(band.mean) != len(self.profile.positions) for band in bands):
            raise ValueError("a profile has more numbers than positions, or fewer")


DECODERS: Mapping[int, type[Strict]] = {1: RecordOne}
"""The type of a record, by its format."""


def decode(content: bytes) -> dict[str, Any]:
    """Decode a record to plain data; for an unknown format, only the version.

    Raises:
        ValueError: It is damaged or foreign; the message says where.
    """
    return from_version(content, Version, DECODERS)


def _check_lengths(length: int, *columns: list[Number | None] | None) -> None:
    if any(column is not None and len(column) != length for column in columns):
        raise ValueError("the columns of a curve differ in length")
