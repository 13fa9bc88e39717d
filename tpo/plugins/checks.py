"""Checks of plug-ins' descriptions, and conversion of errors in third-party code to plain exceptions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from tpo.errors import PluginError

if TYPE_CHECKING:
    from tpo.plugins.hookspecs import Info

MOST = 10_000
"""Limit on the descriptions that a hook returns, in case of an endless generator."""


def check_info(info: Any, kind: type[Info]) -> None:
    """Raise an error for a description of another class, or with fields of wrong types.

    Raises:
        PluginError: It is refused.
    """
    if not isinstance(info, kind):
        message = f"the hook of a plug-in must return objects of the class {kind.__name__}; got {said(info)}."
        raise PluginError(f"{message} Fix or uninstall it.")
    for field in fields(info):
        value = getattr(info, field.name, None)
        if not _fits(value, str(field.type)):
            message = f"the field `{field.name}` of a {kind.__name__} must be {field.type}; got {said(value)}"
            raise PluginError(f"{message}, of {said(info.name)}. Fix or uninstall the plug-in.")
    if not _is_name(info.name):
        message = f"a name must be printable, without spaces and commas, and not begin with '-'; got {info.name!r}."
        raise PluginError(f"{message} Rename it or uninstall the plug-in.")


def _fits(value: Any, annotation: str) -> bool:
    if annotation == "tuple[str, ...]":
        return isinstance(value, tuple) and all(isinstance(one, str) for one in value)
    if annotation == "Mapping[str, str]":
        return isinstance(value, Mapping) and all(isinstance(one, str) for pair in value.items() for one in pair)
    return isinstance(value, {"str": str, "bool": bool}[annotation])


def _is_name(name: str) -> bool:
    return bool(name) and name.isprintable() and not set(name) & set(" ,") and not name.startswith("-")


def recordable(error: BaseException) -> Exception:
    """Wrap an error that would exit the program, or has no text, in an exception that can be shown."""
    text = said(error, str)
    if isinstance(error, Exception) and text is not None:
        return error
    message = f"a plug-in must load without leaving the program; got {type(error).__name__}: {text}."
    return PluginError(f"{message} Fix or uninstall it.")


def said(value: Any, how: Any = repr) -> str | None:
    """The text of a third party's object; `None` if converting it fails."""
    try:
        text = how(value)
    except Exception:  # noqa: BLE001 - whatever a stranger's object raises
        return None
    return text if isinstance(text, str) else None
