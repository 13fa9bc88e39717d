"""Strict decoding of stored files: wrong types, unknown fields, depth and size are refused in one place."""

from __future__ import annotations

import math
from typing import Annotated, Any, TypeVar

import msgspec

LARGEST_FILE = 2**26
"""Bytes of a file of JSON or TOML; the largest record so far has 64 thousand."""

DEEPEST = 12
"""How far values may be nested where any are allowed."""

TOO_DEEP = "values are nested too deep"

Count = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
"""A whole number that JSON keeps exactly."""

LARGEST = 1e100
"""Beyond it, a number is as good as infinite: sums and percents of it are."""

Number = Annotated[int, msgspec.Meta(ge=-(2**53), le=2**53)] | Annotated[float, msgspec.Meta(ge=-LARGEST, le=LARGEST)]
"""A number of any kind; it is finite, as JSON has no others."""

PLAIN = (str, int, float, bool, type(None))
"""What JSON has besides lists and objects."""

LARGEST_WHOLE = 2**63 - 1

T = TypeVar("T")


class Strict(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A group of named fields in a stored file, which holds those and no others."""


def from_json(content: bytes, kind: type[T]) -> T:
    """The value of type `kind` that JSON describes.

    Raises:
        ValueError: It describes something else; the message says where.
    """
    try:
        found: T = msgspec.json.decode(content, type=kind)
    except RecursionError as error:
        raise ValueError(TOO_DEEP) from error
    except msgspec.MsgspecError as error:
        raise ValueError(str(error)) from error
    return found


def from_plain(values: Any, kind: type[T]) -> T:
    """The value of type `kind` that plain data, such as TOML's, describes.

    Raises:
        ValueError: It describes something else; the message says where.
    """
    try:
        found: T = msgspec.convert(values, kind)
    except RecursionError as error:
        raise ValueError(TOO_DEEP) from error
    except msgspec.MsgspecError as error:
        raise ValueError(str(error)) from error
    return found


def plain(value: Any) -> dict[str, Any]:
    """A decoded value as plain dictionaries, lists and numbers; fields that were left out and have no default are not.

    Raises:
        ValueError: Something in it is nested too deep, or is a number that cannot be computed with.
    """
    try:
        found: dict[str, Any] = msgspec.to_builtins(value)
    except RecursionError as error:
        raise ValueError(TOO_DEEP) from error
    check_plain(found)
    return found


def check_plain(value: Any, place: str = "$", levels: int = DEEPEST) -> None:
    """Refuse what JSON does not have, such as dates, and more than so many `levels`, and numbers of any size.

    Args:
        value: Plain data.
        place: Its path, for messages.
        levels: How far it may be nested.

    Raises:
        ValueError: There is something of that kind; the message says where.
    """
    if isinstance(value, dict | list):
        if not levels:
            raise ValueError(f"{TOO_DEEP} - at `{place}`")
        for key, one in value.items() if isinstance(value, dict) else enumerate(value):
            check_plain(one, f"{place}.{key}" if isinstance(value, dict) else f"{place}[{key}]", levels - 1)
    elif not isinstance(value, PLAIN):
        raise ValueError(  # noqa: TRY004 - of the file, as the rest
            f"Expected what JSON has, got `{type(value).__name__}` - at `{place}`"
        )
    elif isinstance(value, int) and abs(value) > LARGEST_WHOLE:
        raise ValueError(f"Expected `int` of at most 64 bits - at `{place}`")
    elif isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"Expected a finite number, got `{value}` - at `{place}`")
