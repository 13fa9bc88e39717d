"""Settings as a tree of plain data, changed by dotted names: what scales, panels and `--set` have in common."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tpo.errors import InvalidArgumentError, InvalidTypeError, unknown_name

Settings = Mapping[str, Any]

OPEN = ("options",)
"""Dictionaries in which a name may be new: the options of an algorithm, which its class checks."""


def changed(settings: Settings, changes: Mapping[str, Any]) -> dict[str, Any]:
    """`settings` with the values at the dotted names of `changes` replaced.

    Raises:
        UnknownNameError: There is no such name.
        InvalidTypeError: A value is of another type than the one it replaces.
    """
    result = dict(settings)
    for name, value in changes.items():
        result = _replaced(result, name.split("."), value, name)
    return result


def _replaced(
    settings: Mapping[str, Any], path: list[str], value: Any, name: str, *, free: bool = False
) -> dict[str, Any]:
    head, *rest = path
    if head not in settings and not free:
        raise unknown_name("setting", name, [f"{name.removesuffix('.'.join(path))}{known}" for known in settings])
    old = settings.get(head)
    if not rest:
        return {**settings, head: _fitting(old, value, name)}
    if not isinstance(old, Mapping):
        message = f"`{name}` must name a setting; got one inside `{head}`, which is {old!r}."
        raise InvalidArgumentError(f"{message} Leave out what stands after {head}.")
    return {**settings, head: _replaced(old, rest, value, name, free=head in OPEN)}


def _fitting(old: Any, value: Any, name: str) -> Any:
    """`value`, if it is of the type of `old`; a whole number where a fraction was is a fraction."""
    if isinstance(old, float) and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(old, Mapping):
        inside = ", ".join(old)
        message = f"`{name}` must name a single setting; got a group of them: {inside}."
        raise InvalidArgumentError(f"{message} Such as --set {name}.{next(iter(old), 'x')}=VALUE.")
    if old is not None and type(old) is not type(value):
        message = f"`{name}` must be of type {type(old).__name__}; got {value!r}, of type {type(value).__name__}."
        raise InvalidTypeError(f"{message} It is {old!r} now.")
    return value


def parse(assignment: str) -> tuple[str, Any]:
    """`"trainer.steps=300"` as a name and a value: JSON where it is JSON, text elsewhere.

    Raises:
        InvalidArgumentError: There is no `=`.
    """
    name, equals, text = assignment.partition("=")
    if not equals:
        message = f"`--set` must be NAME=VALUE; got {assignment!r}."
        raise InvalidArgumentError(f"{message} Such as --set trainer.steps=300.")
    try:
        return name.strip(), json.loads(text)
    except ValueError:
        return name.strip(), text


def flat(settings: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested settings under dotted names."""
    found: dict[str, Any] = {}
    for name, value in settings.items():
        found |= flat(value, f"{prefix}{name}.") if isinstance(value, Mapping) else {f"{prefix}{name}": value}
    return found
