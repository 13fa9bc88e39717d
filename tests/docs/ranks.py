"""One of two ranks that run the distributed recipes of *Your trainer*: `python -m tests.docs.ranks RANK FOLDER`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import torch
import torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel

from tests.docs.recipes import ALGORITHMS, TOLERANCES, expected_gradient, load, moved, part, relative_error

WORLD = 2


def whole(page, rows, rank):
    """Two prompts in one micro-batch, or four in two."""
    mine = [[0, 1]] if rank == 0 else [[2, 3], [4, 5]]
    return page.data_parallel, [part(rows, torch.isin(rows["prompt"], torch.tensor(prompts))) for prompts in mine]


def all_on_one(page, rows, rank):
    """All prompts on one rank, no row on the other."""
    return page.data_parallel, [part(rows, rows["prompt"] >= (0 if rank == 0 else 99))]


def split(page, rows, rank):
    """Every second row on each rank."""
    return page.split_groups, part(rows, torch.arange(len(rows["prompt"])) % WORLD == rank)


CASES = {case.__name__: case for case in (whole, all_on_one, split)}


def main():
    """Measure each case and write the errors to a file."""
    rank, folder = int(sys.argv[1]), Path(sys.argv[2])
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"file://{folder / 'rendezvous'}", rank=rank, world_size=WORLD)
    errors = {}
    for dtype in TOLERANCES:
        torch.set_default_dtype(dtype)
        page = load()
        for algorithm in ALGORITHMS:
            policy, rows = moved(page, algorithm)
            expected = expected_gradient(page, algorithm, policy, rows)
            wrapped = DistributedDataParallel(policy)
            for name, case in CASES.items():
                recipe, mine = case(page, rows, rank)
                found = page.gradient(recipe, algorithm, wrapped, mine)
                errors[f"{name} {algorithm} {dtype}"] = relative_error(found, expected)
    (folder / f"errors{rank}.json").write_text(json.dumps(errors))
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
