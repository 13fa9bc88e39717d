"""Groups and signals as arguments and results of JAX's and PyTorch's transforms."""

import subprocess
import sys

import jax
import numpy as np
import pytest
import torch
from torch.utils import _pytree

import tpo
from tests.core.algorithms import ALGORITHMS
from tpo.plugins import registry

LOG_PROBS = np.log(np.asarray([[0.5, 0.3, 0.2], [0.2, 0.2, 0.6]], np.float32))
SCORES = np.asarray([[0.0, 2.0, 0.0], [-1.0, 0.0, 0.0]], np.float32)
MASK = np.asarray([[True, True, True], [True, True, False]])
FIELDS = ("scores", "old_log_probs", "mask", "given_scores")
"""The fields of the test group that hold an array."""


def group(library, **more):
    arrays = {"scores": SCORES, "old_log_probs": LOG_PROBS, "mask": MASK} | more
    return tpo.Group(**{name: registry.backend(library).asarray(array.copy()) for name, array in arrays.items()})


def everything(library):
    more = {"advantages": SCORES, "rollout_log_probs": LOG_PROBS - 1, "baseline_scores": SCORES[:, 0]}
    return group(library, **more)


def value(new, made):
    """The loss of each group."""
    algorithm = tpo.TPO(precision="fast")
    return algorithm.loss(new, algorithm.prepare(made)).value


class TestJax:
    def test_a_group_is_an_argument_and_a_result_of_jit(self):
        made = group("jax")
        assert jax.jit(lambda x: x)(made) == made
        np.testing.assert_allclose(jax.jit(value)(LOG_PROBS + 1, made), value(LOG_PROBS + 1, made), rtol=1e-6)

    def test_one_is_made_inside_jit(self):
        made = jax.jit(lambda *arrays: tpo.Group(scores=arrays[0], old_log_probs=arrays[1], mask=arrays[2]))
        assert made(SCORES, LOG_PROBS, MASK) == group("jax")

    def test_of_numpy_arrays_too(self):
        assert jax.jit(lambda x: x)(group("numpy")) == group("jax")

    def test_vmap_takes_groups_apart(self):
        made = everything("jax")
        one_by_one = jax.vmap(value)(jax.numpy.asarray(LOG_PROBS) + 1, made)
        np.testing.assert_allclose(one_by_one, value(LOG_PROBS + 1, made), rtol=1e-6)
        assert jax.vmap(lambda x: x)(made) == made

    def test_a_gradient_beside_a_group(self):
        def loss(new, made):
            return value(new, made).sum()

        found = jax.grad(loss)(jax.numpy.asarray(LOG_PROBS), group("jax"))
        p = np.asarray([[0.5, 0.3, 0.2], [0.5, 0.5, 0.0]])
        np.testing.assert_allclose(found, p - tpo.target(LOG_PROBS, SCORES, mask=MASK), atol=1e-6)

    def test_tree_map_changes_all_arrays_and_no_option(self):
        made = tpo.Group(scores=SCORES, old_log_probs=LOG_PROBS, nan="raise")
        moved = jax.tree.map(lambda array: array + 1, made)
        np.testing.assert_array_equal(moved.given_scores, SCORES + 1)
        assert moved.nan == "raise"
        assert moved.mask is None

    def test_leaves_may_be_anything(self):
        names = jax.tree.map(lambda array: array.dtype.name, group("jax"))
        assert (names.scores, names.mask) == ("float32", "bool")
        leaves, structure = jax.tree.flatten(group("jax"))
        hollow = jax.tree.unflatten(structure, [None] * len(leaves))
        assert {getattr(hollow, name) for name in FIELDS} == {None}

    def test_paths_have_the_names_of_the_fields(self):
        paths = [jax.tree_util.keystr(path) for path, _ in jax.tree_util.tree_flatten_with_path(group("jax"))[0]]
        assert paths == [f".{name}" for name in FIELDS]

    def test_an_option_makes_another_structure(self):
        kept, refused = (tpo.Group(scores=SCORES, old_log_probs=LOG_PROBS, nan=nan) for nan in ("propagate", "raise"))
        assert jax.tree.structure(kept) != jax.tree.structure(refused)
        assert jax.tree.structure(kept) == jax.tree.structure(jax.tree.map(lambda array: array[:1], kept))

    @pytest.mark.parametrize("algorithm", ALGORITHMS, ids=str)
    def test_signals_are_arguments_and_results(self, algorithm):
        made, new = everything("jax"), jax.numpy.asarray(LOG_PROBS)
        signal = jax.eval_shape(algorithm.prepare, made)
        loss = jax.eval_shape(algorithm.loss, new, signal)
        assert type(loss) is tpo.Loss
        assert loss.value.shape == loss.weight.shape == (2,)


class TestTorch:
    def test_vmap_takes_groups_apart(self):
        made, new = everything("torch"), torch.asarray(LOG_PROBS) + 1
        assert torch.allclose(torch.func.vmap(value)(new, made), value(new, made))
        assert torch.func.vmap(lambda x: x)(made) == made

    def test_a_gradient_with_a_group_beside_it(self):
        def loss(new, made):
            return value(new, made).sum(), made

        found, beside = torch.func.grad(loss, has_aux=True)(torch.asarray(LOG_PROBS), group("torch"))
        p = np.asarray([[0.5, 0.3, 0.2], [0.5, 0.5, 0.0]])
        np.testing.assert_allclose(found, p - tpo.target(LOG_PROBS, SCORES, mask=MASK), atol=1e-6)
        assert beside == group("torch")

    def test_export_takes_a_group(self):
        class Module(torch.nn.Module):
            def forward(self, new, made):
                return value(new, made)

        new, made = torch.asarray(LOG_PROBS) + 1, group("torch")
        exported = torch.export.export(Module(), (new, made)).module()
        assert torch.allclose(exported(new, made), value(new, made))

    def test_leaves_may_be_anything(self):
        names = _pytree.tree_map(lambda array: str(array.dtype), group("torch"))
        assert (names.scores, names.mask) == ("torch.float32", "torch.bool")
        leaves, structure = _pytree.tree_flatten(group("torch"))
        hollow = _pytree.tree_unflatten([None] * len(leaves), structure)
        assert {getattr(hollow, name) for name in FIELDS} == {None}

    def test_paths_have_the_names_of_the_fields(self):
        paths = [_pytree.keystr(path) for path, _ in _pytree.tree_flatten_with_path(group("torch"))[0]]
        assert paths == [f".{name}" for name in FIELDS]

    @pytest.mark.parametrize("algorithm", ALGORITHMS, ids=str)
    def test_signals_come_apart_and_together(self, algorithm):
        signal = algorithm.prepare(everything("torch"))
        leaves, structure = _pytree.tree_flatten(signal)
        assert all(leaf is None or isinstance(leaf, torch.Tensor) for leaf in leaves)
        assert type(_pytree.tree_unflatten(leaves, structure)) is type(signal)


NUMPY_FIRST = """
import pickle, sys
import numpy as np
import tpo

made = tpo.Group(scores=np.ones((2, 3)), old_log_probs=np.zeros((2, 3)))
assert not {"jax", "torch"} & set(sys.modules)

import jax
made = tpo.Group(scores=np.ones((2, 3)), old_log_probs=np.zeros((2, 3)))
assert len(jax.tree.leaves(made)) == 2
assert not {"optax", "tpo_jax.backend"} & set(sys.modules)
sys.stdout.buffer.write(pickle.dumps(made))
"""

UNPICKLED = """
import pickle, sys
import jax

made = pickle.load(sys.stdin.buffer)
assert jax.jit(lambda x: x.scores.sum())(made) == 6
"""


def test_a_library_need_not_have_met_the_adapter():
    """It is enough that the library is imported when a group, of any arrays, is made or read."""
    made = subprocess.run([sys.executable, "-c", NUMPY_FIRST], capture_output=True, check=True).stdout
    subprocess.run([sys.executable, "-c", UNPICKLED], input=made, check=True)
