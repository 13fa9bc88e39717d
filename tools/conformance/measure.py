"""Measuring a row: results of every group, their errors, and invariances."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

import tpo
from tools.conformance.invariances import CHANGES
from tpo.testing.golden.corpus import ETAS, Block, Corpus
from tpo.testing.golden.ulp import eps_errors, ulp_errors

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tools.conformance.inputs import Truth
    from tools.conformance.invariances import Change
    from tpo.testing.golden.corpus import Key

    Arrays = Sequence[np.ndarray]
    Function = Callable[..., Any]
    Run = Callable[[Function, Arrays], Arrays]

QUANTITIES = ("u", *(f"q, eta {eta:.4g}" for eta in ETAS))
FILLERS = {"log_probs": 0.0, "scores": 0.0, "mask": False}


def exact(log_probs: Any, scores: Any, mask: Any) -> tuple[Any, ...]:
    """Compute standardized scores, and targets at every temperature, in the exact tier."""
    return (tpo.standardize(scores, mask=mask, precision="exact"), *_targets(log_probs, scores, mask, "exact"))


def fast(log_probs: Any, scores: Any, mask: Any) -> tuple[Any, ...]:
    """Compute targets at every temperature in the fast tier."""
    return _targets(log_probs, scores, mask, "fast")


def _targets(log_probs: Any, scores: Any, mask: Any, precision: Any) -> tuple[Any, ...]:
    return tuple(tpo.target(log_probs, scores, eta, mask=mask, precision=precision) for eta in ETAS)


def all_blocks(run: Run, function: Callable, corpus: Corpus, widths: Sequence[int]) -> dict[Key, list[np.ndarray]]:
    """Compute the results of every block; blocks are padded to the next width, and blocks of one width run together."""
    found = {}
    for dtype, width in dict.fromkeys((dtype, _width(size, widths)) for dtype, size in corpus):
        keys = [(d, size) for d, size in corpus if d == dtype and _width(size, widths) == width]
        padded = [[_pad(corpus[key], name, width) for key in keys] for name in FILLERS]
        results = run(function, [np.concatenate(arrays) for arrays in padded])
        ends = np.cumsum([len(corpus[key].names) for key in keys])[:-1]
        for key, parts in zip(keys, zip(*(np.split(x, ends) for x in results), strict=True), strict=True):
            found[key] = [np.ascontiguousarray(part[:, : key[1]]) for part in parts]
    return {key: found[key] for key in corpus}


def _width(size: int, widths: Sequence[int]) -> int:
    return min(width for width in widths if width >= size)


def _pad(block: Block, name: str, width: int) -> np.ndarray:
    array = getattr(block, name)
    return np.pad(array, ((0, 0), (0, width - array.shape[-1])), constant_values=FILLERS[name])


class Worst(NamedTuple):
    """The largest error in units in the last place, with its group."""

    ulp: float
    where: dict[str, object]


def worst(corpus: Corpus, results: dict[Key, list[np.ndarray]], truth: dict[Key, Truth], quantity: int) -> Worst:
    """The largest error of a quantity over all groups, with the inputs of its group."""
    found = [_worst_of_block(key, block, results[key], truth[key], quantity) for key, block in corpus.items()]
    return max(found, key=lambda worst: worst.ulp)


def _worst_of_block(key: Key, block: Block, results: list[np.ndarray], truth: Truth, quantity: int) -> Worst:
    values, (high, low) = results[quantity], (truth.u, *truth.q)[quantity]
    errors = ulp_errors(values, high, low)
    group, candidate = (int(i) for i in np.unravel_index(np.argmax(errors), errors.shape))
    true = f"{float(high[group, candidate]).hex()} + {float(low[group, candidate]).hex()}"
    where = describe(key, block, group, candidate) | {"value": float(values[group, candidate]).hex(), "true": true}
    return Worst(float(errors[group, candidate]), where)


def describe(key: Key, block: Block, group: int, candidate: int) -> dict[str, object]:
    """A group of the corpus, with its inputs as hexadecimal numbers."""
    inputs = {name: [float(x).hex() for x in getattr(block, name)[group]] for name in ("log_probs", "scores")}
    place = {"dtype": key[0], "size": key[1], "group": group, "candidate": candidate}
    return place | {"families": str(block.names[group])} | inputs | {"mask": block.mask[group].tolist()}


def error_of_fast(results: dict[Key, list[np.ndarray]], truth: dict[Key, Truth], eta: int) -> float:
    """The largest error of the fast tier's targets at the `eta`th temperature, in machine epsilons."""
    return max(float(eps_errors(results[key][eta], *truth[key].q[eta]).max()) for key in results)


def changed(run: Run, corpus: Corpus, results: dict[Key, list[np.ndarray]], sizes: Sequence[int]) -> dict[str, int]:
    """Count the numbers that differ under each invariance, in all quantities at `sizes`."""
    blocks = {key: block for key, block in corpus.items() if key[1] in sizes}
    return {
        name: sum(_differing(run, change(block), results[key]) for key, block in blocks.items())
        for name, change in CHANGES.items()
    }


def _differing(run: Run, change: Change, results: list[np.ndarray]) -> int:
    again = [change.undo(np.asarray(x)) for x in run(exact, change.arrays)]
    return sum(int(np.sum(x != y[change.groups])) for x, y in zip(again, results, strict=True))


def count(corpus: Corpus) -> int:
    """Count the groups of the corpus."""
    return sum(len(block.names) for block in corpus.values())


def part(corpus: Corpus, dtype: str) -> Corpus:
    """The groups of one dtype."""
    return {key: block for key, block in corpus.items() if key[0] == dtype}
