"""The header of a cell's file, as JSON inside the npz: one type per format version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET, UnsetType

from tpo.experiments.storage.decoding import Count, Strict, from_json, plain

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMAT = 2

Values = dict[str, Any]


class CellFields(Strict):
    """A cell, as `Cell.to_json` describes it; what an arm has differs from version to version."""

    task: str
    options: Values
    arm: Values
    backend: str
    device: str | None
    dtype: str
    seeds: list[Count]
    steps: Count


class ProvenanceFields(Strict):
    """The provenance of one attempt; the first versions recorded neither commit nor hardware."""

    started_at: str
    platform: str
    versions: dict[str, str]
    commit: str | None = None
    hardware: Values = msgspec.field(default_factory=dict)


class Header(Strict):
    """The header of format 2: what a checkpoint lacks and what a result lacks are both optional."""

    format: int
    arrays: list[str] | UnsetType = UNSET
    cell: CellFields | UnsetType = UNSET
    provenance: ProvenanceFields | UnsetType = UNSET
    earlier: list[ProvenanceFields] | UnsetType = UNSET
    cpu_seconds: float | UnsetType = UNSET
    peak_memory_mb: float | UnsetType = UNSET
    curves: list[str] | UnsetType = UNSET
    evaluations: list[str] | UnsetType = UNSET
    step: Count | UnsetType = UNSET
    resumed_at: Count | UnsetType = UNSET


class _Version(msgspec.Struct):
    """Only the version, of whatever format the rest is in."""

    format: int


DECODERS: Mapping[int, type[Strict]] = {FORMAT: Header}
"""The type of a header, by its format."""


def decode(content: bytes) -> dict[str, Any]:
    """The header as plain data, its format first; of another format nothing else.

    Raises:
        ValueError: It is damaged or foreign; the message says where.
    """
    found = from_json(content, _Version).format
    return plain(from_json(content, DECODERS[found])) if found in DECODERS else {"format": found}
