"""Flattening and unflattening dataclasses of arrays, for pytrees."""

from __future__ import annotations

import dataclasses
from typing import Any, NamedTuple

from tpo.core.arrays.numpy_arrays import NUMPY

OPTION = {"static": True}
"""Metadata of a dataclass field that holds no array."""

ON_HOST = {"on_host": True}
"""Metadata of a field whose array is left out of a pytree where it is a NumPy array of 64-bit numbers.

Libraries without such numbers would wrap or round them on the way into a compiled function, without a word."""

WIDE = 8
"""Bytes of 64-bit numbers."""


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
        on_host: The names of the array fields that are left out where they hold 64-bit NumPy numbers.
    """

    kind: type
    arrays: tuple[str, ...]
    options: tuple[str, ...] = ()
    on_host: tuple[str, ...] = ()

    def flatten(self, value: Any) -> tuple[tuple[Any, ...], Rest]:
        """Flatten `value` into the arrays that can go through a transform, in the order of the fields, and the rest."""
        present = tuple(name for name in self.arrays if self._is_carried(name, getattr(value, name)))
        rest = Rest(present, tuple(getattr(value, name) for name in self.options))
        return tuple(getattr(value, name) for name in present), rest

    def _is_carried(self, name: str, array: Any) -> bool:
        return array is not None and not (name in self.on_host and isinstance(array, NUMPY) and array.itemsize >= WIDE)

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
    on_host = tuple(field.name for field in fields if field.metadata.get("on_host"))
    return Structure(kind, tuple(field.name for field in fields if field.name not in options), options, on_host)
