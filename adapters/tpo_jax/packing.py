"""Parameters packed into few arrays, so that an optimizer compiles to few kernels.

A packing maps parameters by name to a tree of arrays, with the seeds kept as axis 0, and back.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp

Shapes = Mapping[str, tuple[int, ...]]


@dataclass(frozen=True)
class Flat:
    """Packing of all parameters into one `[S, N]` array, for elementwise rules."""

    shapes: Shapes

    def pack(self, params: Mapping[str, Any]) -> Any:
        """Concatenate arrays `[S, ...]` to `[S, N]`."""
        return jnp.concatenate([params[name].reshape(shape[0], -1) for name, shape in self.shapes.items()], axis=1)

    def unpack(self, packed: Any) -> dict[str, Any]:
        """Split `[S, N]` into arrays `[S, ...]`."""
        ends, total = [], 0
        for shape in self.shapes.values():
            total += math.prod(shape[1:])
            ends.append(total)
        pieces = jnp.split(packed, ends[:-1], axis=1)
        return {name: piece.reshape(self.shapes[name]) for name, piece in zip(self.shapes, pieces, strict=True)}


@dataclass(frozen=True)
class Stacked:
    """Packing of matrices into stacks by shape, `[S, n, short, long]`; tall matrices are transposed."""

    shapes: Shapes

    def pack(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Stack matrices by shape."""
        return {
            label: jnp.stack([_lay(params[name], self.shapes[name]) for name in names], axis=1)
            for label, names in self._stacks().items()
        }

    def unpack(self, packed: Mapping[str, Any]) -> dict[str, Any]:
        """Split stacks into matrices by name."""
        return {
            name: _lay(packed[label][:, index], self.shapes[name])
            for label, names in self._stacks().items()
            for index, name in enumerate(names)
        }

    def _stacks(self) -> dict[str, Sequence[str]]:
        stacks: dict[str, list[str]] = {}
        for name, shape in self.shapes.items():
            stacks.setdefault("x".join(map(str, sorted(shape[1:]))), []).append(name)
        return dict(stacks)


def _lay(matrix: Any, shape: tuple[int, ...]) -> Any:
    """Transpose a matrix whose original `shape` is taller than wide; a second call restores it."""
    return matrix.mT if shape[-2] > shape[-1] else matrix
