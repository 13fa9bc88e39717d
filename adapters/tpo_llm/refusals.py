"""Settings of a trainer that are refused, with the reason and the remedy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tpo import InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tpo_llm.settings import Settings


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


def reference_needed(settings: Settings, given: str, remedy: str) -> str:
    """The error for an algorithm that needs a reference policy where the trainer computes none.

    Args:
        settings: The algorithm.
        given: What the trainer was told.
        remedy: What to do, as a sentence.
    """
    return f"a reference policy must be computed for {type(settings.algorithm).__name__}; got {given}. {remedy}"


def weighted_twice(given: str, remedy: str) -> str:
    """The error for importance weights from this adapter and from the trainer itself.

    Args:
        given: The two settings.
        remedy: What to do, as a sentence.
    """
    return f"importance weights must be applied once; got {given}. {remedy}"


def check_whole(name: str, value: Any, least: int = 1) -> None:
    """Raise an error for a setting that is no whole number of at least `least`.

    Raises:
        InvalidArgumentError: It is missing, something else, or too small.
    """
    if type(value) is not int or value < least:
        message = f"`{name}` must be an integer of at least {least}; got {value!r}."
        raise InvalidArgumentError(f"{message} For example {name}=8.")
