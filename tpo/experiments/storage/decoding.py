"""Strict decoding of stored files: wrong types, unknown fields, depth and size are refused in one place."""

from __future__ import annotations

import math
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LARGEST_FILE = 2**26
"""Limit on the size of a JSON or TOML file, in bytes; the largest record so far has 64 thousand."""

DEEPEST = 12
"""Limit on the nesting of arbitrary values."""

TOO_DEEP = "values are nested too deep"

Count = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
"""A whole number that JSON stores exactly."""

LARGEST = 1e100
"""Beyond it, a number is as good as infinite: sums and percents of it are."""

Number = Annotated[int, msgspec.Meta(ge=-(2**53), le=2**53)] | Annotated[float, msgspec.Meta(ge=-LARGEST, le=LARGEST)]
"""A finite number."""

LONGEST_LABEL = 2000

Label = Annotated[str, msgspec.Meta(max_length=LONGEST_LABEL)]
"""A text in a table or a figure."""

PLAIN = (str, int, float, bool, type(None))
"""Types of JSON's scalars."""

LARGEST_WHOLE = 2**63 - 1

T = TypeVar("T")


class Strict(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Base class of groups of fields in stored files; unknown fields are refused."""


class Version(msgspec.Struct):
    """The format version alone, whatever it is; all other fields are ignored."""

    format: Any


def from_json(content: bytes, kind: type[T]) -> T:
    """Decode JSON to a value of type `kind`.

    Raises:
        ValueError: It does not match; the message names the place.
    """
    with _saying_where():
        found: T = msgspec.json.decode(content, type=kind)
    return found


def from_version(content: bytes, version: type[Version], known: Mapping[int, type[Strict]]) -> dict[str, Any]:
    """Decode JSON with a field `format` to plain data, by the type of that format; for another one, only the version.

    Args:
        content: JSON.
        version: The type of the field alone.
        known: The type of the whole, by format.

    Raises:
        ValueError: It does not match; the message names the place.
    """
    found = from_json(content, version).format
    is_known = isinstance(found, int) and found in known
    return plain(from_json(content, known[found])) if is_known else {"format": found}


def from_plain(values: Any, kind: type[T]) -> T:
    """Convert plain data, such as TOML's, to a value of type `kind`.

    Raises:
        ValueError: It does not match; the message names the place.
    """
    with _saying_where():
        found: T = msgspec.convert(values, kind)
    return found


def plain(value: Any) -> dict[str, Any]:
    """Convert a decoded value to plain dictionaries, lists and numbers, without fields that were left out.

    Raises:
        ValueError: Something in it is nested too deep, or is a number that cannot be computed with.
    """
    with _saying_where():
        found: dict[str, Any] = msgspec.to_builtins(value)
    check_plain(found)
    return found


@contextmanager
def _saying_where() -> Iterator[None]:
    """Convert errors of msgspec, and of too deep nesting, to `ValueError`."""
    try:
        yield
    except RecursionError as error:
        raise ValueError(TOO_DEEP) from error
    except msgspec.MsgspecError as error:
        # Names in the file may have line breaks.
        raise ValueError(str(error).replace("\n", r"\n")) from error


def check_plain(value: Any, place: str = "$", levels: int = DEEPEST) -> None:
    """Raise an error for values that JSON lacks, such as dates, for deep nesting, and for huge numbers.

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
