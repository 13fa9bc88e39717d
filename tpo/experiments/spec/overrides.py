"""Changing settings, a tree of plain data, by dotted names, for scales, panels and `--set`.

Internally a setting is a path of keys. Names on the command line have dots, and labels of arms may contain dots, too.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from tpo.errors import InvalidArgumentError, unknown_name

Settings = Mapping[str, Any]
KeyPath = tuple[str, ...]

ARMS = "arms"
EVERY_ARM = "arm"
"""The key that means every arm."""

UNSET = "its default"
"""Text for an option of an algorithm that its arm does not set."""

OPTIONS = "options"
"""The part of an arm in which names may be new: options of its algorithm, which are checked by its class."""


def changed(settings: Settings, changes: Mapping[KeyPath, Any]) -> dict[str, Any]:
    """Replace the values of `settings` at the paths of `changes`.

    Raises:
        UnknownNameError: No setting has that name.
        InvalidArgumentError: A path leads to several settings, or into a value.
    """
    result = dict(settings)
    for path, value in changes.items():
        result = _replaced(result, path, value, ())
    return result


def _replaced(settings: Settings, path: KeyPath, value: Any, above: KeyPath) -> dict[str, Any]:
    head, *rest = path
    here = (*above, head)
    if head not in settings and above[2:] != (OPTIONS,):
        raise _unknown(settings, here)
    old = settings.get(head)
    if rest and isinstance(old, Mapping):
        return {**settings, head: _replaced(old, tuple(rest), value, here)}
    if rest:
        message = (
            f"`{'.'.join((*above, *path))}` must name a setting; got a name inside `{'.'.join(here)}`, whose value is"
        )
        raise InvalidArgumentError(f"{message} {old!r}. Write `{'.'.join(here)}`.")
    if isinstance(old, Mapping):
        name, inside = ".".join(here), [*old] or ["NAME"]
        message = f"`{name}` must name a single setting; got a group of them: {', '.join(inside)}."
        raise InvalidArgumentError(f"{message} For example: {name}.{inside[0]}.")
    return {**settings, head: value}


def _unknown(settings: Settings, path: KeyPath) -> Exception:
    *above, name = path
    if above:
        known = [".".join((*above, one)) for one in settings]
        option = f" An option of the algorithm is {'.'.join((*above, OPTIONS, name))}." if OPTIONS in settings else ""
        return unknown_name("setting", ".".join(path), known, option)
    note = f" An option of an algorithm is {EVERY_ARM}.{OPTIONS}.{name}, or {ARMS}.LABEL.{OPTIONS}.{name} in one arm."
    return unknown_name("setting", name, {*settings, EVERY_ARM}, note)


def resolved(settings: Settings, changes: Mapping[str, Any]) -> dict[KeyPath, Any]:
    """Convert changes keyed by dotted name to changes keyed by path; a change of `arm` applies to every arm."""
    found: dict[KeyPath, Any] = {}
    for name, value in changes.items():
        head, *rest = _path(_with_every_arm(settings), name)
        paths = [(ARMS, label, *rest) for label in settings[ARMS]] if head == EVERY_ARM else [(head, *rest)]
        found |= dict.fromkeys(paths, value)
    return found


def merged(*layers: Mapping[str, Any]) -> dict[str, Any]:
    """Merge changes by dotted name so that later ones win: `arm.lr` after `arms.A.lr` overrides it."""
    found: dict[str, Any] = {}
    for layer in layers:
        for name, value in layer.items():
            found.pop(name, None)
            found[name] = value
    return found


def parsed(settings: Settings, assignments: Iterable[str]) -> dict[str, Any]:
    """Parse assignments to changes by dotted name; of several for one setting the last one holds.

    Raises:
        InvalidArgumentError: One has no `=`.
    """
    return merged(*(dict([parse(settings, assignment)]) for assignment in assignments))


def parse(settings: Settings, assignment: str) -> tuple[str, Any]:
    """Parse `"trainer.steps=300"` to a dotted name and a value, which is JSON if possible, or else a text.

    Raises:
        InvalidArgumentError: There is no `=`.
    """
    name, equals, text = _divided(_with_every_arm(settings), assignment)
    if not equals:
        message = f"`--set` must be NAME=VALUE; got {assignment!r}."
        raise InvalidArgumentError(f"{message} For example: --set trainer.steps=300.")
    try:
        return name.strip(), json.loads(text)
    except (ValueError, RecursionError):
        return name.strip(), text


def flat(settings: Settings, prefix: str = "") -> dict[str, Any]:
    """Flatten nested settings to dotted names."""
    found: dict[str, Any] = {}
    for name, value in settings.items():
        found |= flat(value, f"{prefix}{name}.") if isinstance(value, Mapping) else {f"{prefix}{name}": value}
    return found


def _with_every_arm(settings: Settings) -> Settings:
    """Add a key `arm` with one of the arms, since all arms have the same fields."""
    return {**settings, EVERY_ARM: next(iter(settings[ARMS].values()))}


def _path(settings: Settings, name: str) -> KeyPath:
    """Split a dotted name into keys."""
    head = _longest(settings, f"{name}.", ".") or name.partition(".")[0]
    rest = name[len(head) + 1 :]
    return (head, *_path(_inside(settings, head), rest)) if rest else (head,)


def _divided(settings: Settings, text: str) -> tuple[str, str, str]:
    """Split `text` at the `=` after the name, like `str.partition`; labels may contain `=`, too."""
    head = _longest(settings, text, ".=")
    if not head or text[len(head)] == "=":
        return (head, "=", text[len(head) + 1 :]) if head else text.partition("=")
    name, equals, value = _divided(_inside(settings, head), text[len(head) + 1 :])
    return f"{head}.{name}", equals, value


def _longest(settings: Settings, text: str, ends: str) -> str:
    """The longest key at the beginning of `text` that is followed by one of `ends`; empty if there is none."""
    return max((key for key in settings if text.startswith(tuple(key + end for end in ends))), key=len, default="")


def _inside(settings: Settings, head: str) -> Settings:
    found = settings.get(head)
    return found if isinstance(found, Mapping) else {}
