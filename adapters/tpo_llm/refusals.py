"""Settings of a trainer that are refused, with the reason and the remedy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Refusal:
    """A setting that is refused.

    Attributes:
        setting: Its name in the trainer's configuration.
        refuses: Whether a value is refused; `None` stands for a setting that is not there.
        reason: Why.
        remedy: What to do.
    """

    setting: str
    refuses: Callable[[Any], bool]
    reason: str
    remedy: str

    def message(self, value: Any) -> str:
        """The error for a value, in full sentences; empty if it is not refused."""
        if not self.refuses(value):
            return ""
        return f"`{self.setting}` must not be {value!r}: {self.reason}. {self.remedy}"
