"""The check of an installation, for `tpo check trl`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tpo import Finding
from tpo_llm.versions import installed, versions
from tpo_trl.private import CHECKED, changed

if TYPE_CHECKING:
    from collections.abc import Iterator

TESTED = {
    "trl": CHECKED,
    "torch": "2.13.0",
    "transformers": "5.10.4",
    "accelerate": "1.15.0",
    "datasets": "5.2.0",
}
"""Versions that the adapter was tested with."""


def check() -> Iterator[Finding]:
    """Look at versions, at the parts of TRL that are overridden, and at packages that conflict."""
    yield from versions(TESTED)
    moved = changed()
    named = ", ".join(name.rpartition(".")[2].rpartition(":")[2] for name in moved)
    remedy = f"pip install trl=={CHECKED}, or run the tests of the adapter against this version."
    yield Finding("overridden parts of TRL", not moved, f"changed: {named}" if moved else f"as in {CHECKED}", remedy)
    verl = installed("verl")
    if verl is not None:
        detail = f"{verl} is installed beside it, and fails when it makes a model"
        yield Finding("verl", ok=False, detail=detail, remedy="Keep TRL and verl in two environments.")
