"""Checks of the options that algorithms take."""

from __future__ import annotations

import math
from numbers import Integral, Real
from typing import Any

from tpo.errors import InvalidArgumentError, InvalidTypeError


def check_eta(eta: float) -> None:
    """Raise an error for a temperature that is not a positive number.

    Raises:
        InvalidTypeError: It is no number, or one that is being traced.
        InvalidArgumentError: It is 0, negative, infinite or NaN.
    """
    check_number("eta", eta, "The paper uses 1.0.")
    if not 0 < eta < math.inf:
        raise InvalidArgumentError(f"`eta` must be a positive number; got {eta}. The paper uses 1.0.")


def check_positive(usual: float, **options: float) -> None:
    """Raise an error if an option is not positive and finite.

    Raises:
        InvalidTypeError: An option is no number.
        InvalidArgumentError: An option is 0, negative, infinite or NaN.
    """
    for name, value in options.items():
        check_number(name, value, f"The usual value is {usual}.")
        if not 0 < value < math.inf:
            message = f"`{name}` must be positive and finite; got {value}. The usual value is {usual}."
            raise InvalidArgumentError(message)


def check_not_negative(**options: float) -> None:
    """Raise an error if an option is not a number from 0.

    Raises:
        InvalidTypeError: An option is no number.
        InvalidArgumentError: An option is negative, infinite or NaN.
    """
    for name, value in options.items():
        check_number(name, value, "0 switches it off.")
        if not 0 <= value < math.inf:
            raise InvalidArgumentError(f"`{name}` must be at least 0 and finite; got {value}. 0 switches it off.")


def check_number(name: str, value: Any, remedy: str) -> None:
    """Raise an error for an option that is no number whose value is known.

    Raises:
        InvalidTypeError: It is something else, such as a text, or a number inside `jax.jit`.
    """
    if not isinstance(value, Real):
        message = f"`{name}` must be a number that is known before compilation; got {type(value).__name__}."
        of_array = " In eager code, convert an array by float()." if hasattr(value, "shape") else ""
        raise InvalidTypeError(f"{message} {remedy}{of_array}")


def plain(number: Any) -> int | float:
    """A number as one of Python's, which leave the dtype of arrays as it is; numbers of NumPy do not."""
    return int(number) if isinstance(number, Integral) else float(number)


def plain_options(options: Any) -> None:
    """Turn NumPy's numbers among the fields of a frozen dataclass into Python's, which leave the dtype of arrays alone.

    So `TPO(eta=eta)` is the same for each `eta` of `numpy.linspace`, on every library: NumPy's numbers turn float32
    into float64, and MLX refuses them.
    """
    for name, value in vars(options).items():
        if isinstance(value, Real) and type(value) not in {bool, int, float}:
            object.__setattr__(options, name, plain(value))
