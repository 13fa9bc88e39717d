"""Creating the inputs of all rows, the corpus and its true values: `python -m tools.conformance.inputs FOLDER`."""

from __future__ import annotations

import multiprocessing
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tpo.testing.golden import corpus
from tpo.testing.golden.corpus import ETAS, Block, Corpus, Key

WORKERS = 2
PIECE = 65
"""Number of groups per task of the worker processes."""


class Truth(NamedTuple):
    """True values of the groups of one dtype and size, each as two words, `[groups, K]` float64.

    Attributes:
        u: `[2, groups, K]`
        q: `[etas, 2, groups, K]`
    """

    u: np.ndarray
    q: np.ndarray


def counts(groups: Corpus) -> dict[str, int]:
    """Count the groups of each dtype."""
    return {dtype: sum(len(b.names) for (d, _), b in groups.items() if d == dtype) for dtype in corpus.DTYPES}


def corpus_file(folder: Path) -> Path:
    """The file of the groups."""
    return folder / "corpus.npz"


def truth_file(folder: Path, digest: str) -> Path:
    """The file of the true values of the corpus with this digest."""
    return folder / f"truth-{digest[:16]}.npz"


def make(folder: Path, groups: Corpus) -> None:
    """Write the corpus, and its true values unless they exist already."""
    folder.mkdir(parents=True, exist_ok=True)
    path = truth_file(folder, corpus.digest(groups))
    if not path.exists():
        save_truth(solve(groups), path)
    corpus.save(groups, corpus_file(folder))


def solve(groups: Corpus) -> dict[Key, Truth]:
    """Compute the true values of a corpus in several processes."""
    pieces = [(key, start) for key, block in groups.items() for start in range(0, len(block.names), PIECE)]
    # Large groups first, so that no process runs alone with one at the end.
    pieces.sort(key=lambda piece: -piece[0][1])
    # Fresh processes: a fork of one with threads may hang.
    with ProcessPoolExecutor(WORKERS, multiprocessing.get_context("spawn")) as pool:
        found = dict(zip(pieces, pool.map(_truth, (_piece(groups[k], s) for k, s in pieces)), strict=True))
    return {key: _joined([found[piece] for piece in sorted(pieces) if piece[0] == key]) for key in groups}


def _piece(block: Block, start: int) -> Block:
    return Block(*(array[start : start + PIECE] for array in block))


def _truth(block: Block) -> Truth:
    # Imported here: the rows read the true values from the file, and need no mpmath.
    from tpo.testing.golden import oracle  # noqa: PLC0415

    targets = oracle.targets(block.log_probs, block.scores, ETAS, block.mask)
    return Truth(np.stack(oracle.standardize(block.scores, block.mask)), np.stack([np.stack(q) for q in targets]))


def _joined(pieces: list[Truth]) -> Truth:
    return Truth(*(np.concatenate(arrays, axis=-2) for arrays in zip(*pieces, strict=True)))


def save_truth(truth: dict[Key, Truth], path: Path) -> None:
    """Write true values."""
    arrays = {f"{dtype}/{size}/{n}": a for (dtype, size), t in truth.items() for n, a in t._asdict().items()}
    np.savez(path, **arrays)


def load_truth(path: Path, keys: list[Key]) -> dict[Key, Truth]:
    """Read the true values of `keys`."""
    with np.load(path, allow_pickle=False) as file:
        return {key: Truth(*(file[f"{key[0]}/{key[1]}/{name}"] for name in Truth._fields)) for key in keys}


def main() -> None:
    """Create the corpus and its true values in the folder from the command line."""
    began = time.perf_counter()
    groups = corpus.build()
    make(Path(sys.argv[1]), groups)
    print(f"corpus {corpus.digest(groups)[:16]}: {counts(groups)} groups, {time.perf_counter() - began:.0f} s")  # noqa: T201


if __name__ == "__main__":
    main()
