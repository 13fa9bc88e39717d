"""Between its steps, training restores the caller's settings of the library."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tpo import train
from tpo.plugins import registry

SMALL = {"batch_size": 4, "group_size": 3, "epochs": 1}
DTYPES = ("float32", "float64")


def begin(dtype):
    task = registry.task("token-reversal")(length=3)
    return train(task, replace(task.arms["tpo"], **SMALL), registry.backend("jax"), seeds=(0, 1), steps=3, dtype=dtype)


def test_trainings_in_two_precisions_take_turns():
    backend = registry.backend("jax")
    apart = {dtype: [step.metrics.error for step in begin(dtype)] for dtype in DTYPES}
    trainings = {dtype: begin(dtype) for dtype in DTYPES}
    in_turn = {dtype: [] for dtype in DTYPES}
    for _ in range(3):
        for dtype, training in trainings.items():
            in_turn[dtype].append(next(training).metrics.error)
            assert backend.asarray(np.ones(2)).dtype == "float32"
    for dtype in DTYPES:
        np.testing.assert_array_equal(in_turn[dtype], apart[dtype])
        assert in_turn[dtype][0].dtype == dtype
