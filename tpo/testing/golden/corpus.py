"""The corpus of the conformance matrix: groups of every family, size and mask, generated once for all backends.

NumPy's own `log` and `exp` differ between versions, so the groups are stored in a file rather than regenerated.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tpo.testing.golden import families

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

Array = np.ndarray[Any, Any]

DTYPES = ("float32", "float64")
SIZES = (1, 2, 3, 4, 5, 7, 8, 16, 17, 31, 32, 33, 64, 65, 128, 129)
"""Group sizes, around the powers of two, where libraries change the order of summation."""
ETAS = (0.25, 1.0, 1 / 3, 4.0)
"""Temperatures. 1/3 is not exact in binary: `eta` means the given float, also in float32."""
MASKED = {"all": 10, "ragged": 4, "a third masked": 4, "one left": 1, "none left": 1}
"""Number of groups per mask, for each pair of families."""


class Block(NamedTuple):
    """The groups of one dtype and size.

    Attributes:
        log_probs: `[groups, K]` floating.
        scores: `[groups, K]` floating.
        mask: `[groups, K]` boolean.
        names: `[groups]` text: the families of scores, log-probs and masks of each group.
    """

    log_probs: Array
    scores: Array
    mask: Array
    names: Array


Key = tuple[str, int]
"""A dtype and a size."""

Corpus = dict[Key, Block]


def build(sizes: Sequence[int] = SIZES, masked: Mapping[str, int] = MASKED, seed: int = 0) -> Corpus:
    """Generate the corpus; `masked` is the number of groups per mask, for each pair of families."""
    return {(dtype, size): _block(dtype, size, masked, seed) for dtype in DTYPES for size in sizes}


def _block(dtype: str, size: int, masked: Mapping[str, int], seed: int) -> Block:
    log_probs, scores, pairs = families.groups(size, dtype, sum(masked.values()), seed)
    masks = families.mask_families(np.random.default_rng([seed, size, 1]), len(pairs), size)
    kinds = np.resize([kind for kind, count in masked.items() for _ in range(count)], len(pairs))
    mask = np.stack([masks[kind][group] for group, kind in enumerate(kinds)])
    return Block(log_probs, scores, mask, np.asarray([f"{p}, {k}" for p, k in zip(pairs, kinds, strict=True)]))


def save(corpus: Corpus, path: Path) -> None:
    """Write the corpus to one `.npz` file, without pickled objects."""
    arrays = {
        f"{dtype}/{size}/{name}": array
        for (dtype, size), block in corpus.items()
        for name, array in block._asdict().items()
    }
    np.savez(path, **arrays)  # type: ignore[arg-type, unused-ignore]


def load(path: Path) -> Corpus:
    """Read a corpus written by `save`."""
    with np.load(path, allow_pickle=False) as file:
        keys = dict.fromkeys(name.rpartition("/")[0] for name in file.files)
        return {_key(key): Block(*(file[f"{key}/{name}"] for name in Block._fields)) for key in keys}


def _key(text: str) -> Key:
    dtype, _, size = text.partition("/")
    return dtype, int(size)


def digest(corpus: Corpus) -> str:
    """SHA-256 of all groups, in hexadecimal digits."""
    found = hashlib.sha256()
    for (dtype, size), block in sorted(corpus.items()):
        found.update(f"{dtype}/{size}/{block.log_probs.shape}".encode())
        for array in (block.log_probs, block.scores, block.mask):
            found.update(digest_of(array).encode())
    return found.hexdigest()


def digest_of(array: Array) -> str:
    """SHA-256 of the bits of an array, in hexadecimal digits.

    Bytes are little-endian and in row-major order, and -0 counts as 0: libraries differ in the sign of `0 * -1`, on
    which no result here depends.
    """
    values = array + 0.0 if array.dtype.kind == "f" else array
    return hashlib.sha256(np.ascontiguousarray(values, values.dtype.newbyteorder("<")).tobytes()).hexdigest()
