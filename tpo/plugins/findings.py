"""Results of checking an installation and of explaining a batch."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One finding of a check.

    Attributes:
        subject: What was looked at, in a few words.
        ok: Whether all is well; `None` for a fact that is neither good nor bad.
        detail: What was found.
        remedy: What to do if it is not well.
    """

    subject: str
    ok: bool | None
    detail: str
    remedy: str = ""


@dataclass(frozen=True)
class BatchPlan:
    """How a trainer's settings divide a batch.

    Attributes:
        facts: Names and values, in the order in which they are to be read.
        warnings: What would work, but perhaps not as meant, in full sentences.
        refused: What the adapter would refuse, in full sentences.
    """

    facts: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
