"""Settings of a trainer that are refused, with the reason and the remedy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tpo import InvalidArgumentError

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


def check_whole(name: str, value: Any, least: int = 1) -> None:
    """Raise an error for a setting that is no whole number of at least `least`.

    Raises:
        InvalidArgumentError: It is missing, something else, or too small.
    """
    if type(value) is not int or value < least:
        message = f"`{name}` must be an integer of at least {least}; got {value!r}."
        raise InvalidArgumentError(f"{message} For example {name}=8.")
