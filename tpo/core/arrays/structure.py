"""Flattening and unflattening dataclasses of arrays, for pytrees."""

from __future__ import annotations

import dataclasses
from typing import Any, NamedTuple

OPTION = {"static": True}
"""Metadata of a dataclass field that holds no array."""


class Rest(NamedTuple):
    """The hashable part of a flattened value: everything but its arrays.

    Attributes:
        present: The names of the fields that hold an array.
        options: The values of the static fields.
    """

    present: tuple[str, ...]
    options: tuple[Any, ...]


class Structure(NamedTuple):
    """A frozen dataclass of arrays as a pytree node: its array fields and its static fields.

    Attributes:
        kind: The dataclass.
        arrays: The names of the fields that hold an array or `None`.
        options: The names of the static fields, whose values are hashable.
    """

    kind: type
    arrays: tuple[str, ...]
    options: tuple[str, ...] = ()

    def flatten(self, value: Any) -> tuple[tuple[Any, ...], Rest]:
        """Flatten `value` into the arrays that are not `None`, in the order of the fields, and the rest."""
        present = tuple(name for name in self.arrays if getattr(value, name) is not None)
        rest = Rest(present, tuple(getattr(value, name) for name in self.options))
        return tuple(getattr(value, name) for name in present), rest

    def unflatten(self, rest: Rest, arrays: Any) -> Any:
        """Rebuild a value without any check: libraries put arbitrary objects where arrays were."""
        value: Any = object.__new__(self.kind)
        fields = dict.fromkeys(self.arrays) | dict(zip(self.options, rest.options, strict=True))
        for name, field in (fields | dict(zip(rest.present, arrays, strict=True))).items():
            object.__setattr__(value, name, field)
        return value


def structure_of(kind: type) -> Structure:
    """Derive the structure of a dataclass: fields hold arrays unless their metadata says `static`."""
    fields = dataclasses.fields(kind)
    options = tuple(field.name for field in fields if field.metadata.get("static"))
    return Structure(kind, tuple(field.name for field in fields if field.name not in options), options)
