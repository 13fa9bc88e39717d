"""A few training steps with golden results in `steps.json`, which every library must reach.

A small one-layer transformer answers prompts of two tokens and is trained by TPO with token groups. Noise is drawn by
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
"""Prefix of the parameters' names in a snapshot."""


class Case(NamedTuple):
    """A training configuration of the test.

    Attributes:
        optimizer: Name of the optimizer.
        learning_rate: Learning rate of the optimizer.
        tolerance: The tolerance for a parameter's golden number.
    """

    optimizer: str
    learning_rate: float
    tolerance: float


CASES: Mapping[str, Case] = {"float64": Case("adam", 1e-2, 1e-9), "float32": Case("sgd", 0.5, 1e-5)}
"""Configurations by dtype. float32 uses plain gradient descent: Adam amplifies round-off of gradients near 0."""


def reached(backend: Autodiff, dtype: str) -> dict[str, list[float]]:
    """Train in `dtype`; return, for each parameter, a weighted sum of its entries per seed."""
    case, task = CASES[dtype], _task()
    arm = replace(task.arms["tpo"], batch_size=4, group_size=3, epochs=2)
    arm = replace(arm, optimizer=case.optimizer, learning_rate=case.learning_rate)
    training = Training(task, arm, backend, seeds=SEEDS, dtype=dtype)
    for _ in training.until(STEPS):
        pass
    snapshot = training.snapshot()
    return {name.removeprefix(PARAMETERS): _sums(x) for name, x in snapshot.items() if name.startswith(PARAMETERS)}


def recorded(dtype: str) -> dict[str, list[float]]:
    """Read the golden numbers of a dtype."""
    found: dict[str, dict[str, list[float]]] = json.loads(
        files("tpo.testing.suites").joinpath("steps.json").read_text(encoding="utf-8")
    )
    return found[dtype]


def _task() -> Task:
    """Create token reversal with a policy that compiles in seconds."""
    base: Any = registry.task("token-reversal")
    policy = Transformer(vocab_size=2, prompt_length=2, completion_length=2, width=8, layers=1)
    small: Task = type("Small", (base,), {"policy": policy})(length=2)
    return small


def _sums(values: np.ndarray[Any, Any]) -> list[float]:
    """Weighted sum over all entries per seed, with an error like that of the entries."""
    flat = values.reshape(len(values), -1).astype(np.float64)
    weights = np.cos(np.arange(flat.shape[1])) / math.sqrt(flat.shape[1])
    return [float(number) for number in flat @ weights]
