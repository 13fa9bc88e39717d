"""Checking plain values, from a file or a command line, against the declared types of a dataclass's fields."""

from __future__ import annotations

import inspect
import math
import sys
from collections.abc import Collection, Mapping
from dataclasses import MISSING
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from tpo.core.standardizing.names import standardizer_named
from tpo.core.standardizing.standardizer import Standardizer
from tpo.errors import InvalidArgumentError, InvalidTypeError

LARGEST = 10**9
"""The largest whole number of a setting."""

UNIONS = (Union, UnionType)
ANYTHING = (Any, object)

WRITTEN: Mapping[type, str] = {int: "a whole number", float: "a number", str: "a text", bool: "true or false"}
"""Descriptions of types for messages."""


def field_types(cls: Any) -> dict[str, Any]:
    """Find the types of the fields of the dataclass `cls`.

    A type whose name is imported only for type checkers is inferred from the default, or else stays a text.
    """
    found: dict[str, Any] = {}
    for base in reversed(cls.__mro__):
        if "__dataclass_fields__" in vars(base):
            found |= {name: _evaluated(base, name, one) for name, one in inspect.get_annotations(base).items()}
    return found


def _evaluated(cls: type, name: str, annotation: Any) -> Any:
    if not isinstance(annotation, str):
        return annotation
    try:
        return eval(annotation, vars(sys.modules[cls.__module__]), dict(vars(cls)))  # noqa: S307 - a module's own text
    except NameError:
        default = _default(cls, name)
        tells = isinstance(default, str) or not isinstance(default, NoneType | Collection)
        return type(default) if tells else annotation


def _default(cls: Any, name: str) -> Any:
    """The default of a field of the dataclass `cls`; an empty tuple if it has none."""
    declared = cls.__dataclass_fields__[name]
    if declared.default is not MISSING:
        return declared.default
    return () if declared.default_factory is MISSING else declared.default_factory()


def kinds(annotation: Any) -> tuple[Any, ...]:
    """List the types that `annotation` allows, each once."""
    if get_origin(annotation) in UNIONS:
        return tuple(dict.fromkeys(kind for member in get_args(annotation) for kind in kinds(member)))
    if get_origin(annotation) is Literal:
        return tuple(dict.fromkeys(map(type, get_args(annotation))))
    return (annotation,)


def fitted(cls: Any, values: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Check `values` for the fields of the dataclass `cls`, and convert whole numbers to floats where needed.

    Types that plain values do not determine, such as lists, are left to the class, and so are unknown names.

    Args:
        cls: What declares the types.
        values: By field.
        name: What they are values of, for messages.

    Raises:
        InvalidTypeError: A value is of another type than its field.
        InvalidArgumentError: A number is not finite.
        UnknownNameError: No standardizer has that name.
    """
    declared = field_types(cls)
    return {
        field: _fitting(value, kinds(declared.get(field, Any)), f"{name}.{field}") for field, value in values.items()
    }


def _fitting(value: Any, allowed: tuple[Any, ...], name: str) -> Any:
    if type(value) is int and float in allowed and int not in allowed:
        value = _as_float(value)
    if isinstance(value, str) and any(map(_has_names, allowed)):
        standardizer_named(value)
        return value
    if type(value) not in allowed and not any(map(_is_open, allowed)):
        types = " or ".join("None" if kind is NoneType else kind.__name__ for kind in allowed)
        written = " or ".join(dict.fromkeys(filter(None, map(_written, allowed))))
        shown = _shortened(value) if type(value) is int else repr(value)
        message = f"`{name}` must be of type {types}; got {shown}, of type {type(value).__name__}."
        raise InvalidTypeError(f"{message} {f'Write {written}' if written else 'Set it in Python'}.")
    if type(value) is int and abs(value) > LARGEST:
        message = f"`{name}` must be at most {LARGEST}, and at least {-LARGEST}; got {_shortened(value)}."
        raise InvalidArgumentError(f"{message} Choose one within these limits.")
    if isinstance(value, float) and not math.isfinite(value):
        raise InvalidArgumentError(f"`{name}` must be finite; got {value}. Choose a number that JSON can hold.")
    return value


def _shortened(number: int) -> str:
    """Shorten a number to its first digits: Python refuses to format integers of some thousands of digits."""
    return str(number) if abs(number) < 10**40 else "one of more than 40 digits"


def _as_float(number: int) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def _written(kind: Any) -> str | None:
    """Describe what to write for a value of `kind`; `None` if it cannot be written."""
    return "the name of a standardizer" if _has_names(kind) else WRITTEN.get(kind)


def _has_names(kind: Any) -> bool:
    """Whether objects of `kind` are written by their names: an `Arm` makes standardizers of them."""
    return isinstance(kind, type) and issubclass(kind, Standardizer)


def _is_open(kind: Any) -> bool:
    """Whether a value of `kind` cannot be checked by its Python type."""
    return kind in ANYTHING or get_origin(kind) is not None or not isinstance(kind, type)
