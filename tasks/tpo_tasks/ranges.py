"""Checks of options that are whole numbers in a range."""

from __future__ import annotations

from numbers import Integral
from typing import TYPE_CHECKING

from tpo import InvalidArgumentError, InvalidTypeError

if TYPE_CHECKING:
    from collections.abc import Mapping

NOTHING_TO_LEARN = "With less there is nothing to learn."


def check_range(name: str, value: int, least: int, most: int, remedy: str = "Choose one in this range.") -> None:
    """Raise an error for an option out of its range.

    Args:
        name: The option.
        value: Its value.
        least: The smallest value.
        most: The largest value.
        remedy: The end of the message.

    Raises:
        InvalidTypeError: `value` is no whole number.
        InvalidArgumentError: `value` is below `least` or above `most`.
    """
    _check_whole(name, value)
    if not least <= value <= most:
        raise InvalidArgumentError(f"`{name}` must be from {least} to {most}; got {value}. {remedy}")


def check_least(task: object, minima: Mapping[str, int], remedy: str = NOTHING_TO_LEARN) -> None:
    """Raise an error for options of `task` that are too small.

    Args:
        task: The task.
        minima: The smallest value of each option, by name.
        remedy: The end of the message.

    Raises:
        InvalidTypeError: An option is no whole number.
        InvalidArgumentError: An option is below its minimum.
    """
    for name, least in minima.items():
        value = getattr(task, name)
        _check_whole(name, value)
        if value < least:
            raise InvalidArgumentError(f"`{name}` must be at least {least}; got {value}. {remedy}")


def _check_whole(name: str, value: object) -> None:
    if not isinstance(value, Integral):
        raise InvalidTypeError(f"`{name}` must be a whole number; got {value!r}. Leave it out for the default.")
