"""A plug-in for a library that is not installed."""

from __future__ import annotations

from dataclasses import dataclass

from tpo import BackendInfo, hookimpl


@dataclass(frozen=True)
class Absent:
    """A plug-in with the backend `absent`, which cannot be loaded, and a command that would install it."""

    hint: str = "pip install absent"

    @hookimpl
    def tpo_backends(self) -> tuple[BackendInfo, ...]:
        info = BackendInfo(
            name="absent",
            load="nowhere_to_be_found:Backend",
            summary="not here",
            requires=("nowhere_to_be_found",),
            hint=self.hint,
            array_modules=("nowhere_to_be_found",),
            differentiates=True,
        )
        return (info,)
