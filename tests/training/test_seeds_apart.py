"""On one CPU, JAX computes seeds one after another: the bits of a seed do not depend on the other seeds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tpo import EagerOps, InvalidArgumentError
from tpo.plugins import registry
from tpo.training.trainer import Training
from tpo_jax.seeds import one_by_one

SMALL = {"batch_size": 6, "group_size": 4, "epochs": 2}
STEPS = 3


def trained(seeds):
    """The state of each seed by the names of its arrays, `[S, ...]`, and the error of each step, `[S]`."""
    task = registry.task("token-reversal")(length=4)
    training = Training(task, replace(task.arms["tpo"], **SMALL), registry.backend("jax"), seeds=seeds, dtype="float32")
    errors = [step.metrics.error for step in training.until(STEPS)]
    return {path: array for path, array in training.snapshot().items() if array.ndim}, np.stack(errors, axis=1)


def test_a_seed_does_not_see_the_others():
    three, errors = trained([0, 1, 2])
    other, errors_of_other = trained([2, 5])
    assert len(three) > 15
    for name, array in three.items():
        np.testing.assert_array_equal(array[2], other[name][0], err_msg=name)
    np.testing.assert_array_equal(errors[2], errors_of_other[0])


def test_alone_it_is_within_roundings():
    three, _ = trained([0, 1, 2])
    alone, _ = trained([1])
    for name, array in three.items():
        np.testing.assert_allclose(array[1], alone[name][0], atol=2e-4, err_msg=name)


def test_arrays_without_the_axis_of_the_seeds_are_refused():
    with pytest.raises(InvalidArgumentError) as caught:
        one_by_one(lambda x, y: x + y)(np.zeros((3, 2)), np.zeros(2))
    assert str(caught.value) == (
        "arrays of a training must have the seeds as axis 0, or no axis; got shape (2,) for 3 seeds. "
        "Repeat along a new axis 0 what all seeds share."
    )


def test_results_without_the_axis_of_the_seeds_are_refused():
    with pytest.raises(InvalidArgumentError) as caught:
        one_by_one(lambda x: x[0])(np.zeros((3, 2)))
    assert str(caught.value) == (
        "the function's result must keep the seeds as axis 0; for one seed got shape (2,). "
        "Return arrays with an axis 0 as long as that of the arguments."
    )


def test_a_library_that_compiles_and_does_not_loop_compiles_what_is_over_seeds():
    class Compiling(EagerOps):
        def compile(self, function):
            return lambda x: function(x) + 1

    assert Compiling().compile_over_seeds(lambda x: 2 * x)(3) == 7
