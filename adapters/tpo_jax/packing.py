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
    """All parameters as one `[S, N]` array, for rules that act on each number alone."""

    shapes: Shapes

    def pack(self, params: Mapping[str, Any]) -> Any:
        """`[S, ...]` each to `[S, N]`."""
        return jnp.concatenate([params[name].reshape(shape[0], -1) for name, shape in self.shapes.items()], axis=1)

    def unpack(self, packed: Any) -> dict[str, Any]:
        """`[S, N]` to `[S, ...]` each."""
        ends, total = [], 0
        for shape in self.shapes.values():
            total += math.prod(shape[1:])
            ends.append(total)
        pieces = jnp.split(packed, ends[:-1], axis=1)
        return {name: piece.reshape(self.shapes[name]) for name, piece in zip(self.shapes, pieces, strict=True)}


@dataclass(frozen=True)
class Stacked:
    """Matrices `[S, rows, columns]` stacked by shape, the tall ones lying on their side: `[S, n, short, long]`."""

    shapes: Shapes

    def pack(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Matrices by name to stacks by shape."""
        return {
            label: jnp.stack([_lay(params[name], self.shapes[name]) for name in names], axis=1)
            for label, names in self._stacks().items()
        }

    def unpack(self, packed: Mapping[str, Any]) -> dict[str, Any]:
        """Stacks by shape to matrices by name."""
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
    """A matrix that is taller than wide transposed; transposing it again puts it back."""
    return matrix.mT if shape[-2] > shape[-1] else matrix
