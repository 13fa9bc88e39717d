"""Checks of plug-ins' descriptions, and conversion of errors in third-party code to plain exceptions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import Field, fields
from typing import TYPE_CHECKING, Any

from tpo.errors import PluginError, TPOError

if TYPE_CHECKING:
    from tpo.plugins.hookspecs import Info

MOST = 10_000
"""Limit on the descriptions that a hook returns, in case of an endless generator."""

PAIR = 2
"""The length of a fact of a batch: its name and its value."""

LONGEST = 200
"""Limit on the characters that are shown of a third party's text."""


def check_info(info: Any, kind: type[Info]) -> None:
    """Raise an error for a description of another class, or with fields of wrong types.

    Raises:
        PluginError: It is refused.
    """
    if not isinstance(info, kind):
        message = f"the hook of a plug-in must return objects of the class {kind.__name__}; got {said(info)}."
        raise PluginError(f"{message} Fix or uninstall it.")
    if (field := misfit(info, kind)) is not None:
        found = said(getattr(info, field.name, None))
        message = f"the field `{field.name}` of a {kind.__name__} must be {field.type}; got {found}"
        raise PluginError(f"{message}, of {said(info.name)}. Fix or uninstall the plug-in.")
    if not _is_name(info.name):
        message = f"a name must be printable, without spaces and commas, and not begin with '-'; got {said(info.name)}."
        raise PluginError(f"{message} Rename it or uninstall the plug-in.")


def misfit(value: Any, kind: Any) -> Field[Any] | None:
    """Find the first field of the dataclass `kind` that `value` does not have, or has of another type."""
    return next((one for one in fields(kind) if not _fits(getattr(value, one.name, None), str(one.type))), None)


def _fits(value: Any, annotation: str) -> bool:
    if annotation == "tuple[tuple[str, str], ...]":
        return isinstance(value, tuple) and all(_fits(one, "tuple[str, ...]") and len(one) == PAIR for one in value)
    if annotation == "tuple[str, ...]":
        return isinstance(value, tuple) and all(isinstance(one, str) for one in value)
    if annotation == "Mapping[str, str]":
        return isinstance(value, Mapping) and all(isinstance(one, str) for pair in value.items() for one in pair)
    return isinstance(value, {"str": str, "bool": bool, "bool | None": bool | None}[annotation])


def _is_name(name: str) -> bool:
    return bool(name) and name.isprintable() and not set(name) & set(" ,") and not name.startswith("-")


def recordable(error: BaseException) -> Exception:
    """Wrap an error that would exit the program, or whose text cannot be shown whole, in one that can be shown."""
    text = _text(error, str)
    if text is not None and isinstance(error, Exception) and (isinstance(error, TPOError) or text == brief(text)):
        return error
    how = "an error" if isinstance(error, Exception) else "leaving the program"
    wrapped = PluginError(f"a plug-in must load without {how}; got {in_words(error)}. Fix or uninstall it.")
    wrapped.__cause__ = error
    return wrapped


def in_words(error: BaseException) -> str:
    """The class of an error, and the beginning of its text."""
    text = said(error, str)
    return f"{type(error).__name__}: {text.removesuffix('.')}" if text else type(error).__name__


def said(value: Any, how: Any = repr) -> str | None:
    """The beginning of the text of a third party's object; `None` if converting it fails."""
    text = _text(value, how)
    return None if text is None else brief(text)


def brief(text: str) -> str:
    """The first line of a text, or its beginning if that is long, with escapes for what cannot be printed."""
    lines = text.strip().splitlines() or [""]
    shown = "".join(one if one.isprintable() else repr(one)[1:-1] for one in lines[0][:LONGEST])
    return f"{shown}…" if len(lines) > 1 or len(lines[0]) > LONGEST else shown


def _text(value: Any, how: Any) -> str | None:
    try:
        text = how(value)
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001 - whatever a stranger's object raises
        return None
    return text if isinstance(text, str) else None
