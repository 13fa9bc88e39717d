"""How values that are made of arrays come apart, and together again."""

from __future__ import annotations

import dataclasses
from typing import Any, NamedTuple

OPTION = {"static": True}
"""The metadata of a field that holds no array."""


class Rest(NamedTuple):
    """All of a value but its arrays, hashable.

    Attributes:
        present: The fields that hold an array.
        options: The values of the fields that never do.
    """

    present: tuple[str, ...]
    options: tuple[Any, ...]


class Structure(NamedTuple):
    """A frozen dataclass of arrays, for libraries that map functions over the arrays of a value.

    Attributes:
        kind: The dataclass.
        arrays: Its fields that hold an array or `None`.
        options: Its other fields, which hold something hashable.
    """

    kind: type
    arrays: tuple[str, ...]
    options: tuple[str, ...] = ()

    def take_apart(self, value: Any) -> tuple[tuple[Any, ...], Rest]:
        """The arrays that are present, in the order of the fields, and the rest."""
        present = tuple(name for name in self.arrays if getattr(value, name) is not None)
        rest = Rest(present, tuple(getattr(value, name) for name in self.options))
        return tuple(getattr(value, name) for name in present), rest

    def put_together(self, rest: Rest, arrays: Any) -> Any:
        """The value of these parts. Nothing is checked: a library may put anything where arrays were."""
        value: Any = object.__new__(self.kind)
        fields = dict.fromkeys(self.arrays) | dict(zip(self.options, rest.options, strict=True))
        for name, field in (fields | dict(zip(rest.present, arrays, strict=True))).items():
            object.__setattr__(value, name, field)
        return value


def structure_of(kind: type) -> Structure:
    """The structure of a dataclass, whose fields hold arrays unless their metadata says `static`."""
    fields = dataclasses.fields(kind)
    options = tuple(field.name for field in fields if field.metadata.get("static"))
    return Structure(kind, tuple(field.name for field in fields if field.name not in options), options)
