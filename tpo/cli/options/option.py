"""Options of commands: with shared defaults, and from the fields of a dataclass."""

from __future__ import annotations

import inspect
import math
import re
from dataclasses import MISSING, Field, fields
from pathlib import Path
from types import NoneType
from typing import TYPE_CHECKING, Any

import click

from tpo.errors import InvalidArgumentError, PluginError
from tpo.experiments.spec.field_types import field_types, kinds

if TYPE_CHECKING:
    from collections.abc import Iterable

TYPES = (int, float, str, bool)
REPEATED = tuple[str, ...]
"""The type of a field whose flag may be repeated."""

ATTRIBUTE = re.compile(r"^ {4}(\w+): (.*(?:\n {8}.*)*)", re.MULTILINE)
"""Pattern of an entry of an Attributes section: `    name: description`, with continuation lines."""


class Place(click.Path):
    """The type of options that are paths. An empty text, which Python takes for the current folder, is refused."""

    def __init__(self) -> None:
        """Create a type that converts to `pathlib.Path`."""
        super().__init__(path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Convert a text to a path.

        Raises:
            click.BadParameter: The text is empty.
        """
        if value == "":
            self.fail("a file or folder must have a name; got an empty text.", param, ctx)
        return super().convert(value, param, ctx)


class Positive(click.FloatRange):
    """The type of options that are numbers above 0; NaN, which is in any range for click, is refused."""

    def __init__(self) -> None:
        """Create a type that converts to `float`."""
        super().__init__(min=0, min_open=True)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Convert a text to a number.

        Raises:
            click.BadParameter: It is none, or not above 0.
        """
        number = super().convert(value, param, ctx)
        if math.isnan(number):
            self.fail(f"{value!r} is not a number above 0.", param, ctx)
        return number


def option(*flags: str, **attributes: Any) -> click.Option:
    """Create an option named by its first flag, with its default in the help; an empty text is refused."""
    name = flags[0].removeprefix("--").replace("-", "_")
    usual: dict[str, Any] = {"show_default": True, "callback": _refuse_empty}
    return click.Option([*flags, name], **(usual | attributes))


def _refuse_empty(ctx: click.Context, param: click.Parameter, value: Any) -> Any:
    del ctx
    if "" in (value if isinstance(value, tuple) else (value,)):
        message = f"`{param.opts[0]}` must not be empty; got ''."
        raise InvalidArgumentError(f"{message} Leave it out for what is usual.")
    return value


def choices(known: Iterable[str]) -> str:
    """Format the possible values for the help."""
    return f"[{'|'.join(known)}]"


def flags_of(cls: Any) -> list[click.Option]:
    """Create one option per field of the dataclass `cls`: name, type, default from the field, help from the docstring.

    A field whose metadata has a `flag` is an option of that name.

    Raises:
        PluginError: A field has a type that a flag cannot have.
    """
    types, texts = field_types(cls), attribute_texts(cls)
    return [_flag(field, types[field.name], texts.get(field.name)) for field in fields(cls) if field.init]


def options_by_field(cls: Any) -> dict[str, str]:
    """The name of the option of each field of the dataclass `cls`, by the name of the field."""
    return {field.name: _option_name(field) for field in fields(cls) if field.init}


def _option_name(field: Field[Any]) -> str:
    return str(field.metadata.get("flag", field.name))


def attribute_texts(cls: Any) -> dict[str, str]:
    """Parse the Attributes sections of the docstrings of `cls` and its bases: description by attribute."""
    found: dict[str, str] = {}
    for base in reversed(cls.__mro__):
        _, _, after = inspect.cleandoc(vars(base).get("__doc__") or "").partition("\nAttributes:\n")
        section = re.split(r"^\S", after, maxsplit=1, flags=re.MULTILINE)[0]
        found |= {name: " ".join(text.split()) for name, text in ATTRIBUTE.findall(section)}
    return found


def check_distinct(own: Iterable[click.Option], common: Iterable[click.Option], kind: str, name: str) -> None:
    """Raise an error if a field of a plug-in's class has the name of an option that all commands of its kind have.

    Args:
        own: The options from the fields.
        common: The options that every command of the kind has.
        kind: What the class is, for the message.
        name: The name that it is registered under.

    Raises:
        PluginError: One has.
    """
    taken = {option.name for option in own} & {option.name for option in common}
    if taken:
        message = (
            f"a {kind}'s field must not be called like an option of every {kind}; got {taken.pop()!r} in {name!r}."
        )
        raise PluginError(f"{message} Rename it, or its flag: field(metadata={{'flag': NAME}}).")


def _flag(field: Field[Any], annotation: Any, text: str | None) -> click.Option:
    # A name that Python reserves is written with an underscore at its end: `from_` is `--from`.
    flag = "--" + _option_name(field).removesuffix("_").replace("_", "-")
    repeated = annotation == REPEATED
    kind = str if repeated else _type(field.name, annotation)
    declarations = [f"{flag}/--no-{flag[2:]}"] if kind is bool else [flag]
    factory = field.default_factory
    default = field.default if factory is MISSING else factory()
    presence: dict[str, Any] = {"required": True} if default is MISSING else {"default": default, "show_default": True}
    return click.Option([*declarations, _option_name(field)], type=kind, help=text, multiple=repeated, **presence)


def _type(name: str, annotation: Any) -> type:
    """The type in `annotation`, without an optional `None`."""
    choices = [member for member in kinds(annotation) if member is not NoneType]
    if len(choices) != 1 or choices[0] not in TYPES:
        message = f"a field with a flag must be int, float, str, bool or tuple[str, ...]; got {annotation!r}"
        raise PluginError(f"{message} for {name!r}. Change its annotation.")
    kind: type = choices[0]
    return kind
