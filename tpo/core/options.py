"""Checks of the options that algorithms take."""

from __future__ import annotations

import math

from tpo.errors import InvalidArgumentError


def check_eta(eta: float) -> None:
    """Raise an error for a temperature that is not a positive number.

    Raises:
        InvalidArgumentError: It is 0, negative, infinite or NaN.
    """
    if not 0 < eta < math.inf:
        raise InvalidArgumentError(f"`eta` must be a positive number; got {eta}. The paper uses 1.0.")


def check_positive(usual: float, **options: float) -> None:
    """Raise an error if an option is not positive.

    Raises:
        InvalidArgumentError: An option is 0, negative or NaN.
    """
    for name, value in options.items():
        if not value > 0:
            raise InvalidArgumentError(f"`{name}` must be positive; got {value}. The usual value is {usual}.")


def check_not_negative(**options: float) -> None:
    """Raise an error if an option is negative.

    Raises:
        InvalidArgumentError: An option is negative or NaN.
    """
    for name, value in options.items():
        if not value >= 0:
            raise InvalidArgumentError(f"`{name}` must be at least 0; got {value}. 0 switches it off.")
