"""Half precision: rounding in the kit, and the laws on MLX and under JAX's compiler, which the suites do not run."""

from __future__ import annotations

import mlx.core as mx
import numpy as np
import pytest
import torch

import tpo
from tests.core.algorithms import ALGORITHMS
from tpo.plugins import registry
from tpo.testing.laws.all_laws import LAWS
from tpo.testing.laws.groups import made_up_groups
from tpo.testing.laws.half_precision import rounded, spacing, to_the_last_place
from tpo.testing.laws.law import broken, broken_in_half
from tpo.testing.laws.outcomes import Comparison
from tpo.testing.laws.subjects import Compiled, Differentiated, algorithm_subject

HALVES = {"float16": torch.float16, "bfloat16": torch.bfloat16}
IN_HALF_TOO = [name for name, law in LAWS.items() if law.in_half_too]
TOLERANCE = 256
"""Tolerance in machine epsilons, as for the other libraries."""

VALUES = np.concatenate(
    [
        np.random.default_rng(0).normal(size=2000) * 10.0 ** np.random.default_rng(1).integers(-9, 6, 2000),
        [0.0, -0.0, 1.0, 1 + 2.0**-11, 1 + 3 * 2.0**-11, 1 + 2.0**-8, 1 + 3 * 2.0**-8, 65504, 65519.99, 65520, -1e30],
        [2.0**-14, 2.0**-24, 2.0**-25, 3 * 2.0**-26, np.inf, -np.inf],
    ]
).astype(np.float32)


@pytest.mark.parametrize("dtype", HALVES)
def test_numbers_are_rounded_as_libraries_round_them(dtype):
    theirs = torch.from_numpy(VALUES).to(HALVES[dtype]).double().numpy()
    np.testing.assert_array_equal(rounded(VALUES, dtype), theirs)


def test_the_unit_in_the_last_place_is_that_of_numpys_float16():
    numbers = np.abs(VALUES[np.abs(VALUES) < 65504]).astype(np.float16)
    np.testing.assert_array_equal(spacing(numbers, "float16"), np.spacing(numbers).astype(float))


@pytest.mark.parametrize(("units", "kept"), [(0.4, True), (0.7, False)])
def test_half_a_unit_is_forgiven_and_no_more(units, kept):
    true = np.asarray([[1.0, 2.0, 0.0], [1e6, 1.0, 0.0]])
    got = np.asarray([[1 + units * 2.0**-10, 2.0, 0.0], [np.inf, 1.0, 0.0]])
    found = to_the_last_place(Comparison("x", got, true, exact=False), "float16", (2,), units=0.5)
    assert (found.got == found.expected).all(axis=-1).tolist() == [kept, True]
    exact = Comparison("x", got, true, exact=True)
    assert to_the_last_place(exact, "float16", (2,)) is exact


@pytest.fixture(scope="module")
def groups():
    return made_up_groups()


class OnMLX(Differentiated):
    """A loss on MLX, differentiated by `mlx.core.grad`."""

    def forward_and_back(self, log_probs, data):
        loss = self.loss(log_probs, data)
        return loss.value, loss.weight, mx.grad(lambda x: mx.sum(self.loss(x, data).value))(log_probs)

    def back_into_data(self, log_probs, data, rest):
        def total(*arrays):
            return mx.sum(self.loss(log_probs, {**dict(zip(data, arrays, strict=True)), **rest}).value)

        return dict(zip(data, mx.grad(total, argnums=list(range(len(data))))(*data.values()), strict=True))


def on_mlx(algorithm):
    """The algorithm on MLX."""
    backend = registry.backend("mlx")
    return OnMLX(backend, algorithm_subject(backend, algorithm, "float32").loss, "float32")


def check(algorithm, name, found):
    """Fail unless a law holds, or breaks as declared."""
    wrong, _ = found
    assert wrong.any() == (name in algorithm.traits.breaks), f"{wrong.sum()} of {wrong.size} groups"


@pytest.mark.parametrize("algorithm", ALGORITHMS, ids=str)
def test_laws_on_mlx(algorithm, groups):
    for name, law in LAWS.items():
        if not law.about_tokens:
            check(algorithm, name, broken(law, on_mlx(algorithm), groups, TOLERANCE))


@pytest.mark.parametrize("dtype", HALVES)
@pytest.mark.parametrize("algorithm", ALGORITHMS, ids=str)
def test_laws_on_mlx_in_half_precision(algorithm, dtype, groups):
    for name in IN_HALF_TOO:
        check(algorithm, name, broken_in_half(LAWS[name], on_mlx(algorithm), groups, dtype))


@pytest.mark.parametrize("dtype", HALVES)
@pytest.mark.parametrize("algorithm", [tpo.TPO(precision="fast"), tpo.GRPO(), tpo.PMPO()], ids=str)
def test_laws_under_the_compiler_of_jax(algorithm, dtype, groups):
    jax = registry.backend("jax")

    class Halved(Compiled):
        """A subject that compiles in half precision too."""

        def at(self, dtype):
            return Compiled(self.backend, self.loss, dtype)

    subject = Halved(jax, algorithm_subject(jax, algorithm, "float32").loss, "float32")
    for name in ("tied", "permutation"):
        check(algorithm, name, broken_in_half(LAWS[name], subject, groups, dtype))
    monocular = type("Monocular", (Halved,), {"halves": lambda _: [dtype]})(jax, subject.loss, "float32")
    check(algorithm, "half", broken(LAWS["half"], monocular, groups, TOLERANCE))
