"""The same numbers under the function transforms of JAX and PyTorch."""

import jax
import numpy as np
import pytest
import torch

import tpo
from tests.core.algorithms import ALGORITHMS
from tpo.plugins import registry

rng = np.random.default_rng(0)
NEW, OLD, SCORES = rng.normal(size=(3, 12, 6))
MASK = rng.random((12, 6)) < 0.8
MASK[:, :2] = True
ARRAYS = NEW, OLD, SCORES, MASK

every_algorithm = pytest.mark.parametrize("algorithm", ALGORITHMS, ids=str)


def loss_of(algorithm):
    """The loss of one group or many, summed, from log-probs and everything else."""

    def loss(new, old, scores, mask):
        extras = {"advantages": scores, "baseline_scores": scores[..., 0], "rollout_log_probs": scores}
        signal = algorithm.prepare(tpo.Group(scores=scores, old_log_probs=old, mask=mask, **extras))
        return algorithm.loss(new, signal).value.sum()

    return loss


@pytest.fixture
def expected(request):
    """The gradient by PyTorch's autograd, all groups at once."""
    new = torch.asarray(NEW.copy(), requires_grad=True)
    value = loss_of(request.getfixturevalue("algorithm"))(new, *(torch.asarray(x) for x in ARRAYS[1:]))
    return torch.autograd.grad(value, new)[0].numpy()


@every_algorithm
def test_torch_func_vmap_of_grad_gives_the_gradient_of_the_batch(algorithm, expected):
    transformed = torch.func.vmap(torch.func.grad(loss_of(algorithm)))
    grad = transformed(*(torch.asarray(x) for x in ARRAYS))
    np.testing.assert_allclose(grad.numpy(), expected, rtol=1e-14, atol=1e-15)


@every_algorithm
def test_jax_jit_of_vmap_of_grad_gives_the_gradient_of_the_batch(algorithm, expected):
    transformed = jax.jit(jax.vmap(jax.grad(loss_of(algorithm))))
    with registry.backend("jax").precision("float64"):
        grad = transformed(*(jax.numpy.asarray(x) for x in ARRAYS))
    np.testing.assert_allclose(grad, expected, rtol=2e-13, atol=2e-15)


def test_torch_func_vmap_of_the_functions_gives_the_bits_of_the_batch():
    old, scores, mask = (torch.asarray(x) for x in ARRAYS[1:])
    targets = torch.func.vmap(lambda old, scores, mask: tpo.target(old, scores, mask=mask))(old, scores, mask)
    assert torch.equal(targets, tpo.target(old, scores, mask=mask))
    standardized = torch.func.vmap(lambda scores, mask: tpo.standardize(scores, mask=mask))(scores, mask)
    assert torch.equal(standardized, tpo.standardize(scores, mask=mask))


def test_jax_jit_and_vmap_of_the_functions_give_the_bits_of_numpy():
    with registry.backend("jax").precision("float64"):
        old, scores, mask = (jax.numpy.asarray(x) for x in ARRAYS[1:])

        def both(old, scores, mask):
            return tpo.target(old, scores, mask=mask), tpo.standardize(scores, mask=mask)

        for transformed in (jax.jit(both), jax.jit(jax.vmap(both))):
            for got, reference in zip(transformed(old, scores, mask), both(*ARRAYS[1:]), strict=True):
                np.testing.assert_array_equal(got, reference)


@pytest.mark.filterwarnings("ignore::DeprecationWarning:torch")
def test_torch_compile_runs_the_fast_tier_in_one_graph():
    algorithm = tpo.TPO()
    old, scores, mask = (torch.asarray(x) for x in ARRAYS[1:])
    compiled = torch.compile(loss_of(algorithm), fullgraph=True)
    new = [torch.asarray(NEW.copy(), requires_grad=True) for _ in range(2)]
    values = [loss_of(algorithm)(new[0], old, scores, mask), compiled(new[1], old, scores, mask)]
    eager, traced = (torch.autograd.grad(value, x)[0] for value, x in zip(values, new, strict=True))
    assert values[1].item() == pytest.approx(values[0].item(), rel=1e-14)
    np.testing.assert_allclose(traced.numpy(), eager.numpy(), rtol=0, atol=16 * 2.0**-52)


@pytest.mark.filterwarnings("ignore::DeprecationWarning:torch")
def test_an_exact_target_passes_through_torch_compile_unchanged():
    old, scores, mask = (torch.asarray(x) for x in ARRAYS[1:])
    q = tpo.target(old, scores, mask=mask)
    compiled = torch.compile(lambda new, q: (tpo.cross_entropy(q, new, mask=mask).sum(), q * 1), fullgraph=True)
    loss, passed = compiled(torch.asarray(NEW), q)
    assert torch.equal(passed, q)
    assert loss.item() == pytest.approx(tpo.cross_entropy(q.numpy(), NEW, mask=MASK).sum(), rel=1e-14)


def test_a_gradient_inside_a_gradient():
    # The loss is linear in the log-probs by construction, so that only `cross_entropy` has curvature.
    def norm(at, differentiate):
        return (differentiate(lambda x: tpo.cross_entropy(tpo.target(OLD[0], SCORES[0]), x))(at) ** 2).sum()

    outer = torch.func.grad(lambda x: norm(x, torch.func.grad))(torch.asarray(NEW[0].copy()))
    with registry.backend("jax").precision("float64"):
        other = jax.grad(lambda x: norm(x, jax.grad))(jax.numpy.asarray(NEW[0]))
    p = np.exp(NEW[0]) / np.exp(NEW[0]).sum()
    exact = 2 * (np.diag(p) - np.outer(p, p)) @ (p - tpo.target(OLD[0], SCORES[0]))
    np.testing.assert_allclose(outer.numpy(), exact, rtol=0, atol=1e-15)
    np.testing.assert_allclose(other, exact, rtol=0, atol=1e-15)
