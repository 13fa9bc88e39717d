"""Signals prepared under `torch.inference_mode`, with losses outside of it."""

import numpy as np
import pytest
import torch

import tpo
from tests.core.algorithms import ALGORITHMS
from tpo.plugins import registry

rng = np.random.default_rng(0)
NEW, OLD, SCORES = rng.normal(size=(3, 4, 5))
MASK = np.arange(20).reshape(4, 5) != 7

every_algorithm = pytest.mark.parametrize("algorithm", ALGORITHMS, ids=str)


def group():
    """Make a new group with every array that an algorithm may need."""
    arrays = {"scores": SCORES, "old_log_probs": OLD, "mask": MASK, "advantages": SCORES}
    arrays |= {"rollout_log_probs": OLD + 0.1, "baseline_scores": SCORES[:, 0]}
    return tpo.Group(**{name: torch.asarray(values.copy()) for name, values in arrays.items()})


def gradient(algorithm, signal):
    new = torch.asarray(NEW.copy(), requires_grad=True)
    return torch.autograd.grad(algorithm.loss(new, signal).value.sum(), new)[0]


@every_algorithm
def test_a_signal_made_under_inference_mode_gives_the_same_gradient(algorithm):
    with torch.inference_mode():
        signal = algorithm.prepare(group())
    assert torch.equal(gradient(algorithm, signal), gradient(algorithm, algorithm.prepare(group())))


@every_algorithm
def test_so_does_a_group_made_under_it(algorithm):
    with torch.inference_mode():
        made = group()
    assert torch.equal(gradient(algorithm, algorithm.prepare(made)), gradient(algorithm, algorithm.prepare(group())))


def test_cross_entropy_to_a_target_made_under_it():
    with torch.inference_mode():
        q = tpo.target(torch.asarray(OLD.copy()), torch.asarray(SCORES.copy()))
    new = torch.asarray(NEW.copy(), requires_grad=True)
    (found,) = torch.autograd.grad(tpo.cross_entropy(q, new).sum(), new)
    np.testing.assert_allclose(found, torch.softmax(new.detach(), -1) - q, rtol=0, atol=1e-15)


def test_what_was_made_under_it_stays_itself_there():
    backend = registry.backend("torch")
    with torch.inference_mode():
        array = torch.ones(2)
        assert backend.own(array) is array
    assert not backend.own(array).is_inference()
    normal = torch.ones(2)
    assert backend.own(normal) is normal


def test_a_backend_differentiates_under_it():
    """`tpo.train` and `tpo.row_weights` rely on this."""
    backend = registry.backend("torch")
    with torch.inference_mode():
        weights, at = torch.asarray([1.0, 2.0]), torch.asarray([3.0, 4.0])
        value, pull = backend.vjp(lambda x: (backend.own(weights) * x * x).sum(), at)
        assert value.item() == 41
        assert pull(torch.ones(())).tolist() == [6, 16]


def test_a_compiled_loss_of_such_a_signal_is_refused_with_a_remedy():
    with torch.inference_mode():
        signal = tpo.GRPO().prepare(group())
    new = torch.asarray(NEW.copy(), requires_grad=True)
    compiled = torch.compile(lambda new: tpo.GRPO().loss(new, signal).value.sum(), fullgraph=True, backend="aot_eager")
    with pytest.raises(RuntimeError, match=r"Inference tensors cannot be saved for backward.*torch\.no_grad"):
        compiled(new)
