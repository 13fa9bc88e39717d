"""Training on virtual devices, in a process of its own: `python on_devices.py COUNT FILE` writes what came of it.

JAX reads how many devices a CPU has when it is first used.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace

COUNT, FILE = sys.argv[1:]
os.environ["XLA_FLAGS"] = f"--xla_force_host_platform_device_count={COUNT}"
os.environ["JAX_ENABLE_COMPILATION_CACHE"] = "false"

import jax  # noqa: E402 - the variables come first
import numpy as np  # noqa: E402

from tpo.plugins import registry  # noqa: E402
from tpo.training.trainer import Training  # noqa: E402
from tpo.training.trees import leaves  # noqa: E402
from tpo_jax.backend import JaxBackend  # noqa: E402

STEPS = 3
SMALL = {"batch_size": 6, "group_size": 3, "epochs": 2}
REVERSAL, BANDIT = registry.task("token-reversal"), registry.task("single-context-bandit")
TOKEN, TERMINAL = REVERSAL(length=3), REVERSAL(length=3, reward="terminal")
WORK = {
    "token": (TOKEN, replace(TOKEN.arms["tpo"], **SMALL), 4),
    "terminal": (TERMINAL, replace(TERMINAL.arms["tpo"], **SMALL), 6),
    "bandit": (BANDIT(), BANDIT().arms["tpo"], 8),
}
"""Runs by name: a task, an arm and the number of seeds."""

EXCHANGES = ("all-reduce", "all-gather", "all-to-all", "collective-permute", "reduce-scatter")


class Observed(JaxBackend):
    """JAX backend that counts the communication between devices in compiled programs."""

    def __init__(self):
        super().__init__("cpu")
        self.exchanges = 0

    def compile(self, function):
        jitted, programs = super().compile(function), {}

        def call(*arguments):
            kind = str(jax.tree.map(lambda array: (array.aval, array.sharding), arguments))
            if kind not in programs:
                programs[kind] = jitted.lower(*arguments).compile()
                text = programs[kind].as_text()
                self.exchanges += sum(text.count(f" {name}(") for name in EXCHANGES)
            return programs[kind](*arguments)

        return call


def placement(state):
    """The devices of each array of a state."""
    return [(array.sharding, array.ndim) for array in leaves(state).values()]


def main():
    """Train all runs and write their results."""
    found = {}
    for work, (task, arm, seeds) in WORK.items():
        backend = Observed()
        training = Training(task, arm, backend, seeds=range(seeds), dtype="float64")
        before = placement(training.state)
        steps = list(training.until(STEPS))
        found |= {f"{work}/state{path}": array for path, array in training.snapshot().items()}
        found[f"{work}/error"] = np.stack([step.metrics.error for step in steps])
        spread = next(iter(training.state.params.values())).sharding
        found[f"{work}/devices"] = np.asarray(len(spread.device_set))
        found[f"{work}/exchanges"] = np.asarray(backend.exchanges)
        training.restore(STEPS, training.snapshot())
        stays = [
            old.is_equivalent_to(new, ndim)
            for (old, ndim), (new, _) in zip(before, placement(training.state), strict=True)
        ]
        found[f"{work}/stays"] = np.asarray(all(stays))
    np.savez(FILE, **found)


main()
