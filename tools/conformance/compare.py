"""Comparing rows with each other, bit for bit, and with the true values."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tools.conformance.row import raw_file
from tpo.testing.golden import corpus as corpora

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tpo.testing.golden.corpus import Corpus

Records = list[dict]
"""The records of the rows, in the order of the matrix."""

BARS = {"u": 0.65, "q": 0.55}
"""Limits of errors, in units in the last place."""
RECORDED = Path(__file__).with_name("recorded.json")
"""Recorded digests of all results per dtype, by the digest of the corpus, which depends on NumPy's `log` and `exp`."""
FAST_BAR = 8
"""Limit of the error of the fast tier, in machine epsilons."""


class Cell(NamedTuple):
    """The key of an array that every row computes: the results of all groups of one dtype, quantity and size."""

    dtype: str
    quantity: str
    size: str

    def __str__(self) -> str:
        """Describe dtype, quantity and size in words."""
        return f"{self.dtype}, {self.quantity}, K={self.size}"


def digests(record: dict) -> dict[Cell, str]:
    """The digest of every array of a row."""
    return {
        Cell(dtype, quantity, size): digest
        for dtype, part in record["dtypes"].items()
        for quantity, sizes in part["digests"].items()
        for size, digest in sizes.items()
    }


def agreed(records: Records) -> dict[Cell, str]:
    """The majority digest of each array; in a tie, that of the earliest row."""
    counts: dict[Cell, Counter[str]] = {}
    for record in records:
        for cell, digest in digests(record).items():
            counts.setdefault(cell, Counter())[digest] += 1
    # `most_common` keeps the order in which equals were met.
    return {cell: counter.most_common(1)[0][0] for cell, counter in counts.items()}


def failures(records: Records, corpus: Corpus, folder: Path) -> list[str]:
    """List all failures, one sentence each; empty if the matrix passes."""
    if not records:
        return ["no row ran"]
    common = agreed(records)
    known = recorded(corpus)
    checks = (
        lambda record: _differences(record, common, corpus, folder),
        lambda record: _moved(record, known),
        _above_the_bars,
        _fast_above_its_bar,
        _changes,
    )
    return [f"{record['row']}: {text}" for record in records for check in checks for text in check(record)]


def recorded(corpus: Corpus) -> dict[str, str]:
    """Read the recorded digest of all results, by dtype; empty for an unknown corpus."""
    return json.loads(RECORDED.read_text()).get(corpora.digest(corpus), {})


def _moved(record: dict, known: dict[str, str]) -> Iterator[str]:
    for dtype in record["dtypes"]:
        found = overall_digest(record, dtype)
        if known.get(dtype, found) != found:
            text = f"{dtype}: the digest of all results is {found[:8]}, that on record {known[dtype][:8]}"
            yield f"{text}: see tools/conformance/recorded.json, and say in the changelog why numbers moved"


def _differences(record: dict, common: dict[Cell, str], corpus: Corpus, folder: Path) -> Iterator[str]:
    for cell, digest in digests(record).items():
        if digest != common[cell]:
            ours, others = (np.load(raw_file(folder, found)) for found in (digest, common[cell]))
            yield f"{cell}: {difference(cell, ours, others, corpus)}"


def difference(cell: Cell, ours: np.ndarray, others: np.ndarray, corpus: Corpus) -> str:
    """Describe the first number that differs, in hexadecimal digits, its group, and how many differ."""
    unequal = (ours != others) & ~(np.isnan(ours) & np.isnan(others))
    group, candidate = (int(i) for i in np.argwhere(unequal)[0])
    families = corpus[cell.dtype, int(cell.size)].names[group]
    values = [float(x[group, candidate]).hex() for x in (ours, others)]
    place = f"group {group} ({families}), candidate {candidate}"
    return f"{int(unequal.sum())} numbers differ, first in {place}: {values[0]} here, {values[1]} elsewhere"


def _above_the_bars(record: dict) -> Iterator[str]:
    for part in record["dtypes"].values():
        for quantity, found in part["worst"].items():
            bar = BARS[quantity[0]]
            if not found["ulp"] <= bar:
                where = found["where"]
                group = f"K={where['size']}, group {where['group']} ({where['families']})"
                place = f"{where['dtype']}, {quantity}, {group}, candidate {where['candidate']}"
                values = f"{where['value']} here, {where['true']} in truth"
                yield f"{place}: {found['ulp']:.3f} ULP, above {bar}: {values}"


def _fast_above_its_bar(record: dict) -> Iterator[str]:
    for dtype, part in record["dtypes"].items():
        for quantity, error in part["fast"].items():
            if not error <= FAST_BAR:
                yield f"{dtype}, {quantity}, fast tier: {error:.2f} eps, above {FAST_BAR}"


def _changes(record: dict) -> Iterator[str]:
    for dtype, part in record["dtypes"].items():
        for name, count in part["changed"].items():
            if count:
                yield f"{dtype}: {name} changes {count} numbers"


def agreement(records: Records) -> list[list[float | None]]:
    """The share of equal arrays for every two rows; `None` if they have no array in common."""
    found = [digests(record) for record in records]
    return [[_share(one, other) for other in found] for one in found]


def _share(one: dict[Cell, str], other: dict[Cell, str]) -> float | None:
    common = one.keys() & other.keys()
    return sum(one[cell] == other[cell] for cell in common) / len(common) if common else None


def overall_digest(record: dict, dtype: str) -> str:
    """One digest of all results of a row in a dtype."""
    lines = sorted(f"{cell} {digest}" for cell, digest in digests(record).items() if cell.dtype == dtype)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
