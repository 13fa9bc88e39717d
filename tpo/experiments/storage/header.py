"""The header of a cell's file, as JSON inside the npz: one type per format version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET, UnsetType

from tpo.experiments.storage.decoding import Count, Number, Strict, Version, from_version

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMAT = 2

Values = dict[str, Any]


class CellFields(Strict):
    """The fields of a cell from `Cell.to_json`; those of its arm depend on the version. Few have `code`."""

    task: str
    options: Values
    arm: Values
    backend: str
    device: str | None
    dtype: str
    seeds: list[Count]
    steps: Count
    code: dict[str, str] | UnsetType = UNSET


class ProvenanceFields(Strict):
    """The provenance of one attempt; the first versions lack commit and hardware."""

    started_at: str
    platform: str
    versions: dict[str, str]
    commit: str | None = None
    hardware: Values = msgspec.field(default_factory=dict)


class Header(Strict):
    """The header of format 2; fields that only checkpoints or only results have are optional."""

    format: int
    arrays: list[str] | UnsetType = UNSET
    cell: CellFields | UnsetType = UNSET
    provenance: ProvenanceFields | UnsetType = UNSET
    earlier: list[ProvenanceFields] | UnsetType = UNSET
    cpu_seconds: Number | UnsetType = UNSET
    peak_memory_mb: Number | UnsetType = UNSET
    curves: list[str] | UnsetType = UNSET
    evaluations: list[str] | UnsetType = UNSET
    step: Count | UnsetType = UNSET
    resumed_at: Count | UnsetType = UNSET


class _Version(Version):
    """The format version alone, which is a number in headers of any format."""

    format: int


DECODERS: Mapping[int, type[Strict]] = {FORMAT: Header}
"""The type of a header, by its format."""


def decode(content: bytes) -> dict[str, Any]:
    """Decode a header to plain data, its format first; for another format, only the version.

    Raises:
        ValueError: It is damaged or foreign; the message says where.
    """
    return from_version(content, _Version, DECODERS)
