"""Second derivatives of losses with given gradients, in every mode of differentiation."""

import numpy as np
import pytest

import tpo
from tpo import AWR, GVPO, MPO, PMPO, REBEL, RSBP, TPO, VMPO, Group
from tpo.plugins import registry

ALGORITHMS = (
    TPO(),
    TPO(anchor="ratio", eta=0.5),
    TPO(anchor="none"),
    TPO(divergence="reverse"),
    TPO(anchor="ratio", divergence="reverse", eta=0.5),
    REBEL(),
    GVPO(),
    MPO(kl=0.3),
    AWR(),
    PMPO(),
    VMPO(),
    RSBP(),
)
RNG = np.random.default_rng(3)
OLD, NEW, SCORES, ADVANTAGES = RNG.normal(size=(4, 2, 4))
STEP = 1e-5

# PyTorch 2.13 warns of itself where derivatives are first taken forward.
pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit.script` is deprecated:DeprecationWarning")

every_algorithm = pytest.mark.parametrize("algorithm", ALGORITHMS, ids=str)


def loss_of(backend, algorithm, dtype="float64"):
    """The sum of the losses as a function of flat log-probs."""
    old, scores, advantages = (backend.asarray(values, dtype=dtype) for values in (OLD, SCORES, ADVANTAGES))
    signal = algorithm.prepare(Group(scores=scores, old_log_probs=old, advantages=advantages))
    xp = backend.namespace()
    return lambda flat: xp.sum(algorithm.loss(xp.reshape(flat, OLD.shape), signal).value)


def differences(backend, function):
    """The Hessian by central differences of the first derivative."""

    def gradient(at):
        value, pull = backend.vjp(function, backend.asarray(at))
        return backend.to_numpy(pull(backend.namespace().ones_like(value)))

    steps = STEP * np.eye(NEW.size)
    return np.stack([(gradient(NEW.ravel() + step) - gradient(NEW.ravel() - step)) / (2 * STEP) for step in steps])


def of_torch(function):
    torch = pytest.importorskip("torch")
    at = torch.tensor(NEW.ravel())
    again = at.clone().requires_grad_()
    (first,) = torch.autograd.grad(function(again), again, create_graph=True)
    # The gradient of a likelihood is constant, and known to be.
    twice = torch.zeros(at.numel(), at.numel(), dtype=at.dtype)
    if first.requires_grad:
        twice = torch.stack([torch.autograd.grad(part, again, retain_graph=True)[0] for part in first])
    func = torch.func
    ways = (func.hessian, lambda f: func.jacrev(func.grad(f)), lambda f: func.jacfwd(func.jacfwd(f)))
    return [twice, *(way(function)(at) for way in ways)]


def of_jax(function):
    jax = pytest.importorskip("jax")
    at = jax.numpy.asarray(NEW.ravel())
    ways = (jax.hessian, lambda f: jax.jacfwd(jax.grad(f)), lambda f: jax.jacrev(jax.grad(f)))
    return [jax.jit(way(function))(at) for way in ways]


@every_algorithm
@pytest.mark.parametrize(("name", "ways"), [("torch", of_torch), ("jax", of_jax)], ids=["torch", "jax"])
def test_they_are_those_of_finite_differences(name, ways, algorithm):
    backend = registry.backend(name)
    with backend.precision("float64"):
        function = loss_of(backend, algorithm)
        expected = differences(backend, function)
        for found in ways(function):
            np.testing.assert_allclose(np.asarray(found), expected, atol=1e-6)


@every_algorithm
def test_mlx_takes_them_too(algorithm):
    mx = pytest.importorskip("mlx.core")
    function = loss_of(registry.backend("mlx"), algorithm, "float32")
    torch = registry.backend("torch")
    expected = differences(torch, loss_of(torch, algorithm))
    at, units = mx.array(NEW.ravel().astype(np.float32)), mx.eye(NEW.size)
    rows = [mx.grad(lambda x, unit=unit: mx.sum(mx.grad(function)(x) * unit))(at) for unit in units]
    np.testing.assert_allclose(np.stack([np.asarray(row) for row in rows]), expected, atol=2e-5)


def test_that_of_tpo_is_the_hessian_of_the_cross_entropy():
    """The Hessian is `diag(p) - p p^T`, whatever the target."""
    torch = pytest.importorskip("torch")
    found = of_torch(loss_of(registry.backend("torch"), TPO()))[0]
    p = torch.softmax(torch.tensor(NEW), -1)
    blocks = [torch.diag(row) - torch.outer(row, row) for row in p]
    np.testing.assert_allclose(found.numpy(), torch.block_diag(*blocks).numpy(), atol=1e-12)
    flat = torch.tensor(NEW.ravel())
    q = tpo.target(OLD, SCORES)
    other = torch.func.hessian(lambda x: tpo.cross_entropy(q, x.reshape(OLD.shape)).sum())(flat)
    np.testing.assert_allclose(found.numpy(), other.numpy(), atol=1e-12)


@every_algorithm
def test_pytorchs_transforms_have_the_gradient_of_autograd_at_impossible_and_masked_candidates(algorithm):
    torch = pytest.importorskip("torch")
    old, new, scores, advantages = (torch.tensor(values) for values in (OLD, NEW, SCORES, ADVANTAGES))
    old[0, 1], new[0, 2], new[1, 0] = -torch.inf, -torch.inf, torch.nan
    mask = torch.tensor([[True] * 4, [False, True, True, True]])
    signal = algorithm.prepare(Group(scores=scores, old_log_probs=old, advantages=advantages, mask=mask))

    def loss(log_probs):
        return algorithm.loss(log_probs, signal).value.sum()

    (expected,) = torch.autograd.grad(loss(new.requires_grad_()), new)
    at = new.detach()
    assert torch.isfinite(expected).all()
    assert expected[1, 0] == 0
    for found in (torch.func.grad(loss)(at), torch.func.jacfwd(loss)(at)):
        torch.testing.assert_close(found, expected, rtol=1e-14, atol=1e-14)


def test_of_half_precision_they_are_those_of_float32_rounded():
    torch = pytest.importorskip("torch")
    signal = TPO().prepare(Group(scores=torch.tensor(SCORES), old_log_probs=torch.tensor(OLD).bfloat16()))
    at = torch.tensor(NEW).bfloat16().requires_grad_()
    (first,) = torch.autograd.grad(TPO().loss(at, signal).value.sum(), at, create_graph=True)
    (second,) = torch.autograd.grad(first[0, 0], at)
    p = torch.softmax(at.detach()[0].float(), -1)
    expected = torch.diag(p)[0] - p[0] * p
    np.testing.assert_allclose(second[0].float().numpy(), expected.numpy(), rtol=2**-6)
