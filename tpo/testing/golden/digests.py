"""Golden digests of the results of the exact tier for a small set of groups, equal on every library and machine.

The groups are made from raw random bits with integers and powers of two only, so that they are the same everywhere.
`golden.json` contains the SHA-256 of the results. There are three sections of groups: ordinary ones, groups whose
scores are tiny or a unit in the last place apart, which show whether a library's comparisons are exact, and long ones,
whose sums are added in blocks.
"""

from __future__ import annotations

import json
from importlib.resources import files
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tpo.core.standardizing.standardize import standardize
from tpo.core.target import target
from tpo.errors import TPOError
from tpo.testing.golden.corpus import DTYPES, ETAS, digest_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tpo.core.arrays.typing import Array

    Function = Callable[[Array, Array, Array], tuple[Array, ...]]
    Runner = Callable[[Function, Sequence[np.ndarray[Any, Any]]], Sequence[np.ndarray[Any, Any]]]

SIZES = (1, 2, 3, 8, 17, 64)
LONG_SIZES = (257, 300, 1000, 4099)
"""Sizes of long groups; of the 300 slots of some, fewer than a block's 256 are valid."""
GROUPS = 40
"""Number of groups of each size."""
BITS = {"float32": 24, "float64": 53}
HUGE = {"float32": 60, "float64": 600}
"""Exponents of the powers of two that multiply the scores of a fifth of the groups."""
TINY = 100
TINIEST = {"float32": 100, "float64": 900}
"""Exponents of the powers of two that divide small scores."""
QUANTITIES = ("u", *(f"q, eta {eta.hex()}" for eta in ETAS))
"""Names of the results of `exact`, in order."""


class GoldenError(TPOError, AssertionError):
    """An error for results of the exact tier that differ from the golden ones."""


class Groups(NamedTuple):
    """Arrays of groups of one size, `[groups, K]` each."""

    log_probs: np.ndarray[Any, Any]
    scores: np.ndarray[Any, Any]
    mask: np.ndarray[Any, Any]


def exact(log_probs: Array, scores: Array, mask: Array) -> tuple[Array, ...]:
    """Compute the results to check, in any library: standardized scores, and targets at every temperature in `ETAS`."""
    u = standardize(scores, mask=mask, precision="exact")
    return u, *(target(log_probs, scores, eta, mask=mask, precision="exact") for eta in ETAS)


def groups(dtype: str, size: int) -> Groups:
    """Make the ordinary groups of a dtype and size: plain, graded, tied, offset, huge scores; impossible slots."""
    bits = BITS[dtype]
    raw = np.random.Philox(key=[bits, size]).random_raw(3 * GROUPS * size).reshape(3, GROUPS, size)
    whole = (raw >> np.uint64(65 - bits)).astype(np.float64)
    centred = whole[0] - 2.0 ** (bits - 2)
    fine, coarse = centred * 2.0 ** (3 - bits), np.floor(centred * 2.0 ** (5 - bits))
    tied = np.broadcast_to(fine[:, :1], fine.shape)
    kinds = np.stack([fine, coarse, tied, 4096 + np.floor(fine * 2**8) * 2.0**-8, fine * 2.0 ** HUGE[dtype]])
    scores = kinds[np.arange(GROUPS) % len(kinds), np.arange(GROUPS)]
    impossible = raw[2] % 7 == 0
    log_probs = np.where(impossible, -np.inf, -whole[1] * 2.0 ** (5 - bits))
    mask = (raw[2] // 7 % 4 != 0) | (np.arange(GROUPS)[:, None] % 3 == 0)
    return Groups(log_probs.astype(dtype), scores.astype(dtype), mask)


def close_groups(dtype: str, size: int) -> Groups:
    """Make groups with scores of about 1e-30 and less, of 0 and tiny ones, and a few units in the last place apart."""
    bits = BITS[dtype]
    raw = np.random.Philox(key=[bits, 1000 + size]).random_raw(3 * GROUPS * size).reshape(3, GROUPS, size)
    whole = (raw >> np.uint64(65 - bits)).astype(np.float64)
    fine = (whole[0] - 2.0 ** (bits - 2)) * 2.0 ** (3 - bits)
    # Integers with as many bits as the dtype's significand: the next integer is the next number of the dtype.
    neighbours = (whole[0][:, :1] + 2.0 ** (bits - 1) + raw[1] % 3) * 2.0 ** (1 - bits)
    one_above = np.where(np.arange(size) == 0, neighbours.max(-1, keepdims=True), neighbours.min(-1, keepdims=True))
    zeros_and_tiny = (raw[1] % 2) * 2.0**-TINY
    kinds = np.stack(
        [
            fine * 2.0**-TINY,
            neighbours,
            neighbours * 2.0**-TINY,
            one_above,
            zeros_and_tiny,
            fine * 2.0 ** -TINIEST[dtype],
        ]
    )
    scores = kinds[np.arange(GROUPS) % len(kinds), np.arange(GROUPS)]
    mask = (raw[2] % 4 != 0) | (np.arange(GROUPS)[:, None] % 4 != 0)
    return Groups((-whole[1] * 2.0 ** (5 - bits)).astype(dtype), scores.astype(dtype), mask)


class Section(NamedTuple):
    """A section of groups.

    Attributes:
        make: Makes the groups of a dtype and a size.
        sizes: The sizes.
    """

    make: Callable[[str, int], Groups]
    sizes: tuple[int, ...]


SECTIONS: Mapping[str, Section] = {
    "ordinary": Section(groups, SIZES),
    "tiny or close": Section(close_groups, SIZES),
    "long": Section(groups, LONG_SIZES),
}
"""Sections of groups by name."""


def digests(run: Runner, dtype: str, section: str = "ordinary") -> dict[str, str]:
    """SHA-256 of each result of `exact` in `dtype`, over all sizes."""
    make, sizes = SECTIONS[section]
    results = [run(exact, make(dtype, size)) for size in sizes]
    joined = (np.concatenate([np.ravel(x) for x in parts]) for parts in zip(*results, strict=True))
    return {quantity: digest_of(values) for quantity, values in zip(QUANTITIES, joined, strict=True)}


def check(run: Runner, dtypes: Sequence[str] = DTYPES) -> None:
    """Check a library against the golden digests.

    Args:
        run: Calls a function with NumPy arrays converted to the library's own, and returns NumPy arrays, such as
            `lambda function, arrays: [to_numpy(x) for x in function(*map(asarray, arrays))]`. It may compile.
        dtypes: The dtypes among `float32` and `float64` that the library has.

    Raises:
        GoldenError: A result differs; the message shows the first one beside NumPy's.

    Example:
        >>> from tpo.testing.golden import digests
        >>> digests.check(lambda function, arrays: function(*arrays))
    """
    golden = recorded()
    for dtype, section in product(dtypes, SECTIONS):
        found = digests(run, dtype, section)
        different = [name for name, digest in found.items() if digest != golden[section][dtype][name]]
        if different:
            message = f"the exact tier must give the golden bits; got others for {', '.join(different)} in {dtype}."
            raise GoldenError(f"{message} {_where(run, dtype, section)}")


def recorded() -> dict[str, dict[str, dict[str, str]]]:
    """Read the golden digests, by section, dtype and quantity."""
    found: dict[str, dict[str, dict[str, str]]] = json.loads(
        files("tpo.testing.golden").joinpath("golden.json").read_text(encoding="utf-8")
    )
    return found


def _where(run: Runner, dtype: str, section: str) -> str:
    """Describe the first number that differs from NumPy's."""
    make, sizes = SECTIONS[section]
    for size in sizes:
        inputs = make(dtype, size)
        for quantity, ours, numpys in zip(QUANTITIES, run(exact, inputs), exact(*inputs), strict=True):
            different = np.argwhere(ours != numpys)
            if different.size:
                group, candidate = (int(i) for i in different[0])
                values = [float(x[group, candidate]).hex() for x in (ours, numpys)]
                place = f"{quantity}, K={size}, group {group} ({section}), candidate {candidate}"
                return f"First difference from NumPy: {place}: {values[0]}, NumPy {values[1]}."
    return "NumPy gives the same here: its own results are not the golden ones."
