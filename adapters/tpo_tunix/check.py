"""The check of an installation, for `tpo check tunix`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tpo import Finding, InvalidArgumentError
from tpo_llm.versions import versions
from tpo_tunix.losses import register

if TYPE_CHECKING:
    from collections.abc import Iterator

TESTED = {"google-tunix": "0.1.7", "jax": "0.10.2", "flax": "0.12.8"}
"""Versions that the adapter was tested with."""


def check() -> Iterator[Finding]:
    """Look at versions, and whether tunix takes this adapter's functions."""
    yield from versions(TESTED)
    try:
        register()
        failure = ""
    except InvalidArgumentError as error:
        failure = str(error)
    yield Finding("registry of tunix", not failure, failure or "has the loss", "Uninstall what else registers it.")
