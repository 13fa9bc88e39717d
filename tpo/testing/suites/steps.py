"""Some steps of training, and where they lead on any library: golden numbers in `steps.json`.

A transformer of one small layer answers prompts of two tokens, by TPO on the groups of every prefix. Noise is drawn by
NumPy, so that every library samples the same tokens.
"""

from __future__ import annotations

import json
import math
from dataclasses import replace
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tpo.plugins import registry
from tpo.policies.transformer import Transformer
from tpo.training.trainer import Training

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tpo.backends.protocols import Autodiff
    from tpo.training.task import Task

SEEDS = (0, 1)
STEPS = 4
PARAMETERS = "/0/"
"""What the names of parameters begin with in a snapshot."""


class Case(NamedTuple):
    """A way to train.

    Attributes:
        optimizer: By name.
        learning_rate: Of it.
        tolerance: How far a parameter may be from where others get.
    """

    optimizer: str
    learning_rate: float
    tolerance: float


CASES: Mapping[str, Case] = {"float64": Case("adam", 1e-2, 1e-9), "float32": Case("sgd", 0.5, 1e-5)}
"""By dtype. In float32 plain gradient descent: Adam turns roundings of a gradient that is almost 0 into steps."""


def reached(backend: Autodiff, dtype: str) -> dict[str, list[float]]:
    """Where the parameters get to in `dtype`: for each of them a number per seed, a weighted sum of its entries."""
    case, task = CASES[dtype], _task()
    arm = replace(task.arms["tpo"], batch_size=4, group_size=3, epochs=2)
    arm = replace(arm, optimizer=case.optimizer, learning_rate=case.learning_rate)
    training = Training(task, arm, backend, seeds=SEEDS, dtype=dtype)
    for _ in training.until(STEPS):
        pass
    snapshot = training.snapshot()
    return {name.removeprefix(PARAMETERS): _sums(x) for name, x in snapshot.items() if name.startswith(PARAMETERS)}


def recorded(dtype: str) -> dict[str, list[float]]:
    """The golden numbers."""
    found: dict[str, dict[str, list[float]]] = json.loads(
        files("tpo.testing.suites").joinpath("steps.json").read_text()
    )
    return found[dtype]


def _task() -> Task:
    """Token reversal with a policy that compiles in seconds."""
    base: Any = registry.task("token-reversal")
    policy = Transformer(vocab_size=2, prompt_length=2, completion_length=2, width=8, layers=1)
    small: Task = type("Small", (base,), {"policy": policy})(length=2)
    return small


def _sums(values: np.ndarray[Any, Any]) -> list[float]:
    """One number per seed, which is as far off as the entries are."""
    flat = values.reshape(len(values), -1).astype(np.float64)
    weights = np.cos(np.arange(flat.shape[1])) / math.sqrt(flat.shape[1])
    return [float(number) for number in flat @ weights]
