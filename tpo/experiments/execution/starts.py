"""The parameters before step 0 of a cell's seeds: warm starts are kept, so that each is computed once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tpo.experiments.storage.warm_starts import kept, key_of
from tpo.training.randomness import Randomness
from tpo.training.warm_up import Starts, is_warmed_up

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy as np

    from tpo.backends.protocols import Autodiff
    from tpo.experiments.spec.cell import Cell
    from tpo.training.task import Task


class KeptStarts:
    """`Starts` of a cell whose warm starts are kept in the user's cache folder."""

    def __init__(self, cell: Cell, task: Task, backend: Autodiff, on_stage: Callable[[str], None]) -> None:
        """Tell `on_stage`, in words, what a warm-up does; what it raises ends the warm-up."""
        self._cell, self._task, self._backend, self._on_stage = cell, task, backend, on_stage
        self._starts = Starts(task, backend, cell.dtype)

    def __call__(self, seed: int) -> Mapping[str, np.ndarray[Any, Any]]:
        """Return the parameters of a seed, in the dtype of the cell, without the seeds axis."""
        if not is_warmed_up(self._task):
            return self._starts(seed)

        def on_step(done: int, total: int) -> None:
            self._on_stage(f"warm-up of seed {seed}, step {done} of {total}")

        def on_wait() -> None:
            self._on_stage(f"waiting for the warm-up of seed {seed} in another run")

        drawn = self._task.initial_parameters(Randomness(seed))
        like = {name: values.astype(self._cell.dtype) for name, values in drawn.items()}
        key = key_of(self._cell, self._task, self._backend, seed)
        return kept(key, like, lambda: self._starts(seed, on_step), on_wait)
