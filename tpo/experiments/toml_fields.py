"""The fields of a user's own experiment, a TOML file, and decoding them."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import msgspec

from tpo import files
from tpo.errors import InvalidArgumentError, InvalidTypeError, look_up, reason_of
from tpo.experiments.analysis.statistics import STATISTICS
from tpo.experiments.storage.decoding import LARGEST_FILE, Label, Strict, check_plain, from_plain

if TYPE_CHECKING:
    from pathlib import Path

T = TypeVar("T")

Values = dict[str, Any]


class SpecScale(Strict):
    """The fields of a scale: a smaller version of the experiment."""

    settings: Values = msgspec.field(default_factory=dict)
    panels: tuple[str, ...] = ()


class Spec(Strict):
    """The fields of a spec file; settings, which depend on the task, are checked later."""

    name: Annotated[str, msgspec.Meta(max_length=200)]
    task: str
    arms: Annotated[dict[Label, Values], msgspec.Meta(min_length=1)]
    trainer: Annotated[Values, msgspec.Meta(min_length=1)]
    title: Label | None = None
    options: Values = msgspec.field(default_factory=dict)
    panels: dict[Label, Values] = msgspec.field(default_factory=dict)
    scales: dict[str, SpecScale] = msgspec.field(default_factory=dict)
    curves: tuple[str, ...] | None = None
    statistic: str = next(iter(STATISTICS))
    error: str | None = None
    measure: str | None = None
    backend: str | None = None
    note: Label = ""


class SpecArm(msgspec.Struct):
    """The fields of an arm in addition to those of `Arm`."""

    algorithm: str
    options: Values = msgspec.field(default_factory=dict)


def read_fields(path: Path) -> Spec:
    """Read the file at `path`, whose settings are not checked yet.

    Raises:
        InvalidArgumentError: It cannot be read, or is no TOML.
        UnknownNameError: It has an unknown field.
        InvalidTypeError: A field is of another type.
    """
    try:
        content = files.read(path, LARGEST_FILE)
    except OSError as error:
        message = f"a spec must be a file that can be read; got: {reason_of(error)}."
        raise InvalidArgumentError(f"{message} The page on experiments shows one.") from error
    try:
        values = tomllib.loads(content.decode())
    except (ValueError, RecursionError) as error:
        message = f"a spec must be a TOML file; got {type(error).__name__}: {error}."
        raise InvalidArgumentError(f"{message} The page on experiments shows one.") from error
    for name in values:
        look_up("field of a spec", name, dict.fromkeys(Spec.__struct_fields__))
    return decoded(values, Spec)


def decoded(values: Any, kind: type[T], place: str = "$") -> T:
    """Convert `values`, from a `place` of the file, to the type `kind`.

    Raises:
        InvalidTypeError: They do not match; the message names the place.
    """
    try:
        check_plain(values)
        return from_plain(values, kind)
    except ValueError as error:
        inside = f" - at `{place}" + str(error).partition(" - at `$")[2].removesuffix("`") + "`"
        message = f"every field of a spec must be of its type; got: {str(error).partition(' - at ')[0]}{inside}."
        raise InvalidTypeError(f"{message} The page on experiments lists them.") from error
