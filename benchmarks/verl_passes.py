"""Time optimizer steps of verl with the extra pass that exact weights need, and without, in turn.

    python benchmarks/verl_passes.py     # in the environment of `nox -s verl`

A small Llama on one rank of CPUs, 16 completions, ten epochs: nine extra passes, or none where micro-batches hold whole
groups.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.verl.cases import PLAIN
from tests.verl.cpu import model
from tests.verl.launch import train_cases

KINDS = {"gather": "with the extra pass", "whole": "without"}
ROUNDS = 5
"""The first of them warms up."""
EPOCHS = 10
CASE = {**PLAIN, "epochs": EPOCHS, "micro_batch_size": 4}


def main() -> None:
    """Print the medians and their ratio."""
    cases = {f"{kind} {number}": {**CASE, "whole": kind == "whole"} for number in range(ROUNDS) for kind in KINDS}
    with tempfile.TemporaryDirectory() as folder:
        model.write(folder, hidden=128, layers=4)
        found = train_cases(cases, folder, 1)
    seconds = {
        kind: statistics.median(found[f"{kind} {number}"]["seconds"] / EPOCHS for number in range(1, ROUNDS))
        for kind in KINDS
    }
    for kind, words in KINDS.items():
        print(f"{words}: {1000 * seconds[kind]:.0f} ms per step")  # noqa: T201 - the result
    print(f"ratio: {seconds['gather'] / seconds['whole']:.2f}")  # noqa: T201 - as above


if __name__ == "__main__":
    main()
